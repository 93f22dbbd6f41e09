"""`exportproof stability`: many runs, their reports, and the exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NARROW = ("--rules", "isolation/unknown-job", "--profile", "quick", "--runs", "2", "-q")


def test_an_honest_server_is_steady(call: Callable[..., Any], tmp_path: Path) -> None:
    ended = call("stability", *NARROW, "--seed", "3", "--vary-seed")
    assert ended.status == 0
    assert ended.out.startswith("2 runs: 2 conforms; every rule that was judged ended the same in each.\n")
    folder = tmp_path / "exportproof-stability"
    assert sorted(path.name for path in folder.iterdir()) == ["matrix.html", "run-1", "run-2", "stability.json"]
    found = json.loads((folder / "stability.json").read_text(encoding="utf-8"))
    assert (found["runs"], found["seeds"], found["steady"]) == (2, [3, 4], True)
    reports = [json.loads((folder / f"run-{number}" / "report.json").read_text("utf-8")) for number in (1, 2)]
    assert [report["seed"] for report in reports] == [3, 4]


def test_a_server_that_changes_its_mind_is_told(
    no_files: Any, serve: Callable[..., str], answer: Any, call: Callable[..., Any]
) -> None:
    first: list[int] = []

    def moody(asked: Any) -> Any:
        """Answer unknown jobs with 404, and with 200 as soon as another run has begun."""
        given = no_files(asked)
        begun = sum(request.path.endswith("/resources") for request in no_files.asked)
        if given.status == 404:
            first.append(begun)
        return answer(200, {}) if given.status == 404 and begun > first[0] else given

    url = serve(moody)
    ended = call("stability", url, *NARROW, "--user", "ann", "--key", "a-key|1")
    assert ended.status == 1
    assert ended.out.startswith("2 runs: 1 conforms, 1 violates; 1 rule did not.\n")
    assert "isolation/unknown-job (MUST): 1 violated, 1 passed" in ended.out


def test_settings_are_read_from_a_file(
    no_files: Any, serve: Callable[..., str], call: Callable[..., Any], tmp_path: Path
) -> None:
    url = serve(no_files)
    (tmp_path / "exportproof.toml").write_text(f'target = "{url}"\nuser = "ann"\n', encoding="utf-8")
    ended = call("stability", *NARROW[:-1], "--key", "a-key|1")
    assert "Settings from" in ended.err
    assert json.loads((tmp_path / "exportproof-stability" / "stability.json").read_text("utf-8"))["target"] == url


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        (("--runs", "1"), "--runs"),
        (("--fault", "no-such"), "There is no fault 'no-such'"),
        (("--user", "ann"), "no TARGET_URL was given"),
        (("--rules", "nothing"), "No rule matches"),
        (("--report-dir", "taken"), "a file stands in its place"),
        (("--config", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("--docs", "nowhere"), "There is no documentation in 'nowhere'"),
    ],
)
def test_bad_input_is_told(words: tuple[str, ...], piece: str, call: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    ended = call("stability", *words)
    assert (ended.status, ended.out) == (4, "")
    assert piece in ended.err
    assert "Run 1 of" not in ended.err
