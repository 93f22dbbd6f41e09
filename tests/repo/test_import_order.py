"""Imports run one way: spec, generators, conformance, reports, command line; `reference` knows `spec` alone."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# What each part may import of the others. The top is `exportproof` itself: its version, its public names.
MAY_IMPORT = {
    "spec": set(),
    "generators": {"spec"},
    "reference": {"spec"},
    "conformance": {"spec", "generators"},
    "toolkit": {"spec", "generators", "conformance"},
    "reports": {"spec", "generators", "conformance", "toolkit"},
    "selftest": {"spec", "conformance", "reports", "reference"},
    "way in": {"spec", "generators", "conformance", "reports", "toolkit", "reference", "selftest", "way in"},
}
# The pytest plugin is a way in, as the command line is, and stands where `pytest --pyargs` looks for it.
WAYS_IN = {
    "__init__.py", "__main__.py", "conformance/plugin.py", "conformance/driver.py", "conformance/suite.py",
}  # fmt: skip


def part_of(path: PurePosixPath, *, modules: frozenset[str]) -> str | None:
    """The part that a module (or a name in it) belongs to; None for the top, which anyone may ask its version."""
    parts = path.parts
    for end in range(len(parts), 0, -1):
        name = "/".join(parts[:end])
        for file in (f"{name}.py", f"{name}/__init__.py"):
            if file in modules:
                if file in WAYS_IN or file.startswith("cli/"):
                    return "way in"
                return parts[0]
    return None


def imported(source: str, path: PurePosixPath) -> Iterator[tuple[int, PurePosixPath]]:
    """Every import of the package's own, with its line, as a path from the top of the tree to the name imported."""
    for node in ast.walk(ast.parse(source, filename=str(path))):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = PurePosixPath(*path.parts[: len(path.parts) - node.level], *(node.module or "").split("."))
            elif node.module and node.module.split(".")[0] == "exportproof":
                base = PurePosixPath(*node.module.split(".")[1:])
            else:
                continue
            for alias in node.names:
                yield node.lineno, base / alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "exportproof":
                    yield node.lineno, PurePosixPath(*alias.name.split(".")[1:])


def breaches(texts: dict[str, str]) -> list[str]:
    """Every import that goes the wrong way."""
    modules = frozenset(
        name for name in texts if name.endswith(".py") and not name.startswith(("tests/", "benchmarks/"))
    )
    found = []
    for name in sorted(modules):
        own = part_of(PurePosixPath(name).with_suffix(""), modules=modules)
        for line, path in imported(texts[name], PurePosixPath(name)):
            other = part_of(path, modules=modules)
            if other is not None and other != own and other not in MAY_IMPORT[str(own)]:
                found.append(f"{name}:{line}: {own} must not import {other} ({path})")
    return found


def test_imports_run_one_way(texts: dict[str, str]) -> None:
    assert breaches(texts) == [], "move the code down, or pass what it needs as an argument"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("spec/a.py", "from ..generators import b"),
        ("reference/a.py", "from ..conformance.b import c"),
        ("generators/a.py", "from exportproof.conformance import b"),
        ("conformance/a.py", "import exportproof.reports.b"),
        ("conformance/a.py", "from .. import reports"),
        ("conformance/a.py", "from .plugin import OPTIONS"),
        ("conformance/rules/a.py", "from ...reference import b"),
        ("reports/a.py", "from ..cli.judging import judge"),
        ("reports/a.py", "def f():\n    from ..reference import faults"),
    ],
)
def test_a_wrong_import_is_seen(name: str, line: str) -> None:
    package = {
        f"{part}/__init__.py": "" for part in ("spec", "generators", "conformance", "reports", "reference", "cli")
    }
    files = {"__init__.py": "", "cli/judging.py": "", "conformance/plugin.py": "", "conformance/rules/__init__.py": ""}
    assert len(breaches(package | files | {name: line})) == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("conformance/a.py", "from .. import __version__"),
        ("conformance/rules/a.py", "from ...spec import catalogue\nfrom ..finding import judges"),
        ("cli/a.py", "from ..reference import embedded\nimport json"),
        ("conformance/driver.py", "from ..cli.judging import judge"),
    ],
)
def test_a_right_import_is_not(name: str, line: str) -> None:
    package = {
        f"{part}/__init__.py": "" for part in ("spec", "generators", "conformance", "reports", "reference", "cli")
    }
    files = {"__init__.py": "", "cli/judging.py": "", "conformance/finding.py": ""}
    assert breaches(package | files | {name: line}) == []
