"""Faults of the creation: its status, its ids, what it tells back, and the window that it announces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..answers import Answer
from ..behaviour import Behaviour
from ..model import Flaw, Job, JobRequest, Refused, invalid
from . import fault

if TYPE_CHECKING:
    from ..bodies import Body


@fault("creation/accepted")
class AnswersWithTwoHundred(Behaviour):
    """A creation is answered 200 instead of 201; body and job are right."""

    def creation_answer(self, job: Job, root: str) -> Answer:
        return replace(super().creation_answer(job, root), status=200)


# A request with the required properties alone is legal.
@fault("creation/accepted", "validation/legal-accepted")
class WantsAnEnd(Behaviour):
    """A request without dateChangedTo is refused; with it all is right."""

    def default_end(self, received: datetime) -> datetime:
        raise invalid("dateChangedTo is missing.", "dateChangedTo")


@fault("creation/new-job", "version/not-cached", "links/work", "links/announced-20-days")
class KeepsOneJobARequest(Behaviour):
    """The same request a second time gets the job of the first; other requests get a new one."""

    def create(self, account: str, request: JobRequest, received: datetime) -> Job:
        known: dict[tuple[str, str], int] = vars(self).setdefault("known", {})
        key = account, request.to_json()
        job = self.store.job(known.get(key, 0)) or super().create(account, request, received)
        known[key] = job.id
        return job


@fault("creation/retrievable")
class HidesJobsUntilTheyRun(Behaviour):
    """The first question after a job is answered 404; later ones are right."""

    def find_job(self, job_id: int, account: str) -> Job:
        job = super().find_job(job_id, account)
        asked: set[int] = vars(self).setdefault("asked", set())
        if job_id not in asked:
            asked.add(job_id)
            raise Refused(404, Flaw("NOT_FOUND", "There is no such job."))
        return job


@fault("creation/retrievable")
class TellsTheIdOfTheNextJob(Behaviour):
    """The answer about a job has an id that is one too large; everything else in it is right."""

    def job_answer(self, job: Job, root: str) -> Answer:
        answer = super().job_answer(job, root)
        return Answer(200, {**answer.body, "exportJobId": job.id + 1})


class _Echoes(Behaviour):
    """Tells one property back otherwise than it was sent. It takes effect as it was sent."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        raise NotImplementedError

    def echo(self, request: JobRequest) -> dict[str, Any]:
        told = super().echo(request)
        return {**told, **self.changed(told, request)}


@fault("creation/echo-true")
class EchoesInactiveAsFalse(_Echoes):
    """includeInactive is told back as false, whatever was sent; it takes effect."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        return {"includeInactive": False}


@fault("creation/echo-true")
class EchoesTheDefaultLimit(_Echoes):
    """fileSizeKbLimit is told back as 40000, whatever was sent; it takes effect."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        return {"fileSizeKbLimit": 40_000}


@fault("creation/echo-true")
class EchoesTheDefaultMode(_Echoes):
    """contactMode is told back as 3, whatever was sent; it takes effect."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        return {"contactMode": 3}


@fault("creation/echo-true")
class EchoesAHundredIds(_Echoes):
    """requestedIds after the hundredth are missing from the echo; all take effect."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        return {} if request.ids is None else {"requestedIds": request.ids[:100]}


@fault("creation/echo-true")
class EchoesFieldsWithoutTheFirst(_Echoes):
    """requestedFields are told back without their first one; all take effect."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        return {} if not request.fields else {"requestedFields": list(dict.fromkeys(request.fields))[1:]}


@fault("creation/echo-true")
class EchoesCodesOneTooLarge(_Echoes):
    """requestedActivistCodeIds are told back one too large; they take effect as they were sent."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        codes = request.activist_codes
        return {} if not codes else {"requestedActivistCodeIds": [code + 1 for code in codes]}


@fault("creation/echo-true")
class EchoesEveryTypeAsContacts(_Echoes):
    """resourceType is told back as Contacts, whatever was sent; the export is of the type that was sent."""

    def changed(self, told: dict[str, Any], request: JobRequest) -> Mapping[str, Any]:
        return {"resourceType": "Contacts"}


@fault("creation/echo-present")
class EchoesNoFields(Behaviour):
    """requestedFields takes effect and is missing from the creation's answer; all else is told back."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        return {name: value for name, value in super().echo(request).items() if name != "requestedFields"}


@fault("creation/echo-present")
class EchoesNoType(Behaviour):
    """resourceType is missing from the creation's answer; all else is told back."""

    def echo(self, request: JobRequest) -> dict[str, Any]:
        return {name: value for name, value in super().echo(request).items() if name != "resourceType"}


class _TellsEnds(Behaviour):
    """Announces other ends of the window than those that take effect."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        raise NotImplementedError

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        start, end = self.told(job)
        return {
            **super().job_state(job, root),
            "dateChangedFrom": self.instant(start),
            "dateChangedTo": self.instant(end),
        }


@fault("creation/to-defaults-to-request")
class AnnouncesMidnightForTheEnd(_TellsEnds):
    """Without dateChangedTo the announced end is the last midnight; a given one is told as it was sent."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        request = job.request
        midnight = request.end.replace(hour=0, minute=0, second=0, microsecond=0)
        return request.start, request.end if request.end_text else midnight


@fault("creation/to-defaults-to-request")
class AnnouncesTheEndAMinuteLate(_TellsEnds):
    """Without dateChangedTo the announced end is a minute after the request; a given one is told as it was sent."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        request = job.request
        return request.start, request.end + timedelta(minutes=0 if request.end_text else 1)


class _TellsEndsLater(Behaviour):
    """Announces other ends than those that take effect, in answers about the job; the creation's answer is right."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        raise NotImplementedError

    def job_answer(self, job: Job, root: str) -> Answer:
        start, end = (self.instant(instant) for instant in self.told(job))
        return Answer(200, {**super().job_answer(job, root).body, "dateChangedFrom": start, "dateChangedTo": end})


@fault("creation/window-kept")
class AnnouncesWholeDays(_TellsEndsLater):
    """The announced start is the midnight before it; the job exports what was asked for."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        return job.request.start.replace(hour=0, minute=0, second=0, microsecond=0), job.request.end


@fault("creation/window-kept")
class AnnouncesWholeSeconds(_TellsEndsLater):
    """Announced ends have no fraction of a second; the job exports what was asked for."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        request = job.request
        return request.start.replace(microsecond=0), (
            request.end.replace(microsecond=0) if request.end_text else request.end
        )


@fault("creation/window-kept")
class AnnouncesLocalTimesWithZ(_TellsEndsLater):
    """A start that was sent with an offset is announced with Z and its local time; with Z it is right."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        text = job.request.start_text or ""
        local = datetime.fromisoformat(text[:19]).replace(tzinfo=job.request.start.tzinfo)
        return (job.request.start if text.upper().endswith("Z") else local), job.request.end


@fault("creation/window-kept")
class AnnouncesTheEndAnHourLate(_TellsEndsLater):
    """Answers about a job announce a given end an hour late; one that was not given is right."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        return job.request.start, job.request.end + timedelta(hours=1 if job.request.end_text else 0)


@fault("creation/echo-true")
class TellsTheSwitchOtherwiseLater(Behaviour):
    """Answers about a job tell that includeInactive is false, whatever was asked; the creation tells it right."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        return {**super().job_state(job, root), "includeInactive": "false"}


@fault("creation/to-defaults-to-request")
class TellsTheEndOfTheExportLater(_TellsEndsLater):
    """Answers about a job announce an end that was not given five minutes late; the creation tells it right."""

    def told(self, job: Job) -> tuple[datetime, datetime]:
        return job.request.start, job.request.end + timedelta(minutes=0 if job.request.end_text else 5)


@fault("creation/accepted", "validation/legal-accepted")
class WantsAnOption(Behaviour):
    """A request with the two required properties alone is refused; one option more, and it is right."""

    def read_limit(self, body: Body) -> int | None:
        if "fileSizeKbLimit" not in body and len(body) == 2:
            raise invalid("fileSizeKbLimit is missing.", "fileSizeKbLimit")
        return super().read_limit(body)
