"""The catalogue of rules, the readings, and the seed's addresses, as frozen values.

`spec/rules.yaml` and `spec/readings.yaml` are the source; this module only reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Level = Literal["MUST", "SHOULD", "MAY"]


@dataclass(frozen=True)
class Rule:
    """One demand on a target. `needs` names what must be offered for it to be judged.

    `passes` and `fails` are an example each; `fix` is where an implementer looks first.
    """

    id: str
    level: Level
    title: str
    demand: str
    passes: str
    fails: str
    fix: str
    source: tuple[str, ...]
    needs: frozenset[str]
    readings: tuple[str, ...]

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.id.split("/", 1)[0]


@dataclass(frozen=True)
class Reading:
    """One ambiguity: a conforming target follows exactly one of `values`."""

    name: str
    question: str
    source: tuple[str, ...]
    values: Mapping[str, str]
    observed: str
    reference: str
    rule: str


@dataclass(frozen=True)
class Address:
    """One sentence of the seed, by its address, in the project's own words."""

    id: str
    paraphrase: str
    demands_nothing: str | None


@dataclass(frozen=True)
class Reference:
    """What rules rest on beside the seed: a standard, or what is publicly known. `url` is where to read it."""

    id: str
    title: str
    says: str
    url: str | None


def read_text(name: str) -> str:
    """Return a file of `spec/` as text."""
    return (files(__package__) / name).read_text(encoding="utf-8")


@cache
def document(name: str) -> Any:  # noqa: ANN401 - a YAML document has no one type
    """Return a YAML or JSON document of `spec/`. Shared: do not change what comes back."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in C, where PyYAML was built with it
    return yaml.load(read_text(name), Loader=loader)  # noqa: S506 - both are safe loaders


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by id, in the catalogue's order."""
    return {
        raw["id"]: Rule(
            id=raw["id"],
            level=raw["level"],
            title=raw["title"],
            demand=raw["demand"].strip(),
            passes=raw["passes"].strip(),
            fails=raw["fails"].strip(),
            fix=raw["fix"].strip(),
            source=tuple(raw["source"]),
            needs=frozenset(raw.get("needs", ())),
            readings=tuple(raw.get("readings", ())),
        )
        for raw in document("rules.yaml")["rules"]
    }


@cache
def rule_lines() -> Mapping[str, int]:
    """The line of `rules.yaml` at which each rule starts, by id, counted from 1."""
    lines = enumerate(read_text("rules.yaml").splitlines(), 1)
    starts = ((number, re.match(r" *- id: *(\S+)", line)) for number, line in lines)
    return {match[1]: number for number, match in starts if match is not None}


@cache
def families() -> Mapping[str, str]:
    """Every family with what its rules are about."""
    return dict(document("rules.yaml")["families"])


@cache
def readings() -> Mapping[str, Reading]:
    """Every reading by name."""
    return {
        raw["name"]: Reading(
            name=raw["name"],
            question=raw["question"],
            source=tuple(raw["source"]),
            values={str(value): meaning for value, meaning in raw["values"].items()},
            observed=raw["observed"],
            reference=str(raw["reference"]),
            rule=raw["rule"],
        )
        for raw in document("readings.yaml")["readings"]
    }


@cache
def addresses() -> Mapping[str, Address]:
    """Every address of the seed."""
    return {
        key: Address(key, raw["says"].strip(), raw.get("demands-nothing"))
        for key, raw in document("rules.yaml")["addresses"].items()
    }


@cache
def references() -> Mapping[str, Reference]:
    """Everything else that rules rest on, by its name (`rfc4180`, `facts:1.2`)."""
    return {
        key: Reference(key, raw["title"], raw["says"].strip(), raw.get("url"))
        for key, raw in document("rules.yaml")["references"].items()
    }


def rules_at(address: str) -> tuple[Rule, ...]:
    """The rules that rest on an address."""
    return tuple(rule for rule in rules().values() if address in rule.source)


def select(patterns: Iterable[str]) -> frozenset[str]:
    """Return the ids of the rules that match any of the shell patterns; all of them without a pattern.

    Raises LookupError naming the first pattern that matches no rule.
    """
    patterns = tuple(patterns)
    chosen: set[str] = set()
    for pattern in patterns:
        matched = {rule_id for rule_id in rules() if fnmatchcase(rule_id, pattern)}
        if not matched:
            raise LookupError(pattern)
        chosen |= matched
    return frozenset(chosen if patterns else rules())
