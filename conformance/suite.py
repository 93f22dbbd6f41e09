"""The suite as pytest sees it: one collector for this package, one item a rule.

The collector stands in for pytest's own for this folder, so that no file of it is imported by path: in a checkout
that would import the suite a second time, under the name of the folder.
"""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from _pytest._code.code import TerminalRepr, TracebackStyle

HERE = Path(__file__).parent
NODE_ID = __package__ or "exportproof.conformance"
OUTCOME = pytest.StashKey["Mapping[str, Mapping[str, Any]]"]()
"""Where a session keeps each rule's entry of the report, by rule id, once the target was driven.

An entry is that of report.json; a skipped rule's may have `because`, its reason in a sentence, and one of a known
failure has `told`, who knows of it until when, or `outdated`, what is wrong with the list.
"""


class ConformanceWarning(pytest.PytestWarning):
    """A violated SHOULD, a MAY worth knowing, or a SHOULD that could not be told. Leaves the verdict alone."""


class Suite(pytest.Directory):
    """The package, as the collector of one item a rule of the catalogue, in the catalogue's order."""

    def collect(self) -> Iterator[RuleItem]:
        """Yield every rule, selected for the run or not: each stands in every report."""
        for rule_id in catalogue.rules():
            yield RuleItem.from_parent(self, name=rule_id)


class Unasked(pytest.Directory):
    """The package when there is no target: it holds no test, whatever pytest is told that test files are called."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield nothing."""
        yield from ()


class RuleItem(pytest.Item):
    """One rule. Its test tells what the run found; the run itself is over by then."""

    @property
    def entry(self) -> Mapping[str, Any]:
        """The rule's entry of the report."""
        return self.session.stash[OUTCOME][self.name]

    def setup(self) -> None:
        """Fail here, as an error and not as a failed test, when a MUST could not be told."""
        entry = self.entry
        if entry["status"] == "inconclusive" and entry["level"] == "MUST":
            pytest.fail(describe(entry), pytrace=False)

    def runtest(self) -> None:
        """Tell the rule's status in pytest's words."""
        entry = self.entry
        if entry.get("outdated"):
            pytest.fail(f"{entry['outdated']}\n{describe(entry)}", pytrace=False)
        if entry.get("told"):
            pytest.xfail(f"{entry['told']}\n{describe(entry)}")
        if entry["status"] == "fail":
            pytest.fail(describe(entry), pytrace=False)
        if entry["status"] == "skip":
            pytest.skip(": ".join(text for text in (entry["reason"], entry.get("because")) if text))
        if entry["status"] in ("warn", "inconclusive"):
            self._tell(ConformanceWarning(describe(entry)))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None
    ) -> str | TerminalRepr:
        """Show what was found of the target, and no line of the suite, however much pytest is asked to show."""
        if isinstance(excinfo.value, pytest.fail.Exception):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def _tell(self, warning: ConformanceWarning) -> None:
        """Give pytest the warning, also where filters make warnings errors: the verdict is not theirs to change."""
        try:
            self.warn(warning)
        except ConformanceWarning:
            with warnings.catch_warnings():
                warnings.simplefilter("always", ConformanceWarning)
                self.warn(warning)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Tell where the rule stands in the catalogue, as file and line from 0, and its id."""
        return HERE.parent / "spec" / "rules.yaml", _lines()[self.name], self.name


@cache
def _lines() -> Mapping[str, int]:
    """Return the line, from 0, at which each rule of the catalogue begins; 0 where it is written otherwise."""
    lines = catalogue.read_text("rules.yaml").splitlines()
    found = {line.partition("- id:")[2].strip(): number for number, line in enumerate(lines) if "- id:" in line}
    return {rule_id: found.get(rule_id, 0) for rule_id in catalogue.rules()}


def describe(entry: Mapping[str, Any]) -> str:
    """Return what the run found of a rule: the first finding whole, how many more there are, the demand."""
    lines = [f"{entry['id']} ({entry['level']}): {_first_message(entry)}"]
    evidence = entry["evidence"]
    if evidence:
        first = evidence[0]
        lines.extend(f"  {label}: {first[label]}" for label in ("expected", "received") if first.get(label))
        lines.extend(f"  $ {request}" for request in first.get("requests") or [])
    if len(evidence) > 1:
        lines.append(f"  and {len(evidence) - 1} more in the report")
    lines.append(f"  demand: {entry['demand']}")
    lines.append(f"  source: {', '.join(entry['source'])}")
    return "\n".join(lines)


def _first_message(entry: Mapping[str, Any]) -> str:
    if entry["status"] == "inconclusive":
        return f"it could not be told: {entry['reason']}"
    return str(entry["evidence"][0]["message"]) if entry["evidence"] else entry["title"]
