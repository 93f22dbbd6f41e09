"""Draw many examples from a strategy for a seed: the same ones each time, and no test run around them.

Hypothesis draws them, through its public `given`. Two of its habits would make a seed mean different things in
different places, so they are kept out: remembering examples in a database, and sprinkling in constants from
whichever modules happen to be loaded.
"""

from __future__ import annotations

import random
import warnings
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, configuration, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

_BACKEND = "exportproof-seeded"
_ROUNDS = 8


class _Seeded(HypothesisProvider):
    """Hypothesis' own choices, but none from the source text of loaded modules."""

    def _maybe_draw_constant(self, *_: object, **__: object) -> None:
        return None


def draw_many(strategy: SearchStrategy[T], count: int, seed: int) -> list[T]:
    """Return `count` examples, the same for the same strategy and seed, whatever else is loaded.

    They are as Hypothesis first draws them: varied, and not reduced to the simplest. A strategy with fewer different
    examples gives each of them again until there are enough. An empty strategy gives none.
    """
    found: list[T] = []
    if count <= 0 or strategy.is_empty:
        return found
    with in_private(seed):
        for round_ in range(_ROUNDS):
            fresh = _one_round(strategy, count - len(found), seed * _ROUNDS + round_)
            found.extend(fresh)
            if not fresh or len(found) >= count:
                break
    while found and len(found) < count:
        found.extend(found[: count - len(found)])
    return found[:count]


def _one_round(strategy: SearchStrategy[T], count: int, number: int) -> list[T]:
    drawn: list[T] = []

    @seed(number)
    @settings(
        max_examples=count + 1,
        backend=_BACKEND,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate,),
        print_blob=False,
        suppress_health_check=tuple(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(strategy)
    def collect(example: T) -> None:
        drawn.append(example)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            collect()
        except Unsatisfiable:
            return []
    # Hypothesis tries the simplest example first; it is no random one.
    return drawn[1 : count + 1] or drawn[:count]


@contextmanager
def in_private(seed: int) -> Iterator[None]:
    """Draw so that nothing is left behind: no folder of caches, no backend that others could choose by mistake.

    The global random numbers start from the seed in here and go on outside as if nothing had happened.
    """
    kept = getattr(configuration, "__hypothesis_home_directory", None)
    state = random.getstate()
    AVAILABLE_PROVIDERS[_BACKEND] = _Seeded
    with TemporaryDirectory(prefix="exportproof-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        random.seed(seed)
        try:
            yield
        finally:
            random.setstate(state)
            configuration.set_hypothesis_home_dir(kept)
            AVAILABLE_PROVIDERS.pop(_BACKEND, None)
