"""The reports that are asked for by kind, from run records of literals."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from exportproof.cli.outputs import REPORT_HELP
from exportproof.conformance.finding import Finding
from exportproof.conformance.result import ReadingResult, Result, RuleResult, Stats
from exportproof.conformance.settings import BadSettings
from exportproof.reports.badge import FRESH_DAYS, to_badge, to_badge_svg
from exportproof.reports.document import to_document
from exportproof.reports.kinds import RENDERERS, Wanted, parse_wanted
from exportproof.reports.markdown import escaped, fenced, to_markdown
from exportproof.reports.redact import MARK, Redactor
from exportproof.reports.sarif import to_sarif
from exportproof.reports.write import ReportFileError, check_wanted, write_reports
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from pathlib import Path

KEY = "c4f1a2d0-planted-key|1"
STARTED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NASTY = f"</details><script>alert(1)</script> | [a](http://evil.example) @everyone ``` {KEY}"


def result(**statuses: str) -> Result:
    """A run in which the rules that are named, with two underscores for the slash, ended so; the others passed."""
    named = {name.replace("__", "/").replace("_", "-"): status for name, status in statuses.items()}
    rules = []
    for rule in catalogue.rules().values():
        status: Any = named.get(rule.id, "pass")
        reason = {"skip": "no-clock", "inconclusive": "the answer never came"}.get(status)
        found = Finding(rule.id, "fail", f"found {NASTY}", "one row", "no row", "job", (1,), details={"id": 7})
        rules.append(RuleResult(rule, status, reason, (found,) if status in ("fail", "warn") else (), 1))
    verdict: Any = (
        "violates" if "fail" in named.values() else "undetermined" if "inconclusive" in named.values() else ""
    )
    return Result(
        "http://127.0.0.1:9/v4", verdict or "conforms", tuple(rules),
        tuple(ReadingResult(name) for name in catalogue.readings()), Stats(10, 1.5, 2_000, 3), STARTED,
        curl={1: f'curl --user "$EXPORTPROOF_USER:$EXPORTPROOF_KEY" http://127.0.0.1:9/v4?key={KEY}'},
        problems=("Something was odd.",), secrets=frozenset({KEY}),
    )  # fmt: skip


def document(**statuses: str) -> dict[str, Any]:
    """The run record of such a run."""
    run = result(**statuses)
    return to_document(run, Redactor(run.secrets, run.links))


MIXED = {
    "split__within_limit": "fail",
    "split__header_in_every_file": "warn",
    "links__dead_after_expiry": "inconclusive",
    "window__complete": "skip",
}


@pytest.fixture(scope="module")
def mixed() -> dict[str, Any]:
    """A run record with a rule of each status."""
    found = document(**MIXED)
    assert {rule["status"] for rule in found["rules"]} == {"pass", "fail", "warn", "inconclusive", "skip"}
    return found


@pytest.mark.parametrize("kind", RENDERERS)
def test_no_kind_shows_a_secret(kind: str, mixed: dict[str, Any]) -> None:
    text = RENDERERS[kind](mixed)
    assert KEY not in text
    assert "planted-key" not in text
    if kind in ("json", "sarif"):
        assert MARK in text


@pytest.mark.parametrize("kind", RENDERERS)
def test_the_help_names_every_kind(kind: str) -> None:
    assert re.search(rf"\b{kind}\b(?!-)", REPORT_HELP)


# --- SARIF -------------------------------------------------------------------------------------------------


def test_sarif_has_what_the_standard_demands(mixed: dict[str, Any]) -> None:
    log = json.loads(to_sarif(mixed))
    assert (log["version"], set(log)) == ("2.1.0", {"$schema", "version", "runs"})
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "exportproof"
    assert [rule["id"] for rule in driver["rules"]] == list(catalogue.rules())
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
    for found in run["results"]:
        assert driver["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["message"]["text"]
        assert (found["level"] == "none") == (found["kind"] != "fail")
        assert all(isinstance(value, str) for value in found["partialFingerprints"].values())
        for location in found["locations"]:
            place = location["physicalLocation"]["artifactLocation"]
            assert place["uriBaseId"] in run["originalUriBaseIds"]
            assert not place["uri"].startswith("/")
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 1
    assert datetime.fromisoformat(invocation["startTimeUtc"]) == STARTED
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == ["Something was odd."]


def test_sarif_points_each_rule_at_its_line_of_the_catalogue(mixed: dict[str, Any]) -> None:
    lines = catalogue.read_text("rules.yaml").splitlines()
    results = json.loads(to_sarif(mixed))["runs"][0]["results"]
    assert [(found["ruleId"], found["kind"], found["level"]) for found in results] == [
        ("split/within-limit", "fail", "error"),
        ("split/header-in-every-file", "fail", "warning"),
        ("links/dead-after-expiry", "open", "none"),
    ]
    for found in results:
        place = found["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "spec/rules.yaml"
        assert lines[place["region"]["startLine"] - 1].strip() == f"- id: {found['ruleId']}"


def test_every_rule_has_a_line_of_its_own() -> None:
    assert list(catalogue.rule_lines()) == list(catalogue.rules())
    assert len(set(catalogue.rule_lines().values())) == len(catalogue.rules())


def test_a_result_keeps_its_fingerprint_whatever_was_found(mixed: dict[str, Any]) -> None:
    later = json.loads(to_sarif(document(split__within_limit="fail")))["runs"][0]["results"][0]
    first = json.loads(to_sarif(mixed))["runs"][0]["results"][0]
    assert later["partialFingerprints"] == first["partialFingerprints"]


# --- Markdown ----------------------------------------------------------------------------------------------


def test_markdown_tells_the_verdict_and_each_violated_rule(mixed: dict[str, Any]) -> None:
    text = to_markdown(mixed)
    assert text.startswith("## ❌ Violates: ")
    assert escaped(mixed["headline"]) in text
    assert "### Violated (1)" in text
    assert "**`split/within-limit`** (MUST)" in text
    assert "--rules split/within-limit" in text
    assert "`links/dead-after-expiry` (MUST): the answer never came" in text
    assert "### Not judged (1)" in text


def test_markdown_obeys_nothing_that_a_target_said(mixed: dict[str, Any]) -> None:
    outside = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$", "", to_markdown(mixed))
    assert "<script" not in outside
    assert "](http" not in outside
    assert "@everyone" not in outside
    assert outside.count("<details>") == outside.count("</details>")
    assert "<details>" in outside


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b\nc", r"a \| b c"),
        ("<b>&amp;", r"&lt;b\>&amp;amp;"),
        ("[x](http://y) `z`", r"\[x\]\(http&#58;//y\) \`z\`"),
        ("@team #1 *no*", r"&#64;team \#1 \*no\*"),
    ],
)
def test_what_is_markup_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_a_code_block_cannot_be_closed_from_within() -> None:
    assert fenced("a\n````\nb").startswith("`````text\n")
    assert fenced("a") == "```text\na\n```"


# --- badges ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "begins", "error"),
    [
        ({}, "conforms, ", False),
        ({"links__dead_after_expiry": "inconclusive"}, "undetermined, ", False),
        (MIXED, "violates 1, ", True),
    ],
)
def test_the_endpoint_has_what_shields_takes_and_nothing_else(
    statuses: dict[str, str], begins: str, error: bool
) -> None:
    said = json.loads(to_badge(document(**statuses), STARTED))
    assert set(said) - {"isError"} == {"schemaVersion", "label", "message", "color"}
    assert said["schemaVersion"] == 1
    assert said["message"].startswith(begins)
    assert said["message"].endswith("2026-11-23")
    assert said.get("isError", False) is error


def test_a_badge_is_grey_from_the_day_on_which_it_is_old() -> None:
    kept = document(**MIXED)
    last = STARTED + timedelta(days=FRESH_DAYS) - timedelta(seconds=1)
    fresh, old = (json.loads(to_badge(kept, at)) for at in (last, last + timedelta(seconds=1)))
    assert fresh["color"] != old["color"]
    assert old["message"] == "violates 1, but old: 2026-11-23"
    assert "isError" not in old
    assert f"#ground {{ fill: #{old['color']}; }}" in to_badge_svg(kept, last + timedelta(seconds=1))


def test_the_svg_is_well_formed_and_loads_nothing() -> None:
    picture = ET.fromstring(to_badge_svg(document(), STARTED))  # noqa: S314 - our own
    assert picture.get("data-started") == "2026-11-23T08:00:00.000Z"
    assert picture.get("data-expires") == "2026-12-23T08:00:00.000Z"
    assert not [e for e in picture.iter() if any("href" in name or name == "src" for name in e.keys())]  # noqa: SIM118
    title = next(element for element in picture.iter() if element.tag.endswith("title"))
    assert title.text is not None
    assert title.text.startswith("exportproof: conforms, ")


# --- where they go -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        (["sarf=x"], ("kind 'sarf'", "Did you mean 'sarif'?", "badge-svg")),
        (["=x"], ("kind ''", "KIND=PATH")),
        (["report.json"], ("kind 'report.json'",)),
        (["sarif"], ("'sarif' names no file", "sarif=PATH")),
        (["sarif="], ("'sarif=' names no file",)),
        (["sarif=a", "html=a"], ("sarif and html", "the same file 'a'")),
    ],
)
def test_words_that_are_off_are_told(words: list[str], pieces: tuple[str, ...]) -> None:
    with pytest.raises(BadSettings) as told:
        parse_wanted(words)
    assert [piece for piece in pieces if piece not in str(told.value)] == []


def test_a_path_may_hold_an_equals_sign_and_be_given_twice(tmp_path: Path) -> None:
    assert parse_wanted(["json=a=b", "json=a=b"], tmp_path) == (Wanted("json", tmp_path / "a=b"),)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("folder", "no place for a file"),
        ("taken/deeper.sarif", "a file stands in its place"),
        ("/dev/stdout", "no place for a file"),
        ("/dev/null", "no place for a file"),
        ("out/report.json", "writes its own report.json there"),
    ],
)
def test_a_path_that_cannot_be_written_is_told(path: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(ReportFileError) as told:
        check_wanted([Wanted("sarif", tmp_path / path)], tmp_path / "out")
    assert reason in str(told.value)
    assert "--report sarif=PATH" in str(told.value)


def test_reports_are_written_where_they_are_wanted(mixed: dict[str, Any], tmp_path: Path) -> None:
    out, there = tmp_path / "out", tmp_path / "deep" / "er"
    wanted = [Wanted(kind, there / kind) for kind in RENDERERS] + [Wanted("json", out / "report.json")]
    check_wanted(wanted, out)
    paths = write_reports(mixed, out, wanted)
    assert sorted(path.name for path in out.iterdir()) == ["junit.xml", "report.html", "report.json"]
    assert sorted(path.name for path in there.iterdir()) == sorted(RENDERERS)
    assert [path for path in paths if not path.read_bytes()] == []
    assert (there / "json").read_bytes() == (out / "report.json").read_bytes()


def test_a_link_to_a_file_stays_a_link(mixed: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old", encoding="utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "real.md")
    write_reports(mixed, tmp_path / "out", [Wanted("markdown", tmp_path / "link.md")])
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text(encoding="utf-8").startswith("## ")
