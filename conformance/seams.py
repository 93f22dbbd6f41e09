"""Where the files of a split job meet: whether a record was cut there, and how long they would be as one file."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from .data import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .data import Part
    from .observation import JobObservation
    from .table import Table

_MARK_BYTES, _LONGEST_END = 3, 2


def unreadable(table: Table) -> bool:
    """True when the quoting is broken, after which rows cannot be told apart."""
    return any(problem.kind in ("stray-quote", "unclosed-quote") for problem in table.problems)


def torn(job: JobObservation) -> tuple[tuple[int, int], ...]:
    """The seams at which a record was cut: the indices of the files before and after it (files.2, rfc4180).

    A record was cut when its file ends inside quotes, or when what stands on both sides of the seam makes up one
    row while every other row around it is whole.
    """
    return tuple((left.file.index, right.file.index) for left, right in pairwise(parts(job)) if _cut(left, right))


def _cut(left: Part, right: Part) -> bool:
    before, after = left.file.table, right.file.table
    if before is None or after is None:
        return False
    if any(problem.kind == "unclosed-quote" for problem in before.problems):
        return True
    if unreadable(before) or unreadable(after) or not left.rows or not right.rows:
        return False
    width, first_half, second_half = len(left.header), left.rows[-1], right.rows[0]
    if width < 2 or len(first_half) + len(second_half) - 1 != width:
        return False
    return _even(left.rows[:-1], width) and _even(right.rows[1:], width)


def _even(rows: Sequence[tuple[str, ...]], width: int) -> bool:
    return all(len(row) == width for row in rows)


def bytes_as_one_file(job: JobObservation) -> tuple[int, int]:
    """The least and the most bytes that the job's content takes as one file, its header counted once (files.1).

    Two figures, since a file may end without a line break, and it is not known which one would follow.
    """
    least = most = sum(file.size for file in job.files)
    for place, part in enumerate(parts(job)):
        table = part.file.table
        if table is None:
            continue
        if place and table.byte_order_mark:
            least, most = least - _MARK_BYTES, most - _MARK_BYTES
        if place and part.has_header:
            least, most = least - table.header_bytes, most - table.header_bytes
        if place < len(job.files) - 1 and not table.ends_with_line_break:
            most += _LONGEST_END
    return least, most
