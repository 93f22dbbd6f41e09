"""Faults of requested ids: which of them come, how often, and what comes beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ..behaviour import Behaviour
from ..model import ExportFailed, JobRequest, Record, Version
from ..store import History
from . import fault


@fault("ids/exported")
class BindsIdsToTheWindow(Behaviour):
    """A requested record comes only when it changed in the window; being inactive does not keep it out."""

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        return super().belongs(record, request, history) and self.is_changed(record, request)


@fault("ids/exported")
class LosesTheLastId(Behaviour):
    """The last of the requested ids is left out, unless it is due anyway; all others come."""

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        return (request.ids or ())[:-1]

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        return frozenset(self.named_ids(request))


@fault("ids/exported")
class RequestedIdsReachBackAYear(Behaviour):
    """A requested record that last changed more than 100 days ago is left out; younger ones come."""

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        return request.id_set

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        old = record.current.at < self.clock.now() - timedelta(days=100)
        return super().belongs(record, request, history) and not (old and record.id in request.id_set)


@fault("ids/exported")
class TakesIdsForContactsOnly(Behaviour):
    """requestedIds does nothing for types other than Contacts and ContactsActivistCodes; there it is right."""

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        return (request.ids or ()) if request.resource_type.startswith("Contacts") else ()

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        return frozenset(self.named_ids(request))


@fault("ids/inactive")
class WantsIdsActive(Behaviour):
    """A requested record that is inactive is left out without includeInactive; active ones come."""

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        return super().belongs(record, request, history) and self.is_shown(record, request)


@fault("ids/inactive")
class WantsInactiveIdsInTheWindow(Behaviour):
    """A requested record that is inactive comes only when it changed in the window; active ones always."""

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        kept_out = not self.is_shown(record, request) and not self.is_changed(record, request)
        return super().belongs(record, request, history) and not kept_out


@fault("ids/unknown-absent", "isolation/ids")
class MakesEmptyRowsForUnknownIds(Behaviour):
    """An id that no record has makes a row with its id alone; those that exist are right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        yield from super().select(history, request)
        known = set(history.existing(request.ids or ()))
        nothing = Version(request.start, active=True, contact_mode=None, content='{"values": {}, "customFields": {}}')
        for identifier in sorted(request.id_set - known):
            yield Record(identifier, (nothing,))


# A job that fails shows no rows, so what is seen of it is that it does not complete.
@fault("states/completes", "counts/zero")
class FailsForUnknownIds(Behaviour):
    """A job that names an id which no record has ends as Error; jobs with known ids alone are right."""

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        if request.id_set.difference(history.existing(request.ids or ())):
            raise ExportFailed("NOT_FOUND", "A requested record does not exist.")
        return super().candidates(history, request)


@fault("ids/add-or-replace")
class AddsHalfOfTheWindow(Behaviour):
    """Beside the requested records, every other one of the window's comes; jobs without ids are right."""

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        dropped = bool(request.ids) and record.id not in request.id_set and record.id % 2
        return not dropped and super().belongs(record, request, history)


@fault("ids/add-or-replace")
class ReplacesWithInactiveRecords(Behaviour):
    """Requested ids add to the window, but replace it with includeInactive; either way all of them come."""

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        dropped = bool(request.ids) and bool(request.include_inactive) and record.id not in request.id_set
        return not dropped and super().belongs(record, request, history)


@fault("ids/once")
class RepeatsIdsNamedTwice(Behaviour):
    """An id that is named twice makes two rows; ids that are named once are right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        for record in super().select(history, request):
            for _ in range(max(1, (request.ids or ()).count(record.id))):
                yield record


@fault("ids/once")
class RepeatsIdsOfTheWindow(Behaviour):
    """A requested record that also changed in the window has two rows; all others have one."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        again = []
        for record in super().select(history, request):
            yield record
            if record.id in request.id_set and self.is_changed(record, request):
                again.append(record)
        yield from again


@fault("ids/exported")
class PassesALoneIdOver(Behaviour):
    """A list of one id requests nothing; longer lists are right."""

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        named = super().named_ids(request)
        return named if len(named) > 1 else ()


@fault("ids/many")
class TakesFiveHundredIds(Behaviour):
    """Requested ids after the five hundredth are passed over; shorter lists are right."""

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        return (request.ids or ())[:500]

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        return frozenset(self.named_ids(request))


@fault("ids/many")
class TakesAThousandIds(Behaviour):
    """Requested ids after the thousandth are passed over; shorter lists are right."""

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        return (request.ids or ())[:1_000]

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        return frozenset(self.named_ids(request))


@fault("ids/many")
class TakesAThousandIdsOfOtherTypes(Behaviour):
    """Of types other than Contacts, requested ids after the thousandth are passed over; Contacts are right."""

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        return (request.ids or ())[: None if request.resource_type == "Contacts" else 1_000]

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        return frozenset(self.named_ids(request))


@fault("ids/many")
class LosesAnIdAtEachHundred(Behaviour):
    """Of more than 500 ids, the hundredth, two hundredth and so on are lost; shorter lists are right."""

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        ids = request.ids or ()
        return ids if len(ids) <= 500 else tuple(i for number, i in enumerate(ids, start=1) if number % 100)

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        return frozenset(self.named_ids(request))


@fault("ids/filters")
class FiltersSomeRequestedContacts(Behaviour):
    """contactMode binds requested contacts with an odd id and spares the others; without ids it is right."""

    def passes_filters(self, record: Record, request: JobRequest, history: History, *, requested: bool) -> bool:
        spared = requested and record.id % 2 == 0 and request.resource_type == "Contacts"
        return spared or super().passes_filters(record, request, history, requested=requested)


@fault("ids/filters")
class SparesRequestedIdsOutsideTheWindow(Behaviour):
    """Filters bind a requested record only when it also changed in the window; others they bind always."""

    def passes_filters(self, record: Record, request: JobRequest, history: History, *, requested: bool) -> bool:
        spared = requested and not self.is_changed(record, request)
        return spared or super().passes_filters(record, request, history, requested=requested)
