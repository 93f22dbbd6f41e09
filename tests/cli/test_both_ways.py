"""The command and the pytest plugin are two ways into one suite: on the same target they say the same of every rule."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reference import embedded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OUTCOME = re.compile(r"^(?P<word>PASSED|FAILED|SKIPPED|ERROR) \S*exportproof\.conformance::(?P<rule>\S+)", re.MULTILINE)
WORDS = {"pass": "PASSED", "warn": "PASSED", "fail": "FAILED", "skip": "SKIPPED"}


def statuses(folder: Path) -> dict[str, tuple[str, str | None]]:
    """Every rule's status and reason, as the report of a run has them."""
    document: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {rule["id"]: (rule["status"], rule["reason"]) for rule in document["rules"]}


@pytest.mark.parametrize(
    ("fault", "control", "status"),
    [
        ("counts-the-last-change-only", True, 1),
        pytest.param(None, True, 0, marks=pytest.mark.slow),
        pytest.param("counts-the-last-change-only", False, None, marks=pytest.mark.slow),
    ],
)
def test_both_ways_say_the_same(
    fault: str | None, control: bool, status: int | None, call: Callable[..., Any], spawn: Callable[..., Any],
    tmp_path: Path,
) -> None:  # fmt: skip
    with embedded(fault=fault) as server:
        options = dict(
            zip(("user", "key", "other-user", "other-key"), (w for a in server.accounts for w in a), strict=True)
        )
        options |= {"profile": "quick", "seed": "1"} | ({"control-url": server.control_url} if control else {})
        by_command = [word for name, value in options.items() for word in (f"--{name}", value)]
        by_plugin = [word for name, value in options.items() for word in (f"--exportproof-{name}", value)]
        first = call("run", server.url, *by_command, "--report-dir", "command", "-q")
        second = spawn(
            "pytest", "--pyargs", "exportproof.conformance", "--target-url", server.url, *by_plugin,
            "--exportproof-report-dir", "plugin", "-rA", "--no-header", "-p", "no:cacheprovider",
        )  # fmt: skip
    found = statuses(tmp_path / "command")
    assert statuses(tmp_path / "plugin") == found, second.said
    assert first.status == second.status
    assert status in (None, first.status)
    told = {match["rule"]: match["word"] for match in OUTCOME.finditer(second.out)}
    expected = {rule: WORDS[kind] for rule, (kind, _) in found.items() if kind in ("pass", "warn", "fail")}
    assert {rule: word for rule, word in told.items() if rule in expected} == expected
