"""Random change histories: records that come, change, go inactive and come back, at the edges of a window.

A history is a plain list of changes in the order in which they happen. `pack` turns it into bodies of the control
API's call for changes; `PlannedChange.item` is one change as that call takes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st

from .cases import MAIN_TYPE, SAFETY
from .stamps import STEP, on_grid, write_stamp
from .values import texts, value_for, writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from hypothesis.strategies import SearchStrategy

    from ..spec.offer import Field, Offer, Resource

Account = Literal["first", "second"]
Deed = Literal["change", "touch", "deactivate", "reactivate", "move"]

MOST_CHANGES = 10_000
MOST_BYTES = 8 * 2**20
"""What every control API takes in one call, in changes and in bytes of the whole body."""

_DEEDS: tuple[Deed, ...] = ("change", "change", "deactivate", "reactivate", "touch", "move")
_BESIDE = (
    timedelta(0), STEP, timedelta(milliseconds=500), timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1),
    timedelta(hours=5), timedelta(hours=13), timedelta(days=1), timedelta(days=10),
)  # fmt: skip
_LONGEST_LIFE = timedelta(days=400)
_MOST_COLUMNS = 5
_LONGEST_CUSTOM = 40


@dataclass(frozen=True)
class PlannedChange:
    """One change to put in place: the record's whole new version. `deed` tells what it is about, for people.

    `at` is in UTC and on the grid of 10 ms. `contact_mode` is None for every type but Contacts.
    """

    account: Account
    resource_type: str
    id: int
    at: datetime
    deed: Literal["create"] | Deed = "create"
    active: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    contact_mode: int | None = None

    def item(self) -> dict[str, Any]:
        """The change as the control API's call for changes takes it."""
        item: dict[str, Any] = {
            "id": self.id,
            "at": write_stamp(self.at),
            "active": self.active,
            "values": dict(self.values),
        }
        if self.contact_mode is not None:
            item["contactMode"] = self.contact_mode
        if self.custom_fields:
            item["customFields"] = dict(self.custom_fields)
        return item


def histories(
    offer: Offer,
    now: datetime,
    *,
    window: tuple[datetime, datetime],
    ids: Sequence[int],
    resource_types: Sequence[str] | None = None,
    accounts: Sequence[Account] = ("first",),
    columns: Mapping[str, Sequence[Any]] | None = None,
    most_records: int = 8,
) -> SearchStrategy[list[PlannedChange]]:
    """Draw histories of up to `most_records` records, over the listed types and the accounts.

    Changes lie at the ends of the window, from 10 ms to days beside them, and anywhere else up to a minute before
    `now`; those of one record are in non-decreasing order. Records take their ids from `ids`; one id may stand for a
    record in each account and each type. `columns` names columns that hold nothing but the given values, such as
    activist codes. Empty when no type is listed or no id is given.
    """
    names = offer.resources if resource_types is None else resource_types
    resources = [offer.resources[name] for name in names if name in offer.resources]
    if not resources or not ids or not accounts or most_records < 1:
        return st.nothing()
    moments = _moments(window, on_grid(now) - SAFETY)
    lives = st.one_of([_life(one, moments, _versions(one, columns or {}), _customs(one)) for one in resources])
    keys = st.tuples(st.sampled_from(list(accounts)), st.sampled_from(list(ids)))
    return st.lists(
        st.tuples(keys, lives),
        min_size=1,
        max_size=most_records,
        unique_by=lambda one: (one[0], one[1][0].resource_type),
    ).map(_in_order)


def _in_order(records: list[tuple[tuple[Account, int], list[PlannedChange]]]) -> list[PlannedChange]:
    named = [_named(change, *key) for key, life in records for change in life]
    return sorted(named, key=lambda change: change.at)


def _named(change: PlannedChange, account: Account, identifier: int) -> PlannedChange:
    return PlannedChange(
        account, change.resource_type, identifier, change.at, change.deed, change.active,
        change.values, change.custom_fields, change.contact_mode,
    )  # fmt: skip


def _moments(window: tuple[datetime, datetime], latest: datetime) -> SearchStrategy[datetime]:
    earliest = latest - _LONGEST_LIFE
    ends = [on_grid(end) for end in window]
    beside = {end + sign * shift for end in ends for shift in _BESIDE for sign in (1, -1)}
    near = sorted(at for at in beside if earliest <= at <= latest) or [latest]
    inside = [end for end in sorted(ends) if earliest <= end <= latest]
    anywhere = st.tuples(st.integers(0, _LONGEST_LIFE.days - 1), st.integers(0, timedelta(days=1) // STEP - 1)).map(
        lambda parts: earliest + timedelta(days=parts[0]) + STEP * parts[1]
    )
    usual = st.sampled_from(near)
    return st.one_of(usual, usual, st.sampled_from(inside) if inside else usual, anywhere)


@st.composite
def _life(
    draw: st.DrawFn,
    resource: Resource,
    moments: SearchStrategy[datetime],
    versions: SearchStrategy[dict[str, Any]],
    customs: SearchStrategy[dict[str, Any]],
) -> list[PlannedChange]:
    """One record's life, without the account and the id that it will have."""
    deeds = draw(st.lists(st.sampled_from(_DEEDS), max_size=5))
    instants = sorted(draw(moments) for _ in range(len(deeds) + 1))
    active = draw(st.integers(0, 4)) > 0
    mode = draw(st.sampled_from((1, 2))) if resource.name == MAIN_TYPE else None
    values, extra = draw(versions), draw(customs)
    life = [PlannedChange("first", resource.name, 0, instants[0], "create", active, values, extra, mode)]
    for deed, at in zip(deeds, instants[1:], strict=True):
        if deed in ("deactivate", "reactivate"):
            active = deed == "reactivate"
        if deed == "move" and mode is not None:
            mode = 3 - mode
        if deed in ("change", "move"):
            values, extra = {**values, **draw(versions)}, {**extra, **draw(customs)}
        life.append(PlannedChange("first", resource.name, 0, at, deed, active, values, extra, mode))
    return life


def _versions(resource: Resource, columns: Mapping[str, Sequence[Any]]) -> SearchStrategy[dict[str, Any]]:
    """A few columns with values; the others stay as they are, or empty."""
    key = (resource.key or "").lower()
    fixed: dict[str, SearchStrategy[Any]] = {
        name: st.sampled_from(list(values))
        for name, values in columns.items()
        if values and resource.field(name) and name.lower() != key
    }
    free = {one.name: _filled(one) for one in writable(resource) if one.name not in fixed}
    if not free:
        return st.fixed_dictionaries(fixed)
    one_column = st.one_of([st.tuples(st.just(name), values) for name, values in free.items()])
    some = st.lists(one_column, min_size=1, max_size=_MOST_COLUMNS).map(dict)
    return st.tuples(some, st.fixed_dictionaries(fixed)).map(lambda both: {**both[0], **both[1]})


def _filled(column: Field) -> SearchStrategy[Any]:
    """Values of a column; a text is empty now and then, by null, or by nothing between the quotes."""
    drawn = value_for(column)
    return st.one_of(drawn, drawn, drawn, st.sampled_from((None, ""))) if column.type == "T" else drawn


def _customs(resource: Resource) -> SearchStrategy[dict[str, Any]]:
    if not resource.custom_fields:
        return st.just({})
    names = st.sampled_from([str(identifier) for identifier in resource.custom_fields])
    return st.dictionaries(names, texts(_LONGEST_CUSTOM), max_size=2)


def pack(changes: Iterable[PlannedChange], account: Account = "first") -> list[dict[str, Any]]:
    """Write an account's changes as bodies of the control API's call, in order and within what a call takes.

    Changes of one resource type go together; each record's stay in their order.
    """
    by_type: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        if change.account == account:
            by_type.setdefault(change.resource_type, []).append(change.item())
    return [body for name, items in by_type.items() for body in _calls(name, items)]


def _calls(resource_type: str, items: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    around = len(json.dumps({"resourceType": resource_type, "changes": []}))
    call: list[dict[str, Any]] = []
    size = around
    for item in items:
        # The larger of the two ways to write what is not ASCII, and a comma with a space.
        room = max(len(json.dumps(item)), len(json.dumps(item, ensure_ascii=False).encode())) + 2
        if call and (len(call) == MOST_CHANGES or size + room > MOST_BYTES):
            yield {"resourceType": resource_type, "changes": call}
            call, size = [], around
        call.append(item)
        size += room
    if call:
        yield {"resourceType": resource_type, "changes": call}
