"""The rules that the oracle judges: which records an export holds, and in which version."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from ...spec.catalogue import rules as catalogue
from ..attribution import attribute
from ..finding import Finding, Vote, judges
from ..membership import CODES_TYPE
from ..oracle import Analysis, RowFault, analyse
from ..versions import CustomColumns, RowMemory
from ..whose_ids import ids_of_other_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..ledger import World
    from ..observation import JobObservation, Run

_FAMILIES = ("window", "version", "ids", "inactive", "mode", "codes")
ROW_RULES = (
    *(rule_id for rule_id, rule in catalogue().items() if rule.family in _FAMILIES),
    *("isolation/records", "isolation/ids", "states/apart", "split/each-once", "fields/requested", "fields/custom"),
    *("csv/text-exact", "csv/special-characters", "csv/unicode", "csv/typed-values", "csv/empty-values"),
)
_SHOWN = 5


@judges(*ROW_RULES)
def judge_rows(run: Run) -> Iterator[Finding | Vote]:
    """Hold every delivered job against the ledger; without a ledger (no control API) there is nothing to say."""
    if run.ledger.position == 0:
        return
    memory = RowMemory(CustomColumns.learn(run.jobs))
    seen: dict[str, list[World]] = defaultdict(list)
    analyses: list[Analysis] = []
    ids_of = ids_of_other_types(run)
    if ids_of is not None:
        message = f"requested ids of other types than Contacts were those of a {ids_of} throughout"
        yield Vote("ids-of-other-types", frozenset({ids_of}), message)
    for job in run.jobs:
        if not job.delivered:
            continue
        body = json.dumps([job.account, job.body], sort_keys=True)
        analyses.append(analyse(job, run, memory, seen[body], ids_of or "key"))
        seen[body].append(run.ledger.at(job.ledger_after))
    attribute(analyses)
    for analysis in analyses:
        yield from _findings(analysis)


@judges("codes/ignored-elsewhere")
def judge_refused_codes(run: Run) -> Iterator[Finding]:
    """A type without activist codes is exported with the filter as well as without it (requestedActivistCodeIds.3).

    A target that refuses some requests without the filter too, or takes some with it, has other reasons.
    """
    answers: dict[tuple[str, str, bool], set[bool]] = defaultdict(set)
    for job in run.jobs:
        answers[job.account, job.resource.name, bool(job.request.codes)].add(job.create.status == 201)
    for job in run.jobs:
        kind = job.account, job.resource.name
        elsewhere = job.request.codes and job.resource.name != CODES_TYPE
        alone = answers[(*kind, True)] == {False} and answers[(*kind, False)] == {True}
        if elsewhere and alone and job.create.status is not None and 400 <= job.create.status < 500:
            yield Finding(
                "codes/ignored-elsewhere",
                "fail",
                message=f"{job.purpose or job.name}, a request for {job.resource.name} with requestedActivistCodeIds, "
                "was refused",
                expected="status 201, and the same records as without the filter",
                received=f"status {job.create.status}",
                job=job.name,
                exchanges=(job.create.number,),
                key="refused",
            )


def _findings(analysis: Analysis) -> Iterator[Finding | Vote]:
    yield from analysis.votes
    by_rule: dict[str, list[RowFault]] = defaultdict(list)
    for fault in analysis.faults:
        by_rule[fault.rule].append(fault)
    numbers = reproduction(analysis.job)
    for rule in analysis.tried.keys() - by_rule.keys():
        yield Finding(rule, "pass", job=analysis.job.name)
    for rule, faults in by_rule.items():
        yield _failure(analysis, rule, faults, numbers)


def _failure(analysis: Analysis, rule: str, faults: Sequence[RowFault], numbers: tuple[int, ...]) -> Finding:
    kinds: dict[str, int] = defaultdict(int)
    for fault in faults:
        kinds[fault.kind] += 1
    total = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    first = faults[0]
    where = f" (file {first.file}, row {first.row})" if first.file else ""
    return Finding(
        rule,
        "fail",
        message=f"{total} of the rows of {analysis.job.purpose or analysis.job.name}: {first.message}{where}",
        expected=first.expected if first.expected is not None else _expected(first),
        received=first.received if first.received is not None else _received(first),
        job=analysis.job.name,
        exchanges=numbers,
        key="/".join(sorted(kinds)),
        details={"rows": [_shown(fault) for fault in faults[:_SHOWN]], "counts": dict(kinds)},
    )


def _expected(fault: RowFault) -> str:
    return {"lost": "one row", "duplicated": "one row"}.get(fault.kind, "no row")


def _received(fault: RowFault) -> str:
    return {"lost": "no row", "duplicated": "more than one row"}.get(fault.kind, "a row")


def _shown(fault: RowFault) -> dict[str, object]:
    values = {name: getattr(fault, name) for name in RowFault.__dataclass_fields__}
    return {name: value for name, value in values.items() if value is not None}


def reproduction(job: JobObservation) -> tuple[int, ...]:
    """The exchanges that reproduce a job: its creation, the poll that found it finished, its downloads."""
    last = next((e.number for e in reversed(job.polls)), None)
    numbers = [job.create.number, *([last] if last is not None else []), *(f.exchange.number for f in job.files[:4])]
    return tuple(numbers)
