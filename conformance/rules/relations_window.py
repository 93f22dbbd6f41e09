"""What windows over live data must have in common, whatever the data are (window.1, window.2).

A record that is in one export and missing from another is told with both.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..finding import Finding
from ..membership import CODES_TYPE
from ..sightings import differences
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from ..change_times import ChangeTimes, Span, Stamps
    from ..sightings import Look

_SHOWN = 5
WINDOW_RULES = (
    "window/complete", "window/nothing-else", "window/any-change", "window/ends", "window/offsets",
    "window/fractions", "inactive/included", "split/each-once", "mode/both", "mode/elsewhere",
    "codes/ignored-elsewhere",
)  # fmt: skip


def windows_agree(times: ChangeTimes) -> Iterator[Finding]:
    """Hold what every look says of when records changed against what the others say."""
    found: dict[tuple[str, str], list[tuple[int, Span, tuple[Span, ...]]]] = defaultdict(list)
    for identifier, span, cover in times.contradictions():
        rule = _blamed(times, identifier, span, cover)
        found[rule, "/".join([span.look.job.name, *(each.look.job.name for each in cover)])].append(
            (identifier, span, cover)
        )
    for (rule, _), cases in found.items():
        yield _failure(rule, cases)
    blamed = {rule for rule, _ in found}
    for rule, look in _tried(times):
        if rule not in blamed:
            yield Finding(rule, "pass", job=look.job.name)


def _blamed(times: ChangeTimes, identifier: int, span: Span, cover: Sequence[Span]) -> str:
    """The rule whose breach explains a contradiction most plainly."""
    looks = [span.look, *(each.look for each in cover)]
    if span.kind == "window" and all(each.kind != "window" for each in cover):
        return _blamed_for_excess(span.look)
    for look in looks:
        if look.job.resource.name != CODES_TYPE and look.request.codes:
            return "codes/ignored-elsewhere"
    if span.kind == "created" and any(
        stamps.changed is not None and stamps.changed > cover[-1].end for stamps in times.stamped.stamps[identifier]
    ):
        return "window/any-change"
    if len(cover) > 1:
        return "window/ends" if _on_a_seam(times, identifier, cover) else "window/complete"
    denier = cover[0].look
    differing = differences(span.look, denier) if span.kind == "window" else frozenset()
    for name, rule in (("offsets", "window/offsets"), ("fractions", "window/fractions")):
        if name in differing:
            return rule
    if denier.request.contact_mode is not None:
        return "mode/both" if denier.job.resource.name == "Contacts" else "mode/elsewhere"
    if len(denier.job.files) > 1 or (len(span.look.job.files) > 1 and "window" not in differing):
        return "split/each-once"
    if "window" not in differing and "includeInactive" in differing:
        return "inactive/included"
    return "window/complete"


def _blamed_for_excess(look: Look) -> str:
    """The rule that an export breaks which holds a record whose last change is outside its window."""
    if look.request.codes and look.job.resource.name != CODES_TYPE:
        return "codes/ignored-elsewhere"
    body = str(look.job.body.get("dateChangedFrom"))
    if not body.endswith("Z"):
        return "window/offsets"
    return "window/nothing-else"


def _on_a_seam(times: ChangeTimes, identifier: int, cover: Sequence[Span]) -> bool:
    seams = {each.end for each in cover[:-1]}
    stamps = times.stamped.stamps.get(identifier, ())
    instants = [instant for each in stamps for instant in (each.created, each.changed) if instant is not None]
    return any(abs(instant - seam) <= times.stamped.tolerance for instant in instants for seam in seams)


def _failure(rule: str, cases: Sequence[tuple[int, Span, tuple[Span, ...]]]) -> Finding:
    _, span, cover = cases[0]
    ids = [case[0] for case in cases]
    told = {
        "window": f"is in {span.look.job.name}, so it changed between {_window(span)}",
        "changed": f"changed at {_middle(span)} by its own columns in {span.look.job.name}",
        "created": f"was created at {_middle(span)} by its own columns in {span.look.job.name}",
    }[span.kind]
    denial = "; ".join(
        f"yet {each.look.job.name} lacks it, which holds all that changed between {_window(each)}"
        if each.kind == "window"
        else f"yet by its own columns it last changed at {each.start.isoformat()}"
        if each.kind == "changed"
        else f"yet by its own columns it was created at {each.end.isoformat()}"
        for each in cover
    )
    looks = list(dict.fromkeys([span.look.job.name, *(each.look.job.name for each in cover)]))
    jobs = {each.look.job.name: each.look.job for each in (span, *cover)}
    numbers = tuple(number for name in looks for number in reproduction(jobs[name]))
    excess = all(each.kind != "window" for each in cover)
    return Finding(
        rule,
        "fail",
        message=f"{len(ids)} record{'s' if len(ids) > 1 else ''}, {ids[0]} first: it {told}; {denial}",
        expected="no row" if excess else "one row",
        received="a row" if excess else "no row",
        job=span.look.job.name if excess else cover[-1].look.job.name,
        exchanges=numbers,
        key=f"{span.look.job.resource.name}:{span.kind}:{cover[0].kind}:{len(cover) > 1}",
        details={"ids": ids[:_SHOWN], "records": len(ids), "jobs": looks},
    )


def _window(span: Span) -> str:
    return f"{span.start.isoformat()} and {span.end.isoformat()}"


def _middle(span: Span) -> str:
    return (span.start + (span.end - span.start) / 2).isoformat()


def _tried(times: ChangeTimes) -> Iterator[tuple[str, Look]]:
    """The rules that the looks put to the test, so that a breach would have shown; each with one such look."""
    complete = [look for look in times.looks if look.shows_all and look.whole and look.rows]
    stamps = times.stamped
    every = [each for found in stamps.stamps.values() for each in found]
    for look in complete:
        start, end = look.window
        inner = [one for one in complete if one is not look and start <= one.window[0] and one.window[1] <= end]
        if any(len(one.rows) < len(look.rows) for one in inner):
            yield "window/complete", look
            if len(look.job.files) > 1:
                yield "split/each-once", look
        if stamps.last and any(_changed_outside(each, look) for each in every):
            yield "window/nothing-else", look
        twins = [one for one in complete if one.window == look.window and one.body != look.body]
        if look.request.contact_mode == 3 and twins and _both_kinds(times.looks):
            yield "mode/both", look
        if look.request.codes and look.job.resource.name != CODES_TYPE and twins:
            yield "codes/ignored-elsewhere", look
        if any(one.window[1] == start and _changed_at(start, every, stamps.tolerance) for one in complete):
            yield "window/ends", look
        told_apart = any(_changed_beside(each, look) for each in every)
        if told_apart and any("offsets" in differences(one, look) for one in twins):
            yield "window/offsets", look
    if stamps.created and stamps.changed:
        spanned = next((look for look in complete if any(_changed_again(each, look) for each in every)), None)
        if spanned is not None:
            yield "window/any-change", spanned


def _both_kinds(looks: Sequence[Look]) -> bool:
    """True when exports showed people as well as organizations."""
    contacts = [look for look in looks if look.job.resource.name == "Contacts" and look.rows]
    return {look.mode for look in contacts} >= {1, 2}


def _changed_at(instant: datetime, stamps: Sequence[Stamps], tolerance: timedelta) -> bool:
    return any(each.changed is not None and abs(each.changed - instant) <= tolerance for each in stamps)


def _changed_outside(stamps: Stamps, look: Look) -> bool:
    start, end = look.window
    return stamps.changed is not None and not start <= stamps.changed <= end


def _changed_again(stamps: Stamps, look: Look) -> bool:
    """True when a record was created in the window and changed after it."""
    start, end = look.window
    return bool(stamps.created and stamps.changed) and start < stamps.created < end < stamps.changed  # type: ignore[operator]


def _changed_beside(stamps: Stamps, look: Look) -> bool:
    """True when a change lies so close before or after an end that reading it without its offset would show."""
    return stamps.changed is not None and any(
        0 < abs((stamps.changed - edge).total_seconds()) < 4 * 3_600 for edge in look.window
    )
