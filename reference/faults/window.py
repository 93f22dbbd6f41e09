"""Faults of the window: which changes count, and between which instants."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..behaviour import Behaviour
from ..model import JobRequest, Record
from . import fault


@fault("window/any-change")
class CountsTheLastChangeOnly(Behaviour):
    """A record that changed again after the window is lost; records whose last change lies in it are right."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return first <= record.current.at <= last


@fault("window/nothing-else")
class WindowEndsADayLate(Behaviour):
    """What changed up to a day after dateChangedTo is exported too; all that is due is there."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start, request.end + timedelta(days=1)
