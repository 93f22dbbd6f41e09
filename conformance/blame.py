"""Which rules a row may belong to: those whose breach would explain it, the most special first.

A lost record may be blamed on anything that should have brought it into the export, an unexpected one on anything
that should have kept it out. Which of them it is in the end, attribution.py settles in the light of all jobs.
Nothing here decides whether something went wrong.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from .membership import CODES_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .ledger import Record
    from .membership import Facts
    from .observation import JobObservation

MANY_IDS = 500
_OFFSET = re.compile(r"[+-]\d\d:?\d\d$")
_FRACTION = re.compile(r":\d\d\.(\d*[1-9]\d*)")
_JUST_NOW = timedelta(seconds=60)


def rules_of_due(record: Record, facts: Facts, job: JobObservation) -> tuple[str, ...]:
    """The rules that may be to blame when a record that is due is absent, the most special first."""
    request = job.request
    if facts.requested:
        return tuple(_rules_of_requested(facts, job))
    # Where inactive records alone are lost from several files, it is the switch that explains it.
    rules = ["inactive/included"] if request.include_inactive and facts.active is False else []
    if len(job.files) > 1:
        rules.append("split/each-once")
    if not facts.inside:
        rules.append("window/ends")
    rules += _rules_of_grammar(record, job)
    if request.codes:
        rules.append("codes/matching" if job.resource.name == CODES_TYPE else "codes/ignored-elsewhere")
    if request.contact_mode is not None:
        rules.append(_rule_of_mode(job))
    if request.include_inactive:
        rules += [] if "inactive/included" in rules else ["inactive/included"]
    if facts.active and any(not version.active for version in record.versions):
        rules.append("inactive/by-current-state")
    if request.end is not None and record.current.at > request.end:
        rules.append("window/any-change")
    if request.end is None and _only_just_now(record, job):
        rules.append("window/up-to-request")
    return (*rules, "window/complete")


def rule_tried_by_due(rules: tuple[str, ...], facts: Facts) -> str:
    """The rule that a record which is due puts to the test: the most special one that it says something about."""
    return next(rule for rule in rules if rule != "inactive/included" or facts.active is False)


def _rules_of_requested(facts: Facts, job: JobObservation) -> Iterator[str]:
    request = job.request
    # Where the filters bind requested ids too, a filter that loses what it should keep loses these as well.
    if request.codes and job.resource.name == CODES_TYPE:
        yield "codes/matching"
    if request.contact_mode is not None:
        yield _rule_of_mode(job)
    if request.ids is not None and len(request.ids) > MANY_IDS:
        yield "ids/many"
    if facts.active is False and not request.include_inactive:
        yield "ids/inactive"
    yield "ids/exported"


def _rule_of_mode(job: JobObservation) -> str:
    if job.resource.name != "Contacts":
        return "mode/elsewhere"
    return {1: "mode/persons", 2: "mode/organizations"}.get(job.request.contact_mode or 3, "mode/both")


def _only_just_now(record: Record, job: JobObservation) -> bool:
    now = job.target_before
    return now is not None and all(
        now - version.at < _JUST_NOW for version in record.versions if version.at > job.request.start
    )


def _rules_of_grammar(record: Record, job: JobObservation) -> list[str]:
    """The rules on fractions and offsets, where the way in which the window is written may matter to the record."""
    texts = [text for name in ("dateChangedFrom", "dateChangedTo") if isinstance(text := job.body.get(name), str)]
    rules = ["window/fractions"] if any(map(_has_fraction, texts)) and _is_near_an_end(record, job) else []
    if any(map(_has_offset, texts)):
        rules.append("window/offsets")
    return rules


def _is_near_an_end(record: Record, job: JobObservation) -> bool:
    ends = [end for end in (job.request.start, job.request.end) if end is not None]
    return any(abs(version.at - end) < timedelta(seconds=1) for version in record.versions for end in ends)


# Asked of every record of a job.
@lru_cache(maxsize=64)
def _has_fraction(text: str) -> bool:
    return _FRACTION.search(text) is not None


@lru_cache(maxsize=64)
def _has_offset(text: str) -> bool:
    return _OFFSET.search(text) is not None and not text.endswith(("+00:00", "-00:00"))


def rules_of_absent(record: Record, facts: Facts, job: JobObservation) -> tuple[tuple[str, ...], bool]:
    """The rules that may be to blame when a record that must not be there is; and whether one thing keeps it out."""
    reasons: list[tuple[str, ...]] = []
    if not facts.touches_window:
        reasons.append((*_rules_of_grammar(record, job), "window/nothing-else"))
    if facts.active is False and not job.request.include_inactive:
        later = job.request.end is not None and record.current.at > job.request.end and facts.touches_window
        reasons.append((*(("inactive/by-current-state",) if later else ()), "inactive/left-out"))
    if facts.mode_fits is False:
        reasons.append((_rule_of_mode(job),))
    if facts.code_fits is False:
        reasons.append(("codes/nothing-else",))
    rules = tuple(rule for reason in reasons for rule in reason)
    return rules or ("window/nothing-else",), len(reasons) < 2


def rules_of_repeated(facts: Facts | None, job: JobObservation, *, over_files: bool) -> tuple[str, ...]:
    """The rules that may be to blame when a record has two rows."""
    requested = facts is not None and facts.requested and job.request.ids is not None
    special = (*(("split/each-once",) if over_files else ()), *(("ids/once",) if requested else ()))
    return (*special, "window/once")
