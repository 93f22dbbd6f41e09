"""The documents: links inside the repository lead somewhere, and each decision is a page with the same parts."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def dead_links(texts: dict[str, str], tree: tuple[str, ...]) -> list[str]:
    """Every link of a Markdown file to a file or folder that is not in the repository."""
    there = {*tree, *(str(folder) for name in tree for folder in PurePosixPath(name).parents)}
    return [
        f"{name}: {match['target']}"
        for name, text in texts.items()
        if name.endswith(".md")
        for match in LINK.finditer(text)
        if not re.match(r"[a-z]+:|#", match["target"])
        and normpath(str(PurePosixPath(name).parent / match["target"].partition("#")[0])) not in there
    ]


def test_links_lead_somewhere(texts: dict[str, str], tree: tuple[str, ...]) -> None:
    assert dead_links(texts, tree) == [], "mend these links"


def test_a_dead_link_is_seen() -> None:
    text = "[a](b.md) [c](../c/d.py#L3) [e](https://example.org/f) [g](#h) [i](../c)"
    assert dead_links({"x/a.md": text}, ("x/a.md", "c/d.py")) == ["x/a.md: b.md"]


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) > 2
    assert sorted(set(numbers)) == numbers, "two decisions in docs/decisions have one number"


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_says_why_and_what_follows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]}: \S", text), f"docs/decisions/{path.name} starts with its number and title"
    missing = [part for part in ("Context", "Candidates", "Decision", "Consequences") if f"\n## {part}\n" not in text]
    assert missing == [], f"docs/decisions/{path.name} lacks these headings"
