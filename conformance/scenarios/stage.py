"""What scenarios share: the session, the atlas, and how hard to look; and how a scenario is described."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from ..sightings import looks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from random import Random

    from ...spec.offer import Resource
    from ..session import Session
    from ..settings import Profile
    from ..sightings import Look
    from .atlas import Atlas, Chapter
    from .census import Census

Item = TypeVar("Item")


@dataclass(frozen=True)
class Effort:
    """How hard a profile looks. Sizes are in kilobytes of 1000 bytes.

    `broad` tells whether it looks past the first case of each kind.
    """

    broad: bool
    copies: int
    types: int
    explored_jobs: int
    fuzzed_requests: int
    split_kb: int
    huge_kb: int
    many_ids: int
    many_rows: int
    census_rows: int


EFFORTS: dict[Profile, Effort] = {
    "quick": Effort(
        broad=False, copies=1, types=3, explored_jobs=4, fuzzed_requests=0, split_kb=1_350, huge_kb=0,
        many_ids=520, many_rows=0, census_rows=3_000,
    ),
    "standard": Effort(
        broad=True, copies=2, types=99, explored_jobs=3, fuzzed_requests=10, split_kb=12_600, huge_kb=41_200,
        many_ids=2_300, many_rows=0, census_rows=20_000,
    ),
    "thorough": Effort(
        broad=True, copies=5, types=99, explored_jobs=300, fuzzed_requests=400, split_kb=13_000, huge_kb=103_000,
        many_ids=5_000, many_rows=66_000, census_rows=100_000,
    ),
}  # fmt: skip


@dataclass
class Stage:
    """Where scenarios play."""

    session: Session
    effort: Effort
    atlas: Atlas
    random: Random
    texts: list[str] = field(default_factory=list)
    counted: dict[str, Census] = field(default_factory=dict)

    def some(self, cases: Iterable[Item], key: Callable[[Item], object]) -> list[Item]:
        """All of the cases, or one of each kind where the profile is not broad; `key` tells the kind."""
        found = list(cases)
        if self.effort.broad:
            return found
        kinds: dict[object, list[Item]] = {}
        for case in found:
            kinds.setdefault(key(case), []).append(case)
        return [self.random.choice(alike) for alike in kinds.values()]

    def sample(self, cases: Sequence[Item], a_copy: int) -> list[Item]:
        """A few of the cases, in their order: so many for each of the profile's copies."""
        chosen = set(self.random.sample(range(len(cases)), min(len(cases), a_copy * self.effort.copies)))
        return [case for place, case in enumerate(cases) if place in chosen]

    def chapters(self, *names: str) -> list[Chapter]:
        """The chapters of these types, as far as the target offers them; all without names."""
        wanted = names or tuple(self.atlas.chapters)
        return [self.atlas.chapters[name] for name in wanted if name in self.atlas.chapters]

    def censuses(self, *names: str) -> list[Census]:
        """What was counted of these types, the largest first; of all types without names."""
        found = [census for name, census in self.counted.items() if not names or name in names]
        return sorted(found, key=lambda census: (census.resource.name != "Contacts", -len(census.look.rows)))

    def looks(self, name: str) -> list[Look]:
        """What the first account's jobs of one type have shown so far."""
        return looks_of(self.session.run()).get(("first", name), [])

    @property
    def main(self) -> Resource | None:
        """The type that most jobs are about: Contacts, or the first that the target lists."""
        resources = self.session.offer.resources
        return resources.get("Contacts") or next(iter(resources.values()), None)


@dataclass(frozen=True)
class Scenario:
    """Something to do to a target. `serves` are patterns of the rules that it gives material to.

    `needs` are capabilities without which it is left out, `without` those with which it is not needed. A scenario
    that breaks off leaves the rules that it serves inconclusive, unless they were judged already.
    """

    name: str
    play: Callable[[Stage], None]
    serves: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def playable(self, capabilities: Collection[str]) -> bool:
        """Tell whether it fits what the target offers."""
        return self.needs.issubset(capabilities) and self.without.isdisjoint(capabilities)

    def wanted(self, selected: frozenset[str]) -> bool:
        """Tell whether any selected rule gains from it."""
        return any(fnmatchcase(rule, pattern) for rule in selected for pattern in self.serves)
