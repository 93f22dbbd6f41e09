"""How jobs are waited for, by made-up targets under a made-up clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exportproof.conformance.patience import Patience, Rounds

if TYPE_CHECKING:
    from collections.abc import Callable

BATCHES, JOBS = 40, 6


def wait_for(patience: Patience, done_at: Callable[[int, float, int], bool]) -> tuple[int, float]:
    """Wait for a batch as a session does; `done_at` tells of a job by its place, its age and how often it was asked."""
    rounds, now, requests = Rounds(patience), 0.0, 0
    now += rounds.wait
    asked = dict.fromkeys(range(JOBS), 0)
    while asked:
        before = len(asked)
        for job in list(asked):
            asked[job] += 1
            requests += 1
            if done_at(job, now, asked[job]):
                del asked[job]
            elif asked[job] > 1 or not rounds.early:
                break
        pause = rounds.pause(before - len(asked), len(asked), now)
        if asked:
            now += pause
    return requests, now


@pytest.mark.parametrize(
    ("done_at", "most_requests", "most_seconds"),
    [
        (lambda job, age, asked: True, 1.0, 0.01),  # noqa: ARG005
        (lambda job, age, asked: age >= 0.3, 1.8, 0.45),  # noqa: ARG005
        (lambda job, age, asked: age >= 0.1 * (job + 1), 1.7, 0.8),  # noqa: ARG005
        (lambda job, age, asked: age >= 3, 3.0, 4.0),  # noqa: ARG005
        # Jobs that move on only when they are asked after: neither time nor requests are lost on waiting for them.
        (lambda job, age, asked: asked > 2, 3.0, 0.5),  # noqa: ARG005
        (lambda job, age, asked: asked > 4, 5.0, 3.0),  # noqa: ARG005
    ],
)  # fmt: skip
def test_jobs_are_asked_after_seldom_and_in_time(
    done_at: Callable[[int, float, int], bool], most_requests: float, most_seconds: float
) -> None:
    patience = Patience()
    requests, seconds = zip(*(wait_for(patience, done_at) for _ in range(BATCHES)), strict=True)
    assert sum(requests) <= most_requests * BATCHES * JOBS
    assert sum(seconds) <= most_seconds * BATCHES


def test_every_few_times_jobs_are_looked_at_at_once() -> None:
    patience = Patience()
    for _ in range(5):
        wait_for(patience, lambda job, age, asked: age >= 0.3)  # noqa: ARG005
    waits = [patience.first_wait() for _ in range(8)]
    assert waits.count(0.0) == 2


def test_a_job_has_all_the_time_until_one_took_it_in_vain() -> None:
    patience = Patience()
    assert patience.allowed(60) == 60
    patience.ended(0.1)
    patience.ended(0.6)
    patience.ended(0.2)
    assert patience.allowed(60) == 60
    patience.give_up()
    assert patience.allowed(60) == 6
    assert patience.allowed(5) == 5


def test_a_job_has_three_seconds_at_least() -> None:
    patience = Patience()
    patience.give_up()
    patience.ended(0.01)
    assert (patience.allowed(60), patience.allowed(2)) == (3, 2)
