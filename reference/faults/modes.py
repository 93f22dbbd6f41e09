"""Faults of contactMode: people, organizations, both, and types that are no contacts."""

from __future__ import annotations

from dataclasses import replace

from ..behaviour import Behaviour
from ..model import JobRequest, Record
from ..store import History
from . import fault


@fault("mode/persons")
class ExportsOrganizationsAsPeople(Behaviour):
    """contactMode 1 filters nothing; 2 and 3 are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        return request.contact_mode == 1 or super().mode_fits(record, request, history)


@fault("mode/persons")
class ForgetsTheModeWithInactiveRecords(Behaviour):
    """contactMode 1 filters nothing beside includeInactive; either option alone is right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        forgotten = request.contact_mode == 1 and bool(request.include_inactive)
        return forgotten or super().mode_fits(record, request, history)


@fault("mode/organizations")
class ExportsNoOrganizations(Behaviour):
    """contactMode 2 exports nothing; 1, 3 and none are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        contacts = request.resource_type == "Contacts"
        return not (contacts and request.contact_mode == 2) and super().mode_fits(record, request, history)


@fault("mode/organizations")
class TakesNewPeopleForOrganizations(Behaviour):
    """contactMode 2 also lets in people who were created in the window; 1 and 3 are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        first, last = self.window(request)
        stranger = request.contact_mode == 2 and first <= record.first.at <= last
        return stranger or super().mode_fits(record, request, history)


@fault("mode/persons", "mode/organizations")
class SwapsPeopleAndOrganizations(Behaviour):
    """contactMode 1 exports organizations and 2 people; 3 and none are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        other = {1: 2, 2: 1}.get(request.contact_mode or 3, request.contact_mode)
        return super().mode_fits(record, replace(request, contact_mode=other), history)


# A contact that changed its kind is taken for the other kind by both filters.
@fault("mode/persons", "mode/organizations")
class JudgesTheModeByTheFirstVersion(Behaviour):
    """A contact counts as the kind that it was created as; those that never changed it are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        return super().mode_fits(Record(record.id, record.versions[:1]), request, history)


@fault("mode/both")
class TakesThreeForPeople(Behaviour):
    """contactMode 3 exports people only; 1, 2 and none are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        mode = 1 if request.contact_mode == 3 else request.contact_mode
        return super().mode_fits(record, replace(request, contact_mode=mode), history)


# Seen from outside, a plain window loses records: it is that demand which is told to be broken.
@fault("window/complete", "ids/exported")
class LosesOrganizationsByDefault(Behaviour):
    """Without contactMode people alone are exported; 1, 2 and 3 are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        return super().mode_fits(record, replace(request, contact_mode=request.contact_mode or 1), history)


@fault("mode/elsewhere")
class EmptiesOtherTypesForOrganizations(Behaviour):
    """contactMode 2 empties exports of types other than Contacts; 1 and 3 do nothing there."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        emptied = request.resource_type != "Contacts" and request.contact_mode == 2
        return not emptied and super().mode_fits(record, request, history)


@fault("mode/elsewhere")
class FiltersActivistCodesByContact(Behaviour):
    """ContactsActivistCodes are filtered by their contact's kind, and other types are not filtered."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        if request.resource_type != "ContactsActivistCodes" or request.contact_mode in (None, 3):
            return super().mode_fits(record, request, history)
        contact = history.of("Contacts").record(int(record.current.values.get("VanID") or 0))
        return contact is None or contact.current.contact_mode == request.contact_mode


@fault("mode/both")
class LosesContactsWhoseKindChanged(Behaviour):
    """With contactMode 3, a contact that has changed its kind is lost; 1, 2 and none are right."""

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        kinds = {version.contact_mode for version in record.versions}
        lost = request.resource_type == "Contacts" and request.contact_mode == 3 and len(kinds) > 1
        return not lost and super().mode_fits(record, request, history)
