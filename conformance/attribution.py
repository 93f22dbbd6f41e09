"""Whom to blame when several jobs show the same record going wrong: the plainest demand that explains it.

A record that a plain window loses is lost under contactMode as well; only the first says something of its own.
Attribution moves failures between rules. It never makes or drops one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .oracle import Analysis, RowFault

# From the plainest demand on. A rule that is not here is more special than all of these.
_PLAIN = (
    "window/complete", "window/nothing-else", "window/any-change", "inactive/left-out", "inactive/included",
    "inactive/by-current-state",
)  # fmt: skip
_MOVED = ("lost", "unexpected")


def attribute(analyses: Sequence[Analysis]) -> None:
    """Settle what each job is blamed for, in the light of all the others."""
    _settle_mixed(analyses)
    plainest: dict[tuple[str, str, int, str], str] = {}
    for analysis in analyses:
        for fault in analysis.faults:
            if fault.kind in _MOVED and fault.rule in _PLAIN:
                key = _key(analysis, fault)
                plainest[key] = min(plainest.get(key, fault.rule), fault.rule, key=_PLAIN.index)
    for analysis in analyses:
        analysis.faults[:] = [
            replace(fault, rule=plainest.get(_key(analysis, fault), fault.rule)) for fault in analysis.faults
        ]


def _key(analysis: Analysis, fault: RowFault) -> tuple[str, str, int, str]:
    return analysis.job.account, analysis.job.resource.name, fault.id, fault.kind


def _settle_mixed(analyses: Sequence[Analysis]) -> None:
    """Blame a mix-up of jobs only for what no job shows that cannot have been mixed up."""
    alone: dict[str, bool] = defaultdict(bool)
    for analysis in analyses:
        if analysis.mixed is None:
            for fault in analysis.faults:
                alone[fault.rule] |= fault.kind in _MOVED
    for analysis in analyses:
        if analysis.mixed is not None and not any(alone[f.rule] for f in analysis.faults if f.kind in _MOVED):
            analysis.faults[:] = [f for f in analysis.faults if f.kind not in _MOVED] + [analysis.mixed]
