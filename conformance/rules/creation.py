"""The creation family: a valid request makes a job of its own, and is told back truthfully (endpoint.2, facts:1.2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..answering import answer_of, came, sent_body, short, surely_valid
from ..data import rows_by_id
from ..echo import STEP, Terms, compared, due, same_instant
from ..finding import Finding, judges
from ..membership import CODE_COLUMN, CODES_TYPE, has_contacts
from ..target_clock import TargetClock, instant_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ...spec.offer import Resource
    from ..observation import Account, Exchange, JobObservation, Run

_COLLECTION = "/changedEntityExportJobs"
# What answers about a job are known to repeat of its request, beside the window.
_REPEATED = ("contactMode", "includeInactive")
_SECOND, _TENTH = timedelta(seconds=1), timedelta(milliseconds=100)


@dataclass(frozen=True)
class _Creation:
    """One POST whose body is valid: a job's, or a probe's. `told` is how people call it."""

    exchange: Exchange
    body: Mapping[str, Any]
    resource: Resource
    account: Account
    told: str
    job: JobObservation | None = None

    @property
    def name(self) -> str | None:
        """The job's name, if it is one's."""
        return self.job.name if self.job is not None else None


def _creations(run: Run) -> Iterator[_Creation]:
    for job in run.jobs:
        yield _Creation(job.create, job.body, job.resource, job.account, _told(job), job)
    known = {job.create.number for job in run.jobs}
    for probe in run.probes:
        body = sent_body(probe.exchange)
        resource = run.offer.resources.get(str(body.get("resourceType")))
        if probe.expectation == "accepted" and probe.exchange.number not in known and resource is not None:
            yield _Creation(probe.exchange, body, resource, probe.exchange.account or "first", probe.label)


@judges("creation/accepted")
def accepted(run: Run) -> Iterator[Finding]:
    """A valid body is answered 201 with a positive integer as exportJobId (endpoint.2, facts:1.2).

    A refusal is held against the target only where the body is surely valid: what nobody has to take (nulls, unknown
    properties, names that come twice) has its own rules. A type that is never taken is validation's to tell.
    """
    rule = "creation/accepted"
    clock = TargetClock(run.exchanges)
    allowed = {(job.account, job.resource.name) for job in run.jobs if job.create.status == 201}
    for made in _creations(run):
        number, answer = made.exchange.number, answer_of(made.exchange)
        if answer == "taken" and _is_id(made.exchange.object.get("exportJobId")):
            yield Finding(rule, "pass", job=made.name)
        elif answer == "none":
            message = f"whether {made.told} is accepted could not be told: {came(made.exchange)}"
            yield Finding(rule, "doubt", message=message, job=made.name, exchanges=(number,), key="no-answer")
        elif answer == "taken":
            yield Finding(
                rule,
                "fail",
                message=f"{made.told} was answered 201 without a usable job id",
                expected="exportJobId, a whole number above zero",
                received=came(made.exchange),
                job=made.name,
                exchanges=(number,),
                key="id",
            )
        elif _to_be_taken(made, run, clock, allowed):
            yield Finding(
                rule,
                "fail",
                message=f"a valid request ({made.told}) was not answered 201",
                expected="status 201 with an exportJobId",
                received=came(made.exchange),
                job=made.name,
                exchanges=(number,),
                key=f"{made.exchange.status}:{made.told}",
            )


def _is_id(value: object) -> bool:
    if isinstance(value, bool):
        return False
    # To JSON, 12345.0 is an integer too.
    return isinstance(value, int | float) and value > 0 and value == value // 1


def _to_be_taken(made: _Creation, run: Run, clock: TargetClock, allowed: set[tuple[Account, str]]) -> bool:
    """Tell whether anything but a 201 is wrong, and wrong for what the request says beside its type."""
    others = {name for account, name in allowed if account == made.account}
    if made.resource.name not in others and (others or made.account != "first"):
        return False
    # Fields were listed to the first account; another may have fewer.
    plain = not made.body.get("requestedFields") and not made.body.get("requestedCustomFieldIds")
    return (plain or made.account == "first") and surely_valid(made.body, run.offer, clock, made.exchange)


@judges("creation/new-job")
def new_job(run: Run) -> Iterator[Finding]:
    """No two POSTs of an account are given the same job id (endpoint.2, job.1).

    A reset forgets the account's jobs, so that their ids may come again.
    """
    rule = "creation/new-job"
    resets: Counter[str] = Counter()
    given: dict[tuple[str, int], dict[int, Exchange]] = {}
    for exchange in sorted(run.exchanges, key=lambda seen: seen.number):
        account = exchange.account or "first"
        if exchange.purpose == "control" and exchange.method == "DELETE" and exchange.url.endswith("/state"):
            resets[account] += 1
        identifier = exchange.object.get("exportJobId") if _created(exchange) else None
        if not isinstance(identifier, int) or isinstance(identifier, bool):
            continue
        before = given.setdefault((account, resets[account]), {})
        first = before.setdefault(identifier, exchange)
        if first is not exchange:
            alike = "the same body" if first.request_body == exchange.request_body else "another body"
            yield Finding(
                rule,
                "fail",
                message=f"a POST was given the id of an earlier one, which had {alike}",
                expected="an id that no other POST was given",
                received=f"exportJobId {identifier} twice",
                exchanges=(first.number, exchange.number),
                key=alike,
            )
        elif len(before) > 1:
            yield Finding(rule, "pass", exchanges=(exchange.number,))


def _created(exchange: Exchange) -> bool:
    return (
        exchange.method == "POST"
        and exchange.status == 201
        and exchange.credentials == "valid"
        and exchange.url.endswith(_COLLECTION)
    )


@judges("creation/retrievable")
def retrievable(run: Run) -> Iterator[Finding]:
    """From the 201 on, a GET of the job answers 200 about that same id (endpoint.2, facts:1.3).

    Answers that do not tell a readable id are the schema family's.
    """
    rule = "creation/retrievable"
    for job in run.jobs:
        asked = (*job.polls, *job.later)
        if job.create.status != 201 or job.id is None or not asked:
            continue
        wrong = next((exchange for exchange in asked if _is_wrong(exchange, job.id)), None)
        if wrong is not None:
            other = wrong.status == 200
            when = "right after its creation" if wrong is asked[0] else "later on"
            about = "tells of another job" if other else "is not answered with it"
            yield Finding(
                rule,
                "fail",
                message=f"asking after the job of {_told(job)} {when} {about}",
                expected=f"status 200 about exportJobId {job.id}",
                received=f"status 200 about exportJobId {wrong.object.get('exportJobId')}" if other else came(wrong),
                job=job.name,
                exchanges=(job.create.number, wrong.number),
                key=f"{wrong.status}:{when}",
            )
        elif _is_silent(asked[0]):
            message = f"whether the job of {_told(job)} can be asked after could not be told: {came(asked[0])}"
            numbers = (job.create.number, asked[0].number)
            yield Finding(rule, "doubt", message=message, job=job.name, exchanges=numbers, key="no-answer")
        elif asked[0].object.get("exportJobId") == job.id:
            yield Finding(rule, "pass", job=job.name)


def _is_silent(exchange: Exchange) -> bool:
    return exchange.status in (None, 408, 429) or (exchange.status == 200 and exchange.error is not None)


def _is_wrong(exchange: Exchange, identifier: int) -> bool:
    """True for an answer that is there and is not about the job."""
    if _is_silent(exchange):
        return False
    told = exchange.object.get("exportJobId")
    return exchange.status != 200 or (isinstance(told, int) and not isinstance(told, bool) and told != identifier)


@judges("creation/echo-true")
def echo_true(run: Run) -> Iterator[Finding]:
    """Whatever the 201 answer tells of the request has the meaning of what was sent (job.1, facts:1.2).

    What of it the answers about the job repeat has that meaning, too (facts:1.3).
    """
    rule = "creation/echo-true"
    for made, terms in _taken(run):
        answer, exchange = made.exchange.object, made.exchange
        told = dict(compared(made.body, answer, terms))
        if all(told.values()) and made.job is not None and made.job.polls and made.job.polls[-1].status == 200:
            later = made.job.polls[-1]
            again = dict(compared(made.body, later.object, terms))
            again = {name: true for name, true in again.items() if name in _REPEATED and name in made.body}
            if not all(again.values()):
                told, answer, exchange = again, later.object, later
        for name in (name for name, true in told.items() if not true):
            sent = made.body.get(name) is not None
            yield Finding(
                rule,
                "fail",
                message=f"the answer to {made.told} tells {name} back with another meaning"
                if sent
                else f"the answer to {made.told}, which has no {name}, tells one that is not the default",
                expected=f"{name} {short(made.body[name])}, in any spelling" if sent else f"no {name}, or the default",
                received=f"{name} {short(answer[name])}",
                job=made.name,
                exchanges=tuple(dict.fromkeys((made.exchange.number, exchange.number))),
                key=f"{name}:{'sent' if sent else 'unsent'}",
            )
        if told and all(told.values()):
            yield Finding(rule, "pass", job=made.name)


@judges("creation/echo-present")
def echo_present(run: Run) -> Iterator[Finding]:
    """Every property that was sent and takes effect is in the 201 answer (facts:1.2)."""
    rule = "creation/echo-present"
    for made, terms in _taken(run):
        answer = made.exchange.object
        if not answer:
            continue
        missing = [name for name in due(made.body, terms) if answer.get(name) is None]
        if not missing:
            yield Finding(rule, "pass", job=made.name)
        for name in missing:
            yield Finding(
                rule,
                "fail",
                message=f"the answer to {made.told} does not tell {name} back",
                expected=f"{name} {short(made.body[name])}",
                received=f"an answer with {', '.join(answer)}"[:200],
                job=made.name,
                exchanges=(made.exchange.number,),
                key=name,
            )


def _taken(run: Run) -> Iterator[tuple[_Creation, Terms]]:
    """Every creation that was answered 201, with what is known beside it."""
    casings = (probe for probe in run.probes if probe.reading == "odd-type-casing")
    casing_matters = any(answer_of(probe.exchange) == "refused" for probe in casings)
    for made in _creations(run):
        if answer_of(made.exchange) == "taken":
            ids, codes = _known(made, run)
            yield made, Terms(made.resource, ids, codes, casing_matters)


def _known(made: _Creation, run: Run) -> tuple[frozenset[int], frozenset[int]]:
    """The ids and the activist codes that the account surely had, where the request names any."""
    if made.job is None:
        return frozenset(), frozenset()
    records = run.ledger.at(made.job.ledger_before).of(made.account, made.resource.name)
    # What was exported although nobody put it there was there before; of types with contacts an id may be a contact's.
    asked = made.body.get("requestedIds")
    exported = rows_by_id(made.job) if asked and not has_contacts(made.resource) else ()
    ids = frozenset((*records, *exported) if asked else ())
    if made.resource.name != CODES_TYPE or not made.body.get("requestedActivistCodeIds"):
        return ids, frozenset()
    values = (record.current.values.get(CODE_COLUMN) for record in records.values())
    return ids, frozenset(value for value in values if isinstance(value, int))


@judges("creation/to-defaults-to-request")
def to_defaults_to_request(run: Run) -> Iterator[Finding]:
    """Without dateChangedTo, the announced end is when the request was received, by the target's clock.

    (dateChangedTo.3, window.1.) A job that never announces a readable end is the schema family's.
    """
    rule = "creation/to-defaults-to-request"
    clock = TargetClock(run.exchanges)
    for job in run.jobs:
        if job.request.end is not None:
            continue
        told = [(end, e) for e in job.answers if (end := instant_of(e.object.get("dateChangedTo"))) is not None]
        ends = [(_off(end, job, clock) or _moved(end, told[0][0]), end, exchange) for end, exchange in told]
        wrong = next((found for found in ends if found[0]), None)
        if wrong is None:
            if ends:
                yield Finding(rule, "pass", job=job.name)
            continue
        off, end, exchange = wrong
        first, last = _request_time(job, clock)
        yield Finding(
            rule,
            "fail",
            message=f"{_told(job)} has no dateChangedTo, and announces an end {_span(off)} the time of its request",
            expected=f"a dateChangedTo between {_written(first)} and {_written(last)}, by the target's clock",
            received=f"dateChangedTo {_written(end)}",
            job=job.name,
            exchanges=tuple(dict.fromkeys((job.create.number, exchange.number))),
            key="after" if off > timedelta(0) else "before",
        )


def _request_time(job: JobObservation, clock: TargetClock) -> tuple[datetime, datetime]:
    """Between which instants of the target's clock the request was received, as far as that is known."""
    first = job.target_before or clock.at(job.create, job.create.started)
    return first, job.target_after or clock.at(job.create, job.create.ended)


def _off(end: datetime, job: JobObservation, clock: TargetClock) -> timedelta:
    """How far an announced end lies outside, beyond all that rounding and doubt about the clock explain."""
    known = job.target_before is not None and job.target_after is not None
    slack = timedelta(0) if known else clock.within
    first, last = _request_time(job, clock)
    if end - last > slack + _grain(end) + _grain(last):
        return end - last
    if first - end > slack + _grain(end) + _grain(first):
        return end - first
    return timedelta(0)


def _moved(end: datetime, first: datetime) -> timedelta:
    """How far an announced end lies from the one that was announced first, beyond what rounding explains."""
    between = end - first
    return between if abs(between) > max(_grain(end), _grain(first)) + _SECOND else timedelta(0)


def _grain(instant: datetime) -> timedelta:
    """The unit that an instant was perhaps rounded to: a whole second looks like a target that keeps seconds."""
    if instant.microsecond == 0:
        return _SECOND
    return _TENTH if instant.microsecond % 100_000 == 0 else STEP


@judges("creation/window-kept")
def window_kept(run: Run) -> Iterator[Finding]:
    """Every answer about a job announces the two instants that were sent (window.1, dateChangedTo.1)."""
    rule = "creation/window-kept"
    for job in run.jobs:
        sent = {"dateChangedFrom": job.request.start, "dateChangedTo": job.request.end}
        seen = 0
        wrong: dict[str, Exchange] = {}
        for exchange in job.answers:
            for name, instant in sent.items():
                same = same_instant(instant, exchange.object.get(name)) if instant is not None else None
                seen += same is True
                if same is False:
                    wrong.setdefault(name, exchange)
        for name, exchange in wrong.items():
            yield Finding(
                rule,
                "fail",
                message=f"{_told(job)} asked for {name} {job.body[name]}, and the job announces another instant",
                expected=f"{name} {job.body[name]}, in any offset",
                received=f"{name} {short(exchange.object[name])}",
                job=job.name,
                exchanges=tuple(dict.fromkeys((job.create.number, exchange.number))),
                key=f"{name}:{exchange.purpose}",
            )
        if seen and not wrong:
            yield Finding(rule, "pass", job=job.name)


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _span(off: timedelta) -> str:
    seconds = abs(off.total_seconds())
    return f"{seconds:,.2f} s {'after' if off > timedelta(0) else 'before'}"


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
