"""What an adapter wrote while the run went on: records whose every change is witnessed, though it could not be dated.

Read from the exchanges, in which the adapter's acts are recorded, so that a recorded run is judged as well.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .control import WRITES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from .observation import Account, Exchange


@dataclass(frozen=True)
class Write:
    """One version of a record. It was written some time between `began` and `ended`, by the suite's clock."""

    values: Mapping[str, str]
    active: bool
    began: datetime
    ended: datetime


def writes_of(exchanges: Iterable[Exchange], account: Account, resource_type: str) -> Mapping[int, tuple[Write, ...]]:
    """The versions of each record of an account and type that an adapter wrote, oldest first."""
    found: dict[int, list[Write]] = defaultdict(list)
    for exchange in exchanges:
        if not (exchange.adapted and exchange.url.endswith(WRITES) and exchange.account == account):
            continue
        asked = json.loads(exchange.request_body or b"{}")
        if asked.get("resourceType") == resource_type and exchange.status == 200:
            for identifier, each in zip(exchange.object["ids"], asked["records"], strict=True):
                write = Write(each["values"], each["active"], exchange.started, exchange.ended)
                found[identifier].append(write)
    return {identifier: tuple(writes) for identifier, writes in found.items()}
