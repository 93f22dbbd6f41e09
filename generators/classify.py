"""What the catalogue says of a creation body: valid, broken in exactly one known way, or odd.

Odd is everything that the documentation leaves open, everything near an edge, and whatever is broken twice. It is
also the answer to every doubt: only a body that is surely valid, or surely broken, is ever held against a target.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import INT32_MAX, MAX_LIMIT_KB, MIN_LIMIT_KB, parse_instant
from .cases import FUTURE_SURE, OLDEST_SURE, SAFETY, YOUNGEST_REFUSED
from .stamps import STEP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ..spec.offer import Offer, Resource

VALID, ODD = "valid", "odd"
MOST_IDS = 1_000
"""More ids than this in one array are odd: somebody may well have a limit."""
MOST_BYTES = 100_000

# The documented grammar has hundredths of a second, and whole seconds are those without any (dateChangedFrom.1).
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d\d)?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
_SHAPE = re.compile(r"\d{4}-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d))?", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
_EARLIEST_YEAR = 1900


class _OddError(Exception):
    """The body cannot be judged."""


@dataclass
class _Judged:
    """What was found so far: the rules that a body breaks, and the instants that it names."""

    offer: Offer
    now: datetime
    broken: list[str] = field(default_factory=list)
    resource: Resource | None = None
    start: datetime | None = None


def classify(body: object, offer: Offer, now: datetime) -> str:
    """Return "valid", "invalid:" with the id of the one rule that a body breaks, or "odd".

    `body` is a JSON value, as json.loads returns it; `now` is the target's present.
    """
    try:
        return _classify(body, offer, now)
    except _OddError:
        return ODD


def classify_bytes(raw: bytes, offer: Offer, now: datetime) -> str:
    """Judge the bytes of a body that is sent as application/json, as `classify` does its value."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ODD
    # Readers differ over a byte order mark, over numbers that JSON lacks and over names that come twice, and some
    # stop at a NUL or at a depth.
    if len(raw) > MOST_BYTES or "\0" in text or text.startswith("\ufeff"):
        return ODD
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError:
        return "invalid:validation/json-well-formed" if _is_hopeless(text) else ODD
    except (_OddError, RecursionError, ValueError):
        return ODD
    return classify(value, offer, now)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OddError
    return found


def _refuse(name: str) -> Any:  # noqa: ANN401 - it never returns
    raise _OddError(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _OddError
    return number


def _is_hopeless(text: str) -> bool:
    """Tell whether even a lenient reader (comments, single quotes, text after the value) has to give up."""
    bare = _STRING.sub("", text).strip()
    if not text.strip() or text.lstrip().startswith("<"):
        return True
    try:
        _, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        pass
    else:
        return text.lstrip()[end:].lstrip()[:1].isalpha()
    opened, closed = (sum(map(bare.count, brackets)) for brackets in ("{[", "}]"))
    return bare[:1] in ("{", "[") and opened > closed and "'" not in bare and "/" not in bare


def _classify(body: object, offer: Offer, now: datetime) -> str:
    if not isinstance(body, dict):
        return "invalid:validation/body-is-object"
    if unknown := set(body) - {name for name, _ in _CHECKS}:
        raise _OddError(unknown)
    judged = _Judged(offer, now)
    for name, check in _CHECKS:
        if name in body and body[name] is None and name not in _REQUIRED:
            raise _OddError(name)
        if name in body or name in _REQUIRED:
            check(judged, body.get(name))
    if len(judged.broken) > 1:
        raise _OddError
    return f"invalid:validation/{judged.broken[0]}" if judged.broken else VALID


def _type(judged: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    if value is None:
        judged.broken.append("resource-type-required")
        return
    _demand(isinstance(value, str))
    judged.resource = judged.offer.resources.get(value)
    if judged.resource is not None:
        return
    # Without regard to case, or to blanks around it, the name may be one that the target takes.
    names = {name.casefold() for name in (*judged.offer.resources, *judged.offer.unasked)}
    _demand(value.strip().casefold() not in names and _is_plain(value) and len(value) <= 1_000)
    judged.broken.append("resource-type-known")


def _start(judged: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    if value is None:
        judged.broken.append("from-required")
        return
    _demand(isinstance(value, str))
    if value == "" or is_unreadable(value):
        judged.broken.append("from-readable")
        return
    judged.start = _instant(value)
    age = judged.now - judged.start
    if age >= YOUNGEST_REFUSED:
        judged.broken.append("from-within-90-days")
        return
    _demand(SAFETY <= age <= OLDEST_SURE)


def _end(judged: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    _demand(isinstance(value, str))
    if value == "" or is_unreadable(value):
        judged.broken.append("to-readable")
        return
    end = _instant(value)
    if judged.start is not None and end <= judged.start:
        judged.broken.append("to-after-from")
    if end - judged.now > FUTURE_SURE:
        judged.broken.append("to-not-in-future")
        return
    _demand(judged.now - end >= SAFETY)


def _limit(judged: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    _demand(_is_whole(value) and -INT32_MAX <= value <= INT32_MAX)
    if value < MIN_LIMIT_KB:
        judged.broken.append("limit-minimum")
    elif value > MAX_LIMIT_KB:
        judged.broken.append("limit-maximum")


def _switch(_: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    _demand(isinstance(value, bool))


def _mode(_: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    _demand(_is_whole(value) and value in (1, 2, 3))


def _numbers(_: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    _demand(isinstance(value, list) and 1 <= len(value) <= MOST_IDS)
    _demand(all(_is_whole(item) and 1 <= item <= INT32_MAX for item in value) and len(set(value)) == len(value))


def _fields(judged: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    _demand(isinstance(value, list) and all(isinstance(item, str) for item in value))
    if judged.resource is not None:
        _among(value, (field.name for field in judged.resource.extra))


def _customs(judged: _Judged, value: Any) -> None:  # noqa: ANN401 - any JSON value
    _demand(isinstance(value, list) and all(_is_whole(item) for item in value))
    if judged.resource is not None:
        _among(value, judged.resource.custom_fields)


# In this order: the end is compared with the start, and fields are looked up in the type.
_CHECKS: tuple[tuple[str, Callable[[_Judged, Any], None]], ...] = (
    ("resourceType", _type),
    ("dateChangedFrom", _start),
    ("dateChangedTo", _end),
    ("fileSizeKbLimit", _limit),
    ("includeInactive", _switch),
    ("contactMode", _mode),
    ("requestedIds", _numbers),
    ("requestedActivistCodeIds", _numbers),
    ("requestedFields", _fields),
    ("requestedCustomFieldIds", _customs),
)
_REQUIRED = frozenset({"resourceType", "dateChangedFrom"})


def _demand(holds: bool) -> None:  # noqa: FBT001 - it reads as a sentence
    if not holds:
        raise _OddError


def _among(value: list[Any], known: Iterable[Any]) -> None:
    """There are items, each is one of those that the target lists, and none comes twice."""
    _demand(bool(value) and set(value) <= set(known) and len(set(value)) == len(value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_plain(text: str) -> bool:
    return all(character.isprintable() for character in text)


def is_unreadable(text: str) -> bool:
    """Tell whether a text is surely no timestamp to anyone: no digit in it at all, or numbers beyond any calendar.

    An empty text is not asked about here.
    """
    if not text.strip() or not _is_plain(text):
        return False
    if not any(character.isnumeric() for character in text):
        return True
    match = _SHAPE.fullmatch(text)
    if match is None:
        return False
    month, day, hour, minute, _ = (int(number or 0) for number in match.groups())
    if 1 <= month <= 12 and day > monthrange(int(text[:4]) or 4, month)[1]:
        return True
    return day > 31 or (month > 12 and day > 12) or hour > 24 or minute > 59


def _instant(text: str) -> datetime:
    """Read a timestamp that every target has to read; any other is odd."""
    match = _STAMP.fullmatch(text)
    if match is None:
        raise _OddError
    try:
        instant = parse_instant(text)
    except (ValueError, OverflowError):
        raise _OddError from None
    sign, hours, minutes = match.groups(default="0")
    shift = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    _demand(_WEST <= shift <= _EAST and int(minutes) <= 59 and not (sign == "-" and not shift))
    _demand(instant.microsecond % (STEP // timedelta(microseconds=1)) == 0)
    _demand(int(text[:4]) >= _EARLIEST_YEAR)
    return instant
