"""CSV files as RFC 4180 has them: parsed, with what is wrong told by place. Numbers are counted from 1."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

# One field: quoted with doubled quotes inside, or bare without quotes, commas or line breaks (rfc4180, section 2). No
# part of it is tried twice: matching a large file would take memory without end.
_TEXT, _SEPARATOR = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)', r",|\r\n|\n|\r"
_FIELD = re.compile(rf"{_TEXT}({_SEPARATOR}|\Z)")
_WELL_FORMED = re.compile(rf"(?:{_TEXT}(?:{_SEPARATOR}))*+{_TEXT}")
_LINE_END = re.compile(r"\r\n|\n|\r")

csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class Problem:
    """One breach of RFC 4180 or UTF-8. `line` is the physical line, counted from 1."""

    kind: Literal["not-utf-8", "stray-quote", "unclosed-quote", "row-width", "empty-line"]
    line: int
    message: str


@dataclass(frozen=True)
class Table:
    """One file: header, rows, and what is wrong with it. A file without any line has an empty header.

    `ends_with_line_break` is False when the last record ends with the file, which RFC 4180 allows. `header_bytes`
    is what the header takes, its line end included.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...] = ()
    ends_with_line_break: bool = True
    byte_order_mark: bool = False
    header_bytes: int = 0

    @cached_property
    def columns(self) -> dict[str, int]:
        """The index of each column by its name in lower case; the first of a name that comes twice."""
        index: dict[str, int] = {}
        for position, name in enumerate(self.header):
            index.setdefault(name.strip().lower(), position)
        return index

    def column(self, name: str) -> int | None:
        """Return the index of a column, letter case disregarded, or None."""
        return self.columns.get(name.lower())


def parse(data: bytes) -> Table:
    """Parse a whole file. Never raises: what is wrong is in `problems`, and what can be read is read."""
    problems: list[Problem] = []
    mark = data.startswith(codecs.BOM_UTF8)
    raw = data[len(codecs.BOM_UTF8) :] if mark else data
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.append(Problem("not-utf-8", line, f"byte {raw[error.start]:#04x} at offset {error.start}"))
        text = raw.decode("utf-8", errors="replace")
    problems.extend(quoting_problems(text))
    lines = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]
    records = [record for record in lines if record]
    header = records[0] if records else ()
    rows = tuple(records[1:])
    # An empty line in a table of one column is a row with an empty value, which the reader drops; with more
    # columns it is no row of that table, and is passed over at the end of the file alone.
    if len(header) > 1 and len(lines) > len(records):
        while not lines[-1]:
            lines.pop()
        problems.extend(
            Problem("empty-line", number, f"record {number} is an empty line")
            for number, record in enumerate(lines, start=1)
            if not record
        )
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            message = f"record {number} has {len(row)} fields, the header has {len(header)}"
            problems.append(Problem("row-width", number, message))
    return Table(header, rows, tuple(problems), text.endswith(("\n", "\r")), mark, _first_record_bytes(text))


def _first_record_bytes(text: str) -> int:
    """The bytes up to where the second record begins; of quoting that is broken, up to the first line's end."""
    position = len(text) - len(text.lstrip("\r\n"))
    while (match := _FIELD.match(text, position)) is not None:
        position = match.end()
        if match.group(1) != ",":
            return len(text[:position].encode())
    end = _LINE_END.search(text, position)
    return len(text[: end.end() if end else len(text)].encode())


def quoting_problems(text: str) -> list[Problem]:
    """Find the first breach of RFC 4180's quoting, if any; after it nothing can be trusted, so one is enough."""
    if '"' not in text or _WELL_FORMED.fullmatch(text):
        return []
    position, size = 0, len(text)
    match_at = _FIELD.match
    while position < size:
        match = match_at(text, position)
        if match is None:
            line = len(_LINE_END.findall(text, 0, position)) + 1
            end = _LINE_END.search(text, position)
            excerpt = text[position : min(end.start() if end else size, position + 60)]
            quoted = text[position] == '"'
            unclosed = quoted and re.compile(r'"[^"]*(?:""[^"]*)*\Z').match(text, position) is not None
            kind: Literal["unclosed-quote", "stray-quote"] = "unclosed-quote" if unclosed else "stray-quote"
            return [Problem(kind, line, f"at {excerpt!r}")]
        position = match.end()
        if match.group(1) == "":
            break
    return []
