"""What no file of the repository may hold or be: too long, unfinished, or about the machine it was written on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_LINES = 400
# Code, and what is read like code. The catalogue and the OpenAPI documents are lists, and grow with what they list.
CODE = (".py", ".html", ".css", ".js", ".sh", ".md")
LISTS = {"CHANGELOG.md"}
LOCK_FILES = {
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "package-lock.json", "npm-shrinkwrap.json",
    "yarn.lock", "pnpm-lock.yaml", "conda-lock.yml",
}  # fmt: skip
# Each pattern is put together here, so that this file does not hold what it looks for.
UNFINISHED = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'}|{'XX' + 'X'}|{'HA' + 'CK'})\b")
HOST_PATH = re.compile(r"(?<![\w.$})/-])/(?:work|tmp|home|root|Users)/[\w.]")
PACKAGE_INDEX = re.compile(
    r"--(?:extra-)?index-url|--find-links|(?:extra-)?index-url\s*=|" + "files.pythonhosted" + r"\.org"
)
AUTHORING = re.compile("(?i)" + "co-authored" + "-by|" + r"as an ai\b|language model")
SECRET = re.compile("-----BEGIN [A-Z ]*PRIVATE " + "KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}")

FORBIDDEN = {
    "unfinished": (UNFINISHED, "finish it, or say in plain words what is left out and why"),
    "path of one machine": (HOST_PATH, "use a path relative to the checkout, or a temporary folder"),
    "package index": (PACKAGE_INDEX, "leave it to the user's pip where packages come from"),
    "remark on authoring": (AUTHORING, "the project speaks of itself alone"),
    "secret": (SECRET, "take it out, and revoke it"),
}


def found(pattern: re.Pattern[str], texts: Iterable[tuple[str, str]]) -> list[str]:
    """Where a pattern occurs, as path, line and the text."""
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()!r}"
        for name, text in texts
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str, texts: dict[str, str]) -> None:
    pattern, advice = FORBIDDEN[what]
    others = ((name, text) for name, text in texts.items() if name != "tests/repo/test_files.py")
    assert found(pattern, others) == [], advice


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("unfinished", "# " + "TO" + "DO: later"),
        ("path of one machine", "see /" + "home/ann/notes"),
        ("path of one machine", 'open("/' + "tmp/x" + '")'),
        ("package index", "pip install --index" + "-url https://mirror.example.org/simple x"),
        ("remark on authoring", "Co-" + "Authored-By: somebody"),
        ("secret", "AKIA" + "A" * 16),
    ],
)
def test_what_is_forbidden_is_seen(what: str, text: str) -> None:
    assert len(found(FORBIDDEN[what][0], [("a", text)])) == 1


@pytest.mark.parametrize(
    "text", ["https://example.org/work/1", "$HOME/tmp/x", "{root}/home/x", "../work/x", "docs/tmp/x"]
)
def test_other_paths_are_not_host_paths(text: str) -> None:
    assert found(HOST_PATH, [("a", text)]) == []


def test_files_can_be_read_at_a_sitting(texts: dict[str, str]) -> None:
    lengths = {name: text.count("\n") for name, text in texts.items() if name.endswith(CODE) and name not in LISTS}
    long = {name: lines for name, lines in lengths.items() if lines >= MOST_LINES}
    assert long == {}, f"split these by noun: a file has less than {MOST_LINES} lines"


def test_there_is_no_lock_file(tree: tuple[str, ...]) -> None:
    locks = [name for name in tree if name.rsplit("/", 1)[-1] in LOCK_FILES]
    assert locks == [], "delete these: constraints.txt pins versions without recording where they come from"


def test_text_files_end_with_one_line_break_and_have_unix_line_ends(texts: dict[str, str]) -> None:
    odd = [
        name
        for name, text in texts.items()
        if text and (not text.endswith("\n") or text.endswith("\n\n") or "\r" in text) and not name.endswith(".csv")
    ]
    assert odd == [], "end each of these with exactly one line feed"
