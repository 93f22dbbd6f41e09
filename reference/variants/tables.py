"""Variants of the CSV text: quotes, line ends, marks, columns, and how values are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

from ...spec.offer import format_instant, parse_instant
from ..behaviour import Behaviour
from ..model import Column, FilePart, JobRequest, Record, Version
from . import variant

_EASTERN = timezone(timedelta(hours=-4))


@variant()
class QuotesEveryCell(Behaviour):
    """Every cell stands in quotes, the header's too and empty ones as well."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        return map(self.quote, cells)


@variant()
class QuotesText(Behaviour):
    """Text stands in quotes, numbers, dates and what is empty do not, and neither does the header."""

    def write_text(self, value: str, column: Column) -> str:
        return self.quote(value)

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        return (
            cell if cell[:1] == cell[-1:] == '"' else next(super(QuotesText, self).quoted([cell])) for cell in cells
        )


@variant()
class LinesEndInLineFeeds(Behaviour):
    """Lines end with LF alone; line breaks inside cells stay as they are."""

    line_end = "\n"


@variant()
class NoBreakAfterTheLastLine(Behaviour):
    """The last line of a file has no line break, as RFC 4180 allows."""

    def close_file(self, part: FilePart) -> None:
        if part.content.endswith(b"\r\n"):
            del part.content[-2:]


@variant()
class LineFeedsButNotAtTheEnd(LinesEndInLineFeeds):
    """Lines end with LF alone, and the last one of a file has none."""

    def close_file(self, part: FilePart) -> None:
        if part.content.endswith(b"\n"):
            del part.content[-1:]


@variant()
class BeginsWithAMark(Behaviour):
    """Every file begins with a byte order mark."""

    def preamble(self, number: int) -> bytes:
        return b"\xef\xbb\xbf"


@variant()
class MarksAndQuotes(BeginsWithAMark, QuotesEveryCell):
    """Every file begins with a byte order mark, and every cell stands in quotes."""


@variant()
class ColumnsBackwards(Behaviour):
    """The columns stand the other way round, so that the key comes last."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        return super().columns(request)[::-1]


@variant()
class ColumnsByName(Behaviour):
    """The columns stand in the order of their names."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        return tuple(sorted(super().columns(request), key=lambda column: column.name))


@variant()
class ColumnsOfItsOwn(Behaviour):
    """Every export has two columns that no list of fields tells of, one of them always empty."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        return (Column("RowVersion", "N"), *super().columns(request), Column("ErrorMessage", "T"))

    def cell(self, column: Column, record: Record, version: Version, request: JobRequest) -> str:
        if column.name == "RowVersion":
            return str(len(record.versions))
        return super().cell(column, record, version, request)


@variant()
class NamesCustomFieldsInWords(Behaviour):
    """The columns of custom fields have names in words, with a comma, quotes and letters beyond ASCII."""

    def header(self, columns: Sequence[Column]) -> bytes:
        return super().header(
            [
                column if column.custom_id is None else replace(column, name=f'Préf "{column.custom_id}", own')
                for column in columns
            ]
        )


@variant()
class SmallBooleans(Behaviour):
    """Booleans are written true and false."""

    def write_boolean(self, value: bool) -> str:  # noqa: FBT001 - it is what is written
        return "true" if value else "false"


@variant()
class LoudBooleans(Behaviour):
    """Booleans are written TRUE and FALSE, those that came as text too."""

    def write_boolean(self, value: bool) -> str:  # noqa: FBT001 - it is what is written
        return "TRUE" if value else "FALSE"

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401 - any value
        written = super().text_of(column, value)
        return written.upper() if column.type == "B" else written


@variant()
class NumbersWithPoints(Behaviour):
    """Whole numbers are written 12.0, as a table that once met an empty cell does; keys are not."""

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401 - any value
        written = super().text_of(column, value)
        return f"{written}.0" if column.type == "N" and column.computed != "key" and written.isdigit() else written


@variant()
class KeysWithPoints(Behaviour):
    """Whole numbers are written 12.0, keys too."""

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401 - any value
        written = super().text_of(column, value)
        return f"{written}.0" if column.type == "N" and written.isdigit() else written


@variant()
class MoneyToFourDecimals(Behaviour):
    """Money is written with four decimals."""

    def write_money(self, value: Any) -> str:  # noqa: ANN401 - any number
        return f"{Decimal(str(value)):.4f}"


@variant()
class DatesWithoutZone(Behaviour):
    """Dates are written in UTC without saying so: 2026-11-20 08:00:00.000."""

    def write_date(self, value: str) -> str:
        return super().write_date(value).replace("T", " ").rstrip("Z")


@variant()
class DatesWithoutTime(Behaviour):
    """Dates are written as days."""

    def write_date(self, value: str) -> str:
        return super().write_date(value)[:10]


@variant()
class DatesInSevenDigits(Behaviour):
    """Dates are written with seven digits of fraction and an offset of four hours."""

    def write_date(self, value: str) -> str:
        local = parse_instant(value).astimezone(_EASTERN)
        return f"{local:%Y-%m-%dT%H:%M:%S.%f}0-04:00"


@variant()
class DatesInWholeSeconds(Behaviour):
    """Dates are written without a fraction where there is none."""

    def write_date(self, value: str) -> str:
        instant = parse_instant(value)
        return super().write_date(value) if instant.microsecond else format_instant(instant, digits=0)
