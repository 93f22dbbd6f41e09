"""How long a download link may live, and how near to its end it is judged: what scenarios, rules and ledger share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_A_MINUTE, _LEAST = timedelta(minutes=1), timedelta(seconds=2)


def margin_of(lifetime: timedelta) -> timedelta:
    """How near to its end a link is not judged, so that nobody's rounding is a violation.

    That is a minute, and a tenth of a lifetime that is declared shorter than ten minutes, but two seconds at least.
    """
    return min(_A_MINUTE, max(lifetime / 10, _LEAST))


@dataclass(frozen=True)
class LinkLife:
    """The life of one link by the target's clock: its job's creation and completion, and the end that is announced.

    `created` is the earliest that the creation can have been, `completed` the latest that the completion can have
    been, as well as that clock is known. `expires` is None where nothing that can be read is announced.
    """

    created: datetime
    completed: datetime
    expires: datetime | None
    lifetime: timedelta

    @property
    def ends(self) -> tuple[datetime, ...]:
        """When the link may end: as announced where that is right, else what lies between it and the lifetime is open.

        That a wrong end is announced is links/announced-20-days', and what looks wrong may be a clock that is not known
        well enough.
        """
        margin = margin_of(self.lifetime)
        first, last = self.created + self.lifetime, self.completed + self.lifetime
        if self.expires is None:
            return first, last
        right = first - margin <= self.expires <= last + margin
        return (self.expires,) if right else (first, last, self.expires)

    @property
    def margin(self) -> timedelta:
        """How near to its end the link is not judged: a twentieth of its life where no end is announced."""
        margin = margin_of(self.lifetime)
        return margin if self.expires is not None else max(self.lifetime / 20, margin)

    @property
    def alive_until(self) -> datetime:
        """Until then the link has to work."""
        return _moved(min(self.ends), -self.margin)

    @property
    def dead_from(self) -> datetime:
        """From then on the link has to be refused."""
        return _moved(max(self.ends), self.margin)


def _moved(instant: datetime, by: timedelta) -> datetime:
    """The instant so much later; one at the edge of the calendar, as null dates are sometimes written, stays."""
    try:
        return instant + by
    except OverflowError:
        return instant
