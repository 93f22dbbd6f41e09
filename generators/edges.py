"""Requests at the edge of what is legal: any conforming target accepts each of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import DEFAULT_LIMIT_KB, MAX_LIMIT_KB, MIN_LIMIT_KB
from .cases import OLDEST_SURE, SAFETY, Case, first_of_each_rule, full_body, in_turn, plain_body
from .stamps import STEP, on_grid, write_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ..spec.offer import Offer, Resource

LEGAL = "validation/legal-accepted"
NULLS = "validation/nulls-accepted"
UNKNOWN = "validation/unknown-properties-accepted"

_OPTIONAL = (
    "dateChangedTo", "requestedIds", "requestedFields", "requestedCustomFieldIds", "fileSizeKbLimit",
    "includeInactive", "contactMode", "requestedActivistCodeIds",
)  # fmt: skip
_UNKNOWN_PROPERTIES: tuple[tuple[str, Any], ...] = (
    ("excludeChangesFromSelf", False),
    # The top-level domain .invalid never resolves (RFC 2606), so nobody is called.
    ("webhookUrl", "https://hooks.invalid/exports"),
    ("columns", ["VanID", "FirstName"]),
    ("clientReference", {"batch": 17, "tags": ["nightly", None]}),
)


def edge_requests(offer: Offer, now: datetime, *, per_rule: int | None = None) -> list[Case]:
    """Every edge case, at most `per_rule` of each rule; empty when the target lists no resource type.

    Always the same for the same offer and present. Each body obeys every constraint, so each answer is a 201.
    """
    if not offer.resources:
        return []
    now = on_grid(now)
    cases = [*_minimal(offer, now), *_stamps(offer, now), *_options(offer, now), *_nulls(offer, now)]
    return first_of_each_rule([*cases, *_unknown(offer, now)], per_rule)


def _minimal(offer: Offer, now: datetime) -> Iterator[Case]:
    """As little as there can be, and as much."""
    resource = next(in_turn(offer))
    start = write_stamp(now - timedelta(days=1), digits=2)
    yield Case("the two required properties alone", LEGAL, {"dateChangedFrom": start, "resourceType": resource.name})
    yield Case("every property at once", LEGAL, full_body(resource, now))


def _stamps(offer: Offer, now: datetime) -> Iterator[Case]:
    """Timestamps: Z and offsets, with hundredths of a second and without, near and far."""
    turns = in_turn(offer)
    start, hour = (now - timedelta(days=3)).replace(microsecond=120_000), timedelta(hours=1)
    whole = start.replace(microsecond=0)

    def case(label: str, first: str, last: str | None) -> Case:
        resource = next(turns)
        return Case(label, LEGAL, plain_body(resource, now, dateChangedFrom=first, dateChangedTo=last))

    yield case("without a fraction of a second", write_stamp(whole, digits=0), write_stamp(whole + hour, digits=0))
    yield case("with offset +05:30", write_stamp(start, 330, 2), write_stamp(start + hour, 330, 2))
    yield case("with offset -08:00", write_stamp(start, -480, 2), write_stamp(start + hour, -480, 2))
    yield case("with a fraction of .00", write_stamp(whole, digits=2), write_stamp(whole + hour, digits=2))
    yield case("with offset +14:00", write_stamp(whole, 840, 0), write_stamp(whole + hour, 840, 0))
    yield case("with offset +00:00", write_stamp(start, 0, 2), write_stamp(start + hour, 0, 2))
    yield case("start and end in different offsets", write_stamp(start, 840, 2), write_stamp(start + hour, -600, 2))
    yield case("an end that is later as an instant, though its text sorts before the start's",
               write_stamp(start, 600, 2), write_stamp(start + hour, -600, 2))  # fmt: skip
    yield case("a window of 10 ms", write_stamp(start, digits=2), write_stamp(start + STEP, digits=2))
    oldest = now - OLDEST_SURE + SAFETY
    yield case("a start 89 days ago", write_stamp(oldest, digits=2), write_stamp(oldest + hour, digits=2))
    yield case("a window of 89 days", write_stamp(oldest, -300, 0), write_stamp(now - 2 * SAFETY, -300, 0))
    yield case("a start two minutes ago, without an end", write_stamp(now - 2 * SAFETY, digits=2), None)
    yield case("an end two minutes ago, whose text in its offset looks like the future",
               write_stamp(start, 840, 2), write_stamp(now - 2 * SAFETY, 840, 2))  # fmt: skip


def _options(offer: Offer, now: datetime) -> Iterator[Case]:
    """Limits, modes, switches and arrays."""
    turns = in_turn(offer)

    def case(label: str, /, resource: Resource | None = None, **options: Any) -> Case:  # noqa: ANN401 - any JSON value
        return Case(label, LEGAL, plain_body(resource or next(turns), now, **options))

    for limit in (MIN_LIMIT_KB, MAX_LIMIT_KB, MIN_LIMIT_KB + 1, MAX_LIMIT_KB - 1, DEFAULT_LIMIT_KB, 65_537):
        yield case(f"a fileSizeKbLimit of {limit}", fileSizeKbLimit=limit)
    for mode in (1, 2, 3):
        yield case(f"a contactMode of {mode}", contactMode=mode)
    for switch in (True, False):
        yield case(f"an includeInactive of {str(switch).lower()}", includeInactive=switch)
    yield case("the largest int32 in requestedIds", requestedIds=[2_147_483_647])
    for resource in list(offer.resources.values())[:3]:
        yield case(f"requestedActivistCodeIds for {resource.name}", resource, requestedActivistCodeIds=[4001, 4002])


def _nulls(offer: Offer, now: datetime) -> Iterator[Case]:
    """Explicit nulls, each alone, and those that a widely used client sends (facts, section 4.1)."""
    turns = in_turn(offer)

    def case(label: str, names: tuple[str, ...]) -> Case:
        return Case(label, NULLS, {**plain_body(next(turns), now), **dict.fromkeys(names)})

    yield case("nulls as a client in use sends them", ("dateChangedTo", "requestedFields", "requestedCustomFieldIds"))
    yield case("null in every optional property", _OPTIONAL)
    for name in _OPTIONAL:
        yield case(f"a {name} of null", (name,))


def _unknown(offer: Offer, now: datetime) -> Iterator[Case]:
    """Properties that the documentation of this call does not know."""
    turns = in_turn(offer)
    for name, value in _UNKNOWN_PROPERTIES:
        yield Case(f"with an unknown property {name}", UNKNOWN, {**plain_body(next(turns), now), name: value})
