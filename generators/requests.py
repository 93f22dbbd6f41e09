"""Job requests: valid ones, legal edges, broken ones and odd ones; as lists that never change, and as strategies.

Valid and invalid are decided by the catalogue, with its margins, and not by the schema alone.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from ..spec.offer import INT32_MAX, MAX_LIMIT_KB, MIN_LIMIT_KB, Offer, Resource
from .broken import invalid_requests
from .cases import FUTURE_SURE, OLDEST_SURE, SAFETY, YOUNGEST_REFUSED, Case
from .edges import edge_requests
from .oddities import odd_requests
from .stamps import STEP, on_grid, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from hypothesis.strategies import SearchStrategy

__all__ = ["Case", "edge_requests", "invalid", "invalid_requests", "odd_requests", "valid_requests"]

_SAMPLE_CODES = (4001, 4002)
_BESIDE = (timedelta(0), STEP, -STEP, timedelta(seconds=1), timedelta(seconds=-1))
_OLDEST, _YOUNGEST = OLDEST_SURE - SAFETY, 2 * SAFETY
_STEPS_A_DAY = timedelta(days=1) // STEP
_LIMITS = (MIN_LIMIT_KB, MIN_LIMIT_KB + 1, 40_000, MAX_LIMIT_KB - 1, MAX_LIMIT_KB)


def valid_requests(
    offer: Offer,
    now: datetime,
    *,
    ids: Sequence[int],
    instants: Sequence[datetime],
    resource_types: Sequence[str],
    codes: Sequence[int] = _SAMPLE_CODES,
) -> SearchStrategy[dict[str, Any]]:
    """Draw valid creation bodies; an empty strategy when none of the types is listed.

    Windows begin and end at the `instants`, a step or a second beside them, or anywhere in the last 89 days; requested
    ids are some of `ids` and some that probably nobody has, and activist codes some of `codes` likewise.
    """
    resources = [offer.resources[name] for name in resource_types if name in offer.resources]
    if not resources:
        return st.nothing()
    now = on_grid(now)
    oldest, youngest = now - _OLDEST, now - _YOUNGEST
    near = [at for instant in instants for shift in _BESIDE if oldest <= (at := on_grid(instant) + shift) <= youngest]
    return _bodies(resources, _moments(near, oldest, youngest), tuple(ids), tuple(codes))


def _moments(near: list[datetime], oldest: datetime, youngest: datetime) -> SearchStrategy[datetime]:
    # A day and a time of day, since Hypothesis prefers small numbers where a range is wide.
    days = st.integers(0, (youngest - oldest).days)
    drawn = st.tuples(days, st.integers(0, _STEPS_A_DAY - 1), st.booleans()).map(
        lambda parts: _on_second(oldest + timedelta(days=parts[0]) + STEP * parts[1], whole=parts[2])
    )
    anywhere = drawn.filter(lambda at: oldest <= at <= youngest)
    beside = st.sampled_from(sorted(set(near))) if near else anywhere
    return st.one_of(beside, beside, anywhere)


def _on_second(instant: datetime, *, whole: bool) -> datetime:
    return instant.replace(microsecond=0) if whole else instant


@st.composite
def _bodies(
    draw: st.DrawFn,
    resources: Sequence[Resource],
    moments: SearchStrategy[datetime],
    ids: Sequence[int],
    codes: Sequence[int],
) -> dict[str, Any]:
    resource = draw(st.sampled_from(list(resources)))
    first, last = sorted((draw(moments), draw(moments)))
    body: dict[str, Any] = {"resourceType": resource.name, "dateChangedFrom": draw(spellings(first))}
    if draw(st.integers(0, 4)):
        body["dateChangedTo"] = draw(spellings(max(last, first + STEP)))
    for name, strategy in _options(resource, ids, codes).items():
        # Each option in two bodies of five: often enough to meet others, and seldom enough to stand alone.
        if draw(st.integers(0, 4)) < 2:
            body[name] = draw(strategy)
    return body


def _options(resource: Resource, ids: Sequence[int], codes: Sequence[int]) -> Mapping[str, SearchStrategy[Any]]:
    """What may be asked for beside type and window."""
    options: dict[str, SearchStrategy[Any]] = {
        "requestedIds": st.lists(_some(ids), unique=True, min_size=1, max_size=20),
        "fileSizeKbLimit": st.one_of(st.sampled_from(_LIMITS), st.integers(MIN_LIMIT_KB, MAX_LIMIT_KB)),
        "includeInactive": st.booleans(),
        "contactMode": st.sampled_from((1, 2, 3)),
        "requestedActivistCodeIds": st.lists(_some(codes), unique=True, min_size=1, max_size=4),
    }
    if resource.extra:
        names = st.sampled_from([field.name for field in resource.extra])
        options["requestedFields"] = st.lists(names, unique=True, min_size=1, max_size=6)
    if resource.custom_fields:
        customs = st.sampled_from(list(resource.custom_fields))
        options["requestedCustomFieldIds"] = st.lists(customs, unique=True, min_size=1, max_size=4)
    return options


def _some(known: Sequence[int]) -> SearchStrategy[int]:
    unknown = st.integers(INT32_MAX - 10**6, INT32_MAX)
    return (
        st.one_of(st.sampled_from(known), st.sampled_from(known), st.sampled_from(known), unknown) if known else unknown
    )


def invalid(offer: Offer, now: datetime) -> SearchStrategy[Case]:
    """Draw valid bodies with exactly one constraint broken, by a drawn value; `rule` names it.

    An empty strategy when the target lists no resource type.
    """
    now = on_grid(now)
    valid = valid_requests(offer, now, ids=(), instants=(), resource_types=tuple(offer.resources))
    return st.nothing() if not offer.resources else _broken(valid, _breakers(offer, now), now)


@st.composite
def _broken(
    draw: st.DrawFn, valid: SearchStrategy[dict[str, Any]], breakers: Mapping[str, SearchStrategy[Any]], now: datetime
) -> Case:
    body = draw(valid)
    rule = draw(st.sampled_from(sorted(breakers)))
    value = draw(breakers[rule])
    if rule == "json-well-formed":
        text = json.dumps(body)
        return Case("a body that stops early", f"validation/{rule}", raw=text[: value % len(text)].encode())
    if rule == "body-is-object":
        return Case("a body that is no object", f"validation/{rule}", raw=json.dumps(value).encode())
    if rule == "to-after-from":
        first = draw(_moments([], now - _OLDEST, now - _YOUNGEST))
        body["dateChangedFrom"] = draw(spellings(first))
        body["dateChangedTo"] = draw(spellings(first - value))
    else:
        body[_PROPERTY[rule]] = value
        if value is None and draw(st.booleans()):
            del body[_PROPERTY[rule]]
    shown = json.dumps(body.get(_PROPERTY[rule], "absent"))
    return Case(f"{_PROPERTY[rule]} {shown}", f"validation/{rule}", body)


_PROPERTY = {
    "from-required": "dateChangedFrom", "from-readable": "dateChangedFrom", "from-within-90-days": "dateChangedFrom",
    "to-readable": "dateChangedTo", "to-after-from": "dateChangedTo", "to-not-in-future": "dateChangedTo",
    "resource-type-required": "resourceType", "resource-type-known": "resourceType",
    "limit-minimum": "fileSizeKbLimit", "limit-maximum": "fileSizeKbLimit",
}  # fmt: skip


def _breakers(offer: Offer, now: datetime) -> Mapping[str, SearchStrategy[Any]]:
    """By rule without its family: values that break it."""

    def stamps(first: datetime, step: Callable[[int], datetime], most: int) -> SearchStrategy[str]:
        return st.one_of(st.just(first), st.integers(0, most).map(step)).flatmap(spellings)

    old, ahead = now - YOUNGEST_REFUSED, now + FUTURE_SURE + timedelta(minutes=1)
    words = st.text("abcdefghijklmnopqrstuvwxyz-: TZ", min_size=1, max_size=20).filter(str.strip)
    beyond = st.builds("{}-{}-{}T00:00:00Z".format, st.just(now.year), st.integers(13, 99), st.integers(32, 99))
    unreadable = st.one_of(words, beyond)
    known = {name.casefold() for name in (*offer.resources, *offer.unasked)}
    scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text("abc {}[]:,", max_size=9))
    return {
        "from-required": st.none(),
        "from-readable": unreadable,
        "from-within-90-days": stamps(old, lambda steps: old - STEP * steps, 365 * 86_400 * 100),
        "to-readable": unreadable,
        "to-after-from": st.one_of(st.sampled_from((0, 1, 100)), st.integers(0, 86_400 * 100)).map(STEP.__mul__),
        "to-not-in-future": stamps(ahead, lambda steps: ahead + STEP * steps, 365 * 86_400 * 100),
        "resource-type-required": st.none(),
        "resource-type-known": st.text("ABCabcdefgh0123_ ", max_size=30).filter(
            lambda text: text.strip().casefold() not in known
        ),
        "limit-minimum": st.one_of(st.just(MIN_LIMIT_KB - 1), st.integers(-INT32_MAX, MIN_LIMIT_KB - 1)),
        "limit-maximum": st.one_of(st.just(MAX_LIMIT_KB + 1), st.integers(MAX_LIMIT_KB + 1, INT32_MAX)),
        "json-well-formed": st.integers(0, 10_000),
        "body-is-object": st.one_of(scalars, st.lists(scalars, max_size=4)),
    }
