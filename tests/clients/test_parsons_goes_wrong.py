"""What Parsons gets wrong: each test would fail if its code were mended. docs/clients.md tells its users."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.tests.clients.conftest import Place

ROWS = 13_000
"""Contacts with long notes: some 103 MB in UTF-8, above the 100,000 KB that Parsons always asks for."""


@pytest.mark.slow
def test_the_second_file_is_never_read(reference: Callable[..., Place], parsons: Callable[..., Any]) -> None:
    place = reference()
    for start in range(1, ROWS + 1, 1000):
        changes = ({"id": number, "values": {"Notes": "é" * 3900}} for number in range(start, start + 1000))
        place.change("Contacts", *changes)
    truth = place.export("Contacts", fileSizeKbLimit=100_000)
    assert (truth.job["exportedRecordCount"], len(truth.rows), len(truth.files)) == (ROWS, ROWS, 2)
    table = parsons(place).get_changed_entities("Contacts", place.since)
    assert [row["VanID"] for row in table] == [row["VanID"] for row in truth.files[0]]
    assert 0 < len(truth.files[0]) < ROWS


def test_what_the_api_offers_and_parsons_does_not(parsons: Callable[..., Any]) -> None:
    del parsons
    module = sys.modules["parsons.ngpvan.changed_entities"]
    assert set(inspect.signature(module.ChangedEntities.get_changed_entities).parameters) == {
        "self", "resource_type", "date_from", "date_to", "include_inactive", "requested_fields", "custom_fields",
    }  # fmt: skip


def test_the_date_of_its_documentation_is_no_timestamp(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference()
    assert "``iso8601`` formatted date (``2021-10-11``)" in parsons(place).get_changed_entities.__doc__
    with pytest.raises(OSError, match=r"Code: 400.*dateChangedFrom is no timestamp"):
        parsons(place).get_changed_entities("Contacts", place.since[:10])


def test_a_field_that_is_misspelt_is_missing_without_a_word(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference()
    place.contacts({"FirstName": "Ann", "Prefix": "Dr."})
    table = parsons(place).get_changed_entities("Contacts", place.since, requested_fields=["Prefx"])
    assert "Prefx" not in table.columns
    assert table.columns == list(place.export("Contacts").rows[0])


def test_the_table_is_downloaded_again_at_each_use_and_dies_with_its_link(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference()
    place.contacts({"FirstName": "Ann"})
    table = parsons(place).get_changed_entities("Contacts", place.since)
    copied = parsons(place).get_changed_entities("Contacts", place.since)
    copied.materialize()
    assert table.num_rows == 1
    place.set_clock(days=21)
    with pytest.raises(HTTPError, match="410"):
        assert table.num_rows
    assert copied.num_rows == 1


def test_a_link_that_works_once_is_used_up_by_the_first_look(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference("--fault", "spends-links")
    place.contacts({"FirstName": "Ann"})
    table = parsons(place).get_changed_entities("Contacts", place.since)
    with pytest.raises(HTTPError, match="404"):
        assert [table.num_rows, table.to_dicts()]


def test_a_byte_order_mark_becomes_part_of_the_keys_name(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference("--variant", "begins-with-a-mark")
    place.contacts({"FirstName": "Ann"})
    (row,) = parsons(place).get_changed_entities("Contacts", place.since).to_dicts()
    assert row["\ufeffVanID"] == "1"
    assert "VanID" not in row


def test_a_link_that_wants_credentials_gets_none(reference: Callable[..., Place], parsons: Callable[..., Any]) -> None:
    place = reference("--variant", "links-that-need-credentials")
    with pytest.raises(HTTPError, match="401"):
        parsons(place).get_changed_entities("Contacts", place.since)


def test_an_export_without_records_and_without_a_file(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference("--variant", "no-file-without-records")
    with pytest.raises(IndexError):
        parsons(place).get_changed_entities("Contacts", place.since)


def test_what_was_left_out_is_sent_as_null(reference: Callable[..., Place], parsons: Callable[..., Any]) -> None:
    place = reference("--variant", "refuses-nulls")
    with pytest.raises(OSError, match=r"Code: 400.*dateChangedTo.*requestedFields.*requestedCustomFieldIds"):
        parsons(place).get_changed_entities("Contacts", place.since)


def test_a_429_while_it_polls_loses_the_job(
    reference: Callable[..., Place], parsons: Callable[..., Any], waits: list[float]
) -> None:
    place = reference("--rate-limit", "1")
    with pytest.raises(OSError, match=r"Code: 429; URL: .*/changedEntityExportJobs/\d+; .*Try again in"):
        parsons(place).get_changed_entities("Contacts", place.since)
    assert waits == []


def test_ten_seconds_between_two_polls_however_short_the_job(
    reference: Callable[..., Place], parsons: Callable[..., Any], waits: list[float]
) -> None:
    place = reference("--variant", "works-when-it-is-asked")
    assert parsons(place).get_changed_entities("Contacts", place.since).num_rows == 0
    assert waits
    assert set(waits) == {10}


def test_a_job_that_never_ends_is_waited_for_without_end(
    pending_for_ever: Place, parsons: Callable[..., Any], patience: list[float]
) -> None:
    with pytest.raises(TimeoutError, match="still waiting"):
        parsons(pending_for_ever).get_changed_entities("Contacts", pending_for_ever.since)
    assert set(patience) == {10}


def test_a_count_that_the_file_does_not_hold_is_not_noticed(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    place = reference("--fault", "counts-one-too-many")
    place.contacts({"FirstName": "Ann"}, {"FirstName": "Bob"})
    assert place.export("Contacts").job["exportedRecordCount"] == 3
    assert parsons(place).get_changed_entities("Contacts", place.since).num_rows == 2


READ = """
import sys, warnings
warnings.simplefilter("ignore")
from parsons.ngpvan.van import VAN
van = VAN(api_key=sys.argv[1], db="EveryAction")
van.connection.uri = van.connection.api.uri = sys.argv[2] + "/"
print(van.get_changed_entities("Contacts", sys.argv[3]).num_rows)
"""


def test_files_are_read_in_the_encoding_of_the_machine(
    reference: Callable[..., Place], parsons: Callable[..., Any]
) -> None:
    del parsons
    place = reference("--variant", "complete-at-once")
    place.contacts({"FirstName": "Zoë"})

    def read(**more: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
        words = [sys.executable, "-c", READ, "demo-key", place.url, place.since]
        return subprocess.run(words, env=kept | more, check=False, capture_output=True, text=True, timeout=60)

    assert read(PYTHONUTF8="1").stdout == "1\n"
    plain = read(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert plain.returncode == 1
    assert "UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3" in plain.stderr
