"""The line between valid, broken and odd; whatever is near it is odd."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exportproof.generators.cases import plain_body
from exportproof.generators.classify import ODD, VALID, classify, classify_bytes, is_unreadable
from exportproof.generators.stamps import on_grid, write_stamp
from exportproof.spec.catalogue import rules

if TYPE_CHECKING:
    from exportproof.spec.offer import Offer

DAY, HOUR, MINUTE, STEP = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(milliseconds=10)


def verdict(offer: Offer, now: datetime, **changes: Any) -> str:
    body = {**plain_body(offer.resources["Contacts"], now), **changes}
    found = classify({name: value for name, value in body.items() if value is not ...}, offer, now)
    return found.removeprefix("invalid:validation/")


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (1 * MINUTE, VALID), (89 * DAY - STEP, VALID), (89 * DAY + STEP, ODD), (90 * DAY, ODD), (91 * DAY + STEP, ODD),
        (91 * DAY + HOUR + STEP, "from-within-90-days"), (400 * DAY, "from-within-90-days"), (-1 * DAY, ODD),
        (MINUTE - STEP, ODD),
    ],
)  # fmt: skip
def test_the_age_of_a_start(age: timedelta, expected: str, offer: Offer, present: datetime) -> None:
    now = on_grid(present)
    assert verdict(offer, now, dateChangedFrom=write_stamp(now - age), dateChangedTo=...) == expected


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (-MINUTE, VALID), (-MINUTE + STEP, ODD), (timedelta(), ODD), (5 * MINUTE, ODD),
        (5 * MINUTE + STEP, "to-not-in-future"), (400 * DAY, "to-not-in-future"),
    ],
)  # fmt: skip
def test_an_end_near_the_present(ahead: timedelta, expected: str, offer: Offer, present: datetime) -> None:
    now = on_grid(present)
    assert verdict(offer, now, dateChangedTo=write_stamp(now + ahead)) == expected


@pytest.mark.parametrize(("shift", "expected"), [(STEP, VALID), (0 * STEP, "to-after-from"), (-STEP, "to-after-from")])
@pytest.mark.parametrize("offset", [None, 0, 330, -480, 840])
def test_the_order_of_the_ends(
    shift: timedelta, expected: str, offset: int | None, offer: Offer, present: datetime
) -> None:
    start = on_grid(present) - 3 * DAY
    first, last = write_stamp(start), write_stamp(start + shift, offset)
    assert verdict(offer, present, dateChangedFrom=first, dateChangedTo=last) == expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1000, VALID), (100_000, VALID), (999, "limit-minimum"), (-40_000, "limit-minimum"), (100_001, "limit-maximum"),
        (2**31 - 1, "limit-maximum"), (2**31, ODD), (-(2**31), ODD), (1000.0, ODD), (999.5, ODD), ("999", ODD),
        (True, ODD), (None, ODD),
    ],
)  # fmt: skip
def test_limits(limit: Any, expected: str, offer: Offer, present: datetime) -> None:
    assert verdict(offer, present, fileSizeKbLimit=limit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yesterday", "from-readable"), ("", "from-readable"), ("not-a-date", "from-readable"),
        ("2026-13-45T00:00:00Z", "from-readable"), ("2026-13-45", "from-readable"),
        ("2026-11-30T25:00:00Z", "from-readable"), ("2026-11-30T00:61:00Z", "from-readable"),
        ("2026-11-31T00:00:00Z", "from-readable"), ("2026-13-05T00:00:00Z", ODD), ("2026-11-30T24:00:00Z", ODD),
        ("2026-11-28", ODD), ("2026-11-28T00:00:00", ODD), ("2026-11-28T00:00:00.00 -05:00", ODD),
        ("2026-11-28t00:00:00z", ODD), ("2026-11-28T00:00:60Z", ODD), ("2026-11-28T00:00:00-00:00", ODD),
        ("2026-11-28T00:00:00+14:01", ODD), ("2026-11-28T00:00:00+05:60", ODD), ("2026-11-28T00:00:00.001Z", ODD),
        ("2026-11-28T00:00:00.0000Z", ODD), ("0001-01-01T00:00:00+14:00", ODD), (" ", ODD), ("17", ODD), ("\0", ODD),
        ("2026-11-28T00:00:00.120Z", ODD), ("2026-11-28T00:00:00.1Z", ODD), ("2026-11-28T00:00:00Z", VALID),
        ("2026-11-28T00:00:00.12Z", VALID),
        ("2026-11-28T00:00:00+14:00", VALID), ("2026-11-28T00:00:00-12:00", VALID),
    ],
)  # fmt: skip
def test_timestamps(text: str, expected: str, offer: Offer, present: datetime) -> None:
    assert verdict(offer, present, dateChangedFrom=text, dateChangedTo=...) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"resourceType": "NoSuchType"}, "resource-type-known"), ({"resourceType": ""}, "resource-type-known"),
        ({"resourceType": "contacts"}, ODD), ({"resourceType": "Contacts "}, ODD), ({"resourceType": 7}, ODD),
        ({"resourceType": None}, "resource-type-required"), ({"resourceType": ...}, "resource-type-required"),
        ({"dateChangedFrom": None}, "from-required"), ({"dateChangedFrom": ...}, "from-required"),
        ({"dateChangedFrom": 1}, ODD), ({"dateChangedTo": None}, ODD), ({"dateChangedTo": ""}, "to-readable"),
        ({"dateChangedTo": "soon"}, "to-readable"), ({"contactMode": 3}, VALID), ({"contactMode": 4}, ODD),
        ({"contactMode": True}, ODD), ({"includeInactive": True}, VALID), ({"includeInactive": "true"}, ODD),
        ({"requestedIds": [1, 2**31 - 1]}, VALID), ({"requestedIds": [0]}, ODD), ({"requestedIds": [2**31]}, ODD),
        ({"requestedIds": [1, 1]}, ODD), ({"requestedIds": []}, ODD), ({"requestedFields": []}, ODD),
        ({"requestedIds": [1.0]}, ODD), ({"requestedIds": [True]}, ODD), ({"requestedIds": list(range(1, 1002))}, ODD),
        ({"requestedIds": {}}, ODD), ({"requestedFields": ["Prefix"]}, VALID), ({"requestedFields": ["VanID"]}, ODD),
        ({"requestedFields": ["prefix"]}, ODD), ({"requestedFields": ["Prefix", "Prefix"]}, ODD),
        ({"requestedFields": [[]]}, ODD), ({"requestedCustomFieldIds": [157]}, VALID),
        ({"requestedCustomFieldIds": [1]}, ODD), ({"unknown": 1}, ODD), ({"excludeChangesFromSelf": False}, ODD),
        ({"fileSizeKbLimit": 1, "resourceType": "NoSuchType"}, ODD), ({"fileSizeKbLimit": 1, "contactMode": 9}, ODD),
        ({"fileSizeKbLimit": 1, "dateChangedTo": "2099-01-01T00:00:00Z"}, ODD),
    ],
)  # fmt: skip
def test_properties(changes: dict[str, Any], expected: str, offer: Offer, present: datetime) -> None:
    assert verdict(offer, present, **changes) == expected


@pytest.mark.parametrize("body", [None, [], "text", 17, 1.5, True, [{}]])
def test_what_is_no_object(body: Any, offer: Offer, present: datetime) -> None:
    assert classify(body, offer, present) == "invalid:validation/body-is-object"
    assert classify_bytes(json.dumps(body).encode(), offer, present) == "invalid:validation/body-is-object"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "invalid:validation/json-well-formed"), (b"  ", "invalid:validation/json-well-formed"),
        (b'{"a": ', "invalid:validation/json-well-formed"), (b"[1, {", "invalid:validation/json-well-formed"),
        (b"<a/>", "invalid:validation/json-well-formed"),
        (b'{"a": "{"} trailing', "invalid:validation/json-well-formed"), (b'{"a": 1} // note', ODD),
        (b'{"a": "{"}}', ODD),
        (b"{'a': 1}", ODD),
        (b'{"a": 1,}', ODD), (b"{a: 1}", ODD), (b"/* a */ {", ODD), (b"NaN", ODD), (b'{"a": 1e400}', ODD),
        (b'{"a": 1, "a": 2}', ODD), (b"\xff", ODD), (b"\xef\xbb\xbf{}", ODD), (b"\0", ODD), (b"[" * 50_000, ODD),
        (b"1" * 5_000, ODD), (b" " * 200_000, ODD),
    ],
)  # fmt: skip
def test_bytes(raw: bytes, expected: str, offer: Offer, present: datetime) -> None:
    assert classify_bytes(raw, offer, present) == expected


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "resourceType", "dateChangedFrom", "dateChangedTo", "fileSizeKbLimit", "includeInactive", "contactMode",
    "requestedIds", "requestedFields", "requestedCustomFieldIds", "requestedActivistCodeIds", "webhookUrl",
)  # fmt: skip


@given(changes=st.dictionaries(st.sampled_from(NAMES), JSON_VALUES, max_size=3))
def test_any_value_gets_a_verdict(changes: dict[str, Any], offer: Offer, present: datetime) -> None:
    found = verdict(offer, present, **changes)
    assert found in (VALID, ODD) or f"validation/{found}" in rules()


@given(st.text(max_size=30))
def test_what_could_be_a_timestamp_is_never_called_unreadable(text: str) -> None:
    if is_unreadable(text):
        assert not any(character.isdigit() for character in text) or text[:4].isdigit()


def test_a_type_that_is_listed_but_was_not_asked_about_is_odd(offer: Offer, present: datetime) -> None:
    now = on_grid(present)
    some = replace(offer, resources={"Contacts": offer.resources["Contacts"]}, unasked=frozenset({"Contributions"}))
    assert verdict(some, now, resourceType="Contributions") == ODD
    assert verdict(some, now, resourceType="contributions ") == ODD
    assert verdict(replace(some, unasked=frozenset()), now, resourceType="Contributions") == "resource-type-known"
