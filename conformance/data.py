"""The data rows of a job over all its files, whether or not later files repeat the header."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .observation import FileObservation, JobObservation

_WHOLE = re.compile(r"\s*\+?(\d{1,19})(?:\.0*)?\s*", re.ASCII)


@dataclass(frozen=True)
class Part:
    """What one file holds. `header` is the file's own, or the first file's where it has none."""

    file: FileObservation
    header: tuple[str, ...]
    has_header: bool
    rows: tuple[tuple[str, ...], ...]

    @property
    def first_row(self) -> int:
        """The number of the first data row in its file, counted from 1."""
        return 2 if self.has_header else 1


@dataclass(frozen=True)
class Place:
    """Where a row stands, and its cells. Numbers count from 1; the header is row 1."""

    file: int
    row: int
    header: tuple[str, ...]
    cells: tuple[str, ...]


def record_id(cell: str) -> int | None:
    """Read a primary key; numbers compare as numbers, so 17.0 is 17. None for anything else."""
    match = _WHOLE.fullmatch(cell)
    return int(match[1]) if match else None


def parts(job: JobObservation) -> Iterator[Part]:
    """The job's files in the order listed; those that were not delivered are left out.

    The first file always starts with a header (csv/header judges that); a later one may not
    (split/header-in-every-file), so its first record is looked at.
    """
    first: tuple[str, ...] | None = None
    for file in job.files:
        if file.table is None:
            continue
        header, rows = file.table.header, file.table.rows
        if first is None:
            first = header
            yield Part(file, header, has_header=True, rows=rows)
        elif not header or is_header(header, first, job.resource.key):
            yield Part(file, header or first, has_header=bool(header), rows=rows)
        else:
            yield Part(file, first, has_header=False, rows=(header, *rows))


def data_rows(job: JobObservation) -> Iterator[tuple[int, int, tuple[str, ...], tuple[str, ...]]]:
    """Every data row as (file index from 0, row number in the file from 1, header, cells)."""
    for part in parts(job):
        for number, cells in enumerate(part.rows, start=part.first_row):
            yield part.file.index, number, part.header, cells


def rows_by_id(job: JobObservation) -> dict[int, list[Place]]:
    """The rows of a job by record id; rows whose key cannot be read are left out."""
    return sorted_rows(job)[0]


def sorted_rows(job: JobObservation) -> tuple[dict[int, list[Place]], list[Place]]:
    """The rows of a job by record id, and those whose key cannot be read."""
    places: dict[int, list[Place]] = defaultdict(list)
    nameless = []
    for identifier, place in _rows_of(job):
        if identifier is None:
            nameless.append(place)
        else:
            places[identifier].append(place)
    return places, nameless


def _rows_of(job: JobObservation) -> Iterator[tuple[int | None, Place]]:
    """Every row under a header that names the key, with the record's id; None where that cannot be read."""
    key = (job.resource.key or "").lower()
    known: tuple[str, ...] | None = None
    position = -1
    for file_index, row_number, header, cells in data_rows(job):
        if header is not known:
            known = header
            names = [name.strip().lower() for name in header]
            position = names.index(key) if key and key in names else -1
        if position < 0 or position >= len(cells):
            continue
        yield record_id(cells[position]), Place(file_index + 1, row_number, header, cells)


def row_count(job: JobObservation) -> int:
    """How many data rows the job's files hold together."""
    return sum(len(part.rows) for part in parts(job))


def names_key(header: tuple[str, ...], key: str | None) -> bool:
    """Tell whether a header names the column of the primary key, letter case disregarded; True where none is known."""
    return not key or any(name.strip().lower() == key.lower() for name in header)


def is_header(record: tuple[str, ...], first: tuple[str, ...], key: str | None) -> bool:
    """Tell a header from a data row: names where the first file has names, and no number in the key's place."""
    names = [name.strip().lower() for name in first]
    position = names.index(key.lower()) if key and key.lower() in names else -1
    if 0 <= position < len(record) and record_id(record[position]) is not None:
        return False
    shared = {cell.strip().lower() for cell in record} & set(names) - {""}
    return bool(shared) if position < 0 else bool(shared) or len(record) == len(first)
