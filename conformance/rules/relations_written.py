"""Records that an adapter wrote during the run, in the exports that came after: due or not, and in which version.

Others may change them too, but not as the suite does: what a row shows of the suite's own texts tells the version.
What cannot be told to lie inside a window, or outside, is not judged (window.1, version.1, version.2, inactive.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ..finding import Finding
from ..sightings import CLOCKS_APART
from ..target_clock import instant_of
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from ..sightings import Look
    from ..writing import Write

WRITTEN_RULES = (
    "window/complete", "window/any-change", "window/up-to-request", "inactive/left-out", "inactive/included",
    "inactive/by-current-state", "ids/exported", "ids/inactive", "version/current", "version/not-first",
    "version/not-snapshot", "version/not-cached", "csv/text-exact",
)  # fmt: skip
_ROUNDED = timedelta(seconds=1)
# What was told as an end is asked for in hundredths (dateChangedTo.1).
_STEP = timedelta(milliseconds=10)


@dataclass(frozen=True)
class _Case:
    """One record in one look, with the versions that it had by then, of which `inside` surely lie in the window.

    `after` tells that the last version surely lies after the window.
    """

    id: int
    look: Look
    writes: Sequence[Write]
    inside: Sequence[Write]
    after: bool

    @property
    def current(self) -> Write:
        return self.writes[-1]

    @property
    def due(self) -> bool:
        """True when the record has to be there for the window's sake."""
        request = self.look.request
        return bool(self.inside) and request.ids is None and (self.current.active or request.include_inactive)


def written(looks: Sequence[Look], records: Mapping[int, Sequence[Write]]) -> Iterator[Finding]:
    """Hold the looks of one account and type against what was written."""
    marks = [(look, told) for look in looks if look.request.end is None and (told := _told_end(look)) is not None]
    for look in looks:
        cases = list(_cases(look, records, marks))
        for case in cases:
            yield from _version(case, looks)
        if not look.filtered and look.whole:
            lost = any(case.due and case.current.active and case.id not in look.rows for case in cases)
            for case in cases:
                # Where active ones are lost, what loses inactive ones is likely the same.
                if case.current.active or not (lost and case.due):
                    yield from _presence(case)


def _cases(
    look: Look, records: Mapping[int, Sequence[Write]], marks: Sequence[tuple[Look, datetime]]
) -> Iterator[_Case]:
    """The records that were there when a job began, and were not written while it ran."""
    for identifier, writes in records.items():
        before = [write for write in writes if write.ended < look.began]
        if not before or any(look.began <= write.ended and write.began <= look.ended for write in writes):
            continue
        inside = [write for write in before if _starts_before(look, write, marks) and _ends_after(look, write, marks)]
        end = look.request.end
        after = end is not None and any(end <= told and mark.ended <= before[-1].began for mark, told in marks)
        yield _Case(identifier, look, before, inside, after)


def _told_end(look: Look) -> datetime | None:
    return instant_of((look.job.final or {}).get("dateChangedTo"))


def _starts_before(look: Look, write: Write, marks: Sequence[tuple[Look, datetime]]) -> bool:
    """True when the write is surely later than the window's start: that was told as the end of an earlier job."""
    start = look.request.start
    return start <= write.began - CLOCKS_APART or any(
        start <= told and mark.ended <= write.began for mark, told in marks
    )


def _ends_after(look: Look, write: Write, marks: Sequence[tuple[Look, datetime]]) -> bool:
    """True when the write is surely earlier than the window's end, which may have been cut to whole seconds."""
    end = look.request.end
    if end is None:
        return write.ended + _ROUNDED <= look.began
    later = (told for mark, told in marks if write.ended + _ROUNDED <= mark.began)
    return write.ended + CLOCKS_APART <= end or any(told - _STEP < end for told in later)


def _presence(case: _Case) -> Iterator[Finding]:
    request, there = case.look.request, case.id in case.look.rows
    if request.ids:
        if case.id in request.ids:
            silent = not case.current.active and not request.include_inactive
            yield _finding(case, "ids/inactive" if silent else "ids/exported", "requested by its id", well=there)
    elif not case.current.active and not request.include_inactive:
        rule = "inactive/by-current-state" if case.after else "inactive/left-out"
        yield _finding(case, rule, "inactive by now", well=not there, due=False)
    elif case.due:
        yield _finding(case, _rule_of_the_window(case), "written within the window", well=there)


def _rule_of_the_window(case: _Case) -> str:
    if not case.current.active:
        return "inactive/included"
    if case.after:
        return "window/any-change"
    return "window/up-to-request" if case.look.request.end is None else "window/complete"


def _version(case: _Case, looks: Sequence[Look]) -> Iterator[Finding]:
    """The row has the texts that were written last, in the columns that it has."""
    places = case.look.rows.get(case.id)
    if not places:
        return
    cells = dict(zip(places[0].header, places[0].cells, strict=False))
    shown = {column: cells[column] for column in case.current.values if column in cells}
    wrong = [column for column, cell in shown.items() if cell != case.current.values[column]]
    if not wrong:
        tried = ["csv/text-exact", "version/current", *(["version/not-snapshot"] if case.after else [])]
        yield from (Finding(rule, "pass", job=case.look.job.name) for rule in (tried if shown else ()))
        return
    column, job = wrong[0], case.look.job
    earlier = [write for write in case.writes if write.values.get(column) == shown[column]]
    yield Finding(
        _rule_of_the_version(case, column, earlier, looks),
        "fail",
        message=f"record {case.id} has another text in {column} than was written last; the adapter wrote it "
        f"{_when(case)}",
        expected=repr(case.current.values[column]),
        received=repr(shown[column]),
        job=job.name,
        exchanges=reproduction(job),
        key=f"{job.resource.name}:written",
        details={"ids": [case.id]},
    )


def _rule_of_the_version(case: _Case, column: str, earlier: Sequence[Write], looks: Sequence[Look]) -> str:
    """The rule that an old version breaks most plainly: a like request showed it before, or it is that of the end."""
    if not earlier:
        return "csv/text-exact"
    alike = [look for look in looks if look.window == case.look.window]
    repeated = any(look.body == case.look.body and look.ended < case.look.began for look in alike)
    newer = any(look.body != case.look.body and _shows(look, case, column) for look in alike)
    if repeated and (newer or not case.after):
        return "version/not-cached"
    if case.inside and case.after and earlier[-1] is case.inside[-1]:
        return "version/not-snapshot"
    return "version/not-first" if earlier[-1] is case.writes[0] and len(case.writes) > 2 else "version/current"


def _shows(look: Look, case: _Case, column: str) -> bool:
    """Tell whether a look shows the current version of the record."""
    places = look.rows.get(case.id)
    cells = dict(zip(places[0].header, places[0].cells, strict=False)) if places else {}
    return cells.get(column) == case.current.values[column]


def _finding(case: _Case, rule: str, told: str, *, well: bool, due: bool = True) -> Finding:
    job = case.look.job
    if well:
        return Finding(rule, "pass", job=job.name)
    state = "is missing from" if due else "is in"
    return Finding(
        rule,
        "fail",
        message=f"record {case.id}, {told}, {state} {job.name}; the adapter wrote it {_when(case)}",
        expected="one row" if due else "no row",
        received="no row" if due else "a row",
        job=job.name,
        exchanges=reproduction(job),
        key=f"{job.resource.name}:written:{due}",
        details={"ids": [case.id]},
    )


def _when(case: _Case) -> str:
    last = case.current.ended.isoformat(timespec="milliseconds")
    return f"before (versions: {len(case.writes)}, the last at {last})"
