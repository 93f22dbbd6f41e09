"""Faults of validation: the ends of the window, which have constraints that are missing or off at their edge."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..behaviour import Behaviour
from ..bodies import FROM, TO
from ..model import Refused, invalid
from . import fault

if TYPE_CHECKING:
    from ..bodies import Body

_DAY = timedelta(days=1)


@fault("validation/from-required")
class TakesASampleForTheStart(Behaviour):
    """Without dateChangedFrom the last 30 days are exported; a start that is given is right."""

    def read_start(self, body: Body, received: datetime) -> datetime:
        return super().read_start(body, received) if FROM in body else received - 30 * _DAY


@fault("validation/from-required")
class TakesANullStartForYesterday(Behaviour):
    """A dateChangedFrom of null counts as yesterday; a missing one is refused."""

    def without_nulls(self, body: Body) -> Body:
        yesterday = {FROM: (self.clock.now() - _DAY).isoformat()} if FROM in body and body[FROM] is None else {}
        return {**super().without_nulls(body), **yesterday}


@fault("validation/from-readable")
class TakesAnUnreadableStartForTheWeekBefore(Behaviour):
    """A dateChangedFrom that cannot be read counts as a week ago; a missing one is refused."""

    def read_start(self, body: Body, received: datetime) -> datetime:
        try:
            self.read_instant(body.get(FROM), FROM)
        except Refused:
            if isinstance(body.get(FROM), str):
                return received - 7 * _DAY
        return super().read_start(body, received)


@fault("validation/from-readable")
class LetsDaysRollOver(Behaviour):
    """An hour of 25 or a day that no calendar has rolls over to the next; other texts are refused."""

    def read_start(self, body: Body, received: datetime) -> datetime:
        return super().read_start({**body, FROM: _rolled(body[FROM])} if FROM in body else body, received)


def _rolled(value: Any) -> Any:  # noqa: ANN401
    """A timestamp whose day or time of day is too large, as a calendar that counts on would have it."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", value if isinstance(value, str) else "")
    if match is None:
        return value
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return value
    instant = datetime(year, month, 1) + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)  # noqa: DTZ001
    return f"{instant.isoformat()}Z"


@fault("validation/from-readable", "schema/no-server-error", "validation/odd-input")
class FailsOnAnUnreadableStart(Behaviour):
    """A dateChangedFrom that is a text and no timestamp is answered 500; others are right."""

    def read_start(self, body: Body, received: datetime) -> datetime:
        if isinstance(body.get(FROM), str):
            try:
                self.read_instant(body[FROM], FROM)
            except Refused as refusal:
                raise RuntimeError("the date was used before it was checked") from refusal
        return super().read_start(body, received)


@fault("validation/from-within-90-days")
class ReachesBackForEver(Behaviour):
    """A dateChangedFrom of any age is accepted; all other constraints hold."""

    def earliest_start(self, received: datetime) -> datetime:
        return datetime.min.replace(tzinfo=received.tzinfo)


@fault("validation/from-within-90-days")
class ReckonsNinetyDaysFromItsFirstJob(Behaviour):
    """The 90 days are reckoned from the first job that the server ever got; within a day of it they are right."""

    def earliest_start(self, received: datetime) -> datetime:
        return super().earliest_start(vars(self).setdefault("began", received))


@fault("validation/from-within-90-days")
class ReachesBackAHundredDays(Behaviour):
    """A dateChangedFrom of up to 100 days ago is accepted; older ones are refused."""

    def earliest_start(self, received: datetime) -> datetime:
        return received - 100 * _DAY


@fault("validation/from-within-90-days")
class ChecksTheAgeOfAWindowWithAnEndOnly(Behaviour):
    """Without dateChangedTo a dateChangedFrom of any age is accepted; with it, the last 90 days hold."""

    def read_start(self, body: Body, received: datetime) -> datetime:
        if TO in body:
            return super().read_start(body, received)
        return self.read_instant(body[FROM], FROM) if FROM in body else super().read_start(body, received)


@fault("validation/to-readable")
class PassesOverAnUnreadableEnd(Behaviour):
    """A dateChangedTo that cannot be read counts as absent; all other constraints hold."""

    def read_end(self, body: Body, received: datetime, start: datetime | None) -> datetime:
        try:
            return super().read_end(body, received, start)
        except Refused as refusal:
            if "is no timestamp" in str(refusal) and isinstance(body[TO], str):
                return self.default_end(received)
            raise


@fault("validation/to-readable")
class TakesAnEmptyEndForNone(Behaviour):
    """A dateChangedTo of the empty text counts as absent; other texts are refused."""

    def read_end(self, body: Body, received: datetime, start: datetime | None) -> datetime:
        return self.default_end(received) if body.get(TO) == "" else super().read_end(body, received, start)


@fault("validation/to-after-from")
class TakesWindowsTheWrongWayRound(Behaviour):
    """A dateChangedTo before dateChangedFrom is accepted; the future is refused."""

    def is_in_order(self, start: datetime, end: datetime) -> bool:
        return True


@fault("validation/to-after-from")
class TakesEqualEnds(Behaviour):
    """A dateChangedTo that is the instant of dateChangedFrom is accepted; an earlier one is refused."""

    def is_in_order(self, start: datetime, end: datetime) -> bool:
        return start <= end


@fault("validation/to-after-from")
class AllowsASecondTheWrongWayRound(Behaviour):
    """A dateChangedTo up to a second before dateChangedFrom is accepted; earlier ones are refused."""

    def is_in_order(self, start: datetime, end: datetime) -> bool:
        return start < end or timedelta(0) < start - end < timedelta(seconds=1)


# What is later as an instant and sorts before is refused, and that is legal.
@fault("validation/to-after-from", "validation/legal-accepted", "creation/accepted")
class ComparesEndsAsTexts(Behaviour):
    """The order of the ends is that of their texts; ends in the same offset are right."""

    def read_end(self, body: Body, received: datetime, start: datetime | None) -> datetime:
        if start is not None and TO in body:
            self.read_instant(body[TO], TO)
            if str(body[TO]) <= str(body[FROM]):
                raise invalid(f"{TO} must be later than {FROM}.", FROM, TO)
        return super().read_end(body, received, None)


@fault("validation/to-not-in-future")
class TakesAnyFuture(Behaviour):
    """A dateChangedTo however far ahead is accepted; all other constraints hold."""

    def latest_end(self, received: datetime) -> datetime:
        return datetime.max.replace(tzinfo=received.tzinfo)


@fault("validation/to-not-in-future")
class TakesTheFutureOfToday(Behaviour):
    """A dateChangedTo up to a day ahead is accepted; later ones are refused."""

    def latest_end(self, received: datetime) -> datetime:
        return received + _DAY


@fault("validation/to-not-in-future")
class AllowsTenMinutesAhead(Behaviour):
    """A dateChangedTo up to ten minutes ahead is accepted; later ones are refused."""

    def latest_end(self, received: datetime) -> datetime:
        return received + timedelta(minutes=10)


@fault("validation/to-not-in-future")
class ComparesLocalTimesWithThePresent(Behaviour):
    """A dateChangedTo in a western offset is compared by its local time; with Z and eastern ones it is right."""

    def read_end(self, body: Body, received: datetime, start: datetime | None) -> datetime:
        west = re.search(r"-(\d\d):(\d\d)$", str(body.get(TO, "")))
        ahead = timedelta(hours=int(west[1])) if west else timedelta(0)
        return super().read_end(body, received + ahead, start) if TO in body else self.default_end(received)
