"""The matrix of many trials, its figures, and how it is told: as text, as JSON and as a page in Markdown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..reference.faults import faults
from ..reference.variants import variants
from ..spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .trial import Kind, Trial

_SHOWN_EVIDENCE = 140


@dataclass(frozen=True)
class Matrix:
    """Trials in the order of their cases."""

    trials: tuple[Trial, ...]

    def of(self, *kinds: Kind) -> tuple[Trial, ...]:
        """The trials of these kinds."""
        return tuple(trial for trial in self.trials if trial.case.kind in kinds)

    @property
    def caught(self) -> tuple[Trial, ...]:
        """The faults of which at least one rule that they break failed, or warned."""
        return tuple(trial for trial in self.of("fault") if len(trial.missed) < len(trial.named))

    @property
    def exact(self) -> tuple[Trial, ...]:
        """The faults of which all rules that they break failed, or warned, and no other MUST did."""
        return tuple(trial for trial in self.of("fault") if trial.as_expected)

    @property
    def false_alarms(self) -> tuple[Trial, ...]:
        """The trials of the honest reference and of variants in which anything but a pass was told."""
        return tuple(trial for trial in self.of("reference", "variant") if not trial.as_expected)

    @cached_property
    def catches(self) -> Mapping[str, tuple[str, ...]]:
        """The faults that each rule of the catalogue caught, among those that say that they break it."""
        found: dict[str, list[str]] = defaultdict(list)
        for trial in self.of("fault"):
            for rule in trial.named:
                if rule not in trial.missed:
                    found[rule].append(trial.case.name)
        return {rule: tuple(found[rule]) for rule in catalogue.rules()}

    @property
    def idle(self) -> tuple[str, ...]:
        """The rules that catch nothing, of those that a fault which was tried says that it breaks."""
        tried = {rule for trial in self.of("fault") for rule in trial.named}
        return tuple(rule for rule, names in self.catches.items() if rule in tried and not names)

    @property
    def as_expected(self) -> bool:
        """True when every trial ended as its case says that it should."""
        return bool(self.trials) and all(trial.as_expected for trial in self.trials)

    @property
    def _by_own_families(self) -> bool:
        return any(trial.case.rules for trial in self.of("fault"))

    def figures(self) -> dict[str, Any]:
        """The figures, all of them counted from the trials."""
        calm = self.of("reference", "variant")
        return {
            "faults": len(self.of("fault")),
            "faultsCaught": len(self.caught),
            "faultsExact": len(self.exact),
            "rulesThatCatch": sum(bool(names) for names in self.catches.values()),
            "rules": len(self.catches),
            "rulesThatCatchNothing": list(self.idle),
            "conformingServers": len({trial.case.name for trial in calm}),
            "conformingRuns": len(calm),
            "seeds": len({trial.case.seed for trial in calm}),
            "falseAlarms": len(self.false_alarms),
            "requests": sum(trial.requests for trial in self.trials),
            "seconds": round(sum(trial.seconds for trial in self.trials)),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for matrix.json."""
        return {
            "version": __version__,
            "profiles": sorted({trial.case.profile for trial in self.trials}),
            "ownFamilies": self._by_own_families,
            "asExpected": self.as_expected,
            "figures": self.figures(),
            "catches": {rule: list(names) for rule, names in self.catches.items()},
            "trials": [trial.to_dict() for trial in self.trials],
        }

    def to_text(self) -> str:
        """The compact table for a terminal, and the figures under it."""
        return "\n".join([*self._table(), "", *(f"{line}." for line in self._sentences())])

    def _table(self) -> Iterator[str]:
        width = max((len(_title(trial)) for trial in self.trials), default=0)
        for trial in self.trials:
            mark = "ok " if trial.as_expected else "BAD"
            yield f"{mark}  {_title(trial):<{width}}  {_told(trial)}"
            if not trial.as_expected:
                yield from (f"       {line}" for line in _why(trial))

    def _sentences(self) -> Iterator[str]:
        figures = self.figures()
        if figures["faults"]:
            yield (
                f"{figures['faultsCaught']} of {figures['faults']} faults caught; {figures['faultsExact']} of them by "
                "exactly the rules that they break"
            )
            idle = figures["rulesThatCatchNothing"]
            catching = f"{figures['rulesThatCatch']} of {figures['rules']} rules catch a fault"
            yield f"{catching}; these catch nothing: {', '.join(idle)}" if idle else catching
        if figures["conformingRuns"]:
            alarms, runs = _number(figures["falseAlarms"], "false alarm"), _number(figures["conformingRuns"], "run")
            servers, seeds = figures["conformingServers"], figures["seeds"]
            yield f"{alarms} in {runs} over {_number(servers, 'conforming server')}, with {_number(seeds, 'seed')}"
        yield f"{figures['requests']:,} requests in {figures['seconds']:,} s of judging"

    def to_markdown(self) -> str:
        """The page that is published: the figures, then faults, variants and rules."""
        profiles = ", ".join(sorted({trial.case.profile for trial in self.trials}))
        intro = (
            "What the suite says of its own reference implementation, broken in named ways and conforming in unusual "
            f"ones. Written by `exportproof selftest` (version {__version__}, profile {profiles}); every figure was "
            "measured."
        )
        if self._by_own_families:
            intro += " Each fault was judged by the families of the rules that it breaks alone (`--own-families`)."
        lines = [
            "# Selftest",
            "",
            intro,
            "",
            *(f"- {line}." for line in self._sentences()),
            "",
            *_section("Faults", ("fault", "what it does", "rules that fail"), self._fault_rows()),
            *_section("Conforming servers", ("server", "what it does", "runs", "false alarms"), self._calm_rows()),
            *_section("Rules", ("rule", "level", "faults that it catches"), self._rule_rows()),
        ]
        return "\n".join(lines).rstrip() + "\n"

    def _fault_rows(self) -> Iterator[tuple[str, ...]]:
        known = faults()
        for trial in self.of("fault"):
            failed = [*trial.failed, *(rule for rule in trial.warned if rule in trial.named)]
            told = ", ".join(f"`{rule}`" if rule in trial.named else f"`{rule}` (unexpected)" for rule in failed)
            missed = "".join(f"; missed: `{rule}`" for rule in trial.missed)
            yield f"`{trial.case.name}`", known[trial.case.name].does, (told or "none") + missed

    def _calm_rows(self) -> Iterator[tuple[str, ...]]:
        known = variants()
        runs: dict[str, list[Trial]] = defaultdict(list)
        for trial in self.of("reference", "variant"):
            runs[trial.case.name].append(trial)
        for name, found in runs.items():
            does = known[name].does if name in known else "The reference implementation as it is."
            alarms = sorted({rule for trial in found for rule in trial.alarms})
            yield f"`{name}`", does, str(len(found)), ", ".join(f"`{rule}`" for rule in alarms) or "none"

    def _rule_rows(self) -> Iterator[tuple[str, ...]]:
        for rule, names in self.catches.items():
            yield f"`{rule}`", catalogue.rules()[rule].level, str(len(names))


def _section(title: str, heads: Sequence[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    found = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    if not found:
        return []
    return [f"## {title}", "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *found, ""]


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


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
