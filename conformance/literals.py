# ruff: noqa: ANN401, PLR0913 - bodies are any JSON, and a literal names all that differs from the plain case
"""Literal observations: a job, an exchange, a file or a run written down in a line, for tests of rules.

A rule is a pure function of a run, so a test of it needs no server: it says what was observed, and looks at the
findings. Everything here has a plain default (a job of Contacts that is Complete, whose links answer) and takes
what differs. Instants are in UTC; sizes are in bytes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..spec.offer import Field, Offer, Resource, format_instant
from .data import row_count
from .finding import Finding, Vote, registered
from .ledger import Ledger
from .observation import AccessObservation, Exchange, FileObservation, JobObservation, ProbeObservation, Run
from .request import JobRequest
from .table import parse
from .verdict import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .observation import Expectation, Purpose

THEN = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""When the literal jobs are created, by the suite's clock and by the target's."""

ROOT = "http://127.0.0.1:9/v4"
COLLECTION = f"{ROOT}/changedEntityExportJobs"
WINDOW = {"dateChangedFrom": "2026-11-10T00:00:00Z", "dateChangedTo": "2026-11-11T00:00:00Z"}
CONTACTS = Resource(
    "Contacts",
    "VanID",
    (Field("VanID", "N", core=True), Field("FirstName", "T", core=True), Field("Amount", "M", core=False)),
    (157,),
)
CODES = Resource(
    "ContactsActivistCodes",
    "ContactsActivistCodeID",
    (
        Field("ContactsActivistCodeID", "N", core=True),
        Field("VanID", "N", core=True),
        Field("ActivistCodeID", "N", core=True),
    ),
)
HEADER = "VanID,FirstName\r\n"
_LIFETIME = timedelta(days=20)
_POLL, _DOWNLOADS = 1, 10


def exchange(
    purpose: Purpose = "job", body: Any = None, status: int | None = 200, *, number: int = 1, **more: Any
) -> Exchange:
    """One exchange of that purpose. `body` is bytes, or a JSON value; `more` are properties of Exchange.

    `path` among them stands after the collection's address; an `error` leaves the status None unless it is named.
    """
    creation = purpose in ("create", "probe")
    at = more.pop("at", THEN)
    path = more.pop("path", "")
    values: dict[str, Any] = {
        "number": number,
        "purpose": purpose,
        "method": "POST" if creation else "GET",
        "url": f"{COLLECTION}{path}",
        "started": at,
        "ended": at,
        "account": "first",
        "status": 201 if creation and status == 200 else status,
        "headers": {"content-type": "application/json"},
        "body": body if isinstance(body, bytes) else json.dumps(body).encode(),
    }
    if more.get("error") is not None and status == 200:
        values["status"] = None
    return Exchange(**{**values, **more})


def file(
    content: str | bytes | None = f"{HEADER}1,Ann\r\n",
    index: int = 0,
    *,
    link: str | None = None,
    status: int | None = 200,
    error: str | None = None,
    authorized: bool = False,
    number: int = _DOWNLOADS,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    size: int | None = None,
) -> FileObservation:
    """One download of a link. Without content nothing was downloaded; `size` lets it be larger than the content.

    `body` is what came with another status than 200, as the exchange keeps it.
    """
    address = f"http://127.0.0.1:9/files/{_random_digits(index)}.csv" if link is None else link
    fetched = Exchange(
        number, "download", "GET", address, THEN, THEN, None, "none",
        status=status, error=error, body=body, headers=dict(headers or {}),
    )  # fmt: skip
    if content is None:
        return FileObservation(index, address, fetched, authorized=authorized)
    data = content.encode() if isinstance(content, str) else content
    length = len(data) if size is None else size
    return FileObservation(index, address, fetched, length, sha256(data).hexdigest(), parse(data), authorized)


def _random_digits(salt: object) -> str:
    """32 hexadecimal digits that look random, the same for the same salt."""
    return sha256(f"literal {salt}".encode()).hexdigest()[:32]


def answer(
    files: Iterable[FileObservation] = (),
    *,
    status: str = "Complete",
    count: Any = 0,
    expires: datetime | str | Sequence[Any] | None = THEN + _LIFETIME,
    identifier: int = 1,
    **more: Any,
) -> dict[str, Any]:
    """The JSON of an answer about a job. `expires` is one dateExpired for all files, or a list of one each."""
    listed = list(files)
    ends = list(expires) if isinstance(expires, (list, tuple)) else [expires] * len(listed)
    return {
        "exportJobId": identifier,
        "jobStatus": status,
        **WINDOW,
        "files": [
            {"downloadUrl": item.link, "dateExpired": format_instant(end) if isinstance(end, datetime) else end}
            for item, end in zip(listed, ends, strict=True)
        ],
        "exportedRecordCount": count,
        "code": None,
        "message": None,
        **more,
    }


def job(
    *contents: str | bytes | FileObservation,
    name: str = "job",
    identifier: int = 1,
    resource: Resource = CONTACTS,
    says: Mapping[str, Any] | None = None,
    count: Any = None,
    expires: datetime | str | Sequence[Any] | None = THEN + _LIFETIME,
    later: Sequence[Mapping[str, Any]] = (),
    number: int = 1,
    **more: Any,
) -> JobObservation:
    """A job that is Complete at its first poll, with these files: their contents, or what `file` made.

    `says` replaces properties of the final answer, and `count` its exportedRecordCount, which is the number of
    rows if left out. `later` are the properties that each later answer changes. `number` is the creation's; the
    poll's is the next one and the downloads' are ten more. In `more`, names of JobObservation set its
    properties; any other is a property of the creation's body.
    """
    files = tuple(_placed(content, index, identifier, number) for index, content in enumerate(contents))
    own = {key: more.pop(key) for key in tuple(more) if key in JobObservation.__dataclass_fields__}
    body = {"resourceType": resource.name, **WINDOW, **more}
    created = answer(status="Pending", identifier=identifier)
    draft = JobObservation(
        name, "first", resource, body, JobRequest.from_body(body),
        exchange("create", created, number=number), files=files, target_before=THEN, target_after=THEN,
    )  # fmt: skip
    rows = row_count(draft) if count is None else count
    final = {**answer(files, count=rows, expires=expires, identifier=identifier), **(says or {})}
    poll = exchange("job", final, number=number + _POLL, path=f"/{identifier}")
    told = tuple(
        exchange("job", {**final, **changed}, number=number + _POLL + place, path=f"/{identifier}")
        for place, changed in enumerate(later, start=1)
    )
    return replace(draft, **{"polls": (poll,), "later": told, **own})


def _placed(content: str | bytes | FileObservation, index: int, identifier: int, number: int) -> FileObservation:
    if isinstance(content, FileObservation):
        return replace(content, index=index)
    link = f"http://127.0.0.1:9/files/{_random_digits((identifier, index))}.csv"
    return file(content, index, link=link, number=number + _DOWNLOADS + index)


def access(rule: str, status: int | None, *, expected: int = 401, **more: Any) -> AccessObservation:
    """One request made for its status alone, a GET of the resource types; `more` are those of `exchange`.

    An Authorization header is in it unless `request_headers` says otherwise.
    """
    values = {"method": "GET", "path": "/resources", "request_headers": {"Authorization": "Basic eDp5"}, **more}
    label = values.pop("label", f"{values['method']} {values['path']}")
    # A creation that is asked for its status may answer 200 as well.
    return AccessObservation(rule, label, expected, replace(exchange("probe", **values), status=status))


def probe(
    rule: str,
    body: Mapping[str, Any],
    status: int | None = 201,
    says: Any = None,
    *,
    expectation: Expectation = "either",
    reading: str | None = None,
    label: str = "a creation",
    **more: Any,
) -> ProbeObservation:
    """One creation sent for its answer alone. `body` is laid over the plain one of Contacts; `says` is the answer."""
    sent = {"resourceType": CONTACTS.name, **WINDOW, **body}
    answered = {"exportJobId": 1} if says is None and status == 201 else says
    asked = exchange("probe", answered, status, request_body=json.dumps(sent).encode(), **more)
    return ProbeObservation(rule, label, expectation, asked, reading, sent)


def run(*jobs: JobObservation, **more: Any) -> Run:
    """A run that observed these jobs; `more` are properties of Run. Without a ledger it was judged from outside."""
    values: dict[str, Any] = {
        "offer": Offer({resource.name: resource for resource in (CONTACTS, CODES)}),
        "ledger": Ledger(),
        "exchanges": tuple(e for j in jobs for e in (j.create, *j.polls, *(f.exchange for f in j.files), *j.later)),
        "jobs": jobs,
    }
    return Run(**{**values, **more})


def findings(rule: str, observed: Run) -> list[Finding]:
    """What the judges of a rule say of it."""
    load_rules()
    said = (found for function in registered().get(rule, ()) for found in function(observed))
    return [found for found in said if isinstance(found, Finding) and found.rule == rule]


def outcomes(rule: str, observed: Run) -> set[str]:
    """The outcomes of those findings: pass, fail, doubt; empty when the rule was not tried."""
    return {found.outcome for found in findings(rule, observed)}


def votes(reading: str, observed: Run) -> set[str]:
    """The values of a reading that every judge's votes leave together, comma-separated; one item a vote."""
    load_rules()
    functions = {function: None for found in registered().values() for function in found}
    said = (found for function in functions for found in function(observed))
    return {",".join(sorted(found.values)) for found in said if isinstance(found, Vote) and found.reading == reading}
