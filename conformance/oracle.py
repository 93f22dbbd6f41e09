"""The oracle: holds every row of a job against the ledger and says which rows went wrong, and how.

lost: due but absent · unexpected: present but not due · duplicated: twice · stale: an old version ·
damaged: a value that the record never had. `tried` names the rules that the job's rows put to the test.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..spec.catalogue import readings
from ..spec.offer import format_instant
from .blame import rule_tried_by_due, rules_of_absent, rules_of_due, rules_of_repeated
from .data import sorted_rows
from .finding import Vote
from .foreign import is_surely_of, namesakes, others_of, telling_texts
from .garbled import Garbled, keyless, settle_broken_files
from .membership import Facts, View, due, open_readings, understandings
from .versions import RowJudge, excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from .data import Place
    from .ledger import Record, World
    from .membership import IdsOf
    from .observation import JobObservation, Run
    from .versions import RowMemory

# So many right rows, and so many rows that are rightly absent, are looked at for what they put to the test.
_MOST_NOTED = 1_000

Kind = Literal["lost", "unexpected", "duplicated", "stale", "damaged", "mixed"]


@dataclass(frozen=True)
class RowFault:
    """One row that went wrong. `file` and `row` count from 1; a lost record has neither.

    `rules` are all those that may be to blame, the most special first; `rule` is the one that is. `contested` rows
    were judged by a reading.
    """

    rule: str
    kind: Kind
    id: int
    message: str
    rules: tuple[str, ...] = ()
    contested: bool = False
    file: int | None = None
    row: int | None = None
    column: str | None = None
    expected: str | None = None
    received: str | None = None


@dataclass
class Analysis:
    """What the rows of one job show: the rules tried, the rows that went wrong, the readings seen.

    `mixed` is another explanation of the lost and unexpected rows: they are those of a job that ran beside it.
    `unexplained` is, where no understanding of the readings explains the contested rows, what each leaves over;
    `faults` holds the shortest until attribution.py knows better.
    """

    job: JobObservation
    tried: Counter[str] = field(default_factory=Counter)
    faults: list[RowFault] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)
    mixed: RowFault | None = None
    unexplained: tuple[tuple[RowFault, ...], ...] = ()


def analyse(
    job: JobObservation,
    run: Run,
    memory: RowMemory,
    earlier: Sequence[World] = (),
    ids_of: IdsOf = "key",
) -> Analysis:
    """Hold the rows of a delivered job against the ledger.

    `memory` is for all jobs of the run, `earlier` are the worlds that jobs with the same body had before them, and
    `ids_of` tells whose ids were requested.
    """
    analysis = Analysis(job)
    view = View.of(job, run, ids_of)
    places, nameless = sorted_rows(job)
    if keyless(job):
        return analysis
    records = view.records()
    places = _without_namesakes(analysis, view, places)
    facts = _judge_membership(analysis, view, records, places)
    _judge_unknown(analysis, view, places)
    _judge_nameless(analysis, view, nameless)
    _judge_repeated(analysis, facts, records, places)
    settle_broken_files(analysis)
    analysis.mixed = _mixed_up(analysis, run, places, ids_of)
    if analysis.mixed is not None:
        return analysis
    judge = RowJudge(view, memory, earlier, analysis.tried)
    garbled = Garbled(job)
    for identifier, found in places.items():
        if identifier in records and not (
            (facts[identifier].unsure and view.before is view.after) or garbled.holds(found[0])
        ):
            for fault in judge.judge(records[identifier], found[0]):
                analysis.faults.append(RowFault(id=identifier, file=found[0].file, row=found[0].row, **fault))
    return analysis


def _judge_membership(
    analysis: Analysis, view: View, records: Mapping[int, Record], places: Mapping[int, list[Place]]
) -> dict[int, Facts]:
    """Judge which records are there; returns the facts of all that matter to the job."""
    terms = list(understandings(analysis.job))
    facts: dict[int, Facts] = {}
    outcomes = _Outcomes(analysis.job, terms)
    contested: list[tuple[Record, tuple[bool | None, ...]]] = []
    noted: Counter[bool] = Counter()
    for identifier, record in records.items():
        present = identifier in places
        if not present and noted[False] >= _MOST_NOTED and view.is_clear_of(record):
            continue
        known = facts[identifier] = view.facts(record)
        if known.unsure:
            continue
        result = outcomes.of(known)
        if None in result:
            continue
        if all(result):
            noted[True] += 1
            if not present or noted[True] <= _MOST_NOTED:
                _judge_due(analysis, record, known, present=present)
        elif not any(result):
            noted[False] += 1
            _judge_absent(analysis, record, known, places.get(identifier))
        else:
            contested.append((record, result))
    if not any(fault.kind in ("lost", "unexpected") for fault in analysis.faults):
        _judge_contested(analysis, contested, terms, facts, places)
    return facts


class _Outcomes:
    """What each understanding says of records with the same facts, worked out once."""

    def __init__(self, job: JobObservation, terms: list[dict[str, str]]) -> None:
        self._job, self._terms = job, terms
        self._known: dict[Facts, tuple[bool | None, ...]] = {}

    def of(self, facts: Facts) -> tuple[bool | None, ...]:
        result = self._known.get(facts)
        if result is None:
            result = tuple(due(facts, self._job, term) for term in self._terms)
            self._known[facts] = result
        return result


def _judge_due(analysis: Analysis, record: Record, facts: Facts, *, present: bool) -> None:
    rules = rules_of_due(record, facts, analysis.job)
    analysis.tried[rule_tried_by_due(rules, facts)] += 1
    if len(analysis.job.files) > 1:
        analysis.tried["split/each-once"] += 1
    if facts.requested and (facts.touches_window or _named_twice(analysis.job, record.id)):
        analysis.tried["ids/once"] += 1
    elif sum(version.at > analysis.job.request.start for version in record.versions) > 1:
        analysis.tried["window/once"] += 1
    if not present:
        message = f"record {record.id} is due but absent: {_story(record, facts)}"
        analysis.faults.append(RowFault(rules[0], "lost", record.id, message, rules))


def _judge_absent(analysis: Analysis, record: Record, facts: Facts, found: list[Place] | None) -> None:
    rules, alone = rules_of_absent(record, facts, analysis.job)
    if alone:
        analysis.tried[rules[0]] += 1
    if found:
        message = f"record {record.id} is exported but not due: {_story(record, facts)}"
        place = found[0]
        analysis.faults.append(
            RowFault(rules[0], "unexpected", record.id, message, rules, file=place.file, row=place.row)
        )


def _judge_contested(
    analysis: Analysis,
    contested: list[tuple[Record, tuple[bool | None, ...]]],
    terms: list[dict[str, str]],
    facts: Mapping[int, Facts],
    places: Mapping[int, list[Place]],
) -> None:
    """Find the understandings that explain every contested record; if none does, the job follows two at once."""
    if not contested:
        return
    misses = [sum(result[i] is not (record.id in places) for record, result in contested) for i in range(len(terms))]
    names = open_readings(analysis.job)
    for name in names:
        if any(_turns_on(name, result, terms) for _, result in contested):
            analysis.tried[readings()[name].rule] += 1
    best = min(misses)
    fitting = [term for term, missed in zip(terms, misses, strict=True) if missed == best]
    if best:
        left: dict[tuple[int, ...], tuple[RowFault, ...]] = {}
        for i in sorted(range(len(terms)), key=misses.__getitem__):
            over = [(record, result) for record, result in contested if result[i] is not (record.id in places)]
            key = tuple(record.id for record, _ in over)
            if key not in left:
                left[key] = tuple(_contested(analysis.job, r, result, terms, facts[r.id], places) for r, result in over)
        analysis.unexplained = tuple(left.values())
        analysis.faults += analysis.unexplained[0]
        return
    for name in names:
        values = frozenset(term[name] for term in fitting)
        if len(values) < len({term[name] for term in terms}):
            numbers = (analysis.job.create.number,)
            text = f"job {analysis.job.name} shows {name} = {' or '.join(sorted(values))}"
            analysis.votes.append(Vote(name, values, text, analysis.job.name, numbers))


def _contested(
    job: JobObservation,
    record: Record,
    result: tuple[bool | None, ...],
    terms: list[dict[str, str]],
    facts: Facts,
    places: Mapping[int, list[Place]],
) -> RowFault:
    """A record that an understanding does not explain: the reading's rule is to blame, or a plainer demand."""
    present = record.id in places
    # The ends of the window come first among the readings, and are the last to blame.
    names = [name for name in reversed(open_readings(job)) if _turns_on(name, result, terms)]
    message = (
        f"no understanding of {names[0]} explains this export: record {record.id} is "
        f"{'there' if present else 'absent'}, {_story(record, facts)}"
    )
    plainer = rules_of_absent(record, facts, job)[0] if present else rules_of_due(record, facts, job)
    rules = tuple(dict.fromkeys((*(readings()[name].rule for name in names), *plainer)))
    return RowFault(rules[0], "unexpected" if present else "lost", record.id, message, rules, contested=True)


def _turns_on(name: str, result: tuple[bool | None, ...], terms: list[dict[str, str]]) -> bool:
    """Tell whether a record's outcome changes with this reading alone."""
    seen: dict[tuple[tuple[str, str], ...], set[bool | None]] = defaultdict(set)
    for term, outcome in zip(terms, result, strict=True):
        seen[tuple(sorted((k, v) for k, v in term.items() if k != name))].add(outcome)
    return any(len(outcomes) > 1 for outcomes in seen.values())


def _without_namesakes(analysis: Analysis, view: View, places: dict[int, list[Place]]) -> dict[int, list[Place]]:
    """Tell the rows of another account's records with ids that this one has too, and leave them out of the rest."""
    strange = list(namesakes(view, places))
    for identifier, place in strange:
        message = f"a row of record {identifier} is that of another account's record of the same id"
        asked = identifier in (analysis.job.request.ids or ())
        rules = ("isolation/ids", "isolation/records") if asked else ("isolation/records",)
        fault = RowFault(rules[0], "unexpected", identifier, message, rules, file=place.file, row=place.row)
        analysis.faults.append(fault)
    if not strange:
        return places
    taken = {id(place) for _, place in strange}
    left = {identifier: [place for place in found if id(place) not in taken] for identifier, found in places.items()}
    return {identifier: found for identifier, found in left.items() if found}


def _judge_unknown(analysis: Analysis, view: View, places: Mapping[int, list[Place]]) -> None:
    """Judge rows of records that the account does not have, and what was done to provoke them.

    An account that was never emptied may have others than those of the ledger, with any ids. What the run put into
    the other account is known there as well: by its texts.
    """
    job = analysis.job
    asked = job.request.ids or frozenset()
    known = view.records()
    other = others_of(view)
    closed = view.known_to_be_all
    foreign = {i for i in other.keys() - known.keys() if closed or len(telling_texts(other[i])) > 1}
    if foreign & asked:
        analysis.tried["isolation/ids"] += 1
    if any(
        version.at > job.request.start and (job.request.end is None or version.at < job.request.end)
        for identifier in foreign - asked
        for version in other[identifier].versions
    ):
        analysis.tried["isolation/records"] += 1
    if closed and asked - known.keys() - other.keys():
        analysis.tried["ids/unknown-absent"] += 1
    for identifier in places.keys() - known.keys():
        place = places[identifier][0]
        if not closed and not (identifier in foreign and is_surely_of(place, other[identifier])):
            # Nobody knows whether the account has such a record.
            continue
        if identifier in foreign:
            # A record that would be exported without being asked for as well says nothing of the ids.
            rules = ("isolation/ids", "isolation/records") if identifier in asked else ("isolation/records",)
            message = f"record {identifier} belongs to another account"
        elif identifier in asked:
            rules, message = ("ids/unknown-absent",), f"record {identifier} was requested, but there is no such record"
        else:
            rules, message = ("window/nothing-else",), f"record {identifier} is exported, but there is no such record"
        analysis.faults.append(
            RowFault(rules[0], "unexpected", identifier, message, rules, file=place.file, row=place.row)
        )


def _judge_nameless(analysis: Analysis, view: View, nameless: Sequence[Place]) -> None:
    """Judge rows that are of no record, since nothing stands in the key's place that could be an id."""
    job = analysis.job
    asked = job.request.ids or frozenset()
    unknown = asked - view.records().keys()
    rules = ("ids/unknown-absent", "window/nothing-else") if unknown else ("window/nothing-else",)
    for place in nameless if view.known_to_be_all else ():
        # What is of another width is torn, and a header that comes twice is counted by others.
        alike = len(place.cells) == len(place.header) and place.cells != place.header
        if alike:
            key = place.cells[[name.strip().lower() for name in place.header].index((job.resource.key or "").lower())]
            message = f"a row of no record is exported: its {job.resource.key} is {excerpt(key)}"
            fault = RowFault(rules[0], "unexpected", 0, message, rules, file=place.file, row=place.row)
            analysis.faults.append(fault)


def _judge_repeated(
    analysis: Analysis,
    facts: Mapping[int, Facts],
    records: Mapping[int, Record],
    places: Mapping[int, list[Place]],
) -> None:
    for identifier, found in places.items():
        if len(found) < 2:
            continue
        over_files = len({place.file for place in found}) > 1
        rules = rules_of_repeated(facts.get(identifier), analysis.job, over_files=over_files)
        rows = ", ".join(f"file {place.file} row {place.row}" for place in found[:4])
        changes = len(records[identifier].versions) if identifier in records else 0
        message = f"record {identifier} (changed {changes} times) has {len(found)} rows: {rows}"
        analysis.tried[rules[0]] += 1
        place = found[1]
        analysis.faults.append(
            RowFault(rules[0], "duplicated", identifier, message, rules, file=place.file, row=place.row)
        )


def _mixed_up(analysis: Analysis, run: Run, places: Mapping[int, list[Place]], ids_of: IdsOf) -> RowFault | None:
    """Find out whether the job holds what another job in flight was asked for, and tell it as one fault."""
    job = analysis.job
    siblings = [other for other in run.jobs if other.name in job.in_flight and other.account == job.account]
    if not siblings:
        return None
    analysis.tried["states/apart"] += 1
    faults = [fault for fault in analysis.faults if fault.kind in ("lost", "unexpected")]
    strangers = {fault.id for fault in faults if fault.kind == "unexpected"}
    for other in siblings if strangers else ():
        if other.body == job.body or other.resource.name != job.resource.name:
            continue
        sibling_view = View.of(other, run, ids_of)
        term = next(understandings(other))
        theirs = {
            identifier
            for identifier, record in sibling_view.records().items()
            if due(sibling_view.facts(record), other, term)
        }
        if theirs and set(places) == theirs:
            message = (
                f"the export holds exactly the {len(theirs)} records that {other.name}, running beside it, asked for"
            )
            return RowFault("states/apart", "mixed", min(theirs), message, ("states/apart",))
    return None


def _named_twice(job: JobObservation, identifier: int) -> bool:
    asked: Any = job.body.get("requestedIds")
    return isinstance(asked, list) and asked.count(identifier) > 1


def _story(record: Record, facts: Facts) -> str:
    """Tell a record's life in one line, the newest changes if there are many."""
    told = [f"{_told(v.at)} {'active' if v.active else 'inactive'}" for v in record.versions[-4:]]
    more = f"{len(record.versions) - 4} earlier, " if len(record.versions) > 4 else ""
    return f"{'requested, ' if facts.requested else ''}changed {more}{', '.join(told)}"


def _told(instant: datetime) -> str:
    """Write an instant for people: in UTC, with the fraction that it has and no needless zeros."""
    return re.sub(r"\.?0*Z\Z", "Z", format_instant(instant, 6))
