"""`schema verify`: files that were downloaded, judged with the job's answer and without a server, at any size."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..conformance.data import is_header
from ..conformance.schema_judge import JOB
from . import sizes, tables
from .csv_stream import Stream, Streamed
from .download import Job, check_csv, read_job
from .remark import BadInput, Remark, is_valid
from .repeats import Repeats
from .validate import validate_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Progress = Callable[[int, int, int], None]
    """Told as reading goes on: the file's place from 0, the bytes read of it, and its size."""

_SHOWN = 5


@dataclass(frozen=True)
class Verified:
    """What was judged, in words, and what is to be said of it. `cut` says where a file was cut short, if one was."""

    judged: tuple[str, ...]
    remarks: tuple[Remark, ...]
    rows: int
    size: int
    cut: str | None = None

    @property
    def valid(self) -> bool:
        """True when nothing is an error and no file was cut short."""
        return self.cut is None and is_valid(self.remarks)


@dataclass
class _Read:
    """The files as they were read: what is known of each, and where in all rows its own begin."""

    names: tuple[str, ...] = ()
    key: str | None = None
    told: list[Streamed] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    without_key: list[int] = field(default_factory=list)

    def place(self, ordinal: int) -> tuple[int, int]:
        """The file's index from 0, and the record's number in it from 1, of one of all rows, counted from 1."""
        index = bisect_right(self.starts, ordinal) - 1
        return index, ordinal - self.starts[index] + 1 + self.told[index].has_header


def verify(
    job: str | Path, files: Sequence[str | Path], *,
    request: str | Path | None = None, limit_kb: int | None = None, resource_type: str | None = None,
    primary_key: str | None = None, progress: Progress | None = None,
) -> Verified:  # fmt: skip
    """Judge the files of a finished job, in the order in which it lists them; each is read once, in bounded memory.

    `job` is the JSON answer about the Complete job, `request` the body that created it, where there is one. The size
    limit and the resource type come from them unless they are given; a type that nobody tells shows in the columns,
    as far as it does. Raises BadInput when a file cannot be read or is something else.
    """
    known = read_job(job, request=request, limit_kb=limit_kb, resource_type=resource_type, key=primary_key)
    paths = [Path(file) for file in files]
    for path in paths:
        check_csv(path)
    _check_twice(paths)
    # The files are what is judged here: what is wrong with the answer itself is told, and left to `validate`.
    remarks = [replace(one, level="warning") for one in validate_response(job, operation=JOB, status=200).remarks]
    with Repeats() as repeats:
        read = _read(known, paths, repeats, progress)
        at, cut = tables.cut_short(paths, read.told) or (None, None)
        torn = tables.torn_seams(read.told)
        remarks += sizes.judge(known, paths, read.told)
        remarks += tables.judge(known, paths, read.told, torn=torn, cut=at, key=read.key)
        remarks += _repeats(known, paths, read, repeats)
    remarks += _count(known, paths, read, str(job), exact=cut is None and not torn)
    rows, size = sum(told.rows for told in read.told), sum(told.size for told in read.told)
    judged = f"{len(paths)} file{'' if len(paths) == 1 else 's'} of {job}: {rows:,} rows, {size:,} bytes"
    return Verified((judged, *_assumptions(known, read)), tuple(remarks), rows, size, cut)


def _check_twice(paths: Sequence[Path]) -> None:
    seen: dict[Path, Path] = {}
    for path in paths:
        real = path.resolve()
        if real in seen:
            raise BadInput(f"{path} is named twice. Name each file of the job once, in the job's order.")
        seen[real] = path


def _read(job: Job, paths: Sequence[Path], repeats: Repeats, progress: Progress | None) -> _Read:
    read = _Read()
    ordinal = 1
    for index, path in enumerate(paths):

        def header(record: tuple[str, ...], index: int = index) -> tuple[tuple[str, ...], bool]:
            if index == 0 or not read.names:
                read.names = record
                return record, True
            return (record, True) if is_header(record, read.names, read.key) else (read.names, False)

        def key(names: tuple[str, ...]) -> int | None:
            if read.key is None:
                read.key = job.key_among(names)
            wanted = (read.key or "").strip().lower()
            return next((at for at, name in enumerate(names) if wanted and name.strip().lower() == wanted), None)

        stream = Stream(path, header=header, key=key)
        size, without = path.stat().st_size, 0
        read.starts.append(ordinal)
        try:
            for rows in stream.rows(None if progress is None else partial(_tell, progress, index, size)):
                if rows.keys:
                    repeats.add(rows.keys, ordinal)
                ordinal += rows.count
                without += rows.without_key
        except OSError as error:
            raise BadInput(f"{path} cannot be read to its end: {error.strerror}.") from None
        read.told.append(stream.told)
        read.without_key.append(without)
    return read


def _tell(progress: Progress, index: int, size: int, done: int) -> None:
    progress(index, done, size)


def _repeats(job: Job, paths: Sequence[Path], read: _Read, repeats: Repeats) -> Iterator[Remark]:
    """Keys that stand more than once (window.1, files.2): a remark for those within a file, and one across files."""
    shown: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    first: dict[str, tuple[int, int]] = {}
    for identifier, ordinals in repeats.found():
        places = [read.place(ordinal) for ordinal in ordinals]
        within = "ids/once" if identifier in job.ids else "window/once"
        rule = "split/each-once" if len({index for index, _ in places}) > 1 else within
        counts[rule] = counts.get(rule, 0) + 1
        told = " and ".join(f"{paths[index].name} record {row}" for index, row in places[:_SHOWN])
        example = f"{identifier} ({told})"
        if len(shown.setdefault(rule, [])) < _SHOWN:
            shown[rule].append(example)
        first.setdefault(rule, places[1])
    for rule, examples in shown.items():
        index, _ = first[rule]
        more = f", and {counts[rule] - len(examples):,} more" if counts[rule] > len(examples) else ""
        yield Remark(
            "duplicate", "error", f"{counts[rule]:,} {'key stands' if counts[rule] == 1 else 'keys stand'} more than "
            f"once in {read.key}: {'; '.join(examples)}{more}", str(paths[index]),
            expected="each record once", received="a record more than once", rule=rule,
        )  # fmt: skip
    for index, count in enumerate(read.without_key):
        if count:
            yield Remark(
                "no-key", "warning", f"{count:,} rows have no whole number in {read.key}, so that it cannot be told "
                "whether they come twice", str(paths[index]),
            )  # fmt: skip


def _count(job: Job, paths: Sequence[Path], read: _Read, name: str, *, exact: bool) -> Iterator[Remark]:
    """The announced count is the number of rows (facts:1.2). Files that cannot be counted are told of elsewhere."""
    rule = "counts/all-files" if len(paths) > 1 else "counts/equals-rows"
    if job.listed is not None and job.listed != len(paths):
        yield Remark(
            "other-files", "error", "the job lists another number of files than were given, so that nothing can be "
            "said of its record count", name, pointer="/files", expected=f"{job.listed} files",
            received=f"{len(paths)} files", advice="Name every file that the job lists, in its order.",
        )  # fmt: skip
        return
    rows = sum(told.rows for told in read.told)
    if job.count is None or job.count == rows or not exact or any(told.unreadable for told in read.told):
        return
    yield Remark(
        "wrong-count", "error", "the job announces another number of records than its files hold", name,
        pointer="/exportedRecordCount", expected=f"{rows:,}, the number of rows", received=f"{job.count:,}", rule=rule,
    )  # fmt: skip


def _assumptions(job: Job, read: _Read) -> Iterator[str]:
    """What the judgement rests on beside the files, in words."""
    if job.limit_kb is None:
        yield "no limit is told: --limit or --request would let sizes be judged by it"
    else:
        yield f"sizes by a limit of {job.limit_kb} kilobytes"
    if read.key is None:
        yield "duplicates could not be judged, since the type does not show: --resource-type or --primary-key names it"
    else:
        yield f"duplicates by the column {read.key}"
