"""One trial of the selftest: what counts as one, and what does not."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path
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


_KILLED = """
import multiprocessing, os
from exportproof.selftest.pool import attempt_all
from exportproof.selftest.trial import Case

def told(_done, _trial):
    print(*[each.pid for each in multiprocessing.active_children()], flush=True)
    os.kill(os.getpid(), 9)

rules = frozenset({"auth/challenge"})
attempt_all([Case("fault", "names-no-scheme", seed, "quick", rules) for seed in range(9)], 2, told)
"""


@pytest.mark.slow
def test_what_is_killed_leaves_nobody_behind() -> None:
    """Workers wait for the next case; where nobody will give them one, they end."""
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _KILLED], capture_output=True, text=True, check=False, timeout=120
    )
    workers = [int(pid) for pid in ended.stdout.split()]
    assert workers, ended.stderr
    deadline = time.monotonic() + 30
    while any(_is_alive(pid) for pid in workers):
        assert time.monotonic() < deadline, f"still there: {workers}"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and was not waited for yet is there in name alone.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
