"""The split family: how big files are, when there is one and when several, and what each of them holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data import data_rows, names_key, parts, record_id
from ..finding import Finding, Vote, judges
from ..seams import bytes_as_one_file, torn, unreadable
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..observation import FileObservation, JobObservation, Run

_SMALL, _LARGE = 1000, 1024
"""The bytes of a kilobyte, as people understand it one way or the other (the reading `kilobyte`)."""
# The smallest limit there is: an export below it says nothing of which default a target has.
_SMALLEST_LIMIT_KB = 1000
_SHOWN = 5


@judges("split/within-limit", "split/one-file", "split/default-limit")
def sizes(run: Run) -> Iterator[Finding | Vote]:
    """No file exceeds the limit, and what is smaller than the limit is one file (files.1, files.2).

    Jobs without fileSizeKbLimit put the default to the test, and nothing else.
    """
    for job in run.jobs:
        if job.complete:
            yield from _file_sizes(job)
            if job.delivered and job.files:
                yield from _number_of_files(job)


def _file_sizes(job: JobObservation) -> Iterator[Finding | Vote]:
    limit = job.request.limit_kb
    rule = "split/within-limit" if job.request.limit_given else "split/default-limit"
    too_big = [file for file in _received(job) if file.size > limit * _LARGE]
    if too_big:
        file = too_big[0]
        more = f", and so are {len(too_big) - 1} more" if len(too_big) > 1 else ""
        yield Finding(
            rule,
            "fail",
            message=f"file {file.index + 1} of {len(job.files)} of {_told(job)} is over the limit{more}",
            expected=f"at most {limit * _LARGE:,} bytes ({limit} kilobytes of 1024 bytes, the larger understanding)",
            received=f"{file.size:,} bytes",
            job=job.name,
            exchanges=_exchanges(job, file),
            key="over",
            details={"sizes": [file.size for file in job.files]},
        )
        return
    between = [file for file in _received(job) if file.size > limit * _SMALL]
    if between:
        file = between[0]
        message = f"file {file.index + 1} of {_told(job)} has {file.size:,} bytes under a limit of {limit}"
        yield Vote("kilobyte", frozenset({str(_LARGE)}), message, job.name, _exchanges(job, file))
    if job.delivered and bytes_as_one_file(job)[1] >= limit * _SMALL:
        yield Finding(rule, "pass", job=job.name)


def _number_of_files(job: JobObservation) -> Iterator[Finding | Vote]:
    limit, count = job.request.limit_kb, len(job.files)
    rule = "split/one-file" if job.request.limit_given else "split/default-limit"
    least, most = bytes_as_one_file(job)
    if count == 1:
        # That a small export is one file says nothing of the default: it is one under any limit.
        if most < limit * _SMALL and (job.request.limit_given or least > _SMALLEST_LIMIT_KB * _LARGE):
            yield Finding(rule, "pass", job=job.name)
        return
    if most < limit * _SMALL and any(part.rows for part in parts(job)):
        yield Finding(
            rule,
            "fail",
            message=f"{_told(job)} has {count} files, although all of it is smaller than the limit",
            expected=f"one file, since {most:,} bytes are less than {limit} kilobytes",
            received=f"{count} files of {', '.join(f'{file.size:,}' for file in job.files[:_SHOWN])} bytes",
            job=job.name,
            exchanges=reproduction(job),
            key="needless",
            details={"sizes": [file.size for file in job.files]},
        )
    elif least >= limit * _SMALL and most < limit * _LARGE:
        message = f"{_told(job)}, of about {most:,} bytes, came in {count} files under a limit of {limit}"
        yield Vote("kilobyte", frozenset({str(_SMALL)}), message, job.name, reproduction(job))


def _received(job: JobObservation) -> Iterator[FileObservation]:
    """The files of which something came; one that broke off is at least as big as what came of it."""
    return (file for file in job.files if file.exchange.status == 200 and file.table is not None)


@judges("split/whole-records")
def whole_records(run: Run) -> Iterator[Finding]:
    """No record is cut where one file ends and the next begins (files.2, rfc4180)."""
    rule = "split/whole-records"
    # Where files end inside quotes that no other file follows, the end of a file says nothing of a cut.
    unclosed = any(len(job.files) == 1 and any(unreadable(table) for table in job.tables) for job in run.jobs)
    for job in _split_jobs(run):
        seams = torn(job)
        if seams and not (unclosed and any(unreadable(table) for table in job.tables)):
            before, after = seams[0]
            yield Finding(
                rule,
                "fail",
                message=f"torn: the last record of file {before + 1} of {_told(job)} goes on in file {after + 1}",
                expected="a file that ends with a whole record",
                received=_ending(next(file for file in job.files if file.index == before)),
                job=job.name,
                exchanges=reproduction(job),
                key="torn",
                details={"files": [left + 1 for left, _ in seams]},
            )
        elif any(unreadable(table) for table in job.tables):
            message = f"the quoting of {_told(job)} is broken, so that its records cannot be told apart"
            yield Finding(rule, "doubt", message=message, job=job.name, key="unreadable")
        else:
            yield Finding(rule, "pass", job=job.name)


def _ending(file: FileObservation) -> str:
    table = file.table
    last = table.rows[-1] if table is not None and table.rows else ()
    unclosed = table is not None and any(problem.kind == "unclosed-quote" for problem in table.problems)
    return f"a file that ends inside quotes, after {len(last)} fields" if unclosed else f"{len(last)} fields at the end"


@judges("split/header-in-every-file")
def later_headers(run: Run) -> Iterator[Finding | Vote]:
    """The second and later files start with the names of the columns as well (facts:3.3)."""
    rule = "split/header-in-every-file"
    for job in _split_jobs(run):
        _, *later = parts(job)
        bare = [part.file for part in later if not part.has_header]
        if len(bare) in (0, len(later)):
            value = "first-only" if bare else "every-file"
            message = f"{_told(job)} has {'no header' if bare else 'a header'} in its later files"
            yield Vote("later-headers", frozenset({value}), message, job.name, reproduction(job))
        if not bare:
            yield Finding(rule, "pass", job=job.name)
            continue
        yield Finding(
            rule,
            "fail",
            message=f"file {bare[0].index + 1} of {len(job.files)} of {_told(job)} starts without a header",
            expected="the names of the columns",
            received="a record, or nothing",
            job=job.name,
            exchanges=_exchanges(job, bare[0]),
            key="without",
            details={"files": [file.index + 1 for file in bare]},
        )


@judges("split/same-header")
def same_header(run: Run) -> Iterator[Finding]:
    """Headers in the files of one job are the same, in the same order (files.2, rfc4180)."""
    rule = "split/same-header"
    for job in _split_jobs(run):
        first, *later = parts(job)
        if not names_key(first.header, job.resource.key):
            # What stands first is no header, which csv/header tells: there is nothing to hold the others against.
            continue
        named = [part for part in later if part.has_header]
        other = next((part for part in named if part.header != first.header), None)
        if other is not None:
            yield Finding(
                rule,
                "fail",
                message=f"file {other.file.index + 1} of {_told(job)} has another header than the first file",
                expected=",".join(first.header),
                received=",".join(other.header),
                job=job.name,
                exchanges=_exchanges(job, other.file),
                key="other",
            )
        elif named:
            yield Finding(rule, "pass", job=job.name)


@judges("split/each-once", "window/once", "ids/once")
def repeats(run: Run) -> Iterator[Finding]:
    """Without a ledger: no record stands twice in a job's files (files.2, window.1). With one, the oracle judges."""
    if run.ledger.position:
        return
    for job in run.jobs:
        if not job.delivered or any(unreadable(table) for table in job.tables):
            continue
        first_seen, twice = _twice(job)
        if twice is None:
            if len(first_seen) > 1:
                yield Finding("split/each-once" if len(job.files) > 1 else "window/once", "pass", job=job.name)
            continue
        identifier, (file, row) = twice
        first_file, first_row = first_seen[identifier]
        requested = identifier in (job.request.ids or ())
        within = "ids/once" if requested else "window/once"
        yield Finding(
            "split/each-once" if file != first_file else within,
            "fail",
            message=f"duplicated: {job.resource.key} {identifier} stands twice in {_told(job)}: "
            f"file {first_file} row {first_row}, and file {file} row {row}",
            expected="one row",
            received="more than one row",
            job=job.name,
            exchanges=reproduction(job),
            key="duplicated",
        )


def _twice(
    job: JobObservation,
) -> tuple[dict[int, tuple[int, int]], tuple[int, tuple[int, int]] | None]:
    """Where each record stands first, and the first one that stands a second time. Numbers count from 1."""
    places: dict[int, tuple[int, int]] = {}
    key = (job.resource.key or "").lower()
    for index, row, header, cells in data_rows(job):
        position = next((at for at, name in enumerate(header) if key and name.strip().lower() == key), None)
        if position is None or position >= len(cells):
            continue
        identifier = record_id(cells[position])
        # Zero is no key: it is what a column holds that was left empty.
        if not identifier:
            continue
        if identifier in places:
            return places, (identifier, (index + 1, row))
        places[identifier] = (index + 1, row)
    return places, None


def _split_jobs(run: Run) -> Iterator[JobObservation]:
    return (job for job in run.jobs if job.delivered and len(job.tables) > 1)


def _exchanges(job: JobObservation, file: FileObservation) -> tuple[int, ...]:
    """What reproduces a finding about one file: how the job was made, and that file's download."""
    made = [number for number in reproduction(job) if number not in {f.exchange.number for f in job.files}]
    return (*made, file.exchange.number)


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
