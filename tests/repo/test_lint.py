"""The linter, the formatter and the type checker have nothing to say."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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


@pytest.mark.slow
def test_the_types_agree(root: Path, tmp_path: Path) -> None:
    """Up to a minute, most of it for what is imported."""
    # The checkout may have any name; its tests and importers know it as exportproof.
    (tmp_path / "exportproof").symlink_to(root, target_is_directory=True)
    words = ("--config-file", str(root / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache"))
    said = says("mypy", *words, "-p", "exportproof", folder=tmp_path)
    assert said == "", f"in a folder that holds the checkout as exportproof, call `mypy -p exportproof`:\n{said}"
