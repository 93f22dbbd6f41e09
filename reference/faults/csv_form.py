"""Faults of the files' form: encoding, quoting, width and header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..behaviour import Behaviour
from ..model import Column, FilePart, JobRequest, Record
from . import fault


@fault("csv/well-formed")
class EscapesQuotesByBackslash(Behaviour):
    """A quote inside a text is written as a backslash and a quote; texts without quotes are right."""

    def quote(self, cell: str) -> str:
        return '"' + cell.replace('"', '\\"') + '"'


@fault("csv/well-formed")
class LeavesQuotesBare(Behaviour):
    """A text with a quote and without comma or line break is not quoted; all others are right."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        for cell in cells:
            yield cell if {",", "\r", "\n"}.isdisjoint(cell) else self.quote(cell)


@fault("csv/well-formed")
class ForgetsTheLastQuote(Behaviour):
    """The quote that closes the last field of a file is missing, where there is one; the rest is right."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        *others, last = cells
        yield from super().quoted(others)
        yield self.quote(last)

    def close_file(self, part: FilePart) -> None:
        if part.content.endswith(b'"\r\n'):
            del part.content[-3:-2]


@fault("csv/row-width")
class LeavesCommasBare(Behaviour):
    """A text with a comma and without quote or line break is not quoted; all others are right."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        for cell in cells:
            yield cell if {'"', "\r", "\n"}.isdisjoint(cell) else self.quote(cell)


@fault("csv/well-formed")
class LeavesLongTextsBare(Behaviour):
    """A text of more than 500 characters is not quoted, whatever is in it; all others are right."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        for cell, written in zip(cells, super().quoted(cells), strict=True):
            yield cell if len(cell) > 500 else written


@fault("csv/row-width")
class LeavesOutEmptyEnds(Behaviour):
    """Empty fields at the end of a row are left out; the others are right."""

    def line(self, cells: Sequence[str]) -> bytes:
        kept = list(cells)
        while len(kept) > 1 and not kept[-1]:
            kept.pop()
        return super().line(kept)


@fault("csv/row-width")
class EndsEachRowWithAComma(Behaviour):
    """Every row but the header ends with a comma too many; all values are right."""

    def row(self, record: Record, columns: Sequence[Column], request: JobRequest) -> bytes:
        return super().row(record, columns, request).removesuffix(b"\r\n") + b",\r\n"


@fault("csv/header")
class WritesNoHeader(Behaviour):
    """No file names its columns; the rows are right."""

    def header_of(self, number: int, header: bytes) -> bytes:
        return b""


@fault("csv/header", "fields/core")
class NamesTheKeyOtherwise(Behaviour):
    """The header calls the primary key Id; the other columns and the rows are right."""

    def header(self, columns: Sequence[Column]) -> bytes:
        return self.line(["Id" if column.computed == "key" else column.name for column in columns])


@fault("csv/utf-8")
class WritesLatinOne(Behaviour):
    """A row that Latin-1 can hold is written in it; plain ASCII comes to the same, and other rows are UTF-8."""

    def encode(self, text: str) -> bytes:
        try:
            return text.encode("iso-8859-1")
        except UnicodeEncodeError:
            return super().encode(text)


@fault("csv/utf-8")
class WritesLoneSurrogates(Behaviour):
    """Emoji are written as two surrogates of three bytes each (CESU-8); everything else is UTF-8."""

    def encode(self, text: str) -> bytes:
        return re.sub("[\U00010000-\U0010ffff]", lambda match: _surrogates(match[0]), text).encode(
            "utf-8", "surrogatepass"
        )


def _surrogates(character: str) -> str:
    high, low = divmod(ord(character) - 0x10000, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)
