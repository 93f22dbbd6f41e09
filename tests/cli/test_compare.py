"""`exportproof diff` and `exportproof matrix`: exit statuses, files, bad input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAULT = ("--fault", "counts-the-last-change-only")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of the honest reference and of a broken one, by one family of rules."""
    folder = tmp_path_factory.mktemp("reports")
    narrow = ("-q", "--rules", "window/*", "--profile", "quick", "--seed", "7")
    assert main(("run", *narrow, "--report-dir", str(folder / "honest"))) == 0
    assert main(("run", *narrow, *FAULT, "--report-dir", str(folder / "broken"))) == 1
    return folder


def test_diff_ends_with_1_only_where_something_is_worse(reports: Path, call: Callable[..., Any]) -> None:
    honest, broken = str(reports / "honest"), str(reports / "broken" / "report.json")
    ended = call("diff", honest, broken)
    assert ended.status == 1
    assert ended.out.startswith("The verdict went from conforms to violates; 1 worse, ")
    assert "window/any-change (MUST): passed -> violated" in ended.out
    ended = call("diff", broken, honest, "--format", "markdown")
    assert ended.status == 0
    assert "### Better (1)" in ended.out
    ended = call("diff", broken, broken, "--format", "json")
    assert ended.status == 0
    assert json.loads(ended.out)["changes"] == []


def test_matrix_writes_a_page(reports: Path, call: Callable[..., Any], tmp_path: Path) -> None:
    words = (f"ours={reports / 'honest'}", str(reports / "broken"))
    ended = call("matrix", *words, "--out", "deep/er/matrix.html")
    assert (ended.status, ended.out) == (0, "Matrix: deep/er/matrix.html\n")
    page = (tmp_path / "deep" / "er" / "matrix.html").read_text(encoding="utf-8")
    assert '<th scope="col">ours</th>' in page
    assert "embedded reference, fault counts-" in page


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        (("diff", "nowhere", "nowhere"), "no such file"),
        (("diff", ".", "."), "in that folder there is no report.json"),
        (("diff", "a.json"), "Missing argument 'B'"),
        (("diff", "a.json", "a.json", "--format", "xml"), "'xml'"),
        (("matrix", "a.json", "--out", "x.html"), "no report of exportproof"),
        (("matrix", "--out", "x.html"), "Missing argument"),
        (("matrix", "HONEST", "--out", "."), "it is a folder"),
        (("matrix", "HONEST", "--out", "a.json/x.html"), "a file stands in its place"),
        (("matrix", "HONEST"), "--out"),
        (("matrix", "a=HONEST", "a=a.json", "--out", "x.html"), "Two columns would be called 'a'"),
        (("matrix", "HONEST", "--out", "x.html", "--docs", "."), "There is no documentation in '.'"),
        (("diff", "b.html", "b.html"), "is no JSON, or was cut short: Expecting value: line 1 column 1 (char 0). Give"),
        (("diff", "c.json", "c.json"), "has the schema version 9, and this version of exportproof reads 1"),
    ],
)
def test_bad_input_is_told(
    words: tuple[str, ...], piece: str, reports: Path, call: Callable[..., Any], tmp_path: Path
) -> None:
    for name, text in {"a.json": "{}", "b.html": "<p>", "c.json": '{"schemaVersion": 9}'}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    ended = call(*(str(reports / "honest") if word == "HONEST" else word for word in words))
    assert ended.status == 4
    assert piece in ended.err
    assert ended.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.html", "c.json"]
