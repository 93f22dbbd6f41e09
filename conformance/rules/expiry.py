"""The links family, as far as time matters: the announced expiry, and links before and after it (links.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..finding import Finding, Vote, judges
from ..link_life import LinkLife
from ..table import parse
from ..target_clock import TargetClock, instant_of
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from ..observation import Exchange, FileObservation, JobObservation, LinkObservation, Run

_STEADY = timedelta(seconds=1)
# Long after its end a file may be cleared away altogether, and its link be refused in another way.
_FRESHLY_DEAD = timedelta(hours=1)
_DEAD_STATUSES = {403: "403", 404: "404", 410: "410"}


@judges("links/expiry-announced")
def expiry_announced(run: Run) -> Iterator[Finding]:
    """dateExpired of each file of a Complete job is an instant with an offset (links.1, facts:1.2)."""
    rule = "links/expiry-announced"
    for job in run.jobs:
        listed = _listed(job.final) if job.complete else []
        bad = next((place for place, item in enumerate(listed) if instant_of(item.get("dateExpired")) is None), None)
        if bad is not None:
            value = listed[bad].get("dateExpired", "nothing")
            yield Finding(
                rule,
                "fail",
                message=f"file {bad + 1} of {_told(job)} does not announce when its link expires",
                expected="an RFC 3339 timestamp with Z or an offset",
                received=f"dateExpired {value!r}"[:200],
                job=job.name,
                exchanges=reproduction(job),
                key="absent" if value in (None, "nothing") else "unreadable",
            )
        elif listed:
            yield Finding(rule, "pass", job=job.name)


@judges("links/announced-20-days")
def announced_lifetime(run: Run) -> Iterator[Finding | Vote]:
    """dateExpired lies the lifetime after the job's creation or completion, by the target's clock (links.1).

    How far it may be off is how well that clock is known: a minute by the control API, ten by Date headers, else an
    hour; and less for a lifetime that is declared short.
    """
    rule = "links/announced-20-days"
    clock = TargetClock(run.exchanges)
    lifetime = timedelta(seconds=run.link_lifetime_seconds)
    for job in run.jobs:
        announced = [end for item in _listed(job.final) if (end := instant_of(item.get("dateExpired"))) is not None]
        if not job.complete or not announced:
            continue
        created, completed = _creation(job, clock), _completion(job, clock)
        allowed = clock.allowance(lifetime)
        earliest, latest = created[0] + lifetime - allowed, completed[1] + lifetime + allowed
        wrong = next((end for end in announced if not earliest <= end <= latest), None)
        if wrong is None:
            yield Finding(rule, "pass", job=job.name)
            yield from _lifetime_from(job, announced, lifetime, clock)
            continue
        yield Finding(
            rule,
            "fail",
            message=f"{_told(job)} announces that a link expires {_days(wrong - created[0])} after its creation",
            expected=f"dateExpired {_days(lifetime)} after creation or completion: between "
            f"{_written(created[0] + lifetime)} and {_written(completed[1] + lifetime)}",
            received=f"dateExpired {_written(wrong)}",
            job=job.name,
            exchanges=reproduction(job),
            key="late" if wrong > latest else "early",
        )


def _lifetime_from(
    job: JobObservation, announced: Sequence[datetime], lifetime: timedelta, clock: TargetClock
) -> Iterator[Vote]:
    """Tell from which end the lifetime counts, where the job took long enough to show it."""
    created, completed = _creation(job, clock), _completion(job, clock)
    allowed = clock.allowance(lifetime)
    if completed[0] - created[1] <= 2 * allowed:
        return
    starts = [end - lifetime for end in announced]
    for value, (first, last) in (("creation", created), ("completion", completed)):
        if all(first - allowed <= start <= last + allowed for start in starts):
            message = f"{_told(job)} announces {_written(announced[0])}, counted from its {value}"
            yield Vote("lifetime-from", frozenset({value}), message, job.name, reproduction(job))


def _creation(job: JobObservation, clock: TargetClock) -> tuple[datetime, datetime]:
    return clock.at(job.create, job.create.started), clock.at(job.create, job.create.ended)


def _completion(job: JobObservation, clock: TargetClock) -> tuple[datetime, datetime]:
    """The target's time at the last unfinished answer, or the creation, and at the first finished one."""
    before = job.create
    for exchange in job.answers:
        if exchange.object.get("jobStatus") in ("Complete", "Error"):
            return clock.at(before, before.started), clock.at(exchange, exchange.ended)
        before = exchange
    return _creation(job, clock)


@judges("links/expiry-steady")
def expiry_steady(run: Run) -> Iterator[Finding]:
    """Every answer about a Complete job announces the same instant for a file (links.1).

    What a job lists when its links are dead is nobody's rule.
    """
    rule = "links/expiry-steady"
    clock, lifetime = TargetClock(run.exchanges), timedelta(seconds=run.link_lifetime_seconds)
    for job in run.jobs:
        complete = [exchange for exchange in job.answers if exchange.object.get("jobStatus") == "Complete"]
        answers = [exchange for exchange in complete if clock.is_within(lifetime, job.create, exchange)]
        pairs = [pair for later in answers[1:] if (pair := _moved(answers[0], later)) is not None]
        if not pairs:
            continue
        moved = next((pair for pair in pairs if abs(pair[0] - pair[1]) >= _STEADY), None)
        if moved is None:
            yield Finding(rule, "pass", job=job.name)
            continue
        yield Finding(
            rule,
            "fail",
            message=f"the expiry that {_told(job)} announces moved while nothing happened to the job",
            expected=f"dateExpired {_written(moved[0])} in every answer",
            received=f"dateExpired {_written(moved[1])} in a later one",
            job=job.name,
            exchanges=(job.create.number, *(exchange.number for exchange in answers[:4])),
            key="moved",
        )


def _moved(first: Exchange, later: Exchange) -> tuple[datetime, datetime] | None:
    """The two instants of a file that lie furthest apart in two answers; None where files cannot be matched.

    Files are matched by link, or by the order of their instants where links are signed anew.
    """
    before, after = _ends_by_link(first.object), _ends_by_link(later.object)
    if before is None or after is None or len(before) != len(after) or not before:
        return None
    if before.keys() == after.keys():
        pairs = [(before[link], after[link]) for link in before]
    else:
        pairs = list(zip(sorted(before.values()), sorted(after.values()), strict=True))
    return max(pairs, key=lambda pair: abs(pair[0] - pair[1]))


def _ends_by_link(answer: Mapping[str, Any]) -> dict[str, datetime] | None:
    ends: dict[str, datetime] = {}
    for item in _listed(answer):
        end = instant_of(item.get("dateExpired"))
        if end is None:
            return None
        ends[str(item.get("downloadUrl"))] = end
    return ends


@judges("links/alive-until-expiry")
def alive(run: Run) -> Iterator[Finding]:
    """Until a minute before its announced expiry a link delivers the file it always did (links.1).

    A link that can be used only once, or only until the next job, is links/again's.
    """
    if any(seen.exchange.status in range(400, 429) for job in run.jobs for seen in job.again):
        return
    for seen in run.links:
        if seen.first.delivered and seen.target_now + seen.within <= _life(seen, run).alive_until:
            yield from _alive(seen)


def _alive(seen: LinkObservation) -> Iterator[Finding]:
    rule, status = "links/alive-until-expiry", seen.file.exchange.status
    came = status == 200 or (seen.ranged and status == 206)
    if came and seen.file.exchange.error is None:
        if seen.file.sha256 == seen.first.sha256:
            yield Finding(rule, "pass", job=seen.job)
            return
        received = f"{seen.file.size:,} bytes, other than the {seen.first.size:,} before"
        yield _link_failure(rule, seen, "delivers another file than at first", "the same bytes", received, "changed")
    elif came or status is None or status == 429:
        message = f"whether a link of {seen.job} still works could not be told: {_came(seen.file)}"
        yield Finding(rule, "doubt", message=message, job=seen.job, exchanges=_numbers(seen), key="no-answer")
    elif not seen.ranged or status in _DEAD_STATUSES:
        # A Range is honoured or ignored; what else is done with it is nobody's rule here.
        yield _link_failure(rule, seen, "does not work any more", "status 200", _came(seen.file), "refused")


@judges("links/dead-after-expiry")
def dead(run: Run) -> Iterator[Finding | Vote]:
    """From a minute after its announced expiry a link is refused with a 4xx status, to everybody (links.1)."""
    for seen in run.links:
        life = _life(seen, run)
        if seen.target_now - seen.within < life.dead_from:
            continue
        finding = _dead(seen)
        yield finding
        status = seen.file.exchange.status
        fresh = seen.expires is not None and seen.target_now - max(life.ends) < _FRESHLY_DEAD
        if finding.outcome == "pass" and status is not None and fresh and not seen.ranged:
            value, message = _DEAD_STATUSES.get(status, "other"), f"an expired link of {seen.job} answers {status}"
            yield Vote("dead-link", frozenset({value}), message, seen.job, _numbers(seen))


def _dead(seen: LinkObservation) -> Finding:
    rule, status = "links/dead-after-expiry", seen.file.exchange.status
    expected = "a 4xx status"
    if status is None or status == 429:
        message = f"whether an expired link of {seen.job} is refused could not be told: {_came(seen.file)}"
        return Finding(rule, "doubt", message=message, job=seen.job, exchanges=_numbers(seen), key="no-answer")
    if 400 <= status < 500:
        if not _carries_rows(seen):
            return Finding(rule, "pass", job=seen.job)
        received = f"{_came(seen.file)}, with the rows of the file in its body"
        return _link_failure(rule, seen, "is refused, but delivers its rows all the same", expected, received, "rows")
    if status in (200, 206):
        how = " to a request with a Range header" if seen.ranged else ""
        same = seen.file.sha256 == seen.first.sha256
        what = f"still delivers its file{how}" if same else f"is not refused{how}"
        return _link_failure(rule, seen, what, expected, _came(seen.file), "ranged" if seen.ranged else "alive")
    return _link_failure(rule, seen, "is not refused", expected, _came(seen.file), f"status-{status}")


def _carries_rows(seen: LinkObservation) -> bool:
    """True when the body of a refusal begins as the file did: with its header and its first row."""
    table = seen.first.table
    if table is None or not table.rows or not seen.file.exchange.body:
        return False
    body = parse(seen.file.exchange.body)
    return body.header == table.header and bool(body.rows) and body.rows[0] == table.rows[0]


def _life(seen: LinkObservation, run: Run) -> LinkLife:
    return LinkLife(seen.created, seen.completed, seen.expires, timedelta(seconds=run.link_lifetime_seconds))


def _link_failure(
    rule: str, seen: LinkObservation, what: str, expected: str, received: str, key: str
) -> Finding:  # fmt: skip
    end = "its expiry" if seen.expires is None else f"its announced expiry {_written(seen.expires)}"
    place = seen.target_now - (seen.expires or max(seen.created, seen.completed))
    when = f"{_days(abs(place))} {'after' if place >= timedelta(0) else 'before'} {end}"
    if seen.expires is None:
        when = f"{_days(place)} after the job was Complete, with no expiry announced,"
    return Finding(
        rule,
        "fail",
        message=f"{when} the link of file {seen.first.index + 1} of {seen.job} {what}",
        expected=expected,
        received=received,
        job=seen.job,
        exchanges=_numbers(seen),
        key=key,
        details={"file": seen.first.index + 1, "targetNow": _written(seen.target_now)},
    )


def _numbers(seen: LinkObservation) -> tuple[int, ...]:
    return seen.first.exchange.number, seen.file.exchange.number


def _came(file: FileObservation) -> str:
    exchange = file.exchange
    if exchange.status is None:
        return f"no answer ({exchange.error})"
    told = f"status {exchange.status}"
    if exchange.status in (200, 206):
        told += f" with {file.size:,} bytes"
    return f"{told} ({exchange.error})" if exchange.error else told


def _listed(answer: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The files that an answer lists, as far as they are objects."""
    files = (answer or {}).get("files")
    return [item for item in files if isinstance(item, dict)] if isinstance(files, list) else []


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _days(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return f"{span.total_seconds():,.0f} seconds" if abs(days) < 1 / 24 else f"{days:,.2f} days"


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
