"""What exports of live data must agree on, record by record: who is inactive, of which kind, and what columns hold.

A suspicion that was not settled by asking again is no violation: others may have changed the record meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..finding import Finding
from ..membership import CODE_COLUMN, CODES_TYPE
from ..suspicions import code_of, suspicions
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..change_times import ChangeTimes
    from ..sightings import Look
    from ..suspicions import Suspicion

_SHOWN = 5
_FEW_IN_A_THOUSAND = 5
RECORD_RULES = (
    "inactive/left-out", "inactive/by-current-state", "window/complete", "split/each-once",
    "mode/persons", "mode/organizations", "codes/matching",
    "version/not-snapshot", "version/current", "fields/requested", "fields/custom",
    "csv/text-exact", "csv/special-characters", "csv/unicode", "csv/typed-values", "csv/empty-values",
    "codes/nothing-else", "inactive/included",
)  # fmt: skip


def records_agree(times: ChangeTimes) -> Iterator[Finding]:
    """Tell every suspicion that asking again settled, and doubt where a record kept changing to and fro."""
    found: dict[tuple[str, str], list[Suspicion]] = defaultdict(list)
    for suspicion in suspicions(times):
        found[suspicion.rule, suspicion.breaches[0].body].append(suspicion)
    for (rule, _), alike in found.items():
        settled = [suspicion for suspicion in alike if suspicion.settled]
        odd = [suspicion for suspicion in alike if suspicion.odd]
        if settled:
            yield _told(rule, settled, "fail")
        elif len(odd) * 1_000 > _FEW_IN_A_THOUSAND * len(list(times.ids)) + 1_000:
            yield _told(rule, odd, "doubt")
    blamed = {rule for rule, _ in found}
    for rule, look in _tried(times.looks):
        if rule not in blamed:
            yield Finding(rule, "pass", job=look.job.name)


def _tried(looks: Sequence[Look]) -> Iterator[tuple[str, Look]]:
    """The rules that the looks put to the test, so that a breach would have shown; each with one such look."""
    complete = [look for look in looks if look.shows_all and look.whole]
    for look in looks:
        request = look.request
        alike = [one for one in complete if one.window == look.window]
        everything = max((len(one.rows) for one in alike), default=0)
        if request.ids is not None or not 0 < len(look.rows) < everything:
            continue
        if not request.include_inactive and not look.filtered:
            yield "inactive/left-out", look
            yield "inactive/included", max(alike, key=lambda one: len(one.rows))
        if request.include_inactive and look.mode is not None and look.job.resource.name == "Contacts":
            yield ("mode/persons" if look.mode == 1 else "mode/organizations"), look
        if request.include_inactive and request.codes and look.job.resource.name == CODES_TYPE:
            yield "codes/matching", look


def _told(rule: str, found: Sequence[Suspicion], outcome: str) -> Finding:
    first = found[0]
    breach, premise = first.breaches[0].job, first.premises[0].job
    many = f"{len(found)} records, {first.id} first: it" if len(found) > 1 else f"record {first.id}"
    message = f"{many} {first.told}; {breach.name} says otherwise"
    if outcome == "doubt":
        message += ", by turns: either others keep changing it, or the target does not give one answer"
    return Finding(
        rule,
        "fail" if outcome == "fail" else "doubt",
        message=message,
        expected=first.expected,
        received=first.received,
        job=breach.name,
        exchanges=(*reproduction(premise), *reproduction(breach)),
        key=f"{breach.resource.name}:{first.expected == 'no row'}:{outcome}",
        details={"ids": [each.id for each in found[:_SHOWN]], "records": len(found)},
    )


def codes_in_rows(looks: Sequence[Look]) -> Iterator[Finding]:
    """Every row of an export by activist code has one of the codes, unless it was requested by its id."""
    for look in looks:
        codes = look.request.codes
        if not codes or look.job.resource.name != CODES_TYPE or not look.job.tables:
            continue
        if look.job.tables[0].column(CODE_COLUMN) is None:
            continue
        strangers = {
            identifier: code_of(places[0])
            for identifier, places in look.rows.items()
            if look.own(identifier) and code_of(places[0]) not in codes
        }
        if strangers:
            first = min(strangers)
            yield Finding(
                "codes/nothing-else",
                "fail",
                message=f"{len(strangers)} of {len(look.rows)} rows of {look.job.name} have other activist codes",
                expected=f"rows with one of {sorted(codes)[:_SHOWN]}",
                received=f"record {first} with {strangers[first]}",
                job=look.job.name,
                exchanges=reproduction(look.job),
                key="other code",
                details={"ids": sorted(strangers)[:_SHOWN]},
            )
        elif look.rows and _others_have_more(looks, look):
            yield Finding("codes/nothing-else", "pass", job=look.job.name)


def _others_have_more(looks: Sequence[Look], look: Look) -> bool:
    return any(other.shows_all and other.window == look.window and len(other.rows) > len(look.rows) for other in looks)
