"""Many trials: which cases there are to try, and trying them in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..reference.faults import faults
from ..reference.variants import variants
from ..spec import catalogue
from .trial import PLAIN, Case, Trial, attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.process import BaseProcess

    from ..conformance.settings import Profile

FIRST_SEED = 1


class NothingMatches(ValueError):  # noqa: N818 - it names what is bad, and is shown to users
    """A pattern matches no fault, or no variant; the message says which."""


def cases(
    fault_patterns: Sequence[str],
    variant_patterns: Sequence[str],
    *,
    seeds: int = 1,
    first_seed: int = FIRST_SEED,
    profile: Profile = "standard",
    own_families: bool = False,
) -> list[Case]:
    """The cases to try: each fault under one seed; the honest reference and each variant under several.

    There are `seeds` of them, the first of which is `first_seed`. Without any pattern all faults and variants; with
    patterns of one kind alone none of the other. `own_families` judges each fault by the rules of the families that it
    names. Raises NothingMatches.
    """
    if not fault_patterns and not variant_patterns:
        fault_patterns = variant_patterns = ("*",)
    chosen = list(_matching("fault", fault_patterns, tuple(faults())))
    unusual = list(_matching("variant", variant_patterns, tuple(variants())))
    found = [
        Case("fault", name, FIRST_SEED, profile, rules_of_families(name) if own_families else frozenset())
        for name in chosen
    ]
    for seed in range(first_seed, first_seed + seeds):
        found.append(Case("reference", PLAIN, seed, profile))
        found.extend(Case("variant", name, seed, profile) for name in unusual)
    return found


def rules_of_families(fault: str) -> frozenset[str]:
    """The rules of all families that a fault breaks a rule of."""
    families = {rule.partition("/")[0] for rule in faults()[fault].breaks}
    return catalogue.select(tuple(f"{family}/*" for family in sorted(families)))


def _matching(kind: str, patterns: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    for pattern in patterns:
        # Where there are none at all, "all of them" is no slip.
        if pattern != "*" and not any(fnmatchcase(name, pattern) for name in names):
            raise NothingMatches(f"No {kind} matches {pattern!r}. 'exportproof {kind}s' lists every {kind}.")
    yield from (name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns))


def attempt_deeper(case: Case) -> Trial:
    """Try a case; one that the quick profile misses is tried by the standard one as well, which then counts."""
    trial = attempt(case)
    return attempt(_deeper(case)) if trial.missed and case.profile == "quick" else trial


def _deeper(case: Case) -> Case:
    """The same case by all rules and the standard profile."""
    return replace(case, profile="standard", rules=frozenset())


def attempt_all(
    chosen: Sequence[Case],
    jobs: int,
    heard: Callable[[int, Trial], None],
    known: Sequence[Trial] = (),
    *,
    deepen: bool = False,
) -> tuple[Trial, ...]:
    """Try every case, `jobs` at a time, each on a server of its own; `heard` is told of each as it ends.

    `known` are trials of an earlier call, whose cases are not tried again. `deepen` tries again by the standard
    profile what the quick one misses. Returns the trials in the order of the cases. What a trial raises is raised
    here, and the others are let go.
    """
    one = attempt_deeper if deepen else attempt
    done = {case: trial for case in chosen if (trial := _recalled(case, known, deepen=deepen)) is not None}
    left = [case for case in chosen if case not in done]
    if jobs == 1:
        for case in left:
            done[case] = one(case)
            heard(len(done), done[case])
        return tuple(done[case] for case in chosen)
    # Processes that were forked from one with threads may hang, so that each starts afresh.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_follow) as pool:
        waiting = {pool.submit(one, case): case for case in left}
        try:
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                heard(len(done), done[waiting[future]])
        finally:
            # A pool that is told to cancel them forgets to where it is let go at once, and tries them all, unheard.
            for future in waiting:
                future.cancel()
    return tuple(done[case] for case in chosen)


def _recalled(case: Case, known: Sequence[Trial], *, deepen: bool) -> Trial | None:
    """The trial of a case among those of an earlier call; one that should have gone deeper does not count."""
    deeper = _deeper(case) if deepen and case.profile == "quick" else case
    found = [trial for trial in known if trial.case in (case, deeper)]
    return next((trial for trial in reversed(found) if trial.case == deeper or not trial.missed), None)


def _follow() -> None:
    """Leave Ctrl-C to the process that started this one, which ends the pool; and end when that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    # Nobody is left to hear of the trial, and a worker that waits for the next one would wait for ever.
    os._exit(1)
