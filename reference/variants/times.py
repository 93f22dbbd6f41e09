"""Variants of how instants are written in answers, and of the clock behind them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from ...spec.offer import format_instant
from ..behaviour import Behaviour
from ..clock import Clock
from ..model import Job, StoredFile
from . import variant


@variant()
class EasternTimesInSevenDigits(Behaviour):
    """Answers tell instants as the documentation's samples do: 2026-11-20T08:00:00.1230000-04:00."""

    def instant(self, instant: datetime) -> str:
        return f"{instant.astimezone(timezone(timedelta(hours=-4))):%Y-%m-%dT%H:%M:%S.%f}0-04:00"


@variant()
class SevenDigitsInUtc(Behaviour):
    """Answers tell instants with seven digits of fraction and a Z."""

    def instant(self, instant: datetime) -> str:
        return f"{instant:%Y-%m-%dT%H:%M:%S.%f}0Z"


@variant()
class OffsetsOfHalfAnHour(Behaviour):
    """Answers tell instants in whole seconds where there is no fraction, with an offset of five and a half hours."""

    def instant(self, instant: datetime) -> str:
        return instant.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()


@variant()
class WholeSecondsWhereNothingIsLost(Behaviour):
    """Answers tell instants without a fraction where it is zero, and with six digits elsewhere."""

    def instant(self, instant: datetime) -> str:
        return format_instant(instant, digits=6 if instant.microsecond else 0)


@variant()
class TellsInstantsAsTheyWereSent(Behaviour):
    """The ends of the window come back letter by letter; an end that was not sent comes in UTC."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        state, request = super().job_state(job, root), job.request
        sent = {"dateChangedFrom": request.start_text, "dateChangedTo": request.end_text}
        return {**state, **{name: text for name, text in sent.items() if text is not None}}


@variant()
class ExpiriesInWholeSeconds(Behaviour):
    """The expiry of a link is told without its fraction of a second."""

    def announced_expiry(self, job: Job, file: StoredFile) -> Any:  # noqa: ANN401 - as in the reference
        return format_instant(self.expiry(job, file), digits=0)


class _ClockElsewhere(Behaviour):
    """The server's clock is another than the suite's. `ahead` is by how much."""

    ahead: timedelta

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the reference
        super().__init__(*args, **kwargs)
        self.clock = Clock(lambda: datetime.now(UTC) + self.ahead)


@variant()
class ClockThatIsAhead(_ClockElsewhere):
    """The server's clock is seven hours ahead of everybody else's."""

    ahead = timedelta(hours=7)


@variant()
class ClockThatIsBehind(_ClockElsewhere):
    """The server's clock is forty minutes behind everybody else's."""

    ahead = timedelta(minutes=-40)
