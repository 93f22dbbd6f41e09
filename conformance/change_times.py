"""When records changed, as far as exports tell: by the windows that hold them, and by stamps in their columns.

What was changed once in a window that is past stays so, whatever others do to the records meanwhile. So every
row says "changed within this window", every absence from an export of all records says "not changed within it", and
together they must make sense (window.1, window.2). No reading of the window's ends matters: where windows touch,
the instant between them belongs to one of them at least.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from ..spec.offer import parse_instant
from .sightings import CLOCKS_APART, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from .sightings import Look

Kind = Literal["window", "changed", "created"]
Bound = Literal["changed", "created"]
_CREATED = re.compile(r"(date_?)?created(_?(on|date|at))?|creationdate", re.IGNORECASE)
_CHANGED = re.compile(r"(date_?)?(last_?)?(updated|modified|changed)(_?(on|date|at))?", re.IGNORECASE)
_FRACTION = re.compile(r"\d\d:\d\d:\d\d\.(\d+)")
_TOLERANCE = timedelta(milliseconds=5)
_ENOUGH_ROWS, _ENOUGH_ALIKE = 20, 5
_AGES = timedelta(days=365)
# The share of a window's rows above which it is the window that is wrong. A record may well change without its last
# change moving, as some targets keep it; that it changed before it was created is beyond all custom.
_MANY: Mapping[Bound, float] = {"created": 0.1, "changed": 0.5}
_SPREAD, _BESIDE = timedelta(hours=25), timedelta(seconds=2)


@dataclass(frozen=True)
class Span:
    """A stretch of time, both ends included, and how it is known: by a look's window, or by a stamp it showed."""

    start: datetime
    end: datetime
    look: Look
    kind: Kind = "window"

    def holds(self, other: Span) -> bool:
        """Tell whether the other lies within."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Stamps:
    """When a record was created and last changed, by its own columns as one look showed them."""

    look: Look
    created: datetime | None
    changed: datetime | None


@dataclass(frozen=True)
class Stamped:
    """What the stamps of one resource type are worth. `tolerance` is how far a stamp may be from the change.

    `created`, `changed`: such a stamp is an instant at which the record changed. `first`: it did not before its
    creation; `last`: it did not since its last change.
    """

    stamps: Mapping[int, tuple[Stamps, ...]]
    created: bool = False
    changed: bool = False
    first: bool = False
    last: bool = False
    tolerance: timedelta = timedelta(0)


def stamp_columns(names: Iterable[str]) -> tuple[str | None, str | None]:
    """The columns, by name, that tell when a record was created and when it last changed (requestedFields.1)."""
    known = list(names)
    created = next((name for name in known if _CREATED.fullmatch(name)), None)
    changed = next((name for name in known if _CHANGED.fullmatch(name)), None)
    return created, changed


@lru_cache(maxsize=50_000)
def read_stamp(cell: str) -> datetime | None:
    """An instant with a time of day and an offset; None for anything else, which is too vague to hold on to."""
    try:
        return parse_instant(cell.strip().replace(" ", "T", 1))
    except ValueError:
        return None


def stamped(looks: Sequence[Look]) -> Stamped:
    """Read the stamps of a resource type, and find out what they are worth by how they fit each other and the windows.

    A column that only happens to be called so fits neither: of records that changed once, both stamps are the same,
    and none was created after it changed.
    """
    found: dict[int, list[Stamps]] = defaultdict(list)
    digits = 0
    for look in looks:
        for identifier, texts in _stamp_cells(look):
            instants = [read_stamp(text) for text in texts]
            if any(instants):
                found[identifier].append(Stamps(look, *instants))
                digits = max([digits, *(len(match[1]) for text in texts if (match := _FRACTION.search(text)))])
    # A target may show finer stamps than it keeps windows apart by: its grammar of instants has hundredths.
    step = timedelta(seconds=1) / 10 ** min(digits, 2)
    tolerance = step + _TOLERANCE
    latest = {identifier: stamps[-1] for identifier, stamps in found.items()}
    paired = _paired(latest.values(), tolerance)
    by_look: dict[int, list[datetime]] = defaultdict(list)
    for stamps in found.values():
        for each in stamps:
            if each.changed is not None:
                by_look[id(each.look)].append(each.changed)
    changes = [(look, by_look[id(look)]) for look in looks if id(look) in by_look]
    changed = paired or _fits_windows(changes, tolerance)
    first = paired and _bound(looks, found, tolerance, by="created")
    last = changed and _bound(looks, found, tolerance, by="changed")
    return Stamped({k: tuple(v) for k, v in found.items()}, paired, changed, first, last, tolerance)


def _stamp_cells(look: Look) -> Iterator[tuple[int, tuple[str, str]]]:
    """The cells of both stamps by record; empty where there is no such column."""
    header: tuple[str, ...] = ()
    positions: list[int | None] = [None, None]
    for identifier, places in look.rows.items():
        place = places[0]
        if place.header is not header:
            header = place.header
            positions = [header.index(name) if name else None for name in stamp_columns(header)]
        if positions != [None, None]:
            created, changed = ("" if p is None or p >= len(place.cells) else place.cells[p] for p in positions)
            yield identifier, (created, changed)


def _paired(stamps: Iterable[Stamps], tolerance: timedelta) -> bool:
    """True when the two stamps of a record fit together as those of its creation and of its last change do."""
    pairs = [(each.created, each.changed) for each in stamps if each.created and each.changed]
    if len(pairs) < _ENOUGH_ROWS or any(created > changed + tolerance for created, changed in pairs):
        return False
    alike = sum(changed - created <= tolerance for created, changed in pairs)
    instants = len({created for created, _ in pairs})
    return _ENOUGH_ALIKE <= alike < len(pairs) and alike * 10 >= len(pairs) and instants * 2 > len(pairs)


def _fits_windows(changes: Sequence[tuple[Look, list[datetime]]], tolerance: timedelta) -> bool:
    """True when the last change by its stamp is never before the window, in windows that tell records apart."""
    earliest = min((min(shown) for _, shown in changes), default=None)
    starts = set()
    rows = 0
    for look, shown in changes:
        if look.request.ids is not None:
            continue
        bound = look.request.start - tolerance
        if min(shown) < bound:
            return False
        if earliest is not None and earliest < bound:
            starts.add(look.request.start)
            rows += len(shown)
    return len(starts) >= 2 and rows >= 2 * _ENOUGH_ROWS


def _bound(looks: Sequence[Look], found: Mapping[int, Sequence[Stamps]], tolerance: timedelta, *, by: Bound) -> bool:
    """True when the windows of all records fit stamps as the first, or the last, of a record's changes.

    Rows that changed last before the window, or were created after it, deny it; unless in some window they are so many
    of the rows, or in each are several that stand close to it, or stand right beside it: then the windows are wrong.
    """
    fits = {_fit(look, found, tolerance, by=by) for look in looks if look.shows_all and look.rows}
    return "many" in fits or "denied" not in fits


def _fit(
    look: Look, found: Mapping[int, Sequence[Stamps]], tolerance: timedelta, *, by: Bound
) -> Literal["well", "many", "denied"]:
    own = [each for i in look.rows for each in found.get(i, ()) if each.look is look]
    if by == "changed":
        away = [look.request.start - each.changed for each in own if each.changed is not None]
    else:
        end = look.request.end or look.ended + CLOCKS_APART
        away = [each.created - end for each in own if each.created is not None]
    outside = [distance for distance in away if distance > tolerance]
    if len(outside) >= max(len(away) * _MANY[by], _ENOUGH_ALIKE):
        return "many"
    beside = all(distance <= _BESIDE for distance in outside)
    close = all(distance <= _SPREAD for distance in outside) and len(outside) >= _ENOUGH_ALIKE - 1
    return "well" if beside or close else "denied"


class ChangeTimes:
    """The change times of the records of one account and resource type, by all of its looks."""

    def __init__(self, looks: Sequence[Look]) -> None:
        """Gather what the looks tell."""
        self.looks = looks
        self.stamped = stamped(looks)
        self._complete = [look for look in looks if look.shows_all and look.whole]
        self._since: dict[int, datetime] = {}
        self._last_seen: dict[int, datetime] = {}
        for look in looks:
            for identifier in look.rows:
                self._last_seen[identifier] = max(look.began, self._last_seen.get(identifier, look.began))

    @property
    def ids(self) -> Iterable[int]:
        """Every record that any look showed."""
        return self._last_seen

    def exists_after(self, identifier: int, look: Look) -> bool:
        """True when the record was seen in a job created after this look was over, and so was not taken away."""
        return self._last_seen[identifier] > look.ended

    def exists_before(self, identifier: int, look: Look) -> bool:
        """True when the record surely was there before this look began: others may create records during the run."""
        return self._first_known(identifier) <= look.began

    def _first_known(self, identifier: int) -> datetime:
        """The earliest instant, by the suite's clock, at which the record is known to have been there."""
        if identifier not in self._since:
            seen = [look.ended for look in self.looks if identifier in look.rows]
            changed = [span.end + CLOCKS_APART for span in self.changed(identifier)]
            self._since[identifier] = min(seen + changed)
        return self._since[identifier]

    def changed(self, identifier: int) -> Iterator[Span]:
        """Stretches of time in each of which the record changed at least once."""
        for look in self.looks:
            if identifier in look.rows and look.own(identifier):
                start, end = look.request.start, look.request.end or look.ended + CLOCKS_APART
                yield Span(start, end, look)
        seen = set()
        for stamps in self.stamped.stamps.get(identifier, ()):
            wanted: tuple[tuple[Kind, bool, datetime | None], ...] = (
                ("changed", self.stamped.changed, stamps.changed),
                ("created", self.stamped.created, stamps.created),
            )
            for kind, trusted, instant in wanted:
                if trusted and instant is not None and (kind, instant) not in seen:
                    seen.add((kind, instant))
                    yield Span(instant - self.stamped.tolerance, instant + self.stamped.tolerance, stamps.look, kind)

    def unchanged(self, identifier: int) -> Iterator[Span]:
        """Stretches of time in which the record did not change, if every look is right."""
        for look in self._complete:
            if identifier not in look.rows and self.exists_after(identifier, look):
                start, end = look.window
                if start < end:
                    yield Span(start, end, look)
        if self.stamped.first:
            for stamps in self.stamped.stamps.get(identifier, ())[:1]:
                if stamps.created is not None:
                    until = stamps.created - self.stamped.tolerance
                    yield Span(until - _AGES, until, stamps.look, "created")
        if self.stamped.last:
            for stamps in self.stamped.stamps.get(identifier, ()):
                if stamps.changed is not None:
                    since, until = stamps.changed + self.stamped.tolerance, stamps.look.began - CLOCKS_APART
                    if since < until:
                        yield Span(since, until, stamps.look, "changed")

    def contradictions(self) -> Iterator[tuple[int, Span, tuple[Span, ...]]]:
        """Each record that must have changed within a span in which it did not: that span, and those that deny it.

        One a record: the contradiction between the two requests that are most alike.
        """
        for identifier in self.ids:
            denied = sorted(self.unchanged(identifier), key=lambda span: span.start)
            gaps = _merged(denied)
            found = [
                (span, cover)
                for span in (self.changed(identifier) if gaps else ())
                if any(start <= span.start and span.end <= end for start, end in gaps)
                and (cover := _cover(span, denied)) is not None
            ]
            if found:
                yield identifier, *min(found, key=_unlikeness)


def _merged(spans: Sequence[Span]) -> list[tuple[datetime, datetime]]:
    """The stretches that spans, sorted by their starts, make up together; those that touch are one."""
    merged: list[tuple[datetime, datetime]] = []
    for span in spans:
        if merged and span.start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], span.end)
        else:
            merged.append((span.start, span.end))
    return merged


def _cover(span: Span, denied: Sequence[Span]) -> tuple[Span, ...] | None:
    """The fewest of the spans, in order, that together leave no gap in this one; None if they do."""
    alone = [each for each in denied if each.holds(span)]
    if alone:
        return (min(alone, key=lambda each: _unlikeness((span, (each,)))),)
    chosen: list[Span] = []
    reached = span.start
    while True:
        fitting = [each for each in denied if each.start <= reached < each.end]
        if not fitting:
            return None
        chosen.append(max(fitting, key=lambda each: each.end))
        reached = chosen[-1].end
        if reached >= span.end:
            return tuple(chosen)


def _unlikeness(found: tuple[Span, tuple[Span, ...]]) -> tuple[int, int, int]:
    span, cover = found
    by_stamp = sum(each.kind != "window" for each in (span, *cover))
    return len(cover), by_stamp, sum(len(differences(span.look, each.look)) for each in cover)
