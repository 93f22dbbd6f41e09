"""Drawing by seed: the same everywhere, different for each seed, and nothing left behind."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import configuration
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS

from exportproof.generators.draw import draw_many

if TYPE_CHECKING:
    from pathlib import Path

WIDE = st.lists(st.tuples(st.integers(0, 10**6), st.text("abc", max_size=4)), max_size=5)


def test_a_seed_means_the_same_examples() -> None:
    assert draw_many(WIDE, 40, seed=7) == draw_many(WIDE, 40, seed=7)
    assert draw_many(WIDE, 40, seed=7) != draw_many(WIDE, 40, seed=8)


def test_examples_are_varied_and_not_the_simplest() -> None:
    found = draw_many(WIDE, 200, seed=1)
    assert len(found) == 200
    assert len({repr(one) for one in found}) > 150
    assert [one for one in found[:3] if one == []] != [[], [], []]
    assert draw_many(st.integers(0, 10**6), 1, seed=1) != [0]


@pytest.mark.parametrize("count", [0, -1])
def test_none_wanted_none_drawn(count: int) -> None:
    assert draw_many(WIDE, count, seed=1) == []


def test_small_strategies_repeat_and_empty_ones_give_nothing() -> None:
    found = draw_many(st.booleans(), 7, seed=1)
    assert len(found) == 7
    assert set(found) == {True, False}
    assert draw_many(st.just("x"), 3, seed=1) == ["x"] * 3
    assert draw_many(st.nothing(), 3, seed=1) == []
    assert draw_many(st.integers().filter(lambda _: False), 3, seed=1) == []


def test_errors_of_a_strategy_are_told() -> None:
    def fail(_: int) -> int:
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        draw_many(st.integers().map(fail), 3, seed=1)


def test_nothing_is_left_behind() -> None:
    random.seed(11)
    expected = random.random()
    random.seed(11)
    home, backends = getattr(configuration, "__hypothesis_home_directory", None), set(AVAILABLE_PROVIDERS)
    draw_many(st.text(), 20, seed=1)
    assert random.random() == expected
    assert getattr(configuration, "__hypothesis_home_directory", None) == home
    assert set(AVAILABLE_PROVIDERS) == backends


PROGRAM = """
from hypothesis import strategies as st
from exportproof.generators.draw import draw_many
strategy = st.lists(st.integers() | st.deferred(lambda: st.text()), max_size=6)
print(ascii(draw_many(strategy, 300, seed=5)))
"""


def test_a_seed_does_not_depend_on_what_else_is_loaded(tmp_path: Path) -> None:
    """Hypothesis takes constants out of loaded modules, and keeps caches where it works; neither may show."""
    (tmp_path / "neighbour.py").write_text("NUMBERS = [918273645, 'a very particular text', 123123123]\n")

    def run(program: str) -> str:
        words = [sys.executable, "-W", "error", "-c", program]
        environment = {**os.environ, "PYTHONHASHSEED": "random"}
        ended = subprocess.run(  # noqa: S603 - a program of this test's own making
            words, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=60
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert run(PROGRAM) == run(f"import sys; sys.path.insert(0, '.'); import neighbour\n{PROGRAM}")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == ["neighbour.py"]
