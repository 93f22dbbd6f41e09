"""The target's clock, as a run's exchanges show it: what time it was there when something happened here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..spec.offer import parse_instant
from .link_life import margin_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .observation import Exchange

KNOWN_WITHIN, DATED_WITHIN, TOLD_WITHIN = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
"""How far a reading of the target's clock may be off.

That is by the control API; by Date headers that agree with each other, though they may be a proxy's; and by the
suite's own clock, or by Date headers that do not agree.
"""

_TICK, _HOSTS_APART = timedelta(seconds=1), timedelta(minutes=2)
# Clocks are corrected now and then, while a run goes on.
_STEP = timedelta(seconds=2)


@dataclass(frozen=True)
class Skew:
    """How far another clock is ahead of the suite's: at least `least`, and at most `most`."""

    least: timedelta
    most: timedelta

    @property
    def middle(self) -> timedelta:
        """The likeliest skew."""
        return (self.least + self.most) / 2

    @property
    def within(self) -> timedelta:
        """How far the likeliest skew may be off."""
        return (self.most - self.least) / 2


def dated_skew(exchanges: Iterable[Exchange]) -> Skew | None:
    """Measure the skew of whoever answered, by the Date headers of all answers together (rfc9110, section 6.6.1).

    A Date is the second in which its answer was made, between the request and the end of the answer. None without a
    Date, and when the Dates do not agree on a skew.
    """
    least, most = timedelta.max, timedelta.max
    seen = False
    for exchange in exchanges:
        try:
            there = parsedate_to_datetime(exchange.headers.get("date", "")).replace(tzinfo=UTC)
        except ValueError:
            continue
        # What a cache answers has the date of another day.
        if "age" in exchange.headers:
            continue
        low, high = there - exchange.ended, there + _TICK - exchange.started
        least, most = (max(least, low), min(most, high)) if seen else (low, high)
        seen = True
    if not seen or least > most + _STEP:
        return None
    return Skew(min(least, most), max(least, most))


def instant_of(value: object) -> datetime | None:
    """An instant as an answer writes it, in UTC; None for anything that is no timestamp with an offset."""
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except (ValueError, OverflowError):
        return None


_NONE = Skew(timedelta(0), timedelta(0))


class TargetClock:
    """Turns instants of the suite's clock into the target's.

    The control API tells the target's present, and freezes and releases it (contract, section 2). Without it the
    Date headers of the answers are all there is (rfc9110, section 6.6.1), and without those the suite's own clock.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        """Read what the exchanges, in their order, tell of the clock."""
        ordered = sorted(exchanges, key=lambda exchange: exchange.number)
        self._frozen: list[tuple[int, datetime | None]] = [(0, None)]
        dated = [exchange for exchange in ordered if exchange.purpose not in ("download", "control")]
        skew = dated_skew(dated)
        first = next((alone for exchange in dated if (alone := dated_skew((exchange,))) is not None), _NONE)
        self._skews: list[tuple[int, timedelta]] = [(0, (skew or first).middle)]
        self.within = TOLD_WITHIN if skew is None else DATED_WITHIN
        for exchange in ordered:
            if exchange.purpose == "control" and exchange.status is not None and exchange.status < 300:
                self._learn(exchange)

    def _learn(self, exchange: Exchange) -> None:
        now = instant_of(exchange.object.get("now"))
        if exchange.method == "PUT":
            self._frozen.append((exchange.number, now or _asked_for(exchange)))
        elif exchange.method == "DELETE":
            self._frozen.append((exchange.number, None))
        elif exchange.method == "GET" and now is not None and self._frozen[-1][1] is None:
            middle = exchange.started + (exchange.ended - exchange.started) / 2
            if self.within != KNOWN_WITHIN:
                # What the control API tells is better than a Date header, for what came before it as well.
                self.within = KNOWN_WITHIN
                self._skews[0] = (0, now - middle)
            self._skews.append((exchange.number, now - middle))

    def allowance(self, lifetime: timedelta) -> timedelta:
        """How far a link's announced end may be off by this clock; less where a short lifetime is declared.

        What stamps an answer with its Date may be another host than what makes links, and the two some seconds apart.
        Where nothing but the suite's own clock is known, a short lifetime cannot be held to better than that.
        """
        if self.within == TOLD_WITHIN:
            return self.within
        least = margin_of(lifetime) if self.within == KNOWN_WITHIN else _HOSTS_APART
        return min(self.within, max(lifetime / 10, least))

    def is_within(self, lifetime: timedelta, created: Exchange, later: Exchange) -> bool:
        """Tell whether an answer about a job came before the links of the job had to die."""
        return self.at(later, later.started) < self.at(created, created.started) + lifetime

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
