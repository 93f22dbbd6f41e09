"""The linter and the formatter have nothing to say."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def says(*words: str, folder: Path) -> str:
    """Call a tool of this environment, and return what it says; empty when it is content."""
    ended = subprocess.run([sys.executable, "-m", *words], cwd=folder, check=False, capture_output=True, text=True)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def test_the_linter_is_content(root: Path) -> None:
    said = says("ruff", "check", "--output-format", "concise", ".", folder=root)
    assert said == "", f"call `ruff check --fix .`, and mend the rest by hand:\n{said}"


def test_the_formatter_would_change_nothing(root: Path) -> None:
    said = says("ruff", "format", "--check", ".", folder=root)
    assert said == "", f"call `ruff format .`:\n{said}"
