"""Variants of which records an export holds, where the documentation leaves it open."""

from __future__ import annotations

from dataclasses import replace

from ..behaviour import Behaviour
from ..model import JobRequest, Record
from ..store import History
from . import variant


class _ByContact(Behaviour):
    """contactMode asks the contact that a record of another type belongs to. `unknown` are those without one."""

    unknown: bool

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        if request.resource_type == "Contacts" or request.contact_mode in (None, 3):
            return super().mode_fits(record, request, history)
        if "VanID" not in self.types[request.resource_type].by_name:
            return True
        key = record.current.values.get("VanID")
        contact = None if key is None else history.of("Contacts").record(int(key))
        return self.unknown if contact is None else contact.current.contact_mode == request.contact_mode


@variant(readings={"requested-ids": "replace"})
class RequestedIdsReplaceTheWindow(Behaviour):
    """Where ids are requested, those records are exported and no others."""

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        if not request.ids:
            return super().candidates(history, request)
        return history.existing(self.named_ids(request))


@variant(readings={"requested-ids": "replace", "empty-requested-ids": "nothing"})
class AnEmptyListRequestsNothing(Behaviour):
    """Requested ids replace the window, and an empty array of them is a request for no record."""

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        if request.ids is None:
            return super().candidates(history, request)
        return history.existing(self.named_ids(request))


@variant(readings={"ids-of-other-types": "contact"})
class TakesIdsForThoseOfContacts(Behaviour):
    """Requested ids of types that have contacts are those of the contacts; types without any have their own."""

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        return history.all_ids() if self._of_contacts(request) else super().candidates(history, request)

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        contact = record.current.values.get("VanID") if self._of_contacts(request) else record.id
        asked = int(contact) in self.requested_set(request) if contact is not None else False
        plain = replace(request, ids=(record.id,) if asked else ())
        return super().belongs(record, plain, history)

    def _of_contacts(self, request: JobRequest) -> bool:
        kind = self.types[request.resource_type]
        return bool(request.ids) and kind.name != "Contacts" and "VanID" in kind.by_name


@variant(readings={"ids-include-inactive": "void"})
class RequestedIdsVoidTheSwitch(Behaviour):
    """A job that names ids takes no notice of includeInactive: of its window active records alone are exported."""

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        return self.state(record, request).active if request.ids else super().is_shown(record, request)


@variant(readings={"ids-contact-mode": "exempt"})
class RequestedIdsOfEitherKind(Behaviour):
    """Requested contacts are exported whatever contactMode says."""

    def passes_filters(self, record: Record, request: JobRequest, history: History, *, requested: bool) -> bool:
        return (requested or self.mode_fits(record, request, history)) and self.code_fits(record, request)


@variant(readings={"ids-activist-codes": "exempt"})
class RequestedIdsOfAnyCode(Behaviour):
    """Requested records are exported whatever activist code they have."""

    def passes_filters(self, record: Record, request: JobRequest, history: History, *, requested: bool) -> bool:
        return self.mode_fits(record, request, history) and (requested or self.code_fits(record, request))


@variant(readings={"ids-contact-mode": "exempt", "ids-activist-codes": "exempt"})
class RequestedIdsPassEverything(Behaviour):
    """No filter binds requested ids."""

    def passes_filters(self, record: Record, request: JobRequest, history: History, *, requested: bool) -> bool:
        return requested or super().passes_filters(record, request, history, requested=requested)


@variant(readings={"empty-activist-codes": "nothing"})
class AnEmptyListMatchesNoCode(Behaviour):
    """An empty array of activist codes is a filter that no record passes."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        return request.activist_codes != () and super().code_fits(record, request)


@variant(readings={"contact-mode-elsewhere": "by-contact"})
class AsksTheContactsOfOtherTypes(_ByContact):
    """contactMode binds records of other types by their contact; those without a contact are left out."""

    unknown = False


@variant(readings={"contact-mode-elsewhere": "by-contact"})
class AsksTheContactsThatThereAre(_ByContact):
    """contactMode binds records of other types by their contact; those without a contact are exported."""

    unknown = True
