"""Faults of the answers' shape."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..answers import Answer
from ..behaviour import Behaviour
from ..model import Column, Flaw, Job, Refused, ResourceType
from . import fault


# An id that is a text is no id: nothing can be asked after it.
@fault("schema/create", "creation/accepted")
class WritesIdsAsText(Behaviour):
    """The creation's exportJobId is a text; the answer about the job has a number."""

    def creation_answer(self, job: Job, root: str) -> Answer:
        answer = super().creation_answer(job, root)
        return Answer(201, {**answer.body, "exportJobId": str(job.id)})


@fault("schema/create")
class EchoesTheLimitAsText(Behaviour):
    """The creation's fileSizeKbLimit is a text; it takes effect, and all else is of its type."""

    def creation_answer(self, job: Job, root: str) -> Answer:
        answer = super().creation_answer(job, root)
        return Answer(201, {**answer.body, "fileSizeKbLimit": str(answer.body["fileSizeKbLimit"])})


@fault("schema/job")
class WritesCountsAsText(Behaviour):
    """exportedRecordCount of a job is a text; the creation's answer has a number."""

    def job_answer(self, job: Job, root: str) -> Answer:
        answer = super().job_answer(job, root)
        return Answer(200, {**answer.body, "exportedRecordCount": str(job.count)})


@fault("schema/job")
class ForgetsTheStartOfFinishedJobs(Behaviour):
    """A finished job tells no dateChangedFrom; everything else is there."""

    def job_answer(self, job: Job, root: str) -> Answer:
        answer = super().job_answer(job, root)
        done = job.status == "Complete"
        return Answer(200, {name: v for name, v in answer.body.items() if not done or name != "dateChangedFrom"})


@fault("schema/job")
class WritesCodesAsNumbers(Behaviour):
    """The code of a job without an error is 0 instead of null; all else is of its type."""

    def job_answer(self, job: Job, root: str) -> Answer:
        answer = super().job_answer(job, root)
        return Answer(200, {**answer.body, "code": 0})


@fault("schema/resources")
class ListsANullType(Behaviour):
    """The list of resource types has a null at its end; the names are right."""

    def resources_answer(self) -> Answer:
        return Answer(200, [*self.types, None])


@fault("schema/fields")
class WritesCoreAsText(Behaviour):
    """isCoreField is the text "true" or "false"; all else is of its type."""

    def field_item(self, column: Column) -> dict[str, Any]:
        return {**super().field_item(column), "isCoreField": str(column.core).lower()}


@fault("schema/change-types")
class KnowsNoChangeTypes(Behaviour):
    """The list of change types of a listed type is not found; the other lists are right."""

    def change_types_answer(self, kind: ResourceType) -> Answer:
        raise Refused(404, Flaw("NOT_FOUND", "There is no such list."))


@fault("schema/change-types")
class WrapsChangeTypes(Behaviour):
    """The list of change types comes in an envelope; the other lists are right."""

    def change_types_answer(self, kind: ResourceType) -> Answer:
        return Answer(200, {"items": super().change_types_answer(kind).body})


@fault("schema/error-envelope")
class WritesErrorsAsTexts(Behaviour):
    """Errors are a list of texts without codes; their status is right."""

    def envelope(self, flaws: Sequence[Flaw]) -> dict[str, Any]:
        return {"errors": [flaw.text for flaw in flaws]}


@fault("schema/error-envelope")
class WritesErrorsAsHtml(Behaviour):
    """A 404 is a page of HTML; other errors come in the envelope."""

    def refusal(self, refused: Refused) -> Answer:
        answer = super().refusal(refused)
        page = b"<html><body><h1>404 - File or directory not found.</h1></body></html>"
        return answer if refused.status != 404 else Answer(404, page, {"Content-Type": "text/html"})


class _SaysPlainText(Behaviour):
    """Sends JSON under another media type."""

    def plain(self, answer: Answer) -> Answer:
        return Answer(answer.status, json.dumps(answer.body).encode(), {"Content-Type": "text/plain"})


@fault("schema/json-media-type")
class SendsJobsAsPlainText(_SaysPlainText):
    """Answers about jobs have the media type text/plain; bodies and other answers are right."""

    def job_answer(self, job: Job, root: str) -> Answer:
        return self.plain(super().job_answer(job, root))


@fault("schema/json-media-type")
class SendsFieldsAsPlainText(_SaysPlainText):
    """Lists of fields have the media type text/plain; bodies and other answers are right."""

    def fields_answer(self, kind: ResourceType) -> Answer:
        return self.plain(super().fields_answer(kind))


@fault("schema/no-server-error")
class FailsForWordsAsJobIds(Behaviour):
    """A question after a job whose id is no number is answered 500; numbers are right."""

    def get_job(self, account: str, job_id: str, root: str) -> Answer:
        if not job_id.isdecimal():
            raise ValueError("that is no number")
        return super().get_job(account, job_id, root)


@fault("schema/no-server-error")
class FailsForLongJobIds(Behaviour):
    """A question after a job whose id has more than 1,000 digits is answered 500; shorter ids are right."""

    def get_job(self, account: str, job_id: str, root: str) -> Answer:
        if len(job_id) > 1_000:
            raise ValueError("that is too long a number")
        return super().get_job(account, job_id, root)


@fault("schema/no-server-error")
class FailsForUnknownTypes(Behaviour):
    """The fields of a type that is not listed are answered 500; those of listed ones are right."""

    def get_fields(self, account: str, resource_type: str) -> Answer:
        return self.fields_answer(self.types[resource_type])
