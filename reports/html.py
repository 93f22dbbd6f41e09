"""The report that people open: one self-contained page, rendered from the run record alone.

Nothing is loaded from anywhere, and the page's own policy forbids it, whatever a target put into its answers.
The page reads without its script, which only filters, searches and opens what a deep link names.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .docs_link import page_of
from .document import again, left_out, other_problems
from .known import excused, is_known, outdated_of, told
from .page import STATUS_WORDS, asset, digest, render
from .pictures import pictures, window_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

EVIDENCE_SHOWN = 20
"""Pieces of evidence that the page shows of one rule; report.json has them all."""

_REMEDIES = {"no-control": "--control-url", "no-second-account": "--other-user"}
_DETAILS = {
    "times": "Found so many times",
    "counts": "Rows, by what is wrong with them",
    "pointer": "Place in the answer",
    "targetNow": "The target's present",
}
_TONES = {"violates": "fail", "undetermined": "inconclusive", "conforms": "pass"}
_VERDICT_WORDS = {"conforms": "Conforms", "violates": "Violates", "undetermined": "Undetermined"}


def to_html(document: Mapping[str, Any]) -> str:
    """Return the HTML report of a run record."""
    style, script = asset("style.css"), asset("report.js")
    policy = (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    by_status = {status: [rule for rule in document["rules"] if rule["status"] == status] for status in STATUS_WORDS}
    sights = document.get("sights", {})
    return render(
        "report.html",
        document=document,
        style=style,
        script=script,
        policy=policy,
        verdict_word=_VERDICT_WORDS[document["verdict"]],
        headline=document["headline"].removeprefix("Undetermined: "),
        left_out=left_out(document["rules"]),
        remedies=_REMEDIES,
        detail_words=_DETAILS,
        tone=_tone(document),
        by_status=by_status,
        unknown={status: [rule for rule in rules if not is_known(rule)] for status, rules in by_status.items()},
        known=[(rule, told(rule)) for rule in (*by_status["fail"], *by_status["warn"]) if is_known(rule)],
        outdated=[each["message"] for each in outdated_of(document)],
        families=[
            (name, text, [rule for rule in document["rules"] if rule["family"] == name])
            for name, text in document["families"].items()
        ],
        pages={rule["id"]: page_of(document, rule["id"]) for rule in document["rules"]},
        again={rule["id"]: again(document, rule["id"]) for rule in document["rules"]},
        problems=other_problems(document),
        evidence_shown=EVIDENCE_SHOWN,
        pictures=list(pictures(sights)),
        window_picture=partial(window_picture, sights),
    )


def _tone(document: Mapping[str, Any]) -> str:
    """Return the status whose colour and sign the verdict has: a warning's, where every violation is known."""
    if document["verdict"] == "violates" and excused(document):
        return "warn"
    return _TONES[document["verdict"]]
