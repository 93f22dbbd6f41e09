"""Which records an export holds (window.1, window.2, ids.1, inactive.1, contactMode.1, requestedActivistCodeIds.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core import Core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from .model import JobRequest, Record, Version
    from .store import History


class Selection(Core):
    """Chooses the records of a job. The readings that it follows are those of spec/readings.yaml."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        """The records that the request asks for, in ascending order of their ids."""
        for record in history.records(self.candidates(history, request)):
            if self.belongs(record, request, history):
                yield record

    def candidates(self, history: History, request: JobRequest) -> list[int]:
        """Ids of the records worth looking at: changed in the window, or requested (requested-ids: add)."""
        changed = history.changed_between(*self.window(request))
        if not request.ids:
            return changed
        return sorted({*changed, *history.existing(self.named_ids(request))})

    def named_ids(self, request: JobRequest) -> tuple[int, ...]:
        """The ids that the request names."""
        return request.ids or ()

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        """The first and the last instant that belong to the window (window-ends: closed)."""
        return request.start, request.end

    def belongs(self, record: Record, request: JobRequest, history: History) -> bool:
        """Tell whether a record is exported. A requested one needs neither a change nor to be active."""
        requested = record.id in self.requested_set(request)
        if not requested and not (self.is_changed(record, request) and self.is_shown(record, request)):
            return False
        return self.passes_filters(record, request, history, requested=requested)

    def requested_set(self, request: JobRequest) -> frozenset[int]:
        """The ids that the window and includeInactive do not bind (requestedIds.2)."""
        return request.id_set

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        """Tell whether any change of the record lies in the window, whatever came later (window.2)."""
        first, last = self.window(request)
        return any(first <= version.at <= last for version in record.versions)

    def is_shown(self, record: Record, request: JobRequest) -> bool:
        """Tell whether the record's state lets it into the export (includeInactive.1, includeInactive.2)."""
        return bool(request.include_inactive) or self.state(record, request).active

    def state(self, record: Record, request: JobRequest) -> Version:  # noqa: ARG002 - told for those who use it
        """The version whose state, mode and code count: the current one (version.1)."""
        return record.current

    def passes_filters(self, record: Record, request: JobRequest, history: History, *, requested: bool) -> bool:
        """Tell whether contactMode and the activist codes let a record in, requested ones too (ids-*: filtered)."""
        del requested  # The reference holds requested records to the same filters.
        return self.mode_fits(record, request, history) and self.code_fits(record, request)

    def mode_fits(self, record: Record, request: JobRequest, history: History) -> bool:
        """Tell whether the record is of the kind asked for; other types than Contacts have no kind."""
        del history  # Another type's contact does not count (contact-mode-elsewhere: ignored).
        if request.resource_type != "Contacts" or request.contact_mode in (None, 3):
            return True
        return self.state(record, request).contact_mode == request.contact_mode

    def code_fits(self, record: Record, request: JobRequest) -> bool:
        """Tell whether the record has one of the activist codes asked for; none asked for is no filter."""
        if not request.activist_codes:
            return True
        return self.state(record, request).values.get("ActivistCodeID") in request.activist_codes
