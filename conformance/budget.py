"""What a run may cost: so many jobs, so many requests, and so much waiting where a target asks to be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import Profile

LONGEST_WAITING = 900.0
"""Seconds in all that a run waits for a target that answers 429, however often it does."""


class Spent(Exception):  # noqa: N818 - an ending, not a fault
    """The budget does not allow the next step; the message says which part of it, and how to allow more."""


@dataclass
class Budget:
    """What may be spent, and what was. None is no limit. Every request counts that is sent, told to wait or not."""

    most_jobs: int | None = None
    most_requests: int | None = None
    jobs: int = 0
    requests: int = 0
    waited: float = 0.0

    def check(self, *, jobs: int = 0, requests: int = 0) -> None:
        """Raise Spent when there is no room for so many more jobs or requests."""
        if self.most_jobs is not None and self.jobs + jobs > self.most_jobs:
            raise Spent(f"The budget of {self.most_jobs} jobs is spent; --max-jobs allows more.")
        if self.most_requests is not None and self.requests + requests > self.most_requests:
            raise Spent(f"The budget of {self.most_requests} requests is spent; --max-requests allows more.")

    def told(self) -> str:
        """The limits, in words."""
        limits = (("job", self.most_jobs), ("request", self.most_requests))
        return " and ".join(f"{most} {what}{'s' if most != 1 else ''}" for what, most in limits if most is not None)


# Measured: jobs and requests of a run from outside, first those of any target and then those that each type adds.
_FROM_OUTSIDE: dict[Profile, tuple[int, int, int, int]] = {
    "quick": (33, 21, 295, 82),
    "standard": (45, 19, 435, 64),
    "thorough": (45, 19, 860, 64),
}
_WITH_CONTROL: dict[Profile, str] = {
    "quick": "about 100 jobs and 650 requests",
    "standard": "about 170 jobs and 1,000 requests",
    "thorough": "more than 170 jobs and 1,000 requests",
}
_TYPES_OF_QUICK = 3


def estimate(profile: Profile, types: int, *, control: bool) -> str:
    """What a run of every rule is about to cost, in words; fewer rules cost less."""
    if control:
        return _WITH_CONTROL[profile]
    jobs, jobs_a_type, requests, requests_a_type = _FROM_OUTSIDE[profile]
    looked_at = min(types, _TYPES_OF_QUICK) if profile == "quick" else types
    total_jobs, total_requests = jobs + jobs_a_type * looked_at, requests + requests_a_type * looked_at
    return f"about {_round(total_jobs)} jobs and {_round(total_requests)} requests"


def _round(number: int) -> str:
    return f"{round(number, -1):,}"
