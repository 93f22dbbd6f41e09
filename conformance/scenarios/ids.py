"""Scenarios about requested ids: which records they bring, a few at once and thousands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ...spec.offer import INT32_MAX
from ..membership import CODES_TYPE, CONTACT_COLUMN
from .atlas import ACTIVIST_CODES, Kind, Turn, kinds_of
from .people import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .atlas import Chapter
    from .stage import Stage

_MANY_OF_OTHERS = 1_100


def requested_ids(stage: Stage) -> None:
    """Requested ids outside the window, inactive, unknown, twice, many, and together with the filters."""
    atlas, session = stage.atlas, stage.session
    window = atlas.start, atlas.end
    for chapter in stage.chapters():
        name = chapter.resource.name
        outside = chapter.of("B", "A", "BA", "Bb", "Ba", "O", "Oo")
        inside = chapter.of("I", "i")[:3]
        unknown = atlas.fresh_ids(3)
        foreign = _foreign_only(stage, chapter)
        # Ids of contacts that records of other types point at: no keys of theirs, and so unknown there.
        people = {item["values"].get(CONTACT_COLUMN) for item in chapter.items} - {None, *chapter.all_ids}
        mixed = [*dict.fromkeys([*outside, *inside, *unknown, *foreign, *sorted(people)])]
        stage.random.shuffle(mixed)
        empty = atlas.now - timedelta(days=88), atlas.now - timedelta(days=87)
        bodies = [session.body(name, atlas.start, atlas.end, requestedIds=mixed)]
        if name in ("Contacts", CODES_TYPE) or stage.effort.copies > 2:
            # What is looked up by its id has to bring the columns along that were asked for.
            more = columns_of(chapter.resource)
            bodies.append(session.body(name, *empty, requestedIds=mixed[: len(mixed) // 2], **more))
            alone = unknown[:1] if name == "Contacts" else outside[:1]
            bodies.append(session.body(name, atlas.start, atlas.end, requestedIds=alone, includeInactive=True))
        session.export(f"requested ids of {name}", *bodies)
    for chapter in stage.chapters("Contacts"):
        several = chapter.of("I", "B", "A", "BA", "BB", "Bb")
        twice = [*several[:5], several[2], *several[5:], several[0]]
        session.export("requested ids, some of them twice", session.body("Contacts", *window, requestedIds=twice))
        wanted = [*chapter.of("B", "I", "Bb", "i"), *atlas.fresh_ids(1)]
        session.export(
            "requested ids with contactMode",
            *(session.body("Contacts", atlas.start, atlas.end, requestedIds=wanted, contactMode=m) for m in (1, 2, 3)),
        )
    for chapter in stage.chapters(CODES_TYPE):
        wanted = chapter.of("B", "I", "Bb", "i")
        session.export(
            "requested ids with the activist-code filter",
            *(
                session.body(
                    CODES_TYPE, atlas.start, atlas.end, requestedIds=wanted, requestedActivistCodeIds=list(chosen)
                )
                for chosen in (ACTIVIST_CODES[:1], ACTIVIST_CODES[1:])
            ),
        )
    for chapter in stage.chapters()[:1]:
        name = chapter.resource.name
        session.export("an empty requestedIds", session.body(name, atlas.start, atlas.end, requestedIds=[]))


def _foreign_only(stage: Stage, chapter: Chapter) -> list[int]:
    """Ids that only the other account has."""
    world = stage.session.ledger.now
    other = world.of("second", chapter.resource.name).keys() - world.of("first", chapter.resource.name).keys()
    return sorted(other)[:4]


def many_ids(stage: Stage) -> None:
    """Hundreds of requested ids at once, most of them outside the window: of the main type, and of one other."""
    atlas, session, main = stage.atlas, stage.session, stage.main
    if main is None or main.name not in atlas.chapters:
        return
    # The smallest and the largest id there can be; where nothing is ever cleared away, an earlier run has used them.
    bounds = {7: 1, 11: INT32_MAX} if session.can("reset") else {}
    _request_many(stage, atlas.chapters[main.name], stage.effort.many_ids, bounds)
    others = [chapter for name, chapter in atlas.chapters.items() if name != main.name]
    if stage.effort.broad and others:
        _request_many(stage, stage.random.choice(others), _MANY_OF_OTHERS, {})


def _request_many(stage: Stage, chapter: Chapter, count: int, bounds: Mapping[int, int]) -> None:
    """Put so many records in place and request them all; `bounds` are ids by the place of the record."""
    atlas, session, name = stage.atlas, stage.session, chapter.resource.name
    kind = next(iter(kinds_of(chapter.resource, atlas.chapters.get("Contacts"))), Kind())
    before = len(chapter.items)
    for number in range(count):
        at = atlas.now - timedelta(days=80) + timedelta(seconds=number * 10)
        turns = [Turn(at, number % 5 != 0)]
        atlas.record(chapter, "crowd", kind, turns, stage.random, identifier=bounds.get(number))
    session.put(name, chapter.items[before:])
    crowd = chapter.of("crowd")
    stage.random.shuffle(crowd)
    body = session.body(name, atlas.start, atlas.end, requestedIds=crowd)
    session.export(f"hundreds of requested ids of {name}", body)
