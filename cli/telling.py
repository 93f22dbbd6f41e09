"""What a command that judges says: while it does, and at its end."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from ..conformance.watching import Lines, Live
from ..reports.text import summary
from .shape import say

if TYPE_CHECKING:
    from .judging import Judged


def follow(*, quiet: bool) -> Lines | Live:
    """Return how progress is shown: renewed in place on a terminal, as lines elsewhere."""
    if quiet:
        return Lines(lambda line: None)  # noqa: ARG005 - nobody listens
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Live(
            lambda text: say(text, error=True, newline=False),
            lambda: shutil.get_terminal_size(fallback=(80, 24)).columns,
        )
    return Lines(lambda line: say(line, error=True))


def tell(judged: Judged, *, quiet: bool) -> None:
    """Print the summary of what was judged and where its reports are, or its verdict alone."""
    if quiet:
        say(judged.document["headline"])
        return
    say(summary(judged.document, colour=_colour()))
    for path in judged.reports:
        say(f"Report: {path}")
    for note in judged.notes:
        say(note)


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
