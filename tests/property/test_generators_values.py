"""Texts and values: what the control API lets a record hold, and nothing that CSV cannot carry."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exportproof.generators.values import interesting_texts, texts, utf16_length, value_for, writable
from exportproof.spec.offer import Field, Offer, parse_instant


def is_storable(text: str, room: int) -> bool:
    """Whether the control API's text columns hold it: no control characters but three, nothing that UTF-8 lacks."""
    kinds = {unicodedata.category(character) for character in text if character not in "\t\r\n"}
    return not kinds & {"Cc", "Cs"} and 0 < utf16_length(text) <= room


def through_csv(rows: list[list[str]]) -> list[list[str]]:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    again = written.getvalue().encode("utf-8").decode("utf-8")
    return list(csv.reader(io.StringIO(again, newline="")))


@pytest.mark.parametrize("room", [1, 2, 3, 9, 20, 50, 255, 4000])
def test_interesting_texts_are_storable_and_distinct(room: int) -> None:
    found = interesting_texts(room)
    assert found, "every column has room for some text that needs care"
    assert len(set(found)) == len(found)
    assert [text for text in found if not is_storable(text, room)] == []
    assert [text for text in found if text.isspace() or text.startswith("\ufeff")] == []
    assert found == interesting_texts(room)


@pytest.mark.parametrize("room", [20, 255])
def test_interesting_texts_survive_csv_and_fill_the_column(room: int) -> None:
    found = interesting_texts(room)
    rows = [[str(number), text, "after"] for number, text in enumerate(found)]
    assert through_csv(rows) == rows
    assert sum(utf16_length(text) == room for text in found) >= 3
    assert any(text.endswith('"') and len(text) == room for text in found)


def test_interesting_texts_know_the_usual_hazards() -> None:
    found = interesting_texts(255)
    assert len(found) >= 60
    for hazard in ("00501", "NULL", "=1+1", ",", '"', "1e5", "\\n", "caf\u00e9", "cafe\u0301", "\U0001f1e9\U0001f1ea"):
        assert hazard in found
    for part in ("\r\n", "\t", "\u00a0", "\u200b", "\u2028", "\ufeff", "\u05e9", "\u4e2d", "\u20ac"):
        assert any(part in text for text in found), f"no text has {part!r} in it"
    assert found[0] == "00501", "a profile in a hurry takes the first ones only"
    assert interesting_texts(20)[:8] == found[:8]


@given(st.data(), st.integers(1, 300))
def test_drawn_texts_are_storable_and_survive_csv(data: st.DataObject, room: int) -> None:
    text = data.draw(texts(room))
    assert is_storable(text, room)
    assert not text.isspace()
    assert through_csv([["1", text], ["2", ""]]) == [["1", text], ["2", ""]]


def decimals(value: float) -> int:
    """How many digits stand behind the point."""
    return len(repr(value).partition(".")[2].rstrip("0"))


CHECKS: dict[str, Any] = {
    "N": lambda value: -(2**31) <= value < 2**31 and decimals(value) <= 4,
    "M": lambda value: decimals(value) <= 2,
    "B": lambda value: isinstance(value, bool),
    "D": lambda value: 1980 <= parse_instant(value).year < 2100,
    "T": lambda value: is_storable(value, 12),
}


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_values_fit_their_column(kind: str) -> None:
    holds = CHECKS[kind]

    @given(value_for(Field("Column", kind, core=True, max_characters=12)))
    def check(value: Any) -> None:
        assert holds(value)
        assert not isinstance(value, float) or "e" not in repr(value), "written with an exponent"

    check()


def test_a_column_of_unknown_type_holds_text() -> None:
    @given(value_for(Field("Column", "X", core=True)))
    def check(value: Any) -> None:
        assert is_storable(value, 50)

    check()


def test_keys_and_computed_columns_are_not_written(offer: Offer) -> None:
    names = [field.name for field in writable(offer.resources["ContactsActivistCodes"])]
    assert names == ["ActivistCodeID", "DateCreated"]
