"""Faults of the activist-code filter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..behaviour import Behaviour
from ..model import JobRequest, Record, ResourceType, invalid
from . import fault

if TYPE_CHECKING:
    from ..bodies import Body


@fault("codes/matching")
class TakesTheFirstCodeOnly(Behaviour):
    """Of several activist codes only the first counts; a single one is right."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        return super().code_fits(record, replace(request, activist_codes=(request.activist_codes or ())[:1]))


@fault("codes/matching")
class TakesAHundredCodes(Behaviour):
    """Activist codes after the hundredth are passed over; shorter lists are right."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        return super().code_fits(record, replace(request, activist_codes=(request.activist_codes or ())[:100]))


@fault("codes/matching")
class ComparesTheRecordsOwnId(Behaviour):
    """The filter compares the record's own id with the codes, so nothing matches; without it all is right."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        return not request.activist_codes or record.id in request.activist_codes


@fault("codes/nothing-else")
class IgnoresCodes(Behaviour):
    """The filter does nothing; every record due is there."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        return True


@fault("codes/nothing-else")
class ForgetsCodesWithInactiveRecords(Behaviour):
    """The filter does nothing beside includeInactive; either option alone is right."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        return bool(request.include_inactive) or super().code_fits(record, request)


@fault("codes/nothing-else")
class MatchesCodesByTheirBeginning(Behaviour):
    """A code also matches those that begin with its digits; whole codes are right."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        text = str(self.state(record, request).values.get("ActivistCodeID") or "")
        return not request.activist_codes or any(text.startswith(str(code)) for code in request.activist_codes)


# A record that has moved to another code is taken for the old one: lost under the new and unexpected under the old.
@fault("codes/matching", "codes/nothing-else")
class MatchesTheFirstCodeOfARecord(Behaviour):
    """A record counts under the activist code that it was created with; those that never changed it are right."""

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        return super().code_fits(Record(record.id, record.versions[:1]), request)


@fault("codes/ignored-elsewhere")
class EmptiesOtherTypesForCodes(Behaviour):
    """The filter empties exports of types that have no activist codes; ContactsActivistCodes are right."""

    def has_activist_codes(self, kind: ResourceType) -> bool:
        return True

    def echo(self, request: JobRequest) -> dict[str, Any]:
        told = super().echo(request)
        return told if request.resource_type == "ContactsActivistCodes" else _without_codes(told)


# A refused request is a legal one that makes no job.
@fault("codes/ignored-elsewhere", "validation/legal-accepted", "creation/accepted")
class RefusesCodesElsewhere(Behaviour):
    """A request for another type that has the filter is answered 400; ContactsActivistCodes are right."""

    def read_codes(self, body: Body, kind: ResourceType | None) -> tuple[int, ...] | None:
        if kind is not None and kind.name != "ContactsActivistCodes" and "requestedActivistCodeIds" in body:
            raise invalid("requestedActivistCodeIds is for ContactsActivistCodes.", "requestedActivistCodeIds")
        return super().read_codes(body, kind)


@fault("codes/ignored-elsewhere")
class FiltersActivistCodesThemselves(Behaviour):
    """The filter also binds the type ActivistCodes, by id; contacts and their activist codes are right."""

    def has_activist_codes(self, kind: ResourceType) -> bool:
        return kind.name in ("ActivistCodes", "ContactsActivistCodes")

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        if request.resource_type == "ActivistCodes" and request.activist_codes:
            return record.id in request.activist_codes
        return super().code_fits(record, request)


def _without_codes(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "requestedActivistCodeIds"}
