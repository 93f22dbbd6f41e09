"""The README's section on comparing reports: its commands as they stand there, and what it says that they print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

README = Path(__file__).parents[2] / "README.md"
# The program, and what each call of it ends with.
ENDS = [("run", 0), ("run", 1), ("diff", 1), ("matrix", 0), ("stability", 0)]


def calls() -> list[tuple[list[str], list[str]]]:
    """The words of each command of the section, and the lines that the README shows under it."""
    section = README.read_text(encoding="utf-8").partition("## Compare reports\n")[2].partition("\n## ")[0]
    block = section.partition("```console\n")[2].partition("```")[0]
    found: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((shlex.split(line[2:])[1:], []))
        else:
            found[-1][1].append(line)
    return found


def test_these_are_the_commands() -> None:
    assert [words[0] for words, _ in calls()] == [program for program, _ in ENDS]


@pytest.mark.slow
def test_they_do_what_the_readme_says(call: Callable[..., Any], tmp_path: Path) -> None:
    """Half a minute: six runs of the reference."""
    for (words, shown), (_, status) in zip(calls(), ENDS, strict=True):
        ended = call(*words)
        assert ended.status == status, ended.said
        whole = "\n".join(line for line in shown if line != "...")
        for piece in re.split(r"\n(?=\S)", whole):
            assert piece in ended.out, f"README.md shows other words than {words[0]} prints"
    assert (tmp_path / "matrix.html").is_file()
    assert (tmp_path / "exportproof-stability" / "stability.json").is_file()
