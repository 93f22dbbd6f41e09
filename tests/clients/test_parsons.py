"""Parsons against the reference: what works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.tests.clients.conftest import Place

ODD = (
    {"FirstName": "Ann", "LastName": 'O"Neil, Jr.'},
    {"FirstName": "Zoë", "Notes": "two\r\nlines, and a comma"},
    {"FirstName": "田中", "Notes": "\u2028 separates, \x85 too"},
)


def test_the_whole_flow(reference: Callable[..., Place], parsons: Callable[..., Any]) -> None:
    place = reference()
    place.contacts(*ODD, {"FirstName": "Old"})
    place.change("Contacts", {"id": 4, "active": False, "values": {"FirstName": "Old"}})
    van = parsons(place)
    assert van.get_changed_entity_resources()[:2] == ["Contacts", "ContactsActivistCodes"]
    fields = van.get_changed_entity_resource_fields("Contacts").to_dicts()
    assert {"VanID": True, "DateCreated": False}.items() <= {
        row["fieldName"]: row["isCoreField"] for row in fields
    }.items()
    for given, options in (
        ({}, {}),
        ({"include_inactive": True}, {"includeInactive": True}),
        ({"requested_fields": ["DateCreated"]}, {"requestedFields": ["DateCreated"]}),
        ({"custom_fields": [157, 205]}, {"requestedCustomFieldIds": [157, 205]}),
    ):
        truth = place.export("Contacts", **options)
        assert van.get_changed_entities("Contacts", place.since, **given).to_dicts() == truth.rows
        assert len(truth.rows) == (4 if "include_inactive" in given else 3)


def test_a_window_that_has_closed(reference: Callable[..., Place], parsons: Callable[..., Any]) -> None:
    place = reference()
    place.change("Contacts", {"id": 7, "at": "2026-01-02T03:04:05Z", "values": {"FirstName": "Long ago"}})
    place.contacts({"FirstName": "Ann"})
    end = place.export("Contacts").job["dateChangedTo"]
    place.change("Contacts", {"id": 2, "values": {"FirstName": "Later"}})
    rows = parsons(place).get_changed_entities("Contacts", place.since, date_to=end).to_dicts()
    assert [(row["VanID"], row["FirstName"]) for row in rows] == [("1", "Ann")]


def test_an_export_without_records(reference: Callable[..., Place], parsons: Callable[..., Any]) -> None:
    place = reference()
    table = parsons(place).get_changed_entities("Contacts", place.since)
    assert (table.num_rows, table.columns[:2]) == (0, ["VanID", "FirstName"])


@pytest.mark.parametrize(
    "variant",
    [
        "complete-at-once",
        "compresses",
        "job-ids-beyond-every-double",
        "lines-end-in-line-feeds",
        "links-signed-in-the-query",
        "links-that-redirect-elsewhere",
        "never-in-process",
        "never-pending",
        "quotes-every-cell",
        "tells-little-before-the-end",
        "tells-the-id-alone",
        "works-when-it-is-asked",
    ],
)
def test_servers_that_conform_in_unusual_ways(
    reference: Callable[..., Place], parsons: Callable[..., Any], variant: str
) -> None:
    place = reference("--variant", variant)
    place.contacts(*ODD)
    assert parsons(place).get_changed_entities("Contacts", place.since).to_dicts() == place.export("Contacts").rows


def test_a_job_that_fails_is_told_with_its_message(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference("--fault", "fails-without-records")
    with pytest.raises(ValueError, match=r"^There is nothing to export\.$"):
        parsons(place).get_changed_entities("Contacts", place.since)


def test_the_wrong_mode_is_refused(reference: Callable[..., Place], parsons: Callable[..., Any]) -> None:
    with pytest.raises(OSError, match="Code: 401"):
        parsons(reference(), mode="MyVoters").get_changed_entity_resources()
