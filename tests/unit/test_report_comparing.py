"""What changed between two reports, and reports side by side, on reports of the contract's size."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reports.compared_text import to_markdown, to_text
from exportproof.reports.comparing import compare
from exportproof.reports.matrix import Column, to_matrix
from exportproof.reports.reading import BadReportError, read_report

if TYPE_CHECKING:
    from pathlib import Path


def report(**statuses: str | None) -> dict[str, Any]:
    """The least that the contract demands of a report, with rules of a family `x` that ended so."""
    rules = []
    for name, status in statuses.items():
        kind, _, reason = (status or "").partition(":")
        found: dict[str, Any] = {"message": f"<i>{name}</i>", "request": None, "details": {}}
        rules.append(
            {
                "id": f"x/{name}",
                "level": "SHOULD" if kind == "warn" else "MUST",
                "title": f"<b>{name}</b>",
                "source": ["job.1"],
                "status": kind,
                "reason": reason or ("it never came" if kind == "inconclusive" else None),
                "evidence": [found] if kind in ("fail", "warn") else [],
            }
        )
    kinds = {rule["status"] for rule in rules}
    return {
        "schemaVersion": 1,
        "tool": {"name": "exportproof", "version": "0.1.0"},
        "target": {"url": "http://127.0.0.1:9/v4", "capabilities": ["changes"]},
        "verdict": "violates" if "fail" in kinds else "undetermined" if "inconclusive" in kinds else "conforms",
        "rules": rules,
        "readings": {"window-ends": {"observed": "closed", "pinned": None}},
        "stats": {"requests": 1, "seconds": 0.1, "bytesDownloaded": 0},
    }


def write(path: Path, document: Any) -> Path:
    """Write a report; the path is returned."""
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("pass", "pass", None),
        ("fail", "fail", None),
        ("pass", "fail", "worse"),
        ("pass", "warn", "worse"),
        ("pass", "inconclusive", "worse"),
        ("inconclusive", "fail", "worse"),
        ("skip:no-clock", "fail", "worse"),
        (None, "fail", "worse"),
        ("pass", "skip:not-offered", "worse"),
        ("pass", "skip:no-clock", "worse"),
        ("fail", "pass", "better"),
        ("warn", "pass", "better"),
        ("inconclusive", "pass", "better"),
        (None, "pass", "new"),
        ("skip:no-clock", "pass", "new"),
        ("skip:no-clock", "inconclusive", "new"),
        ("pass", None, "vanished"),
        ("fail", None, "vanished"),
        ("pass", "skip:not-selected", "vanished"),
        ("pass", "skip:no-data", "vanished"),
        ("fail", "skip:no-clock", "vanished"),
        ("fail", "inconclusive", "vanished"),
    ],
)
def test_what_becomes_of_a_rule(was: str | None, now: str | None, kind: str | None) -> None:
    before = report(other="pass", **({} if was is None else {"rule": was}))
    after = report(other="pass", **({} if now is None else {"rule": now}))
    found = compare(before, after)
    assert [(change.rule, change.kind) for change in found.changes] == ([] if kind is None else [("x/rule", kind)])


@pytest.mark.parametrize(("reason", "kind"), [("no-clock", "vanished"), ("not-offered", "worse")])
def test_a_run_without_a_control_api_is_not_told_that_the_target_has_no_clock(reason: str, kind: str) -> None:
    after = report(rule=f"skip:{reason}")
    after["target"]["capabilities"] = []
    assert [change.kind for change in compare(report(rule="pass"), after).changes] == [kind]


@pytest.mark.parametrize(
    ("was", "now", "worse"),
    [
        ({"a": "pass"}, {"a": "pass"}, False),
        ({"a": "fail"}, {"a": "fail"}, False),
        ({"a": "fail"}, {"a": "pass"}, False),
        ({"a": "pass", "b": "fail"}, {"a": "fail", "b": "pass"}, True),
        # A doubt about what was not judged is no worse by itself, but the verdict is.
        ({"a": "pass", "b": "skip:no-data"}, {"a": "pass", "b": "inconclusive"}, True),
    ],
)
def test_whether_anything_is_worse(was: dict[str, str], now: dict[str, str], worse: bool) -> None:
    assert compare(report(**was), report(**now)).worse is worse


def test_a_known_failure_is_shown_and_is_not_worse() -> None:
    before, after = report(a="pass", b="pass"), report(a="fail", b="pass")
    entry = {"rule": "x/a", "message": "*", "owner": "ann", "reason": "#7", "expires": "2999-12-31"}
    after["rules"][0]["known"] = entry
    after["knownFailures"] = {"day": "2026-11-20", "listed": [entry], "outdated": []}
    found = compare(before, after)
    assert not found.worse
    assert found.verdict_is_worse
    for text in (to_text(found), to_markdown(found)):
        assert "violated, which is known" in text
    after["rules"][1].update(status="fail", evidence=after["rules"][0]["evidence"])
    assert compare(before, after).worse, "another one is not excused by it"


def test_readings_that_moved_are_told_and_are_not_worse() -> None:
    before, after = report(a="pass"), report(a="pass")
    after["readings"] = {
        "window-ends": {"observed": "open", "pinned": None},
        "codes": {"observed": "x", "pinned": None},
    }
    found = compare(before, after)
    assert not found.worse
    assert [reading.name for reading in found.readings if reading.moved] == ["window-ends"]
    for text in (to_text(found), to_markdown(found)):
        assert "1 reading changed" in text
        assert "Readings observed now, and not before: codes." in text


def test_texts_tell_each_change_and_what_the_runs_did_not_have_in_common() -> None:
    before, after = report(a="pass", b="fail"), report(a="fail", b="pass", c="pass")
    after["target"] = {"url": "http://127.0.0.1:10/v4", "capabilities": ["clock"]}
    found = compare(before, after)
    text = to_text(found)
    assert text.startswith("The verdict is still violates; 1 worse, 1 better, 1 new, 0 vanished;")
    assert "  x/a (MUST): passed -> violated\n      <i>a</i>\n" in text
    assert "! different capabilities: changes, then clock" in text
    marked = to_markdown(found)
    assert "<i>" not in marked
    assert "| `x/a` | MUST | passed | violated |" in marked
    assert found.to_dict()["worse"] is True


def test_a_long_list_is_cut_unless_it_is_for_the_worse() -> None:
    many = {f"r{number}": "pass" for number in range(30)}
    assert "  and 10 more\n" in to_text(compare(report(**many), report(**dict.fromkeys(many, "skip:not-selected"))))
    assert " more\n" not in to_text(compare(report(**many), report(**dict.fromkeys(many, "fail"))))


# --- reading -------------------------------------------------------------------------------------------------


def test_a_folder_stands_for_the_report_in_it(tmp_path: Path) -> None:
    document = report(a="pass")
    write(tmp_path / "report.json", document)
    assert read_report(tmp_path) == read_report(tmp_path / "report.json") == document


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (None, ("no such file", "exportproof run")),
        ("", ("no JSON",)),
        ('{"schemaVersion": 1', ("no JSON, or was cut short",)),
        ("[]", ("no report of exportproof", "its root")),
        ("[" * 100_000, ("no JSON",)),
        ('{"schemaVersion": 7}', ("schema version 7",)),
        (json.dumps(report(a="odd")), ("at rules[0].status", "'odd' is not one of")),
        (json.dumps({**report(a="pass"), "verdict": "violates"}), ("no report of exportproof",)),
        (json.dumps(report(a="pass")).replace("0.1,", "NaN,"), ("NaN is no number",)),
        (json.dumps({**report(a="pass"), "rules": report(a="pass")["rules"] * 2}), ("the rule x/a twice",)),
    ],
)
def test_what_is_no_report_is_told(text: str | None, pieces: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BadReportError) as told:
        read_report(path)
    assert [piece for piece in (*pieces, "one.json") if piece not in str(told.value)] == []


# --- side by side --------------------------------------------------------------------------------------------


def test_the_matrix_shows_every_rule_of_every_report_and_what_changed() -> None:
    first, second = report(a="pass", b="warn"), report(a="fail", c="inconclusive")
    page = to_matrix([Column("first", first), Column("<second>", second), Column("third", copy.deepcopy(second))])
    rows = re.findall(r'<tr class="(same|differs)" id="(x/\w)">(.*?)</tr>', page, re.DOTALL)
    assert [(kind, rule) for kind, rule, _ in rows] == [("differs", "x/a"), ("differs", "x/c"), ("differs", "x/b")]
    cells = re.findall(r"<td>(.*?)</td>", rows[0][2], re.DOTALL)
    assert ["passed" in cells[0], "violated" in cells[1], "violated" in cells[2]] == [True] * 3
    assert ['class="change">worse' in cell for cell in cells] == [False, True, False]
    assert "&lt;second&gt;" in page
    assert "<second>" not in page
    assert "<i>a</i>" not in page
    assert page.count("The verdict went from") == 1
    assert page.count("The verdict is still violates; 0 worse, 0 better, 0 new, 0 vanished") == 1


def test_the_matrix_may_load_nothing_and_has_no_script() -> None:
    page = to_matrix([Column("one", report(a="pass"))])
    assert "default-src &#39;none&#39;; style-src" in page
    assert "<script" not in page
    assert "What changed from" not in page
