"""Faults of how the window is written: offsets and fractions of a second. What is echoed stays right."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..behaviour import Behaviour
from ..model import JobRequest
from . import fault

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)$")


def _offset(text: str | None) -> timedelta:
    """The offset that a timestamp is written with; none for Z."""
    match = _OFFSET.search(text or "")
    if match is None:
        return timedelta(0)
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


@fault("window/offsets")
class DropsOffsets(Behaviour):
    """Records are chosen as if every offset were Z; windows in UTC are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start + _offset(request.start_text), request.end + _offset(request.end_text)


@fault("window/offsets")
class DropsTheMinutesOfOffsets(Behaviour):
    """An offset of +05:30 counts as +05:00 when records are chosen; offsets of whole hours are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        hour = timedelta(hours=1)
        start, end = (abs(_offset(text)) % hour * (1 if _offset(text) > timedelta(0) else -1)
                      for text in (request.start_text, request.end_text))  # fmt: skip
        return request.start + start, request.end + end


@fault("window/offsets")
class TurnsWesternOffsetsRound(Behaviour):
    """An offset of -08:00 counts as +08:00 when records are chosen; offsets with a plus are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        start, end = (min(_offset(text), timedelta(0)) * 2 for text in (request.start_text, request.end_text))
        return request.start + start, request.end + end


@fault("window/offsets")
class DropsTheOffsetOfTheEnd(Behaviour):
    """The offset of dateChangedTo is dropped when records are chosen; that of dateChangedFrom is honoured."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start, request.end + _offset(request.end_text)


@fault("window/fractions")
class CutsFractions(Behaviour):
    """Both ends are cut to whole seconds when records are chosen; ends without a fraction are right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        return request.start.replace(microsecond=0), (
            request.end.replace(microsecond=0) if request.end_text else request.end
        )


@fault("window/fractions")
class KeepsTenthsOnly(Behaviour):
    """Both ends are cut to tenths of a second when records are chosen; a fraction of .5 is right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        start, end = (i.replace(microsecond=i.microsecond // 100_000 * 100_000) for i in (request.start, request.end))
        return start, end if request.end_text else request.end


@fault("window/fractions")
class DropsFractionsBesideOffsets(Behaviour):
    """A fraction counts with Z and is cut with an offset, when records are chosen; either alone is right."""

    def window(self, request: JobRequest) -> tuple[datetime, datetime]:
        start, end = (
            instant.replace(microsecond=0) if _OFFSET.search(text or "") else instant
            for instant, text in ((request.start, request.start_text), (request.end, request.end_text))
        )
        return start, end
