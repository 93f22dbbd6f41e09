"""What everyaction-client gets wrong: each test would fail if its code were mended. docs/clients.md tells its users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.tests.clients.conftest import Place


def filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells that hold something."""
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


class Scene:
    """A reference with contacts, and what the client makes of them."""

    def __init__(self, place: Place, connect: Callable[..., Any], *contacts: dict[str, Any]) -> None:
        """Put the contacts in place."""
        self.place, self.jobs = place, connect(place)
        if contacts:
            place.contacts(*contacts)

    def changes(self, kind: str = "Contacts", **more: Any) -> list[dict[str, Any]]:
        """Return the filled cells of what the client returns."""
        return filled(self.jobs.changes(resourceType=kind, dateChangedFrom=self.place.since, **more))


@pytest.fixture
def scene(reference: Callable[..., Place], everyaction: Callable[..., Any]) -> Callable[..., Scene]:
    """Makes a scene with contacts, at a reference with more words."""
    return lambda *contacts, words=(): Scene(reference(*words), everyaction, *contacts)


# --- wrong values, without a word ------------------------------------------------------------------------


def test_a_comma_moves_all_that_follows(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann", "LastName": "O'Neil, Jr.", "OrganizationName": "Acme"})
    (row,) = it.changes()
    assert row == {"VanID": 1, "FirstName": "Ann", "LastName": "\"O'Neil", "OrganizationName": ' Jr."', "Email": "Acme"}
    (true,) = it.place.export("Contacts").rows
    assert (true["LastName"], true["OrganizationName"], true["Email"]) == ("O'Neil, Jr.", "Acme", "")


def test_a_quote_stays_doubled_and_enclosed(scene: Callable[..., Scene]) -> None:
    assert scene({"LastName": 'the "Kid"'}).changes()[0]["LastName"] == '"the ""Kid"""'


def test_a_text_with_line_breaks_forges_a_record(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann", "Notes": "x,1\n99,Eve,,,,,,,,,,,,1,"})
    assert it.changes() == [
        {"VanID": 1, "FirstName": "Ann", "Notes": '"x', "ChangeTypeID": 1},
        {"VanID": 99, "FirstName": "Eve", "ChangeTypeID": 1},
    ]
    assert len(it.place.export("Contacts").rows) == 1


def test_a_link_that_is_refused_is_an_export_without_records(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann"}, words=("--variant", "links-that-need-credentials"))
    assert it.changes() == []
    assert len(it.place.export("Contacts").rows) == 1


def test_custom_fields_are_dropped(scene: Callable[..., Scene]) -> None:
    it = scene()
    it.place.change("Contacts", {"id": 1, "values": {"FirstName": "Ann"}, "customFields": {"157": "blue"}})
    assert it.changes(requestedCustomFieldIds=[157]) == [{"VanID": 1, "FirstName": "Ann", "ChangeTypeID": 1}]
    assert it.place.export("Contacts", requestedCustomFieldIds=[157]).rows[0]["CustomField157"] == "blue"
    fields = it.jobs.fields("Contacts")
    column = type(fields[0])(name="CustomField157", type="T")
    (row,) = it.changes(requestedCustomFieldIds=[157], field_cache=[*fields, column])
    assert row["CustomField157"] == "blue"


def test_where_every_cell_is_quoted_all_columns_are_dropped(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann"}, {"FirstName": "Bob"}, words=("--variant", "quotes-every-cell"))
    assert it.changes() == [{}, {}]
    assert [row["FirstName"] for row in it.place.export("Contacts").rows] == ["Ann", "Bob"]


def test_behind_a_byte_order_mark_the_key_is_dropped(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann"}, words=("--variant", "begins-with-a-mark"))
    assert it.changes() == [{"FirstName": "Ann", "ChangeTypeID": 1}]


def test_csv_without_a_charset_is_taken_for_latin_one(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Zoë"}, words=("--variant", "files-of-plain-csv"))
    assert it.changes()[0]["FirstName"] == "ZoÃ«"
    assert it.place.export("Contacts").rows[0]["FirstName"] == "Zoë"


def test_a_field_that_is_misspelt_is_missing(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann", "Prefix": "Dr."})
    assert it.changes(requestedFields=["Prefx"]) == [{"VanID": 1, "FirstName": "Ann", "ChangeTypeID": 1}]


def test_a_count_that_the_file_does_not_hold_is_not_noticed(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann"}, words=("--fault", "counts-one-too-many"))
    assert len(it.changes()) == 1
    assert it.place.export("Contacts").job["exportedRecordCount"] == 2


def test_an_offset_that_is_not_there_makes_a_date_without_one(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann"}, words=("--variant", "dates-without-zone"))
    (row,) = it.changes(requestedFields=["DateCreated"])
    assert row["DateCreated"].tzinfo is None


# --- an exception, and no export --------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["two\nlines", "a line\u2028separator", "a next\x85line"])
def test_a_line_break_of_any_kind_ends_the_row(scene: Callable[..., Scene], text: str) -> None:
    it = scene({"Notes": text}, {"FirstName": "Bob"})
    with pytest.raises(IndexError):
        it.changes()
    assert it.place.export("Contacts").rows[0]["Notes"] == text


def test_a_number_with_decimals(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann"}, words=("--variant", "numbers-with-points"))
    with pytest.raises(ValueError, match=r"invalid literal for int\(\) with base 10: '1\.0'"):
        it.changes()


def test_change_types_in_pascal_case(scene: Callable[..., Scene]) -> None:
    it = scene(words=("--variant", "tells-change-types-in-pascal-case"))
    with pytest.raises(AttributeError):
        it.jobs.find_change_type("Contacts", "Created")


def test_a_server_that_tells_the_id_alone(scene: Callable[..., Scene]) -> None:
    it = scene({"FirstName": "Ann"}, words=("--variant", "tells-the-id-alone"))
    with pytest.raises(Exception, match=r"404 Client Error: .*/changedEntityExportJobs/fields/None"):
        it.changes()
    fields = it.jobs.fields("Contacts")
    assert it.changes(field_cache=fields) == [{"VanID": 1, "FirstName": "Ann", "ChangeTypeID": 1}]


def test_an_export_without_records_and_without_a_file(scene: Callable[..., Scene]) -> None:
    it = scene(words=("--variant", "no-file-without-records"))
    with pytest.raises(IndexError):
        it.changes()


def test_a_job_that_fails_says_nothing(scene: Callable[..., Scene]) -> None:
    it = scene(words=("--fault", "fails-without-records"))
    with pytest.raises(Exception, match=r"^$") as failed:
        it.changes()
    assert type(failed.value).__name__ == "EAChangedEntityJobFailedException"
    assert vars(failed.value)["job"].message == "There is nothing to export."


@pytest.mark.parametrize("option", [{"contactMode": 1}, {"requestedActivistCodeIds": [7]}])
def test_what_the_api_offers_and_the_client_does_not(scene: Callable[..., Scene], option: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="not recognized by create_job"):
        scene().changes(**option)


def test_a_datetime_is_no_start_of_a_window(scene: Callable[..., Scene]) -> None:
    with pytest.raises(TypeError, match="datetime is not JSON serializable"):
        scene().jobs.changes(resourceType="Contacts", dateChangedFrom=datetime.now(UTC))


def test_a_429_while_it_polls_loses_the_job(scene: Callable[..., Scene], waits: list[float]) -> None:
    with pytest.raises(Exception, match=r"429 Client Error: .*/changedEntityExportJobs/\d+\nReason: .*Try again in"):
        scene(words=("--rate-limit", "1")).changes()
    assert waits == []


# --- waiting --------------------------------------------------------------------------------------------


def test_five_seconds_between_two_polls_however_short_the_job(scene: Callable[..., Scene], waits: list[float]) -> None:
    assert scene(words=("--variant", "works-when-it-is-asked")).changes() == []
    assert waits
    assert set(waits) == {5}


def test_a_job_that_never_ends_is_waited_for_without_end(
    pending_for_ever: Place,
    everyaction: Callable[..., Any],
    patience: list[float],
    heard: list[tuple[str, bytes]],
) -> None:
    with pytest.raises(TimeoutError, match="still waiting"):
        everyaction(pending_for_ever).changes(resourceType="Contacts", dateChangedFrom=pending_for_ever.since)
    assert set(patience) == {5}
    # A body in a GET, which proxies and some servers refuse.
    assert set(heard[1:]) == {("GET", b"{}")}
