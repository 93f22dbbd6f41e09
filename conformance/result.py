"""The judged run: what reports are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..spec.catalogue import Rule
    from .finding import Finding
    from .known import KnownFailure

Status = Literal["pass", "fail", "warn", "inconclusive", "skip"]
Verdict = Literal["conforms", "violates", "undetermined"]
SkipReason = Literal[
    "no-control", "no-clock", "no-reset", "no-second-account", "not-offered", "no-data", "not-selected", "budget",
    "stopped-early",
]  # fmt: skip


@dataclass(frozen=True)
class RuleResult:
    """What a run says of one rule. `reason` is a SkipReason, or a sentence when inconclusive, else None.

    `judged` is the number of observations that the rule was tried on; `findings` are the failures (or doubts).
    """

    rule: Rule
    status: Status
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    judged: int = 0


@dataclass(frozen=True)
class ReadingResult:
    """Which value of a reading the target follows; None when the run could not tell."""

    name: str
    observed: str | None = None
    pinned: str | None = None


@dataclass(frozen=True)
class Stats:
    """What the run cost. `seconds` is wall time; `bytes_downloaded` counts export files."""

    requests: int = 0
    seconds: float = 0.0
    bytes_downloaded: int = 0
    jobs: int = 0


@dataclass(frozen=True)
class Result:
    """A judged run. `curl` gives, by exchange number, a line that reproduces it, secrets struck out.

    `ending` is None when the run ended by itself, else "interrupted" or "suite-failed" (contract, section 3);
    `problems` are sentences about what kept the run from judging more.
    """

    target_url: str
    verdict: Verdict
    rules: tuple[RuleResult, ...]
    readings: tuple[ReadingResult, ...]
    stats: Stats
    started: datetime
    profile: str = "standard"
    seed: int = 0
    capabilities: tuple[str, ...] = ()
    curl: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    ending: Literal["interrupted", "suite-failed"] | None = None
    fault: str | None = None
    variant: str | None = None
    adapter: str | None = None
    """What stood in for a control API, if that is how the control came."""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the user chose of what the target offers, `resourceTypes` and `capabilities`; all of what is not named."""
    known: tuple[KnownFailure, ...] = ()
    """The violations that the user listed as known."""
    rechecks: Mapping[str, Any] | None = None
    """What later looks at the links found, where the result is joined with them."""
    sights: Mapping[str, Any] = field(default_factory=dict)
    """What of the run is worth a picture, as `conformance/sights.py` takes it from the observations."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What no report may show: keys and credentials."""
    links: frozenset[str] = field(default=frozenset(), repr=False)
    """Download links, whose signed parts no report may show."""

    def count(self, status: Status) -> int:
        """Return how many rules have that status."""
        return sum(result.status == status for result in self.rules)

    @property
    def musts(self) -> tuple[int, int]:
        """How many MUST rules were judged (pass or fail), and how many the catalogue has."""
        musts = [result for result in self.rules if result.rule.level == "MUST"]
        return sum(result.status in ("pass", "fail") for result in musts), len(musts)

    @property
    def exit_status(self) -> int:
        """The exit status of contract section 3: 2 interrupted, 3 suite failed, 1 violates, 5 undetermined, 0."""
        if self.ending is not None:
            return 2 if self.ending == "interrupted" else 3
        return {"violates": 1, "undetermined": 5, "conforms": 0}[self.verdict]
