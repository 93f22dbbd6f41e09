"""From findings to statuses and a verdict: rules judge a run, readings are settled, and the table is filled."""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from ..spec import catalogue
from . import rules as rules_package
from .finding import Finding, Vote, registered
from .result import ReadingResult, RuleResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..spec.catalogue import Rule
    from .observation import Run

SKIP_FOR_NEED = {
    "changes": "no-control",
    "clock": "no-clock",
    "reset": "no-reset",
    "second-account": "no-second-account",
}
_MOST_SHOWN = 8
# Rules that only an export with rows can put to the test: a run in which none was is no proof of anything.
_SUBSTANCE = frozenset({"window", "version", "ids", "inactive", "mode", "codes", "split", "csv", "counts"})


def load_rules() -> None:
    """Import every module of rules, so that their functions are registered."""
    for module in iter_modules(rules_package.__path__):
        import_module(f"{rules_package.__name__}.{module.name}")


class Docket:
    """Everything that was said about one run: findings by rule, and votes by reading."""

    def __init__(self, run: Run, crashed: dict[str, str] | None = None) -> None:
        """Let every registered rule judge the run. A rule that crashes is inconclusive, never passed."""
        load_rules()
        self.run = run
        self.findings: dict[str, list[Finding]] = defaultdict(list)
        self.votes: dict[str, list[Vote]] = defaultdict(list)
        self.crashed: dict[str, str] = dict(crashed or {})
        functions = {function: None for found in registered().values() for function in found}
        for function in functions:
            try:
                for said in function(run):
                    if isinstance(said, Vote):
                        self.votes[said.reading].append(said)
                    else:
                        self.findings[said.rule].append(said)
            except Exception as error:  # noqa: BLE001 - a crash in one rule is doubt about that rule, told as such
                owned = [rule_id for rule_id, found in registered().items() if function in found]
                place = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
                for rule_id in owned:
                    self.crashed[rule_id] = f"the suite failed in {place}: {type(error).__name__}: {error}"

    def readings(self) -> tuple[ReadingResult, ...]:
        """Settle every reading, and note a contradiction or a broken pin as a failure of its owning rule."""
        results = []
        for name, reading in catalogue.readings().items():
            pinned = self.run.pinned.get(name)
            left = frozenset(reading.values)
            for vote in self.votes[name]:
                if not left & vote.values:
                    self._contradiction(name, reading.rule, self.votes[name])
                    left = frozenset()
                    break
                left &= vote.values
            observed = next(iter(left)) if len(left) == 1 else None
            if pinned is not None and self.votes[name] and pinned not in left:
                self._broken_pin(name, reading.rule, pinned)
            if self.votes[name] and left:
                self.findings[reading.rule].append(Finding(reading.rule, "pass"))
            results.append(ReadingResult(name, observed, pinned))
        return tuple(results)

    def _contradiction(self, name: str, rule: str, votes: Sequence[Vote]) -> None:
        first = votes[0]
        other = next((v for v in votes if not v.values & first.values), None)
        if other is None:
            pairs = ((a, b) for a in votes for b in votes if not a.values & b.values)
            first, other = next(pairs, (votes[0], votes[-1]))
        self.findings[rule].append(
            Finding(
                rule,
                "fail",
                message=f"the target follows two understandings of {name}: {first.message}, but {other.message}",
                expected=f"one value of {name} throughout",
                received=f"{'/'.join(sorted(first.values))} and {'/'.join(sorted(other.values))}",
                job=other.job,
                exchanges=(*first.exchanges, *other.exchanges),
                key=f"reading:{name}",
            )
        )

    def _broken_pin(self, name: str, rule: str, pinned: str) -> None:
        vote = next((v for v in self.votes[name] if pinned not in v.values), self.votes[name][0])
        self.findings[rule].append(
            Finding(
                rule,
                "fail",
                message=f"the reading {name} is pinned to {pinned} in the settings, but {vote.message}",
                expected=pinned,
                received=" or ".join(sorted(vote.values)),
                job=vote.job,
                exchanges=vote.exchanges,
                key=f"pin:{name}",
            )
        )

    def rule_results(
        self, selected: frozenset[str], skips: Mapping[str, str], unheard: Mapping[str, str]
    ) -> tuple[RuleResult, ...]:
        """Give every rule of the catalogue its status.

        `skips` are skip reasons by rule id that the driver knows; `unheard` tells, by rule id, what kept the
        suite from trying a rule although it set out to: such a rule is inconclusive.
        """
        return tuple(self._result(rule, selected, skips, unheard) for rule in catalogue.rules().values())

    def _result(
        self, rule: Rule, selected: frozenset[str], skips: Mapping[str, str], unheard: Mapping[str, str]
    ) -> RuleResult:
        if rule.id not in selected:
            return RuleResult(rule, "skip", "not-selected")
        found = self.findings[rule.id]
        failures = fold([f for f in found if f.outcome == "fail"])
        passes = [f for f in found if f.outcome == "pass"]
        doubts = fold([f for f in found if f.outcome == "doubt"])
        judged = len([f for f in found if f.outcome != "doubt"])
        if failures:
            return RuleResult(rule, "fail" if rule.level == "MUST" else "warn", None, failures, judged)
        if rule.id in self.crashed:
            return RuleResult(rule, "inconclusive", self.crashed[rule.id], doubts, judged)
        for need in sorted(rule.needs):
            if need not in self.run.capabilities and not passes:
                return RuleResult(rule, "skip", SKIP_FOR_NEED[need])
        if rule.id in unheard:
            return RuleResult(rule, "inconclusive", unheard[rule.id], doubts, judged)
        if doubts:
            return RuleResult(rule, "inconclusive", doubts[0].message, doubts, judged)
        if passes:
            return RuleResult(rule, "pass", None, (), judged)
        return RuleResult(rule, "skip", skips.get(rule.id, "no-data"))


def fold(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep one finding a key, the first, with how many there were; the most telling first, a few at most."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.key or finding.message].append(finding)
    folded = []
    for group in groups.values():
        first = group[0]
        more = {"times": len(group)} if len(group) > 1 else {}
        folded.append(
            Finding(
                first.rule,
                first.outcome,
                first.message,
                first.expected,
                first.received,
                first.job,
                first.exchanges,
                first.key,
                {**first.details, **more},
            )
        )
    return tuple(folded[:_MOST_SHOWN])


def verdict_of(results: Sequence[RuleResult], problems: Sequence[str]) -> tuple[Verdict, tuple[str, ...]]:
    """Conclude: a failed MUST violates; doubt about a MUST, or nothing judged, is undetermined."""
    told = list(problems)
    musts = [result for result in results if result.rule.level == "MUST"]
    if any(result.status == "fail" for result in musts):
        return "violates", tuple(told)
    doubtful = [result.rule.id for result in musts if result.status == "inconclusive"]
    if doubtful:
        return "undetermined", tuple(told)
    if not any(result.status == "pass" for result in musts):
        told.append("No MUST could be judged, so nothing is known of this target.")
        return "undetermined", tuple(told)
    rows = [r for r in musts if r.rule.family in _SUBSTANCE and r.status != "skip"]
    wanted = [r for r in musts if r.rule.family in _SUBSTANCE and r.reason != "not-selected"]
    # Of rules that were selected one by one, any that was judged will do.
    proofs = {result.rule.id for result in wanted} & _ROWS_SEEN
    if wanted and not any(result.rule.id in proofs or not proofs for result in rows):
        told.append("No export held a single record, so nothing is known of what this target exports.")
        return "undetermined", tuple(told)
    return "conforms", tuple(told)


_ROWS_SEEN = frozenset({"split/one-file", "counts/equals-rows", "counts/all-files", "window/complete", "ids/exported"})
