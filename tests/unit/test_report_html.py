"""What report.html says first: the verdict, why rules were not judged, and the smallest case of a violation."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reports.document import left_out, to_document
from exportproof.reports.html import to_html
from exportproof.reports.page import sentence
from exportproof.reports.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.conformance.result import Result


def said(document: dict[str, Any]) -> str:
    """What a reader sees of the page, without its markup."""
    main = to_html(document).partition('<main id="main" class="wrap" tabindex="-1">')[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def document(whole_catalogue_result: Callable[[], Result]) -> dict[str, Any]:
    return to_document(whole_catalogue_result(), Redactor((), ()))


def test_why_rules_were_not_judged_stands_on_top(document: dict[str, Any]) -> None:
    rules = [rule | {"status": "skip", "reason": "no-control", "evidence": []} for rule in document["rules"]]
    rules[0]["reason"] = "no-data"
    assert [(reason, count) for reason, _, count in left_out(rules)] == [("no-control", len(rules) - 1), ("no-data", 1)]
    shown = said(document | {"rules": rules})
    told = (
        f"Not judged: {len(rules) - 1}, since no control API was given, and live data alone cannot show it "
        "(give it with --control-url ); 1, since the target's data hold no such case."
    )
    assert told in shown.partition("All rules")[0]
    passed = [rule | {"status": "pass"} for rule in rules]
    assert "Not judged: " not in said(document | {"rules": passed}).partition("All rules")[0]


def test_the_heading_does_not_say_undetermined_twice(unreachable: Result) -> None:
    document = to_document(unreachable, Redactor(unreachable.secrets, unreachable.links))
    assert document["headline"].startswith("Undetermined: ")
    assert "Undetermined Undetermined" not in said(document)
    assert said(document).startswith("Undetermined Nothing answers at ")


def test_a_violation_stands_with_its_demand_its_case_and_its_lines(violating: Result) -> None:
    case = {
        "changes": [{"id": 17, "at": "2026-11-20T10:00:00Z", "active": True}],
        "request": {"resourceType": "Contacts"},
    }
    found = next(result for result in violating.rules if result.status == "fail")
    first = replace(found.findings[0], details={"smallest": case})
    rules = tuple(replace(found, findings=(first,)) if result is found else result for result in violating.rules)
    document = to_document(replace(violating, rules=rules), Redactor(violating.secrets, violating.links))
    page = to_html(document)
    card = page.partition('<div class="violation fail">')[2].partition("</section>")[0]
    shown = " ".join(unescape(re.sub(r"<[^>]+>", " ", card)).split())
    assert shown.index(found.rule.title) < shown.index(found.rule.demand) < shown.index(first.message)
    assert shown.index(first.message) < shown.index("The smallest case that shows it") < shown.index("curl --")
    assert '<details class="lines" open>' in card


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("an end next week is answered 201", "An end next week is answered 201."),
        ("exportedRecordCount 4 for that file", "exportedRecordCount 4 for that file."),
        ("201 with an id", "201 with an id."),
        ("`fields` has it.", "`fields` has it."),
    ],
)
def test_a_phrase_becomes_a_sentence_and_a_name_stays_a_name(text: str, told: str) -> None:
    assert sentence(text) == told
