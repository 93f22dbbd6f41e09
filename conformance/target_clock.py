"""The target's clock, as a run's exchanges show it: what time it was there when something happened here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..spec.offer import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .observation import Exchange

KNOWN_WITHIN, TOLD_WITHIN = timedelta(seconds=60), timedelta(hours=1)
"""How far a reading of the clock may be off: by the control API, and by a Date header (somebody else's, perhaps)."""


def instant_of(value: object) -> datetime | None:
    """An instant as an answer writes it, in UTC; None for anything that is no timestamp with an offset."""
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except (ValueError, OverflowError):
        return None


class TargetClock:
    """Turns instants of the suite's clock into the target's.

    The control API tells the target's present, and freezes and releases it (contract, section 2). Without it the
    Date headers of the answers are all there is (rfc9110, section 6.6.1), and without those the suite's own clock.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        """Read what the exchanges, in their order, tell of the clock."""
        ordered = sorted(exchanges, key=lambda exchange: exchange.number)
        self._frozen: list[tuple[int, datetime | None]] = [(0, None)]
        self._skews: list[tuple[int, timedelta]] = [(0, self._dated_skew(ordered))]
        self.within = TOLD_WITHIN
        for exchange in ordered:
            if exchange.purpose == "control" and exchange.status is not None and exchange.status < 300:
                self._learn(exchange)

    @staticmethod
    def _dated_skew(exchanges: Iterable[Exchange]) -> timedelta:
        for exchange in exchanges:
            try:
                there = parsedate_to_datetime(exchange.headers.get("date", "")).replace(tzinfo=UTC)
            except ValueError:
                continue
            return there - exchange.ended
        return timedelta(0)

    def _learn(self, exchange: Exchange) -> None:
        now = instant_of(exchange.object.get("now"))
        if exchange.method == "PUT":
            self._frozen.append((exchange.number, now or _asked_for(exchange)))
        elif exchange.method == "DELETE":
            self._frozen.append((exchange.number, None))
        elif exchange.method == "GET" and now is not None and self._frozen[-1][1] is None:
            middle = exchange.started + (exchange.ended - exchange.started) / 2
            if self.within == TOLD_WITHIN:
                # What the control API tells is better than a Date header, for what came before it as well.
                self.within = KNOWN_WITHIN
                self._skews[0] = (0, now - middle)
            self._skews.append((exchange.number, now - middle))

    def at(self, exchange: Exchange, instant: datetime) -> datetime:
        """The target's time at an instant of the suite's that belongs to this exchange."""
        frozen = next(now for number, now in reversed(self._frozen) if number < exchange.number or not number)
        if frozen is not None:
            return frozen
        return instant + next(skew for number, skew in reversed(self._skews) if number < exchange.number or not number)


def _asked_for(exchange: Exchange) -> datetime | None:
    """The instant that a call asks the clock to be frozen at."""
    try:
        asked = json.loads(exchange.request_body or b"")
    except ValueError:
        return None
    return instant_of(asked.get("now")) if isinstance(asked, dict) else None
