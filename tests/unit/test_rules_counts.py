"""The counts family, rule by rule, on literal jobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from exportproof.conformance.ledger import Change, Ledger
from exportproof.conformance.literals import CODES, HEADER, THEN, file, findings, job, outcomes, run, votes
from exportproof.conformance.rules.counts import nothing_due
from exportproof.spec.offer import parse_instant

TWO = f"{HEADER}1,Ann\r\n2,Bea\r\n"
RULES = ("counts/equals-rows", "counts/all-files", "counts/zero")


def said(observed: Any) -> dict[str, set[str]]:
    """What each rule of the family says, those left out that say nothing."""
    return {rule: found for rule in RULES if (found := outcomes(rule, observed))}


def ledger(*instants: datetime) -> Ledger:
    """A ledger that knows the first account: one record a change, at these instants."""
    book = Ledger()
    book.reset("first")
    book.apply("first", "Contacts", (Change(n, at, True, {}, {}, 1) for n, at in enumerate(instants, start=1)))
    return book


@pytest.mark.parametrize(
    ("contents", "count", "expected"),
    [
        ((TWO,), 2, {"counts/equals-rows": {"pass"}}),
        ((TWO,), 3, {"counts/equals-rows": {"fail"}}),
        ((TWO,), 0, {"counts/equals-rows": {"fail"}}),
        ((HEADER,), 5, {"counts/equals-rows": {"fail"}}),
        ((), 5, {"counts/equals-rows": {"fail"}}),
        ((TWO, f"{HEADER}3,Cyd\r\n"), 3, {"counts/all-files": {"pass"}}),
        ((TWO, "3,Cyd\r\n"), 3, {"counts/all-files": {"pass"}}),
        ((TWO, f"{HEADER}3,Cyd\r\n"), 1, {"counts/all-files": {"fail"}}),
        ((TWO, f"{HEADER}3,Cyd\r\n"), 4, {"counts/all-files": {"fail"}}),
        ((TWO, HEADER), 2, {"counts/all-files": {"pass"}}),
        ((HEADER,), 0, {"counts/zero": {"pass"}}),
        ((), 0, {"counts/zero": {"pass"}}),
        ((HEADER, HEADER), 0, {"counts/zero": {"fail"}}),
        # A line break inside quotes is no row.
        ((f'{HEADER}1,"a\r\nb"\r\n',), 1, {"counts/equals-rows": {"pass"}}),
    ],
)
def test_the_count_is_the_number_of_rows(contents: Any, count: int, expected: dict[str, set[str]]) -> None:
    assert said(run(job(*contents, count=count))) == expected


@pytest.mark.parametrize("count", ["2", True, 2.5, [], {}])
def test_a_count_that_is_no_integer_is_the_schema_familys(count: Any) -> None:
    assert said(run(job(TWO, count=count))) == {}


def test_a_count_that_is_absent_is_the_schema_familys() -> None:
    assert said(run(job(TWO, says={"exportedRecordCount": None}))) == {}


def test_a_job_without_all_of_its_files_says_nothing() -> None:
    assert said(run(job(TWO, file(None, status=404), count=9))) == {}


def test_rows_that_cannot_be_told_apart_leave_the_count_in_doubt() -> None:
    assert said(run(job(f'{HEADER}1,"a" b\r\n', count=1))) == {"counts/equals-rows": {"doubt"}}
    torn = job("VanID,b,c\r\n1,x,y\r\n2,x", "VanID,b,c\r\ny,z\r\n", count=2)
    assert said(run(torn)) == {"counts/all-files": {"doubt"}}


def test_files_without_a_header_are_not_blamed_on_the_count() -> None:
    assert said(run(job("1,Ann\r\n2,Bea\r\n", count=2))) == {}


def test_a_failure_tells_both_numbers() -> None:
    (found,) = findings("counts/all-files", run(job(TWO, f"{HEADER}3,Cyd\r\n", count=400)))
    assert "announces 400 records, and its files hold 3 rows" in found.message
    assert (found.expected, found.received) == ("exportedRecordCount 3", "exportedRecordCount 400")
    assert (found.key, found.exchanges) == ("more", (1, 2, 11, 12))


@pytest.mark.parametrize(("contents", "value"), [((HEADER,), {"header-only"}), ((), {"no-files"}), (("",), set())])
def test_an_empty_export_shows_the_reading(contents: Any, value: set[str]) -> None:
    assert votes("empty-result", run(job(*contents))) == value


def test_an_export_with_rows_shows_no_reading() -> None:
    assert votes("empty-result", run(job(TWO))) == set()


INSIDE, OUTSIDE = parse_instant("2026-11-10T12:00:00Z"), THEN - timedelta(days=2)


def test_nothing_is_due_only_where_the_ledger_knows_it() -> None:
    empty = job(HEADER, ledger_before=2, ledger_after=2)
    assert nothing_due(empty, run(ledger=ledger(OUTSIDE)))
    assert not nothing_due(empty, run(ledger=ledger(INSIDE)))
    assert not nothing_due(empty, run(ledger=ledger(OUTSIDE, parse_instant("2026-11-10T00:00:00Z"))))
    assert not nothing_due(job(HEADER), run())
    unknown = Ledger()
    unknown.apply("first", "Contacts", [Change(1, OUTSIDE, True, {}, {}, 1)])
    assert not nothing_due(job(HEADER, ledger_before=1, ledger_after=1), run(ledger=unknown))


@pytest.mark.parametrize(("asked", "nothing"), [([5], False), ([7], False), ([9], True), (None, True)])
def test_a_requested_id_may_be_the_records_or_its_contacts(asked: list[int] | None, *, nothing: bool) -> None:
    book = ledger()
    values = {"VanID": 7, "ActivistCodeID": 4}
    book.apply("first", CODES.name, [Change(5, OUTSIDE, True, values, {})])
    made = job(
        HEADER, resource=CODES, ledger_before=3, ledger_after=3, **({} if asked is None else {"requestedIds": asked})
    )
    assert nothing_due(made, run(made, ledger=book)) is nothing


@pytest.mark.parametrize(("instant", "rule"), [(OUTSIDE, "counts/zero"), (INSIDE, "counts/equals-rows")])
def test_a_count_without_rows_is_blamed_by_what_was_due(instant: datetime, rule: str) -> None:
    observed = run(job(HEADER, count=1, ledger_before=2, ledger_after=2), ledger=ledger(instant))
    assert said(observed) == {rule: {"fail"}}


@pytest.mark.parametrize(("instant", "outcome"), [(OUTSIDE, {"fail"}), (INSIDE, set())])
def test_a_job_without_records_completes_where_others_do(instant: datetime, outcome: set[str]) -> None:
    failed = job(name="failed", says={"jobStatus": "Error"}, ledger_before=2, ledger_after=2)
    good = job(TWO, name="good", ledger_before=2, ledger_after=2)
    assert outcomes("counts/zero", run(failed, good, ledger=ledger(instant))) == outcome
    assert outcomes("counts/zero", run(failed, ledger=ledger(instant))) == set()
