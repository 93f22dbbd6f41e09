"""What is installed: the list of packages, and the wheel's contents, are those of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

import pytest

# Folders at the top that are no part of the package.
NOT_INSTALLED = {"tests", "docs", "benchmarks", "ci", ".ci", ".github"}
# Files at the top that are for the checkout alone.
NOT_INSTALLED_FILES = {
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "constraints.txt",
    "pyproject.toml",
    ".gitignore",
    "action.yml",
}


# Folders that are installed under another name.
RENAMED = {"toolkit/schemathesis_hooks": "schemathesis"}


def installed_as(name: str) -> str:
    """The path of a file or folder below the installed package."""
    for folder, other in RENAMED.items():
        if name == folder or name.startswith(f"{folder}/"):
            return f"{other}{name.removeprefix(folder)}"
    return name


def installed_files(tree: tuple[str, ...]) -> set[str]:
    """The files of the tree that an installation needs."""
    return {
        name for name in tree if PurePosixPath(name).parts[0] not in NOT_INSTALLED and name not in NOT_INSTALLED_FILES
    }


def test_the_listed_packages_are_those_of_the_tree(project: dict[str, Any], tree: tuple[str, ...]) -> None:
    folders = {PurePosixPath(installed_as(name)).parent for name in installed_files(tree) if name.endswith(".py")}
    wanted = {".".join(("exportproof", *folder.parts)) for folder in folders}
    listed = project["tool"]["setuptools"]["packages"]
    assert wanted - set(listed) == set(), "add these to [tool.setuptools] packages in pyproject.toml"
    assert set(listed) - wanted == set(), "take these out of [tool.setuptools] packages in pyproject.toml"
    assert listed == sorted(listed), "sort [tool.setuptools] packages in pyproject.toml"


def test_folders_with_another_name_are_those_of_pyproject(project: dict[str, Any]) -> None:
    listed = project["tool"]["setuptools"]["package-dir"]
    assert listed == {"exportproof": "."} | {f"exportproof.{name}": folder for folder, name in RENAMED.items()}


def test_every_package_has_an_init(tree: tuple[str, ...]) -> None:
    folders = {PurePosixPath(name).parent for name in installed_files(tree) if name.endswith(".py")}
    missing = [f"{folder}/__init__.py" for folder in folders if str(folder / "__init__.py") not in tree]
    assert missing == [], "add these files"


def test_no_folder_of_tests_is_a_package_and_names_are_unique(tree: tuple[str, ...]) -> None:
    tests = [PurePosixPath(name) for name in tree if name.startswith("tests/") and name.endswith(".py")]
    assert [str(path) for path in tests if path.name == "__init__.py"] == [], "delete these files"
    names = [path.name for path in tests if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names)), "two test files have the same name; see tests/README.md"


@pytest.fixture(scope="module")
def wheel(tree: tuple[str, ...], root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from a copy of the tree, so that leftovers of earlier builds cannot get into it."""
    copy = tmp_path_factory.mktemp("wheel") / "checkout"
    for name in tree:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, copy / name)
    if not (copy / "README.md").exists():
        (copy / "README.md").write_text("# exportproof\n", encoding="utf-8")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = (copy / "dist").glob("*.whl")
    return found


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path, tree: tuple[str, ...]) -> None:
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {f"exportproof/{installed_as(name)}" for name in installed_files(tree)}
    assert wanted - names == set(), "the wheel lacks these: see package-data in pyproject.toml"
    assert names - wanted == set(), "the wheel should not have these: see packages and package-data in pyproject.toml"


def test_the_wheel_carries_its_licence_and_both_ways_in(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        meta = {
            name.split(".dist-info/")[1]: archive.read(name).decode()
            for name in archive.namelist()
            if ".dist-info/" in name
        }
    assert "MIT License" in meta["licenses/LICENSE"]
    assert "exportproof = exportproof.cli:main" in meta["entry_points.txt"]
    assert "exportproof = exportproof.conformance.plugin" in meta["entry_points.txt"]
    assert "License-Expression: MIT" in meta["METADATA"]
