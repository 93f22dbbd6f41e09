"""`exportproof selftest`: its words, its matrix and its exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.selftest.trial import Case, Trial

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--faults", "no-such-*"), "No fault matches 'no-such-*'. 'exportproof faults' lists every fault."),
        (("--variants", "no-such-*"), "No variant matches 'no-such-*'. 'exportproof variants' lists every variant."),
        (("--seeds", "0"), "0 is not in the range"),
        (("--profile", "hard"), "'hard' is not one of 'quick', 'standard', 'thorough'"),
    ],
)
def test_a_slip_is_told_before_anything_is_judged(words: tuple[str, ...], told: str, call: Callable[..., Any]) -> None:
    ended = call("selftest", *words)
    assert ended.status == 4
    assert told in ended.err


@pytest.mark.slow
def test_a_fault_and_the_reference(call: Callable[..., Any], tmp_path: Path) -> None:
    words = ("--faults", "takes-one-kilobyte-less", "--own-families", "--profile", "quick", "--jobs", "2")
    ended = call("selftest", *words, "--out", str(tmp_path))
    assert ended.status == 0, ended.err
    assert "1 of 1 faults caught" in ended.out
    matrix = json.loads((tmp_path / "matrix.json").read_text(encoding="utf-8"))
    assert matrix["catches"]["validation/limit-minimum"] == ["takes-one-kilobyte-less"]
    assert (tmp_path / "matrix.md").read_text(encoding="utf-8").startswith("# Selftest\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--publish", "nowhere"), "There are no trials in 'nowhere'. Give the folder that"),
        (("--publish", ".", "--profile", "quick"), "--publish judges nothing, so that --profile has no meaning"),
        (("--publish", ".", "--resume"), "--publish judges nothing, so that --resume has no meaning"),
        (("--resume",), "--resume goes on with what is in a folder"),
    ],
)
def test_what_cannot_be_published_is_told(words: tuple[str, ...], told: str, call: Callable[..., Any]) -> None:
    ended = call("selftest", *words)
    assert (ended.status, ended.out) == (4, "")
    assert told in ended.err


def test_publishing_renews_the_two_files(
    call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, trials = tmp_path / "checkout", tmp_path / "trials"
    checkout.mkdir()
    trials.mkdir()
    case = Case("fault", "window-ends-a-day-late", 1, "quick")
    judged = Trial(case, "conforms", (), (), (), (), {}, (), 10, 1.0, "2026-11-20")
    (trials / "trials.jsonl").write_text(json.dumps(judged.to_dict()) + "\n", encoding="utf-8")
    monkeypatch.setattr("exportproof.selftest.publish.ROOT", checkout)
    ended = call("selftest", "--publish", "trials")
    assert ended.status == 4
    assert "this one is installed from a wheel" in ended.err
    (checkout / "pyproject.toml").touch()
    ended = call("selftest", "--publish", "trials")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == "Published: selftest/published.json\nPublished: docs/selftest.md\n"
    page = (checkout / "docs" / "selftest.md").read_text(encoding="utf-8")
    assert "none; missed:" in page
