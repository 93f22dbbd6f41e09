"""Scenarios about links: alive for their lifetime, dead after it, with the target's clock moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...spec.offer import parse_instant
from ..observation import FileObservation, JobObservation, LinkObservation
from ..session import ROUTE

if TYPE_CHECKING:
    from .stage import Stage

_MARGIN = timedelta(seconds=61)


def expiry(stage: Stage) -> None:
    """Make jobs under a frozen clock, look shortly before and after their links expire, and once more with a Range."""
    session, control = stage.session, stage.session.control
    source = _biggest_request(stage)
    if control is None or source is None:
        return
    try:
        begun = session.now()
        control.freeze(begun)
        jobs = session.export("a job whose links are watched", source, {**source, "includeInactive": True})
        if session.can("second-account"):
            jobs += session.export("a job of the second account whose links are watched", source, account="second")
        jobs = [job for job in jobs if job.delivered and job.files]
        lifetime = timedelta(seconds=session.settings.link_lifetime)
        ends = [end for job in jobs for end in _announced(job)]
        latest, earliest = max(ends, default=begun + lifetime), min(ends, default=begun + lifetime)
        early = begun + lifetime * 0.95
        # In the order of time: a target may announce much less than the lifetime, and its clock only goes forward.
        for instant, ranged in sorted(((early, False), (earliest - _MARGIN, True), (latest + _MARGIN, False))):
            if instant > session.now():
                control.freeze(instant)
                _try(stage, jobs, begun, ranged=ranged)
        _try(stage, jobs, begun, ranged=True)
        for job in jobs:
            # Whether a job still lists its dead links is nobody's rule: it is asked only to see it not break.
            session.client.call("job", "GET", f"{ROUTE}/{job.id}", account=job.account)
        control.freeze(max(latest, session.now()) + timedelta(days=1))
        _try(stage, jobs, begun, ranged=False)
        session.export("a new job after the expiry", source)
    finally:
        if session.can("reset"):
            control.reset("first")
        else:
            control.release()


def _biggest_request(stage: Stage) -> dict[str, object] | None:
    """The body of a job that came in several files, or else of one that had rows."""
    jobs = [job for job in stage.session.jobs if job.delivered and job.files and job.account == "first"]
    recent = [j for j in jobs if j.request.end is not None and stage.atlas.now - j.request.start < timedelta(days=60)]
    small = [job for job in recent if sum(f.size for f in job.files) < 8 * 10**6]
    best = max(small, key=lambda job: (min(len(job.files), 2), -sum(f.size for f in job.files)), default=None)
    return dict(best.body) if best is not None else None


def _announced(job: JobObservation) -> list[datetime]:
    """The expiries that a job announces, as far as they can be read."""
    listed = (job.final or {}).get("files")
    found = []
    for file in listed if isinstance(listed, list) else []:
        try:
            found.append(parse_instant(str(file.get("dateExpired"))))
        except (ValueError, AttributeError):
            continue
    return found


def _try(stage: Stage, jobs: list[JobObservation], begun: datetime, *, ranged: bool) -> None:
    """Try every link of the jobs at the target's present, which stands still."""
    session = stage.session
    now = session.now()
    for job in jobs:
        ends: list[datetime | None] = [*_announced(job)]
        for first in job.files:
            found: FileObservation = session.client.download(first.link, first.index, job.account, ranged=ranged)
            expires = ends[first.index] if first.index < len(ends) else None
            session.links.append(LinkObservation(job.name, found, first, now, expires, begun, begun, ranged))
