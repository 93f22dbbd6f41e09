"""Versions: the changelog knows this one, and constraints.txt pins all that is installed."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import exportproof

if TYPE_CHECKING:
    from pathlib import Path


def declared(project: dict[str, Any]) -> list[Requirement]:
    """What pyproject.toml asks for, extras and the build included."""
    extras = project["project"]["optional-dependencies"].values()
    asked = [*project["project"]["dependencies"], *(item for extra in extras for item in extra)]
    return [Requirement(item) for item in (*asked, *project["build-system"]["requires"])]


def pins(root: Path) -> dict[str, Requirement]:
    """The lines of constraints.txt by name."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def applies(requirement: Requirement, extras: set[str]) -> bool:
    """Tell whether a requirement counts here, for any of the extras that were asked for."""
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def test_the_version_stands_in_one_number(project: dict[str, Any]) -> None:
    assert project["project"]["version"] == exportproof.__version__, "pyproject.toml and __init__.py differ"


def test_the_changelog_starts_with_this_version(root: Path) -> None:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\](?: - (.+))?$", text, flags=re.MULTILINE)
    versions = [version for version, _ in headings if version != "Unreleased"]
    assert versions[:1] == [exportproof.__version__], "CHANGELOG.md: the newest version is not that of __init__.py"
    assert [Version(version) for version in versions] == sorted(map(Version, versions), reverse=True)
    for version, day in headings:
        assert re.fullmatch(r"unreleased|\d{4}-\d\d-\d\d", day) or version == "Unreleased", f"CHANGELOG.md: {version}"


def test_a_constraint_is_a_name_and_a_version(root: Path) -> None:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r'[a-z0-9-]+==[0-9][\w.]*( ; [\w ="<>.]+)?', line)]
    assert odd == [], "constraints.txt holds nothing but name==version, with a marker where one is due"
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names)), "constraints.txt is sorted and has each name once"


def test_every_dependency_is_pinned_to_a_version_that_it_permits(root: Path, project: dict[str, Any]) -> None:
    pinned = pins(root)
    for requirement in declared(project):
        pin = pinned.get(canonicalize_name(requirement.name))
        assert pin is not None, f"constraints.txt does not pin {requirement.name}"
        (version,) = (part.version for part in pin.specifier)
        assert requirement.specifier.contains(version), (
            f"constraints.txt pins {pin}, pyproject.toml wants {requirement}"
        )


def test_what_dependencies_depend_on_is_pinned(root: Path, project: dict[str, Any]) -> None:
    pinned = pins(root)
    waiting, seen, loose = declared(project), set(), set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        if name not in pinned:
            loose.add(name)
        try:
            needed = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:
            continue
        waiting += [item for item in needed if applies(item, requirement.extras)]
    assert loose == set(), "constraints.txt does not pin these, which dependencies depend on"
    assert len(seen) > len(pinned) // 2
