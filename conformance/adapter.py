"""What to write in Python where a target has no control API: a class that puts records in place in its stead.

An adapter reaches the records another way: a database, an import, the vendor's own people API. It offers the
operations of the control API (contract, section 2), or some of them, and the suite judges what these allow. Name it
with `--adapter MODULE:CLASS`, or publish it under the entry point group `exportproof.adapters` and name it by that.
docs/adapter.md has a whole one.

    from exportproof.conformance.adapter import Account, Adapter, Change

    class Shop(Adapter):
        def change(self, account: Account, resource_type: str, changes: Sequence[Change]) -> None: ...
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .ledger import Change

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from .observation import Account as AccountName

__all__ = ["Account", "Adapter", "Change", "Draft", "Target"]


@dataclass(frozen=True)
class Account:
    """One pair of Basic credentials. `name` is the suite's own word for it, `first` or `second`."""

    name: AccountName
    user: str | None
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Target:
    """What is judged: the URL of the API root, without a slash at its end, and the accounts that were given."""

    url: str
    accounts: Mapping[AccountName, Account]


@dataclass(frozen=True)
class Draft:
    """A record to be written now: a new one where `id` is None, else that one's new version. `values` are by column."""

    values: Mapping[str, str]
    id: int | None = None
    active: bool = True


class Adapter:
    """The operations of the control API, as methods. Inherit, and write those that can be had; the others stay.

    What a subclass writes is what it offers: `change` the capability `changes`, `reset` the capability `reset`,
    `freeze` and `release` together the capability `clock`, and where changes cannot be dated, `write` and `writable`
    together the capability `writes`. An adapter is made once a run and called by one thread.
    Whatever a method raises ends the run, since nobody knows then what the target holds: the report says what was
    raised, and what was judged until then stands. Print nothing to standard output.
    """

    def __init__(self, target: Target) -> None:
        """Connect to whatever is needed.

        A subclass takes its settings as keywords beside: those of `[adapter-settings]` in the settings file, with
        underscores for dashes, and of `--adapter-setting NAME=VALUE`. Secrets are better read from the environment.
        """
        self.target = target

    def close(self) -> None:
        """Let go of what `__init__` took. Called at the end, whatever happened; what it raises is passed over."""

    # --- what can be done: the control API's GET -----------------------------------------------------

    def capabilities(self) -> Collection[str]:
        """What is offered, of the four: what this class has methods for, unless written anew."""
        return [name for name, methods in OPERATIONS.items() if all(_is_written(type(self), each) for each in methods)]

    def now(self, account: Account) -> datetime:  # noqa: ARG002 - for those that override it
        """The target's present, with an offset: the system's clock, unless the target's is another or can be frozen."""
        return datetime.now(UTC)

    def custom_field_ids(self, account: Account) -> Mapping[str, Sequence[int]]:  # noqa: ARG002 - as above
        """The custom fields of each resource type that has any, by their ids; none unless written anew."""
        return {}

    # --- what is done now, where changes cannot be dated: beyond the control API ------------------------

    deactivates = False
    """True where `write` can make a record inactive."""

    def writable(self, account: Account) -> Mapping[str, Sequence[str]]:
        """The text columns that `write` fills, by resource type, such as {"Contacts": ["FirstName", "LastName"]}."""
        raise NotImplementedError

    def write(self, account: Account, resource_type: str, drafts: Sequence[Draft]) -> Sequence[int]:
        """Create and change records now, in the order given; return the id of each, or raise.

        Return when it is on record, so that a job created from now on has to export it. A draft has all the columns
        that `writable` names, and letters, digits and spaces alone in them.
        """
        raise NotImplementedError

    # --- what is done: the control API's other four calls -----------------------------------------------

    def reset(self, account: Account) -> None:
        """Let the target forget all of the account's records, change history, jobs and files; release the clock."""
        raise NotImplementedError

    def change(self, account: Account, resource_type: str, changes: Sequence[Change]) -> None:
        """Apply changes in the order given, each at its own instant `at`, which is past; all of them, or raise.

        `values` are a record's whole new version by column, `custom_fields` by id; a column left out is empty, unless
        the target computes it. At most 10,000 changes come at once.
        """
        raise NotImplementedError

    def freeze(self, instant: datetime) -> None:
        """Freeze the target's clock at an instant, for all accounts; jobs still make progress while it stands still."""
        raise NotImplementedError

    def release(self) -> None:
        """Let the target's clock follow the system's again."""
        raise NotImplementedError


OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "changes": ("change",),
    "reset": ("reset",),
    "clock": ("freeze", "release"),
    "writes": ("write", "writable"),
}
"""The methods that each capability takes."""


def half_written(adapter: type[Adapter]) -> tuple[str, str] | None:
    """The method that a class has and the one that is missing beside it for their capability; else None."""
    for methods in OPERATIONS.values():
        written = [name for name in methods if _is_written(adapter, name)]
        missing = [name for name in methods if name not in written]
        if written and missing:
            return written[0], missing[0]
    return None


def _is_written(adapter: type[Adapter], method: str) -> bool:
    return getattr(adapter, method) is not getattr(Adapter, method)
