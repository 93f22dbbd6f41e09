"""The census: from outside, what the target's own data hold, learned by exports of everything that changed lately."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..change_times import stamp_columns, stamped
from ..membership import CODE_COLUMN, CODES_TYPE
from ..sightings import CLOCKS_APART, looks_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...spec.offer import Resource
    from ..observation import JobObservation
    from ..sightings import Look
    from .stage import Stage

LONGEST_DAYS = 88
_FIRST_DAYS = 7
_BATCH = 6
_FIRST_TYPES = ("Contacts", CODES_TYPE)


@dataclass
class Census:
    """One resource type as its first exports showed it: a window that is over, and the records that changed in it.

    `first` and `second` are instants of changes, where those are known, a third and two thirds on; they divide it.
    `changes` are the last changes of records by their own columns, oldest first; `once` are those of records that
    changed once only, as far as that is known.
    """

    resource: Resource
    start: datetime
    end: datetime
    first: datetime
    second: datetime
    look: Look
    changes: tuple[tuple[datetime, int], ...] = ()
    once: frozenset[int] = frozenset()

    @property
    def ids(self) -> list[int]:
        """The ids of the records that changed in the window."""
        return sorted(self.look.rows)

    @property
    def stamps(self) -> list[str]:
        """The columns to ask for that tell when a record was created and last changed."""
        return stamps_to_ask(self.resource)

    def codes(self) -> list[int]:
        """The activist codes of the records, the most frequent first."""
        found: Counter[int] = Counter()
        for places in self.look.rows.values():
            cells = dict(zip(places[0].header, places[0].cells, strict=False))
            text = next((cell for name, cell in cells.items() if name.lower() == CODE_COLUMN.lower()), "")
            if text.isdigit():
                found[int(text)] += 1
        return [code for code, _ in found.most_common()]


def stamps_to_ask(resource: Resource) -> list[str]:
    """The non-core columns of a type that tell when a record was created and last changed."""
    return [name for name in stamp_columns(field.name for field in resource.extra) if name]


def census(stage: Stage) -> None:
    """Export a week of every type and then, where there is not too much of it, all of the last 88 days."""
    session = stage.session
    now = session.now().replace(microsecond=0)
    end = now - 2 * CLOCKS_APART
    known = [r for r in session.offer.resources.values() if r.key is not None]
    resources = sorted(known, key=lambda r: r.name not in _FIRST_TYPES)[: stage.effort.types]
    for first in range(0, len(resources), _BATCH):
        batch = resources[first : first + _BATCH]
        weeks = _export(stage, "a week of every type", batch, [now - timedelta(days=_FIRST_DAYS)] * len(batch), end)
        days = [_days(stage, job) for job in weeks]
        _export(stage, "a census of every type", batch, [now - timedelta(days=each) for each in days], end)
    for (_, name), looks in looks_of(session.run()).items():
        counted = [look for look in looks if look.job.purpose == "a census of every type" and look.rows]
        if counted:
            stage.counted[name] = _divided(counted[0], looks)


def _export(
    stage: Stage, purpose: str, resources: Sequence[Resource], starts: Sequence[datetime], end: datetime
) -> list[JobObservation]:
    session = stage.session
    bodies: list[dict[str, Any]] = []
    for resource, start in zip(resources, starts, strict=True):
        stamps = stamps_to_ask(resource)
        options: dict[str, Any] = {"requestedFields": stamps} if stamps else {}
        bodies.append(session.body(resource.name, start, end, includeInactive=True, **options))
    return session.export(purpose, *bodies)


def _days(stage: Stage, week: JobObservation) -> int:
    """How far back the census of a type reaches, so that it stays about as small as the profile wants it."""
    rows = sum(len(table.rows) for table in week.tables)
    most = stage.effort.census_rows
    return LONGEST_DAYS if rows * LONGEST_DAYS <= most * _FIRST_DAYS else max(1, _FIRST_DAYS * most // rows)


def _divided(look: Look, looks: Sequence[Look]) -> Census:
    start, end = look.window
    known = stamped(looks)
    changes = sorted(
        (stamps[-1].changed, identifier)
        for identifier, stamps in known.stamps.items()
        if stamps[-1].changed is not None and start < stamps[-1].changed < end
    )
    if len(changes) >= 3:
        first, second = changes[len(changes) // 3][0], changes[2 * len(changes) // 3][0]
    else:
        third = timedelta(seconds=int((end - start).total_seconds()) // 3)
        first, second = start + third, end - third
    if not start < first < second < end:
        first, second = start + (end - start) / 3, end - (end - start) / 3
    once = frozenset(
        identifier
        for identifier, stamps in known.stamps.items()
        if stamps[-1].changed and stamps[-1].created and stamps[-1].changed - stamps[-1].created <= known.tolerance
    )
    return Census(look.job.resource, start, end, first, second, look, tuple(changes), once)
