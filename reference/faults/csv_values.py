"""Faults of values that are no text, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from ...spec.offer import format_instant, parse_instant
from ..behaviour import Behaviour
from ..model import Column, JobRequest, Record, Version
from . import fault


@fault("csv/typed-values")
class CutsCentsOff(Behaviour):
    """Money is cut to whole units; numbers, dates and booleans are right."""

    def write_money(self, value: Any) -> str:  # noqa: ANN401
        return str(Decimal(str(value)).quantize(Decimal(1), ROUND_DOWN))


@fault("csv/typed-values")
class SetsThousandsApart(Behaviour):
    """Whole numbers have commas, as 12,345; ids, fractions and all other types are right."""

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401
        whole = column.type == "N" and isinstance(value, int) and not column.name.lower().endswith("id")
        return f"{value:,}" if whole else super().text_of(column, value)


@fault("csv/typed-values")
class RoundsMoneyToTenths(Behaviour):
    """Money is rounded to one decimal; whole amounts and all other types are right."""

    def write_money(self, value: Any) -> str:  # noqa: ANN401
        return str(round(Decimal(str(value)), 1))


@fault("csv/typed-values")
class WritesLargeNumbersInBrief(Behaviour):
    """Numbers come with six significant digits, as 1.23457e+06; small ones are right."""

    def write_number(self, value: Any) -> str:  # noqa: ANN401
        return f"{float(value):.6g}"

    def write_money(self, value: Any) -> str:  # noqa: ANN401
        return str(value)

    def value_of(self, column: Column, record: Record, version: Version) -> Any:  # noqa: ANN401
        value = super().value_of(column, record, version)
        return str(value) if column.computed == "key" else value

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401
        return str(value) if column.computed == "key" else super().text_of(column, value)


@fault("csv/typed-values")
class TurnsFalseIntoNothing(Behaviour):
    """False is written as nothing; True and all other types are right."""

    def write_boolean(self, value: bool) -> str:  # noqa: FBT001
        return "True" if value else ""


@fault("csv/typed-values")
class WritesBooleansTheOtherWayRound(Behaviour):
    """True is written as False and False as True; all other types are right."""

    def write_boolean(self, value: bool) -> str:  # noqa: FBT001
        return super().write_boolean(not value)


@fault("csv/typed-values")
class WritesDatesADayEarly(Behaviour):
    """Dates are written as the day before; all other types are right."""

    def write_date(self, value: str) -> str:
        return format_instant(parse_instant(value) - timedelta(days=1))


@fault("csv/typed-values")
class WritesAfternoonsAsMornings(Behaviour):
    """From one in the afternoon, UTC, dates lose twelve hours; mornings and all other types are right."""

    def write_date(self, value: str) -> str:
        instant = parse_instant(value)
        return super().write_date(format_instant(instant - timedelta(hours=12 if instant.hour > 12 else 0)))


@fault("csv/typed-values")
class SwapsDayAndMonth(Behaviour):
    """Up to the twelfth, day and month of a date change places; later days and all other types are right."""

    def write_date(self, value: str) -> str:
        text = super().write_date(value)
        year, month, rest = text.split("-", 2)
        return f"{year}-{rest[:2]}-{month}{rest[2:]}" if int(rest[:2]) <= 12 else text


@fault("csv/empty-values")
class WritesTheWordNull(Behaviour):
    """A null is written as NULL; the empty text is written as nothing."""

    def write_null(self, column: Column) -> str:
        return "NULL"


@fault("csv/empty-values")
class WritesNAForMissingCustomFields(Behaviour):
    """A custom field that a record has none of is written as N/A; empty ones and all other columns are right."""

    def write_null(self, column: Column) -> str:
        return super().write_null(column) if column.custom_id is None else "N/A"


@fault("csv/empty-values")
class WritesADashForEmptyText(Behaviour):
    """The empty text is written as a dash; a null is written as nothing."""

    def write_text(self, value: str, column: Column) -> str:
        return super().write_text(value, column) or "-"


@fault("csv/empty-values")
class FillsEmptyCellsFromTheRowAbove(Behaviour):
    """An empty text takes what the last record with a value had in that column; filled ones are right."""

    def row(self, record: Record, columns: Sequence[Column], request: JobRequest) -> bytes:
        version = self.shown_version(record, request)
        cells = [self.cell(column, record, version, request) for column in columns]
        above: dict[tuple[str, str], str] = self.__dict__.setdefault("above", {})
        for place, column in enumerate(columns):
            key = request.resource_type, column.name
            if column.type == "T" and column.custom_id is None:
                cells[place] = cells[place] or above.get(key, "")
                above[key] = cells[place]
        return self.line(cells)
