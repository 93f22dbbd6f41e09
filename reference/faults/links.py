"""Faults of download links: whether they work, until when, and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..answers import Answer
from ..behaviour import Behaviour
from ..model import Flaw, Job, Refused, StoredFile
from . import fault

_DAY = timedelta(days=1)


@fault("links/work")
class LosesTheSecondFile(Behaviour):
    """The link of a job's second file is unknown; those of the others work."""

    def content(self, job: Job, file: StoredFile) -> bytes:
        if file.number == 2:
            raise Refused(404, Flaw("NOT_FOUND", "There is no such file."))
        return super().content(job, file)


@fault("links/work")
class LinksLeadNowhere(Behaviour):
    """Links of jobs with includeInactive lead to a path that is not served; the others work."""

    def link(self, job: Job, file: StoredFile, root: str) -> str:
        link = super().link(job, file, root)
        return link.replace("/files/", "/archive/") if job.request.include_inactive else link


@fault("links/work")
class LinksOfRichJobsLeadNowhere(Behaviour):
    """Links of jobs with both requestedIds and requestedFields lead to no file; those of other jobs work."""

    def link(self, job: Job, file: StoredFile, root: str) -> str:
        link = super().link(job, file, root)
        return link.replace("/files/", "/archive/") if job.request.ids and job.request.fields else link


@fault("links/again")
class SpendsLinks(Behaviour):
    """A link works once and is unknown afterwards; the first download is right."""

    def content(self, job: Job, file: StoredFile) -> bytes:
        spent: set[str] = vars(self).setdefault("spent", set())
        if file.token in spent:
            raise Refused(404, Flaw("NOT_FOUND", "This link has been used."))
        spent.add(file.token)
        return super().content(job, file)


# Bytes that change are a finished job that changes, too, and a link that is alive with something else.
@fault("links/again", "states/final", "links/alive-until-expiry")
class StampsDownloads(Behaviour):
    """The second and later downloads of a file end with a line that tells how many there were; the first is right."""

    def content(self, job: Job, file: StoredFile) -> bytes:
        taken: dict[str, int] = vars(self).setdefault("taken", {})
        taken[file.token] = taken.get(file.token, 0) + 1
        stamp = b"" if taken[file.token] == 1 else b"# download %d\r\n" % taken[file.token]
        return super().content(job, file) + stamp


# A null is no text either.
@fault("links/expiry-announced", "schema/job")
class AnnouncesNoExpiry(Behaviour):
    """dateExpired is null; the links live as long as they should."""

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401
        return None


@fault("links/expiry-announced", "schema/job")
class AnnouncesALocalTime(Behaviour):
    """dateExpired has neither Z nor an offset; the links live as long as they should."""

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401
        return str(super().announced_expiry(job, file)).removesuffix("Z")


@fault("links/expiry-announced", "schema/job")
class AnnouncesTheFirstExpiryOnly(Behaviour):
    """Files after the first announce "never" for a date; the links live as long as they should."""

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401
        return super().announced_expiry(job, file) if file.number == 1 else "never"


class _Announces(Behaviour):
    """Announces another expiry than the real one, which stays as it is."""

    def announced(self, expiry: datetime, job: Job, file: StoredFile) -> datetime:
        raise NotImplementedError

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401
        return self.instant(self.announced(self.expiry(job, file), job, file))


# Between the announced end and the right one nothing is held against the links themselves.
@fault("links/announced-20-days")
class AnnouncesTheNextDay(_Announces):
    """dateExpired is 24 hours ahead, while the links live for 20 days."""

    def announced(self, expiry: datetime, job: Job, file: StoredFile) -> datetime:
        return expiry - 19 * _DAY


@fault("links/announced-20-days")
class AnnouncesADayTooMuch(_Announces):
    """dateExpired is 21 days ahead, while the links live for 20 days."""

    def announced(self, expiry: datetime, job: Job, file: StoredFile) -> datetime:
        return expiry + _DAY


@fault("links/announced-20-days")
class AnnouncesTheFirstDayOfAll(Behaviour):
    """dateExpired is the first instant of the calendar, as an unset date is written; the links live for 20 days."""

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401
        return "0001-01-01T00:00:00Z"


@fault("links/announced-20-days")
class AnnouncesTheLastDayOfAll(Behaviour):
    """dateExpired is the last instant of the calendar, as if there were no end; the links live for 20 days."""

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401
        return "9999-12-31T23:59:59.9999999Z"


@fault("links/announced-20-days")
class LivesForThirtyDays(Behaviour):
    """Links announce 30 days and live as long; apart from the number all is right."""

    def expiry(self, job: Job, file: StoredFile) -> datetime:
        return super().expiry(job, file) + 10 * _DAY


@fault("links/announced-20-days")
class LivesAnHourLess(Behaviour):
    """Links announce 20 days less an hour and live as long; apart from the hour all is right."""

    def expiry(self, job: Job, file: StoredFile) -> datetime:
        return super().expiry(job, file) - timedelta(hours=1)


@fault("links/announced-20-days")
class ExpiresAtMidnight(Behaviour):
    """Links announce the last midnight before 20 days are over, and die then; they are alive until it."""

    def expiry(self, job: Job, file: StoredFile) -> datetime:
        return super().expiry(job, file).replace(hour=0, minute=0, second=0, microsecond=0)


@fault("links/announced-20-days")
class SecondFilesLiveADayLonger(Behaviour):
    """Files after the first announce 21 days and live as long; the first is right."""

    def expiry(self, job: Job, file: StoredFile) -> datetime:
        return super().expiry(job, file) + (_DAY if file.number > 1 else timedelta(0))


@fault("links/expiry-steady")
class AnnouncesAnewAtEachLook(_Announces):
    """dateExpired moves on by the time since the job was completed; the links die when they should."""

    def announced(self, expiry: datetime, job: Job, file: StoredFile) -> datetime:
        return expiry + (self.clock.now() - (job.completed or job.created))


@fault("links/expiry-steady")
class RoundsTheExpiryAtTheSecondLook(_Announces):
    """From the second answer on dateExpired is a second later than in the first; the links die when they should."""

    def announced(self, expiry: datetime, job: Job, file: StoredFile) -> datetime:
        seen: set[str] = vars(self).setdefault("seen", set())
        later = file.token in seen
        seen.add(file.token)
        return expiry + timedelta(seconds=later)


class _Dies(Behaviour):
    """Links die at another instant than the announced one, which is right."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        raise NotImplementedError

    def is_expired(self, job: Job, file: StoredFile, wanted: str | None) -> bool:
        return self.clock.now() >= self.death(job, file)


@fault("links/alive-until-expiry")
class DiesAfterAWeek(_Dies):
    """Links die after seven days; what they announce is right."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        return self.expiry(job, file) - 13 * _DAY


@fault("links/alive-until-expiry")
class DiesTwoMinutesEarly(_Dies):
    """Links die two minutes before the announced expiry; what they announce is right."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        return self.expiry(job, file) - timedelta(minutes=2)


@fault("links/alive-until-expiry")
class SecondFilesDieAnHourEarly(_Dies):
    """Links of files after the first die an hour before the announced expiry; the first is right."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        return self.expiry(job, file) - timedelta(hours=1 if file.number > 1 else 0)


@fault("links/dead-after-expiry")
class NeverDies(_Dies):
    """Links work for ever; what they announce is right."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        return self.expiry(job, file) + 36_500 * _DAY


@fault("links/dead-after-expiry")
class DiesTwelveHoursLate(_Dies):
    """Links work for twelve hours after the announced expiry; what they announce is right."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        return self.expiry(job, file) + timedelta(hours=12)


@fault("links/dead-after-expiry")
class DiesTwoMinutesLate(_Dies):
    """Links work for two minutes after the announced expiry; what they announce is right."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        return self.expiry(job, file) + timedelta(minutes=2)


@fault("links/dead-after-expiry")
class LaterFilesNeverDie(_Dies):
    """Links of files after the first work for ever; the first dies when it should."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        return self.expiry(job, file) + (36_500 * _DAY if file.number > 1 else timedelta(0))


@fault("links/dead-after-expiry")
class LinksOfTheSecondAccountNeverDie(_Dies):
    """The second account's links work for ever; the first account's die when they should."""

    def death(self, job: Job, file: StoredFile) -> datetime:
        second = job.account == list(self.accounts)[-1]
        return self.expiry(job, file) + (36_500 * _DAY if second else timedelta(0))


@fault("links/dead-after-expiry")
class DownloadedFilesStayAlive(Behaviour):
    """A file that was downloaded before its link expired is still delivered afterwards; others are refused."""

    def note_download(self, job: Job, file: StoredFile) -> None:
        vars(self).setdefault("taken", set()).add(file.token)

    def is_expired(self, job: Job, file: StoredFile, wanted: str | None) -> bool:
        return file.token not in vars(self).get("taken", ()) and super().is_expired(job, file, wanted)


@fault("links/dead-after-expiry")
class ResumesDeadLinks(Behaviour):
    """A download with a Range header works after the expiry; one without is refused."""

    def is_expired(self, job: Job, file: StoredFile, wanted: str | None) -> bool:
        return wanted is None and super().is_expired(job, file, wanted)


@fault("links/dead-after-expiry")
class AnswersDeadLinksWithNothing(Behaviour):
    """An expired link answers 200 without a byte; until then all is right."""

    def content(self, job: Job, file: StoredFile) -> bytes:
        return b"" if super().is_expired(job, file, None) else super().content(job, file)

    def is_expired(self, job: Job, file: StoredFile, wanted: str | None) -> bool:
        return False


@fault("links/without-credentials")
class WantsCredentialsForFiles(Behaviour):
    """A download without Basic credentials is answered 401; with them all is right."""

    def admit_download(self, authorization: str | None) -> None:
        self.authenticate("file", authorization)


@fault("links/unguessable")
class NumbersItsLinks(Behaviour):
    """A link is made of the job's id and the file's number; it works and expires as it should."""

    def token(self, job_id: int, number: int) -> str:
        return f"{job_id}-{number}"


@fault("links/unguessable")
class DrawsSixDigits(Behaviour):
    """A link holds a number of six digits beside the job's id; it works and expires as it should."""

    def token(self, job_id: int, number: int) -> str:
        return f"{job_id}-{number}-{hash((job_id, number, 17)) % 1_000_000:06}"


# The failure of the server is a fault of its own.
@fault("links/dead-after-expiry", "schema/no-server-error")
class FailsOnDeadLinks(Behaviour):
    """An expired link is answered 500; until then all is right."""

    def refusal_of_dead_link(self) -> Refused:
        return Refused(500, Flaw("INTERNAL_SERVER_ERROR", "The file is gone."))


@fault("links/work")
class DeliversFilesAsErrors(Behaviour):
    """A file of more than a megabyte comes with status 404 and all its bytes; smaller ones are right."""

    def deliver(self, content: bytes, wanted: str | None) -> Answer:
        answer = super().deliver(content, wanted)
        headers: Mapping[str, str] = answer.headers
        return Answer(404, answer.body, headers) if len(content) > 990_000 else answer
