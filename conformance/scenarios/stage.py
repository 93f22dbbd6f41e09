"""What scenarios share: the session, the atlas, and how hard to look; and how a scenario is described."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from ...spec.offer import Resource
    from ..session import Session
    from ..settings import Profile
    from .atlas import Atlas, Chapter


@dataclass(frozen=True)
class Effort:
    """How hard a profile looks. Sizes are in kilobytes of 1000 bytes."""

    copies: int
    types: int
    explored_jobs: int
    fuzzed_requests: int
    split_kb: int
    huge_kb: int
    many_ids: int
    many_rows: int


EFFORTS: dict[Profile, Effort] = {
    "quick": Effort(1, 3, 6, 12, 1_350, 0, 520, 0),
    "standard": Effort(2, 99, 40, 60, 4_600, 41_200, 1_100, 1_200),
    "thorough": Effort(5, 99, 300, 400, 12_000, 103_000, 5_000, 12_000),
}


@dataclass
class Stage:
    """Where scenarios play."""

    session: Session
    effort: Effort
    atlas: Atlas
    random: Random
    texts: list[str] = field(default_factory=list)

    def chapters(self, *names: str) -> list[Chapter]:
        """The chapters of these types, as far as the target offers them; all without names."""
        wanted = names or tuple(self.atlas.chapters)
        return [self.atlas.chapters[name] for name in wanted if name in self.atlas.chapters]

    @property
    def main(self) -> Resource | None:
        """The type that most jobs are about: Contacts, or the first that the target lists."""
        resources = self.session.offer.resources
        return resources.get("Contacts") or next(iter(resources.values()), None)


@dataclass(frozen=True)
class Scenario:
    """Something to do to a target. `serves` are patterns of the rules that it gives material to.

    `needs` are capabilities without which it is left out. A scenario that breaks off leaves the rules that it
    serves inconclusive, unless they were judged already.
    """

    name: str
    play: Callable[[Stage], None]
    serves: tuple[str, ...]
    needs: frozenset[str] = frozenset()

    def wanted(self, selected: frozenset[str]) -> bool:
        """Tell whether any selected rule gains from it."""
        return any(fnmatchcase(rule, pattern) for rule in selected for pattern in self.serves)
