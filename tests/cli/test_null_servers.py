"""Three servers that do nothing are never called conforming."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACCOUNT = ("--user", "ann", "--key", "a-key-of-ann|1", "--profile", "quick", "--seed", "1")


def judged(tmp_path: Path) -> dict[str, Any]:
    """Return the report that a run wrote."""
    document: dict[str, Any] = json.loads((tmp_path / "exportproof-report" / "report.json").read_text("utf-8"))
    return document


@pytest.mark.parametrize(
    ("status", "body"), [(200, {}), (200, []), (500, {}), (500, b"<html>"), (204, b""), (302, b"")]
)
def test_always_the_same_answer(
    status: int, body: Any, call: Callable[..., Any], serve: Callable[..., str], answer: Callable[..., Any],
    tmp_path: Path,
) -> None:  # fmt: skip
    url = serve(lambda asked: answer(status, body))  # noqa: ARG005
    # To the first violation: what comes after can only add to it.
    ended = call("run", url, *ACCOUNT, "-x")
    document = judged(tmp_path)
    assert (ended.status, document["verdict"]) == (1, "violates")
    assert document["musts"]["violated"] >= 1


def test_always_the_same_answer_as_control_too(
    call: Callable[..., Any], serve: Callable[..., str], answer: Callable[..., Any], tmp_path: Path
) -> None:
    url = serve(lambda asked: answer(200, {}))  # noqa: ARG005
    ended = call("run", url, *ACCOUNT, "--control-url", url)
    assert ended.status in (1, 5)
    assert judged(tmp_path)["verdict"] != "conforms"


def test_never_a_file_seen_from_outside(
    call: Callable[..., Any], serve: Callable[..., str], no_files: Any, tmp_path: Path
) -> None:
    families = ("states", "window", "counts", "csv", "split")
    patterns = [word for family in families for word in ("--rules", f"{family}/*")]
    ended = call("run", serve(no_files), *ACCOUNT, *patterns)
    document = judged(tmp_path)
    assert no_files.jobs, "no job was created, so this proves nothing"
    assert (ended.status, document["verdict"]) == (5, "undetermined")
    assert document["musts"]["violated"] == 0
    assert "nothing is known of" in document["headline"]


def test_never_a_file_although_records_were_put_there(
    call: Callable[..., Any], serve: Callable[..., str], no_files: Any, tmp_path: Path
) -> None:
    no_files.control = True
    url = serve(no_files)
    ended = call("run", url, *ACCOUNT, "--control-url", f"{url}/control", "--rules", "window/*", "--rules", "ids/*")
    document = judged(tmp_path)
    assert (ended.status, document["verdict"]) == (1, "violates")
    violated = {rule["id"] for rule in document["rules"] if rule["status"] == "fail"}
    assert "window/complete" in violated
    assert "window/nothing-else" not in violated, "nothing was exported, so nothing was exported beyond what was due"
