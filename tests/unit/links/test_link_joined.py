"""The report of later looks: joined with that of the run, again and again, and never with another's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from exportproof.conformance.finding import Finding
from exportproof.conformance.link_judging import Untried, judge_looks
from exportproof.conformance.literals import ROOT, THEN
from exportproof.conformance.result import ReadingResult, Result, RuleResult, Stats
from exportproof.conformance.verdict import verdict_of
from exportproof.reports.document import to_document
from exportproof.reports.joined import OtherReportError, first_report, join
from exportproof.reports.redact import Redactor
from exportproof.spec import catalogue

from .conftest import DAY, END, RUN, SECOND, ledger, link, look

if TYPE_CHECKING:
    from pathlib import Path

    from exportproof.conformance.link_ledger import LinkLedger

SCHEMA = Draft202012Validator(catalogue.document("report.schema.json"))
LATE = link(due=None, settled="late-death", history=(look("late-death", END + DAY, size=24, sha256=link().sha256),))
LIVES = link(history=(look("alive", THEN + DAY, size=24, sha256=link().sha256),))
DEAD = link(due=None, settled="dead", history=(look("dead", END + 90 * SECOND, status=410),))
DEAD_RULE = "links/dead-after-expiry"


def result(**statuses: str) -> Result:
    """The result of a run, whose rules have these statuses (dots for slashes), or were passed."""
    rules = []
    for rule in catalogue.rules().values():
        status: Any = statuses.get(rule.id.replace("/", "_").replace("-", "_"), "pass")
        reason = {"skip": "no-clock", "inconclusive": "nobody knows"}.get(status)
        failed = Finding(rule.id, "fail", "it broke", "a", "b", "job", (1, 2), details={"row": 3})
        rules.append(RuleResult(rule, status, reason, (failed,) if status == "fail" else (), 4))
    return Result(
        ROOT, verdict_of(rules, ())[0], tuple(rules),
        tuple(ReadingResult(name) for name in catalogue.readings()), Stats(5, 1.5, 99, 2), THEN, "quick", 7,
        curl={1: "curl one", 2: "curl two"}, problems=("something",),
    )  # fmt: skip


def document(of: Result) -> dict[str, Any]:
    """Its report, which obeys the schema."""
    found = to_document(of, Redactor())
    assert [error.message for error in SCHEMA.iter_errors(found)] == []
    return found


def known(first: Result, *links: Any) -> LinkLedger:
    """A ledger with the links of that run."""
    written = document(first)
    rules = {rule["id"]: (rule["status"], rule["reason"], rule["judged"]) for rule in written["rules"]}
    return ledger(*links, runs=(replace(RUN, verdict=first.verdict, rules=rules, started=written["started"]),))


def rule_of(report: dict[str, Any], rule: str = DEAD_RULE) -> dict[str, Any]:
    return next(dict(entry) for entry in report["rules"] if entry["id"] == rule)


def joined(first: Result, directory: Path, *links: Any, untried: tuple[Untried, ...] = ()) -> dict[str, Any]:
    """The report of a recheck beside the report that stands in the folder; written there in its place."""
    noted = known(first, *links)
    read = first_report(noted, directory)
    assert read is not None
    told = document(join(read, judge_looks(noted, untried), (), {"links": {}, "nextLook": None}))
    (directory / "report.json").write_text(json.dumps(told), encoding="utf-8")
    return told


@pytest.mark.parametrize(
    ("before", "links", "status", "verdict"),
    [
        ("skip", (LIVES,), "skip", "conforms"),
        ("skip", (DEAD,), "pass", "conforms"),
        ("skip", (DEAD, LATE), "fail", "violates"),
        ("pass", (LATE,), "fail", "violates"),
        ("pass", (DEAD,), "pass", "conforms"),
        ("inconclusive", (DEAD,), "inconclusive", "undetermined"),
        ("fail", (DEAD,), "fail", "violates"),
        ("fail", (LATE,), "fail", "violates"),
    ],
)
def test_a_violation_stays_one_and_so_does_doubt(
    tmp_path: Path, before: str, links: Any, status: str, verdict: str
) -> None:
    first = result(links_dead_after_expiry=before)
    (tmp_path / "report.json").write_text(json.dumps(document(first)), encoding="utf-8")
    told = joined(first, tmp_path, *links)
    assert (rule_of(told)["status"], told["verdict"]) == (status, verdict)
    assert joined(first, tmp_path, *links) == told


def test_everything_else_stays_as_the_run_told_it(tmp_path: Path) -> None:
    first = result(window_complete="fail", links_dead_after_expiry="fail", csv_utf_8="inconclusive")
    before = document(first)
    (tmp_path / "report.json").write_text(json.dumps(before), encoding="utf-8")
    told = joined(first, tmp_path, LATE)
    others = [entry["id"] for entry in told["rules"] if entry["id"] != DEAD_RULE]
    assert [rule_of(told, rule) for rule in others] == [rule_of(before, rule) for rule in others]
    mine, later = rule_of(told)["evidence"]
    assert mine == rule_of(before)["evidence"][0]
    assert later["requests"] == [later["request"]]
    assert later["request"].endswith("/changedEntityExportJobs/1")
    assert (told["stats"], told["problems"], told["profile"]) == (before["stats"], before["problems"], "quick")


def test_what_could_not_be_tried_is_told_until_it_can(tmp_path: Path) -> None:
    first = result(links_dead_after_expiry="skip")
    (tmp_path / "report.json").write_text(json.dumps(document(first)), encoding="utf-8")
    gap = Untried(link(), "no answer", after_end=True)
    told = joined(first, tmp_path, link(), untried=(gap,))
    assert (rule_of(told)["status"], told["verdict"]) == ("inconclusive", "undetermined")
    assert "could not be tried: no answer" in rule_of(told)["reason"]
    assert rule_of(joined(first, tmp_path, DEAD))["status"] == "pass"


def test_what_kept_a_run_from_a_verdict_still_does(tmp_path: Path) -> None:
    first = replace(result(), verdict="undetermined", ending="interrupted")
    (tmp_path / "report.json").write_text(json.dumps(document(first)), encoding="utf-8")
    assert joined(first, tmp_path, DEAD)["verdict"] == "undetermined"


def test_without_a_report_the_ledger_has_the_outline(tmp_path: Path) -> None:
    first = result(window_complete="fail", csv_utf_8="inconclusive")
    told = joined(first, tmp_path, DEAD)
    assert rule_of(told, "window/complete")["status"] == "fail"
    assert "the report that it wrote has the evidence" in rule_of(told, "window/complete")["evidence"][0]["message"]
    assert rule_of(told, "csv/utf-8")["status"] == "inconclusive"
    assert first_report(ledger(runs=()), tmp_path / "none") is None


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"target": {"url": "http://elsewhere"}}, {"rules": [{}]}, {"stats": 1}]
)
def test_another_report_is_left_alone(tmp_path: Path, change: dict[str, Any]) -> None:
    first = result()
    (tmp_path / "report.json").write_text(json.dumps({**document(first), **change}), encoding="utf-8")
    with pytest.raises(OtherReportError, match="left as it was"):
        first_report(known(first, DEAD), tmp_path)
