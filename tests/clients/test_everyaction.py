"""everyaction-client against the reference: what works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.tests.clients.conftest import Place


def told(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What the client made of rows of texts and whole numbers, as it stood in the file."""
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def test_the_whole_flow(reference: Callable[..., Place], everyaction: Callable[..., Any]) -> None:
    place = reference()
    place.contacts({"FirstName": "Zoë"}, {"FirstName": "田中"}, {"FirstName": "Old"})
    place.change("Contacts", {"id": 3, "active": False, "values": {"FirstName": "Old"}})
    jobs = everyaction(place)
    assert jobs.resources()[:2] == ["Contacts", "ContactsActivistCodes"]
    assert jobs.find_field("Contacts", "vanid").isCoreField is True
    assert jobs.find_change_type("Contacts", "created").id == "1"
    for options in ({}, {"includeInactive": True}, {"requestedIds": [3]}, {"requestedFields": ["Prefix"]}):
        truth = place.export("Contacts", **options)
        rows = jobs.changes(resourceType="Contacts", dateChangedFrom=place.since, **options)
        assert told(rows) == truth.rows
        assert len(rows) == (3 if {"includeInactive", "requestedIds"} & set(options) else 2)


@pytest.mark.parametrize("words", [(), ("--variant", "header-in-the-first-file-only")])
def test_all_files_are_read(
    reference: Callable[..., Place], everyaction: Callable[..., Any], words: tuple[str, ...]
) -> None:
    place = reference(*words)
    place.contacts(*({"Notes": "n" * 3000} for _ in range(900)))
    jobs = everyaction(place)
    rows = jobs.changes(resourceType="Contacts", dateChangedFrom=place.since, fileSizeKbLimit=1000)
    assert [row["VanID"] for row in rows] == list(range(1, 901))
    assert len(place.export("Contacts", fileSizeKbLimit=1000).files) == 3


def test_values_by_their_types(reference: Callable[..., Place], everyaction: Callable[..., Any]) -> None:
    place = reference()
    values = {"Amount": "12.5", "IsTaxDeductible": True, "DateReceived": "2026-11-20T10:00:00Z"}
    place.change("Contributions", {"id": 5, "values": values})
    (row,) = everyaction(place).changes(resourceType="Contributions", dateChangedFrom=place.since)
    assert (row["ContributionID"], float(row["Amount"]), row["IsTaxDeductible"]) == (5, 12.5, True)
    assert row["DateReceived"].isoformat() == "2026-11-20T10:00:00+00:00"


def test_an_export_without_records(reference: Callable[..., Place], everyaction: Callable[..., Any]) -> None:
    place = reference()
    assert everyaction(place).changes(resourceType="Contacts", dateChangedFrom=place.since) == []


@pytest.mark.parametrize(
    "variant",
    [
        "compresses",
        "job-ids-beyond-every-double",
        "lines-end-in-line-feeds",
        "links-that-redirect-elsewhere",
        "never-pending",
        "refuses-nulls",
        "works-when-it-is-asked",
    ],
)
def test_servers_that_conform_in_unusual_ways(
    reference: Callable[..., Place], everyaction: Callable[..., Any], variant: str
) -> None:
    place = reference("--variant", variant)
    place.contacts({"FirstName": "Zoë"}, {"FirstName": "Ann"})
    jobs = everyaction(place)
    assert jobs.find_change_type("Contacts", "Created").name == "Created"
    rows = jobs.changes(resourceType="Contacts", dateChangedFrom=place.since)
    assert told(rows) == place.export("Contacts").rows
    assert len(rows) == 2


def test_the_wrong_mode_is_refused(reference: Callable[..., Place], everyaction: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match="401 Client Error") as told_off:
        everyaction(reference(), mode=0).resources()
    assert type(told_off.value).__name__ == "EAHTTPException"
