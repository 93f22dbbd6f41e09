"""Scenarios about links: alive for their lifetime, dead after it, with the target's clock moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...spec.offer import parse_instant
from ..link_entries import kept_jobs
from ..link_life import margin_of
from ..observation import FileObservation, JobObservation, LinkObservation
from .files import bulk, roomy

_MOST_BYTES, _BIG_BYTES = 8 * 10**6, 10**6
# Rows for two files at the smallest limit.
_LEFT_ROWS, _LEFT_ROW_BYTES, _LEFT_BEFORE = 1_900, 700, timedelta(hours=2)
_FURTHEST_END = 10
_MOST_IDS = 100
_MOST_FILES = 8

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .stage import Stage


def expiry(stage: Stage) -> None:
    """Make jobs under a frozen clock, and look at their links and at the jobs before and after their end.

    That is at 95 hundredths of their lifetime, right before their end, and right after it, with and without a Range
    and with credentials; for files that were read before and for files that never were.
    """
    session, control = stage.session, stage.session.control
    sources = _requests(stage)
    if control is None or not sources:
        return
    try:
        begun = session.now()
        control.freeze(begun)
        jobs = session.export("a job whose links are watched", *sources)
        if session.can("second-account"):
            jobs += session.export("a job of the second account whose links are watched", sources[0], account="second")
        unread = session.leave_unread("a job whose links are not read before they end", sources[0])
        jobs = [job for job in jobs if job.delivered and job.files]
        lifetime = timedelta(seconds=session.settings.link_lifetime)
        margin = margin_of(lifetime) + timedelta(seconds=1)
        # An end at the edge of the calendar, as null dates are sometimes written, is no instant to move the clock to.
        announced = [end for job in (*jobs, unread) for end in _announced(job)]
        ends = [end for end in announced if abs(end - begun) <= _FURTHEST_END * lifetime]
        latest, earliest = max(ends, default=begun + lifetime), min(ends, default=begun + lifetime)
        early = begun + lifetime * 0.95
        # In the order of time: a target may announce much less than the lifetime, and its clock only goes forward.
        for instant, ranged in sorted(((early, False), (earliest - margin, True), (latest + margin, False))):
            if instant > session.now():
                control.freeze(instant)
                _try(stage, jobs, begun, ranged=ranged)
                for job in jobs:
                    session.ask_again(job)
        _try_unread(stage, unread, jobs, begun)
        _try(stage, jobs, begun, ranged=True)
        _try(stage, jobs[:1], begun, ranged=False, credentials=True)
        control.freeze(max(latest, session.now()) + timedelta(days=1))
        _try(stage, jobs, begun, ranged=False)
        session.export("a new job after the expiry", sources[0])
        name, now = str(sources[0]["resourceType"]), session.now()
        session.export("a window without an end after the expiry", session.body(name, now - timedelta(hours=1)))
        # A target that took its present once, when it started, still reckons with that.
        session.probe(
            "validation/legal-accepted", "a dateChangedTo an hour ago, weeks later", "accepted",
            session.body(name, now - timedelta(hours=2), now - timedelta(hours=1)),
        )  # fmt: skip
        # An hour more than the day that is allowed for.
        session.probe(
            "validation/from-within-90-days", "a dateChangedFrom 91 days ago, weeks later", "refused-400",
            session.body(name, now - timedelta(days=91, hours=1), now - timedelta(days=1)),
        )  # fmt: skip
    finally:
        if session.can("reset"):
            control.reset("first")
        else:
            control.release()


def leave_links(stage: Stage) -> None:
    """Put a megabyte or two in place under the system's clock, and make jobs whose links a link ledger can follow.

    Without a control API the run's own jobs are such; with one, they ended with a clock that moved or with a reset.
    """
    session, resource = stage.session, roomy(stage)
    if not session.can("changes") or resource is None or kept_jobs(session.run()):
        return
    start = session.now() - _LEFT_BEFORE
    session.put(resource.name, bulk(stage, resource, start, _LEFT_ROWS, _LEFT_ROW_BYTES))
    window = session.body(resource.name, start, start + timedelta(hours=1))
    session.export("links for the ledger", {**window, "fileSizeKbLimit": 1_000}, window)
    if session.can("second-account"):
        session.export("links of the second account for the ledger", window, account="second")


def _requests(stage: Stage) -> list[dict[str, object]]:
    """The body of a job that came in several files, or else of one that had rows; that of one big file; the richest."""
    jobs = [job for job in stage.session.jobs if job.delivered and job.files and job.account == "first"]
    recent = [j for j in jobs if j.request.end is not None and stage.atlas.now - j.request.start < timedelta(days=60)]
    small = [job for job in recent if _size(job) < _MOST_BYTES]
    several = max(small, key=lambda job: (min(len(job.files), 3), -_size(job)), default=None)
    if several is None:
        return []
    big = max((job for job in small if len(job.files) == 1), key=_size, default=several)
    # Whatever a link's life may hang on: ids, filters, other fields.
    rich = max((job for job in small if len(job.request.ids or ()) < _MOST_IDS), key=_richness, default=several)
    chosen = [several, *([big] if _size(big) > _BIG_BYTES else []), rich]
    bodies = [dict(job.body) for job in chosen]
    return [body for place, body in enumerate(bodies) if body not in bodies[:place]]


def _richness(job: JobObservation) -> tuple[int, int]:
    return len(job.body), len(job.files)


def _size(job: JobObservation) -> int:
    return sum(file.size for file in job.files)


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


def _some(files: Sequence[FileObservation]) -> list[FileObservation]:
    """All files of a job, or of very many those at both ends and one between."""
    every = list(files)
    half = len(every) // 2
    return every if len(every) <= _MOST_FILES else [*every[:4], *every[half : half + 1], *every[-3:]]


def _try(stage: Stage, jobs: list[JobObservation], begun: datetime, *, ranged: bool, credentials: bool = False) -> None:
    """Try the links of the jobs at the target's present, which stands still."""
    session = stage.session
    now = session.now()
    for job in jobs:
        ends: list[datetime | None] = [*_announced(job)]
        for first in _some(job.files):
            found: FileObservation = session.client.download(
                first.link, first.index, job.account, ranged=ranged, credentials=credentials
            )
            if credentials and found.exchange.status in range(400, 500):
                # Refused as it has to be; a link may refuse credentials themselves, with a status of its own.
                continue
            expires = ends[first.index] if first.index < len(ends) else None
            session.links.append(LinkObservation(job.name, found, first, now, expires, begun, begun, ranged))


def _try_unread(stage: Stage, unread: JobObservation, jobs: list[JobObservation], begun: datetime) -> None:
    """Try, after their end, links that nobody ever followed; their files are those of the job with the same body."""
    session = stage.session
    now = session.now()
    twin = next((job for job in jobs if job.body == unread.body), None)
    listed = (unread.final or {}).get("files")
    links = [item.get("downloadUrl") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    if twin is None or len(links) != len(twin.files):
        return
    ends = _announced(unread)
    for first in _some(twin.files):
        link = links[first.index]
        if isinstance(link, str) and link and len(ends) == len(links):
            found = session.client.download(link, first.index, unread.account)
            session.links.append(LinkObservation(unread.name, found, first, now, ends[first.index], begun, begun))
