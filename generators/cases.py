"""One request to send, what it shows, and where every such request starts: a body with nothing wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from ..spec.offer import Resource
from .stamps import on_grid, write_stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from ..spec.offer import Offer

JSON = "application/json"
SAFETY = timedelta(minutes=1)
"""How far from the present an instant keeps that has to lie in the past, whatever the clocks say."""
OLDEST_SURE, YOUNGEST_REFUSED = timedelta(days=89), timedelta(days=91, hours=1)
"""A start is judged with a day of margin on both sides of the 90 days (dateChangedFrom.2).

An hour more keeps it off the very edge of a target that allows the whole day, whatever the clocks say.
"""
FUTURE_SURE = timedelta(minutes=5)
"""An end is judged to lie in the future from here on; small differences between clocks are allowed."""
MAIN_TYPE = "Contacts"


@dataclass(frozen=True)
class Case:
    """One creation request. `rule` judges its answer; `reading` names what the answer observes.

    `body` is the JSON object to send; None where `raw`, the bytes to send, stands in its place. `content_type` None
    stands for application/json.
    """

    label: str
    rule: str | None = None
    body: Mapping[str, Any] | None = None
    raw: bytes | None = None
    content_type: str | None = None
    reading: str | None = None

    @property
    def judged_by(self) -> str:
        """The rule that judges its answer: where it is nobody else's, the one that odd requests break nothing."""
        return self.rule or "validation/odd-input"


def main_resource(offer: Offer) -> Resource:
    """Contacts, or the first type that is listed; a type of that name without fields when none is."""
    resources = offer.resources
    return resources.get(MAIN_TYPE) or next(iter(resources.values()), Resource(MAIN_TYPE, None, ()))


def in_turn(offer: Offer) -> Iterator[Resource]:
    """Go round the listed types for ever, the main one at every second turn."""
    main = main_resource(offer)
    others = [resource for resource in offer.resources.values() if resource.name != main.name] or [main]
    for other in cycle(others):
        yield main
        yield other


def plain_body(resource: Resource, now: datetime, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """A valid body over one hour, two days ago. An option of None takes the property away."""
    start = on_grid(now) - timedelta(days=2)
    body: dict[str, Any] = {
        "resourceType": resource.name,
        "dateChangedFrom": write_stamp(start, digits=2),
        "dateChangedTo": write_stamp(start + timedelta(hours=1), digits=2),
        **options,
    }
    return {name: value for name, value in body.items() if value is not None}


def full_body(resource: Resource, now: datetime, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """The same with every property of the documentation that suits the type."""
    extra: dict[str, Any] = {
        "requestedIds": [1, 23, 456],
        "requestedFields": [field.name for field in resource.extra[:2]],
        "fileSizeKbLimit": 40_000,
        "includeInactive": True,
        "contactMode": 3,
        "requestedActivistCodeIds": [4001, 4002],
    }
    if resource.custom_fields:
        extra["requestedCustomFieldIds"] = list(resource.custom_fields[:2])
    # Some refuse an empty array (the reading odd-empty-array).
    return plain_body(resource, now, **{**{name: value for name, value in extra.items() if value != []}, **options})


def first_of_each_rule(cases: Iterable[Case], per_rule: int | None) -> list[Case]:
    """Keep the first so many cases of each rule, in their order; all of them without a number."""
    seen: dict[str | None, int] = {}
    kept = []
    for case in cases:
        seen[case.rule] = seen.get(case.rule, 0) + 1
        if per_rule is None or seen[case.rule] <= per_rule:
            kept.append(case)
    return kept
