"""Faults of a job's life: its words, their order, its end, and that it stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from ..answers import Answer
from ..behaviour import Behaviour
from ..model import ExportFailed, FilePart, Job, JobRequest, StoredFile
from . import fault


# The word is none of the documented ones, so that nobody can tell that the job has ended.
@fault("states/documented", "schema/job")
class SaysCompleted(Behaviour):
    """A finished job is called Completed; the other words are right."""

    def status_word(self, job: Job) -> str:
        return "Completed" if job.status == "Complete" else job.status


@fault("states/documented", "schema/create")
class WritesPendingInSmallLetters(Behaviour):
    """A waiting job is called pending, in small letters; the other words are right."""

    def status_word(self, job: Job) -> str:
        return "pending" if job.status == "Pending" else job.status


class _Looks(Behaviour):
    """Counts how often a job was asked after: 1 for the first time."""

    def job_answer(self, job: Job, root: str) -> Answer:
        looks: dict[int, int] = vars(self).setdefault("looks", {})
        looks[job.id] = looks.get(job.id, 0) + 1
        return self.answer_look(job, root, looks[job.id])

    def answer_look(self, job: Job, root: str, look: int) -> Answer:
        raise NotImplementedError


def _unfinished(job: Job, status: Any) -> Job:  # noqa: ANN401 - one of the words
    return replace(job, status=status, completed=None, count=0, files=())


@fault("states/forward")
class GoesBackToPending(_Looks):
    """The first two answers about a job tell InProcess and then Pending; from the third on all is right."""

    def answer_look(self, job: Job, root: str, look: int) -> Answer:
        shown = job if look > 2 else _unfinished(job, "InProcess" if look == 1 else "Pending")
        return super(_Looks, self).job_answer(shown, root)


# A job that is taken back has changed after its end.
@fault("states/forward")
class FinishesTwice(_Looks):
    """The second answer about a finished job tells InProcess again; all others are right."""

    def answer_look(self, job: Job, root: str, look: int) -> Answer:
        done: dict[int, int] = vars(self).setdefault("done", {})
        done[job.id] = done.get(job.id, 0) + (job.status == "Complete")
        return super(_Looks, self).job_answer(_unfinished(job, "InProcess") if done[job.id] == 2 else job, root)


@fault("states/completes")
class FailsForManyFiles(Behaviour):
    """A job that takes more than three files ends as Error; smaller ones complete."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        if len(parts) > 3:
            raise ExportFailed("TOO_MANY_FILES", "The export takes too many files.")
        return parts


@fault("states/completes")
class FailsWithEveryOption(Behaviour):
    """A job with custom fields and includeInactive ends as Error; either alone completes."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        if request.include_inactive and request.custom_field_ids:
            raise ExportFailed("INTERNAL_SERVER_ERROR", "The export could not be made.")
        return parts


@fault("states/completes")
class NeverEndsForAMonth(Behaviour):
    """A window of more than 40 days fails; shorter ones complete."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        if (request.end - request.start).days > 40:
            raise ExportFailed("TIMEOUT", "The export took too long.")
        return parts


@fault("states/completes")
class EmptyExportsNeverEnd(Behaviour):
    """A job without any record stays InProcess; others complete."""

    def complete(self, job: Job, parts: list[FilePart]) -> None:
        if any(part.rows for part in parts):
            super().complete(job, parts)


@fault("states/final")
class CountsLooksAsRecords(_Looks):
    """From the third answer on, a finished job's count is one more than its rows; until then it is right."""

    def answer_look(self, job: Job, root: str, look: int) -> Answer:
        done: dict[int, int] = vars(self).setdefault("done", {})
        done[job.id] = done.get(job.id, 0) + (job.status == "Complete")
        return super(_Looks, self).job_answer(replace(job, count=job.count + (done[job.id] > 1)), root)


@fault("states/final")
class ForgetsFilesAtTheSecondLook(_Looks):
    """The second answer about a finished job has no files; the first is right."""

    def answer_look(self, job: Job, root: str, look: int) -> Answer:
        done: dict[int, int] = vars(self).setdefault("done", {})
        done[job.id] = done.get(job.id, 0) + (job.status == "Complete")
        return super(_Looks, self).job_answer(replace(job, files=()) if done[job.id] > 1 else job, root)


# Bytes that change are a link that does not deliver the same bytes again, too.
@fault("states/final", "links/again", "links/alive-until-expiry")
class ReversesFilesOnceTaken(Behaviour):
    """A file's last two bytes change places once it was downloaded; the first download is right."""

    def content(self, job: Job, file: StoredFile) -> bytes:
        taken: set[str] = vars(self).setdefault("taken", set())
        content = super().content(job, file)
        changed = file.token in taken
        taken.add(file.token)
        return content[:-2] + content[-1:] + content[-2:-1] if changed else content


# The bytes of the first download are not those of later ones.
@fault("states/whole-at-completion", "links/again", "links/alive-until-expiry")
class TellsOfFilesBeforeTheyAreWhole(Behaviour):
    """The first download of a file of more than 100 kB lacks its last rows; later ones are whole."""

    def content(self, job: Job, file: StoredFile) -> bytes:
        taken: set[str] = vars(self).setdefault("taken", set())
        content = super().content(job, file)
        whole = file.token in taken or len(content) < 100_000
        taken.add(file.token)
        return content if whole else content[: content.rindex(b"\n", 0, -5_000) + 1]


@fault("states/apart")
class SharesTheRequestOfJobs(Behaviour):
    """A job exports what the newest request for its type and account asked for; jobs one by one are right."""

    def create(self, account: str, request: JobRequest, received: datetime) -> Job:
        vars(self).setdefault("newest", {})[account, request.resource_type] = request
        return super().create(account, request, received)

    def export(self, job: Job) -> list[FilePart]:
        newest = vars(self)["newest"][job.account, job.request.resource_type]
        return super().export(replace(job, request=newest))


@fault("states/final", "creation/window-kept")
class MovesTheEndAfterwards(_Looks):
    """From the second answer about a finished job on, dateChangedTo is a second later; until then it is right."""

    def answer_look(self, job: Job, root: str, look: int) -> Answer:
        done: dict[int, int] = vars(self).setdefault("done", {})
        done[job.id] = done.get(job.id, 0) + (job.status == "Complete")
        answer = super(_Looks, self).job_answer(job, root)
        if done[job.id] < 2:
            return answer
        moved = job.request.end.replace(second=(job.request.end.second + 1) % 60)
        return Answer(200, {**answer.body, "dateChangedTo": self.instant(moved)})
