"""Shrinking: the smallest history and request with which a target still breaks a rule.

A failing job is asked again of an emptied account that holds fewer records, fewer changes and fewer options, as
long as the same rule still fails. It needs a control API that can reset, and forgets what the target held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..spec.offer import format_instant
from .budget import Spent
from .client import Stop
from .control import ControlError
from .verdict import Docket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .finding import Finding
    from .ledger import Change, Record
    from .observation import JobObservation
    from .result import RuleResult
    from .session import Session

# Bounded: this many violations, this many jobs each, and within the requests of a standard run.
_MOST_SHRUNK, _MOST_TRIES, _MOST_REQUESTS, _REQUESTS_A_TRY = 3, 20, 1_000, 6
_MOST_NEIGHBOURS = 30
_REQUIRED = frozenset({"resourceType", "dateChangedFrom"})


@dataclass(frozen=True)
class Case:
    """Changes to put into an empty account, and the request that is then made."""

    items: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any]


@dataclass
class _Shrinker:
    """Tries cases on one target, for one rule, as often as the budget allows."""

    session: Session
    job: JobObservation
    rule: str
    tries: int
    numbers: tuple[int, ...] = ()

    def fails(self, case: Case) -> bool:
        """Tell whether the rule fails on this case; False as well when there are no tries left."""
        if self.tries <= 0 or self.session.control is None:
            return False
        self.tries -= 1
        session, account = self.session, self.job.account
        kept = list(session.jobs)
        session.control.reset(account)  # type: ignore[union-attr]
        session.put(self.job.resource.name, [dict(item) for item in case.items], account)
        try:
            tried = session.export("shrinking", case.body, account=account)
        finally:
            session.jobs[:] = kept
        alone = replace(session.run(), jobs=tuple(tried), probes=(), accesses=(), links=(), exchanges=())
        found = [f for f in Docket(alone).findings[self.rule] if f.outcome == "fail"]
        if found:
            self.numbers = found[0].exchanges
        return bool(found)


def shrink_results(session: Session, results: tuple[RuleResult, ...]) -> tuple[RuleResult, ...]:
    """Look for the smallest case of the first few violations, with what is left of the requests of a run."""
    if not session.can("changes", "reset"):
        return results
    jobs = {job.name: job for job in session.jobs}
    told: list[RuleResult] = []
    shrunk = 0
    for result in results:
        finding = next((f for f in result.findings if f.job in jobs and _records(f)), None)
        tries = min(_MOST_TRIES, (_MOST_REQUESTS - len(session.client.exchanges)) // _REQUESTS_A_TRY)
        if result.status == "fail" and finding is not None and shrunk < _MOST_SHRUNK and tries > 0:
            shrunk += 1
            smaller = shrink(session, finding, jobs[finding.job or ""], tries)
            told.append(replace(result, findings=(smaller, *(f for f in result.findings if f is not finding))))
        else:
            told.append(result)
    return tuple(told)


def shrink(session: Session, finding: Finding, job: JobObservation, tries: int) -> Finding:
    """Return the finding with its smallest case in `details["smallest"]`; unchanged when it cannot be reproduced.

    `tries` bounds how many jobs are made. Raises nothing that a target causes.
    """
    shrinker = _Shrinker(session, job, finding.rule, tries)
    try:
        smallest = next((case for case in _starts(session, finding, job) if shrinker.fails(case)), None)
        if smallest is None:
            return finding
        for smaller in (_fewer_records, _fewer_changes, _fewer_options, _fewer_values):
            smallest = smaller(smallest, shrinker)
    except (ControlError, Stop, Spent):
        return finding
    told = {"changes": [dict(item) for item in smallest.items], "request": dict(smallest.body)}
    return replace(
        finding,
        exchanges=shrinker.numbers or finding.exchanges,
        details={**finding.details, "smallest": told},
    )


def _starts(session: Session, finding: Finding, job: JobObservation) -> Iterator[Case]:
    """The records that went wrong, alone at first, then among some others."""
    world = session.ledger.at(job.ledger_after).of(job.account, job.resource.name)
    wrong = [identifier for identifier in _records(finding) if identifier in world]
    if not wrong:
        return
    others = [identifier for identifier in world if identifier not in wrong]
    step = max(len(others) // _MOST_NEIGHBOURS, 1)
    for chosen in (wrong[:1], wrong, [*others[::step][:_MOST_NEIGHBOURS], *wrong]):
        yield Case(tuple(_items(world[identifier] for identifier in chosen)), _body(job, set(chosen)))


def _records(finding: Finding) -> list[int]:
    """The records that a finding tells to have gone wrong; none where it is about something else."""
    rows = finding.details.get("rows")
    return [row["id"] for row in rows if isinstance(row, dict) and "id" in row] if isinstance(rows, list) else []


def _body(job: JobObservation, chosen: set[int]) -> dict[str, Any]:
    """The job's own body, its requested ids cut down to the records that are there."""
    body = dict(job.body)
    if job.request.ids:
        body["requestedIds"] = [i for i in body["requestedIds"] if i in chosen] or body["requestedIds"][:1]
    return body


def _items(records: Iterator[Record] | Sequence[Record]) -> list[dict[str, Any]]:
    """The control API's changes of these records, in the order of their instants."""
    items = [_item(version) for record in records for version in record.versions]
    return sorted(items, key=lambda item: item["at"])


def _item(change: Change) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": change.id,
        "at": format_instant(change.at),
        "active": change.active,
        "values": dict(change.values),
    }
    if change.contact_mode is not None:
        item["contactMode"] = change.contact_mode
    if change.custom_fields:
        item["customFields"] = dict(change.custom_fields)
    return item


def _fewer_records(case: Case, shrinker: _Shrinker) -> Case:
    """Leave out halves of the records, then single ones."""
    ids = list(dict.fromkeys(item["id"] for item in case.items))
    size = len(ids) // 2
    while size:
        for first in range(0, len(ids), size):
            gone = set(ids[first : first + size])
            left = replace(case, items=tuple(item for item in case.items if item["id"] not in gone))
            if left.items and shrinker.fails(left):
                case, ids = left, [i for i in ids if i not in gone]
                break
        else:
            size //= 2
        size = min(size, len(ids) // 2)
    return case


def _fewer_changes(case: Case, shrinker: _Shrinker) -> Case:
    for item in case.items:
        left = replace(case, items=tuple(other for other in case.items if other is not item))
        if left.items and shrinker.fails(left):
            case = left
    return case


def _fewer_options(case: Case, shrinker: _Shrinker) -> Case:
    for name in sorted(set(case.body) - _REQUIRED - {"dateChangedTo"}):
        left = replace(case, body={key: value for key, value in case.body.items() if key != name})
        if shrinker.fails(left):
            case = left
    return case


def _fewer_values(case: Case, shrinker: _Shrinker) -> Case:
    """Leave all columns empty, if that does not matter."""
    kept = ({key: value for key, value in item.items() if key != "customFields"} for item in case.items)
    left = replace(case, items=tuple({**item, "values": {}} for item in kept))
    return left if shrinker.fails(left) else case
