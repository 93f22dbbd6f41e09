"""`exportproof selftest`: its words, its matrix and its exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

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
