"""What a target offers, and instants of the API, on literal values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from exportproof.spec.offer import Field, Offer, format_instant, parse_instant, resource_from_answer

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ITEMS = [
    {"fieldName": "VanID", "fieldType": "N", "isCoreField": True},
    {"fieldName": "FirstName", "fieldType": "T", "isCoreField": True, "maxTextboxCharacters": 20},
    {"fieldName": "Prefix", "fieldType": "T", "isCoreField": False, "maxTextboxCharacters": None},
    {"fieldName": "firstname", "fieldType": "D"},
    {"name": "no field"},
    "neither",
]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T12:00:00.00Z", NOON),
        ("2026-11-20t12:00:00z", NOON),
        ("2026-11-20T16:00:00+04:00", NOON),
        ("2026-11-20T16:00:00+0400", NOON),
        ("2026-11-20T07:00:00.00 -05:00", NOON),
        (" 2026-11-20T12:00:00Z\n", NOON),
        ("2026-11-20T17:30:00+05:30", NOON),
        ("2026-11-20T12:00:00.01Z", NOON + timedelta(milliseconds=10)),
        ("2026-11-20T12:00:00.2106809Z", NOON + timedelta(microseconds=210680)),
        ("2026-11-21T00:00:00+12:00", NOON),
    ],
)
def test_timestamps_are_instants(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-20",
        "2026-11-20T12:00:00",
        "2026-11-20 12:00:00Z",
        "2026-11-20T12:00Z",
        "2026-13-20T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T12:00:60Z",
        "2026-11-20T12:00:00.Z",
        "2026-11-20T12:00:00.1234567890Z",
        "2026-11-20T12:00:00  -05:00",
        "2026-11-20T12:00:00+25:00",
        "٢٠٢٦-11-20T12:00:00Z",
    ],
)
def test_other_texts_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("digits", "text"),
    [(0, "2026-11-20T11:59:59Z"), (2, "2026-11-20T11:59:59.99Z"), (6, "2026-11-20T11:59:59.999999Z")],
)
def test_instants_are_cut_and_not_rounded(digits: int, text: str) -> None:
    elsewhere = timezone(timedelta(hours=-5))
    assert format_instant((NOON - timedelta(microseconds=1)).astimezone(elsewhere), digits) == text


def test_years_have_four_digits() -> None:
    assert format_instant(datetime(1, 1, 1, tzinfo=UTC), 0) == "0001-01-01T00:00:00Z"


def test_a_resource_is_read_from_what_a_target_lists() -> None:
    resource = resource_from_answer("Contacts", ITEMS, custom_fields=(157,))
    assert (resource.key, resource.custom_fields) == ("VanID", (157,))
    assert [field.name for field in resource.core] == ["VanID", "FirstName"]
    assert [field.name for field in resource.extra] == ["Prefix", "firstname"]
    assert resource.field("FIRSTNAME") == Field("FirstName", "T", core=True, max_characters=20), "the first of a name"
    assert resource.field("LastName") is None


@pytest.mark.parametrize(
    ("name", "given_key", "key"),
    [
        ("Contacts", "Id", "Id"),
        ("Events", None, "EventID"),
        ("Meetings", None, None),
    ],
)
def test_the_key_is_given_known_or_likely(name: str, given_key: str | None, key: str | None) -> None:
    items = [{"fieldName": "EventID", "fieldType": "N", "isCoreField": True}]
    assert resource_from_answer(name, items, key=given_key).key == key


def test_an_offer_knows_its_types() -> None:
    offer = Offer({"Contacts": resource_from_answer("Contacts", ITEMS)})
    assert "Contacts" in offer
    assert "contacts" not in offer
