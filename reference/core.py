"""What every part of the behaviour stands on: the store, the clock, the resource types and the accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..spec.offer import LINK_DAYS
from .clock import Clock
from .resources import resource_types
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import ResourceType

DEFAULT_ACCOUNTS = (("demo", "demo-key|1"), ("other", "other-key|1"))
LIFETIME_SECONDS = LINK_DAYS * 86_400.0


class Core:
    """The store, the clock, the resource types and the accounts (keys by user) of one server.

    `lifetime_seconds` is how long download links live.
    """

    def __init__(
        self,
        store: Store | None = None,
        clock: Clock | None = None,
        accounts: tuple[tuple[str, str], ...] = DEFAULT_ACCOUNTS,
        lifetime_seconds: float = LIFETIME_SECONDS,
    ) -> None:
        """Work on a store, in memory if none is given; `accounts` are pairs of user and key."""
        self.store = store or Store()
        self.clock = clock or Clock()
        self.accounts: Mapping[str, str] = dict(accounts)
        self.types: Mapping[str, ResourceType] = resource_types()
        self.lifetime_seconds = lifetime_seconds
