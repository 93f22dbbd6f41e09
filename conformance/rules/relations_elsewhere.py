"""What contactMode does for types other than Contacts, by exports of live data: nothing, or the contact decides."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..finding import Finding, Vote
from ..sightings import contact_of
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..sightings import Look

ELSEWHERE_RULES = ("mode/elsewhere",)
_READING = "contact-mode-elsewhere"
_ENOUGH, _SHOWN = 3, 5


def modes_elsewhere(looks: Sequence[Look], contacts: Sequence[Look]) -> Iterator[Finding | Vote]:
    """Find out which reading an export with contactMode 1 or 2 follows; a row that neither explains breaks the rule.

    A row of an unknown contact, or of one that was of both kinds during the run, tells nothing.
    """
    modes = modes_of(contacts)
    bases = [look for look in looks if look.shows_all and look.whole]
    for look in looks:
        if look.mode is None or not look.request.include_inactive or look.request.ids is not None or not look.whole:
            continue
        base = next((one for one in bases if one.window == look.window and one.ended < look.began), None)
        later = next((one for one in bases if one.window == look.window and one.began > look.ended), None)
        if base is None or later is None:
            continue
        due = base.rows.keys() & later.rows.keys()
        known = {i: mode for i in due if (mode := modes.get(contact_of(base.rows[i][0]))) is not None}
        lost = due - look.rows.keys()
        numbers = reproduction(look.job)
        others = {identifier for identifier, mode in known.items() if mode != look.mode}
        if not lost and others:
            message = f"{look.job.name}, with contactMode {look.mode}, holds records of contacts of the other kind"
            yield Vote(_READING, frozenset({"ignored"}), message, look.job.name, numbers)
        elif lost:
            wrong = sorted((lost & known.keys()) - others) + sorted(others - lost)
            if len(wrong) >= _ENOUGH:
                yield Finding(
                    "mode/elsewhere",
                    "fail",
                    message=f"{look.job.name}, with contactMode {look.mode}, leaves out {len(lost)} of {len(due)} "
                    f"records; {len(wrong)} of the rows are otherwise than their contacts are, {wrong[0]} first",
                    expected="all records, or those whose contact is of the kind asked for",
                    received=f"{len(look.rows)} rows",
                    job=look.job.name,
                    exchanges=numbers,
                    key=f"{look.job.resource.name}:{look.mode}",
                    details={"ids": wrong[:_SHOWN]},
                )
            elif len(lost & others) >= _ENOUGH:
                message = f"{look.job.name}, with contactMode {look.mode}, leaves out what is of the other kind"
                yield Vote(_READING, frozenset({"by-contact"}), message, look.job.name, numbers)


def modes_of(contacts: Sequence[Look]) -> Mapping[int | None, int]:
    """The kind of each contact that was of one kind throughout, by the exports with contactMode 1 or 2."""
    found: dict[int | None, set[int]] = defaultdict(set)
    for look in contacts:
        if look.mode is not None:
            for identifier in filter(look.own, look.rows):
                found[identifier].add(look.mode)
    return {identifier: next(iter(modes)) for identifier, modes in found.items() if len(modes) == 1}
