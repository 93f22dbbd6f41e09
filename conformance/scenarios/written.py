"""Records that an adapter writes while the run goes on: created, changed and made inactive between exports.

The target dates these changes itself. So windows end where an earlier job's window without an end did, by the
target's own word: what was written before that job is inside, what was written after it is not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..adapter import Draft
from ..budget import Spent
from ..sightings import CLOCKS_APART
from ..target_clock import instant_of
from .people import text_room

if TYPE_CHECKING:
    from datetime import datetime

    from ...spec.offer import Resource
    from ..control import Control
    from .stage import Stage

_PURPOSE = "records written during the run"
_RECORDS = 3
# A little over a second: a target may keep the time of a request in whole seconds.
_APART_SECONDS = 1.1


def written_records(stage: Stage) -> None:
    """Write three records of each type that an adapter can write, and export them between their changes."""
    session = stage.session
    control = session.control
    if control is None:
        return
    for name, columns in control.writable.items():
        resource = session.offer.resources.get(name)
        listed = tuple(column for column in columns if resource is not None and resource.field(column) is not None)
        if resource is None or resource.key is None or not listed or listed != columns:
            session.problems.append(
                f"The adapter can write {', '.join(columns) or 'no column'} of {name}, which is not all among what the "
                "target lists and the run is to judge. Nothing was written of it; see what writable() returns."
            )
            continue
        life = _Life(stage, control, resource, columns)
        try:
            _live_through(stage, life)
        except Spent:
            life.end()
            raise
        life.end()


def _live_through(stage: Stage, life: _Life) -> None:
    session = stage.session
    # Three hours hold a record of a target whose clock is an hour behind, at the window's start, with room to spare.
    start = session.now() - 3 * CLOCKS_APART
    life.write(0, 1, 2)
    life.write(1)
    session.pause(_APART_SECONDS)
    (open_job,) = session.export(_PURPOSE, life.body(start, None, includeInactive=True))
    end = instant_of((open_job.final or {}).get("dateChangedTo"))
    past = None if end is None else life.body(start, end, includeInactive=True)
    if past is not None:
        session.export(_PURPOSE, past)
    life.write(1, 2, inactive=(2,))
    session.pause(_APART_SECONDS)
    long_ago = end or session.now()
    bodies = [
        life.body(end or start, None, includeInactive=True),
        life.body(end or start, None),
        life.body(long_ago - timedelta(days=3), long_ago - timedelta(days=2), requestedIds=life.ids),
    ]
    if past is not None and end is not None:
        bodies += [past, life.body(start, end)]
    session.export(_PURPOSE, *bodies)


class _Life:
    """The records of one type, and how often each was written."""

    def __init__(self, stage: Stage, control: Control, resource: Resource, columns: tuple[str, ...]) -> None:
        self._session, self._control, self._resource, self._columns = stage.session, control, resource, columns
        # By the time, not by the seed: a run with the same seed shall not find the records of the last one.
        self._tag = format(int(stage.session.base.timestamp() * 1_000), "x")
        self._drafts = [Draft({})] * _RECORDS
        self._versions = 0

    @property
    def ids(self) -> list[int]:
        return [draft.id for draft in self._drafts if draft.id is not None]

    def write(self, *places: int, inactive: tuple[int, ...] = ()) -> None:
        """Write a new version of each of these records, as far as the adapter can: not all can make any inactive."""
        if inactive and not self._control.deactivates:
            places = tuple(place for place in places if place not in inactive)
        if not places:
            return
        self._versions += 1
        drafts = [
            replace(self._drafts[place], values=self._values(place), active=place not in inactive) for place in places
        ]
        for place, draft, made in zip(
            places, drafts, self._control.write("first", self._resource.name, drafts), strict=True
        ):
            self._drafts[place] = replace(draft, id=made)

    def end(self) -> None:
        """Make all of them inactive, as far as the adapter can and they were written."""
        left = [place for place, draft in enumerate(self._drafts) if draft.id is not None and draft.active]
        self.write(*left, inactive=tuple(left))

    def _values(self, place: int) -> dict[str, str]:
        """A text for each column, no longer than the target says that the column holds."""
        words = f"{'ABC'[place]}{self._versions} {self._tag}"
        texts = {column: f"Exportproof {number} {words}" for number, column in enumerate(self._columns, 1)}
        fields = {column: self._resource.field(column) for column in texts}
        return {name: text[: text_room(field)] for name, text in texts.items() if (field := fields[name]) is not None}

    def body(self, start: datetime, end: datetime | None, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        core = {field.name for field in self._resource.core}
        asked = [column for column in self._columns if column not in core]
        wanted = {"requestedFields": asked} if asked else {}
        return self._session.body(self._resource.name, start, end, **wanted, **options)
