"""Many reports in one page: rules by targets, readings side by side, and what differs from one column to the next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..spec import catalogue
from .compared_text import summary
from .comparing import KINDS, compare, status_words
from .docs_link import page_of
from .document import target_name
from .page import asset, digest, render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TONES = {"violates": "fail", "undetermined": "inconclusive", "conforms": "pass"}


@dataclass(frozen=True)
class Column:
    """One report: the name that its column has, and its run record."""

    name: str
    document: Mapping[str, Any]

    @property
    def target(self) -> str:
        """What was judged."""
        return target_name(self.document)

    @property
    def tone(self) -> str:
        """The status that its verdict looks like."""
        return _TONES[self.document["verdict"]]

    @property
    def musts(self) -> tuple[int, int]:
        """How many MUSTs were judged, and how many there are in the report."""
        found = [rule["status"] for rule in self.document["rules"] if rule["level"] == "MUST"]
        return sum(status in ("pass", "fail") for status in found), len(found)


@dataclass(frozen=True)
class Cell:
    """What one report says of one rule. `change` is the kind of change from the column before, if there is one."""

    status: str | None
    words: str
    message: str | None
    change: str | None


@dataclass(frozen=True)
class Row:
    """One rule, and what each report says of it."""

    rule: str
    level: str
    title: str
    cells: tuple[Cell, ...]

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.rule.partition("/")[0]

    @property
    def same(self) -> bool:
        """Whether every report says the same."""
        return len({cell.status for cell in self.cells}) == 1


def to_matrix(columns: Sequence[Column], docs: str | None = None) -> str:
    """Return the page of these reports, in their order; it loads nothing and has no script.

    `docs` is where the documentation is, whose pages the rules link to: a URL, or a path relative to the page.
    """
    style = asset("style.css")
    policy = f"default-src 'none'; style-src {digest(style)}; base-uri 'none'; form-action 'none'"
    rows = _rows(columns)
    families = catalogue.families()
    names = [*families, *sorted({row.family for row in rows} - set(families))]
    steps = [(before, after, compare(before.document, after.document)) for before, after in pairwise(columns)]
    readings = list(dict.fromkeys(name for column in columns for name in column.document["readings"]))
    return render(
        "matrix.html",
        style=style,
        policy=policy,
        columns=columns,
        families=[(name, families.get(name, ""), [row for row in rows if row.family == name]) for name in names],
        rows=rows,
        steps=[(before, after, found, summary(found)) for before, after, found in steps],
        readings=[
            (name, [column.document["readings"].get(name, {}) for column in columns], catalogue.readings().get(name))
            for name in readings
        ],
        kinds=KINDS,
        pages={row.rule: page_of({"docs": docs}, row.rule) for row in rows if row.rule in catalogue.rules()},
        version=__version__,
    )


def _rows(columns: Sequence[Column]) -> list[Row]:
    """Return a row a rule that any of the reports has: in the catalogue's order, unknown ones last."""
    by_column = [{rule["id"]: rule for rule in column.document["rules"]} for column in columns]
    described = {rule_id: rule for rules in reversed(by_column) for rule_id, rule in rules.items()}
    steps = [
        {change.rule: change.kind for change in compare(before.document, after.document).changes}
        for before, after in pairwise(columns)
    ]
    order = [*(rule_id for rule_id in catalogue.rules() if rule_id in described)]
    order += [rule_id for rule_id in described if rule_id not in catalogue.rules()]
    return [
        Row(
            rule_id,
            described[rule_id]["level"],
            described[rule_id]["title"],
            tuple(
                _cell(rules.get(rule_id), changes.get(rule_id))
                for rules, changes in zip(by_column, [{}, *steps], strict=True)
            ),
        )
        for rule_id in order
    ]


def _cell(rule: Mapping[str, Any] | None, change: str | None) -> Cell:
    status = None if rule is None else rule["status"]
    message = None
    if rule is not None and status in ("fail", "warn", "inconclusive"):
        message = rule["reason"] or (rule["evidence"][0]["message"] if rule["evidence"] else None)
    return Cell(status, status_words(rule), message, change)
