"""The form of files, rule by rule, on literal jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exportproof.conformance.literals import CONTACTS, HEADER, file, findings, job, outcomes, run
from exportproof.spec.offer import Resource


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (f"{HEADER}1,Grüße\r\n".encode(), {"pass"}),
        (f"\ufeff{HEADER}1,東京\r\n".encode(), {"pass"}),
        (f"{HEADER}1,Ann\r\n".encode(), set()),
        (f"{HEADER}1,Grüße\r\n".encode("latin-1"), {"fail"}),
        (f"{HEADER}1,Ann\r\n".encode("utf-16"), {"fail"}),
    ],
)
def test_files_are_utf_8(content: bytes, outcome: set[str]) -> None:
    assert outcomes("csv/utf-8", run(job(content))) == outcome


def test_a_file_that_broke_off_says_nothing_of_its_form() -> None:
    cut = run(job(file(f'{HEADER}1,"Gr'.encode() + b"\xc3", error="disconnected")))
    for rule in ("csv/utf-8", "csv/well-formed", "csv/header", "csv/row-width"):
        assert outcomes(rule, cut) == set()


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ('1,"5"" pipe"', {"pass"}),
        ('1,"a, b"', {"pass"}),
        ('1,"two\r\nlines"', {"pass"}),
        ('"1","Ann"', set()),
        ("1,Ann", set()),
        ('1,"5\\" pipe"', {"fail"}),
        ('1,5" pipe', {"fail"}),
        ('1,"never closed', {"fail"}),
    ],
)
def test_quotes_are_doubled_and_closed(row: str, outcome: set[str]) -> None:
    assert outcomes("csv/well-formed", run(job(f"{HEADER}{row}\r\n"))) == outcome


def test_a_failure_names_file_and_line() -> None:
    (found,) = findings("csv/well-formed", run(job(f'{HEADER}1,Ann\r\n2,"a" b\r\n')))
    assert "file 1" in found.message
    assert (found.details["line"], found.exchanges) == (3, (1, 2, 11))


def test_a_record_that_was_cut_where_files_meet_is_not_blamed_on_the_form() -> None:
    observed = run(job(f'{HEADER}1,"a\r\n', f'{HEADER}b"\r\n2,Bea\r\n'))
    assert outcomes("csv/well-formed", observed) == set()
    assert outcomes("split/whole-records", observed) == {"fail"}
    at_the_end = run(job(f"{HEADER}1,Ann\r\n", f'{HEADER}2,"never closed'))
    assert outcomes("csv/well-formed", at_the_end) == {"fail"}


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (f"{HEADER}1,Ann\r\n", {"pass"}),
        (HEADER, {"pass"}),
        ("firstname,VANID\r\nAnn,1\r\n", {"pass"}),
        ("1,Ann\r\n", {"fail"}),
        ("<html><body>Sorry</body></html>", {"fail"}),
        ("", {"fail"}),
    ],
)
def test_the_first_line_names_the_columns(content: str, outcome: set[str]) -> None:
    assert outcomes("csv/header", run(job(content))) == outcome


@pytest.mark.parametrize("resource", [replace(CONTACTS, key=None), Resource("Contacts", "VanID", CONTACTS.fields[1:])])
def test_a_key_that_nobody_lists_is_not_looked_for(resource: Resource) -> None:
    assert outcomes("csv/header", run(job("FirstName\r\nAnn\r\n", resource=resource))) == set()


@pytest.mark.parametrize(
    ("contents", "outcome"),
    [
        ((f"{HEADER}1,Ann\r\n2,\r\n",), {"pass"}),
        ((HEADER,), set()),
        ((f"{HEADER}1,Ann\r\n2\r\n",), {"fail"}),
        ((f"{HEADER}1,Ann, Jr.\r\n",), {"fail"}),
        ((f"{HEADER}1,Ann\r\n", "2,Bea\r\n3,Cyd\r\n"), {"pass"}),
        ((f"{HEADER}1,Ann\r\n", f"{HEADER}2,Bea\r\nTotal: 2 rows\r\n"), {"pass", "fail"}),
        # What the seam cuts is the split family's, and so is a later header that fits none of its rows.
        (("id,b,c\r\n1,x,y\r\n2,x", "id,b,c\r\ny,z\r\n3,x,y\r\n"), {"pass"}),
        ((f"{HEADER}1,Ann\r\n", "VanID\r\n2,Bea\r\n"), {"pass"}),
        ((f'{HEADER}1,"a" b\r\n2\r\n',), set()),
        # An empty line is no row, and is passed over at the end of a file, or where rows may be empty.
        ((f"{HEADER}1,Ann\r\n\r\n2,Bea\r\n",), {"fail"}),
        ((f"{HEADER}1,Ann\r\n", f"\r\n{HEADER}2,Bea\r\n"), {"pass", "fail"}),
        ((f"{HEADER}1,Ann\r\n\r\n",), {"pass"}),
        (("VanID\r\n1\r\n\r\n2\r\n",), {"pass"}),
    ],
)
def test_rows_are_as_wide_as_the_header(contents: Any, outcome: set[str]) -> None:
    assert outcomes("csv/row-width", run(job(*contents))) == outcome


def test_a_failure_about_width_tells_the_row() -> None:
    (found,) = findings("csv/row-width", run(job(f"{HEADER}1,Ann\r\n2\r\n3\r\n")))
    assert "2 rows of file 1" in found.message
    assert (found.expected, found.received, found.key) == ("2 fields", "1 fields", "shorter")
    assert found.details["rows"] == [{"row": 3, "fields": 1}, {"row": 4, "fields": 1}]
