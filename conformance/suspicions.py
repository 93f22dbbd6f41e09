"""What looks wrong between two exports of live data, and whether a change by others could be the reason.

Whether a record is active, of which mode or code, and what its columns hold, may change while a run is under way. So
what two requests say differently of one record is a suspicion; it is settled when both were asked again, in turns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .cells import damage, same
from .membership import CODE_COLUMN, CODES_TYPE
from .sightings import differences, interleaved, switches
from .versions import CustomColumns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .change_times import ChangeTimes
    from .data import Place
    from .sightings import Look

_CHANGE_TYPE = re.compile(r"change_?type", re.IGNORECASE)


@dataclass(frozen=True)
class Suspicion:
    """One record of which looks of one request say something, and looks of another request deny it.

    `premises` are the former and `breaches` the latter; the rule is the one that the latter would break.
    """

    rule: str
    id: int
    premises: tuple[Look, ...]
    breaches: tuple[Look, ...]
    told: str
    expected: str
    received: str

    @property
    def settled(self) -> bool:
        """True when no change by others is a likely reason."""
        return interleaved(self.premises, self.breaches)

    @property
    def odd(self) -> bool:
        """True when the record must have changed to and fro, more than once, for no rule to be broken."""
        return switches(self.premises, self.breaches) > 2


def suspicions(times: ChangeTimes) -> Iterator[Suspicion]:
    """Everything that looks wrong between the looks of one account and resource type."""
    held = Held(times)
    yield from _about_activity(times, held)
    if times.looks[0].job.resource.name == "Contacts":
        yield from _about_modes(times, held)
    if times.looks[0].job.resource.name == CODES_TYPE:
        yield from _about_codes(times, held)
    yield from _about_columns(times)


class Held:
    """Which records surely changed within which windows, worked out once a window."""

    def __init__(self, times: ChangeTimes) -> None:
        """Gather the windows and stamps of every record."""
        self._spans = {identifier: [(s.start, s.end) for s in times.changed(identifier)] for identifier in times.ids}
        self._known: dict[Any, frozenset[int]] = {}

    def by(self, look: Look) -> frozenset[int]:
        """The records that surely changed within a look's window."""
        start, end = window = look.window
        if window not in self._known:
            self._known[window] = frozenset(
                identifier
                for identifier, spans in self._spans.items()
                if any(start <= first and last <= end for first, last in spans)
            )
        return self._known[window]


def _by_body(looks: Sequence[Look]) -> Mapping[str, list[Look]]:
    found: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        found[look.body].append(look)
    return found


def _plainest(looks: Sequence[Look]) -> Look | None:
    """The look whose request has the fewest options, and the widest window among those."""
    return min(looks, key=lambda look: (len(look.job.body), look.window[0] - look.window[1]), default=None)


# --- inactive records --------------------------------------------------------------------------------


def _about_activity(times: ChangeTimes, held: Held) -> Iterator[Suspicion]:
    """Exports without inactive records must agree on which records are inactive (inactive.1, includeInactive.2)."""
    plain = [look for look in times.looks if not look.request.include_inactive and look.request.ids is None]
    base = _plainest([look for look in plain if not look.filtered and look.whole])
    if base is None:
        return
    bodies = _by_body(plain)
    bases = bodies[base.body]
    for body, looks in bodies.items():
        if body == base.body:
            continue
        for identifier in held.by(base) & _shown_or_due(looks, held):
            active = tuple(look for look in bases if identifier in look.rows)
            inactive = tuple(look for look in bases if identifier not in look.rows)
            there = tuple(look for look in looks if identifier in look.rows)
            due = not looks[0].filtered and looks[0].whole and identifier in held.by(looks[0])
            absent = tuple(look for look in looks if identifier not in look.rows) if due else ()
            if inactive and there:
                rule = _activity_rule(base, looks[0], there=True)
                told = f"is left out of {inactive[0].job.name}, whose window it changed in, and so is inactive"
                yield Suspicion(rule, identifier, inactive, there, told, "no row", "a row")
            if active and absent:
                rule = _activity_rule(base, looks[0], there=False)
                told = f"is in {active[0].job.name}, and so is active, and it changed in this window too"
                yield Suspicion(rule, identifier, active, absent, told, "one row", "no row")


def _shown_or_due(looks: Sequence[Look], held: Held) -> frozenset[int]:
    shown = frozenset(identifier for look in looks for identifier in look.rows)
    return shown if looks[0].filtered else shown | held.by(looks[0])


def _activity_rule(base: Look, look: Look, *, there: bool) -> str:
    differing = differences(base, look) - {"offsets", "fractions", "requestedFields"}
    if differing <= {"window"}:
        return "inactive/by-current-state"
    if there:
        return "inactive/left-out"
    return "split/each-once" if len(look.job.files) > 1 else "window/complete"


# --- contact modes -----------------------------------------------------------------------------------


def _about_modes(times: ChangeTimes, held: Held) -> Iterator[Suspicion]:
    """Exports by contactMode must agree on who is a person and who an organization (contactMode.2, contactMode.3)."""
    looks = [look for look in times.looks if look.mode is not None]
    base = _plainest(
        [look for look in looks if look.request.include_inactive and look.request.ids is None and look.whole]
    )
    if base is None:
        return
    bodies = _by_body(looks)
    for body, others in bodies.items():
        if body == base.body:
            continue
        known = held.by(base) & _shown_or_due_by_mode(others, held)
        for identifier in known:
            found = {True: _split(bodies[base.body], identifier), False: _split(others, identifier)}
            yield from _mode_suspicions(identifier, base, others[0], found, held)


def _shown_or_due_by_mode(looks: Sequence[Look], held: Held) -> frozenset[int]:
    shown = frozenset(i for look in looks for i in look.rows if look.own(i))
    complete = looks[0].request.include_inactive and looks[0].request.ids is None and looks[0].whole
    return shown | held.by(looks[0]) if complete else shown


def _split(looks: Sequence[Look], identifier: int) -> tuple[tuple[Look, ...], tuple[Look, ...]]:
    there = tuple(look for look in looks if identifier in look.rows)
    return there, tuple(look for look in looks if identifier not in look.rows)


def _mode_suspicions(
    identifier: int,
    base: Look,
    other: Look,
    found: Mapping[bool, tuple[tuple[Look, ...], tuple[Look, ...]]],
    held: Held,
) -> Iterator[Suspicion]:
    (base_there, base_absent), (there, absent) = found[True], found[False]
    complete = other.request.include_inactive and other.request.ids is None and other.whole
    if not (complete and identifier in held.by(other)):
        absent = ()
    kinds = {1: "a person", 2: "an organization"}
    rules = {1: "mode/persons", 2: "mode/organizations"}
    theirs, own = kinds[other.mode or 1], kinds[base.mode or 1]
    rule = rules[other.mode or 1]
    elsewhere = f"{base.job.name}, with contactMode {base.mode}"
    if other.mode != base.mode:
        # The one that holds nearly everything has taken no notice of its contactMode.
        accused = rules[base.mode or 1] if len(base.rows) > 0.99 * len(held.by(base)) else rule
        if base_there and there:
            told = f"is in {elsewhere}, and so is {own}"
            yield Suspicion(accused, identifier, base_there, there, told, f"no row, as it is not {theirs}", "a row")
        if base_absent and absent:
            told = f"is left out of {elsewhere}, though it changed in that window, and so is {theirs}"
            accused = rules[base.mode or 1] if not base.rows else rule
            yield Suspicion(accused, identifier, base_absent, absent, told, "one row", "no row")
        return
    if base_there and absent:
        told = f"is in {elsewhere}, and so is {own}"
        yield Suspicion(rule, identifier, base_there, absent, told, "one row", "no row")
    if base_absent and there:
        told = f"is left out of {elsewhere}, though it changed in that window, and so is not {own}"
        yield Suspicion(rule, identifier, base_absent, there, told, "no row", "a row")


# --- activist codes ----------------------------------------------------------------------------------


def code_of(place: Place) -> int | None:
    """The activist code in a row, or None where there is none to read."""
    for name, cell in zip(place.header, place.cells, strict=False):
        if name.strip().lower() == CODE_COLUMN.lower():
            text = cell.strip().removesuffix(".0")
            return int(text) if text.isascii() and text.isdigit() else None
    return None


def _about_codes(times: ChangeTimes, held: Held) -> Iterator[Suspicion]:
    """The filter lets every record through that has one of the codes, as the unfiltered exports show them."""
    base = _plainest([look for look in times.looks if look.shows_all])
    if base is None:
        return
    bodies = _by_body(times.looks)
    for looks in bodies.values():
        first = looks[0]
        codes = first.request.codes
        if not codes or first.request.ids is not None or first.mode is not None or not first.whole:
            continue
        plain = None if first.request.include_inactive else _twin(times.looks, first)
        bases = bodies[base.body] if first.request.include_inactive else bodies[plain.body] if plain else []
        for identifier in held.by(first):
            absent = tuple(look for look in looks if identifier not in look.rows)
            having = tuple(
                look for look in bases if identifier in look.rows and code_of(look.rows[identifier][0]) in codes
            )
            if absent and having:
                told = f"has one of the activist codes in {having[0].job.name}"
                yield Suspicion("codes/matching", identifier, having, absent, told, "one row", "no row")


def _twin(looks: Sequence[Look], look: Look) -> Look | None:
    """A look at the same window without a filter, inactive records left out as there."""
    alike = [other for other in looks if not other.request.include_inactive and not other.filtered]
    return _plainest([other for other in alike if other.request.ids is None and other.window == look.window])


# --- columns -----------------------------------------------------------------------------------------


def _about_columns(times: ChangeTimes) -> Iterator[Suspicion]:
    """A record's values are the same whichever request exported it (version.1); one suspicion a record and request."""
    custom = frozenset(_plain(name) for name in CustomColumns.learn([look.job for look in times.looks]).names.values())
    bases = _bases(times.looks, custom)
    bodies = _by_body(times.looks)
    for looks in bodies.values():
        told: set[int] = set()
        for look in looks:
            for identifier, name, base, cell in _unlike(look, bases):
                if identifier not in told:
                    suspicion = _column_suspicion(identifier, name, bodies[base.body], looks, cell, custom)
                    if suspicion is not None:
                        told.add(identifier)
                        yield suspicion


def _plain(name: str) -> str:
    return name.strip().lower()


def _bases(looks: Sequence[Look], custom: frozenset[str]) -> Mapping[str, Look]:
    """The look that the others are held against, for each column by its name in lower case: all records, in one file.

    Columns that are neither listed nor custom are the target's own, and may change from job to job; and what kind
    of change a record had may be told of those that the window holds.
    """
    bases: dict[str, Look] = {}
    for look in looks:
        if not look.shows_all or len(look.job.files) != 1 or not look.job.tables:
            continue
        for name in look.job.tables[0].columns:
            known = bases.get(name)
            more = known is None or len(known.rows) < len(look.rows)
            if more and (look.job.resource.field(name) or name in custom) and not _CHANGE_TYPE.match(name):
                bases[name] = look
    return bases


def _unlike(look: Look, bases: Mapping[str, Look]) -> Iterator[tuple[int, str, Look, str]]:
    """The cells that are not, letter by letter, those of the base: record, column, base, and the cell."""
    header: tuple[str, ...] = ()
    pairs: list[tuple[int, str, int, Look]] = []
    for identifier, places in look.rows.items():
        place = places[0]
        if place.header is not header:
            header, pairs = place.header, []
            for position, name in enumerate(header):
                base = bases.get(_plain(name))
                there = base.job.tables[0].column(name.strip()) if base is not None else None
                if base is not None and there is not None and base.body != look.body:
                    pairs.append((position, name, there, base))
        for position, name, there, base in pairs:
            known = base.rows.get(identifier)
            if known and position < len(place.cells) and there < len(known[0].cells):
                cell = place.cells[position]
                if cell != known[0].cells[there]:
                    yield identifier, name, base, cell


def _cell(look: Look, identifier: int, name: str) -> str | None:
    places = look.rows.get(identifier)
    if not places:
        return None
    for header, cell in zip(places[0].header, places[0].cells, strict=False):
        if _plain(header) == _plain(name):
            return cell
    return None


def _column_suspicion(
    identifier: int, name: str, bases: Sequence[Look], looks: Sequence[Look], cell: str, custom: frozenset[str]
) -> Suspicion | None:
    field = bases[0].job.resource.field(name)
    having = [(look, value) for look in bases if (value := _cell(look, identifier, name)) is not None]
    if not having or any(same(field, value, cell) for _, value in having):
        return None
    value = having[-1][1]
    premises = tuple(look for look, found in having if same(field, value, found))
    breaches = tuple(
        look for look in looks if (found := _cell(look, identifier, name)) is not None and not same(field, value, found)
    )
    told = f"has {value[:80]!r} as its {name} in {premises[0].job.name}"
    rule = _column_rule(bases[0], looks[0], name, damage(field, value, cell), custom)
    return Suspicion(rule, identifier, premises, breaches, told, value[:200], cell[:200])


def _column_rule(base: Look, look: Look, name: str, by_damage: str, custom: frozenset[str]) -> str:
    """The rule that a column breaks which says otherwise in another request, by what the requests differ in."""
    differing = differences(base, look)
    if len(look.job.files) > 1:
        return by_damage
    if _plain(name) in custom and "requestedCustomFieldIds" in differing:
        return "fields/custom"
    if name in look.request.fields and "requestedFields" in differing and "window" not in differing:
        return "fields/requested"
    if "window" in differing and not look.request.ids:
        return "version/not-snapshot"
    return "version/current"
