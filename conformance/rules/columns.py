"""The fields family, as far as headers and echoes go: which columns an export has (fields.1, facts:1.2).

What the columns hold is the oracle's. A first line that is no header at all is csv/header's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from ..finding import Finding, Vote, judges
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..observation import JobObservation, ProbeObservation, Run

_SHOWN = 8
_SHOWN_CHARACTERS = 200
_FIELDS, _CUSTOM_FIELDS = "requestedFields", "requestedCustomFieldIds"
_READINGS = {_FIELDS: "unknown-field", _CUSTOM_FIELDS: "unknown-custom-field"}


@judges("fields/core")
def core(run: Run) -> Iterator[Finding]:
    """Every field that the type lists as core is a column of every export, with rows or without (fields.1)."""
    rule = "fields/core"
    for job, header in _headers(run):
        due = [field.name for field in job.resource.core]
        missing = [name for name in due if _plain(name) not in header]
        if missing:
            yield _missing(rule, job, missing, f"core fields of {job.resource.name}")
        elif due:
            yield Finding(rule, "pass", job=job.name)


@judges("fields/requested")
def requested(run: Run) -> Iterator[Finding]:
    """Every name in requestedFields that the type lists is a column (fields.1, requestedFields.1).

    The seed promises what was asked for, so an echo without the name does not excuse. With a ledger the values
    make the rule pass (the oracle's); without one a column that holds something does.
    """
    rule = "fields/requested"
    for job, header in _headers(run):
        listed = {field.name for field in job.resource.extra}
        due = [name for name in dict.fromkeys(job.request.fields) if name in listed]
        missing = [name for name in due if _plain(name) not in header]
        if missing:
            yield _missing(rule, job, missing, "requested fields")
        elif not run.ledger.position and any(_holds_something(job, name) for name in due):
            yield Finding(rule, "pass", job=job.name)


def _holds_something(job: JobObservation, name: str) -> bool:
    table = job.tables[0]
    position = table.column(name)
    return position is not None and any(position < len(row) and row[position] for row in table.rows)


def _missing(rule: str, job: JobObservation, missing: Sequence[str], what: str) -> Finding:
    names = ", ".join(missing[:_SHOWN])
    return Finding(
        rule,
        "fail",
        message=f"{_told(job)} lacks columns for {what}: {names}",
        expected=f"a column {missing[0]}",
        received=",".join(job.tables[0].header)[:_SHOWN_CHARACTERS],
        job=job.name,
        exchanges=reproduction(job),
        key=f"{job.resource.name}:{missing[0]}",
        details={"missing": list(missing[:_SHOWN])},
    )


@judges("fields/custom")
def custom(run: Run) -> Iterator[Finding]:
    """Every custom field that was asked for adds a column (fields.1, requestedCustomFieldIds.1).

    The columns are the target's to name: they are those that jobs of the type without custom fields have not.
    That they hold the right values makes the rule pass, and is the oracle's; without a ledger, that they hold
    something.
    """
    rule = "fields/custom"
    known, plain = _known_custom_fields(run), _plain_headers(run)
    for job, header in _headers(run):
        kind = job.account, job.resource.name
        due = [each for each in dict.fromkeys(job.request.custom_fields) if each in known[kind]]
        if not due or kind not in plain or _always_there(job, plain[kind], known[kind]):
            continue
        added = _added(job, header, plain[kind])
        if added < len(due):
            ids = ", ".join(str(each) for each in due[:_SHOWN])
            yield Finding(
                rule,
                "fail",
                message=f"{_told(job)}, which asked for custom fields ({ids}), has too few columns beside those of a "
                "job without any",
                expected=f"{len(due)} columns more than a job of {job.resource.name} without custom fields has",
                received=f"{added}: {','.join(job.tables[0].header)}"[:_SHOWN_CHARACTERS],
                job=job.name,
                exchanges=reproduction(job),
                key=f"{job.resource.name}:absent",
                details={"asked": due[:_SHOWN], "added": added},
            )
        elif not run.ledger.position and any(_holds_something(job, name) for name in header.keys() - plain[kind]):
            yield Finding(rule, "pass", job=job.name)


def _added(job: JobObservation, header: Counter[str], plain: set[str]) -> int:
    """How many columns the job has beside those of a plain one and those of the fields that it asked for.

    A custom field may be called as another column is: each name explains one column.
    """
    explained = plain | {_plain(field) for field in job.request.fields}
    return (header - Counter(explained)).total()


def _always_there(job: JobObservation, plain: set[str], known: frozenset[Any]) -> bool:
    """True when plain jobs have unlisted columns enough to be all of the type's custom fields, asked for or not."""
    listed = {_plain(field.name) for field in job.resource.fields}
    return len(plain - listed) >= len(known)


def _known_custom_fields(run: Run) -> Mapping[tuple[str, str], frozenset[Any]]:
    """The custom fields of each account and type, as the control API told them to that account.

    Without such an answer the first account's are those that its resource types came with.
    """
    known: dict[tuple[str, str], frozenset[Any]] = defaultdict(frozenset)
    for resource in run.offer.resources.values():
        known["first", resource.name] = frozenset(resource.custom_fields)
    for exchange in run.exchanges:
        told = exchange.object.get("customFieldIds") if exchange.purpose == "control" else None
        if isinstance(told, dict) and exchange.account == "second":
            for name, ids in told.items():
                listed = ids if isinstance(ids, list) else ()
                known["second", name] = frozenset(each for each in listed if isinstance(each, int))
    return known


def _plain_headers(run: Run) -> Mapping[tuple[str, str], set[str]]:
    """The columns that every job of an account and type has, as its jobs without custom fields show it."""
    common: dict[tuple[str, str], set[str]] = {}
    for job, header in _headers(run):
        if not job.request.custom_fields:
            kind = job.account, job.resource.name
            common[kind] = common.get(kind, set(header)) & set(header)
    return common


@judges("fields/no-second-column")
def no_second_column(run: Run) -> Iterator[Finding]:
    """A field asked for again, or twice, makes no second column (fields.1, requestedFields.1).

    A job that asked for nothing again does not put that to the test, but can fail it all the same.
    """
    rule = "fields/no-second-column"
    plain = _plain_headers(run)
    for job, header in _headers(run):
        repeated = _repeated(job, header, plain.get((job.account, job.resource.name)))
        if repeated:
            name = repeated[0]
            yield Finding(
                rule,
                "fail",
                message=f"{_told(job)} has {header[name]} columns named {name}, letter case disregarded",
                expected=f"one column {name}",
                received=",".join(job.tables[0].header)[:_SHOWN_CHARACTERS],
                job=job.name,
                exchanges=reproduction(job),
                key=f"{job.resource.name}:{name}",
                details={"twice": repeated[:_SHOWN]},
            )
        elif _asks_again(job):
            yield Finding(rule, "pass", job=job.name)


def _repeated(job: JobObservation, header: Counter[str], plain: set[str] | None) -> list[str]:
    """The names that stand in a header more often than they may.

    A type may list two fields whose names differ in case alone. A target names the columns of custom fields, and
    its own, as it likes: two may have one name. So a name is held against a job with custom fields only when it has
    more columns than it asked for, and against one without only when the type lists it.
    """
    listed = Counter(_plain(field) for field in {field.name for field in job.resource.fields})
    twice = [name for name, count in header.items() if name and count > max(listed[name], 1)]
    customs = set(job.request.custom_fields)
    if not customs:
        return [name for name in twice if name in listed]
    return twice if plain is not None and _added(job, header, plain) > len(customs) else []


def _asks_again(job: JobObservation) -> bool:
    fields, customs = [_plain(name) for name in job.request.fields], job.request.custom_fields
    again = len(set(fields)) < len(fields) or len(set(customs)) < len(customs)
    return again or any(_plain(field.name) in fields for field in job.resource.core)


@judges("fields/unaccepted-not-echoed")
def unaccepted(run: Run) -> Iterator[Finding | Vote]:
    """A name or id that nobody has is refused, or is missing from the 201 answer (facts:1.2).

    An answer without any echo tells of nothing that it was accepted.
    """
    rule = "fields/unaccepted-not-echoed"
    for probe in run.probes:
        for name, reading in _READINGS.items():
            unknown = _unknown(probe, name, run) if probe.rule == rule else frozenset()
            if unknown:
                told = _unaccepted(rule, probe, name, reading, unknown)
                # Whoever asks for what there may well be, learns nothing of what becomes of the unknown.
                yield from told if probe.reading else (each for each in told if isinstance(each, Finding))


def _unknown(probe: ProbeObservation, name: str, run: Run) -> frozenset[str]:
    """What the probe asks for and the type does not list, as plain text."""
    body = probe.body or {}
    resource = run.offer.resources.get(str(body.get("resourceType")))
    if resource is None:
        return frozenset()
    known = [field.name for field in resource.fields] if name == _FIELDS else resource.custom_fields
    return _texts(body.get(name)) - {_plain(each) for each in known}


def _unaccepted(
    rule: str, probe: ProbeObservation, name: str, reading: str, unknown: frozenset[str]
) -> Iterator[Finding | Vote]:
    status, numbers = probe.exchange.status, (probe.exchange.number,)
    if status is not None and status in range(400, 500) and status not in (401, 429):
        yield Vote(reading, frozenset({"refused"}), f"{probe.label} was answered {status}", exchanges=numbers)
        yield Finding(rule, "pass", exchanges=numbers)
        return
    if status is None or status not in range(200, 300):
        came = f"no answer ({probe.exchange.error})" if status is None else f"status {status}"
        message = f"what becomes of {probe.label} could not be told: {came}"
        yield Finding(rule, "doubt", message=message, exchanges=numbers, key=f"{name}:no-answer")
        return
    echoed = probe.exchange.object.get(name)
    told_back = sorted(_texts(echoed) & unknown)
    if not told_back:
        message = f"{probe.label} was answered {status}, and not told back"
        yield Vote(reading, frozenset({"dropped"}), message, exchanges=numbers)
        yield Finding(rule, "pass", exchanges=numbers)
        return
    yield Finding(
        rule,
        "fail",
        message=f"{probe.label} was answered {status}, and told back as if it were accepted",
        expected=f"{name} without {', '.join(told_back)} (letter case disregarded), or a 4xx status",
        received=f"{name} {echoed!r}"[:_SHOWN_CHARACTERS],
        exchanges=numbers,
        key=name,
    )


def _texts(value: Any) -> frozenset[str]:  # noqa: ANN401 - any JSON value
    """The names or ids of a list as plain texts; a text is read as a list with commas."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    return frozenset(_plain(each) for each in items if isinstance(each, (str, int)))


def _headers(run: Run) -> Iterator[tuple[JobObservation, Counter[str]]]:
    """Each job whose first file came, with how often each name stands in its header, in lower case.

    Left out are headers that are none: without any line, or, as csv/header judges, without any listed name; and
    those whose quoting is broken, which csv/well-formed judges.
    """
    for job in run.jobs:
        table = job.files[0].table if job.complete and job.files and job.files[0].delivered else None
        if table is None or not table.header or any(problem.line == 1 for problem in table.problems):
            continue
        names = Counter(_plain(name) for name in table.header)
        key = job.resource.key
        judged_elsewhere = key is not None and job.resource.field(key) is not None
        if not judged_elsewhere or any(_plain(field.name) in names for field in job.resource.fields):
            yield job, names


def _plain(name: object) -> str:
    return str(name).strip().lower()


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
