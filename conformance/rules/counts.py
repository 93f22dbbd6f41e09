"""The counts family: exportedRecordCount is the number of rows that came (facts:1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from ..data import row_count
from ..finding import Finding, Vote, judges
from ..membership import IdsOf, View, due, understandings
from ..seams import torn, unreadable
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..observation import JobObservation, Run


@judges("counts/equals-rows", "counts/all-files")
def counts(run: Run) -> Iterator[Finding]:
    """The announced count is the number of data rows, over all files of the job.

    A count that is missing or no integer is the schema family's; files without a header are csv/header's.
    """
    empty = [job for job in run.jobs if job.delivered and not row_count(job) and nothing_due(job, run)]
    of_nothing = {_announced(job) for job in empty}
    for job in run.jobs:
        count = _announced(job)
        if count is None or not job.delivered or _without_header(job):
            continue
        rule = "counts/all-files" if len(job.files) > 1 else "counts/equals-rows"
        if torn(job) or any(unreadable(table) for table in job.tables):
            message = f"the files of {_told(job)} are no well-formed CSV, so that their rows cannot be counted"
            yield Finding(rule, "doubt", message=message, job=job.name, key="unreadable")
            continue
        rows = row_count(job)
        if count == rows:
            # That nothing is nothing is judged as counts/zero.
            if rows:
                yield Finding(rule, "pass", job=job.name)
        # What is announced of nothing where surely nothing was due is counts/zero's, wherever else it comes.
        elif rows or count not in of_nothing:
            yield Finding(
                rule,
                "fail",
                message=f"{_told(job)} announces {count:,} records, and its {_files(job)} {rows:,} rows",
                expected=f"exportedRecordCount {rows}",
                received=f"exportedRecordCount {count}",
                job=job.name,
                exchanges=reproduction(job),
                key="more" if count > rows else "fewer",
                details={"rows": [len(table.rows) for table in job.tables]},
            )


@judges("counts/zero")
def zero(run: Run) -> Iterator[Finding | Vote]:
    """An export without records announces 0, and has one file without rows or none (files.1, facts:1.2)."""
    others_complete = any(job.delivered and row_count(job) for job in run.jobs)
    for job in run.jobs:
        if job.final is not None and not job.complete and others_complete and nothing_due(job, run):
            received = "jobStatus Error"
            yield _zero_failure(
                job, "has no record to export and did not complete", "jobStatus Complete", received, "error"
            )
        elif job.delivered and not row_count(job) and not _without_header(job):
            yield from _without_rows(job, run)


def _without_rows(job: JobObservation, run: Run) -> Iterator[Finding | Vote]:
    files, count = len(job.files), _announced(job)
    if files > 1:
        yield _zero_failure(job, "has no row in several files", "one file, or none", f"{files} files", "files")
        return
    value = "header-only" if files else "no-files"
    if not files or job.tables[0].header:
        message = f"{_told(job)}, which holds no record, has {'one file' if files else 'no file'}"
        if count == 0:
            yield Vote("empty-result", frozenset({value}), message, job.name, reproduction(job))
    if count == 0:
        yield Finding("counts/zero", "pass", job=job.name)
    elif count is not None and nothing_due(job, run):
        expected, received = "exportedRecordCount 0", f"exportedRecordCount {count}"
        yield _zero_failure(job, "has no record to export, but announces some", expected, received, "count")


def _zero_failure(job: JobObservation, what: str, expected: str, received: str, key: str) -> Finding:
    return Finding(
        "counts/zero",
        "fail",
        message=f"{_told(job)} {what}",
        expected=expected,
        received=received,
        job=job.name,
        exchanges=reproduction(job),
        key=key,
    )


def nothing_due(job: JobObservation, run: Run) -> bool:
    """True when the ledger knows every record of the account, and none of them is due under any understanding."""
    views = [View.of(job, run, ids_of) for ids_of in get_args(IdsOf)]
    if not views[0].known_to_be_all:
        return False
    terms = list(understandings(job))
    # Whose ids they are matters where there are any.
    for view in views if job.request.ids else views[:1]:
        for record in view.records().values():
            if view.is_clear_of(record):
                continue
            facts = view.facts(record)
            if facts.unsure or any(due(facts, job, term) is not False for term in terms):
                return False
    return True


def _announced(job: JobObservation) -> int | None:
    count = (job.final or {}).get("exportedRecordCount")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _without_header(job: JobObservation) -> bool:
    """True when the first line is no header, so that it cannot be told how many lines are records."""
    key, tables = job.resource.key, job.tables
    if not tables:
        return False
    if key is None or job.resource.field(key) is None:
        return not tables[0].header
    return tables[0].column(key) is None


def _files(job: JobObservation) -> str:
    if not job.files:
        return "list of files is empty, which makes"
    return "files hold" if len(job.files) > 1 else "file holds"


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
