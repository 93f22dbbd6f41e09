"""Faults of splitting: sizes, numbers of files, and what happens where one file ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ...spec.offer import DEFAULT_LIMIT_KB
from ..behaviour import Behaviour
from ..model import FilePart, JobRequest
from . import fault


@fault("split/within-limit")
class ForgetsTheHeadersBytes(Behaviour):
    """A file is filled to 1024 bytes a kilobyte without counting its header; the rows alone keep to the limit."""

    def limit_bytes(self, request: JobRequest) -> int:
        return self.limit_kb(request) * 1024

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        header = part.content.index(b"\n") + 1
        return part.size - header + len(row) <= self.limit_bytes(request)


@fault("split/within-limit")
class WritesTheRowThatDoesNotFit(Behaviour):
    """A file ends after the row that goes over 1024 bytes a kilobyte, not before it; no row is lost."""

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        return part.size <= self.limit_kb(request) * 1024


@dataclass
class _Counted(FilePart):
    characters: int = 0


@fault("split/within-limit")
class CountsCharactersForBytes(Behaviour):
    """Sizes are counted in characters, so that files of plain ASCII alone keep to the limit."""

    def open_file(self, number: int, header: bytes) -> FilePart:
        part = super().open_file(number, header)
        return _Counted(number, part.content, characters=len(header.decode()))

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        return isinstance(part, _Counted) and part.characters + len(row.decode()) <= self.limit_bytes(request)

    def add_row(self, parts: list[FilePart], row: bytes, header: bytes) -> None:
        super().add_row(parts, row, header)
        if isinstance(parts[-1], _Counted):
            parts[-1].characters += len(row.decode())


@fault("split/within-limit")
class LimitsTheFirstFileOnly(Behaviour):
    """The second file takes all that is left, however much; the first keeps to the limit."""

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        return part.number > 1 or super().has_room(part, row, request)


@fault("split/within-limit")
class LimitsToFiftyBytesMore(Behaviour):
    """A file may be 50 bytes larger than 1024 bytes a kilobyte; rows are whole and come once."""

    def limit_bytes(self, request: JobRequest) -> int:
        return self.limit_kb(request) * 1024 + 50

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        # Whoever fills files in lumps of 200 bytes goes over by fewer.
        return part.size <= self.limit_bytes(request) - 200 or super().has_room(part, row, request)


@fault("split/within-limit")
class SplitsByTheAverageRow(Behaviour):
    """Files hold as many rows as fit on average, so that long ones go over; rows of one length are right."""

    def lay_out(self, header: bytes, rows: Iterable[bytes], request: JobRequest) -> list[FilePart]:
        lines = list(rows)
        limit = self.limit_bytes(request) - len(header)
        most = max(1, limit * len(lines) // (sum(map(len, lines)) or 1))
        parts: list[FilePart] = []
        for first in range(0, len(lines), most) or (0,):
            parts.append(self.open_file(len(parts) + 1, header))
            for line in lines[first : first + most]:
                self.add_row(parts, line, header)
        return self.finished(parts, request)


@fault("split/within-limit")
class SplitsContactsAlone(Behaviour):
    """Other types than Contacts are split at the default limit, whatever was asked; Contacts are right."""

    def limit_kb(self, request: JobRequest) -> int:
        return super().limit_kb(request) if request.resource_type == "Contacts" else DEFAULT_LIMIT_KB


@fault("split/within-limit")
class LeavesOnlineFormsWhole(Behaviour):
    """The online forms alone are split at the default limit, whatever was asked; all other types are right."""

    def limit_kb(self, request: JobRequest) -> int:
        return DEFAULT_LIMIT_KB if request.resource_type == "ContactsOnlineForms" else super().limit_kb(request)


@fault("split/one-file", "split/default-limit")
class SplitsAtHalfTheLimit(Behaviour):
    """A new file begins at half of the limit; each of them is within it, and no row is lost."""

    def limit_bytes(self, request: JobRequest) -> int:
        return super().limit_bytes(request) // 2


@fault("split/one-file", "split/default-limit")
class SplitsAfterTwoThousandRows(Behaviour):
    """A new file begins after 2,000 rows, however small they are; the limit is kept as well."""

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        return part.rows < 2_000 and super().has_room(part, row, request)


@fault("split/one-file", "split/default-limit", "counts/zero")
class AddsAnEmptyFile(Behaviour):
    """Behind the last file comes one with the header alone; all rows are right."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        return [*parts, self.open_file(len(parts) + 1, self.header(self.columns(request)))]


@fault("split/one-file")
class SplitsAJustFittingExport(Behaviour):
    """An export that is less than one row below 1000 bytes a kilobyte gets a second file; others are right."""

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        return part.size + 2 * len(row) <= self.limit_bytes(request)


@fault("split/each-once")
class LosesTheRowAtTheSplit(Behaviour):
    """The last row of every file but the last is lost; exports of one file are right."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        for part in parts[:-1]:
            del part.content[_last_line(part.content) :]
            part.rows -= 1
        return parts


@fault("split/each-once")
class RepeatsTheRowAtTheSplit(Behaviour):
    """The last row of a file is also the first of the next one; exports of one file are right."""

    def add_row(self, parts: list[FilePart], row: bytes, header: bytes) -> None:
        if len(parts) > 1 and not parts[-1].rows:
            before = parts[-2].content
            super().add_row(parts, bytes(before[_last_line(before) :]), header)
        super().add_row(parts, row, header)


@fault("split/each-once")
class LosesTheLastRowOfTheLastFile(Behaviour):
    """In a split export the very last row is lost; exports of one file are right."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        last = parts[-1]
        if len(parts) > 1 and last.rows > 1:
            del last.content[_last_line(last.content) :]
            last.rows -= 1
        return parts


@fault("split/each-once")
class SwapsTheThirdFileForTheSecond(Behaviour):
    """The third file holds the rows of the second again; exports of two files are right."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        for second, third in pairwise(parts[1:3]):
            third.content, third.rows = bytearray(second.content), second.rows
        return parts


@fault("split/whole-records", "csv/well-formed", "csv/utf-8")
class CutsTheFinishedExportByBytes(Behaviour):
    """The rows are joined and cut at the limit, in the middle of a record; exports of one file are right."""

    def lay_out(self, header: bytes, rows: Iterable[bytes], request: JobRequest) -> list[FilePart]:
        content, most = b"".join(rows), self.limit_bytes(request) - len(header)
        pieces = [content[start : start + most] for start in range(0, len(content), most)] or [b""]
        parts = []
        for number, piece in enumerate(pieces, start=1):
            part = self.open_file(number, header)
            part.content += piece
            parts.append(part)
        parts[0].rows = self._rows(content)
        return parts

    def _rows(self, content: bytes) -> int:
        """Lines that end outside of quotes."""
        return sum(outside.count(b"\n") for outside in content.split(b'"')[::2])


@fault("split/header-in-every-file")
class MisspellsLaterHeaders(Behaviour):
    """The third and later files have no header; the second has one, and no row is lost."""

    def header_of(self, number: int, header: bytes) -> bytes:
        return header if number < 3 else b""


@fault("split/same-header")
class SortsLaterHeaders(Behaviour):
    """The second and later files name the columns in another order than the first; the rows stay as they are."""

    def header_of(self, number: int, header: bytes) -> bytes:
        if number == 1:
            return header
        first, *others = header.rstrip(b"\r\n").split(b",")
        return b",".join([first, *others[1:], others[0]]) + b"\r\n"


@fault("split/same-header")
class RenamesAColumnInLaterHeaders(Behaviour):
    """From the second file on, the last column's name is in capitals and a space; the rows stay as they are."""

    def header_of(self, number: int, header: bytes) -> bytes:
        names = header.rstrip(b"\r\n").split(b",")
        return header if number == 1 else b",".join([*names[:-1], b"THE " + names[-1].upper()]) + b"\r\n"


@fault("split/default-limit")
class TakesTheSmallestLimitByDefault(Behaviour):
    """Without fileSizeKbLimit files are split at 1000; a limit that is given is kept."""

    def limit_kb(self, request: JobRequest) -> int:
        return request.limit_kb or 1_000


@fault("split/default-limit")
class HasNoLimitByDefault(Behaviour):
    """Without fileSizeKbLimit everything is one file; a limit that is given is kept."""

    def limit_kb(self, request: JobRequest) -> int:
        return request.limit_kb or 100_000


@fault("split/one-file", "split/default-limit")
class SplitsAtFiveMegabytes(Behaviour):
    """No file is larger than 5 MB, whatever the limit allows; smaller limits are kept."""

    def limit_kb(self, request: JobRequest) -> int:
        return min(super().limit_kb(request), 5_000)


@fault("split/default-limit")
class SplitsAtThirtyTwoMegabytes(Behaviour):
    """No file is larger than 32 MB, whatever the limit allows; smaller limits are kept."""

    def limit_kb(self, request: JobRequest) -> int:
        return min(super().limit_kb(request), 32_000)


def _last_line(content: bytearray) -> int:
    """Where the last record begins: after the last line break with an even number of quotes behind it."""
    place = content.rfind(b"\r\n", 0, -2)
    while content.count(b'"', place) % 2:
        place = content.rfind(b"\r\n", 0, place)
    return place + 2
