"""A comparison of two reports as people read it, in a terminal or on the page of a CI job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comparing import KINDS
from .markdown import escaped
from .text import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .comparing import Comparison


MOST_SHOWN = 20
"""Changes of one kind that the text shows, unless they are for the worse; JSON and Markdown have them all."""


def to_text(comparison: Comparison) -> str:
    """Return a comparison as plain text."""
    return "\n".join(_lines(comparison)) + "\n"


def to_markdown(comparison: Comparison) -> str:
    """Return a comparison in GitHub-flavoured Markdown, in which nothing that a target said is obeyed."""
    blocks = [f"## {escaped(summary(comparison))}", *(f"- {escaped(note)}" for note in comparison.notes)]
    for kind, heading in KINDS.items():
        changes = comparison.of(kind)
        if changes:
            rows = (
                f"| `{change.rule}` | {change.level} | {escaped(change.before)} | {escaped(change.after)} "
                f"| {escaped(change.message or '', 300)} |"
                for change in changes
            )
            blocks += [
                f"### {heading} ({len(changes)})",
                "\n".join(("| rule | level | before | after | found |", "| --- | --- | --- | --- | --- |", *rows)),
            ]
    moved = [reading for reading in comparison.readings if reading.moved]
    if moved:
        rows = (f"| `{reading.name}` | {reading.before} | {reading.after} |" for reading in moved)
        blocks += ["### Readings", "\n".join(("| reading | before | after |", "| --- | --- | --- |", *rows))]
    blocks += [escaped(line) for line in _seen_once(comparison)]
    return "\n\n".join(blocks) + "\n"


def summary(comparison: Comparison) -> str:
    """Return the outcome in one sentence, the figures of each kind of change in it."""
    was, now = comparison.before["verdict"], comparison.after["verdict"]
    verdict = f"The verdict is still {now}" if was == now else f"The verdict went from {was} to {now}"
    counts = [f"{len(comparison.of(kind))} {kind}" for kind in KINDS]
    moved = sum(reading.moved for reading in comparison.readings)
    return f"{verdict}; {', '.join(counts)}; {moved or 'no'} {'reading' if moved == 1 else 'readings'} changed."


def _seen_once(comparison: Comparison) -> Iterator[str]:
    """Yield which readings only one of the two runs could observe."""
    for when, names in (
        ("now, and not before", [reading.name for reading in comparison.readings if reading.before is None]),
        ("before, and not now", [reading.name for reading in comparison.readings if reading.after is None]),
    ):
        if names:
            yield f"Readings observed {when}: {', '.join(names)}."


def _lines(comparison: Comparison) -> Iterator[str]:
    yield from wrapped(summary(comparison))
    for note in comparison.notes:
        yield from wrapped(f"! {note}", "  ", "    ")
    for kind, heading in KINDS.items():
        changes = comparison.of(kind)
        if changes:
            yield ""
            yield f"{heading} ({len(changes)}):"
        most = len(changes) if kind == "worse" else MOST_SHOWN
        for change in changes[:most]:
            yield from wrapped(f"{change.rule} ({change.level}): {change.before} -> {change.after}", "  ", "      ")
            if change.message:
                yield from wrapped(change.message, "      ", "      ")
        if len(changes) > most:
            yield f"  and {len(changes) - most} more"
    moved = [reading for reading in comparison.readings if reading.moved]
    if moved:
        yield ""
        yield f"Readings ({len(moved)}):"
        for reading in moved:
            yield from wrapped(f"{reading.name}: {reading.before} -> {reading.after}", "  ", "      ")
    once = list(_seen_once(comparison))
    yield from [""] if once else []
    for line in once:
        yield from wrapped(line, "", "  ")
