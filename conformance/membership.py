"""Who belongs to an export: for each record, under each open understanding, whether it is due.

The rows of a job are settled by its request, the ledger, and those readings that concern rows. Where readings
differ about a record, the record is contested: its presence tells which understanding the target follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from ..spec.catalogue import readings
from .target_clock import instant_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ..spec.offer import Resource
    from .ledger import Change, Record, World
    from .observation import JobObservation, Run

CODES_TYPE = "ContactsActivistCodes"
CODE_COLUMN = "ActivistCodeID"
CONTACT_COLUMN = "VanID"

_ROUNDED = timedelta(seconds=1)

IdsOf = Literal["key", "contact"]


@dataclass(frozen=True)
class Facts:
    """What matters about one record for one job. None means that it cannot be told.

    `inside`: a change lies strictly inside the window; `at_start`, `at_end`: one lies exactly on that end.
    `active`: its current version is active. `mode_fits`: it is of the contactMode asked for (Contacts), or its
    contact is (other types). `code_fits`: its activist code is among those asked for.
    """

    requested: bool
    inside: bool
    at_start: bool
    at_end: bool
    unsure: bool
    active: bool | None
    mode_fits: bool | None
    code_fits: bool | None

    @property
    def touches_window(self) -> bool:
        """True when some reading counts the record as changed in the window."""
        return self.inside or self.at_start or self.at_end


# Of a million records there are a few kinds: one object for each is quicker to make and to look up.
_facts = cache(Facts)


@dataclass(frozen=True)
class View:
    """One job against the worlds that it may have seen. `ids_of` is the reading ids-of-other-types."""

    job: JobObservation
    before: World
    after: World
    ids_of: IdsOf = "key"

    @classmethod
    def of(cls, job: JobObservation, run: Run, ids_of: IdsOf = "key") -> View:
        """The view of a job of a run."""
        return cls(job, run.ledger.at(job.ledger_before), run.ledger.at(job.ledger_after), ids_of)

    @property
    def known_to_be_all(self) -> bool:
        """True when every record of the account is in the ledger."""
        return self.job.account in self.before.closed

    def records(self) -> Mapping[int, Record]:
        """The records of the job's account and type when it finished."""
        return self.after.of(self.job.account, self.job.resource.name)

    @cached_property
    def _known(self) -> Mapping[int, Record]:
        """Those records as they were before the job."""
        return self.before.of(self.job.account, self.job.resource.name)

    def candidates(self, record: Record) -> tuple[Change, ...]:
        """The versions that were current at some time while the job ran (version.1), the newest last."""
        if self.before is self.after:
            return record.versions[-1:]
        known = self._known.get(record.id)
        return record.versions[len(known.versions) - 1 if known else 0 :]

    def is_clear_of(self, record: Record) -> bool:
        """True when a record has nothing to do with the job: not requested, and unchanged from start to end."""
        request = self.job.request
        if self._requested(record):
            return False
        start, end = request.start, request.end
        return all(change.at < start or (end is not None and change.at > end) for change in record.versions)

    def facts(self, record: Record) -> Facts:
        """Gather what matters about a record."""
        request = self.job.request
        versions = self.candidates(record)
        start, end, sure_end = request.start, request.end, self._sure_end
        inside = at_start = at_end = late = False
        for change in record.versions:
            at = change.at
            at_start |= at == start
            at_end |= at == end
            if at > start:
                if sure_end is None or at < sure_end:
                    inside = True
                elif end is None:
                    late = True
        states = {version.active for version in versions}
        return _facts(
            requested=self._requested(record),
            inside=inside,
            at_start=at_start,
            at_end=at_end,
            unsure=record.id not in self._known or len(versions) > 1 or (late and not inside),
            active=states.pop() if len(states) == 1 else None,
            mode_fits=self._mode_fits(record),
            code_fits=self._code_fits(record),
        )

    @cached_property
    def _sure_end(self) -> datetime | None:
        """Before when a change surely lies in the window; None with no end sent and the target's clock not known.

        An end that was not sent is set to the time of the request, which a target may keep in hundredths, or
        announce in seconds.
        """
        end, before = self.job.request.end, self.job.target_before
        if end is not None or before is None:
            return end
        before -= timedelta(microseconds=before.microsecond % 10_000)
        told = (instant_of(answer.object.get("dateChangedTo")) for answer in self.job.answers)
        return min([before, *(end for end in told if end is not None and before - end < _ROUNDED)])

    @cached_property
    def _names_contacts(self) -> bool:
        return self.ids_of == "contact" and has_contacts(self.job.resource)

    def _requested(self, record: Record) -> bool:
        ids = self.job.request.ids
        if not ids:
            return False
        if self._names_contacts:
            return record.current.values.get(CONTACT_COLUMN) in ids
        return record.id in ids

    def _mode_fits(self, record: Record) -> bool | None:
        wanted = self.job.request.contact_mode
        if wanted not in (1, 2):
            return True
        if self.job.resource.name == "Contacts":
            return record.current.contact_mode == wanted
        contact = record.current.values.get(CONTACT_COLUMN)
        known = self.before.of(self.job.account, "Contacts").get(contact) if isinstance(contact, int) else None
        return None if known is None else known.current.contact_mode == wanted

    def _code_fits(self, record: Record) -> bool | None:
        codes = self.job.request.codes
        if self.job.resource.name != CODES_TYPE or not codes:
            return True
        code = record.current.values.get(CODE_COLUMN)
        return None if code is None else code in codes


def has_contacts(resource: Resource) -> bool:
    """True for a type whose records are of contacts, and are none themselves."""
    return resource.name != "Contacts" and resource.field(CONTACT_COLUMN) is not None


def open_readings(job: JobObservation) -> tuple[str, ...]:
    """The readings that can make a difference to the rows of a job."""
    request = job.request
    by_mode = request.contact_mode in (1, 2)
    by_codes = job.resource.name == CODES_TYPE
    relevant = {
        "window-ends": True,
        "requested-ids": bool(request.ids),
        "empty-requested-ids": request.ids is not None and not request.ids,
        "ids-include-inactive": bool(request.ids) and request.include_inactive,
        "ids-contact-mode": bool(request.ids) and by_mode,
        "ids-activist-codes": bool(request.ids) and by_codes and bool(request.codes),
        "contact-mode-elsewhere": by_mode and job.resource.name != "Contacts",
        "empty-activist-codes": by_codes and request.codes is not None and not request.codes,
    }
    return tuple(name for name, matters in relevant.items() if matters)


def understandings(job: JobObservation) -> Iterator[dict[str, str]]:
    """Every combination of the values of the readings that matter to a job's rows."""
    names = open_readings(job)
    choices = [list(readings()[name].values) for name in names]
    for values in product(*choices):
        yield dict(zip(names, values, strict=True))


def due(facts: Facts, job: JobObservation, terms: Mapping[str, str]) -> bool | None:
    """Tell whether a record must be in the export under one understanding; None when it cannot be told."""
    request = job.request
    mode_fits: bool | None = facts.mode_fits
    if terms.get("contact-mode-elsewhere") == "ignored":
        mode_fits = True
    if facts.requested:
        bound = [
            mode_fits if terms.get("ids-contact-mode") == "filtered" else True,
            facts.code_fits if terms.get("ids-activist-codes") == "filtered" else True,
        ]
        return _all(bound)
    if terms.get("requested-ids") == "replace" or terms.get("empty-requested-ids") == "nothing":
        return False
    if terms.get("empty-activist-codes") == "nothing":
        return False
    ends = terms["window-ends"]
    changed = facts.inside or (facts.at_start and ends != "to-only") or (facts.at_end and ends != "from-only")
    shown = request.include_inactive and terms.get("ids-include-inactive") != "void"
    active = True if shown else facts.active
    return _all([changed, active, mode_fits, facts.code_fits])


def _all(parts: list[Any]) -> bool | None:
    """And over three values: False beats unknown, unknown beats True."""
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True
