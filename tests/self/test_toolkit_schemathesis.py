"""The Schemathesis checks, called by hand on single requests: each fails for its fault, and none for the reference."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis

from exportproof.reference import embedded
from exportproof.spec import catalogue
from exportproof.spec.offer import format_instant
from exportproof.toolkit import schemathesis_checks as checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Send = "Callable[[dict[str, Any]], tuple[Any, Any]]"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Know no target of another test, and close the connections to those of this one."""
    known: dict[Any, Any] = {}
    monkeypatch.setattr(checks, "_TARGETS", known)
    yield
    for target in known.values():
        if target.bench is not None:
            target.bench.close()


@pytest.fixture
def sender(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], Any]]:
    """Sends a body to the reference, broken as the test says, and returns the response and the case."""
    with embedded(fault=request.param) as server:
        monkeypatch.setenv(checks.CONTROL, server.control_url)
        document = deepcopy(catalogue.document("openapi.yaml"))
        operation = schemathesis.openapi.from_dict(document)["/changedEntityExportJobs"]["POST"]

        def send(body: Any, *, repair: bool = False) -> tuple[Any, Any]:
            case = operation.Case(body=body, media_type="application/json")
            kwargs = {"base_url": server.url, "auth": server.accounts[0]}
            if repair:
                checks.before_call(None, case, kwargs)
            return case.call(base_url=server.url, auth=server.accounts[0]), case

        yield send


def body(days: float = 7, **options: Any) -> dict[str, Any]:
    start = format_instant(datetime.now(UTC) - timedelta(days=days), digits=2)
    return {"resourceType": "Contacts", "dateChangedFrom": start, **options}


def failed(check: Any, response: Any, case: Any) -> str:
    """What a check says, empty when it passes."""
    try:
        check(None, response, case)
    except AssertionError as error:
        return str(error)
    return ""


ALL = (checks.exportproof_document, checks.exportproof_validation, checks.exportproof_export)


@pytest.mark.parametrize("sender", [None], indirect=True)
def test_the_reference_passes(sender: Callable[..., Any]) -> None:
    bodies = [
        body(),
        body(requestedFields=["Prefix"], includeInactive=True),
        body(days=95),
        body(fileSizeKbLimit=999),
        body(fileSizeKbLimit=None),
        {"resourceType": "Contacts"},
        {},
    ]
    for one in bodies:
        response, case = sender(one)
        assert [failed(check, response, case) for check in ALL] == ["", "", ""], one
    (target,) = checks._TARGETS.values()
    assert target.bench is not None
    assert [job.complete for job in target.bench.session.jobs] == [True, True]
    assert all(job.tables[0].rows for job in target.bench.session.jobs)


@pytest.mark.parametrize(
    ("sender", "given", "check", "says"),
    [
        ("has-no-largest-limit", body(fileSizeKbLimit=100_001), 1, "validation/limit-maximum"),
        ("wants-more-than-the-smallest-limit", body(fileSizeKbLimit=1000), 1, "validation/legal-accepted"),
        ("clamps-limits", body(fileSizeKbLimit=100_001), 0, "creation/echo-true"),
        ("counts-one-too-many", body(), 2, "counts/equals-rows"),
        ("leaves-quotes-bare", body(days=85), 2, "csv/well-formed"),
    ],
    indirect=["sender"],
)
def test_a_fault_fails_a_check(sender: Callable[..., Any], given: Any, check: int, says: str) -> None:
    response, case = sender(given)
    assert says in failed(ALL[check], response, case)


@pytest.mark.parametrize("sender", [None], indirect=True)
def test_a_generated_body_is_made_one_that_the_target_takes(sender: Callable[..., Any]) -> None:
    response, _ = sender({"dateChangedFrom": "0253-01-01T00:00:00Z", "resourceType": "x"}, repair=True)
    assert response.status_code == 201
    response, _ = sender({"dateChangedFrom": "x", "resourceType": "x", "fileSizeKbLimit": 100_001}, repair=True)
    assert response.status_code == 400
    assert b"fileSizeKbLimit" in response.content


@pytest.mark.parametrize("sender", [None], indirect=True)
def test_what_the_schema_alone_holds_against_a_server_is_dropped(sender: Callable[..., Any]) -> None:
    negative = type("AcceptedNegativeData", (Exception,), {})()
    positive = type("RejectedPositiveData", (Exception,), {})()
    other = type("ServerError", (Exception,), {})()
    for given, kept in (
        (body(contactMode=None), [False, False]),
        (body(fileSizeKbLimit=1), [True, False]),
        (body(), [False, True]),
    ):
        response, case = sender(given)
        assert [checks.filter_failure(None, one, case, response) for one in (negative, positive)] == kept
        assert checks.filter_failure(None, other, case, response)


def test_a_target_that_tells_nothing_is_left_to_schemathesis() -> None:
    target = checks._of("http://127.0.0.1:9/v4", None)
    assert (target.bench, target.repair) == (None, None)
