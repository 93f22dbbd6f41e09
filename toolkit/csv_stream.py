"""Reads a CSV file of any size in bounded memory, as strictly as `conformance.table` reads one that fits into memory.

A file is cut into blocks of whole records: at a line break with an even number of quotes before it. What is even and
well-formed, as nearly all blocks are, is looked at as text with its quoted fields taken out; only a block in which
something is odd is read by the csv module, record by record (docs/decisions/0010-streaming-csv.md).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, field
from operator import methodcaller
from typing import TYPE_CHECKING

from ..conformance.data import record_id
from ..conformance.table import Problem, quoting_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    _Numbered = tuple[tuple[str, ...], int]

BLOCK_BYTES = 4 * 1024 * 1024
LONGEST_RECORD = 64 * 1024 * 1024
"""A file without a place to cut for so long is not read on: no limit allows for files as large as that record."""

# A well-formed text: every quote opens a field or closes one (rfc4180, section 2). Possessive: it takes one pass.
_WELL_FORMED = re.compile(r'(?:[^"]*+(?<![^,\r\n])"[^"]*+(?:""[^"]*+)*+"(?=[,\r\n]|\Z))*+[^"]*+')
_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
_UNREADABLE = ("stray-quote", "unclosed-quote")


@dataclass
class Rows:
    """The data rows of one block: how many, and the numbers in their key column where there is one.

    `first` is the number of the block's first data row in its file, counted from 1. `keys` holds an id a row, or None
    for a row without one.
    """

    first: int
    count: int
    keys: Sequence[int | None] = ()
    without_key: int = 0


@dataclass
class Streamed:
    """What is known of a file once it was read to its end; numbers of rows and lines count from 1."""

    size: int = 0
    header: tuple[str, ...] = ()
    has_header: bool = True
    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    uneven: int = 0
    uneven_rows: list[tuple[int, int, int]] = field(default_factory=list)
    """The first few rows of another width: the record's number, its fields, and the line that it ends on."""
    first_record: tuple[str, ...] = ()
    last_record: tuple[str, ...] = ()
    byte_order_mark: bool = False
    ends_with_line_break: bool = True
    runs_away: bool = False
    """True when whole records seem to stand after a quote that is never closed: it was forgotten, not cut off."""

    @property
    def unreadable(self) -> bool:
        """True when the quoting is broken, so that rows cannot be told apart from there on."""
        return any(problem.kind in _UNREADABLE for problem in self.problems)

    @property
    def ends_in_quotes(self) -> bool:
        """True when the file ends inside a quoted field."""
        return not self.runs_away and any(problem.kind == "unclosed-quote" for problem in self.problems)


class Stream:
    """One file, read block by block. `told` is complete once `rows` has come to its end."""

    _SHOWN = 5

    def __init__(
        self,
        path: Path,
        *,
        header: Callable[[tuple[str, ...]], tuple[tuple[str, ...], bool]],
        key: Callable[[tuple[str, ...]], int | None],
    ) -> None:
        """Take the file, and how its first record is understood.

        `header` is given the first record and returns the columns' names and whether that record is the header; `key`
        is given the names and returns the key column's index.
        """
        self.told = Streamed()
        self._path = path
        self._header_of, self._key_of = header, key
        self._names: tuple[str, ...] = ()
        self._key: int | None = None
        self._quoted_keys = False
        self._line = 1
        self._offset = 0
        self._record = self._leading = 0
        self._empty: list[tuple[int, int]] = []

    def rows(self, progress: Callable[[int], None] | None = None) -> Iterator[Rows]:
        """Read on, a block at a time. Raises OSError when the file cannot be read.

        After a breach of the quoting no more rows come, and the rest is only measured and decoded.
        """
        with self._path.open("rb") as file:
            for raw in self._blocks(file):
                text = self._decoded(raw)
                self._offset += len(raw)
                if progress is not None:
                    progress(self.told.size)
                if self.told.unreadable:
                    continue
                if '"' in text and _end_of_match(text) < len(text):
                    self._breach(text)
                    continue
                yield from self._block(text)
                self._line += _line_ends(text)

    def _blocks(self, file: BinaryIO) -> Iterator[bytes]:
        """Cut the file where a record surely ends."""
        kept = b""
        while chunk := file.read(BLOCK_BYTES):
            if not self.told.size and chunk.startswith(codecs.BOM_UTF8):
                self.told.byte_order_mark = True
                self.told.size = self._offset = len(codecs.BOM_UTF8)
                chunk = chunk[len(codecs.BOM_UTF8) :]
            self.told.size += len(chunk)
            self.told.ends_with_line_break = chunk.endswith((b"\n", b"\r"))
            kept += chunk
            end = len(kept) if self.told.unreadable else _cut(kept)
            if end:
                yield kept[:end]
                kept = kept[end:]
            elif len(kept) > LONGEST_RECORD:
                yield kept
                kept = b""
        if kept:
            yield kept

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if all(problem.kind != "not-utf-8" for problem in self.told.problems):
                line = self._line + raw.count(b"\n", 0, error.start)
                message = f"byte {raw[error.start]:#04x} at offset {self._offset + error.start:,}"
                self.told.problems.append(Problem("not-utf-8", line, message))
            return raw.decode("utf-8", errors="replace")

    def _breach(self, text: str) -> None:
        """Note the first breach of the quoting, and the rows that stand before it."""
        (problem,) = quoting_problems(text)
        self.told.problems.append(Problem(problem.kind, self._line + problem.line - 1, problem.message))
        records = [tuple(row) for row in csv.reader(io.StringIO(text, newline="")) if row]
        if records and not self.told.first_record:
            self._start(records[0])
        if records:
            self.told.last_record = records[-1]
        if problem.kind == "unclosed-quote":
            after = text.splitlines()[problem.line :]
            whole = any(line.count(",") == len(self._names) - 1 for line in after) and len(self._names) > 1
            self.told.runs_away = whole or len(text) > LONGEST_RECORD // 4

    def _block(self, text: str) -> Iterator[Rows]:
        first = self.told.rows + 1
        if self.told.first_record and (plain := self._plain(text)) is not None:
            lines, keys = plain
            self._note_empty()
            self.told.rows += len(lines)
            self._record += len(lines)
            self.told.last_record = tuple(next(csv.reader([_last_record(text)])))
            yield Rows(first, len(lines), keys)
            return
        reader = csv.reader(io.StringIO(text, newline=""))
        records = [(tuple(row), self._line + reader.line_num - 1) for row in reader]
        if not self.told.first_record:
            records = self._after_header(records)
        rows = [row for row, line in records if self._is_row(row, line)]
        if rows:
            self.told.last_record = rows[-1]
            self.told.rows += len(rows)
            keys_found = self._keys(rows)
            yield Rows(first, len(rows), keys_found, sum(key is None for key in keys_found))

    def _after_header(self, records: list[_Numbered]) -> list[_Numbered]:
        """Take the header, if that is what the first record is, and return what comes after it."""
        start = next((place for place, (record, _) in enumerate(records) if record), None)
        if start is None:
            self._leading += len(records)
            return []
        self._start(records[start][0])
        self._leading += start
        if len(self._names) > 1:
            self._empty = [(number, number) for number in range(1, min(self._leading, self._SHOWN) + 1)]
            self._note_empty()
        self._record += self._leading + self.told.has_header
        return records[start + self.told.has_header :]

    def _start(self, record: tuple[str, ...]) -> None:
        self.told.first_record = self.told.last_record = record
        self._names, self.told.has_header = self._header_of(record)
        self.told.header = self._names
        self._key = self._key_of(self._names)

    def _is_row(self, record: tuple[str, ...], line: int) -> bool:
        """Note what is wrong with a record's width, and tell whether it is a row: an empty line is none."""
        self._record += 1
        if not record:
            # At the end of the file an empty line is passed over, so it counts once a record follows it.
            if len(self._names) > 1 and len(self._empty) < self._SHOWN:
                self._empty.append((self._record, line))
            return False
        self._note_empty()
        if len(record) != len(self._names):
            self.told.uneven += 1
            if len(self.told.uneven_rows) < self._SHOWN:
                self.told.uneven_rows.append((self._record, len(record), line))
        return True

    def _note_empty(self) -> None:
        for number, line in self._empty:
            self.told.problems.append(Problem("empty-line", line, f"record {number} is an empty line"))
        self._empty.clear()

    def _keys(self, rows: list[tuple[str, ...]]) -> list[int | None]:
        at = self._key
        if at is None:
            return []
        # Zero is no key: it is what a column holds that was left empty.
        return [record_id(row[at]) or None if at < len(row) else None for row in rows]

    def _plain(self, text: str) -> tuple[list[str], Sequence[int]] | None:
        """The lines and keys of a block in which every line is a row of the right width; None for any other."""
        width, at = len(self._names), self._key
        if width < 2 or self._quoted_keys:
            return None
        bare = _QUOTED.sub("", text) if '"' in text else text
        if "\r" in bare:
            bare = bare.replace("\r\n", "\n")
            if "\r" in bare:
                return None
        lines = bare.removesuffix("\n").split("\n")
        if set(map(methodcaller("count", ","), lines)) != {width - 1}:
            return None
        if at is None:
            return lines, ()
        cells = [line.split(",", at + 1)[at] for line in lines] if at else [line.partition(",")[0] for line in lines]
        joined = "".join(cells)
        self._quoted_keys = not joined
        if not (joined.isascii() and joined.isdigit()):
            return None
        try:
            keys = list(map(int, cells))
        except ValueError:
            return None
        return (lines, keys) if min(keys) > 0 and max(keys) < 2**63 else None


def _cut(raw: bytes) -> int:
    """The length of the longest start that ends with a whole record; 0 where there is none."""
    mark = b"\n" if b"\n" in raw else b"\r"
    end = raw.rfind(mark) + 1
    quotes = raw.count(b'"', 0, end)
    while end and quotes % 2:
        before = raw.rfind(mark, 0, end - 1) + 1
        quotes -= raw.count(b'"', before, end)
        end = before
    # A carriage return at the very end may be the first half of a line end.
    return 0 if mark == b"\r" and end == len(raw) else end


def _end_of_match(text: str) -> int:
    match = _WELL_FORMED.match(text)
    return 0 if match is None else match.end()


def _line_ends(text: str) -> int:
    """The number of line ends: LF, CR, or both together."""
    carriage = text.count("\r")
    return text.count("\n") + (carriage - text.count("\r\n") if carriage else 0)


def _last_record(text: str) -> str:
    """The last record of a block, from the last line break outside quotes on."""
    bare = text.rstrip("\r\n")
    end = len(bare)
    start = bare.rfind("\n", 0, end) + 1
    quotes = bare.count('"', start)
    while start and quotes % 2:
        before = bare.rfind("\n", 0, start - 1) + 1
        quotes += bare.count('"', before, start)
        start = before
    return bare[start:]
