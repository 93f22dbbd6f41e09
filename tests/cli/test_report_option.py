"""`--report KIND=PATH` in each of the ways in: `run`, `judge` and pytest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NARROW = ("--rules", "isolation/unknown-job", "--profile", "quick", "--seed", "1")
KINDS = ("json", "html", "junit", "sarif", "markdown", "badge", "badge-svg")


def test_a_run_and_a_judgement_of_its_record_write_the_same(call: Callable[..., Any], tmp_path: Path) -> None:
    asked = [word for kind in KINDS for word in ("--report", f"{kind}=there/{kind}")]
    ended = call("run", *NARROW, *asked)
    assert ended.status == 0
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == sorted(KINDS)
    assert "Report: there/badge-svg" in ended.out
    first = {kind: (tmp_path / "there" / kind).read_bytes() for kind in KINDS}
    again = [word for kind in KINDS for word in ("--report", f"{kind}=again/{kind}")]
    assert call("judge", "exportproof-report", *again).status == 0
    later = {kind: (tmp_path / "again" / kind).read_bytes() for kind in KINDS}
    assert [kind for kind in ("sarif", "badge", "badge-svg") if first[kind] != later[kind]] == []
    assert json.loads(first["json"])["verdict"] == json.loads(later["json"])["verdict"] == "conforms"


def test_pytest_writes_them_relative_to_where_it_was_called(
    no_files: Any, serve: Callable[..., str], spawn: Callable[..., Any], tmp_path: Path
) -> None:
    ended = spawn(
        "pytest", "--pyargs", "exportproof.conformance", "--target-url", serve(no_files), "--exportproof-user", "ann",
        "--exportproof-profile", "quick", "--exportproof-rules", "isolation/unknown-job",
        "--exportproof-report", "sarif=out/found.sarif", "--exportproof-report", "badge=out/badge.json",
        EXPORTPROOF_KEY="a-key|1",
    )  # fmt: skip
    assert ended.status == 0
    assert json.loads((tmp_path / "out" / "found.sarif").read_text("utf-8"))["runs"][0]["results"] == []
    assert json.loads((tmp_path / "out" / "badge.json").read_text("utf-8"))["label"] == "exportproof"


@pytest.mark.parametrize("word", ["sarf=x", "sarif", "sarif=taken/x", "sarif=.", "html=exportproof-report/report.json"])
def test_what_cannot_be_written_is_told_before_anything_is_sent(
    word: str,
    no_files: Any,
    serve: Callable[..., str],
    call: Callable[..., Any],
    spawn: Callable[..., Any],
    tmp_path: Path,
) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    url = serve(no_files)
    ended = call("run", url, "--report", word)
    assert ended.status == 4
    assert "exportproof run: " in ended.err
    ended = spawn("pytest", "--pyargs", "exportproof.conformance", "--target-url", url, "--exportproof-report", word)
    assert ended.status == 4
    assert " --report " not in ended.err
    assert no_files.asked == []
    assert not (tmp_path / "exportproof-report" / "report.json").exists()
