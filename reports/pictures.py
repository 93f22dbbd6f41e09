"""The pictures of the report, drawn from the `sights` of a run record: each with its sentence, or none at all.

A record may come from an older version or have parts struck out: what is not there, or no number, is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..spec.offer import parse_instant
from .page import instant
from .svg import Canvas, ticks
from .text import megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

_DAY = 86_400.0
_KINDS = {"lost": "due and absent", "unexpected": "not due and there", "stale": "there in an old version"}
_LARGE = 1024


@dataclass(frozen=True)
class Picture:
    """A drawing with the heading, and the sentence that tells the same."""

    title: str
    told: str
    svg: Markup


def window_picture(sights: Mapping[str, Any], evidence: Mapping[str, Any]) -> Picture | None:
    """Return the window of the job that a finding about rows names, with the changes of the records in it."""
    window = sights.get("windows", {}).get(evidence["job"])
    rows = evidence["details"].get("rows")
    if window is None or window["to"] is None or not isinstance(rows, list):
        return None
    kinds = {str(row["id"]): row["kind"] for row in rows if isinstance(row, dict) and "kind" in row and "id" in row}
    records = {name: changes for name, changes in window["records"].items() if name in kinds and changes}
    if not records:
        return None
    start, end = _stamp(window["from"]), _stamp(window["to"])
    stamps = [start, end, *(_stamp(change["at"]) for changes in records.values() for change in changes)]
    pad = (max(stamps) - min(stamps)) * 0.03 or 1.0
    canvas = Canvas(len(records), min(stamps) - pad, max(stamps) + pad)
    canvas.draw(
        "rect", "band", x=canvas.x(start), y=2, width=max(round(canvas.x(end) - canvas.x(start), 1), 2),
        height=canvas.height - 32,
    )  # fmt: skip
    for row, (name, changes) in enumerate(records.items()):
        canvas.label(row, f"{name}: {kinds[name]}")
        for change in changes:
            canvas.mark(row, _stamp(change["at"]), "dot" if change["active"] else "ring", "change-mark")
    canvas.line(start, "edge")
    canvas.line(end, "edge")
    canvas.axis(ticks_of_days(canvas.low, canvas.high), _day)
    inside = [
        f"record {name} was {_KINDS.get(kinds[name], kinds[name])}: it changed "
        f"{_times(sum(start <= _stamp(change['at']) <= end for change in changes))} in the window, "
        f"{_times(sum(_stamp(change['at']) > end for change in changes))} after it"
        for name, changes in records.items()
    ]
    until = "the request" if window["open"] else instant(window["to"])
    told = (
        f"The window, shaded, goes from {instant(window['from'])} to {until}. A full dot is a change that left the "
        f"record active, an empty one inactive. {'; '.join(inside)}."
    )
    return Picture("The window, and when the records changed", told, canvas.markup(told))


def pictures(sights: Mapping[str, Any]) -> Iterator[Picture]:
    """Yield the pictures of the whole run, those for which it has something to show."""
    for draw in (_files, _links, _jobs):
        picture = draw(sights)
        if picture is not None:
            yield picture


def _files(sights: Mapping[str, Any]) -> Picture | None:
    """File sizes as shares of the limit: a bar a file, and the limit as a line."""
    bars = [
        (job["job"] if number == 0 else "", size, job["limitKb"])
        for job in sights.get("files", ())
        for number, size in enumerate(job["sizes"])
        if _is_number(size) and _is_number(job["limitKb"])
    ][:24]
    if not bars:
        return None
    most = max(1.1, *(size / (limit * _LARGE) for _, size, limit in bars))
    canvas = Canvas(len(bars), 0.0, most)
    over = 0
    for row, (name, size, limit) in enumerate(bars):
        share = size / (limit * _LARGE)
        over += share > 1
        canvas.label(row, name)
        canvas.bar(row, 0.0, share, "bar-over" if share > 1 else "bar-fine")
        told = f"{megabytes(size)} of {megabytes(limit * _LARGE)}{', over' if share > 1 else ''}"
        inside = share > most * 0.6
        edge = canvas.x(share)
        canvas.text(told, edge - 6 if inside else edge + 6, canvas.y(row), "words on-bar" if inside else "words",
                    "end" if inside else "start")  # fmt: skip
    canvas.line(1.0, "edge")
    canvas.axis(ticks(0.0, most), lambda share: f"{share:.0%}")
    largest = max(bars, key=lambda bar: bar[1] / bar[2])
    told = (
        f"The files that came nearest to their limit, as shares of it (kilobytes of {_LARGE} bytes). "
        f"{len(bars)} shown, {over or 'none'} over the limit. The largest share has a file "
        f"of {megabytes(largest[1])} under a limit of {megabytes(largest[2] * _LARGE)}."
    )
    return Picture("File sizes against the limit", told, canvas.markup(told))


def _links(sights: Mapping[str, Any]) -> Picture | None:
    """Each link's life: looks that met the file and looks that did not, against the lifetime."""
    found = sights.get("links", {})
    lifetime, jobs = found.get("lifetime"), [job for job in found.get("jobs", ()) if job["looks"]]
    if not jobs or not _is_number(lifetime):
        return None
    ends = [look["after"] for job in jobs for look in job["looks"]]
    announced = [job["announced"] for job in jobs if job["announced"] is not None]
    unit, word = (_DAY, "days") if lifetime >= 2 * _DAY else (3600.0, "hours") if lifetime >= 7200 else (1.0, "seconds")
    canvas = Canvas(len(jobs), 0.0, max(*ends, *announced, lifetime) / unit * 1.05)
    for row, job in enumerate(jobs):
        canvas.label(row, job["job"])
        works = [look["after"] for look in job["looks"] if look["works"]]
        if works:
            canvas.bar(row, 0.0, max(works) / unit, "bar-fine")
        if job["announced"] is not None:
            canvas.mark(row, job["announced"] / unit, "wedge", "announced-mark")
        for look in job["looks"]:
            shape, kind = ("dot", "good-mark") if look["works"] else ("cross", "bad-mark")
            canvas.mark(row, look["after"] / unit, shape, kind)
    canvas.line(lifetime / unit, "edge")
    canvas.axis(ticks(0.0, canvas.high), lambda value: f"{value:g} {word}")
    lives = "; ".join(f"{job['job']}: {_life(job)}" for job in jobs)
    told = (
        "When links were tried and worked (a dot) or did not (a cross), where their end is announced (a wedge), and "
        f"the lifetime of {lifetime / unit:g} {word} (the line). {lives}."
    )
    return Picture("Links against their lifetime", told, canvas.markup(told))


def _life(job: Mapping[str, Any]) -> str:
    works = [look["after"] for look in job["looks"] if look["works"]]
    refused = [look["after"] for look in job["looks"] if not look["works"]]
    parts = [f"last seen to work after {_span(max(works))}"] if works else ["never seen to work at these looks"]
    parts += [f"first seen not to after {_span(min(refused))}"] if refused else []
    parts += [f"announced to end after {_span(job['announced'])}"] if job["announced"] is not None else []
    return ", ".join(parts)


def _span(seconds: float) -> str:
    """Return a duration in its two or three largest units."""
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or f"{seconds:g} s"


def _jobs(sights: Mapping[str, Any]) -> Picture | None:
    """The states in which jobs were seen, over the seconds since their creation."""
    jobs = [job for job in sights.get("jobs", ()) if job["states"]]
    if not jobs:
        return None
    high = max(job["states"][-1]["until"] for job in jobs) or 0.001
    # The words stand behind the bars, so the longest one leaves them room.
    canvas = Canvas(len(jobs), 0.0, high * 1.6)
    lives = []
    for row, job in enumerate(jobs):
        canvas.label(row, job["job"])
        states = job["states"]
        for number, (state, after) in enumerate(pairwise([*states, None])):
            end = state["until"] if after is None else after["from"]
            canvas.bar(row, state["from"], end, f"state-{number % 3}")
        words = " → ".join(str(state["state"]) for state in states) + (", timed out" if job["timedOut"] else "")
        canvas.text(words, canvas.x(states[-1]["until"]) + 6, canvas.y(row))
        life = ", ".join(f"{state['state']} from {state['from']:g} s" for state in states)
        lives.append(f"{job['job']}: {life}{', timed out' if job['timedOut'] else ''}")
    canvas.axis(ticks(0.0, canvas.high), lambda value: f"{value:g} s")
    told = f"The states in which jobs were seen, in seconds since each was asked for. {'; '.join(lives)}."
    return Picture("Jobs over time", told, canvas.markup(told))


def ticks_of_days(low: float, high: float) -> list[float]:
    """Return midnights in UTC across a scale of seconds, or the scale's own ends where it is shorter than two days."""
    days = (high - low) / _DAY
    if days < 2:
        return [low, high]
    step = max(1, round(days / 6))
    first = datetime.fromtimestamp(low, UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return [(first + timedelta(days=step * number)).timestamp() for number in range(int(days / step) + 1)
            if (first + timedelta(days=step * number)).timestamp() <= high]  # fmt: skip


def _day(stamp: float) -> str:
    at = datetime.fromtimestamp(stamp, UTC)
    midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
    return f"{at.day} {at:%b}" if midnight else f"{at.day} {at:%b %H:%M:%S}"


def _stamp(text: str) -> float:
    return parse_instant(text).timestamp()


def _times(count: int) -> str:
    return {0: "not", 1: "once"}.get(count, f"{count} times")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
