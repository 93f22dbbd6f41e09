"""What one job's rows showed is remembered for the next ones, and hides nothing from them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exportproof.conformance.ledger import Change, Ledger
from exportproof.conformance.literals import THEN, job, run
from exportproof.conformance.oracle import analyse
from exportproof.conformance.versions import CustomColumns, RowMemory

FROM_NOW_ON = {"dateChangedFrom": "2026-11-10T00:00:00Z", "dateChangedTo": None}


def change(first: str, hours_ago: int) -> Change:
    return Change(1, THEN - timedelta(hours=hours_ago), True, {"FirstName": first}, {}, 1)


def kinds(book: Ledger, memory: RowMemory, text: str) -> list[str]:
    made = job(text, ledger_before=book.position, ledger_after=book.position, **FROM_NOW_ON)
    return [fault.kind for fault in analyse(made, run(made, ledger=book), memory).faults]


def test_a_row_that_was_right_once_is_looked_at_again_when_it_comes_otherwise() -> None:
    book, memory = Ledger(), RowMemory(CustomColumns({}))
    book.apply("first", "Contacts", [change("Ann", 2)])
    assert kinds(book, memory, "VanID,FirstName\r\n1,Ann\r\n") == []
    assert kinds(book, memory, "VanID,FirstName\r\n1,Ann \r\n") == ["damaged"]
    assert kinds(book, memory, "FirstName,VanID\r\nEve,1\r\n") == ["damaged"]
    assert kinds(book, memory, "VanID,FirstName\r\n1,Ann\r\n") == []


def test_a_row_that_was_right_before_a_change_is_stale_after_it() -> None:
    book, memory = Ledger(), RowMemory(CustomColumns({}))
    book.apply("first", "Contacts", [change("Ann", 2)])
    assert kinds(book, memory, "VanID,FirstName\r\n1,Ann\r\n") == []
    book.apply("first", "Contacts", [change("Eve", 1)])
    assert kinds(book, memory, "VanID,FirstName\r\n1,Ann\r\n") == ["stale"]


def test_a_column_that_comes_unasked_is_no_requested_one() -> None:
    book, memory = Ledger(), RowMemory(CustomColumns({}))
    book.apply("first", "Contacts", [Change(1, THEN - timedelta(hours=2), True, {"Amount": 5}, {}, 1)])
    at: dict[str, Any] = {"ledger_before": 1, "ledger_after": 1, **FROM_NOW_ON}
    plain, asked = (job("VanID,Amount\r\n1,5\r\n", **at, **more) for more in ({}, {"requestedFields": ["Amount"]}))
    tried = [set(analyse(each, run(each, ledger=book), memory).tried) for each in (plain, asked, plain)]
    assert ["fields/requested" in rules for rules in tried] == [False, True, False]
