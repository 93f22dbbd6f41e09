"""The run record as a badge: the endpoint JSON that shields.io reads, and an SVG that needs nobody.

A badge that nobody renews must not go on saying that all is well. A picture inside a page has no clock: browsers give
it no script, style sheets know no date, and the wall-clock times of SMIL were never built. So a badge tells its age in
three ways, each where it can: the date of the run is part of its text; it is grey when it is written from a run that is
older than `FRESH_DAYS`, so a nightly `exportproof judge` of the kept record turns a badge grey that no run renews; and
an SVG that is opened as a document, or in an <object> or <iframe>, turns grey by itself when its day has come.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ..spec.offer import format_instant, parse_instant
from .known import excused, outdated_of, unknown_violations

if TYPE_CHECKING:
    from collections.abc import Mapping

FRESH_DAYS = 30
"""Days after which a run says nothing of a target any more."""
LABEL = "exportproof"

# Blue and a dark orange, which nobody mixes up; the words say the same.
_RED = "#a8320f"
# What violates nothing but what is known is neither well nor an alarm.
_COLOURS = {"conforms": "#0a6b75", "violates": "#7a5a00", "undetermined": "#5b3f94"}
_GREY = "#62656b"
_CHARACTER = 6.4
_PADDING = 6


@dataclass(frozen=True)
class Badge:
    """What a badge says: its words, its colour, and when it goes grey. `old` says that it has.

    It `alarms` for a violation that nobody knows of, and for a list of known failures that is out of date.
    """

    message: str
    colour: str
    started: datetime
    expires: datetime
    old: bool
    alarms: bool


def badge(document: Mapping[str, Any], now: datetime | None = None) -> Badge:
    """Return what the badge of a run record says at an instant; at the present when absent."""
    started = parse_instant(document["started"])
    expires = started + timedelta(days=FRESH_DAYS)
    old = (now or datetime.now(UTC)) >= expires
    musts, verdict = document["musts"], document["verdict"]
    left, outdated = unknown_violations(document), bool(outdated_of(document))
    known = musts["violated"] - left
    found = verdict
    if verdict == "violates":
        found = f"violates {musts['violated']}" + (f" ({'all' if not left else known} known)" if known else "")
    if outdated:
        found += ", known failures out of date"
    red = not excused(document)
    message = f"{found}, {musts['judged']}/{musts['total']} MUSTs judged, {started:%Y-%m-%d}"
    if old:
        message = f"{found}, but old: {started:%Y-%m-%d}"
    colour = _GREY if old else _RED if red else _COLOURS[verdict]
    return Badge(message, colour, started, expires, old, red and not old)


def to_badge(document: Mapping[str, Any], now: datetime | None = None) -> str:
    """Return the JSON that shields.io shows as a badge, by its endpoint schema of version 1.

    That schema takes no property that it does not know, so the date of the run is in the message.
    """
    said = badge(document, now)
    shown = {"schemaVersion": 1, "label": LABEL, "message": said.message, "color": said.colour.removeprefix("#")}
    # An error's colour cannot be set to green by whoever embeds the badge.
    shown |= {"isError": True} if said.alarms else {}
    return json.dumps(shown, indent=2) + "\n"


def to_badge_svg(document: Mapping[str, Any], now: datetime | None = None) -> str:
    """Return a badge as an SVG that loads nothing; see above for how it goes grey."""
    said = badge(document, now)
    left, right = _width(LABEL), _width(said.message)
    spoken = escape(f"{LABEL}: {said.message}")
    late = escape(f"{LABEL}: {said.message}; this is too old to say anything of today")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" \
aria-labelledby="said" data-started="{format_instant(said.started)}" data-expires="{format_instant(said.expires)}">
<title id="said">{spoken}</title>
<style>
#ground {{ fill: {said.colour}; }}
.old #ground {{ fill: {_GREY}; }}
.old #message {{ text-decoration: line-through; }}
text {{ fill: #fff; font: 11px Verdana, "DejaVu Sans", Geneva, sans-serif; }}
</style>
<clipPath id="round"><rect width="{left + right}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)">
<rect width="{left}" height="20" fill="#33363b"/>
<rect id="ground" x="{left}" width="{right}" height="20"/>
</g>
<text x="{_PADDING}" y="14" textLength="{left - 2 * _PADDING}">{LABEL}</text>
<text id="message" x="{left + _PADDING}" y="14" textLength="{right - 2 * _PADDING}">{escape(said.message)}</text>
<script>
const picture = document.documentElement;
if (Date.now() >= Date.parse(picture.dataset.expires)) {{
  picture.classList.add("old");
  document.getElementById("said").textContent = {json.dumps(late)};
}}
</script>
</svg>
"""


def _width(text: str) -> int:
    """Return the width of a part of the badge in pixels; the text is set to fit it, whatever the font."""
    return round(len(text) * _CHARACTER) + 2 * _PADDING
