"""What a command that judged says at its end."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..reports.text import summary
from .shape import say

if TYPE_CHECKING:
    from .judging import Judged


def tell(judged: Judged, *, quiet: bool) -> None:
    """Print the summary of what was judged and where its reports are, or its verdict alone."""
    if quiet:
        say(judged.document["headline"])
        return
    say(summary(judged.document, colour=_colour()))
    for path in judged.reports:
        say(f"Report: {path}")


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
