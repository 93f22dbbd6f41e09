"""Whether a row holds its record's current version, and what is wrong with it if it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .cells import category, damage, same

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..spec.offer import Field
    from .data import Place
    from .ledger import Change, Record, World
    from .membership import View
    from .observation import JobObservation

_REQUESTED = "fields/requested"
_EXCERPT = 80
# How many rows of a job are looked at for the kinds of value that they try: enough, and not millions.
_MOST_NOTED = 2_000


@dataclass(frozen=True)
class CustomColumns:
    """The column name of each custom field, by resource type and id, as far as the run has shown it."""

    names: Mapping[tuple[str, int], str]

    @classmethod
    def learn(cls, jobs: Sequence[JobObservation]) -> CustomColumns:
        """Find the column that asking for one custom field alone adds, against a job without any."""
        plain: dict[str, set[str]] = {}
        for job in jobs:
            if job.tables and not job.request.custom_fields:
                plain.setdefault(job.resource.name, set()).update(_lower(job.tables[0].header))
        names: dict[tuple[str, int], str] = {}
        for job in jobs:
            asked = set(job.request.custom_fields) & set(job.resource.custom_fields)
            if not job.tables or len(asked) != 1 or job.resource.name not in plain:
                continue
            known = plain[job.resource.name] | {f.name.lower() for f in job.resource.fields}
            added = [name for name in job.tables[0].header if name.strip().lower() not in known]
            if len(added) == 1:
                names[job.resource.name, asked.pop()] = added[0]
        return cls(names)


def _lower(names: Iterable[str]) -> set[str]:
    return {name.strip().lower() for name in names}


@dataclass(frozen=True)
class _Cell:
    """One column that can be judged: where it stands, and how to read each version's value of it."""

    column: str
    index: int
    field: Field | None
    custom: str | None

    @property
    def type(self) -> str:
        """The letter of the column's type; custom fields are texts."""
        return "T" if self.field is None else self.field.type

    @property
    def extra(self) -> bool:
        """True for a column that comes because its field was requested."""
        return self.custom is None and self.field is not None and not self.field.core

    def of(self, version: Change) -> Any:  # noqa: ANN401 - any value of the control API
        if self.custom is not None:
            return version.custom_fields.get(self.custom)
        return version.values.get(self.column)

    def filled(self, version: Change) -> bool:
        """A column that was left out may be computed by the target, and so is not judged; a custom field is."""
        return bool(version.custom_fields) if self.custom is not None else self.column in version.values

    def fits(self, version: Change, cells: Sequence[str]) -> bool:
        return not self.filled(version) or same(self.field, self.of(version), cells[self.index])


class RowMemory:
    """What the jobs of a run have shown so far: the columns of each shape of rows, and the rows that were right.

    Most records are exported many times over, and their rows are the same each time.
    """

    def __init__(self, customs: CustomColumns) -> None:
        """Nothing has been seen. Resources, versions and layouts are told apart by identity: the run keeps them all."""
        self._customs = customs
        self._layouts: dict[tuple[Any, ...], list[_Cell]] = {}
        self._right: dict[tuple[int, int], tuple[str, ...]] = {}
        self._tries: dict[tuple[int, int, tuple[str, ...]], frozenset[str]] = {}

    def layout(self, job: JobObservation, header: tuple[str, ...], record: Record) -> list[_Cell]:
        """The columns that can be judged, worked out once for rows of one shape."""
        key = id(job.resource), header, tuple(record.current.values), job.request.custom_fields
        if key not in self._layouts:
            self._layouts[key] = _columns(job, header, record, self._customs)
        return self._layouts[key]

    def fits(self, version: Change, layout: list[_Cell], cells: tuple[str, ...]) -> bool:
        """Tell whether a row holds a version's values."""
        key = id(version), id(layout)
        if self._right.get(key) == cells:
            return True
        right = all(cell.fits(version, cells) for cell in layout)
        if right:
            self._right[key] = cells
        return right

    def tries(self, version: Change, layout: list[_Cell], fields: tuple[str, ...]) -> frozenset[str]:
        """The rules that a row of that version puts to the test in a job that asked for these fields."""
        key = id(version), id(layout), fields
        if key not in self._tries:
            self._tries[key] = frozenset(_tries(version, layout, {name.lower() for name in fields}))
        return self._tries[key]


def _tries(version: Change, layout: Sequence[_Cell], requested: set[str]) -> Iterator[str]:
    for cell in layout:
        if not cell.filled(version):
            continue
        value = cell.of(version)
        yield category(cell.field, value)
        if value not in (None, ""):
            if cell.custom is not None:
                yield "fields/custom"
            elif cell.extra and cell.column.lower() in requested:
                yield _REQUESTED


class RowJudge:
    """Judges the rows of one job against the ledger. `earlier` are worlds that jobs with the same body saw."""

    def __init__(self, view: View, memory: RowMemory, earlier: Sequence[World], tried: Counter[str]) -> None:
        """Remember the job's context; `tried` is filled with the rules that its rows put to the test."""
        self._view, self._memory, self._earlier, self._tried = view, memory, earlier, tried
        self._noted = 0

    def judge(self, record: Record, place: Place) -> Iterator[dict[str, Any]]:
        """Yield what is wrong with a row, as keyword arguments of a RowFault."""
        if len(place.cells) != len(place.header):
            return
        cells = self._memory.layout(self._view.job, place.header, record)
        candidates = self._view.candidates(record)
        current = candidates[-1]
        self._note(record, cells, current)
        if any(self._memory.fits(version, cells, place.cells) for version in candidates):
            return
        wrong = [cell for cell in cells if not cell.fits(current, place.cells)]
        for index in range(len(record.versions) - len(candidates) - 1, -1, -1):
            if all(cell.fits(record.versions[index], place.cells) for cell in cells):
                rules = _rules_of_stale(self._view, record, index, self._earlier)
                yield _stale(rules, wrong[0], current, place, f"version {index + 1} of {len(record.versions)}")
                return
        if _changed_places(wrong, cells, current, place):
            yield {**_damaged(wrong[0], current, place), "rule": _REQUESTED, "rules": (_REQUESTED,)}
            return
        for cell in wrong:
            older = record.versions[: -len(candidates)]
            if place.cells[cell.index] and any(cell.filled(v) and cell.fits(v, place.cells) for v in older):
                # Of a boolean the other value is an older one as well as a wrong one.
                rules = ("version/current", *(("csv/typed-values",) if cell.type == "B" else ()))
                yield _stale(rules, cell, current, place, "a value from an older version")
            else:
                yield _damaged(cell, current, place)

    def _note(self, record: Record, cells: list[_Cell], current: Change) -> None:
        tried, end = self._tried, self._view.job.request.end
        if len(record.versions) > 1:
            tried["version/current"] += 1
            tried["version/not-first"] += 1
            if end is not None and current.at > end and record.versions[0].at <= end:
                tried["version/not-snapshot"] += 1
            if _seen_by(self._view, record, self._earlier):
                tried["version/not-cached"] += 1
        self._noted += 1
        if self._noted > _MOST_NOTED:
            return
        for rule in self._memory.tries(current, cells, self._view.job.request.fields):
            tried[rule] += 1


def _columns(job: JobObservation, header: Sequence[str], record: Record, customs: CustomColumns) -> list[_Cell]:
    index: dict[str, int] = {}
    for position, name in enumerate(header):
        index.setdefault(name.strip().lower(), position)
    cells = [
        _Cell(name, index[name.lower()], job.resource.field(name), None)
        for name in record.current.values
        if name.lower() in index and name.lower() != (job.resource.key or "").lower()
    ]
    for identifier in dict.fromkeys(job.request.custom_fields):
        column = customs.names.get((job.resource.name, identifier))
        if column is not None and column.strip().lower() in index:
            cells.append(_Cell(column, index[column.strip().lower()], None, str(identifier)))
    return cells


def _seen_by(view: View, record: Record, earlier: Sequence[World]) -> set[int]:
    """How many versions of the record the earlier jobs with the same body had before them, where fewer than now."""
    counts = set()
    for world in earlier:
        then = world.of(view.job.account, view.job.resource.name).get(record.id)
        if then is not None and len(then.versions) < len(record.versions):
            counts.add(len(then.versions))
    return counts


def _rules_of_stale(view: View, record: Record, index: int, earlier: Sequence[World]) -> tuple[str, ...]:
    """Whatever explains that a row shows this version: a cache, the window's end, the creation, or none of them."""
    rules = ["version/not-cached"] if index + 1 in _seen_by(view, record, earlier) else []
    end = view.job.request.end
    if end is not None and record.current.at > end:
        snapshot = max((i for i, v in enumerate(record.versions) if v.at <= end), default=-1)
        if snapshot == index:
            rules.append("version/not-snapshot")
    if index == 0:
        rules.append("version/not-first")
    return (*rules, "version/current")


def _stale(rules: tuple[str, ...], cell: _Cell, current: Change, place: Place, what: str) -> dict[str, Any]:
    return {
        "rule": rules[0],
        "rules": rules,
        "kind": "stale",
        "message": f"the row shows {what} instead of the current one",
        "column": cell.column,
        "expected": excerpt(cell.of(current)),
        "received": excerpt(place.cells[cell.index]),
    }


def _damaged(cell: _Cell, current: Change, place: Place) -> dict[str, Any]:
    value, received = cell.of(current), place.cells[cell.index]
    plainer = rule = damage(cell.field, value, received)
    if (value not in (None, "") and received == "") or _is_misplaced(cell, current, received):
        if cell.custom is not None:
            rule = "fields/custom"
        elif cell.extra:
            rule = _REQUESTED
    return {
        "rule": rule,
        "rules": tuple(dict.fromkeys((rule, plainer))),
        "kind": "damaged",
        "message": f"column {cell.column} does not hold the value that was put there",
        "column": cell.column,
        "expected": excerpt(value),
        "received": excerpt(received),
    }


def _changed_places(wrong: Sequence[_Cell], cells: Sequence[_Cell], current: Change, place: Place) -> bool:
    """True when several requested columns are wrong, and most of them hold what another one should.

    Not all of them do: a column that the target fills by itself may have changed places as well.
    """
    extra = [cell for cell in cells if cell.extra and cell.filled(current)]
    moved = [
        any(o is not cell and same(o.field, o.of(current), place.cells[cell.index]) for o in extra) for cell in wrong
    ]
    return all(cell.extra for cell in wrong) and sum(moved) > max(1, len(wrong) // 2)


def _is_misplaced(cell: _Cell, current: Change, received: str) -> bool:
    """True when a custom column holds what another custom field of the record has."""
    others = (value for identifier, value in current.custom_fields.items() if identifier != cell.custom)
    return cell.custom is not None and any(received == str(value) for value in others if value not in (None, ""))


def excerpt(value: Any) -> str:  # noqa: ANN401 - any value of the control API
    """Write a value for people: escaped, and cut in the middle when it is long."""
    text = value if isinstance(value, str) else "null" if value is None else str(value)
    shown = repr(text) if isinstance(value, str) else text
    if len(shown) > 2 * _EXCERPT:
        return f"{shown[:_EXCERPT]}…{shown[-20:]} ({len(text)} characters)"
    return shown
