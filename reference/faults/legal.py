"""Faults of validation: legal values that are refused.

A refused legal value is a valid request that makes no job, so that each breaks the plain demand on creations too.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..behaviour import Behaviour
from ..bodies import FROM, TO
from ..model import JobRequest, invalid
from . import fault

if TYPE_CHECKING:
    from ..bodies import Body

_DAY = timedelta(days=1)


@fault("validation/legal-accepted", "creation/accepted")
class WantsAFraction(Behaviour):
    """A timestamp without a fraction of a second is refused; all others are right."""

    def read_instant(self, value: object, name: str) -> datetime:
        if isinstance(value, str) and re.search(r":\d\d(Z|[+-]\d\d:\d\d)$", value):
            raise invalid(f"{name} needs a fraction of a second.", name)
        return super().read_instant(value, name)


@fault("validation/legal-accepted", "creation/accepted")
class RefusesHalfHoursOfOffset(Behaviour):
    """An offset such as +05:30 is refused; whole hours and Z are right."""

    def read_instant(self, value: object, name: str) -> datetime:
        if isinstance(value, str) and re.search(r"[+-]\d\d:30$", value):
            raise invalid(f"{name} has an offset that there is not.", name)
        return super().read_instant(value, name)


@fault("validation/legal-accepted", "creation/accepted")
class RefusesOffsetsBeyondTwelveHours(Behaviour):
    """An offset of +14:00 is refused; those up to twelve hours are right."""

    def read_instant(self, value: object, name: str) -> datetime:
        if isinstance(value, str) and re.search(r"[+-]1[3-9]:\d\d$", value):
            raise invalid(f"{name} has an offset that there is not.", name)
        return super().read_instant(value, name)


@fault("validation/legal-accepted", "creation/accepted")
class WantsMoreThanTheSmallestLimit(Behaviour):
    """A fileSizeKbLimit of exactly 1000 is refused; larger ones are right."""

    def limit_bounds(self) -> tuple[int, int]:
        least, most = super().limit_bounds()
        return least + 1, most


@fault("validation/legal-accepted", "creation/accepted")
class WantsLessThanTheLargestLimit(Behaviour):
    """A fileSizeKbLimit of exactly 100000 is refused; smaller ones are right."""

    def limit_bounds(self) -> tuple[int, int]:
        least, most = super().limit_bounds()
        return least, most - 1


@fault("validation/legal-accepted", "creation/accepted")
class KeepsLimitsInSixteenBits(Behaviour):
    """A fileSizeKbLimit above 65535 is refused; smaller ones are right."""

    def limit_bounds(self) -> tuple[int, int]:
        return super().limit_bounds()[0], 65_535


@fault("validation/legal-accepted", "creation/accepted")
class KnowsTwoModesOnly(Behaviour):
    """A contactMode of 3 is refused; 1, 2 and none are right."""

    def read_mode(self, body: Body) -> int | None:
        mode = super().read_mode(body)
        if mode == 3:
            raise invalid("contactMode must be 1 or 2.", "contactMode")
        return mode


@fault("validation/legal-accepted", "creation/accepted")
class RefusesAFalseSwitch(Behaviour):
    """An includeInactive of false is refused, as if it were missing its value; true and none are right."""

    def read_switch(self, body: Body, name: str) -> bool | None:
        value = super().read_switch(body, name)
        if value is False and name == "includeInactive":
            raise invalid(f"{name} is missing its value.", name)
        return value


@fault("validation/legal-accepted", "creation/accepted")
class ReachesBackEightyEightDaysAndAHalf(Behaviour):
    """A dateChangedFrom of 89 days ago is refused; those within 88 days are accepted."""

    def earliest_start(self, received: datetime) -> datetime:
        return received - timedelta(days=88, hours=12)


@fault("validation/legal-accepted", "creation/accepted")
class WantsAnEndInThePastHour(Behaviour):
    """A dateChangedTo of less than half an hour ago is refused as the future; earlier ones are right."""

    def latest_end(self, received: datetime) -> datetime:
        return received - timedelta(minutes=30)


@fault("validation/nulls-accepted")
class RefusesNulls(Behaviour):
    """An optional property that is null is refused; absent ones are right."""

    def without_nulls(self, body: Body) -> Body:
        for name, value in body.items():
            if value is None and name not in (FROM, "resourceType"):
                raise invalid(f"{name} is null.", name)
        return super().without_nulls(body)


@fault("validation/nulls-accepted")
class RefusesANullEnd(Behaviour):
    """A dateChangedTo of null is refused; other nulls count as absent."""

    def without_nulls(self, body: Body) -> Body:
        if TO in body and body[TO] is None:
            raise invalid(f"{TO} is null.", TO)
        return super().without_nulls(body)


@fault("validation/unknown-properties-accepted")
class RefusesUnknownProperties(Behaviour):
    """A property that the documentation does not know is refused; known ones are right."""

    def read_request(self, body: Body, received: datetime) -> JobRequest:
        known = {
            FROM, TO, "resourceType", "requestedIds", "requestedFields", "requestedCustomFieldIds", "fileSizeKbLimit",
            "includeInactive", "contactMode", "requestedActivistCodeIds", "excludeChangesFromSelf",
        }  # fmt: skip
        unknown = [name for name in body if name not in known]
        if unknown:
            raise invalid("There are properties that nobody knows.", *unknown)
        return super().read_request(body, received)


@fault("creation/accepted")
class RefusesTheLastMinute(Behaviour):
    """A window that starts in the last minute is refused; all others are right."""

    def read_start(self, body: Body, received: datetime) -> datetime:
        start = super().read_start(body, received)
        if start > received - timedelta(minutes=1):
            raise invalid(f"{FROM} is too recent.", FROM)
        return start
