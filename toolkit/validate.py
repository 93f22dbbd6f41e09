"""`schema validate`: one body, or the bodies of a recording, against the document and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..conformance.observation import Exchange
from ..conformance.schema_judge import CHANGE_TYPES, CREATE, FIELDS, JOB, RESOURCES, judge_exchange
from ..spec import catalogue
from ..spec.offer import parse_instant
from .answers import creation_remarks, job_remarks
from .har import COLLECTION, Recorded, is_har, recorded
from .reading import read_json, read_text
from .remark import BadInput, Remark, is_valid
from .request_body import judge_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ..conformance.schema_judge import Problem
    from .remark import Level

OPERATIONS: Mapping[str, tuple[str, str, str]] = {
    "create": (CREATE, "POST", COLLECTION),
    "job": (JOB, "GET", f"{COLLECTION}/1"),
    "resources": (RESOURCES, "GET", f"{COLLECTION}/resources"),
    "fields": (FIELDS, "GET", f"{COLLECTION}/fields/Contacts"),
    "changeTypes": (CHANGE_TYPES, "GET", f"{COLLECTION}/changeTypes/Contacts"),
}
"""The five operations by the short name that a user may write for their operationId."""

_RULES: Mapping[str, str] = {
    CREATE: "schema/create", JOB: "schema/job", RESOURCES: "schema/resources", FIELDS: "schema/fields",
    CHANGE_TYPES: "schema/change-types",
}  # fmt: skip
_CODES = {
    "body": "wrong-body",
    "error-envelope": "wrong-error-envelope",
    "media-type": "wrong-media-type",
    "undeclared-status": "undeclared-status",
    "not-json": "not-json",
}


@dataclass(frozen=True)
class Report:
    """What was judged, in words, and what is to be said of it."""

    judged: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def valid(self) -> bool:
        """True when nothing is an error."""
        return is_valid(self.remarks)


def validate_request(path: str | Path, *, now: datetime | None = None) -> Report:
    """Judge a creation body, or every request of a HAR file, by the document and the catalogue's rules.

    `now` is the server's present, by which the 90 days are counted: the present when absent, and for a HAR file the
    instant at which each request was recorded. Raises BadInput when the file is no JSON, or a HAR file without
    requests to this API or without their bodies.
    """
    name = str(path)
    value = read_json(path)
    if not is_har(value):
        text = read_text(path)
        return Report((f"{name} as the body of a {CREATE} request",), _of(judge_text(text, now or _present(), name)))
    entries = recorded(value, name)
    told = [one for one in entries if one.request_recorded]
    creations = [one for one in entries if one.operation == CREATE]
    if creations and not any(one.request_recorded for one in creations):
        raise BadInput(
            f"{name}: {creations[0].name} has no body in the HAR file, and neither has any other creation. "
            "Record it with bodies, such as with the browser's 'Save all as HAR with content'."
        )
    remarks: list[Remark] = []
    for one in entries:
        remarks += _request_remarks(one, name, now or one.exchange.started)
    return Report(tuple(f"{name} {one.name}" for one in told), _of(remarks))


def validate_response(
    path: str | Path, *, operation: str | None = None, status: int | None = None, now: datetime | None = None
) -> Report:
    """Judge the body of an answer, or every answer of a HAR file, by the document and the catalogue's rules.

    `operation` is an operationId of the document or its short name (`create`, `job`, `resources`, `fields`,
    `changeTypes`), and `status` the answer's; both are guessed from the body when absent. `now` is as in
    `validate_request`. Raises BadInput when the file is no JSON, the operation cannot be guessed, or a HAR file holds
    no answer of this API with its body.
    """
    name = str(path)
    value = read_json(path)
    if is_har(value):
        return _validate_recording(value, name, now)
    short, guessed = _short_name(operation) or _guess(value, name)
    declared, method, route = OPERATIONS[short]
    status = status or _status(value, short)
    exchange = _exchange(method, route, status, read_text(path).encode())
    because = f", as {guessed}; --operation and --status say otherwise" if guessed else ""
    judged = f"{name} as the {status} answer to {declared}{because}"
    return Report((judged,), _of(response_remarks(exchange, "http://target", declared, name)))


def response_remarks(exchange: Exchange, api_root: str, operation: str, file: str) -> Iterator[Remark]:
    """What is wrong with one answer, by the document. The operation is that of the exchange."""
    status = exchange.status
    if status is None:
        return
    if status >= 500:
        yield Remark("server-error", "error", "the server failed", file, expected="a status below 500",
                     received=f"status {status}", rule="schema/no-server-error")  # fmt: skip
        return
    found = judge_exchange(exchange, api_root, fold=False).problems
    # The state that a job is in says the same again, and more strictly, of properties that any job has.
    problems = {(problem.key, problem.pointer): problem for problem in found}.values()
    for problem in problems:
        rule = _RULES[operation]
        if problem.kind == "error-envelope":
            rule = "schema/error-envelope"
        elif problem.kind in ("media-type", "not-json"):
            rule = "schema/json-media-type"
        yield _remark(problem, rule, file, f"the {status} answer to {operation}")
    readable = all(problem.kind != "not-json" for problem in problems)
    if readable and operation in (CREATE, JOB) and status < 300:
        yield from job_remarks(exchange.json, file)


def _validate_recording(value: dict[str, Any], name: str, now: datetime | None) -> Report:
    entries = recorded(value, name)
    told = [one for one in entries if one.response_recorded and one.exchange.status is not None]
    if not told:
        raise BadInput(
            f"{name}: {entries[0].name} has no answer with a body in the HAR file, and neither has any other. "
            "Record it with bodies, such as with the browser's 'Save all as HAR with content'."
        )
    remarks: list[Remark] = []
    for one in entries:
        if one not in told:
            remarks.append(Remark("not-recorded", "warning", f"{one.name}: the answer's body was not recorded", name))
            continue
        found = [
            *response_remarks(one.exchange, one.api_root, one.operation, name),
            *(creation_remarks(one.exchange, now or one.exchange.started, name) if one.operation == CREATE else ()),
        ]
        remarks += [_at(remark, one) for remark in found]
    return Report(tuple(f"{name} {one.name}" for one in told), _of(remarks))


def _request_remarks(one: Recorded, name: str, now: datetime) -> Iterator[Remark]:
    if not one.request_recorded:
        yield Remark("not-recorded", "warning", f"{one.name}: the request's body was not recorded", name)
        return
    if one.operation == CREATE:
        body = one.exchange.request_body or b""
        try:
            found = judge_text(body.decode("utf-8"), now, name)
        except UnicodeDecodeError:
            found = [Remark("not-json", "error", "the body is not UTF-8", name, pointer="", expected="a JSON object",
                            received="bytes that are not UTF-8", rule="validation/json-well-formed")]  # fmt: skip
        yield from (_at(remark, one) for remark in found)
        media = one.exchange.request_headers.get("content-type", "")
        if media and media.split(";")[0].strip().lower() != "application/json":
            yield _at(Remark("media-type", "warning", "the body is sent with another media type", name,
                             expected="Content-Type: application/json", received=f"Content-Type: {media}",
                             rule="validation/odd-input"), one)  # fmt: skip
    elif one.operation == JOB:
        segment = one.exchange.url.partition("?")[0].rpartition("/")[2]
        if not (segment.isascii() and segment.isdigit() and 0 < int(segment) < 2**63):
            yield _at(Remark("wrong-type", "error", "the path's exportJobId is no job id", name,
                             expected="a whole number from 1 on", received=segment), one)  # fmt: skip


def _at(remark: Remark, one: Recorded) -> Remark:
    """A remark with the entry that it is about in its message."""
    return Remark(**{**vars(remark), "message": f"{one.name}: {remark.message}"})


def _remark(problem: Problem, rule: str, file: str, what: str) -> Remark:
    known = catalogue.rules()[rule]
    level: Level = "error" if known.level == "MUST" or problem.kind == "undeclared-status" else "warning"
    message = {
        "body": f"{what} has another shape than documented",
        "error-envelope": f"{what} has no documented error envelope",
        "media-type": f"{what} does not say that it is JSON",
        "undeclared-status": f"{what} has a status that is not documented",
        "not-json": f"{what} is no JSON",
    }[problem.kind]
    return Remark(
        _CODES[problem.kind], level, message, file, pointer=problem.pointer,
        expected=problem.expected, received=problem.received, rule=rule,
    )  # fmt: skip


def _short_name(operation: str | None) -> tuple[str, str] | None:
    if operation is None:
        return None
    for short, (declared, _, _) in OPERATIONS.items():
        if operation in (short, declared):
            return short, ""
    raise BadInput(f"There is no operation {operation!r}. Write one of: {', '.join(OPERATIONS)}.")


def _guess(value: Any, name: str) -> tuple[str, str]:  # noqa: ANN401 - any JSON value
    """Tell which operation an answer's body is of, and from what. Raises BadInput where it could be several."""
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "resources", "a list of names"
        names = {str(key).lower() for item in value if isinstance(item, dict) for key in item}
        if names & {"fieldname", "fieldtype", "iscorefield"}:
            return "fields", "a list of fields"
        if names & {"changetypeid", "changetypename"}:
            return "changeTypes", "a list of change types"
    if isinstance(value, dict):
        if "errors" in value:
            return "create", "an error envelope"
        if "jobStatus" in value:
            return "job", "an object with jobStatus"
        if "exportJobId" in value:
            return "create", "an object with exportJobId and no jobStatus"
    raise BadInput(
        f"{name} does not show which answer it is: it has none of exportJobId, jobStatus, errors, fieldName and "
        f"changeTypeID, and is no list of names. Say it with --operation, one of: {', '.join(OPERATIONS)}."
    )


def _status(value: object, short: str) -> int:
    if isinstance(value, dict) and "errors" in value:
        return 400
    return 201 if short == "create" else 200


def _exchange(method: str, route: str, status: int, body: bytes) -> Exchange:
    now = _present()
    return Exchange(
        number=1, purpose="create" if method == "POST" else "job", method=method, url=f"http://target{route}",
        started=now, ended=now, status=status, headers={"content-type": "application/json"}, body=body,
    )  # fmt: skip


def parse_now(text: str) -> datetime:
    """Read the instant that a user names as the present; raises BadInput when it is none."""
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        raise BadInput(f"{text!r} is no instant. Write one such as 2026-11-23T08:00:00Z.") from None


def _present() -> datetime:
    return datetime.now(UTC)


def _of(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    return tuple(dict.fromkeys(remarks))
