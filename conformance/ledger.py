"""The model: every change that was accepted, in order. It tells what each record was, and when.

A ledger is append-only; a position in it is the number of events before. `at(position)` is the world as
it was then. Rules ask the worlds, never the target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from .observation import Account


@dataclass(frozen=True)
class Change:
    """One accepted change of one record: its whole new version, at an instant of the target's clock."""

    id: int
    at: datetime
    active: bool
    values: Mapping[str, Any]
    custom_fields: Mapping[str, Any]
    contact_mode: int | None = None


@dataclass(frozen=True)
class Record:
    """A record with all its versions, oldest first. The last one is current."""

    id: int
    versions: tuple[Change, ...]

    @property
    def current(self) -> Change:
        """The version that an export holds now (version.1)."""
        return self.versions[-1]


@dataclass(frozen=True)
class World:
    """The records as of one ledger position, by account and resource type, then by id.

    `closed` names the accounts whose every record is known, because the suite emptied them first.
    """

    records: Mapping[tuple[Account, str], Mapping[int, Record]]
    closed: frozenset[Account]

    def of(self, account: Account, resource_type: str) -> Mapping[int, Record]:
        """The records of one account and type, by id."""
        return self.records.get((account, resource_type), {})


@dataclass(frozen=True)
class Event:
    """What moved a ledger on by one position: an account emptied, or changes of one resource type accepted.

    `exchange` is the number of the exchange that carried the changes, where one did.
    """

    account: Account
    resource_type: str | None = None
    changes: tuple[Change, ...] = ()
    exchange: int | None = None


class Ledger:
    """The append-only model of what a target holds. `events` are what it was told, in order, one a position."""

    def __init__(self) -> None:
        """Start with no record known and no account emptied."""
        self._worlds = [World({}, frozenset())]
        self.events: list[Event] = []

    @property
    def position(self) -> int:
        """The number of events so far."""
        return len(self._worlds) - 1

    def at(self, position: int) -> World:
        """Return the world as of a position."""
        return self._worlds[position]

    @property
    def now(self) -> World:
        """The world after every event so far."""
        return self._worlds[-1]

    def reset(self, account: Account) -> None:
        """Note that the target forgot everything of an account."""
        last = self.now
        kept = {key: value for key, value in last.records.items() if key[0] != account}
        self._worlds.append(World(kept, last.closed | {account}))
        self.events.append(Event(account))

    def apply(
        self, account: Account, resource_type: str, changes: Iterable[Change], exchange: int | None = None
    ) -> None:
        """Note that the target accepted these changes, in this order, in the exchange of that number."""
        changes = tuple(changes)
        last = self.now
        table = dict(last.of(account, resource_type))
        for change in changes:
            known = table.get(change.id)
            table[change.id] = Record(change.id, (*known.versions, change) if known else (change,))
        self._worlds.append(World({**last.records, (account, resource_type): table}, last.closed))
        self.events.append(Event(account, resource_type, changes, exchange))
