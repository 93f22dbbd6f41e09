"""The schema family, rule by rule, on literal exchanges."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from exportproof.conformance.finding import Finding, registered
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.observation import Exchange, Run
from exportproof.conformance.rules import schema
from exportproof.conformance.verdict import fold
from exportproof.spec.offer import Offer

THEN = datetime(2026, 11, 23, 8, tzinfo=UTC)
COLLECTION = "http://127.0.0.1:9/v4/changedEntityExportJobs"
CREATED = {"exportJobId": 7, "jobStatus": "Pending"}
ENVELOPE = {"errors": [{"code": "BAD_REQUEST", "text": "No."}]}
FIELD = {"fieldName": "VanID", "fieldType": "N", "isCoreField": True}


def exchange(purpose: Any, body: Any = None, status: int | None = None, path: str = "", **more: Any) -> Exchange:
    """An exchange of that purpose; a creation or probe is a POST answered 201, the others a GET answered 200."""
    creation = purpose in ("create", "probe")
    values: dict[str, Any] = {
        "number": 1,
        "purpose": purpose,
        "method": "POST" if creation else "GET",
        "url": f"{COLLECTION}{path}",
        "started": THEN,
        "ended": THEN,
        "account": "first",
        "status": (201 if creation else 200) if status is None and "error" not in more else status,
        "headers": {"content-type": "application/json"},
        "body": body if isinstance(body, bytes) else json.dumps(body).encode(),
    }
    return Exchange(**{**values, **more})


def judged(rule: str, *exchanges: Exchange) -> list[Finding]:
    """What a rule says of a run with these exchanges."""
    run = Run(Offer(), Ledger(), exchanges=exchanges)
    said = (found for function in registered()[rule] for found in function(run))
    return [found for found in said if isinstance(found, Finding) and found.rule == rule]


def outcomes(rule: str, *exchanges: Exchange) -> list[str]:
    """The outcomes of those findings."""
    return [found.outcome for found in judged(rule, *exchanges)]


RESOURCES = exchange("resources", ["Contacts"], path="/resources")


def test_the_module_judges_its_whole_family() -> None:
    family = {rule for rule, functions in registered().items() if schema.shapes in functions} | {
        "schema/error-envelope",
        "schema/json-media-type",
        "schema/no-server-error",
    }
    assert {rule for rule in registered() if rule.startswith("schema/")} == family
    assert len(family) == 8


@pytest.mark.parametrize(
    ("rule", "conforming", "broken"),
    [
        ("schema/create", exchange("create", CREATED), exchange("create", {"exportJobId": "7"})),
        ("schema/create", exchange("probe", CREATED), exchange("probe", b"")),
        ("schema/job", exchange("job", CREATED, path="/7"), exchange("job", {"exportJobId": 7}, path="/7")),
        ("schema/resources", RESOURCES, exchange("resources", {"items": []}, path="/resources")),
        (
            "schema/fields",
            exchange("fields", [FIELD], path="/fields/Contacts"),
            exchange("fields", ["VanID"], path="/fields/Contacts"),
        ),
        (
            "schema/change-types",
            exchange("changeTypes", [{"ChangeTypeID": 1}], path="/changeTypes/Contacts"),
            exchange("changeTypes", ["Created"], path="/changeTypes/Contacts"),
        ),
        (
            "schema/error-envelope",
            exchange("probe", ENVELOPE, 400),
            exchange("probe", {"message": "No."}, 400),
        ),
        (
            "schema/json-media-type",
            exchange("create", CREATED, headers={"content-type": "application/json; charset=utf-8"}),
            exchange("create", CREATED, headers={"content-type": "text/plain"}),
        ),
        ("schema/json-media-type", RESOURCES, exchange("resources", b"Contacts", path="/resources")),
        ("schema/no-server-error", exchange("probe", ENVELOPE, 400), exchange("probe", ENVELOPE, 500)),
        ("schema/no-server-error", exchange("download"), exchange("download", status=503)),
        ("schema/no-server-error", RESOURCES, exchange("job", path="/7", error="disconnected")),
    ],
)
def test_conforming_passes_and_broken_fails(rule: str, conforming: Exchange, broken: Exchange) -> None:
    assert outcomes(rule, conforming) == ["pass"]
    (failure,) = fold(judged(rule, broken))
    assert failure.outcome == "fail"
    assert failure.exchanges == (1,)
    assert failure.message
    assert failure.expected
    assert failure.received


def test_a_wrong_media_type_is_told_once() -> None:
    wrong = exchange("job", CREATED, path="/7", headers={"content-type": "text/html"})
    assert outcomes("schema/job", wrong) == ["pass"]
    assert outcomes("schema/json-media-type", wrong) == ["fail"]


@pytest.mark.parametrize("purpose", ["create", "probe"])
@pytest.mark.parametrize("status", [200, 202, 400, 500])
def test_only_a_201_is_judged_as_a_creation(purpose: str, status: int) -> None:
    assert outcomes("schema/create", exchange(purpose, {}, status)) == []


@pytest.mark.parametrize("status", [204, 301, 404, 405])
def test_the_list_of_types_is_owed(status: int) -> None:
    assert outcomes("schema/resources", exchange("resources", ENVELOPE, status, "/resources")) == ["fail"]


@pytest.mark.parametrize(("purpose", "rule"), [("fields", "schema/fields"), ("changeTypes", "schema/change-types")])
def test_lists_of_listed_types_are_owed(purpose: str, rule: str) -> None:
    refused = exchange(purpose, ENVELOPE, 404, f"/{purpose}/Contacts")
    assert outcomes(rule, RESOURCES, refused) == ["fail"]
    assert outcomes(rule, refused) == []
    assert outcomes(rule, RESOURCES, exchange(purpose, ENVELOPE, 404, f"/{purpose}/Unknown")) == []
    assert outcomes(rule, RESOURCES, exchange(purpose, ENVELOPE, 404, f"/{purpose}/Contacts", account="second")) == []


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_credentials_permission_and_pace_are_no_matter_of_shape(status: int) -> None:
    assert outcomes("schema/resources", exchange("resources", ENVELOPE, status, "/resources")) == []


def test_without_credentials_no_list_is_owed() -> None:
    assert outcomes("schema/resources", exchange("resources", ENVELOPE, 404, "/resources", credentials="none")) == []


def test_refused_downloads_need_no_envelope() -> None:
    gone = exchange("download", b"<html>", 410, url="https://files.example.org/1.csv")
    assert outcomes("schema/error-envelope", gone) == []


def test_a_timeout_is_doubt() -> None:
    assert outcomes("schema/no-server-error", exchange("probe", error="timeout")) == ["doubt"]


@pytest.mark.parametrize(
    "silent",
    [
        exchange("download", error="disconnected"),
        exchange("probe", error="disconnected", request_body=b"x" * 2**20),
        exchange("control", status=500),
        exchange("probe", error="refused"),
        exchange("probe", error="too-large"),
    ],
)
def test_what_is_no_sign_of_a_failed_server(silent: Exchange) -> None:
    assert outcomes("schema/no-server-error", silent) == []


def test_the_same_problem_in_many_answers_folds_to_one() -> None:
    jobs = [exchange("job", {"jobStatus": "Done"}, path=f"/{number}", number=number) for number in range(200)]
    folded = fold(judged("schema/job", *jobs))
    assert len(folded) == 2
    assert [found.details["times"] for found in folded] == [200, 200]


def test_different_statuses_are_told_apart() -> None:
    failed = [exchange("probe", ENVELOPE, status) for status in (500, 503, 500)]
    assert len(fold(judged("schema/no-server-error", *failed))) == 2
