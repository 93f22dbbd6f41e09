"""The summary that a run prints at its end, from the run record: plain text, at most 100 columns where it can."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from .document import again, left_out, other_problems
from .known import is_known, outdated_of, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

WIDTH = 100
"""Columns. Words longer than a line, such as curl lines to copy, are never broken."""

_COLOURS = {
    "violates": "31",
    "fail": "31",
    "undetermined": "35",
    "inconclusive": "35",
    "warn": "33",
    "conforms": "32",
}
_MAX_DOUBTS = 10


def summary(document: Mapping[str, Any], *, colour: bool = False) -> str:
    """Return the terminal summary: verdict, violated rules with evidence, what stayed open, what to do next."""
    rules = document["rules"]
    paint = _painter(colour=colour)
    blocks: list[Iterable[str]] = [
        [paint(document["verdict"], line) for line in wrapped(document["headline"])],
        (line for problem in other_problems(document) for line in wrapped(f"! {problem}", "  ")),
        (line for each in outdated_of(document) for line in wrapped(f"! {each['message']}", "  ")),
        _entries([rule for rule in rules if not is_known(rule)], "fail", "VIOLATED", paint, document),
        _entries([rule for rule in rules if not is_known(rule)], "warn", "WARNING", paint, document),
        _known(rules, paint),
        _doubts(rules, paint),
        _skips(rules),
        _readings(document["readings"]),
        _figures(document),
        _next_steps(document),
    ]
    texts = ("\n".join(block) for block in blocks)
    return "\n\n".join(text for text in texts if text) + "\n"


def _entries(
    rules: Iterable[Mapping[str, Any]],
    status: str,
    label: str,
    paint: Any,  # noqa: ANN401 - a function that colours a text by its status
    document: Mapping[str, Any],
) -> Iterator[str]:
    """Yield each rule of that status with its demand, its first evidence, its addresses and its first request."""
    for number, rule in enumerate(rule for rule in rules if rule["status"] == status):
        if number:
            yield ""
        yield paint(status, f"{label} {rule['id']} ({rule['level']})")
        yield from wrapped(rule["demand"], "  ", "  ")
        yield from _first_evidence(rule["evidence"])
        yield from wrapped(f"source: {', '.join(rule['source'])}", "  ", "          ")
        yield f"  again:  {again(document, rule['id'])}"


def _known(rules: Iterable[Mapping[str, Any]], paint: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield each violation that is known, with who knows of it and the first that was found."""
    known = [rule for rule in rules if is_known(rule)]
    if not known:
        return
    yield paint("warn", f"Known failures ({len(known)}):")
    for rule in known:
        yield from wrapped(f"{rule['id']} ({rule['level']}), {told(rule)}", "  ", "    ")
        yield from wrapped(f"- {rule['evidence'][0]['message']}", "    ", "      ")


def _first_evidence(evidence: list[Mapping[str, Any]]) -> Iterator[str]:
    if not evidence:
        return
    first = evidence[0]
    more = f" (and {len(evidence) - 1} more in the report)" if len(evidence) > 1 else ""
    yield from wrapped(f"- {first['message']}{more}", "  ", "    ")
    if first["expected"]:
        yield from wrapped(f"expected: {first['expected']}", "    ", "      ")
    if first["received"]:
        yield from wrapped(f"received: {first['received']}", "    ", "      ")
    if first["request"]:
        yield f"    $ {first['request']}"


def _doubts(rules: Iterable[Mapping[str, Any]], paint: Any) -> Iterator[str]:  # noqa: ANN401
    doubts = [rule for rule in rules if rule["status"] == "inconclusive"]
    if not doubts:
        return
    yield paint("inconclusive", f"Tried, but could not be told ({len(doubts)}):")
    for rule in doubts[:_MAX_DOUBTS]:
        yield from wrapped(f"{rule['id']} ({rule['level']}): {rule['reason']}", "  ", "    ")
    if len(doubts) > _MAX_DOUBTS:
        yield f"  and {len(doubts) - _MAX_DOUBTS} more in the report"


def _skips(rules: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    reasons = left_out(rules)
    if not reasons:
        return
    yield f"Not judged ({sum(count for *_, count in reasons)}):"
    for reason, words, count in reasons:
        yield from wrapped(f"{count:>4}  {reason}: {words}", "", "      ")


def _readings(readings: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    seen = {name: reading for name, reading in readings.items() if reading["observed"] is not None}
    if not seen:
        return
    yield f"Readings that the target follows ({len(seen)} of {len(readings)} observed):"
    for name, reading in seen.items():
        pinned = "" if reading["pinned"] is None else f" (pinned: {reading['pinned']})"
        yield from wrapped(f"{name} = {reading['observed']}{pinned}: {reading['meaning']}", "  ", "    ")


def _figures(document: Mapping[str, Any]) -> Iterator[str]:
    stats, counts = document["stats"], document["counts"]
    yield from wrapped(
        f"{counts['pass']} passed, {counts['fail']} violated, {counts['warn']} warned, "
        f"{counts['inconclusive']} inconclusive, {counts['skip']} not judged; "
        f"{stats['requests']} requests, {stats['jobs']} jobs, {megabytes(stats['bytesDownloaded'])} downloaded, "
        f"{stats['seconds']:.1f} s; profile {document['profile']}, seed {document['seed']}."
    )


def megabytes(count: int) -> str:
    """Return a number of bytes as people read it, in units of a thousand."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _next_steps(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what helps most now, at most three lines."""
    reasons = {rule["reason"] for rule in document["rules"] if rule["status"] == "skip"}
    steps = []
    if document["counts"]["fail"]:
        steps.append("Open report.html for every piece of evidence and the requests that reproduce it.")
    elif document["verdict"] == "undetermined":
        steps.append("Settle what stands above, then run again: nothing has been proven yet.")
    if "no-control" in reasons:
        steps.append("Give --control-url, or --adapter, to judge what only known records and a movable clock can show.")
    if "no-second-account" in reasons:
        steps.append("Give --other-user and --other-key to judge that accounts are kept apart.")
    for step in steps:
        yield from wrapped(f"Next: {step}", "", "      ")


def _painter(*, colour: bool) -> Any:  # noqa: ANN401
    def paint(name: str, text: str) -> str:
        return f"\x1b[1;{_COLOURS[name]}m{text}\x1b[0m" if colour else text

    return paint


def wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    """Break a text into lines; control characters of the target's words cannot reach the terminal."""
    safe = "".join(character if character.isprintable() else " " for character in text)
    return textwrap.wrap(
        safe,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
