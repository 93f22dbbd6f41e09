"""The oracle where not everything is known: the account's other records, or the target's own instants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exportproof.conformance.ledger import Change, Ledger
from exportproof.conformance.literals import THEN, job, run
from exportproof.conformance.oracle import Analysis, analyse
from exportproof.conformance.versions import CustomColumns, RowMemory

HEADER = "VanID,FirstName,LastName"


def change(identifier: int, first: str, last: str = "", at: Any = THEN - timedelta(hours=1)) -> Change:
    return Change(identifier, at, True, {"FirstName": first, "LastName": last}, {}, 1)


def judged(book: Ledger, *rows: str, **more: Any) -> Analysis:
    window = {"dateChangedFrom": "2026-11-10T00:00:00Z", "dateChangedTo": None}
    made = job(
        "\r\n".join([HEADER, *rows, ""]), ledger_before=book.position, ledger_after=book.position, **window, **more
    )
    return analyse(made, run(made, ledger=book), RowMemory(CustomColumns({})))


def blamed(analysis: Analysis) -> set[tuple[str, str]]:
    return {(fault.rule, fault.kind) for fault in analysis.faults}


def test_records_of_another_account_are_known_by_their_texts_where_ids_are_anybodys() -> None:
    book = Ledger()
    book.apply("first", "Contacts", [change(1, "Adalbert")])
    book.apply("second", "Contacts", [change(7, "Wilhelmina", "Featherstone")])
    assert blamed(judged(book, "1,Adalbert,", "7,Wilhelmina,Featherstone")) == {("isolation/records", "unexpected")}
    own = judged(book, "1,Adalbert,", "7,Wilhelmina,Smith")
    assert blamed(own) == set()
    assert own.tried["isolation/records"] == 1


def test_an_end_that_is_kept_in_seconds_or_hundredths_may_come_before_a_change_just_now() -> None:
    asked = THEN + timedelta(milliseconds=318)
    for milliseconds, told, lost in (
        (300, "2026-11-20T08:00:00Z", False), (310, None, False),
        (300, None, True), (300, "2026-11-20T07:00:00Z", True),
    ):  # fmt: skip
        book = Ledger()
        book.reset("first")
        book.apply("first", "Contacts", [change(1, "Ann", at=THEN + timedelta(milliseconds=milliseconds))])
        analysis = judged(book, says={"dateChangedTo": told}, target_before=asked, target_after=asked)
        assert blamed(analysis) == ({("window/up-to-request", "lost")} if lost else set()), (milliseconds, told)
