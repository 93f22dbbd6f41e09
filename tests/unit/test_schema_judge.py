"""The judge of single answers: unusual conforming answers pass, and each bound has an answer that breaks it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from exportproof.conformance.observation import Exchange
from exportproof.conformance.schema_judge import SchemaVerdict, judge_exchange, operation_of

ROOT = "http://127.0.0.1:9/v4"
THEN = datetime(2026, 11, 23, 8, tzinfo=UTC)
FILE = {"downloadUrl": "https://files.example.org/1.csv?sig=a%2Bb", "dateExpired": "2026-12-13T08:00:00.1234567Z"}
PENDING = {"exportJobId": 12345, "jobStatus": "Pending"}
COMPLETE = {
    "exportJobId": 2170181229,
    "jobStatus": "Complete",
    "dateChangedFrom": "2021-10-10T00:00:00-04:00",
    "dateChangedTo": "2021-10-11T09:41:54.2106809-04:00",
    "files": [FILE],
    "message": "Finished processing export job",
    "code": None,
    "exportedRecordCount": 6110,
}
SENT = {"dateChangedFrom": "2026-11-01T00:00:00Z", "resourceType": "Contacts"}


def exchange(
    path: str,
    body: Any,
    *,
    status: int = 200,
    method: str = "GET",
    media_type: str | None = "application/json",
    sent: Any = None,
) -> Exchange:
    """An answer of the API; a body that is bytes is taken as it is."""
    return Exchange(
        number=1,
        purpose="create" if method == "POST" else "job",
        method=method,
        url=f"{ROOT}/changedEntityExportJobs{path}",
        started=THEN,
        ended=THEN,
        account="first",
        request_body=None if sent is None else json.dumps(sent).encode(),
        status=status,
        headers={} if media_type is None else {"content-type": media_type},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


def created(body: Any, sent: Any = None) -> SchemaVerdict:
    """The verdict on an answer to a creation."""
    return judge_exchange(exchange("", body, status=201, method="POST", sent=sent or SENT), ROOT)


def job(body: Any) -> SchemaVerdict:
    """The verdict on an answer about a job."""
    return judge_exchange(exchange("/12345", body), ROOT)


@pytest.mark.parametrize(
    "body",
    [
        {"exportJobId": 1},
        {"exportJobId": 12345, **SENT},
        {**PENDING, "files": [], "message": None, "code": None, "exportedRecordCount": 0},
        {**PENDING, "exportJobId": 2**62, "files": None, "exportedRecordCount": None, "dateChangedTo": None},
        {**COMPLETE, "includeInactive": "false", "excludeChangesFromSelf": "True", "contactMode": 3},
        {"exportJobId": 1, "includeInactive": True, "excludeChangesFromSelf": None, "contactMode": None},
        {"exportJobId": 1, "requestedIds": [1, 23], "requestedFields": ["Prefix"], "requestedCustomFieldIds": []},
        {"exportJobId": 1, "requestedIds": None, "requestedFields": None, "requestedActivistCodeIds": None},
        {"exportJobId": 1, "webhookUrl": {"anything": [None]}, "fileSizeKbLimit": 40000},
        {"exportJobId": 1, "jobStatus": "Complete"},
    ],
)
def test_unusual_creations_conform(body: Any) -> None:
    assert created(body) == SchemaVerdict("createChangedEntityExportJob")


@pytest.mark.parametrize(
    "body",
    [
        PENDING,
        {**PENDING, "files": [], "message": "Created export job", "code": None, "exportedRecordCount": 0},
        {**PENDING, "jobStatus": "InProcess", "files": None, "dateChangedTo": None, "exportedRecordCount": None},
        {**PENDING, "jobStatus": "InProcess", "files": [{"downloadUrl": None}]},
        {**PENDING, "jobStatus": "Error", "message": "It failed", "code": "7f3a"},
        COMPLETE,
        {**COMPLETE, "files": [], "exportedRecordCount": 0},
        {**COMPLETE, "files": [{**FILE, "recordCount": 6110}], "excludeChangesFromSelf": "true"},
        {**COMPLETE, "files": [{**FILE, "dateExpired": "2026-12-13T08:00:00+00:00"}]},
        {**COMPLETE, "files": [{**FILE, "dateExpired": "2026-12-13T08:00:00.00 -05:00"}]},
        {**COMPLETE, "files": [{**FILE, "downloadUrl": "http://127.0.0.1:80/a?b=c#d"}]},
        {name: value for name, value in COMPLETE.items() if name not in ("message", "code")},
        {**COMPLETE, "progress": 1.0},
    ],
)
def test_unusual_jobs_conform(body: Any) -> None:
    assert job(body) == SchemaVerdict("getChangedEntityExportJob")


FIELD = {"fieldName": "VanID", "fieldType": "N", "isCoreField": True}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/resources", ["Contacts", "Disbursements"]),
        ("/resources", []),
        ("/fields/Contacts", [FIELD]),
        ("/fields/Contacts", [{**FIELD, "maxTextboxCharacters": None, "availableValues": None}]),
        ("/fields/Contacts", [{**FIELD, "availableValues": [{"id": "1", "name": "a"}, {"id": 2, "name": "b"}]}]),
        ("/fields/Contacts", [{**FIELD, "bulkImportFields": [{"mappingTypeName": "x", "relationalMappings": []}]}]),
        ("/fields/Contacts%20x", [{**FIELD, "somethingElse": 1}]),
        ("/changeTypes/Contacts", [{"changeTypeID": "1", "changeTypeName": "Created", "Description": "d"}]),
        ("/changeTypes/Contacts", [{"ChangeTypeID": 1, "ChangeTypeName": "Created", "description": None}]),
        ("/changeTypes/Contacts", [{"changeTypeId": 1}, {}]),
    ],
)
def test_unusual_lists_conform(path: str, body: Any) -> None:
    assert judge_exchange(exchange(path, body), ROOT).problems == ()


def without(name: str) -> dict[str, Any]:
    """A complete job without one property."""
    return {key: value for key, value in COMPLETE.items() if key != name}


@pytest.mark.parametrize(
    ("body", "pointer", "expected"),
    [
        ({**COMPLETE, "exportJobId": "12345"}, "/exportJobId", "integer"),
        ({**COMPLETE, "exportJobId": 1.5}, "/exportJobId", "integer"),
        ({**COMPLETE, "exportJobId": None}, "/exportJobId", "integer"),
        ({**COMPLETE, "exportJobId": 2**63}, "/exportJobId", "a whole number of 64 bits"),
        (without("exportJobId"), "", "a property exportJobId"),
        (without("jobStatus"), "", "a property jobStatus"),
        ({**PENDING, "jobStatus": "pending"}, "/jobStatus", "one of Pending, InProcess, Complete, Error"),
        ({**PENDING, "jobStatus": "Completed"}, "/jobStatus", "one of Pending, InProcess, Complete, Error"),
        (without("files"), "", "a property files"),
        ({**COMPLETE, "files": None}, "/files", "array"),
        ({**COMPLETE, "files": {}}, "/files", "array or null"),
        ({**COMPLETE, "files": [None]}, "/files/0", "object"),
        ({**COMPLETE, "files": ["https://files.example.org/1.csv"]}, "/files/0", "object"),
        ({**COMPLETE, "files": [{"dateExpired": FILE["dateExpired"]}]}, "/files/0", "a property downloadUrl"),
        ({**COMPLETE, "files": [{"downloadUrl": FILE["downloadUrl"]}]}, "/files/0", "a property dateExpired"),
        ({**COMPLETE, "files": [FILE, {**FILE, "downloadUrl": "/1.csv"}]}, "/files/1/downloadUrl", "http"),
        ({**COMPLETE, "files": [{**FILE, "downloadUrl": None}]}, "/files/0/downloadUrl", "string"),
        ({**COMPLETE, "files": [{**FILE, "dateExpired": "in 20 days"}]}, "/files/0/dateExpired", "a timestamp"),
        ({**COMPLETE, "files": [{**FILE, "dateExpired": "2026-12-13T08:00:00"}]}, "/files/0/dateExpired", "offset"),
        ({**COMPLETE, "files": [{**FILE, "dateExpired": 1797148800}]}, "/files/0/dateExpired", "string"),
        (without("exportedRecordCount"), "", "a property exportedRecordCount"),
        ({**COMPLETE, "exportedRecordCount": -1}, "/exportedRecordCount", "at least 0"),
        ({**COMPLETE, "exportedRecordCount": "6110"}, "/exportedRecordCount", "integer"),
        ({**COMPLETE, "exportedRecordCount": None}, "/exportedRecordCount", "integer"),
        ({**PENDING, "exportedRecordCount": "0"}, "/exportedRecordCount", "integer or null"),
        (without("dateChangedFrom"), "", "a property dateChangedFrom"),
        (without("dateChangedTo"), "", "a property dateChangedTo"),
        ({**COMPLETE, "dateChangedTo": None}, "/dateChangedTo", "string"),
        ({**PENDING, "dateChangedFrom": "10/11/2021"}, "/dateChangedFrom", "a timestamp"),
        ({**COMPLETE, "message": ["done"]}, "/message", "string or null"),
        ({**COMPLETE, "code": 0}, "/code", "string or null"),
        ([COMPLETE], "", "object"),
        ({}, "", "a property exportJobId"),
    ],
)
def test_jobs_that_break_a_bound(body: Any, pointer: str, expected: str) -> None:
    problems = job(body).problems
    assert problems
    assert {problem.kind for problem in problems} == {"body"}
    told = [problem for problem in problems if problem.pointer == pointer and expected in problem.expected]
    assert told, problems
    assert str(told[0]).startswith(f"{pointer or 'the answer'}: expected ")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"exportJobId": "12345"}, "/exportJobId"),
        ({"exportJobId": True}, "/exportJobId"),
        ({"exportJobId": 1, "jobStatus": "Queued"}, "/jobStatus"),
        ({"exportJobId": 1, "includeInactive": "no"}, "/includeInactive"),
        ({"exportJobId": 1, "includeInactive": 1}, "/includeInactive"),
        ({"exportJobId": 1, "requestedIds": "1,23"}, "/requestedIds"),
        ({"exportJobId": 1, "requestedIds": ["1"]}, "/requestedIds/0"),
        ({"exportJobId": 1, "requestedFields": [7]}, "/requestedFields/0"),
        ({"exportJobId": 1, "fileSizeKbLimit": "40000"}, "/fileSizeKbLimit"),
        ({"exportJobId": 1, "contactMode": "Person"}, "/contactMode"),
        ({"exportJobId": 1, "resourceType": 3}, "/resourceType"),
        ({"exportJobId": 1, "dateChangedTo": "now"}, "/dateChangedTo"),
        ([], ""),
        (12345, ""),
    ],
)
def test_creations_that_break_a_bound(body: Any, pointer: str) -> None:
    assert pointer in {problem.pointer for problem in created(body).problems}


def test_an_odd_value_told_back_as_sent_is_the_requests_doing() -> None:
    odd = {**SENT, "requestedIds": ["17"], "fileSizeKbLimit": "2000", "dateChangedFrom": "2026-11-01"}
    assert created({"exportJobId": 1, **odd}, sent=odd).problems == ()
    assert created({"exportJobId": 1, **odd, "requestedIds": ["18"]}, sent=odd).problems != ()


def test_a_truth_told_back_as_a_number_is_not_told_back_as_sent() -> None:
    assert created({"exportJobId": 1, "includeInactive": 1}, sent={**SENT, "includeInactive": True}).problems != ()


def test_an_id_is_judged_even_when_it_was_sent() -> None:
    assert created({"exportJobId": "x"}, sent={**SENT, "exportJobId": "x"}).problems != ()


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/resources", {"items": ["Contacts"]}, ""),
        ("/resources", [{"name": "Contacts"}], "/0"),
        ("/resources", [""], "/0"),
        ("/fields/Contacts", {"items": [FIELD]}, ""),
        ("/fields/Contacts", ["VanID"], "/0"),
        ("/fields/Contacts", [{"name": "VanID", "type": "N", "isCoreField": True}], "/0"),
        ("/fields/Contacts", [{**FIELD, "isCoreField": "true"}], "/0/isCoreField"),
        ("/fields/Contacts", [FIELD, {**FIELD, "fieldName": ""}], "/1/fieldName"),
        ("/fields/Contacts", [{**FIELD, "maxTextboxCharacters": "200"}], "/0/maxTextboxCharacters"),
        ("/fields/Contacts", [{**FIELD, "availableValues": ["a"]}], "/0/availableValues/0"),
        ("/changeTypes/Contacts", ["Created"], "/0"),
        ("/changeTypes/Contacts", {"items": []}, ""),
        ("/changeTypes/Contacts", [{"changeTypeName": 1}], "/0/changeTypeName"),
    ],
)
def test_lists_that_break_a_bound(path: str, body: Any, pointer: str) -> None:
    problems = judge_exchange(exchange(path, body), ROOT).problems
    assert pointer in {problem.pointer for problem in problems}


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;v=1"])
def test_media_types_that_conform(media_type: str) -> None:
    assert judge_exchange(exchange("/resources", [], media_type=media_type), ROOT).problems == ()


@pytest.mark.parametrize(
    "media_type", [None, "", "text/json", "text/html", "application/jsonp", "application/hal+json"]
)
def test_media_types_that_do_not_conform(media_type: str | None) -> None:
    problems = judge_exchange(exchange("/resources", [], media_type=media_type), ROOT).problems
    assert [problem.kind for problem in problems] == ["media-type"]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html></html>", b"{", b"[NaN]", b"[Infinity]", b"\xff\xfe\xfd", b"[" * 200_000, b'["a"] trailing'],
)
def test_bodies_that_are_not_json(body: bytes) -> None:
    problems = judge_exchange(exchange("/resources", body), ROOT).problems
    assert [problem.kind for problem in problems] == ["not-json"]
    assert len(str(problems[0])) < 500


ENVELOPE = {"errors": [{"code": "NOT_FOUND", "text": "There is nothing."}]}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 415, 418, 422, 429])
def test_any_refusal_with_the_envelope_conforms(status: int) -> None:
    assert judge_exchange(exchange("", ENVELOPE, status=status, method="POST"), ROOT).problems == ()
    assert judge_exchange(exchange("/1", ENVELOPE, status=status), ROOT).problems == ()


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"code": "A", "text": "b", "properties": ["a.b[0]"], "hint": None, "extra": 1}]},
        {"errors": [{"code": "429", "text": "Try again in 10 ms."}], "traceId": "x"},
    ],
)
def test_unusual_envelopes_conform(body: Any) -> None:
    assert judge_exchange(exchange("/1", body, status=400), ROOT).problems == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Not Found",
        {"message": "no"},
        {"errors": []},
        {"errors": ["no"]},
        {"errors": {"code": "A", "text": "b"}},
        {"errors": [{"code": "A"}]},
        {"errors": [{"text": "b"}]},
        {"errors": [{"code": 404, "text": "b"}]},
        [],
    ],
)
def test_refusals_without_the_envelope(body: Any) -> None:
    problems = judge_exchange(exchange("/1", body, status=404), ROOT).problems
    assert {problem.kind for problem in problems} == {"error-envelope"}


@pytest.mark.parametrize(
    ("status", "method"), [(200, "POST"), (202, "POST"), (302, "POST"), (500, "POST"), (204, "GET")]
)
def test_statuses_that_are_not_declared(status: int, method: str) -> None:
    problems = judge_exchange(exchange("" if method == "POST" else "/1", PENDING, status=status, method=method), ROOT)
    assert [problem.kind for problem in problems.problems] == ["undeclared-status"]


@pytest.mark.parametrize(
    ("method", "tail", "operation"),
    [
        ("POST", "/changedEntityExportJobs", "createChangedEntityExportJob"),
        ("POST", "/changedEntityExportJobs?a=b", "createChangedEntityExportJob"),
        ("GET", "/changedEntityExportJobs/1", "getChangedEntityExportJob"),
        ("get", "/changedEntityExportJobs/not-a-number", "getChangedEntityExportJob"),
        ("GET", "/changedEntityExportJobs/resources", "listChangedEntityResources"),
        ("GET", "/changedEntityExportJobs/fields/Contacts", "listChangedEntityFields"),
        ("GET", "/changedEntityExportJobs/changeTypes/Contacts", "listChangedEntityChangeTypes"),
        ("GET", "/changedEntityExportJobs", None),
        ("DELETE", "/changedEntityExportJobs/1", None),
        ("GET", "/changedEntityExportJobs/1/files", None),
        ("GET", "/people", None),
    ],
)
def test_operations_are_told_by_method_and_path(method: str, tail: str, operation: str | None) -> None:
    assert operation_of(method, f"{ROOT}{tail}", ROOT)[0] == operation


def test_an_exchange_without_an_answer_has_no_problems() -> None:
    silent = Exchange(1, "job", "GET", f"{ROOT}/changedEntityExportJobs/1", THEN, THEN, error="timeout")
    assert judge_exchange(silent, ROOT) == SchemaVerdict("getChangedEntityExportJob")


def test_the_same_problem_at_another_index_has_the_same_key() -> None:
    keys = set()
    for index in (0, 2):
        items: list[Any] = [FIELD, FIELD, FIELD]
        items[index] = {**FIELD, "isCoreField": 1}
        keys |= {problem.key for problem in judge_exchange(exchange("/fields/A", items), ROOT).problems}
    assert len(keys) == 1


def test_many_like_problems_in_one_answer_are_told_once() -> None:
    problems = judge_exchange(exchange("/fields/A", [{"fieldName": 1}] * 500), ROOT).problems
    assert len(problems) == 3
    assert problems[0].pointer.startswith("/0")


def test_offending_values_are_cut() -> None:
    problem = job({**COMPLETE, "message": ["x" * 5_000]}).problems[0]
    assert len(problem.received) < 200
