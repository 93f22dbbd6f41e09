"""What a creation tells back, compared with what was sent by its meaning (facts, section 1.2).

A comparison is True or False, or None where nothing can be told: the property is absent or null, or its type is
not the documented one, which the schema family judges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import DEFAULT_LIMIT_KB
from .membership import CODES_TYPE
from .target_clock import instant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from ..spec.offer import Resource

STEP = timedelta(milliseconds=10)
"""Instants that differ by less are the same: the documented grammar writes hundredths of a second."""

_CONTACTS, _EVERYBODY = "Contacts", 3
_WITHOUT_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?))?", re.ASCII)
_QUARTER, _FARTHEST_OFFSET = timedelta(minutes=15), timedelta(hours=14)
_LONGEST_NUMBER = 20


@dataclass(frozen=True)
class Terms:
    """What is known beside the request: its type, and which ids and activist codes the account surely has.

    `casing_matters`: the target was seen to refuse a resource type in other letter case than it lists.
    """

    resource: Resource
    ids: frozenset[int] = frozenset()
    codes: frozenset[int] = frozenset()
    casing_matters: bool = False


def same_instant(sent: datetime, told: object) -> bool | None:
    """Tell whether a text means that instant.

    One without an offset may be meant in any, so it is untrue only when no offset on earth makes it right.
    """
    instant = instant_of(told)
    if instant is not None:
        return abs(instant - sent) < STEP
    match = _WITHOUT_OFFSET.fullmatch(told.strip()) if isinstance(told, str) else None
    local = instant_of(f"{match[1]}T{match[2] or '00:00:00'}Z") if match else None
    if local is None:
        return None
    offset = abs(sent - local)
    beside = offset % _QUARTER
    fits = min(beside, _QUARTER - beside) < STEP and offset < _FARTHEST_OFFSET + STEP
    return None if fits else False


def compared(body: Mapping[str, Any], answer: Mapping[str, Any], terms: Terms) -> Iterator[tuple[str, bool]]:
    """Each property that the answer tells, with whether it means what was sent.

    A property that was not sent counts as its default. What the server sets itself (an end that was left out) and
    what the documentation does not know are not compared.
    """
    for name, same in _COMPARISONS.items():
        told = answer.get(name)
        true = None if told is None else same(body.get(name), told, terms)
        if true is not None:
            yield name, true


def due(body: Mapping[str, Any], terms: Terms) -> tuple[str, ...]:
    """The names of the properties that were sent and surely take effect, so that the answer should tell them."""
    resource = terms.resource
    extra = {field.name.casefold() for field in resource.extra}
    effects = {
        "dateChangedTo": body.get("dateChangedTo") is not None,
        "requestedIds": bool(terms.ids & _numbers(body.get("requestedIds"))),
        "requestedFields": bool(extra & _names(body.get("requestedFields"))),
        "requestedCustomFieldIds": bool(set(resource.custom_fields) & _numbers(body.get("requestedCustomFieldIds"))),
        "fileSizeKbLimit": body.get("fileSizeKbLimit") not in (None, DEFAULT_LIMIT_KB),
        "includeInactive": body.get("includeInactive") is True,
        "contactMode": resource.name == _CONTACTS and body.get("contactMode") in (1, 2),
        "requestedActivistCodeIds": resource.name == CODES_TYPE and bool(body.get("requestedActivistCodeIds")),
    }
    return ("resourceType", "dateChangedFrom", *(name for name, taken in effects.items() if taken))


def _instant(sent: Any, told: Any, _: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    instant = instant_of(sent)
    return None if instant is None else same_instant(instant, told)


def _type(sent: Any, told: Any, terms: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    if not isinstance(told, str) or not isinstance(sent, str):
        return None
    return told == sent or (told.casefold() == sent.casefold() and not terms.casing_matters)


def _limit(sent: Any, told: Any, _: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    number = _number(told)
    # A server may write 0 for what nobody gave.
    return None if number is None else number in ((DEFAULT_LIMIT_KB, 0) if sent is None else (sent,))


def _mode(sent: Any, told: Any, terms: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    number = _number(told)
    # For other types than Contacts the mode may be ignored, and then both kinds are what holds.
    free = sent is None or terms.resource.name != _CONTACTS
    return None if number is None else number == sent or (free and number in (_EVERYBODY, 0))


def _switch(sent: Any, told: Any, _: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    if isinstance(told, str):
        told = {"true": True, "false": False}.get(told.strip().lower())
    return None if not isinstance(told, bool) else told == bool(sent)


def _ids(sent: Any, told: Any, terms: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    return _number_sets(sent, told, terms.ids)


def _customs(sent: Any, told: Any, terms: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    return _number_sets(sent, told, terms.resource.custom_fields)


def _codes(sent: Any, told: Any, terms: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    return _number_sets(sent, told, terms.codes if terms.resource.name == CODES_TYPE else ())


def _number_sets(sent: Any, told: Any, known: Iterable[int]) -> bool | None:  # noqa: ANN401 - any JSON value
    """Nothing is told that was not sent, and nothing known is left out. What is unknown may be left out."""
    items = _items(told)
    numbers = [_number(item) for item in items] if items is not None else [None]
    if None in numbers:
        return None
    asked = _numbers(sent)
    return asked & set(known) <= set(numbers) <= asked


def _fields(sent: Any, told: Any, terms: Terms) -> bool | None:  # noqa: ANN401 - any JSON value
    """The same of names; core fields come in any case, so they may be told or not whether or not they were sent."""
    items = _items(told)
    if items is None or not all(isinstance(item, str) for item in items) or not terms.resource.fields:
        return None
    names, asked = _names(items), _names(sent)
    core = {field.name.casefold() for field in terms.resource.core}
    extra = {field.name.casefold() for field in terms.resource.extra}
    return asked & extra <= names <= asked | core


_COMPARISONS: Mapping[str, Callable[[Any, Any, Terms], bool | None]] = {
    "resourceType": _type,
    "dateChangedFrom": _instant,
    "dateChangedTo": _instant,
    "requestedIds": _ids,
    "requestedFields": _fields,
    "requestedCustomFieldIds": _customs,
    "fileSizeKbLimit": _limit,
    "includeInactive": _switch,
    "contactMode": _mode,
    "requestedActivistCodeIds": _codes,
}
PROPERTIES = frozenset(_COMPARISONS)
"""The names that the documentation gives to what a request says."""


def _items(value: object) -> list[Any] | None:
    """The items of an array, or of a text that joins them with commas; None for anything else."""
    if isinstance(value, str):
        return [item for item in value.split(",") if item.strip()]
    return value if isinstance(value, list) else None


def _number(value: object) -> int | None:
    """A whole number, however it is written."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value) if isinstance(value, str) and len(value) <= _LONGEST_NUMBER else value
    except ValueError:
        return None
    return int(number) if isinstance(number, float) and number.is_integer() else None


def _numbers(value: object) -> set[int]:
    return {number for item in _items(value) or () if (number := _number(item)) is not None}


def _names(value: object) -> set[str]:
    return {item.strip().casefold() for item in _items(value) or () if isinstance(item, str)}
