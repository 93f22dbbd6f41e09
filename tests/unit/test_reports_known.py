"""Known failures as each report shows them, from the run record alone."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from exportproof.conformance.known import KnownFailure
from exportproof.reports.badge import badge, to_badge
from exportproof.reports.document import to_document
from exportproof.reports.html import to_html
from exportproof.reports.junit import to_junit
from exportproof.reports.known import exit_status
from exportproof.reports.markdown import to_markdown
from exportproof.reports.redact import Redactor
from exportproof.reports.sarif import to_sarif
from exportproof.reports.text import summary
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from exportproof.conformance.result import Result

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STALE = KnownFailure("version/not-snapshot", "ann", "ticket 12", date(2026, 12, 1))
LARGE = replace(STALE, rule="split/within-limit", reason="ticket 13 | <b>soon</b>")
SILENT = replace(STALE, rule="auth/challenge", reason="ticket 14")


@pytest.fixture
def record(violating: Result) -> Any:
    """Makes the record of a run with two violated MUSTs, a warning and a doubt, for a list of known failures."""

    def make(*known: KnownFailure, result: Result = violating, **changes: Any) -> dict[str, Any]:
        found = replace(result, known=known, **changes)
        document = to_document(found, Redactor(found.secrets, found.links), TODAY) | {"docs": None}
        jsonschema.validate(document, catalogue.document("report.schema.json"))
        return document

    return make


def test_the_record_marks_what_is_known_and_keeps_the_verdict(record: Any, key: str) -> None:
    document = record(STALE, replace(SILENT, reason=f"see {key}"))
    marked = {rule["id"]: rule["known"]["owner"] for rule in document["rules"] if "known" in rule}
    assert marked == {"version/not-snapshot": "ann", "auth/challenge": "ann"}
    assert document["verdict"] == "violates"
    assert document["headline"].startswith("The target violates 2 MUST rules, 1 of them known.")
    assert exit_status(document, 1) == 1
    assert key not in json.dumps(document)


def test_what_is_known_alone_does_not_fail_but_doubt_stays_doubt(record: Any) -> None:
    document = record(STALE, LARGE)
    assert "2 MUST rules, all of them known." in document["headline"]
    assert exit_status(document, 1) == 5, "a MUST stayed open beside"


def test_sarif_suppresses_what_is_known_and_nothing_else(record: Any) -> None:
    results = {each["ruleId"]: each for each in json.loads(to_sarif(record(STALE)))["runs"][0]["results"]}
    (suppression,) = results["version/not-snapshot"]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"] == "known failure (ann, until 2026-12-01): ticket 12"
    assert [each["suppressions"] for rule, each in results.items() if rule != "version/not-snapshot"] == [[], [], []]
    assert "suppressions" not in to_sarif(record()), "of all results it is told, or of none"


def test_junit_skips_what_is_known_and_fails_for_an_entry_that_is_out_of_date(record: Any) -> None:
    suite = ET.fromstring(to_junit(record(STALE, replace(LARGE, expires=date(2026, 1, 1)))))  # noqa: S314 - it was just written
    cases: dict[str | None, dict[str | None, ET.Element]] = defaultdict(dict)
    for case in suite.iter("testcase"):
        cases[case.get("classname")][case.get("name")] = case
    known = cases["exportproof.version"]["version/not-snapshot"]
    skipped = known.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "known failure (ann, until 2026-12-01): ticket 12"
    assert "(stale)" in known.findtext("system-out", "")
    assert known.find("failure") is None
    assert cases["exportproof.split"]["split/within-limit"].find("failure") is not None
    late = cases["exportproof.known-failures"]["split/within-limit"].find("failure")
    assert late is not None
    assert "expired on 2026-01-01" in str(late.get("message"))
    assert suite.get("failures") == "2"


def test_markdown_shows_what_is_known_apart_and_its_words_as_they_are(record: Any) -> None:
    text = to_markdown(record(STALE, LARGE))
    assert text.startswith("## 🟡 Violates what is known:")
    assert "### Violated" not in text
    assert "### Known failures (2)" in text
    assert "known failure \\(ann, until 2026-12-01\\): ticket 13 \\| &lt;b\\>soon" in text
    assert to_markdown(record(STALE)).startswith("## ❌ Violates:")
    assert to_markdown(record(STALE, LARGE, replace(STALE, rule="old/gone"))).startswith("## ❌ Violates:")
    assert "### Violated (1)" in to_markdown(record(STALE))


def test_html_shows_what_is_known_apart(record: Any) -> None:
    page = to_html(record(STALE, LARGE))
    assert '<h2 id="known">Known failures <span class="soft">(2)</span></h2>' in page
    assert 'id="violated"' not in page
    assert "known failure (ann, until 2026-12-01): ticket 13 | &lt;b&gt;soon&lt;/b&gt;" in page
    assert "A known failure of ann until 2026-12-01: ticket 12" in page
    assert 'id="violated"' in to_html(record(STALE))
    assert "names a rule that is not in the catalogue" in to_html(record(replace(STALE, rule="old/gone")))


def test_the_badge_is_red_for_what_nobody_knows_of_alone(record: Any) -> None:
    red, some, all_known = record(), record(STALE), record(STALE, LARGE)
    assert badge(red, NOW).message.startswith("violates 2, ")
    assert badge(some, NOW).message.startswith("violates 2 (1 known), ")
    assert badge(all_known, NOW).message.startswith("violates 2 (all known), ")
    assert badge(red, NOW).colour == badge(some, NOW).colour != badge(all_known, NOW).colour
    assert '"isError": true' in to_badge(some, NOW)
    assert "isError" not in to_badge(all_known, NOW)


def test_the_badge_is_red_for_a_list_that_is_out_of_date(record: Any, conforming: Result) -> None:
    shown = badge(record(replace(STALE, rule="split/within-limit"), result=conforming), NOW)
    assert shown.message.startswith("conforms, known failures out of date, ")
    assert shown.alarms


def test_the_summary_tells_what_is_known_and_what_is_out_of_date(record: Any) -> None:
    text = summary(record(STALE, replace(STALE, rule="old/gone")))
    assert "VIOLATED split/within-limit" in text
    assert "VIOLATED version/not-snapshot" not in text
    assert (
        "Known failures (1):\n  version/not-snapshot (MUST), known failure (ann, until 2026-12-01): ticket 12" in text
    )
    assert "! The known failure of old/gone (ann) names a rule that is not in the catalogue" in text
    assert "The list of known failures is out of date in 1 place." in " ".join(text.split())


def test_a_run_of_chosen_types_through_an_adapter_says_so(record: Any) -> None:
    document = record(adapter="shop:Shop", chosen={"resourceTypes": ("Contacts",), "capabilities": ("changes",)})
    assert "MUST rules were judged, on Contacts alone." in document["headline"]
    text, page = summary(document), to_html(document)
    assert "--adapter shop:Shop --resource-type Contacts --capability changes" in text
    assert "--control-url" not in text.partition("Next:")[0]
    assert "<dt>Control by the adapter</dt><dd>shop:Shop</dd>" in page.replace("<wbr>", "")


def test_what_an_adapter_was_asked_is_no_line_that_reproduces_anything(record: Any, violating: Result) -> None:
    curl = {**violating.curl, 1: "# the adapter shop:Shop, account first: POST /changes {}"}
    evidence = [each for rule in record(curl=curl)["rules"] for each in rule["evidence"]]
    assert [each["request"] for each in evidence if len(each["requests"]) == 1] == [violating.curl[2]] * 2 + [None]
    assert all(str(each["request"]).startswith("curl") for each in evidence if len(each["requests"]) > 1)
