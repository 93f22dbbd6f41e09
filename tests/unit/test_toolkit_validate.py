"""`schema validate`: bodies and recordings, judged by the document and by what no schema can say."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.spec import catalogue
from exportproof.toolkit import BadInput, validate_request, validate_response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
URL = "https://api.example.org:443/v4/changedEntityExportJobs"
GOOD = {"dateChangedFrom": "2026-11-01T00:00:00.00Z", "resourceType": "Contacts"}
JOB = {
    "exportJobId": 2170181229, "jobStatus": "Complete", "dateChangedFrom": "2026-11-01T00:00:00Z",
    "dateChangedTo": "2026-11-08T00:00:00.4106809-05:00", "exportedRecordCount": 2, "code": None,
    "files": [{"downloadUrl": "https://files.example.org/1.csv", "dateExpired": "2026-11-28T00:00:00Z"}],
}  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    """Writes a value as JSON, or a text as it is."""

    def write(value: Any) -> Path:
        path = tmp_path / "given.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return path

    return write


def entry(body: Any, answer: Any, *, status: int = 201, **more: Any) -> dict[str, Any]:
    """One entry of a HAR file: a creation, unless told otherwise."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "startedDateTime": "2026-11-23T08:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": "POST", "url": URL, "headers": [], "bodySize": len(text),
            "postData": {"mimeType": "application/json", "text": text},
        },
        "response": {
            "status": status,
            "headers": [{"name": "Content-Type", "value": "application/json; charset=utf-8"}],
            "content": {"mimeType": "application/json", "size": 1, "text": json.dumps(answer)},
        },
    } | more  # fmt: skip


def har(*entries: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": list(entries)}}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"dateChangedFrom": "2026-11-01T00:00:00.00 -05:00"},
        {"dateChangedFrom": "2026-08-28T00:00:00+04:00", "dateChangedTo": "2026-11-23T10:00:00+02:00"},
        {"fileSizeKbLimit": 1000, "includeInactive": True, "contactMode": 3, "excludeChangesFromSelf": True},
        {"fileSizeKbLimit": 100000, "requestedIds": [1, 23], "requestedFields": ["Prefix"], "requestedIds ": 1},
        {"dateChangedTo": None, "requestedCustomFieldIds": None},
    ],
)
def test_a_body_that_may_be_sent_is_valid(more: dict[str, Any], write: Callable[[Any], Path]) -> None:
    assert validate_request(write({**GOOD, **more}), now=NOW).valid


@pytest.mark.parametrize(
    ("body", "code", "pointer", "received", "rule"),
    [
        ({"resourceType": "Contacts"}, "missing-property", "/dateChangedFrom", None, "validation/from-required"),
        ({**GOOD, "resourceType": None}, "missing-property", "/resourceType", None,
         "validation/resource-type-required"),
        ({**GOOD, "fileSizeKbLimit": 999}, "out-of-bounds", "/fileSizeKbLimit", "999", "validation/limit-minimum"),
        ({**GOOD, "fileSizeKbLimit": 100001}, "out-of-bounds", "/fileSizeKbLimit", "100001",
         "validation/limit-maximum"),
        ({**GOOD, "fileSizeKbLimit": "40000"}, "wrong-type", "/fileSizeKbLimit", '"40000"', "validation/odd-input"),
        ({**GOOD, "contactMode": 4}, "not-allowed", "/contactMode", "4", "validation/odd-input"),
        ({**GOOD, "requestedIds": [1, 2**31]}, "out-of-bounds", "/requestedIds/1", "2147483648",
         "validation/odd-input"),
        ({**GOOD, "dateChangedFrom": "yesterday"}, "wrong-format", "/dateChangedFrom", '"yesterday"',
         "validation/from-readable"),
        ({**GOOD, "dateChangedTo": "2026-13-45T00:00:00Z"}, "wrong-format", "/dateChangedTo",
         '"2026-13-45T00:00:00Z"', "validation/to-readable"),
        ({**GOOD, "dateChangedFrom": "2026-11-01"}, "wrong-format", "/dateChangedFrom", '"2026-11-01"',
         "validation/odd-input"),
        ({**GOOD, "dateChangedFrom": "2026-08-01T00:00:00Z"}, "window-too-old", "/dateChangedFrom",
         '"2026-08-01T00:00:00Z"', "validation/from-within-90-days"),
        ({**GOOD, "dateChangedTo": "2026-11-01T02:00:00+02:00"}, "window-order", "/dateChangedTo",
         '"2026-11-01T02:00:00+02:00"', "validation/to-after-from"),
        ({**GOOD, "dateChangedTo": "2026-11-23T09:00:00Z"}, "window-in-future", "/dateChangedTo",
         '"2026-11-23T09:00:00Z"', "validation/to-not-in-future"),
        ({**GOOD, "dateChangedFrom": "2026-11-24T09:00:00Z"}, "window-in-future", "/dateChangedFrom",
         '"2026-11-24T09:00:00Z"', "validation/from-within-90-days"),
        ([], "not-an-object", "", "[]", "validation/body-is-object"),
    ],
)  # fmt: skip
def test_an_error_has_place_value_bound_and_rule(
    body: Any, code: str, pointer: str, received: str | None, rule: str, write: Callable[[Any], Path]
) -> None:
    (error,) = [r for r in validate_request(write(body), now=NOW).remarks if r.level == "error"]
    assert (error.code, error.pointer, error.rule) == (code, pointer, rule)
    assert error.expected
    assert error.received
    if received is not None:
        assert error.received == received
    assert rule in catalogue.rules()


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"dateChangedFrom": "2026-08-25T00:00:00Z"}, "window-too-old", "within a day of 90 days"),
        ({"dateChangedTo": "2026-11-23T08:02:00Z"}, "window-in-future", "a little ahead"),
        ({"includInactive": True}, "unknown-property", "includeInactive may be meant"),
        ({"resourceType": "contacts"}, "unknown-type", "Contacts may be meant"),
        ({"resourceType": "Disbursements"}, "unknown-type", "none of the ten"),
        ({"contactMode": None}, "null-property", "counts as absent"),
        ({"requestedActivistCodeIds": [1]}, "without-effect", "does nothing for Contacts"),
        ({"resourceType": "ActivistCodes", "contactMode": 1}, "without-effect", "does nothing for ActivistCodes"),
    ],
)
def test_what_servers_may_take_is_a_warning(
    more: dict[str, Any], code: str, says: str, write: Callable[[Any], Path]
) -> None:
    report = validate_request(write({**GOOD, **more}), now=NOW)
    assert report.valid
    (remark,) = report.remarks
    assert remark.code == code
    assert says in remark.message


def test_a_name_that_comes_twice_is_told(write: Callable[[Any], Path]) -> None:
    text = '{"dateChangedFrom": "2026-11-01T00:00:00Z", "resourceType": "Contacts", "resourceType": "Contacts"}'
    report = validate_request(write(text), now=NOW)
    assert [(r.code, r.pointer) for r in report.remarks] == [("repeated-property", "/resourceType")]


@pytest.mark.parametrize(
    ("body", "judged"),
    [
        (JOB, "getChangedEntityExportJob"),
        ({"exportJobId": 1}, "createChangedEntityExportJob"),
        (["Contacts"], "listChangedEntityResources"),
        ([{"fieldName": "VanID", "fieldType": "N", "isCoreField": True}], "listChangedEntityFields"),
        ([{"changeTypeID": "1", "Description": "x"}], "listChangedEntityChangeTypes"),
        ({"errors": [{"code": "NOT_FOUND", "text": "x"}]}, "the 400 answer"),
    ],
)
def test_what_an_answer_is_shows(body: Any, judged: str, write: Callable[[Any], Path]) -> None:
    report = validate_response(write(body))
    assert (report.valid, report.remarks) == (True, ())
    assert judged in report.judged[0]


@pytest.mark.parametrize(
    ("body", "pointer", "rule"),
    [
        ({**JOB, "exportedRecordCount": "2"}, "/exportedRecordCount", "schema/job"),
        ({**JOB, "files": [{"downloadUrl": "ftp://x", "dateExpired": "2026-11-28T00:00:00Z"}]}, "/files/0/downloadUrl",
         "schema/job"),
        ({**JOB, "jobStatus": "Completed"}, "/jobStatus", "schema/job"),
        ({**JOB, "dateChangedTo": "2026-10-01T00:00:00Z"}, "/dateChangedTo", "creation/window-kept"),
        ({**JOB, "files": []}, "/files", "counts/equals-rows"),
        ({"exportJobId": "12345"}, "/exportJobId", "schema/create"),
        (["Contacts", ""], "/1", "schema/resources"),
    ],
)  # fmt: skip
def test_an_error_of_an_answer_has_a_place_and_a_rule(
    body: Any, pointer: str, rule: str, write: Callable[[Any], Path]
) -> None:
    (error,) = validate_response(write(body)).remarks
    assert (error.level, error.pointer, error.rule) == ("error", pointer, rule)
    assert error.expected
    assert error.received
    assert rule in catalogue.rules()


def test_every_item_of_a_list_is_told(write: Callable[[Any], Path]) -> None:
    field = {"fieldName": "VanID", "fieldType": "N", "isCoreField": "yes"}
    assert [r.pointer for r in validate_response(write([field, field])).remarks] == ["/0/isCoreField", "/1/isCoreField"]


def test_an_odd_envelope_is_a_warning(write: Callable[[Any], Path]) -> None:
    report = validate_response(write({"error": "no"}), operation="job", status=404)
    assert report.valid
    assert [r.rule for r in report.remarks] == ["schema/error-envelope"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"a": 1}, "Say it with --operation"),
        ([], "Say it with --operation"),
        ('{"exportJobId": ', "given.json:1:17 is no JSON"),
        ("NaN", "NaN is not JSON"),
        ("", "is empty"),
        (har(), "none of which is of this API"),
        (har({"request": {}}), "entry 1 of the HAR file is incomplete"),
        (har(entry({}, {}, request={"method": "GET", "url": "https://x.example.org/"})), "none of which"),
        (har(entry({}, {}, response={"status": 201, "headers": []})), "has no answer with a body"),
    ],
)
def test_an_answer_that_cannot_be_judged(value: Any, says: str, write: Callable[[Any], Path]) -> None:
    with pytest.raises(BadInput) as raised:
        validate_response(write(value))
    assert says in str(raised.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'{\n"a": "\xe9"}')
    for path, says in (
        (tmp_path, "is a folder"),
        (tmp_path / "no", "There is no file"),
        (tmp_path / "latin", ":2 is not UTF-8"),
    ):
        with pytest.raises(BadInput, match=says):
            validate_request(path)


def test_a_recording_without_bodies_cannot_be_judged(write: Callable[[Any], Path]) -> None:
    bare = entry(GOOD, JOB, request={"method": "POST", "url": URL, "headers": [], "bodySize": -1})
    with pytest.raises(BadInput, match="has no body in the HAR file"):
        validate_request(write(har(bare)))
    report = validate_request(write(har(bare, entry(GOOD, JOB))))
    assert [(r.code, r.level) for r in report.remarks] == [("not-recorded", "warning")]


def test_requests_of_a_recording_are_judged_by_when_they_were_sent(write: Callable[[Any], Path]) -> None:
    old = {**GOOD, "dateChangedFrom": "2021-01-01T01:02:03+04:00"}
    then = entry(old, JOB, startedDateTime="2021-02-14T00:00:00Z")
    report = validate_request(write(har(then, entry(old, JOB))))
    assert [r.message.partition(":")[0] for r in report.remarks] == ["entry 2, POST /v4/changedEntityExportJobs"]
    path = entry("", JOB, request={"method": "GET", "url": f"{URL}/abc", "headers": []})
    assert [r.received for r in validate_request(write(har(path))).remarks] == ["abc"]


def test_bodies_of_a_recording_may_be_in_base64(write: Callable[[Any], Path]) -> None:
    answer = base64.b64encode(json.dumps({**JOB, "exportJobId": "x"}).encode()).decode()
    one = entry(GOOD, None)
    one["response"]["content"] |= {"text": answer, "encoding": "base64"}
    assert [r.pointer for r in validate_response(write(har(one))).remarks] == ["/exportJobId"]


@pytest.mark.parametrize(
    ("sent", "told", "rules"),
    [
        (GOOD, {}, []),
        ({**GOOD, "fileSizeKbLimit": 999}, {}, ["validation/limit-minimum"]),
        ({**GOOD, "fileSizeKbLimit": "999"}, {"fileSizeKbLimit": 999}, []),
        ({**GOOD, "includeInactive": True}, {"includeInactive": "True"}, []),
        ({**GOOD, "includeInactive": True}, {"includeInactive": "false"}, ["creation/echo-true"]),
        ({**GOOD, "requestedIds": [1, 2]}, {"requestedIds": [2]}, []),
        ({**GOOD, "requestedIds": [1, 2]}, {"requestedIds": [3]}, ["creation/echo-true"]),
        (GOOD, {"dateChangedFrom": "2026-10-31T20:00:00.0000000-04:00"}, []),
        (GOOD, {"dateChangedFrom": "2026-11-01T00:00:00-04:00"}, ["creation/echo-true"]),
    ],
)
def test_a_creation_is_judged_with_its_request(
    sent: Any, told: Any, rules: list[str], write: Callable[[Any], Path]
) -> None:
    report = validate_response(write(har(entry(sent, {"exportJobId": 1, **told}))))
    assert [r.rule for r in report.remarks] == rules


def test_other_statuses_of_a_recording(write: Callable[[Any], Path]) -> None:
    failed = entry(GOOD, {}, status=500)
    odd = entry(GOOD, {"exportJobId": 1}, status=200)
    report = validate_response(write(har(failed, odd)))
    assert [r.code for r in report.remarks] == ["server-error", "undeclared-status"]
