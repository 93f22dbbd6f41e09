"""Variants of what a creation and a question after a job are answered."""

from __future__ import annotations

from typing import Any

from ..answers import Answer
from ..behaviour import Behaviour
from ..model import Column, Flaw, Job, JobRequest, Refused, ResourceType, StoredFile
from . import variant


@variant()
class TellsTheIdAndTheEcho(Behaviour):
    """A creation is answered with the id and what was accepted, without anything of the job's state."""

    def creation_answer(self, job: Job, root: str) -> Answer:
        window = {"dateChangedFrom": self.instant(job.request.start), "dateChangedTo": self.instant(job.request.end)}
        return Answer(201, {"exportJobId": job.id, **window, **self.echo(job.request)})


@variant(warns=("creation/echo-present",))
class TellsTheStateWithoutTheEcho(Behaviour):
    """A creation is answered with the job's state and both ends of the window, and nothing else of the request."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        return {}


@variant(warns=("creation/echo-present",))
class TellsTheIdAlone(Behaviour):
    """A creation is answered with the id and nothing else."""

    def creation_answer(self, job: Job, root: str) -> Answer:
        return Answer(201, {"exportJobId": job.id})


@variant()
class TellsTheEchoAtAnyTime(Behaviour):
    """What was accepted is told whenever somebody asks after the job."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        return {**super().job_state(job, root), **self.echo(job.request)}


@variant()
class TellsNothingThatWasNotSent(Behaviour):
    """The echo holds what was sent, without the defaults."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        told = super().echo(request)
        unsent = {
            "fileSizeKbLimit": request.limit_kb, "includeInactive": request.include_inactive,
            "contactMode": request.contact_mode,
        }  # fmt: skip
        return {name: value for name, value in told.items() if name not in unsent or unsent[name] is not None}


@variant()
class TellsNullForWhatWasNotSent(TellsNothingThatWasNotSent):
    """Properties that were not sent are told back as null."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        names = ("requestedIds", "requestedFields", "requestedCustomFieldIds", "fileSizeKbLimit", "includeInactive",
                 "contactMode", "requestedActivistCodeIds", "excludeChangesFromSelf")  # fmt: skip
        return dict.fromkeys(names) | super().echo(request)


@variant()
class TellsEmptyListsForNone(Behaviour):
    """Arrays that were not sent are told back as empty ones."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        lists = ("requestedIds", "requestedFields", "requestedCustomFieldIds", "requestedActivistCodeIds")
        return {name: [] for name in lists} | super().echo(request)


@variant()
class TellsBooleansAsText(Behaviour):
    """Booleans are told back in quotes, as the documentation's samples have them."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        told = super().echo(request)
        return {name: str(value).lower() if isinstance(value, bool) else value for name, value in told.items()}


@variant()
class TellsListsAsSets(Behaviour):
    """Arrays are told back sorted, with each item once."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        told = super().echo(request)
        return {name: sorted(set(value)) if isinstance(value, tuple) else value for name, value in told.items()}


@variant()
class TellsPropertiesBackwards(Behaviour):
    """The properties of every answer stand in the other order."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        return dict(reversed(super().job_state(job, root).items()))

    def file_item(self, job: Job, file: StoredFile, root: str) -> dict[str, Any]:
        return dict(reversed(super().file_item(job, file, root).items()))

    def field_item(self, column: Column) -> dict[str, Any]:
        return dict(reversed(super().field_item(column).items()))


@variant()
class TellsMoreThanWasAsked(Behaviour):
    """Every answer has properties that no document knows, nested ones too."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        return {**super().job_state(job, root), "createdBy": {"name": job.account, "roles": [1, None]}, "progress": 1.5}

    def file_item(self, job: Job, file: StoredFile, root: str) -> dict[str, Any]:
        return {**super().file_item(job, file, root), "recordCount": file.rows, "sizeKb": file.size / 1000}

    def field_item(self, column: Column) -> dict[str, Any]:
        return {**super().field_item(column), "isCustomField": False, "description": None}


@variant()
class TellsLittleBeforeTheEnd(Behaviour):
    """Until a job has ended, a question after it is answered with its id and status alone."""

    def job_answer(self, job: Job, root: str) -> Answer:
        answer = super().job_answer(job, root)
        if job.status in ("Pending", "InProcess"):
            return Answer(200, {name: answer.body[name] for name in ("exportJobId", "jobStatus")})
        return answer


@variant()
class TellsNullsBeforeTheEnd(Behaviour):
    """Until a job has ended, its files and its count are null."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        state = super().job_state(job, root)
        return state if job.status == "Complete" else {**state, "files": None, "exportedRecordCount": None}


@variant()
class TellsTheTimeInItsMessage(Behaviour):
    """The message of a job is another in each answer, also after its end."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        return {**super().job_state(job, root), "message": f"Asked at {self.instant(self.clock.now())}."}


@variant()
class TellsChangeTypesInPascalCase(Behaviour):
    """The properties of change types begin with capitals, and their ids are numbers."""

    def change_types_answer(self, kind: ResourceType) -> Answer:
        return Answer(
            200,
            [
                {"ChangeTypeID": number, "ChangeTypeName": name, "Description": text}
                for number, name, text in kind.change_types
            ],
        )


@variant()
class SpellsTypesOut(Behaviour):
    """Types of fields are whole words in the list of fields, and a money field is one of Currency."""

    def field_item(self, column: Column) -> dict[str, Any]:
        words = {"T": "Text", "N": "Number", "D": "date", "B": "BOOLEAN", "M": "Currency"}
        return {**super().field_item(column), "fieldType": words[column.type]}


@variant()
class TellsNoChangeTypes(Behaviour):
    """The lists of change types are empty."""

    def change_types_answer(self, kind: ResourceType) -> Answer:
        return Answer(200, [])


@variant(warns=("schema/change-types",))
class KnowsNoChangeTypes(Behaviour):
    """There is no list of change types, for no type."""

    def change_types_answer(self, kind: ResourceType) -> Answer:
        raise Refused(404, Flaw("NOT_FOUND", "There are no change types."))


@variant()
class JobIdsFromOne(Behaviour):
    """Ids of jobs count from 1."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        return {**super().job_state(job, root), "exportJobId": job.id - self.offset}

    offset = 2_170_181_228

    def find_job(self, job_id: int, account: str) -> Job:
        return super().find_job(job_id + self.offset, account)


@variant()
class JobIdsBeyondEveryDouble(JobIdsFromOne):
    """Ids of jobs are odd numbers beyond 2 to the 53rd, which no double can hold."""

    offset = -(2**53)

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        return {**super().job_state(job, root), "exportJobId": job.id * 2 + 2**53 + 1}

    def find_job(self, job_id: int, account: str) -> Job:
        return Behaviour.find_job(self, (job_id - 2**53 - 1) // 2 if job_id % 2 else 0, account)
