"""What a row of an export holds: its columns, and how each value is written (fields.1, version.1, rfc4180)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..spec.offer import format_instant, parse_instant
from .core import Core
from .resources import CREATED, DELETED, UPDATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Column, JobRequest, Record, Version

_SPECIAL = frozenset('",\r\n')


class Rows(Core):
    """Turns records into lines of CSV."""

    line_end = "\r\n"
    encoding = "utf-8"

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        """The columns of an export: the core fields, then what was asked for, each once (fields.1)."""
        kind = self.types[request.resource_type]
        chosen = {column.name: column for column in kind.columns if column.core}
        for name in request.fields or ():
            chosen.setdefault(name, kind.by_name[name])
        for identifier in request.custom_field_ids or ():
            column = kind.by_custom_id[identifier]
            chosen.setdefault(column.name, column)
        return tuple(chosen.values())

    def header(self, columns: Sequence[Column]) -> bytes:
        """The line of names that every file starts with (facts:3.3)."""
        return self.line([column.name for column in columns])

    def row(self, record: Record, columns: Sequence[Column], request: JobRequest) -> bytes:
        """One record as a line."""
        version = self.shown_version(record, request)
        return self.line([self.cell(column, record, version, request) for column in columns])

    def shown_version(self, record: Record, request: JobRequest) -> Version:  # noqa: ARG002 - told for those who use it
        """The version that a row shows: the current one, whatever the window (version.1, version.2)."""
        return record.current

    def cell(self, column: Column, record: Record, version: Version, request: JobRequest) -> str:  # noqa: ARG002
        """The text of one cell."""
        return self.text_of(column, self.value_of(column, record, version))

    def value_of(self, column: Column, record: Record, version: Version) -> Any:  # noqa: ANN401 - any value
        """The value of one cell: the key, what was put there, or what the server works out; None for nothing."""
        if column.computed == "key":
            return record.id
        if column.custom_id is not None:
            return version.custom_values.get(str(column.custom_id))
        if column.name in version.values:
            return version.values[column.name]
        return self.computed(column, record, version)

    def computed(self, column: Column, record: Record, version: Version) -> Any:  # noqa: ANN401 - any value
        """What the server fills a column with when a change left it out."""
        match column.computed:
            case "change-type":
                return DELETED if not version.active else CREATED if version is record.first else UPDATED
            case "deleted":
                return not version.active
            case "first-change":
                return format_instant(record.first.at, digits=6)
            case "last-change":
                return format_instant(version.at, digits=6)
        return None

    # --- how values are written --------------------------------------------------------------------

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401 - any value
        """Write a value by the column's type. Null is empty."""
        if value is None:
            return self.write_null(column)
        if isinstance(value, bool):
            return self.write_boolean(value)
        match column.type:
            case "D":
                return self.write_date(str(value))
            case "N":
                return self.write_number(value)
            case "M":
                return self.write_money(value)
        return self.write_text(str(value), column)

    def write_null(self, column: Column) -> str:  # noqa: ARG002 - told for those who use it
        """Nothing is written as nothing (facts:3.3)."""
        return ""

    def write_text(self, value: str, column: Column) -> str:  # noqa: ARG002 - told for those who use it
        """Text is written as it is."""
        return value

    def write_boolean(self, value: bool) -> str:  # noqa: FBT001 - it is what is written
        """True or False; readers take them in any case (facts:3.3)."""
        return "True" if value else "False"

    def write_number(self, value: Any) -> str:  # noqa: ANN401 - int, float, or their text
        """A number in the shortest form that keeps it."""
        return str(value)

    def write_money(self, value: Any) -> str:  # noqa: ANN401 - int, float, or their text
        """Money as the number that it is, without a sign of its currency."""
        return self.write_number(value)

    def write_date(self, value: str) -> str:
        """An instant in UTC, with milliseconds, or microseconds where there are any."""
        instant = parse_instant(value)
        return format_instant(instant, digits=6 if instant.microsecond % 1000 else 3)

    # --- lines -------------------------------------------------------------------------------------

    def line(self, cells: Sequence[str]) -> bytes:
        """Cells as one line, encoded."""
        return self.encode(",".join(self.quoted(cells)) + self.line_end)

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        """Each cell in quotes where it has to be, with the quotes in it doubled (rfc4180)."""
        for cell in cells:
            yield cell if _SPECIAL.isdisjoint(cell) else self.quote(cell)

    def quote(self, cell: str) -> str:
        """A cell in quotes."""
        return '"' + cell.replace('"', '""') + '"'

    def encode(self, text: str) -> bytes:
        """Bytes of a text; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
        return text.encode(self.encoding, "replace")
