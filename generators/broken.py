"""Requests with exactly one thing broken: any conforming target refuses each of them, and creates nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import INT32_MAX, MAX_LIMIT_KB, MIN_LIMIT_KB
from .cases import FUTURE_SURE, Case, first_of_each_rule, full_body, in_turn, plain_body
from .stamps import STEP, on_grid, write_stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..spec.offer import Offer, Resource

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Whoever counts whole days takes what is 90 of them and a part of one; the hour is for clocks that differ.
_TOO_OLD = 91 * _DAY + _HOUR
_ABSENT = object()

Change = dict[str, Any]
Breakage = tuple[str, str, Change]
"""The rule that is broken without its family, how a user would say it, and the properties that break it."""


def invalid_requests(offer: Offer, now: datetime, *, per_rule: int | None = None) -> list[Case]:
    """Every case, at most `per_rule` of each rule, the most telling first; always the same for the same arguments.

    Each is a valid body with one thing broken, alone: a bound that is tried in a body which is refused for another
    reason proves nothing. Of each rule the first case is about the main type, the others go round the types.
    """
    now = on_grid(now)
    # Ends in the near future come first: they are the only ones that grow old while the others are sent.
    breakages = [*_future(now), *_starts(now), *_ends(now), *_types(offer), *_limits()]
    cases: list[Case] = []
    turns: dict[str, Iterator[Resource]] = {}
    for rule, label, change in breakages:
        resource = next(turns.setdefault(rule, in_turn(offer)))
        body = _changed((plain_body if len(cases) % 3 else full_body)(resource, now), change)
        cases.append(Case(f"{label}, for {resource.name}", f"validation/{rule}", body))
    return first_of_each_rule([*cases, *_bodies(offer, now)], per_rule)


def _changed(body: dict[str, Any], change: Change) -> dict[str, Any]:
    return {name: value for name, value in {**body, **change}.items() if value is not _ABSENT}


def _future(now: datetime) -> Iterator[Breakage]:
    rule = "to-not-in-future"
    ahead = FUTURE_SURE + _MINUTE
    yield rule, "a dateChangedTo 6 minutes ahead", {"dateChangedTo": write_stamp(now + ahead, digits=2)}
    yield rule, "a dateChangedTo an hour ahead", {"dateChangedTo": write_stamp(now + _HOUR, digits=2)}
    text = write_stamp(now + _HOUR, -660, 2)
    yield rule, "a dateChangedTo an hour ahead, whose text in offset -11:00 looks past", {"dateChangedTo": text}
    yield rule, "a dateChangedTo 30 days ahead", {"dateChangedTo": write_stamp(now + 30 * _DAY, digits=0)}
    last_year = datetime(9999, 12, 30, tzinfo=UTC)
    yield rule, "a dateChangedTo in the year 9999", {"dateChangedTo": write_stamp(last_year, digits=0)}


def _starts(now: datetime) -> Iterator[Breakage]:
    yield "from-required", "no dateChangedFrom", {"dateChangedFrom": _ABSENT}
    yield "from-required", "no dateChangedFrom and no dateChangedTo", {
        "dateChangedFrom": _ABSENT, "dateChangedTo": _ABSENT,
    }  # fmt: skip
    yield "from-required", "a dateChangedFrom of null", {"dateChangedFrom": None}
    # Without an end, so that whoever puts a start of its own in finds nothing amiss with the order.
    yield "from-required", "a dateChangedFrom of null and no dateChangedTo", {
        "dateChangedFrom": None, "dateChangedTo": _ABSENT,
    }  # fmt: skip
    for text in ("yesterday", "", f"{now:%Y}-13-45T00:00:00Z", "not-a-date"):
        yield "from-readable", f"a dateChangedFrom of {json.dumps(text)}", {"dateChangedFrom": text}
    # Without an end, so that nothing else is amiss for a reader that has a default, or lets hours and days roll over.
    yield "from-readable", 'a dateChangedFrom of "" and no dateChangedTo', {
        "dateChangedFrom": "", "dateChangedTo": _ABSENT,
    }  # fmt: skip
    text = f"{now - 2 * _DAY:%Y-%m-%d}T25:61:00Z"
    yield "from-readable", f"a dateChangedFrom of {text}", {"dateChangedFrom": text, "dateChangedTo": _ABSENT}
    if (no_day := _no_such_day(now)) is not None:
        change: Change = {"dateChangedFrom": no_day, "dateChangedTo": _ABSENT}
        yield "from-readable", f"a dateChangedFrom of {no_day}, which no calendar has", change
    for label, text in (
        ("91 days and an hour ago", write_stamp(now - _TOO_OLD, digits=2)),
        ("a year ago", write_stamp(now - 365 * _DAY, digits=2)),
        ("92 days ago, in offset +14:00", write_stamp(now - 92 * _DAY, 840, 2)),
        ("120 days ago", write_stamp(now - 120 * _DAY, digits=0)),
        ("91 days and an hour ago, in offset -08:00", write_stamp(now - _TOO_OLD, -480, 2)),
        ("in the year 1900", "1900-01-01T00:00:00Z"),
    ):
        yield "from-within-90-days", f"a dateChangedFrom {label}", {"dateChangedFrom": text}
    yield "from-within-90-days", "a dateChangedFrom 91 days and an hour ago, without dateChangedTo", {
        "dateChangedFrom": write_stamp(now - _TOO_OLD, digits=2), "dateChangedTo": _ABSENT,
    }  # fmt: skip


def _no_such_day(now: datetime) -> str | None:
    """The 31st of a month of 30 days (or the 30th of February) that a lenient reader would find in the last 80 days."""
    for age in range(3, 80):
        first = now - age * _DAY
        last = (first - _DAY).day
        if first.day == 1 and last < 31:
            return f"{first - _DAY:%Y-%m}-{max(last + 1, 30):02}T00:00:00Z"
    return None


def _ends(now: datetime) -> Iterator[Breakage]:
    for text in ("not-a-date", f"{now:%Y}-13-45", "", f"{now:%Y}-13-45T00:00:00Z", "later"):
        yield "to-readable", f"a dateChangedTo of {json.dumps(text)}", {"dateChangedTo": text}
    start = now - 2 * _DAY
    if (no_day := _no_such_day(now)) is not None:
        change: Change = {"dateChangedFrom": write_stamp(now - 88 * _DAY, digits=2), "dateChangedTo": no_day}
        yield "to-readable", f"a dateChangedTo of {no_day}, which no calendar has", change

    def window(label: str, last: str, first: str | None = None) -> Breakage:
        change = {"dateChangedFrom": first or write_stamp(start, digits=2), "dateChangedTo": last}
        return "to-after-from", f"a dateChangedTo {label}", change

    yield window("equal to dateChangedFrom", write_stamp(start, digits=2))
    yield window("a day before dateChangedFrom", write_stamp(start - _DAY, digits=2))
    yield window("that is the same instant in offset +05:30", write_stamp(start, 330, 2))
    yield window("10 ms before dateChangedFrom", write_stamp(start - STEP, digits=2))
    yield window("that is earlier, though its text sorts later", write_stamp(start - _HOUR, 600, 2),
                 write_stamp(start, -600, 2))  # fmt: skip
    yield window("that is the same instant without a fraction",
                 write_stamp(start.replace(microsecond=0), digits=0),
                 write_stamp(start.replace(microsecond=0), digits=2))  # fmt: skip
    yield window("more than 90 days ago", write_stamp(now - 100 * _DAY, digits=2))


def _types(offer: Offer) -> Iterator[Breakage]:
    yield "resource-type-required", "no resourceType", {"resourceType": _ABSENT}
    yield "resource-type-required", "a resourceType of null", {"resourceType": None}
    listed = next(iter(offer.resources), "Contacts")
    for text in ("NoSuchType", "", f"{listed}X", "__proto__", "../resources"):
        if text not in offer.resources and text not in offer.unasked:
            yield "resource-type-known", f"a resourceType of {json.dumps(text)}", {"resourceType": text}
    yield "resource-type-known", "a resourceType of 300 letters", {"resourceType": "Contacts" + "s" * 292}


def _limits() -> Iterator[Breakage]:
    for limit in (MIN_LIMIT_KB - 1, 0, 1, -1, -40_000):
        yield "limit-minimum", f"a fileSizeKbLimit of {limit}", {"fileSizeKbLimit": limit}
    for limit in (MAX_LIMIT_KB + 1, 1_000_000, INT32_MAX):
        yield "limit-maximum", f"a fileSizeKbLimit of {limit}", {"fileSizeKbLimit": limit}


def _bodies(offer: Offer, now: datetime) -> Iterator[Case]:
    """Bodies that are no JSON, and JSON that is no object."""
    turns = in_turn(offer)
    rule = "validation/json-well-formed"
    # Single quotes and comments are left to the oddities: some readers of JSON take them on purpose.
    spoils: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("that stops in the middle", lambda text: text[: len(text) // 2]),
        ("without its last brace", lambda text: text[:-1]),
        ("of no bytes", lambda _: ""),
        ("that is XML", lambda _: "<job><resourceType>Contacts</resourceType></job>"),
        ("that goes on after its end", lambda text: f"{text} and more"),
        ("that stops in a name", lambda _: '{"dateCh'),
    )
    for label, spoil in spoils:
        text = json.dumps(plain_body(next(turns), now))
        yield Case(f"a body {label}", rule, raw=spoil(text).encode())
    rule = "validation/body-is-object"
    whole = json.dumps([plain_body(next(turns), now)])
    for label, text in (
        ("an array", "[]"), ("null", "null"), ("a text", '"Contacts"'), ("a number", "17"), ("true", "true"),
        ("an array that holds a valid body", whole),
    ):  # fmt: skip
        yield Case(f"a body that is {label}", rule, raw=text.encode())
