"""Which rule a row belongs to: the one whose breach would explain it best.

A lost record is blamed on the most special thing that should have brought it into the export, an unexpected
one on the one thing that should have kept it out. Nothing here decides whether something went wrong.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from .membership import CODES_TYPE

if TYPE_CHECKING:
    from .ledger import Record
    from .membership import Facts
    from .observation import JobObservation

MANY_IDS = 500
_OFFSET = re.compile(r"[+-]\d\d:?\d\d$")
_FRACTION = re.compile(r":\d\d\.(\d*[1-9]\d*)")
_JUST_NOW = timedelta(seconds=60)


def rule_of_due(record: Record, facts: Facts, job: JobObservation) -> str:
    """The rule that a record which is due tries by being there."""
    request = job.request
    if facts.requested:
        return _rule_of_requested(facts, job)
    if len(job.files) > 1:
        return "split/each-once"
    if request.codes:
        return "codes/matching" if job.resource.name == CODES_TYPE else "codes/ignored-elsewhere"
    if request.contact_mode is not None:
        return _rule_of_mode(job)
    if facts.active is False:
        return "inactive/included"
    if any(not version.active for version in record.versions):
        return "inactive/by-current-state"
    if request.end is not None and record.current.at > request.end:
        return "window/any-change"
    if request.end is None and _only_just_now(record, job):
        return "window/up-to-request"
    return _rule_of_grammar(record, job) or "window/complete"


def _rule_of_requested(facts: Facts, job: JobObservation) -> str:
    request = job.request
    if request.ids is not None and len(request.ids) > MANY_IDS:
        return "ids/many"
    if facts.active is False and not request.include_inactive:
        return "ids/inactive"
    return "ids/exported"


def _rule_of_mode(job: JobObservation) -> str:
    if job.resource.name != "Contacts":
        return "mode/elsewhere"
    return {1: "mode/persons", 2: "mode/organizations"}.get(job.request.contact_mode or 3, "mode/both")


def _only_just_now(record: Record, job: JobObservation) -> bool:
    now = job.target_before
    return now is not None and all(
        now - version.at < _JUST_NOW for version in record.versions if version.at > job.request.start
    )


def _rule_of_grammar(record: Record, job: JobObservation) -> str | None:
    """The rule on offsets or fractions, when the way in which the window is written matters to the record."""
    texts = [text for name in ("dateChangedFrom", "dateChangedTo") if isinstance(text := job.body.get(name), str)]
    if any(_OFFSET.search(text) and not text.endswith(("+00:00", "-00:00")) for text in texts):
        return "window/offsets"
    bounds = [b for b in (job.request.start, job.request.end) if b is not None]
    near = any(abs(version.at - b) < timedelta(seconds=1) for version in record.versions for b in bounds)
    return "window/fractions" if near and any(_FRACTION.search(text) for text in texts) else None


def rule_of_absent(record: Record, facts: Facts, job: JobObservation) -> tuple[str, bool]:
    """The rule that a record which must not be there tries, and whether nothing else keeps it out."""
    reasons = []
    if not facts.touches_window:
        reasons.append(_rule_of_grammar(record, job) or "window/nothing-else")
    if facts.active is False and not job.request.include_inactive:
        later = job.request.end is not None and record.current.at > job.request.end
        reasons.append("inactive/by-current-state" if later and facts.touches_window else "inactive/left-out")
    if facts.mode_fits is False:
        reasons.append(_rule_of_mode(job))
    if facts.code_fits is False:
        reasons.append("codes/nothing-else")
    if not reasons:
        reasons.append("window/nothing-else")
    return reasons[0], len(reasons) == 1


def rule_of_repeated(record_id: int, facts: Facts | None, job: JobObservation, *, over_files: bool) -> str:
    """The rule that a record with two rows breaks."""
    requested = facts is not None and facts.requested and job.request.ids is not None
    return "split/each-once" if over_files else "ids/once" if requested and record_id else "window/once"
