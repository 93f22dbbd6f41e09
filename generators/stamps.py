"""Timestamps in every legal spelling: the same instant with Z or an offset, with and without a fraction.

The documented grammar writes hundredths of a second (dateChangedFrom.1), so instants lie on steps of 10 ms here, and
a fraction has two digits or is left out: whether others are taken is open.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

STEP = timedelta(milliseconds=10)
"""The finest difference between two instants that a target has to keep apart."""

OFFSETS = (-720, -570, -480, -300, -240, -210, 0, 60, 120, 210, 330, 345, 540, 570, 720, 765, 840)
"""Offsets in use on earth, in minutes east of UTC."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def on_grid(instant: datetime) -> datetime:
    """Return the last whole step of 10 ms that is not after an instant, in UTC."""
    return _EPOCH + (instant - _EPOCH) // STEP * STEP


def write_stamp(instant: datetime, offset: int | None = None, digits: int = 2) -> str:
    """Write an instant with an offset in minutes east of UTC, or with Z where that is None.

    `digits` is how many fraction digits are written (0 to 6); what does not fit is cut.
    Raises OverflowError when the local time leaves the years 1 to 9999.
    """
    local = instant.astimezone(timezone(timedelta(minutes=offset or 0)))
    fraction = f".{local.microsecond:06}"[: digits + 1] if digits else ""
    sign, minutes = ("-", -offset) if offset is not None and offset < 0 else ("+", offset or 0)
    zone = "Z" if offset is None else f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    # Not by strftime: it writes years before 1000 with fewer than four digits on some systems.
    return f"{local.replace(tzinfo=None, microsecond=0).isoformat()}{fraction}{zone}"


def enough_digits(instant: datetime) -> tuple[int, ...]:
    """The numbers of fraction digits that write an instant on the grid without loss, and that every target takes."""
    return (2,) if instant.microsecond else (0, 2)


@st.composite
def _spellings(draw: st.DrawFn, instant: datetime) -> str:
    offset = draw(st.one_of(st.none(), st.sampled_from(OFFSETS)))
    return write_stamp(instant, offset, draw(st.sampled_from(enough_digits(instant))))


def spellings(instant: datetime) -> SearchStrategy[str]:
    """Draw legal spellings of an instant on the grid."""
    return _spellings(instant)
