"""The form of the files: UTF-8, well-formed CSV, a header, and rows as wide as it (rfc4180, facts:3.3).

What the values are is judged by the oracle, and what happens where two files meet by the split family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data import parts
from ..finding import Finding, judges
from ..seams import torn, unreadable
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..data import Part
    from ..observation import FileObservation, JobObservation, Run
    from ..table import Problem, Table

_SPECIAL = ('"', ",", "\n", "\r")
_SHOWN = 5
_SHOWN_CHARACTERS = 200


@judges("csv/utf-8")
def utf_8(run: Run) -> Iterator[Finding]:
    """Every file decodes as UTF-8. A file of nothing but ASCII does not put that to the test."""
    rule = "csv/utf-8"
    for job, file, table in _files(run):
        broken = [problem for problem in table.problems if problem.kind == "not-utf-8"]
        if broken:
            yield _failure(rule, job, file, broken, "is not UTF-8", "UTF-8, which every byte of it is part of")
        elif any(not cell.isascii() for row in (table.header, *table.rows) for cell in row):
            yield Finding(rule, "pass", job=job.name)


@judges("csv/well-formed")
def well_formed(run: Run) -> Iterator[Finding]:
    """What needs quotes is quoted, quotes inside are doubled, and the last quote is closed (rfc4180, section 2).

    A file without any special character does not put that to the test, and a record that was cut in two where
    files meet is the split family's.
    """
    rule = "csv/well-formed"
    for job, file, table in _files(run):
        broken = [problem for problem in table.problems if problem.kind in ("stray-quote", "unclosed-quote")]
        if broken:
            if any(file.index in seam for seam in torn(job)):
                continue
            expected = "a field in quotes, with the quotes inside it doubled, up to a comma or the line's end"
            yield _failure(rule, job, file, broken, "is no well-formed CSV", expected)
        elif any(mark in cell for row in table.rows for cell in row for mark in _SPECIAL):
            yield Finding(rule, "pass", job=job.name)


@judges("csv/header")
def header(run: Run) -> Iterator[Finding]:
    """The first file starts with the names of the columns, the primary key's among them (fields.1, facts:3.3).

    Not judged for types whose key is not known, or that do not list it among their fields.
    """
    rule = "csv/header"
    for job in run.jobs:
        key = job.resource.key
        if not job.complete or not job.files or not job.files[0].delivered:
            continue
        table = job.files[0].table
        if key is None or job.resource.field(key) is None or table is None:
            continue
        if any(name.lower() == key.lower() for name in table.header):
            yield Finding(rule, "pass", job=job.name)
            continue
        yield Finding(
            rule,
            "fail",
            message=f"the first line of {_told(job)} does not name the column {key}",
            expected=f"the names of the columns of {job.resource.name}, {key} among them",
            received=",".join(table.header)[:_SHOWN_CHARACTERS] if table.header else "a file without any line",
            job=job.name,
            exchanges=reproduction(job),
            key="without-key" if table.header else "empty",
        )


@judges("csv/row-width")
def row_width(run: Run) -> Iterator[Finding]:
    """Every row has as many fields as the header (rfc4180, section 2).

    An empty line is no row, and is passed over where it ends the file alone. Files whose quoting is broken are
    left to csv/well-formed, since their rows cannot be told apart.
    """
    rule = "csv/row-width"
    for job in run.jobs:
        if not job.complete:
            continue
        pieces = [part for part in parts(job) if part.file.delivered]
        cut_ends, cut_starts = ({seam[side] for seam in torn(job)} for side in (0, 1))
        for part in pieces:
            table = part.file.table
            if table is None or unreadable(table):
                continue
            empty = [problem for problem in table.problems if problem.kind == "empty-line"]
            if empty:
                expected = f"{len(part.header)} fields"
                yield _failure(rule, job, part.file, empty, "has an empty line among its rows", expected)
                continue
            if not part.rows or _is_anothers(part, pieces[0], table):
                continue
            uneven = _uneven(part, cut_at_end=part.file.index in cut_ends, cut_at_start=part.file.index in cut_starts)
            if not uneven:
                yield Finding(rule, "pass", job=job.name)
                continue
            row, fields = uneven[0]
            yield Finding(
                rule,
                "fail",
                message=f"{len(uneven)} rows of file {part.file.index + 1} of {_told(job)} are longer or shorter than "
                f"the header, the first of them row {row}",
                expected=f"{len(part.header)} fields",
                received=f"{fields} fields",
                job=job.name,
                exchanges=reproduction(job),
                key="longer" if fields > len(part.header) else "shorter",
                details={"rows": [{"row": number, "fields": count} for number, count in uneven[:_SHOWN]]},
            )


def _uneven(part: Part, *, cut_at_end: bool, cut_at_start: bool) -> list[tuple[int, int]]:
    """The numbers and widths of rows that are not as wide as the header, save those that a seam cuts."""
    width, last = len(part.header), part.first_row + len(part.rows) - 1
    return [
        (number, len(cells))
        for number, cells in enumerate(part.rows, start=part.first_row)
        if len(cells) != width
        and not (cut_at_start and number == part.first_row)
        and not (cut_at_end and number == last)
    ]


def _is_anothers(part: Part, first: Part, table: Table) -> bool:
    """True when a later file names other columns than its even rows have: then its header is wrong, not its rows."""
    wrong_header = part is not first and part.has_header and table.header != first.header
    return wrong_header and all(len(cells) == len(first.header) for cells in part.rows)


def _files(run: Run) -> Iterator[tuple[JobObservation, FileObservation, Table]]:
    """Every file that was downloaded whole, with its job."""
    for job in run.jobs:
        if job.complete:
            for file in job.files:
                if file.delivered and file.table is not None:
                    yield job, file, file.table


def _failure(
    rule: str, job: JobObservation, file: FileObservation, broken: list[Problem], what: str, expected: str
) -> Finding:
    first = broken[0]
    made = [number for number in reproduction(job) if number not in {f.exchange.number for f in job.files}]
    return Finding(
        rule,
        "fail",
        message=f"file {file.index + 1} of {_told(job)} {what}, from line {first.line} on",
        expected=expected,
        received=first.message,
        job=job.name,
        exchanges=(*made, file.exchange.number),
        key=first.kind,
        details={"file": file.index + 1, "line": first.line},
    )


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
