"""The present: the system's, or an instant at which a test has frozen it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Who freezes the present that was read a moment ago means now, although the system's clock has gone on since.
_READ_A_MOMENT_AGO = timedelta(minutes=1)


class Clock:
    """Tells the present in UTC, in whole milliseconds: every instant survives being written with three digits."""

    def __init__(self, system: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Follow the system's clock, or one that a test supplies."""
        self._system = system
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """Return the present."""
        return self._frozen or self._running()

    def freeze(self, instant: datetime) -> datetime:
        """Let the present stand at an instant; returns it.

        Raises ValueError when that lies before the present: the clock moves forward only. A running clock may
        be frozen up to a minute back, since it takes time to ask for the present and to send it again.
        """
        earliest = self._frozen or self._running() - _READ_A_MOMENT_AGO
        if instant < earliest:
            raise ValueError(f"The clock moves forward only, and stands at {self.now().isoformat()}.")
        self._frozen = instant
        return instant

    def release(self) -> None:
        """Follow the system's clock again."""
        self._frozen = None

    def _running(self) -> datetime:
        now = self._system()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
