"""The atlas: a fixed set of life stories around one window, put in place once and asked about by many jobs.

Each story is a few changes long ago (O), nearly 90 days ago (Q), before (B), inside (I) or after (A) the window, or at
an exact instant near one of its ends; a small letter deactivates. Stories are told for every resource type, for people
and organizations, and for both activist codes. Longer lives, and changes that leave the columns alone, have names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from ...spec.offer import INT32_MAX, format_instant
from ..membership import CODE_COLUMN, CODES_TYPE, CONTACT_COLUMN
from .people import custom_values, fillable, may_be_empty, version_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from ...spec.offer import Resource

STEP = timedelta(milliseconds=10)
STORIES = (
    "B", "BB", "I", "BI", "BII", "IA", "BIA", "BIIAA", "A", "BA",
    "i", "Bi", "Ia", "BbI", "BiA", "Bb", "BbB", "Ba", "BIa", "BiI", "O", "Oo", "Q",
    # More changes than a short history would keep.
    "I" + 12 * "A", 12 * "B" + "I", "BIIIIIII",
)  # fmt: skip
# Two changes of one record, close together on both sides of an end, or of the whole window.
BESIDE = (
    ("end", STEP), ("end", timedelta(seconds=1)), ("end", timedelta(minutes=1)),
    ("start", STEP), ("start", timedelta(seconds=1)), ("start", timedelta(minutes=1)),
)  # fmt: skip
# Changes at exact distances from the window's start and end. What stands exactly on an end is a reading.
EDGES = (
    timedelta(0), STEP, -STEP, timedelta(seconds=1), timedelta(seconds=-1),
    timedelta(milliseconds=490), timedelta(milliseconds=510),
    timedelta(milliseconds=-490), timedelta(milliseconds=-510),
    timedelta(minutes=30), timedelta(minutes=-30), timedelta(hours=5), timedelta(hours=-5),
    timedelta(hours=13), timedelta(hours=-13),
)  # fmt: skip
# Two that the records have, the same but for what is beyond 16 bits, and a larger one that no record has.
ACTIVIST_CODES = (4_001, 4_001 + 2**16, 4_003 + 2**16)


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
            "o": (self.start - timedelta(days=300), self.start - timedelta(days=60)),
            # Within the longest window of the suite, and after the one that is empty.
            "q": (self.now - timedelta(days=86, hours=20), self.now - timedelta(days=86)),
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
            turns = [Turn(at, letter.isupper()) for letter, at in zip(story, instants, strict=True)]
            self.record(chapter, story, kind, turns, random)
        for number, (edge, shift) in enumerate(product(("start", "end", "middle"), EDGES)):
            turns = [Turn(getattr(self, edge) + shift)]
            self.record(chapter, f"{edge}{shift.total_seconds():+g}", kinds[number % len(kinds)], turns, random)
        for number, kind in enumerate(kinds):
            self._tell_quiet(chapter, random, kind, kinds[number - 1])
        while texts:
            left = len(texts)
            self.record(chapter, "text", kinds[0], [Turn(self.moment("i", random))], random, texts)
            if len(texts) == left:
                break

    def _tell_quiet(self, chapter: Chapter, random: Random, kind: Kind, other: Kind) -> None:
        """Changes beside an end, and changes that leave every column alone or move a record to another kind."""
        for edge, shift in BESIDE:
            at: datetime = getattr(self, edge)
            self.record(chapter, "beside", kind, [Turn(at - shift), Turn(at + shift)], random)
            if edge == "end":
                self.record(chapter, "around", kind, [Turn(self.start - shift), Turn(at + shift)], random)
        midnight = self.middle.replace(hour=0, minute=0, second=0, microsecond=0)
        for shift in (timedelta(0), timedelta(milliseconds=-500), -STEP):
            self.record(chapter, "midnight", kind, [Turn(midnight + shift)], random)
        before, inside = self.moment("b", random), self.moment("i", random)
        for story, first, second in (
            ("silently inactive", Turn(before), Turn(inside, active=False, values="same")),
            ("silently active", Turn(before, active=False), Turn(inside, values="same")),
            ("emptied", Turn(before), Turn(inside, values="bare")),
            ("moved", Turn(before, kind=other), Turn(inside)),
            ("moved later", Turn(inside, kind=other), Turn(self.moment("a", random))),
        ):
            self.record(chapter, story, kind, [first, second], random)
        if CODE_COLUMN in kind.fixed:
            rare = Kind(None, {**kind.fixed, CODE_COLUMN: INT32_MAX})
            self.record(chapter, "rare code", rare, [Turn(inside)], random)
        if kind.contact_mode is not None:
            turns = [Turn(before, kind=other), Turn(inside, values="same")]
            self.record(chapter, "silently moved", kind, turns, random)
        if chapter.resource.custom_fields:
            turns = [Turn(before), Turn(inside, values="custom")]
            self.record(chapter, "custom fields alone", kind, turns, random)
        if any(not field.core for field in fillable(chapter.resource)):
            turns = [Turn(before), Turn(inside, values="extra")]
            self.record(chapter, "other than core fields alone", kind, turns, random)

    def record(
        self,
        chapter: Chapter,
        story: str,
        kind: Kind,
        turns: Sequence[Turn],
        random: Random,
        texts: list[str] | None = None,
        identifier: int | None = None,
    ) -> int:
        """Write one record with its changes; returns its id."""
        identifier = self.fresh_ids(1)[0] if identifier is None else identifier
        chapter.ids.setdefault(story, []).append(identifier)
        last: dict[str, Any] = {}
        for version, turn in enumerate(turns):
            now = turn.kind or kind
            values = last.get("values", {})
            if turn.values in ("new", "extra", "bare"):
                fresh = version_values(chapter.resource, version, random, texts if turn.values == "new" else None)
                kept = {field.name for field in chapter.resource.core} if turn.values == "extra" else ()
                values = {name: values[name] if name in kept else value for name, value in fresh.items()}
            if turn.values == "bare":
                values |= dict.fromkeys(may_be_empty(chapter.resource))
            item: dict[str, Any] = {
                "id": identifier,
                "at": format_instant(turn.at),
                "active": turn.active,
                "values": {**values, **now.fixed},
            }
            if now.contact_mode is not None:
                item["contactMode"] = now.contact_mode
            if chapter.resource.custom_fields:
                # Empty ones are for records that change once: an old version's could not be told from lost ones.
                made = custom_values(chapter.resource, version, random, some_empty=len(turns) == 1)
                item["customFields"] = last["customFields"] if turn.values in ("same", "extra") else made
            chapter.items.append(item)
            last = item
        return identifier


@dataclass(frozen=True)
class Turn:
    """One change in a record's life: all columns new, those that are not core or custom alone, or only its state.

    With "bare" values all columns are new, and those empty that may be. `kind` is set
    where the record is of another kind than it will be in the end.
    """

    at: datetime
    active: bool = True
    values: Literal["new", "extra", "custom", "same", "bare"] = "new"
    kind: Kind | None = None


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
    """One active contact of each kind, which changed in the window: that is no change of what points at it."""
    found: dict[int, int] = {}
    active = set(contacts.of("I", "BI")) if contacts else set()
    for item in contacts.items if contacts else ():
        if item["id"] in active:
            found.setdefault(item.get("contactMode", 1), item["id"])
    return found
