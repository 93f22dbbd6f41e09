"""What the tests about the repository share: the tree, and the files that belong to it."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout, which is the package."""
    return ROOT


@pytest.fixture(scope="session")
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tree() -> tuple[str, ...]:
    """Every file that is in the repository or would be added to it, as a path from its top."""
    if not (ROOT / ".git").exists():
        pytest.skip("this tree is no git checkout, so nothing tells which files belong to it")
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
    )
    return tuple(sorted(name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()))


@pytest.fixture(scope="session")
def texts(tree: tuple[str, ...]) -> dict[str, str]:
    """Every text file of the tree by its path; what is not UTF-8 is left out."""
    found = {}
    for name in tree:
        try:
            found[name] = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found
