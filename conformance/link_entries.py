"""Which links of a run go into its link ledger, and with what: those that are still what they were when it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .link_ledger import LedgerLink, LedgerRun, LinkLedger, next_look
from .link_life import LinkLife
from .target_clock import TargetClock, instant_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .link_seal import Seal
    from .observation import JobObservation, Run


def add_run(ledger: LinkLedger, run: Run, asked: LedgerRun, seal: Seal | None) -> LinkLedger:
    """Return the ledger with a run and its links; a run that left none is noted too, so that its report is known."""
    links = tuple(_links(run, asked, seal))
    lock = ledger.lock if seal is None else seal.lock
    return replace(ledger, lock=lock, runs=(*ledger.runs, asked), links=(*ledger.links, *links))


def kept_jobs(run: Run) -> list[JobObservation]:
    """The jobs whose links can be looked at again: delivered, and not touched by a clock that moved or a reset.

    A clock that was moved may have ended every link that there was, even when it is back; a reset takes away jobs.
    """
    disturbing = [e for e in run.exchanges if e.purpose == "control" and e.method in ("PUT", "DELETE")]
    if disturbing and disturbing[-1].method == "PUT":
        return []
    last = disturbing[-1].number if disturbing else 0
    return [job for job in run.jobs if job.delivered and job.files and job.id is not None and job.create.number > last]


def _links(run: Run, asked: LedgerRun, seal: Seal | None) -> Iterator[LedgerLink]:
    clock = TargetClock(run.exchanges)
    lifetime = timedelta(seconds=asked.lifetime)
    now = datetime.now(UTC)
    for job in kept_jobs(run):
        skew = clock.at(job.create, now) - now
        done = next((e for e in job.answers if e.object.get("jobStatus") == "Complete"), job.create)
        created, completed = clock.at(job.create, job.create.started), clock.at(done, done.ended)
        ends = _announced((job.final or {}).get("files"))
        for place, file in enumerate(job.files):
            life = LinkLife(created, completed, ends[place] if place < len(ends) else None, lifetime)
            yield LedgerLink(
                run=asked.name,
                account=job.account,
                job=job.id or 0,
                file=place + 1,
                files=len(job.files),
                sha256=file.sha256,
                size=file.size,
                created=created,
                completed=completed,
                expires=life.expires,
                sealed=None if seal is None else seal.close(file.link),
                authorized=file.authorized,
                due=next_look(life, now + skew, first=True) - skew,
            )


def _announced(listed: object) -> list[datetime | None]:
    """What each listed file announces, in the order listed."""
    files: Iterable[Mapping[str, object]] = listed if isinstance(listed, list) else ()
    return [instant_of(item.get("dateExpired")) if isinstance(item, dict) else None for item in files]
