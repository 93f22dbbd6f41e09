"""Judges one recorded answer against spec/openapi.yaml, with openapi-core; jsonschema explains what is wrong.

Only the answer is judged, never the request: requests may be wrong on purpose.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.response.exceptions import InvalidData
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from ..spec import catalogue
from ..spec.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.exceptions import ValidationError

    from .observation import Exchange

Kind = Literal["body", "media-type", "undeclared-status", "not-json", "error-envelope"]

CREATE = "createChangedEntityExportJob"
JOB = "getChangedEntityExportJob"
RESOURCES = "listChangedEntityResources"
FIELDS = "listChangedEntityFields"
CHANGE_TYPES = "listChangedEntityChangeTypes"

_LONGEST_VALUE = 120
_HOST = "http://target"
_FORMAT_MEANINGS = {
    "export-timestamp": "a timestamp with Z or an offset, such as 2026-11-08T10:15:54.00Z",
    "uri": "an absolute http or https URL",
    "int64": "a whole number of 64 bits",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an answer.

    `pointer` is a JSON pointer into the body, empty for the whole of it. `key` is the same for the same kind
    of problem in another answer or at another index of an array.
    """

    kind: Kind
    pointer: str
    expected: str
    received: str
    key: str

    def __str__(self) -> str:
        """Tell place, offending value and bound in one line."""
        return f"{self.pointer or 'the answer'}: expected {self.expected}, received {self.received}"


@dataclass(frozen=True)
class SchemaVerdict:
    """What is wrong with one answer. `operation` is None when the document describes no such operation."""

    operation: str | None
    problems: tuple[Problem, ...] = ()


@dataclass
class _Request:
    """What openapi-core asks of a request; the path is the document's own, already matched."""

    method: str
    path_pattern: str
    host_url: str = _HOST
    content_type: str = ""
    body: bytes | None = None
    parameters: RequestParameters = field(default_factory=RequestParameters)

    @property
    def path(self) -> str:
        """The path, as the document writes it."""
        return self.path_pattern


@dataclass(frozen=True)
class _Response:
    """What openapi-core asks of a response. The media type is judged apart, so a body is always JSON here."""

    status_code: int
    data: bytes
    headers: Mapping[str, str]
    content_type: str = "application/json"


@cache
def _openapi() -> OpenAPI:
    """The document, its server replaced by one that adds nothing to a path."""
    document = {**catalogue.document("openapi.yaml"), "servers": [{"url": "/"}]}
    return OpenAPI.from_dict(document, config=Config(extra_format_validators=dict(FORMATS)))


@cache
def _routes() -> tuple[tuple[re.Pattern[str], str, Mapping[str, str]], ...]:
    """Every path: its pattern, how the document writes it, operation ids by method. Fixed paths first."""
    return tuple(
        (
            re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))),
            path,
            {method.upper(): item["operationId"] for method, item in methods.items()},
        )
        for path, methods in sorted(catalogue.document("openapi.yaml")["paths"].items(), key=_placeholders)
    )


def _placeholders(path_and_item: tuple[str, Any]) -> int:
    return path_and_item[0].count("{")


def operation_of(method: str, url: str, api_root: str) -> tuple[str | None, str]:
    """Return the operation's id and its path as the document writes it; the id is None when there is none."""
    tail = urlsplit(url)._replace(query="", fragment="").geturl().removeprefix(api_root.rstrip("/"))
    for pattern, path, operations in _routes():
        if pattern.fullmatch(tail):
            return operations.get(method.upper()), path
    return None, tail


def judge_exchange(exchange: Exchange, api_root: str, *, fold: bool = True) -> SchemaVerdict:
    """Judge one answer by its operation's declaration. An exchange without an answer has no problems.

    `fold` keeps the first of problems with the same key, such as one of every item of a list.
    """
    operation, path = operation_of(exchange.method, exchange.url, api_root)
    if exchange.status is None or operation is None:
        return SchemaVerdict(operation)
    refused = 400 <= exchange.status < 500
    problems = (_envelope_problems if refused else _success_problems)(exchange, operation, path)
    return SchemaVerdict(operation, tuple(_folded(problems) if fold else problems))


def _folded(problems: Iterator[Problem]) -> Iterator[Problem]:
    """The first problem of each key."""
    seen: set[str] = set()
    for problem in problems:
        if problem.key not in seen:
            seen.add(problem.key)
            yield problem


def media_type_problem(exchange: Exchange) -> Problem | None:
    """Return what is wrong with the media type of a successful answer; parameters are allowed (rfc9110)."""
    told = exchange.headers.get("content-type")
    if told is not None and told.split(";", 1)[0].strip().lower() == "application/json":
        return None
    return Problem(
        "media-type",
        "",
        expected="Content-Type: application/json",
        received="no Content-Type header" if told is None else f"Content-Type: {told}",
        key="media-type",
    )


def json_problem(exchange: Exchange) -> Problem | None:
    """Return why the body is no JSON, or None. NaN and Infinity are not, though Python reads them."""
    try:
        json.loads(exchange.body, parse_constant=_refuse)
    except RecursionError:
        return Problem("not-json", "", "a JSON text of sane depth", "one nested too deeply to be read", "not-json")
    except ValueError as error:
        text = exchange.body[:_LONGEST_VALUE].decode(errors="replace")
        return Problem("not-json", "", "a JSON text", f"{text!r} ({error})" if text else "nothing", "not-json")
    return None


def _refuse(constant: str) -> None:
    message = f"{constant} is not JSON"
    raise ValueError(message)


def _success_problems(exchange: Exchange, operation: str, path: str) -> Iterator[Problem]:
    declared = catalogue.document("openapi.yaml")["paths"][path][exchange.method.lower()]["responses"]
    if str(exchange.status) not in declared:
        expected = f"status {' or '.join(status for status in declared if status.startswith('2'))}"
        received = f"status {exchange.status}"
        yield Problem("undeclared-status", "", expected, received, f"{operation}:undeclared-status")
        return
    media_type = media_type_problem(exchange)
    if media_type is not None:
        yield media_type
    malformed = json_problem(exchange)
    if malformed is not None:
        yield malformed
        return
    body = _without_repeats(exchange) if operation == CREATE else exchange.body
    yield from _body_problems(exchange, operation, path, body, "body")


def _envelope_problems(exchange: Exchange, operation: str, path: str) -> Iterator[Problem]:
    malformed = json_problem(exchange)
    if malformed is not None:
        key = f"{operation}:error-envelope:not-json"
        yield Problem("error-envelope", "", "a JSON object with errors", malformed.received, key)
        return
    yield from _body_problems(exchange, operation, path, exchange.body, "error-envelope")


def _body_problems(exchange: Exchange, operation: str, path: str, body: bytes, kind: Kind) -> Iterator[Problem]:
    assert exchange.status is not None  # noqa: S101 - callers judge answers only
    request = _Request(exchange.method.lower(), path)
    try:
        _openapi().validate_response(request, _Response(exchange.status, body, exchange.headers))
    except InvalidData as error:
        if not isinstance(error.__cause__, InvalidSchemaValue):
            raise
        for schema_error in error.__cause__.schema_errors:
            yield explain(cast("ValidationError", schema_error), f"{operation}:{kind}", kind)


def _without_repeats(exchange: Exchange) -> bytes:
    """The body without what it repeats from the request to the letter.

    A target may take an odd value (a number in quotes, say) and tell it back as it came. The echo is then
    true, and its type is the request's doing.
    """
    answer = json.loads(exchange.body)
    try:
        sent = json.loads(exchange.request_body or b"")
    except (ValueError, RecursionError):
        return exchange.body
    if not isinstance(answer, dict) or not isinstance(sent, dict):
        return exchange.body
    known = catalogue.document("openapi.yaml")["components"]["schemas"]["ExportJobRequest"]["properties"]
    # Compared as text, since Python holds 1, 1.0 and true for the same.
    repeats = {
        name for name in known if name in answer and name in sent and json.dumps(answer[name]) == json.dumps(sent[name])
    }
    if not repeats:
        return exchange.body
    return json.dumps({name: value for name, value in answer.items() if name not in repeats}).encode()


def explain(error: ValidationError, prefix: str, kind: Kind) -> Problem:
    """Turn a schema error into a problem with its place, its bound and what was there."""
    steps = list(error.absolute_path)
    place = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
    general = "".join("/*" if isinstance(step, int) else f"/{step}" for step in steps)
    key = f"{prefix}:{error.validator}:{general}"
    bound: Any = error.validator_value
    if error.validator == "required":
        missing = next(name for name in bound if f"{name!r} is" in error.message)
        instance: Any = error.instance
        there = ", ".join(instance) or "no property at all"
        return Problem(kind, place, f"a property {missing}", f"an object with {there}", f"{key}/{missing}")
    expected = {
        "type": lambda: " or ".join([bound] if isinstance(bound, str) else bound),
        "enum": lambda: f"one of {', '.join(map(str, bound))}",
        "format": lambda: _FORMAT_MEANINGS.get(bound, f"format {bound}"),
        "minimum": lambda: f"at least {bound}",
        "maximum": lambda: f"at most {bound}",
        "minLength": lambda: f"a text of at least {bound} characters",
        "minItems": lambda: f"an array of at least {bound} items",
    }.get(str(error.validator), lambda: f"{error.validator} {_shown(bound)}")()
    return Problem(kind, place, expected, _shown(error.instance), key)


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as JSON, cut where it becomes unreadable."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}… ({len(text)} characters)"
