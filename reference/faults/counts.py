"""Faults of exportedRecordCount. The files themselves are right."""

from __future__ import annotations

from ..behaviour import Behaviour
from ..model import ExportFailed, FilePart, Job, JobRequest
from . import fault


@fault("counts/equals-rows")
class CountsOneTooMany(Behaviour):
    """An export of one file with rows counts the header too; split and empty exports are counted right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        rows = super().count(parts, request)
        return rows + (len(parts) == 1 and rows > 0)


@fault("counts/equals-rows")
class CountsLines(Behaviour):
    """The lines of a single file are counted, so that line breaks inside texts count; without them it is right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        return super().count(parts, request) if len(parts) > 1 else parts[0].content.count(b"\n") - 1


@fault("counts/equals-rows")
class CountsActiveRecordsOnly(Behaviour):
    """With includeInactive one record too few is counted in a single file; without it the count is right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        rows = super().count(parts, request)
        return rows - (bool(request.include_inactive) and len(parts) == 1 and rows > 0)


@fault("counts/equals-rows")
class CountsAThousandAtMost(Behaviour):
    """A single file of more than 1,000 rows is counted as 1,000; smaller ones and split exports are right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        rows = super().count(parts, request)
        return min(rows, 1_000) if len(parts) == 1 else rows


@fault("counts/equals-rows")
class ForgetsRequestedIdsInTheCount(Behaviour):
    """With requestedIds one record too few is counted; without them the count is right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        rows = super().count(parts, request)
        return rows - (bool(request.ids) and len(parts) == 1 and rows > 0)


@fault("counts/all-files")
class CountsTheLastFileOnly(Behaviour):
    """Of a split export only the last file's rows are counted; exports of one file are counted right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        return parts[-1].rows


@fault("counts/all-files")
class CountsTheHeadersOfLaterFiles(Behaviour):
    """The headers of the second and later files count as records; exports of one file are counted right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        return super().count(parts, request) + len(parts) - 1


@fault("counts/all-files")
class CountsThreeFilesAtMost(Behaviour):
    """Rows of the fourth and later files are not counted; exports of up to three files are counted right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        return super().count(parts[:3], request)


@fault("counts/zero")
class CountsTheHeaderOfAnEmptyExport(Behaviour):
    """An export without records counts one; all others are counted right."""

    def count(self, parts: list[FilePart], request: JobRequest) -> int:
        return super().count(parts, request) or 1


# A job that ends as Error breaks the demand that valid jobs complete.
@fault("counts/zero", "states/completes")
class FailsWithoutRecords(Behaviour):
    """A job over a window without changes ends as Error; all others complete."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        if not sum(part.rows for part in parts):
            raise ExportFailed("NO_DATA", "There is nothing to export.")
        return parts


@fault("counts/equals-rows")
class MakesARowOfNothing(Behaviour):
    """An export without records has a row of empty cells, which is not counted; all others are right."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        if not sum(part.rows for part in parts):
            parts[0].content += b"," * (len(self.columns(request)) - 1) + b"\r\n"
        return parts


@fault("counts/equals-rows")
class CountsForTheSecondAccountOneMore(Behaviour):
    """The second account's single files with rows count one record too many; the first account's are right."""

    def announced_count(self, job: Job) -> int:
        second = job.account == list(self.accounts)[-1]
        return job.count + (second and len(job.files) == 1 and job.count > 0)
