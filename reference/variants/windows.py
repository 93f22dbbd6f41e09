"""Variants of the window: its ends, and how far back it may reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..behaviour import Behaviour
from ..model import JobRequest, Record
from . import variant


@variant(readings={"window-ends": "from-only"})
class LeavesOutTheEnd(Behaviour):
    """The start of a window belongs to it, the end does not."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return any(first <= version.at < last for version in record.versions)


@variant(readings={"window-ends": "to-only"})
class LeavesOutTheStart(Behaviour):
    """The end of a window belongs to it, the start does not."""

    def is_changed(self, record: Record, request: JobRequest) -> bool:
        first, last = self.window(request)
        return any(first < version.at <= last for version in record.versions)


@variant(readings={"ninety-days": "lenient"})
class ReachesADayFurtherBack(Behaviour):
    """A window may start up to 91 days ago."""

    def earliest_start(self, received: datetime) -> datetime:
        return super().earliest_start(received) - timedelta(days=1)


@variant()
class HasNoPatienceWithClocks(Behaviour):
    """An end of the window a moment after the present lies in the future."""

    def latest_end(self, received: datetime) -> datetime:
        return received


@variant()
class TakesClocksThatDiffer(Behaviour):
    """An end of the window up to four and a half minutes ahead of the present is taken."""

    def latest_end(self, received: datetime) -> datetime:
        return received + timedelta(minutes=4, seconds=30)
