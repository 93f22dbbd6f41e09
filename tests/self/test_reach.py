"""How far the profiles reach: faults hide past the first hundred rows, the first file and the first day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from exportproof.conformance.data import row_count
from exportproof.conformance.runner import judge_target
from exportproof.conformance.settings import Settings
from exportproof.reference import embedded

if TYPE_CHECKING:
    from exportproof.conformance.observation import JobObservation, Run
    from exportproof.conformance.settings import Profile

MOST_REQUESTS = 1_000


def judged(profile: Profile) -> tuple[Run, int]:
    """What a run over the honest reference observed, and the requests that it took."""
    left: list[Run] = []
    with embedded() as server:
        (user, key), (other_user, other_key) = server.accounts
        settings = Settings(
            server.url, control_url=server.control_url, user=user, key=key, other_user=other_user, other_key=other_key,
            profile=profile, seed=11,
        )  # fmt: skip
        result = judge_target(settings, lambda _: "", left=left)
    assert result.verdict == "conforms"
    return left[0], result.stats.requests


def size(job: JobObservation) -> int:
    return sum(file.size for file in job.files)


def test_quick_goes_beyond_a_megabyte_and_two_files() -> None:
    run, _ = judged("quick")
    assert max(size(job) for job in run.jobs) > 1_000_000
    assert max(len(job.files) for job in run.jobs) >= 2


@pytest.mark.slow
def test_standard_goes_as_far_as_it_promises_in_a_thousand_requests() -> None:
    run, requests = judged("standard")
    assert requests <= MOST_REQUESTS
    assert max(row_count(job) for job in run.jobs) > 1_000
    assert max(len(job.request.ids or ()) for job in run.jobs) > 1_000
    cells = (cell for job in run.jobs for table in job.tables for row in table.rows[:2_000] for cell in row)
    assert max(map(len, cells)) > 255
    sizes = [size(job) for job in run.jobs]
    assert any(5_000_000 < each < 40_000_000 for each in sizes)
    assert any(10_000_000 < each < 40_000_000 for each in sizes)
    # Without a limit: one export that must be split, and one that just must not be.
    unlimited = [job for job in run.jobs if not job.request.limit_given]
    assert any(size(job) > 40_960_000 and len(job.files) > 1 for job in unlimited)
    assert any(38_500_000 < size(job) < 40_000_000 and len(job.files) == 1 for job in unlimited)
    assert max(len(job.files) for job in run.jobs) >= 4
    assert max(len(job.in_flight) for job in run.jobs) >= 1
    spans = [(job.request.end or job.target_after or job.request.start) - job.request.start for job in run.jobs]
    for least, most in ((24, 48), (30 * 24, 60 * 24), (88 * 24, 90 * 24)):
        assert any(timedelta(hours=least) <= span < timedelta(hours=most) for span in spans), f"no window of {least} h"
