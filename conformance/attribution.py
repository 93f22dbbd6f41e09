"""Whom to blame when several jobs show rows going wrong: the plainest demand that explains it.

A record that a plain window loses is lost under contactMode as well; only the first says something of its own.
Attribution moves failures between rules. It never makes or drops one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from ..spec.catalogue import readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .oracle import Analysis

_MOVED = ("lost", "unexpected")


def attribute(analyses: Sequence[Analysis]) -> None:
    """Settle what each job is blamed for, in the light of all the others.

    Rows with few explanations come first. A rule that one of them can only be blamed on explains all other rows that
    it may explain; what is left is blamed on the most special thing about it.
    """
    _settle_mixed(analyses)
    _settle_contested(analyses, _settle(analyses, contested=False))
    _settle(analyses, contested=True)
    _settle_votes(analyses)


def _settle(analyses: Sequence[Analysis], *, contested: bool) -> set[str]:
    """Give each row the rule that is to blame for it, and return these rules."""
    blamed: set[str] = set()
    lengths = {len(fault.rules) for analysis in analyses for fault in analysis.faults}
    for length in sorted(lengths):
        found: set[str] = set()
        for analysis in analyses:
            for place, fault in enumerate(analysis.faults):
                if len(fault.rules) != length or not fault.rules or (fault.contested and not contested):
                    continue
                rule = next((rule for rule in reversed(fault.rules) if rule in blamed), fault.rules[0])
                analysis.faults[place] = replace(fault, rule=rule)
                found.add(rule)
        blamed |= found
    return blamed


def _settle_contested(analyses: Sequence[Analysis], blamed: set[str]) -> None:
    """Where no understanding explains a job, hold to the one of which other demands, broken elsewhere, leave least."""
    for analysis in analyses:
        if any(fault.contested for fault in analysis.faults):
            chosen = min(
                analysis.unexplained,
                key=lambda left: (sum(blamed.isdisjoint(fault.rules) for fault in left), len(left)),
            )
            analysis.faults[:] = [fault for fault in analysis.faults if not fault.contested] + list(chosen)


def _settle_votes(analyses: Sequence[Analysis]) -> None:
    """Let a target that exports the wrong rows anyhow have no reading where its rows show two values of one."""
    if not any(f.kind in _MOVED and not f.contested for analysis in analyses for f in analysis.faults):
        return
    left = {name: frozenset(reading.values) for name, reading in readings().items()}
    for analysis in analyses:
        for vote in analysis.votes:
            left[vote.reading] &= vote.values
    for analysis in analyses:
        analysis.votes[:] = [vote for vote in analysis.votes if left[vote.reading]]


def _settle_mixed(analyses: Sequence[Analysis]) -> None:
    """Blame a mix-up of jobs only for what no job shows that cannot have been mixed up.

    A job that holds all of its own rows beside those of another may just as well have passed over an option: it
    takes one that lacks rows of its own to tell that jobs are mixed.
    """
    if not any(analysis.mixed is not None and _lacks_and_exceeds(analysis) for analysis in analyses):
        for analysis in analyses:
            analysis.mixed = None
    alone: dict[str, bool] = defaultdict(bool)
    for analysis in analyses:
        if analysis.mixed is None:
            for fault in analysis.faults:
                alone[fault.rule] |= fault.kind in _MOVED
    mixed_up = False
    for analysis in analyses:
        if analysis.mixed is not None and not any(alone[f.rule] for f in analysis.faults if f.kind in _MOVED):
            analysis.faults[:] = [f for f in analysis.faults if f.kind not in _MOVED] + [analysis.mixed]
            mixed_up = True
    for analysis in analyses if mixed_up else ():
        if analysis.job.in_flight:
            # Rows of a job that ran beside others may be theirs, also where they are not exactly those of one.
            analysis.faults[:] = [
                replace(f, rules=(*f.rules, "states/apart")) if f.kind in _MOVED else f for f in analysis.faults
            ]


def _lacks_and_exceeds(analysis: Analysis) -> bool:
    return {fault.kind for fault in analysis.faults if fault.kind in _MOVED} == set(_MOVED)
