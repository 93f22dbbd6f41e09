"""The atlas: a fixed set of life stories around one window, put in place once and asked about by many jobs.

Each story is a few changes before (B), inside (I) or after (A) the window, or at an exact instant near one of
its ends; a small letter deactivates. Stories are told for every resource type, for people and organizations,
and for both activist codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from ...spec.offer import format_instant
from ..membership import CODE_COLUMN, CODES_TYPE, CONTACT_COLUMN
from .people import custom_values, version_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from ...spec.offer import Resource

STEP = timedelta(milliseconds=10)
STORIES = (
    "B", "BB", "I", "BI", "BII", "IA", "BIA", "BIIAA", "A", "BA",
    "i", "Bi", "Ia", "BbI", "BiA", "Bb", "BbB", "Ba", "BIa", "BiI",
)  # fmt: skip
# Changes at exact distances from the window's start and end. What stands exactly on an end is a reading.
EDGES = (
    timedelta(0), STEP, -STEP, timedelta(seconds=1), timedelta(seconds=-1),
    timedelta(milliseconds=490), timedelta(milliseconds=510), timedelta(milliseconds=-490), timedelta(milliseconds=-510),
    timedelta(minutes=30), timedelta(minutes=-30), timedelta(hours=5), timedelta(hours=-5),
    timedelta(hours=13), timedelta(hours=-13),
)  # fmt: skip
ACTIVIST_CODES = (4_001, 4_002, 4_003)


@dataclass
class Chapter:
    """The records of one resource type: ids by story, and the items that put them in place."""

    resource: Resource
    ids: dict[str, list[int]] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *stories: str) -> list[int]:
        """The ids of these stories."""
        return [identifier for story in stories for identifier in self.ids.get(story, [])]

    @property
    def all_ids(self) -> list[int]:
        """Every id of the type."""
        return [identifier for ids in self.ids.values() for identifier in ids]


@dataclass
class Atlas:
    """Where the window lies, and who lives around it."""

    now: datetime
    start: datetime
    end: datetime
    middle: datetime
    chapters: dict[str, Chapter] = field(default_factory=dict)
    next_id: int = 1

    @classmethod
    def around(cls, now: datetime, random: Random) -> Atlas:
        """Lay the window out, 40 to 30 days before the target's present, at a seeded time of day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        shift = timedelta(seconds=random.randrange(3_600, 80_000))
        start = day - timedelta(days=41) + shift
        end = start + timedelta(days=10, seconds=random.randrange(3_600))
        middle = start + timedelta(days=5, seconds=random.randrange(3_600))
        return cls(now, start, end, middle, next_id=random.randrange(10**6, 10**9))

    def fresh_ids(self, count: int, gap: int = 3) -> list[int]:
        """Ids that nobody has used in this run."""
        ids = list(range(self.next_id, self.next_id + count * gap, gap))
        self.next_id += count * gap
        return ids

    def moment(self, letter: str, random: Random) -> datetime:
        """A seeded instant before, inside or after the window."""
        first, last = {
            "b": (self.start - timedelta(days=30), self.start - timedelta(days=1)),
            "i": (self.start + timedelta(days=1), self.end - timedelta(days=1)),
            "a": (self.end + timedelta(days=1), self.now - timedelta(hours=20)),
        }[letter.lower()]
        steps = int((last - first) / STEP)
        return first + STEP * random.randrange(steps)

    def tell(self, chapter: Chapter, random: Random, *, copies: int, texts: list[str] | None = None) -> None:
        """Write every story and edge of one resource type, `copies` times, and one record a hazardous text."""
        kinds = list(kinds_of(chapter.resource, self.chapters.get("Contacts")))
        for (story, kind), _ in product(product(STORIES, kinds), range(copies)):
            instants = sorted(self.moment(letter, random) for letter in story)
            changes = list(zip(story, instants, strict=True))
            self.record(chapter, story, kind, [(at, letter.isupper()) for letter, at in changes], random)
        for number, (edge, shift) in enumerate(product(("start", "end", "middle"), EDGES)):
            at = getattr(self, edge) + shift
            self.record(chapter, f"{edge}{shift.total_seconds():+g}", kinds[number % len(kinds)], [(at, True)], random)
        while texts:
            left = len(texts)
            self.record(chapter, "text", kinds[0], [(self.moment("i", random), True)], random, texts)
            if len(texts) == left:
                break

    def record(  # noqa: PLR0913 - one record's whole life
        self,
        chapter: Chapter,
        story: str,
        kind: Kind,
        changes: Sequence[tuple[datetime, bool]],
        random: Random,
        texts: list[str] | None = None,
        identifier: int | None = None,
    ) -> int:
        """Write one record with its changes; returns its id."""
        identifier = self.fresh_ids(1)[0] if identifier is None else identifier
        chapter.ids.setdefault(story, []).append(identifier)
        for version, (at, active) in enumerate(changes):
            values = version_values(chapter.resource, version, random, texts)
            values.update(kind.fixed)
            item: dict[str, Any] = {"id": identifier, "at": format_instant(at), "active": active, "values": values}
            if kind.contact_mode is not None:
                item["contactMode"] = kind.contact_mode
            if chapter.resource.custom_fields:
                item["customFields"] = custom_values(chapter.resource, version, random)
            chapter.items.append(item)
        return identifier


@dataclass(frozen=True)
class Kind:
    """What stays the same over a record's life: its contact mode, or its contact and activist code."""

    contact_mode: int | None = None
    fixed: dict[str, Any] = field(default_factory=dict)


def kinds_of(resource: Resource, contacts: Chapter | None) -> Iterator[Kind]:
    """The kinds of record worth telling apart in a resource type."""
    if resource.name == "Contacts":
        yield from (Kind(1), Kind(2))
        return
    people = _contacts_by_mode(contacts) if resource.field(CONTACT_COLUMN) else {}
    codes = ACTIVIST_CODES[:2] if resource.name == CODES_TYPE and resource.field(CODE_COLUMN) else (None,)
    for code in codes:
        for mode in (1, 2):
            fixed: dict[str, Any] = {} if code is None else {CODE_COLUMN: code}
            if people.get(mode):
                fixed[CONTACT_COLUMN] = people[mode]
            elif mode == 2:
                continue
            yield Kind(None, fixed)


def _contacts_by_mode(contacts: Chapter | None) -> dict[int, int]:
    """One active contact of each kind."""
    found: dict[int, int] = {}
    active = set(contacts.of("I", "BI", "B")) if contacts else set()
    for item in contacts.items if contacts else ():
        if item["id"] in active:
            found.setdefault(item.get("contactMode", 1), item["id"])
    return found
