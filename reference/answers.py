"""What the API answers: jobs, what was accepted, lists, and errors; and the files behind the links."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import DEFAULT_LIMIT_KB, format_instant
from .core import Core
from .model import Flaw, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from .model import Column, Job, JobRequest, ResourceType, StoredFile

MESSAGES = {
    "Pending": "The export job has been created.",
    "InProcess": "The export is being made.",
    "Complete": "The export is finished.",
}
# No file is larger than such positions tell; Python refuses to read numbers of thousands of digits.
_MOST_DIGITS = 40


@dataclass(frozen=True)
class Answer:
    """An answer in HTTP: a status, headers, and a body that is JSON, or bytes as they are (None for no body)."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Answers(Core):
    """Writes answers. `root` is the API root as the client wrote it, without a slash at the end."""

    # --- jobs --------------------------------------------------------------------------------------

    def creation_answer(self, job: Job, root: str) -> Answer:
        """What a creation is answered: the job as it is, and what was accepted of the request (facts:1.2)."""
        return Answer(201, {**self.job_state(job, root), **self.echo(job.request)})

    def job_answer(self, job: Job, root: str) -> Answer:
        """What a question after a job is answered (facts:1.3)."""
        return Answer(200, self.job_state(job, root))

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        """What is told of a job at any time."""
        return {
            "exportJobId": job.id,
            "jobStatus": self.status_word(job),
            "dateChangedFrom": self.instant(job.request.start),
            "dateChangedTo": self.instant(job.request.end),
            "files": [self.file_item(job, file, root) for file in job.files],
            "message": job.message or MESSAGES.get(job.status),
            "code": job.code,
            "exportedRecordCount": self.announced_count(job),
        }

    def status_word(self, job: Job) -> str:
        """One of the four documented words (facts:1.2)."""
        return job.status

    def announced_count(self, job: Job) -> int:
        """How many records all files hold."""
        return job.count

    def echo(self, request: JobRequest) -> dict[str, Any]:
        """What was accepted of the request, with the defaults that hold. What is missing was not accepted."""
        told: dict[str, Any] = {
            "resourceType": request.resource_type,
            "requestedIds": request.ids,
            "requestedFields": request.fields,
            "requestedCustomFieldIds": request.custom_field_ids,
            "fileSizeKbLimit": DEFAULT_LIMIT_KB if request.limit_kb is None else request.limit_kb,
            "includeInactive": bool(request.include_inactive),
            "contactMode": 3 if request.contact_mode is None else request.contact_mode,
            "requestedActivistCodeIds": request.activist_codes,
            "excludeChangesFromSelf": request.exclude_self,
        }
        return {name: value for name, value in told.items() if value is not None}

    def instant(self, instant: datetime) -> str:
        """An instant in UTC with milliseconds."""
        return format_instant(instant)

    def file_item(self, job: Job, file: StoredFile, root: str) -> dict[str, Any]:
        """One file of a job, as its answer lists it."""
        return {"downloadUrl": self.link(job, file, root), "dateExpired": self.announced_expiry(job, file)}

    def link(self, job: Job, file: StoredFile, root: str) -> str:  # noqa: ARG002 - told for those who use it
        """Where a file is fetched: beside the API, without credentials."""
        return f"{root.removesuffix('/v4')}/files/{file.token}.csv"

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401 - a text, in an honest answer
        """When a file's link stops working."""
        return self.instant(self.expiry(job, file))

    def expiry(self, job: Job, file: StoredFile) -> datetime:  # noqa: ARG002 - told for those who use it
        """20 days after the job was completed (links.1; lifetime-from: completion)."""
        return self.lifetime_begins(job) + timedelta(seconds=self.lifetime_seconds)

    def lifetime_begins(self, job: Job) -> datetime:
        """From when on a link's life is counted."""
        return job.completed or job.created

    # --- downloads ---------------------------------------------------------------------------------

    def download(self, token: str, wanted: str | None) -> Answer:
        """Hand out the file of a link, whole or the range that is wanted (rfc9110, section 14.2).

        Raises Refused with 404 for an unknown link, with 410 for one that has expired (dead-link).
        """
        found = self.store.file(token)
        job = None if found is None else self.store.job(found[0])
        if found is None or job is None:
            raise Refused(404, Flaw("NOT_FOUND", "There is no such file."))
        if self.is_expired(job, found[1], wanted):
            raise self.refusal_of_dead_link()
        self.note_download(job, found[1])
        return self.deliver(self.content(job, found[1]), wanted)

    def is_expired(self, job: Job, file: StoredFile, wanted: str | None) -> bool:  # noqa: ARG002 - told for others
        """Tell whether a link's time is over (links.1)."""
        return self.clock.now() >= self.expiry(job, file)

    def refusal_of_dead_link(self) -> Refused:
        """What the GET of an expired link is answered."""
        return Refused(410, Flaw("GONE", "This link has expired. Create a new export job."))

    def note_download(self, job: Job, file: StoredFile) -> None:
        """Take note of a download; the reference has no use for it."""

    def content(self, job: Job, file: StoredFile) -> bytes:  # noqa: ARG002 - told for those who use it
        """The bytes of a file."""
        return self.store.content(file.token)

    def deliver(self, content: bytes, wanted: str | None) -> Answer:
        """A file, or a part of it."""
        headers = {"Content-Type": "text/csv; charset=utf-8", "Accept-Ranges": "bytes"}
        span = None if wanted is None else _span(wanted, len(content))
        if span is None:
            return Answer(200, content, headers)
        first, last = span
        if first > last:
            return Answer(416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
        told = f"bytes {first}-{last}/{len(content)}"
        return Answer(206, content[first : last + 1], {**headers, "Content-Range": told})

    # --- lists -------------------------------------------------------------------------------------

    def resources_answer(self) -> Answer:
        """The names of the resource types."""
        return Answer(200, list(self.types))

    def fields_answer(self, kind: ResourceType) -> Answer:
        """The fields of a type (facts:1.4)."""
        return Answer(200, [self.field_item(column) for column in kind.columns])

    def field_item(self, column: Column) -> dict[str, Any]:
        """One field, as the list of fields describes it."""
        values = [{"id": identifier, "name": name} for identifier, name in column.available_values]
        return {
            "fieldName": column.name,
            "fieldType": column.type,
            "maxTextboxCharacters": column.max_characters,
            "isCoreField": column.core,
            "availableValues": values or None,
            "bulkImportFields": [],
        }

    def change_types_answer(self, kind: ResourceType) -> Answer:
        """The kinds of change of a type (facts:1.5)."""
        return Answer(
            200,
            [
                {"changeTypeID": str(number), "changeTypeName": name, "description": text}
                for number, name, text in kind.change_types
            ],
        )

    # --- errors ------------------------------------------------------------------------------------

    def refusal(self, refused: Refused) -> Answer:
        """A refusal in the documented envelope (facts:2)."""
        return Answer(refused.status, self.envelope(refused.flaws), refused.headers)

    def envelope(self, flaws: Sequence[Flaw]) -> dict[str, Any]:
        """Everything that is wrong with a request."""
        return {
            "errors": [
                {
                    "code": flaw.code,
                    "text": flaw.text,
                    **({"properties": list(flaw.properties)} if flaw.properties else {}),
                }
                for flaw in flaws
            ]
        }


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """The first and last byte of a Range header with one range; None where it is to be passed over."""
    unit, _, ranges = wanted.partition("=")
    first, dash, last = ranges.strip().partition("-")
    digits = f"{first}{last}"
    if unit.strip().lower() != "bytes" or not dash or not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return None
    if not first:
        return max(size - int(last), 0), size - 1
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if not last or int(first) <= int(last) else None
