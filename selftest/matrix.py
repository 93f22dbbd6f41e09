"""The matrix of many trials, and how it is told: as text for a terminal and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..reports.proof_text import sentences
from .publish import proof_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..reports.proof import Proof
    from .trial import Kind, Trial

_SHOWN_EVIDENCE = 140


@dataclass(frozen=True)
class Matrix:
    """Trials in the order of their cases."""

    trials: tuple[Trial, ...]

    def of(self, *kinds: Kind) -> tuple[Trial, ...]:
        """The trials of these kinds."""
        return tuple(trial for trial in self.trials if trial.case.kind in kinds)

    @cached_property
    def proof(self) -> Proof:
        """What the trials prove."""
        return proof_of(self.trials)

    @property
    def as_expected(self) -> bool:
        """True when every trial ended as its case says that it should."""
        return bool(self.trials) and all(trial.as_expected for trial in self.trials)

    @property
    def _by_own_families(self) -> bool:
        return any(trial.case.rules for trial in self.of("fault"))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for matrix.json."""
        return {
            "version": __version__,
            "profiles": sorted({trial.case.profile for trial in self.trials}),
            "ownFamilies": self._by_own_families,
            "asExpected": self.as_expected,
            "figures": self.proof.figures(),
            "catches": {rule: list(names) for rule, names in self.proof.catches.items()},
            "trials": [trial.to_dict() for trial in self.trials],
        }

    def to_text(self) -> str:
        """The compact table for a terminal, and the figures under it."""
        return "\n".join([*self._table(), "", *(f"{line}." for line in sentences(self.proof))])

    def _table(self) -> Iterator[str]:
        width = max((len(_title(trial)) for trial in self.trials), default=0)
        for trial in self.trials:
            mark = "ok " if trial.as_expected else "BAD"
            yield f"{mark}  {_title(trial):<{width}}  {_told(trial)}"
            if not trial.as_expected:
                yield from (f"       {line}" for line in _why(trial))


def _title(trial: Trial) -> str:
    return trial.case.name if trial.case.kind == "fault" else f"{trial.case.name} (seed {trial.case.seed})"


def _told(trial: Trial) -> str:
    failed = [*trial.failed, *(f"{rule} (warned)" for rule in trial.warned)]
    return ", ".join(failed) if failed else trial.verdict


def _why(trial: Trial) -> Iterator[str]:
    for rule in trial.missed:
        yield f"missed: {rule}"
    for rule in trial.alarms:
        yield f"not expected: {rule}: {trial.evidence.get(rule, '')[:_SHOWN_EVIDENCE]}"
    yield from (f"problem: {problem[:_SHOWN_EVIDENCE]}" for problem in trial.problems)
