"""The isolation family, as far as jobs go: whose jobs an account can ask after. Records are the oracle's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..finding import Finding, judges
from .auth import judged_by_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..observation import AccessObservation, Run


@judges("isolation/unknown-job")
def unknown_job(run: Run) -> Iterator[Finding]:
    """A job id that was never given out is answered 404 (facts:1)."""
    for access in run.accesses:
        if access.rule == "isolation/unknown-job":
            yield judged_by_status(access)


@judges("isolation/jobs")
def jobs(run: Run) -> Iterator[Finding]:
    """Another account's job is answered 404, as if it did not exist (facts:1).

    Where each account's ids count from 1, the id may be one of the asker's own jobs as well: that says nothing.
    """
    for access in run.accesses:
        if access.rule == "isolation/jobs" and not _asks_for_its_own(access, run):
            yield judged_by_status(access)


def _asks_for_its_own(access: AccessObservation, run: Run) -> bool:
    asked = access.exchange.url.rpartition("/")[2]
    return any(
        str(exchange.object.get("exportJobId")) == asked
        for exchange in run.exchanges
        if exchange.method == "POST" and exchange.account == access.exchange.account and exchange.status in (200, 201)
    )
