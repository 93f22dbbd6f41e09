"""Relations between exports of live data, judged where no records can be put in place: true whatever the data are.

With a control API the oracle knows better (rules/rows.py), and these say nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..change_times import ChangeTimes
from ..finding import Finding, Vote, judges
from ..membership import has_contacts
from ..sightings import looks_of
from ..writing import writes_of
from .relations_elsewhere import ELSEWHERE_RULES, modes_elsewhere
from .relations_ids import ID_RULES, requested_ids, whose_ids
from .relations_rows import RECORD_RULES, codes_in_rows, records_agree
from .relations_window import WINDOW_RULES, windows_agree
from .relations_written import WRITTEN_RULES, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..observation import Run

RELATION_RULES = tuple(dict.fromkeys((*WINDOW_RULES, *RECORD_RULES, *ID_RULES, *ELSEWHERE_RULES, *WRITTEN_RULES)))


@judges(*RELATION_RULES)
def relations(run: Run) -> Iterator[Finding | Vote]:
    """Hold the exports of each account and resource type against each other."""
    if run.ledger.position:
        return
    by_group = looks_of(run)
    whose = whose_ids(by_group.values())
    if whose is not None:
        yield whose
    for (account, name), found in by_group.items():
        looks = found
        if whose is not None and whose.values == {"contact"} and has_contacts(looks[0].job.resource):
            # The ids name no records of this type then, so that these exports tell nothing of any.
            looks = [look for look in found if not look.request.ids]
        records = writes_of(run.exchanges, account, name)
        yield from written(looks, records)
        if records:
            # Of these everything is known already, and better.
            looks = [replace(look, rows={i: p for i, p in look.rows.items() if i not in records}) for look in looks]
        times = ChangeTimes(looks)
        yield from windows_agree(times)
        yield from records_agree(times)
        yield from codes_in_rows(looks)
        yield from requested_ids(times)
        if name != "Contacts":
            yield from modes_elsewhere(looks, by_group.get((account, "Contacts"), []))
