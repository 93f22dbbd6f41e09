"""The links family: links work, work again, need no credentials and cannot be guessed (links.1, facts:3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..finding import Finding, judges
from ..guessing import WANTED_BITS, Link, estimate
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..observation import FileObservation, JobObservation, Run

_MOST_COMPARED = 60
# A single download that breaks off may be the network's; that several do is not put down to chance.
_MANY_BROKEN_OFF = 2


@judges("links/work")
def work(run: Run) -> Iterator[Finding]:
    """A GET of each downloadUrl of a Complete job answers 200 with the whole file (links.1, files.1)."""
    rule = "links/work"
    seen = [(job, file) for job in run.jobs if job.complete for file in _downloads(job)]
    broken_off = sum(file.exchange.status == 200 and file.exchange.error == "disconnected" for _, file in seen)
    for job, file in seen:
        trouble = _trouble(file, broken_off)
        if trouble is None:
            yield Finding(rule, "pass", job=job.name)
        elif trouble == "doubt":
            message = (
                f"whether the link of file {file.index + 1} of {_told(job)} works could not be told: {_came(file)}"
            )
            yield Finding(rule, "doubt", message=message, job=job.name, exchanges=_numbers(job, file), key="no-answer")
        else:
            yield Finding(
                rule,
                "fail",
                message=f"the link of file {file.index + 1} of {len(job.files)} of {_told(job)} {trouble}",
                expected="an absolute address that answers 200 with the whole file",
                received=_came(file),
                job=job.name,
                exchanges=_numbers(job, file),
                key=f"{file.exchange.status}:{file.exchange.error}:{file.delivered}",
            )


def _downloads(job: JobObservation) -> Iterator[FileObservation]:
    """The first download of every link of the job, those that a later answer listed included."""
    links = {file.link for file in job.files}
    yield from job.files
    for file in job.again:
        if file.link not in links:
            links.add(file.link)
            yield file


def _trouble(file: FileObservation, broken_off: int) -> str | None:
    """What is wrong with a download, "doubt" when it cannot be told whose fault it is, None when it is right."""
    if not _absolute(file.link):
        return "is no absolute address, so that nobody can follow it alone"
    exchange = file.exchange
    if file.delivered:
        return None
    if exchange.error == "bad-redirect":
        return "redirects without end"
    if exchange.status == 200:
        if exchange.error == "malformed":
            return "delivers a body that cannot be decoded"
        broke_off = exchange.error == "disconnected" and broken_off >= _MANY_BROKEN_OFF
        return "delivers a body that breaks off before its end" if broke_off else "doubt"
    if exchange.status is None or exchange.status == 429:
        return "doubt"
    return "does not deliver its file"


def _absolute(link: str) -> bool:
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


@judges("links/again")
def again(run: Run) -> Iterator[Finding]:
    """A second download of the same link, long before its expiry, has the same bytes as the first (links.1)."""
    rule = "links/again"
    for job in run.jobs:
        first = {file.link: file for file in job.files if file.delivered}
        for second in job.again:
            if second.link in first:
                yield _compared(rule, job, first[second.link], second)


def _compared(rule: str, job: JobObservation, first: FileObservation, second: FileObservation) -> Finding:
    exchanges = (*_numbers(job, first), second.exchange.number)
    what = f"the link of file {first.index + 1} of {_told(job)}"
    if second.delivered and second.sha256 == first.sha256:
        return Finding(rule, "pass", job=job.name)
    if second.exchange.status in (None, 429) or (second.exchange.status == 200 and second.exchange.error is not None):
        message = f"whether {what} works a second time could not be told: {_came(second)}"
        return Finding(rule, "doubt", message=message, job=job.name, exchanges=exchanges, key="no-answer")
    refused = second.exchange.status != 200
    return Finding(
        rule,
        "fail",
        message=f"{what} {'does not work a second time' if refused else 'delivers other bytes the second time'}",
        expected=f"status 200 with the same {first.size:,} bytes",
        received=_came(second),
        job=job.name,
        exchanges=exchanges,
        key="refused" if refused else "other",
    )


@judges("links/without-credentials")
def without_credentials(run: Run) -> Iterator[Finding]:
    """A link works without an Authorization header (facts:3.3)."""
    rule = "links/without-credentials"
    for job in run.jobs:
        for file in job.files:
            if not file.delivered:
                continue
            if not file.authorized:
                yield Finding(rule, "pass", job=job.name)
                continue
            yield Finding(
                rule,
                "fail",
                message=f"the link of file {file.index + 1} of {_told(job)} works with the account's credentials alone",
                expected="status 200 without an Authorization header",
                received="a refusal, and the file once credentials were sent",
                job=job.name,
                exchanges=_numbers(job, file),
                key="authorized",
            )


@judges("links/unguessable")
def unguessable(run: Run) -> Iterator[Finding]:
    """A link holds random bits enough that knowing a job's id does not open its files (facts:3.3).

    Links that need credentials are no secret, and are not judged. What looks random is taken for random.
    """
    rule = "links/unguessable"
    jobs = [job for job in run.jobs if job.complete and job.id is not None and job.files]
    jobs = [job for job in jobs if not job.files[0].authorized][:_MOST_COMPARED]
    links = {job.id: Link(job.files[0].link, job.id, job.files[0].index) for job in jobs if job.id is not None}
    found = estimate(list(links.values()))
    if found.guessable == "no":
        yield Finding(rule, "pass", message=found.why)
    elif found.guessable == "yes":
        first, second = jobs[0], jobs[-1]
        yield Finding(
            rule,
            "fail",
            message=f"links can be guessed: {found.why}",
            expected=f"at least {WANTED_BITS} random bits in each link",
            received=f"about {found.bits:.0f}",
            job=first.name,
            exchanges=(*reproduction(first), *reproduction(second)),
            key="guessable",
        )


def _numbers(job: JobObservation, file: FileObservation) -> tuple[int, ...]:
    """What reproduces a finding about one download: how the job was made, and that download."""
    made = [number for number in reproduction(job) if number not in {f.exchange.number for f in job.files}]
    return (*made, file.exchange.number)


def _came(file: FileObservation) -> str:
    exchange = file.exchange
    if exchange.status is None:
        return f"no answer ({exchange.error})"
    told = f"status {exchange.status}"
    if exchange.status == 200:
        told += f" with {file.size:,} bytes"
    return f"{told} ({exchange.error})" if exchange.error else told


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
