"""The form of downloaded files: UTF-8, quoting, headers, widths, and what happens where two files meet."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .csv_stream import Streamed
    from .download import Job

_SHOWN = 120


class _Uneven(NamedTuple):
    """Whether the first and the last row of a file are as wide as its header, and how many others are not."""

    first: bool
    last: bool
    others: int


def cut_short(paths: Sequence[Path], told: Sequence[Streamed]) -> tuple[int, str] | None:
    """Which download broke off, by its place, and where, in one sentence.

    Its file ends within a record, and no other file goes on with it.
    """
    for index, (path, file) in enumerate(zip(paths, told, strict=True)):
        # The next file goes on with the record unless it starts with a header of its own.
        continued = index + 1 < len(told) and not told[index + 1].has_header
        if continued:
            continue
        if file.ends_in_quotes:
            problem = next(problem for problem in file.problems if problem.kind == "unclosed-quote")
            return index, (
                f"{path}:{problem.line} was cut short: the file ends, after {file.size:,} bytes, inside quotes that "
                f"are opened there ({problem.message}). Download it again."
            )
        short = len(file.last_record) < len(file.header)
        if short and not file.ends_with_line_break and file.rows and _uneven(file).others == 0:
            return index, (
                f"{path} was cut short: its last record, record {file.rows + file.has_header}, ends the file after "
                f"{len(file.last_record)} of {len(file.header)} fields, without a line break. Download it again."
            )
    return None


def torn_seams(told: Sequence[Streamed]) -> tuple[tuple[int, int], ...]:
    """The seams at which a record was cut, by the places of the files before and after them (files.2, rfc4180)."""
    return tuple((left, right) for left, right in pairwise(range(len(told))) if _torn(told[left], told[right]))


def _torn(left: Streamed, right: Streamed) -> bool:
    if left.ends_in_quotes:
        return not right.has_header
    if left.unreadable or right.unreadable or not left.rows or not right.rows or right.has_header:
        return False
    width = len(left.header)
    halves = len(left.last_record) + len(right.first_record) - 1
    return width > 1 and halves == width and not _uneven(left).others and not _uneven(right).others


def _uneven(file: Streamed) -> _Uneven:
    width = len(file.header)
    last = len(file.last_record) != width
    # The first record is a row only where the file has no header; then it is compared with another file's header.
    first = len(file.first_record) != width and file.rows > 1
    return _Uneven(first, last, file.uneven - first - last)


def judge(
    job: Job, paths: Sequence[Path], told: Sequence[Streamed], *,
    torn: Sequence[tuple[int, int]], cut: int | None, key: str | None,
) -> Iterator[Remark]:  # fmt: skip
    """Everything that is to be said of the files' form, file by file.

    A record that a seam tears, or at which the download of the file `cut` broke off, is no odd row beside.
    """
    halves = {side for seam in torn for side in seam} | {cut}
    for index, (path, file) in enumerate(zip(paths, told, strict=True)):
        name = str(path)
        yield from _bytes(name, file, cut=index in halves)
        if index == 0:
            yield from _first_header(job, name, file, key)
        else:
            yield from _later_header(name, file, told[0].header)
        if not file.unreadable and index not in halves:
            yield from _widths(name, file)
    for left, right in torn:
        yield Remark(
            "torn", "error", f"the last record goes on in {paths[right].name}", str(paths[left]),
            expected="a file that ends with a whole record",
            received="a file that ends inside quotes" if told[left].ends_in_quotes
            else f"{len(told[left].last_record)} of {len(told[left].header)} fields at the end",
            rule="split/whole-records",
        )  # fmt: skip


def _bytes(name: str, file: Streamed, *, cut: bool) -> Iterator[Remark]:
    for problem in file.problems:
        if problem.kind == "not-utf-8":
            yield Remark(
                "not-utf-8", "error", "the file is not UTF-8", name, problem.line,
                expected="UTF-8, which every byte of it is part of", received=problem.message, rule="csv/utf-8",
            )  # fmt: skip
        elif problem.kind == "empty-line":
            yield Remark(
                "empty-line", "error", "there is an empty line among the rows", name, problem.line,
                expected=f"{len(file.header)} fields", received=problem.message, rule="csv/row-width",
            )  # fmt: skip
        elif not cut:
            yield Remark(
                "bad-quoting", "error", "the quoting is broken, and rows cannot be told apart from here on", name,
                problem.line, expected="a field in quotes, with the quotes inside it doubled, up to a comma or the "
                "line's end", received=problem.message, rule="csv/well-formed",
            )  # fmt: skip


def _first_header(job: Job, name: str, file: Streamed, key: str | None) -> Iterator[Remark]:
    if not file.header:
        yield Remark("no-header", "error", "the file has no line at all", name, 1, expected="the names of the columns",
                     received="an empty file", rule="csv/header")  # fmt: skip
        return
    names = [column.strip().lower() for column in file.header]
    if key is not None and key.strip().lower() not in names:
        yield Remark("no-header", "error", f"the first line does not name the column {key}", name, 1,
                     expected=f"the names of the columns, {key} among them",
                     received=",".join(file.header)[:_SHOWN], rule="csv/header")  # fmt: skip
    twice = next((column for column in file.header if names.count(column.strip().lower()) > 1), None)
    if twice is not None:
        yield Remark("column-twice", "error", f"the column {twice} comes twice", name, 1, expected="each column once",
                     received=",".join(file.header)[:_SHOWN], rule="fields/no-second-column")  # fmt: skip
    for wanted in job.fields:
        if wanted.strip().lower() not in names:
            yield Remark(
                "no-column", "warning", f"{wanted} was requested and is no column; it may not have been accepted", name,
                1, expected=f"a column {wanted}", received=",".join(file.header)[:_SHOWN], rule="fields/requested",
            )  # fmt: skip


def _later_header(name: str, file: Streamed, first: tuple[str, ...]) -> Iterator[Remark]:
    if not (file.first_record and file.has_header):
        yield Remark("header-missing", "warning", "the file starts without a header", name, 1,
                     expected="the names of the columns", received="a record, or nothing",
                     rule="split/header-in-every-file")  # fmt: skip
    elif file.header != first:
        yield Remark("other-header", "error", "the file has another header than the first one", name, 1,
                     expected=",".join(first)[:_SHOWN], received=",".join(file.header)[:_SHOWN],
                     rule="split/same-header")  # fmt: skip


def _widths(name: str, file: Streamed) -> Iterator[Remark]:
    if file.uneven:
        record, fields, line = file.uneven_rows[0]
        rows = "1 row is" if file.uneven == 1 else f"{file.uneven:,} rows are"
        yield Remark(
            "row-width", "error", f"{rows} longer or shorter than the header, the first of them record {record}", name,
            line,
            expected=f"{len(file.header)} fields", received=f"{fields} fields", rule="csv/row-width",
        )  # fmt: skip
