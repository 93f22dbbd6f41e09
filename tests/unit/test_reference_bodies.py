"""What the body of a creation may say, and what it is refused for."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.spec.offer import format_instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.reference.model import JobRequest, Refused
    from exportproof.tests.unit.conftest import Direct

SMALLEST = {"resourceType": "Contacts", "dateChangedFrom": "2026-11-20T00:00:00Z"}


@pytest.fixture
def read(direct: Direct) -> Callable[..., JobRequest]:
    """Reads the smallest body with other properties beside it."""

    def read(raw: bytes | None = None, media_type: str = "application/json", **more: Any) -> JobRequest:
        body = json.dumps({**SMALLEST, **more}).encode() if raw is None else raw
        return direct.behaviour.read_body(body, media_type, direct.now)

    return read


def test_the_smallest_body_ends_at_the_request(read: Callable[..., JobRequest], direct: Direct) -> None:
    request = read()
    assert (request.resource_type, request.end) == ("Contacts", direct.now)
    assert (request.ids, request.limit_kb, request.contact_mode, request.include_inactive) == (None, None, None, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-20T00:00:00Z", 0),
        ("2026-11-20T00:00:00.00Z", 0),
        ("2026-11-20T04:00:00+04:00", 0),
        ("2026-11-19T19:30:00.00-04:30", 0),
        ("2026-11-19T20:00:00.00 -04:00", 0),
        ("2026-11-20T00:00:00.5000000Z", 0.5),
        ("2026-11-20T00:00:00.01Z", 0.01),
    ],
)
def test_timestamps_mean_instants(text: str, seconds: float, read: Callable[..., JobRequest]) -> None:
    base = read().start
    assert read(dateChangedFrom=text).start == base + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    ["2026-11-20", "2026-11-20T00:00:00", "2026-13-20T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-20T24:00:00Z",
     "2026-11-20T00:00:60Z", "2026-11-20T00:00:00+25:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
     "", "yesterday", "\ud800", 1_700_000_000, 1.5, True, [], {}, ["2026-11-20T00:00:00Z"]],
)  # fmt: skip
@pytest.mark.parametrize("name", ["dateChangedFrom", "dateChangedTo"])
def test_what_is_no_timestamp(name: str, value: Any, read: Callable[..., Any], refusal: Callable[..., Refused]) -> None:
    refused = refusal(read, **{name: value})
    assert refused.status == 400
    assert name in {place for flaw in refused.flaws for place in flaw.properties}


def test_ninety_days_back_and_not_a_moment_more(
    read: Callable[..., Any], refusal: Callable[..., Refused], direct: Direct
) -> None:
    edge = direct.now - timedelta(days=90)
    assert read(dateChangedFrom=format_instant(edge)).start == edge
    assert refusal(read, dateChangedFrom=format_instant(edge - timedelta(milliseconds=1))).status == 400


def test_the_end_lies_after_the_start_and_not_in_the_future(
    read: Callable[..., Any], refusal: Callable[..., Refused], direct: Direct
) -> None:
    assert read(dateChangedTo="2026-11-20T00:00:00.01Z")
    assert refusal(read, dateChangedTo="2026-11-20T00:00:00Z").status == 400
    assert refusal(read, dateChangedTo="2026-11-20T04:00:00+04:00").status == 400, "the same instant"
    assert read(dateChangedTo=format_instant(direct.now + timedelta(minutes=1))), "clocks differ a little"
    assert refusal(read, dateChangedTo=format_instant(direct.now + timedelta(minutes=1, milliseconds=1))).status == 400


@pytest.mark.parametrize("missing", ["dateChangedFrom", "resourceType"])
@pytest.mark.parametrize("null", [False, True])
def test_what_is_required(missing: str, null: bool, read: Callable[..., Any], refusal: Callable[..., Refused]) -> None:
    body = {name: value for name, value in SMALLEST.items() if name != missing} | ({missing: None} if null else {})
    refused = refusal(read, json.dumps(body).encode())
    assert [flaw.properties for flaw in refused.flaws] == [(missing,)]


def test_everything_that_is_wrong_is_told_at_once(read: Callable[..., Any], refusal: Callable[..., Refused]) -> None:
    refused = refusal(read, resourceType="contacts", dateChangedFrom="x", fileSizeKbLimit=999, contactMode=0)
    named = {place for flaw in refused.flaws for place in flaw.properties}
    assert named == {"resourceType", "dateChangedFrom", "fileSizeKbLimit", "contactMode"}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("fileSizeKbLimit", [1000, 100_000, 40_000, 1000.0], [999, 100_001, 0, -1, 1000.5, "2000", True, [], 10**30]),
        ("contactMode", [1, 2, 3, 3.0], [0, 4, -1, "1", True, 1.5, 2**40]),
        ("includeInactive", [True, False], ["true", 0, 1, [], {}]),
        ("excludeChangesFromSelf", [True, False], ["true", 1]),
        (
            "requestedIds",
            [[], [1], [7, 7], [2**31 - 1], [-(2**31)], [5.0], list(range(20_000))],
            ["1", 1, {}, [2**31], [-(2**31) - 1], ["1"], [True], [1.5], [None], [[1]], [10**400], [1e300]],
        ),
        ("requestedFields", [[], ["Prefix"], ["VanID", "Prefix", "Prefix"]], ["Prefix", [1], [None], {}]),
        ("requestedCustomFieldIds", [[], [157, 205]], [157, ["157"], [2**31], [False]]),
        ("resourceType", ["Contacts", "Contributions"], ["contacts", "", "Nothing", 5, [], {}, True, "\ud800"]),
    ],
)
def test_types_and_bounds(
    name: str, good: list[Any], bad: list[Any], read: Callable[..., Any], refusal: Callable[..., Refused]
) -> None:
    for value in good:
        assert read(**{name: value}), value
    for value in bad:
        assert refusal(read, **{name: value}).status == 400, value


def test_values_are_kept_as_they_came(read: Callable[..., JobRequest]) -> None:
    request = read(
        requestedIds=[7, 3, 7.0], requestedFields=["Prefix", "VanID"], requestedCustomFieldIds=[206], contactMode=2,
        fileSizeKbLimit=1000, includeInactive=True,
    )  # fmt: skip
    assert (request.ids, request.fields, request.custom_field_ids) == ((7, 3, 7), ("Prefix", "VanID"), (206,))
    assert (request.contact_mode, request.limit_kb, request.include_inactive) == (2, 1000, True)


def test_unknown_names_are_dropped(read: Callable[..., JobRequest]) -> None:
    request = read(requestedFields=["Nothing", "Prefix", "prefix"], requestedCustomFieldIds=[157, 158], colour="red")
    assert (request.fields, request.custom_field_ids) == (("Prefix",), (157,))


def test_null_is_absent(read: Callable[..., JobRequest]) -> None:
    assert read(dateChangedTo=None, requestedIds=None, requestedFields=None, fileSizeKbLimit=None) == read()


def test_codes_mean_something_for_one_type_only(read: Callable[..., Any], refusal: Callable[..., Refused]) -> None:
    assert read(resourceType="ContactsActivistCodes", requestedActivistCodeIds=[4]).activist_codes == (4,)
    assert read(requestedActivistCodeIds=[4]).activist_codes is None
    assert read(requestedActivistCodeIds="nonsense").activist_codes is None, "for other types it is ignored"
    assert refusal(read, resourceType="ContactsActivistCodes", requestedActivistCodeIds="nonsense").status == 400


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"nothing", b"[]", b"null", b"5", b'"text"', b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe\xfd",
     b"{'a': 1}", b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b'{"a": 1} x'],
)  # fmt: skip
def test_what_is_no_json_object(raw: bytes, read: Callable[..., Any], refusal: Callable[..., Refused]) -> None:
    assert refusal(read, raw).status == 400


@pytest.mark.parametrize(
    ("media_type", "taken"),
    [("application/json", True), ("application/json; charset=utf-8", True), ("APPLICATION/JSON", True),
     ("text/plain", False), ("", False), ("application/xml", False), ("multipart/form-data; boundary=x", False)],
)  # fmt: skip
def test_media_types(media_type: str, taken: bool, read: Callable[..., Any], refusal: Callable[..., Refused]) -> None:
    if taken:
        assert read(media_type=media_type)
    else:
        assert refusal(read, media_type=media_type).status == 415


def test_a_number_beyond_all_floats(read: Callable[..., Any], refusal: Callable[..., Refused]) -> None:
    smallest = json.dumps(SMALLEST)[:-1]
    for number in ("1e999", "-1e999"):
        assert refusal(read, f'{smallest}, "requestedIds": [{number}]}}'.encode()).status == 400
        assert refusal(read, f'{smallest}, "fileSizeKbLimit": {number}}}'.encode()).status == 400
