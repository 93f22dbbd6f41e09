"""One trial of the selftest: what counts as one, and what does not."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance import runner
from exportproof.selftest.pool import attempt_all
from exportproof.selftest.trial import Case, attempt

if TYPE_CHECKING:
    from exportproof.selftest.trial import Trial


def test_a_run_that_was_interrupted_is_no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "_play", interrupted)
    with pytest.raises(KeyboardInterrupt):
        attempt(Case("reference", "reference", 1, "quick"))


@pytest.mark.slow
def test_what_is_interrupted_tries_nothing_more() -> None:
    chosen = [Case("fault", "names-no-scheme", seed, "quick", frozenset({"auth/challenge"})) for seed in range(20)]
    heard = []

    def interrupt(_done: int, trial: Trial) -> None:
        heard.append(trial)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt_all(chosen, 2, interrupt)
    assert len(heard) == 1
    assert multiprocessing.active_children() == []
