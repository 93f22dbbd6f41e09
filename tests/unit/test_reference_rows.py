"""What a row holds, and how values are written."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from exportproof.tests.unit.conftest import Direct

FIRST, IN, AFTER = "2026-11-01T09:30:00Z", "2026-11-20T12:00:00.25Z", "2026-11-22T12:00:00Z"


def table(direct: Direct, **body: Any) -> list[dict[str, str]]:
    (file,) = direct.finished(**body)["files"]
    content = direct.download(file["downloadUrl"]).body.decode()
    return list(csv.DictReader(io.StringIO(content, newline=""), strict=True))


def columns(direct: Direct, **body: Any) -> list[str]:
    (file,) = direct.finished(**body)["files"]
    content: str = direct.download(file["downloadUrl"]).body.decode()
    return content.split("\r\n", maxsplit=1)[0].split(",")


def test_core_fields_always_and_others_when_asked_for(direct: Direct) -> None:
    core = columns(direct)
    assert core[0] == "VanID"
    assert "Prefix" not in core
    assert columns(direct, requestedFields=["Prefix", "VanID", "Prefix", "FirstName"]) == [*core, "Prefix"]
    assert columns(direct, requestedFields=["Nothing"], requestedCustomFieldIds=[1]) == core
    wanted = columns(direct, requestedCustomFieldIds=[206, 157, 206], requestedFields=["Suffix"])
    assert wanted == [*core, "Suffix", "CustomField206", "CustomField157"]


def test_every_type_has_its_key_first(direct: Direct) -> None:
    for kind in direct.behaviour.types.values():
        assert columns(direct, resourceType=kind.name)[0] == kind.key


def test_rows_show_the_present(direct: Direct) -> None:
    direct.change(
        {"id": 1, "at": FIRST, "values": {"FirstName": "first", "LastName": "kept?"}},
        {"id": 1, "at": IN, "values": {"FirstName": "inside"}},
        {"id": 1, "at": AFTER, "values": {"FirstName": "current"}, "customFields": {"157": "blue"}},
    )
    (row,) = table(direct, requestedCustomFieldIds=[157, 205])
    assert (row["FirstName"], row["LastName"]) == ("current", ""), "a change is the whole new version"
    assert (row["CustomField157"], row["CustomField205"]) == ("blue", "")


def test_an_export_shows_nothing_that_changed_after_it_ran(direct: Direct) -> None:
    direct.change({"id": 1, "at": IN, "values": {"FirstName": "then"}})
    (file,) = direct.finished()["files"]
    direct.change({"id": 1, "values": {"FirstName": "now"}})
    assert b"then" in direct.download(file["downloadUrl"]).body
    assert table(direct)[0]["FirstName"] == "now"


def test_what_the_server_fills_in(direct: Direct) -> None:
    direct.change(
        {"id": 1, "at": IN},
        {"id": 2, "at": FIRST}, {"id": 2, "at": IN},
        {"id": 3, "at": FIRST}, {"id": 3, "at": IN, "active": False},
        {"id": 4, "at": IN, "values": {"ChangeTypeID": 2, "DateCreated": "2020-01-01T00:00:00+01:00", "VanID": 99}},
    )  # fmt: skip
    one, two, three, four = table(direct, includeInactive=True, requestedFields=["DateCreated", "LastUpdatedOn"])
    assert [row["ChangeTypeID"] for row in (one, two, three, four)] == ["1", "2", "3", "2"]
    assert two["DateCreated"] == "2026-11-01T09:30:00.000Z"
    assert two["LastUpdatedOn"] == "2026-11-20T12:00:00.250Z"
    assert four["DateCreated"] == "2019-12-31T23:00:00.000Z"
    assert four["VanID"] == "4", "the key is the record's id"


def test_instants_lose_nothing(direct: Direct) -> None:
    direct.change({"id": 1, "at": IN, "values": {"DateOfBirth": "1999-05-06T00:00:00.123456Z"}})
    assert table(direct, requestedFields=["DateOfBirth"])[0]["DateOfBirth"] == "1999-05-06T00:00:00.123456Z"


@pytest.mark.parametrize(
    ("kind", "column", "value", "written"),
    [
        ("Contacts", "FirstName", None, ""),
        ("Contacts", "FirstName", "", ""),
        ("Contacts", "FirstName", "  both sides  ", "  both sides  "),
        ("Contacts", "FirstName", 'O"Neil, Jr.', 'O"Neil, Jr.'),
        ("Contacts", "Notes", "two\r\nlines\nand\ta tab\r", "two\r\nlines\nand\ta tab\r"),
        ("Contacts", "FirstName", "=1+1", "=1+1"),
        ("Contacts", "ZipOrPostal", "00501", "00501"),
        ("Contacts", "FirstName", "Łucja 李 🦋 \u202e", "Łucja 李 🦋 \u202e"),
        ("Contacts", "FirstName", "\ufeffmark", "\ufeffmark"),
        ("Contacts", "DoNotCall", True, "True"),
        ("Contacts", "DoNotCall", False, "False"),
        ("Contacts", "DoNotCall", "true", "true"),
        ("Contacts", "DoNotCall", None, ""),
        ("Contacts", "EngagementScore", 0, "0"),
        ("Contacts", "EngagementScore", -(2**31), "-2147483648"),
        ("Contacts", "EngagementScore", 1.5, "1.5"),
        ("Contacts", "LifetimeGiving", "1234.5000", "1234.5000"),
        ("Contacts", "LifetimeGiving", 0.07, "0.07"),
    ],
)
def test_values_survive(kind: str, column: str, value: Any, written: str, direct: Direct) -> None:
    direct.change({"id": 1, "at": IN, "values": {column: value}}, kind=kind)
    assert table(direct, resourceType=kind, requestedFields=[column])[0][column] == written
