"""The sizes of downloaded files, by both understandings of a kilobyte (files.1, files.2, fileSizeKbLimit.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..spec.offer import DEFAULT_LIMIT_KB, MAX_LIMIT_KB, MIN_LIMIT_KB
from .remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .csv_stream import Streamed
    from .download import Job

_SMALL, _LARGE = 1000, 1024


def judge(job: Job, paths: Sequence[Path], told: Sequence[Streamed]) -> Iterator[Remark]:
    """No file is over the limit, and what is smaller than the limit is one file.

    Without a known limit only what breaks every limit is an error: what is over the largest one there is, and several
    files that are smaller than the smallest together.
    """
    limit = job.limit_kb
    for path, file in zip(paths, told, strict=True):
        yield from _over(path, file.size, MAX_LIMIT_KB if limit is None else limit)
        if limit is None and DEFAULT_LIMIT_KB * _LARGE < file.size <= MAX_LIMIT_KB * _SMALL:
            yield Remark(
                "over-default", "warning", "the file is over the limit that holds when a request names none",
                str(path), expected=f"at most {DEFAULT_LIMIT_KB * _LARGE:,} bytes", received=f"{file.size:,} bytes",
                rule="split/default-limit", advice="Give the limit that was asked for with --limit or --request.",
            )  # fmt: skip
    total = sum(file.size for file in told)
    least = MIN_LIMIT_KB if limit is None else limit
    # As one file they would be smaller still, their headers being there once; a line end may be missing between them.
    if len(paths) > 1 and total + 2 * len(paths) < least * _SMALL and any(file.rows for file in told):
        yield Remark(
            "needless-split", "error", f"there are {len(paths)} files, although all of it is smaller than the limit",
            str(paths[0]), expected=f"one file, since {total:,} bytes are less than {least} kilobytes",
            received=f"{len(paths)} files", rule="split/one-file",
        )  # fmt: skip


def _over(path: Path, size: int, limit: int) -> Iterator[Remark]:
    if size > limit * _LARGE:
        yield Remark(
            "over-limit", "error", "the file is over the size limit", str(path),
            expected=f"at most {limit * _LARGE:,} bytes ({limit} kilobytes of 1024 bytes, the larger understanding)",
            received=f"{size:,} bytes", rule="split/within-limit",
        )  # fmt: skip
    elif size > limit * _SMALL:
        yield Remark(
            "over-limit-of-1000", "warning", "the file is over the size limit if a kilobyte has 1000 bytes, and within "
            "it if it has 1024", str(path), expected=f"at most {limit * _SMALL:,} bytes", received=f"{size:,} bytes",
            rule="split/within-limit",
        )  # fmt: skip
