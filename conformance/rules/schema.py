"""The schema family: every answer has the documented shape, and no request makes the server fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..finding import Finding, judges
from ..schema_judge import (
    CHANGE_TYPES,
    CREATE,
    FIELDS,
    JOB,
    RESOURCES,
    Problem,
    json_problem,
    judge_exchange,
    media_type_problem,
    operation_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..observation import Exchange, Run

_COLLECTION = "/changedEntityExportJobs"
_RULES: Mapping[str, str] = {
    CREATE: "schema/create",
    JOB: "schema/job",
    RESOURCES: "schema/resources",
    FIELDS: "schema/fields",
    CHANGE_TYPES: "schema/change-types",
}
_PROMISED = frozenset({RESOURCES, FIELDS, CHANGE_TYPES})
# Refusals that say nothing of the shape: credentials, permission and pace are judged elsewhere or not at all.
_EXCUSED = frozenset({401, 403, 429})
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_LARGE_BODY = 64 * 1024


@judges("schema/create", "schema/job", "schema/resources", "schema/fields", "schema/change-types")
def shapes(run: Run) -> Iterator[Finding]:
    """Every successful answer has its operation's shape, and the lists are there (response.1)."""
    listed = _listed_types(run)
    for exchange in _api_exchanges(run):
        operation, _ = operation_of(exchange.method, exchange.url, _api_root(exchange))
        if operation is None or exchange.status is None:
            continue
        rule = _RULES[operation]
        if exchange.status == (201 if operation == CREATE else 200):
            problems = judge_exchange(exchange, _api_root(exchange)).problems
            shape = [problem for problem in problems if problem.kind != "media-type"]
            yield from _findings(rule, exchange, shape)
        elif operation in _PROMISED and _was_due(exchange, operation, listed):
            problem = Problem("undeclared-status", "", "status 200", f"status {exchange.status}", f"{operation}:status")
            yield from _findings(rule, exchange, [problem])


@judges("schema/error-envelope")
def error_envelope(run: Run) -> Iterator[Finding]:
    """Every refusal is a JSON object whose errors have a code and a text (facts:2)."""
    for exchange in _api_exchanges(run):
        if exchange.status is None or not _CLIENT_ERROR <= exchange.status < _SERVER_ERROR:
            continue
        verdict = judge_exchange(exchange, _api_root(exchange))
        if verdict.operation is not None:
            yield from _findings("schema/error-envelope", exchange, verdict.problems)


@judges("schema/json-media-type")
def json_media_type(run: Run) -> Iterator[Finding]:
    """Every successful answer says that it is JSON, and is (response.1, rfc9110)."""
    for exchange in _api_exchanges(run):
        operation, _ = operation_of(exchange.method, exchange.url, _api_root(exchange))
        if operation is None or exchange.status not in range(200, 300):
            continue
        problems = (media_type_problem(exchange), json_problem(exchange))
        yield from _findings("schema/json-media-type", exchange, [p for p in problems if p is not None])


@judges("schema/no-server-error")
def no_server_error(run: Run) -> Iterator[Finding]:
    """No request is answered with a 5xx status, and no API connection breaks off (rfc9110)."""
    rule = "schema/no-server-error"
    for exchange in run.exchanges:
        if exchange.purpose == "control":
            continue
        what = f"{exchange.method} ({exchange.purpose})"
        if exchange.status is not None and exchange.status >= _SERVER_ERROR:
            yield Finding(
                rule,
                "fail",
                message=f"{what} made the server fail: it answered with status {exchange.status}",
                expected="a status below 500",
                received=f"status {exchange.status}",
                exchanges=(exchange.number,),
                key=f"{exchange.method}:{exchange.purpose}:{exchange.status}",
            )
        elif exchange.status is not None:
            yield Finding(rule, "pass", exchanges=(exchange.number,))
        elif exchange.purpose != "download" and exchange.error == "disconnected":
            # Who refuses a large body need not read it to its end, and the client may then miss the answer.
            if len(exchange.request_body or b"") > _LARGE_BODY:
                continue
            yield Finding(
                rule,
                "fail",
                message=f"{what} made the server break the connection off before it answered",
                expected="an answer",
                received="a closed connection",
                exchanges=(exchange.number,),
                key=f"{exchange.method}:{exchange.purpose}:disconnected",
            )
        elif exchange.purpose != "download" and exchange.error == "timeout":
            yield Finding(
                rule,
                "doubt",
                message=f"{what} was not answered in time, for which a slow network is as good a reason",
                exchanges=(exchange.number,),
                key=f"{exchange.method}:{exchange.purpose}:timeout",
            )


def _api_exchanges(run: Run) -> Iterator[Exchange]:
    """The exchanges with the API itself: no downloads, no test control."""
    return (e for e in run.exchanges if e.purpose not in ("download", "control"))


def _api_root(exchange: Exchange) -> str:
    """What stands before the collection in the exchange's URL."""
    return exchange.url.partition(_COLLECTION)[0]


def _listed_types(run: Run) -> frozenset[tuple[str | None, str]]:
    """Each account with each resource type that it was ever told of."""
    return frozenset(
        (exchange.account, name)
        for exchange in _api_exchanges(run)
        if exchange.purpose == "resources" and exchange.status == 200
        for name in (exchange.json if isinstance(exchange.json, list) else ())
        if isinstance(name, str)
    )


def _was_due(exchange: Exchange, operation: str, listed: frozenset[tuple[str | None, str]]) -> bool:
    """Tell whether this request for a list deserved a 200: valid credentials, and a type that was listed."""
    status = exchange.status
    if exchange.credentials != "valid" or status is None or status >= _SERVER_ERROR or status in _EXCUSED:
        return False
    return operation == RESOURCES or (exchange.account, exchange.url.rpartition("/")[2]) in listed


def _findings(rule: str, exchange: Exchange, problems: Iterable[Problem]) -> Iterator[Finding]:
    """One failure a problem, or one pass."""
    problems = tuple(problems)
    what = f"{exchange.method} ({exchange.purpose})"
    if not problems:
        yield Finding(rule, "pass", exchanges=(exchange.number,))
    for problem in problems:
        yield Finding(
            rule,
            "fail",
            message=f"{what} was answered {exchange.status} with {_told(problem)}",
            expected=problem.expected,
            received=problem.received,
            exchanges=(exchange.number,),
            key=problem.key,
            details={"pointer": problem.pointer, "kind": problem.kind},
        )


def _told(problem: Problem) -> str:
    if problem.kind == "undeclared-status":
        return f"a status that is not the documented one: expected {problem.expected}"
    if problem.kind == "media-type":
        return f"the wrong media type: {problem}"
    if problem.kind == "not-json":
        return f"a body that is not JSON: {problem}"
    return f"a body of another shape: {problem}"
