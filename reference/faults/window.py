"""Faults of the window: which changes count, and between which instants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from ..behaviour import Behaviour
from ..model import JobRequest, Record, Version
from ..store import History
from . import fault

_STEP = timedelta(milliseconds=10)


@fault("window/any-change")
class CountsTheLastChangeOnly(Behaviour):
    """A record that changed again after the window is lost; records whose last change lies in it are right."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return first <= record.current.at <= last


@fault("window/any-change")
class LosesWhatChangedOftenLater(Behaviour):
    """A record whose last five changes all came after the window is lost; fewer later changes do no harm."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return any(first <= version.at <= last for version in record.versions[-5:])


@fault("window/complete")
class LosesRecordsWithoutText(Behaviour):
    """Records in which no text is filled are lost; the others are right."""

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        texts = (value for value in record.current.values.values() if isinstance(value, str))
        named = any(text and not text.endswith("Z") for text in texts)
        return named and super().belongs(record, request, history)


@fault("window/complete")
class NotesTheFirstTenChanges(Behaviour):
    """Changes after a record's tenth do not count; records that changed less often are right."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return any(first <= version.at <= last for version in record.versions[:10])


@fault("window/complete")
class LosesTheLastSecondOfTheDay(Behaviour):
    """Changes between 23:59:59 and midnight, UTC, do not count; those of all other seconds do."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        inside = (version.at for version in record.versions if first <= version.at <= last)
        return any((at.hour, at.minute, at.second) != (23, 59, 59) for at in inside)


@fault("window/complete")
class CountsTheFirstChangeOnly(Behaviour):
    """Created records are exported, updated ones are lost; nothing is there that is not due."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return first <= record.first.at <= last


@fault("window/complete")
class LosesCreatedRecords(Behaviour):
    """A record that was created in the window and not touched again is lost; updates are looked at."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return any(first <= version.at <= last for version in record.versions[1:])


@fault("inactive/by-current-state")
class LosesReactivatedRecords(Behaviour):
    """Reactivation does not count as a change; all other changes do."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        before = (None, *record.versions)
        return any(
            first <= version.at <= last and not (version.active and last_one is not None and not last_one.active)
            for last_one, version in zip(before, record.versions, strict=False)
        )


@fault("window/complete")
class CountsOnlyChangesOfValues(Behaviour):
    """A change that leaves every column alone does not count, as when only the state changed; all others do."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        contents = (None, *(version.content for version in record.versions))
        return any(
            first <= version.at <= last and version.content != before
            for before, version in zip(contents, record.versions, strict=False)
        )


class _CountsSomeChanges(Behaviour):
    """What several faults share: a change counts only when it changes what they look at; creations always do."""

    def looked_at(self, version: Version, request: JobRequest) -> object:
        raise NotImplementedError

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        seen = (None, *((version.active, self.looked_at(version, request)) for version in record.versions))
        return any(
            first <= version.at <= last and now != before
            for version, (before, now) in zip(record.versions, pairwise(seen), strict=True)
        )


@fault("window/complete")
class CountsChangesOfCoreFieldsOnly(_CountsSomeChanges):
    """A change of other than core fields does not count; changes of these and of the state do."""

    def looked_at(self, version: Version, request: JobRequest) -> object:
        core = [column.name for column in self.types[request.resource_type].columns if column.core]
        return {name: version.values.get(name) for name in core}


@fault("window/complete")
class CountsNoChangesOfCustomFields(_CountsSomeChanges):
    """A change of custom fields alone does not count; changes of all other values and of the state do."""

    def looked_at(self, version: Version, request: JobRequest) -> object:
        return version.values


@fault("window/complete")
class WindowOfTheSecondAccountEndsAMinuteEarly(Behaviour):
    """The second account loses the last minute of a window; the first has all of it."""

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        late = request.end - timedelta(minutes=1)
        lost = history.account != next(iter(self.accounts)) and all(
            version.at > late for version in record.versions if request.start <= version.at <= request.end
        )
        return super().belongs(record, request, history) and (not lost or record.id in self.requested_set(request))


@fault("window/nothing-else")
class TakesTheSpanOfAllChanges(Behaviour):
    """A record counts as changed all the time between its first and its last change; the others are right."""

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        return history.all_ids()

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return record.first.at <= last and first <= record.current.at


@fault("window/nothing-else")
class TakesEverythingUpToTheEnd(Behaviour):
    """Changes before dateChangedFrom count as well; the end is kept."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start - timedelta(days=3650), request.end


@fault("window/nothing-else")
class WindowEndsADayLate(Behaviour):
    """What changed up to a day after dateChangedTo is exported too; all that is due is there."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start, request.end + timedelta(days=1)


@fault("window/nothing-else")
class WindowBeginsAnHourEarly(Behaviour):
    """What changed up to an hour before dateChangedFrom is exported too; all that is due is there."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start - timedelta(hours=1), request.end


@fault("window/nothing-else")
class WindowEndsAtMidnight(Behaviour):
    """The window is drawn out to the end of the day that dateChangedTo names; all that is due is there."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        end = request.end.replace(hour=23, minute=59, second=59, microsecond=990_000)
        return request.start, max(end, request.end)


@fault("window/nothing-else")
class WindowBeginsAtMidnight(Behaviour):
    """The window begins with the day that dateChangedFrom names; all that is due is there."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start.replace(hour=0, minute=0, second=0, microsecond=0), request.end


@fault("window/complete")
class WindowEndsASecondEarly(Behaviour):
    """The last second of the window is lost; nothing is there that is not due."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start, request.end - timedelta(seconds=1)


@fault("window/complete")
class WindowBeginsAMinuteLate(Behaviour):
    """The first minute of the window is lost; nothing is there that is not due."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start + timedelta(minutes=1), request.end


@fault("window/complete")
class LosesTheLastTenMilliseconds(Behaviour):
    """A change 10 ms before dateChangedTo is lost, as well as one at that instant; earlier ones are there."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        return any(request.start <= version.at < request.end - _STEP for version in record.versions)


@fault("window/nothing-else")
class TakesTenMillisecondsMore(Behaviour):
    """A change 10 ms after dateChangedTo is exported; all that is due is there."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start, request.end + _STEP


@fault("window/ends")
class LeavesOutBothEnds(Behaviour):
    """A change at the instant at which two windows meet is in neither; all other changes are right."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return any(first < version.at < last for version in record.versions)


@fault("window/ends")
class TakesEndsOnlyWithInactiveRecords(Behaviour):
    """The end belongs to the window with includeInactive and does not without; all other instants are right."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        closed = bool(request.include_inactive)
        return any(first <= version.at < last or (closed and version.at == last) for version in record.versions)


@fault("window/complete")
class ReachesBackSixtyDaysOnly(Behaviour):
    """Changes more than 60 days ago are lost; younger ones are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return max(request.start, self.clock.now() - timedelta(days=60)), request.end


@fault("window/complete")
class CutsLongWindowsToThirtyDays(Behaviour):
    """Of a window of more than 30 days only the first 30 are exported; shorter ones are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start, min(request.end, request.start + timedelta(days=30))


@fault("window/complete")
class ExportsAThousandRowsAtMost(Behaviour):
    """What comes after the first 1,000 records is lost without a word; smaller exports are right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        for number, record in enumerate(super().select(history, request)):
            if number < 1_000:
                yield record


@fault("window/complete")
class ExportsTenThousandRowsAtMost(Behaviour):
    """What comes after the first 10,000 records is lost without a word; smaller exports are right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        for number, record in enumerate(super().select(history, request)):
            if number < 10_000:
                yield record


@fault("window/complete", "ids/many")
class LosesTheHundredthRow(Behaviour):
    """Each hundredth record is lost, as between two pages; the others are right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        for number, record in enumerate(super().select(history, request), start=1):
            if number % 100:
                yield record


@fault("window/complete")
class WindowOfSurveyResponsesEndsAnHourEarly(Behaviour):
    """For ContactsSurveyResponses the last hour of the window is lost; the other types are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        early = timedelta(hours=1 if request.resource_type == "ContactsSurveyResponses" else 0)
        return request.start, request.end - early


@fault("window/nothing-else")
class ExportsWithTheirContacts(Behaviour):
    """A contact's activist code is exported when the contact changed; what changed itself is right."""

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        drawn = request.resource_type == "ContactsActivistCodes"
        return history.all_ids() if drawn else super().candidates(history, request)

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        contact = history.of("Contacts").record(int(record.current.values.get("VanID") or 0))
        drawn = request.resource_type == "ContactsActivistCodes" and contact is not None
        changed = drawn and contact is not None and self.is_changed(contact, request)
        also = changed and self.is_shown(record, request)
        return super().belongs(record, request, history) or (
            also and self.passes_filters(record, request, history, requested=False)
        )


@fault("window/up-to-request")
class LagsBehind(Behaviour):
    """Without dateChangedTo, the last ten seconds before the request are lost; given ends are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start, request.end - timedelta(seconds=0 if request.end_text else 10)


@fault("window/once")
class MakesARowAChange(Behaviour):
    """A record that changed several times in the window has as many rows; each of them is right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        first, last = self.window(request)
        for record in super().select(history, request):
            for _ in range(max(1, sum(first <= version.at <= last for version in record.versions))):
                yield record


@fault("window/once")
class MakesARowAContributionChange(Behaviour):
    """Only Contributions have a row for each change in the window; the other types have one row a record."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        first, last = self.window(request)
        for record in super().select(history, request):
            changes = sum(first <= version.at <= last for version in record.versions)
            for _ in range(max(1, changes) if request.resource_type == "Contributions" else 1):
                yield record
