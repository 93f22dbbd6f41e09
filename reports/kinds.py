"""The reports that a user can ask for by kind and path: `--report KIND=PATH`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..conformance.settings import BadSettings
from .badge import to_badge, to_badge_svg
from .html import to_html
from .junit import to_junit
from .markdown import to_markdown
from .sarif import to_sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def to_json(document: Mapping[str, Any]) -> str:
    """Return a run record as the text of report.json (contract, section 3)."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


RENDERERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "json": to_json,
    "html": to_html,
    "junit": to_junit,
    "sarif": to_sarif,
    "markdown": to_markdown,
    "badge": to_badge,
    "badge-svg": to_badge_svg,
}
"""What makes each kind of report from a run record, in which every secret is struck out already."""


@dataclass(frozen=True)
class Wanted:
    """A report that was asked for: its kind, a key of `RENDERERS`, and the file that it goes to."""

    kind: str
    path: Path


def parse_wanted(words: Iterable[str], folder: Path = Path()) -> tuple[Wanted, ...]:
    """Read KIND=PATH, each path relative to the folder; raises BadSettings that says what to write instead."""
    found: dict[Path, Wanted] = {}
    for word in words:
        kind, equals, path = word.partition("=")
        if kind not in RENDERERS:
            close = get_close_matches(kind, RENDERERS, n=1)
            perhaps = f" Did you mean {close[0]!r}?" if close else ""
            raise BadSettings(
                f"There is no report of the kind {kind!r}.{perhaps} "
                f"Write KIND=PATH, where KIND is one of: {', '.join(RENDERERS)}."
            )
        if not equals or not path or "\0" in path:
            raise BadSettings(f"{word!r} names no file. Write {kind}=PATH, such as {kind}=report.{kind}.")
        wanted = Wanted(kind, folder / path)
        place = wanted.path.absolute()
        if found.setdefault(place, wanted).kind != kind:
            raise BadSettings(
                f"Two reports, {found[place].kind} and {kind}, would go to the same file {path!r}. "
                "Give each a file of its own."
            )
    return tuple(found.values())
