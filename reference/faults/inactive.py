"""Faults of includeInactive: who counts as inactive, when, and what that does."""

from __future__ import annotations

from collections.abc import Iterator

from ..behaviour import Behaviour
from ..model import JobRequest, Record
from ..store import History
from . import fault


@fault("inactive/left-out")
class ExportsInactiveRecords(Behaviour):
    """Inactive records come whatever includeInactive says; all that is due is there."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        return True


@fault("inactive/left-out")
class ExportsInactiveActivistCodes(Behaviour):
    """Inactive records of ContactsActivistCodes come without includeInactive; other types are right."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        return request.resource_type == "ContactsActivistCodes" or super().is_shown(record, request)


@fault("inactive/left-out")
class TakesAFalseSwitchForTrue(Behaviour):
    """includeInactive false counts as true, since it is there; without it, inactive records are left out."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        return request.include_inactive is not None or super().is_shown(record, request)


@fault("inactive/left-out")
class ExportsInactiveRecordsOfAMode(Behaviour):
    """With contactMode, inactive contacts come without includeInactive; either option alone is right."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        return request.contact_mode is not None or super().is_shown(record, request)


@fault("inactive/included")
class NeverExportsInactiveRecords(Behaviour):
    """includeInactive true does nothing; active records are right."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        return record.current.active


@fault("inactive/included")
class ExportsDeletedOnesWhereTheyWereCreated(Behaviour):
    """An inactive record comes only when it was created in the window as well; active records are right."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        created = first <= record.first.at <= last
        return super().is_shown(record, request) and (record.current.active or created)


@fault("inactive/included")
class ExportsInactiveRecordsOnly(Behaviour):
    """includeInactive true turns the filter round: active records are lost. Without it all is right."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        return record.current.active is not bool(request.include_inactive)


@fault("inactive/included")
class IncludesAHundredInactiveRecords(Behaviour):
    """Inactive records after the hundredth are lost; active ones are all there."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        found = 0
        for record in super().select(history, request):
            found += not record.current.active
            if record.current.active or found <= 100 or record.id in request.id_set:
                yield record


@fault("inactive/by-current-state")
class RemembersInactivity(Behaviour):
    """A record that was inactive at some time in the window is left out, though it is active now."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        inside = [version for version in record.versions if first <= version.at <= last]
        return super().is_shown(record, request) and (
            bool(request.include_inactive) or all(version.active for version in inside)
        )


@fault("inactive/by-current-state")
class JudgesActivityAtTheEnd(Behaviour):
    """Whether a record is active is judged at dateChangedTo; its values are those of now."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        then = [version for version in record.versions if version.at <= request.end]
        return bool(request.include_inactive) or (then[-1] if then else record.current).active


@fault("window/nothing-else")
class IncludesAllInactiveRecords(Behaviour):
    """With includeInactive, inactive records come whenever they changed; active ones keep to the window."""

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        return history.all_ids() if request.include_inactive else super().candidates(history, request)

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        freed = bool(request.include_inactive) and not record.current.active
        return freed or super().is_changed(record, request)
