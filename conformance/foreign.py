"""Rows that show another account's record, as far as the texts that were put there tell (isolation.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .data import Place
    from .ledger import Record
    from .membership import View
    from .observation import Account

TELLING = 6
"""Characters of a text that hardly any two records share by chance."""


def others_of(view: View) -> Mapping[int, Record]:
    """The records of the other account that a job's type has, when the job began."""
    other: Account = "second" if view.job.account == "first" else "first"
    return view.before.of(other, view.job.resource.name)


def is_surely_of(place: Place, record: Record) -> bool:
    """Tell whether a row has two or more texts of a record, which were drawn at random."""
    cells = dict(zip(place.header, place.cells, strict=False))
    return sum(cells.get(name) == value for name, value in telling_texts(record)) > 1


def telling_texts(record: Record) -> set[tuple[str, str]]:
    """The texts that a record ever had, by column, as far as they are long enough to know it by."""
    values = (item for version in record.versions for item in version.values.items())
    return {(name, value) for name, value in values if isinstance(value, str) and len(value) >= TELLING}


def namesakes(view: View, places: Mapping[int, Sequence[Place]]) -> Iterator[tuple[int, Place]]:
    """Rows of the other account's records whose ids this account has too, beside its own row or in place of none.

    A record that is due, and has one row, is this account's: with the other's values, where it has them.
    """
    others, own = others_of(view), view.records()
    for identifier in places.keys() & others.keys() & own.keys():
        record, found = own[identifier], places[identifier]
        if len(found) == 1 and not view.is_clear_of(record):
            continue
        strange = [
            place for place in found if is_surely_of(place, others[identifier]) and not is_surely_of(place, record)
        ]
        if len(strange) < len(found) or view.is_clear_of(record):
            yield from ((identifier, place) for place in strange)
