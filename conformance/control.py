"""The control API of a target (contract, section 2): put records in place, and move the clock."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import format_instant, parse_instant
from .client import Stop
from .ledger import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from .adapter import Draft
    from .client import Client
    from .ledger import Ledger
    from .observation import Account, Exchange


# What every target takes in one call; a little less, for the object around the changes.
MOST_CHANGES, MOST_BYTES = 10_000, 8 * 2**20 - 4096
_WHAT_IS_HELD, _SERVER_ERROR = ("/changes", "/state"), 500
# Two clocks that both run true have not drifted apart by half a hundredth of a second after that many seconds.
_FRESH = 10.0
WRITES = "/writes"


@dataclass(frozen=True)
class _Told:
    """What a target told of its clock; when it was asked and had answered, in seconds of the monotonic clock."""

    instant: datetime
    asked: float
    answered: float

    @property
    def cut(self) -> timedelta:
        """What may have been cut off, where a target keeps whole seconds or tenths of them."""
        if self.instant.microsecond % 100_000:
            return timedelta(0)
        return timedelta(milliseconds=100 if self.instant.microsecond else 1_000)


class ControlError(RuntimeError):
    """The control API answered otherwise than the contract says; the message tells which call, and what came."""


class Control:
    """The control API, one account at a time. Every accepted change is noted in the ledger at once."""

    def __init__(self, client: Client, ledger: Ledger) -> None:
        """Remember whom to speak to; nothing is sent yet."""
        self._client, self._ledger = client, ledger
        self.capabilities: frozenset[str] = frozenset()
        self.custom_fields: Mapping[str, tuple[int, ...]] = {}
        self.writable: Mapping[str, tuple[str, ...]] = {}
        self.deactivates = False
        self.frozen = False
        self._told: dict[Account, _Told] = {}

    def now(self, account: Account = "first") -> datetime:
        """The target's present at the least, as it was told and has gone on since; raises ControlError.

        A clock that stands still is asked again, and so is one that may keep whole seconds: how much of the next one
        had passed is not known.
        """
        told = self._told.get(account)
        if told is None or self.frozen or told.cut or time.monotonic() - told.answered > _FRESH:
            return self.describe(account)
        return told.instant + timedelta(seconds=time.monotonic() - told.answered)

    def latest(self, account: Account = "first") -> datetime | None:
        """How late it can be at the target by now, as far as it was told; None where it was not."""
        told = self._told.get(account)
        if told is None or self.frozen:
            return None if told is None else told.instant
        return told.instant + told.cut + timedelta(seconds=time.monotonic() - told.asked)

    def describe(self, account: Account = "first") -> datetime:
        """Ask what the target can do; returns its present. Raises ControlError when this is no control API."""
        asked = time.monotonic()
        exchange = self._call("GET", "", account, expect=200) if self.capabilities else self._introduce(account)
        answer = exchange.object
        capabilities, now = answer.get("capabilities"), answer.get("now")
        if answer.get("version") != 1 or not isinstance(capabilities, list) or not isinstance(now, str):
            raise ControlError(
                "The control URL does not answer as a control API of version 1: it lacks version, capabilities "
                "or now. Check --control-url; it is the base that GET answers with these."
            )
        self.capabilities = frozenset(str(item) for item in capabilities)
        customs = answer.get("customFieldIds")
        if isinstance(customs, dict):
            self.custom_fields = {str(k): tuple(v) for k, v in customs.items() if isinstance(v, list)}
        writes = answer.get("writes")
        if isinstance(writes, dict) and exchange.adapted:
            self.writable = {name: tuple(columns) for name, columns in writes["columns"].items()}
            self.deactivates = writes["deactivates"]
        try:
            instant = parse_instant(now)
        except ValueError as error:
            raise ControlError(f"The control API's now is no RFC 3339 instant: {now!r}.") from error
        self._told[account] = _Told(instant, asked, time.monotonic())
        return instant

    def _introduce(self, account: Account) -> Exchange:
        """Send the first call. When it fails, the URL is likelier to be wrong than what stands there."""
        exchange = self._client.call("control", "GET", "", account=account, control=True)
        if exchange.status != 200:
            what = f"status {exchange.status}" if exchange.status else f"no answer ({exchange.error})"
            raise ControlError(
                f"The control URL does not answer as a control API: GET {exchange.url} gives {what}. "
                "Check --control-url, or leave it out to judge from outside."
            )
        return exchange

    def reset(self, account: Account) -> None:
        """Empty an account; the target's clock returns to the system's."""
        self._call("DELETE", "/state", account, expect=204)
        self._set_clock(frozen=False)
        self._ledger.reset(account)

    def put(self, account: Account, resource_type: str, items: list[dict[str, Any]]) -> None:
        """Apply changes, in order, in as many calls as it takes. Items are the contract's, each with its `at`."""
        for call in calls_of(items):
            payload = {"resourceType": resource_type, "changes": call}
            exchange = self._call("POST", "/changes", account, expect=200, payload=payload)
            changes = [change_of(resource_type, item) for item in call]
            self._ledger.apply(account, resource_type, changes, exchange.number)

    def write(self, account: Account, resource_type: str, drafts: Iterable[Draft]) -> list[int]:
        """Let an adapter create and change records now; returns the id of each. The ledger knows nothing of them."""
        records = [{"id": each.id, "active": each.active, "values": dict(each.values)} for each in drafts]
        payload = {"resourceType": resource_type, "records": records}
        return list(self._call("POST", WRITES, account, expect=200, payload=payload).object["ids"])

    def freeze(self, instant: datetime) -> None:
        """Freeze the target's clock at an instant, for all accounts."""
        self._call("PUT", "/clock", "first", expect=200, payload={"now": format_instant(instant)})
        self._set_clock(frozen=True)

    def release(self) -> None:
        """Let the target's clock follow the system's again."""
        self._call("DELETE", "/clock", "first", expect=204)
        self._set_clock(frozen=False)

    def _set_clock(self, *, frozen: bool) -> None:
        self.frozen = frozen
        self._told.clear()

    def _call(
        self, method: str, path: str, account: Account, *, expect: int, payload: dict[str, Any] | None = None
    ) -> Exchange:
        exchange = self._client.call("control", method, path, account=account, payload=payload, control=True)
        if exchange.status != expect:
            what = f"status {exchange.status}" if exchange.status else f"no answer ({exchange.error})"
            said = exchange.body[:200].decode("utf-8", "replace")
            message = (
                f"The control API answered {method} {path or '/'} with {what} instead of {expect}: {said!r}. "
                "The contract says what each call answers; the fault is likely in the target's control API."
            )
            # What is refused was not done; of what failed half may have been, and no row could be judged any more.
            if path in _WHAT_IS_HELD and (exchange.status is None or exchange.status >= _SERVER_ERROR):
                raise Stop(f"{message} It is not known what the target holds now, and the run goes no further.")
            raise ControlError(message)
        return exchange


def change_of(resource_type: str, item: Mapping[str, Any]) -> Change:
    """Read one of the control API's changes that tells its instant; raises KeyError or ValueError."""
    return Change(
        id=item["id"],
        at=parse_instant(item["at"]),
        active=item.get("active", True),
        values=dict(item.get("values", {})),
        custom_fields=dict(item.get("customFields", {})),
        contact_mode=item.get("contactMode", 1) if resource_type == "Contacts" else None,
    )


def calls_of(items: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Cut changes into calls that every target takes (contract, section 2), keeping their order."""
    call: list[dict[str, Any]] = []
    size = 0
    for item in items:
        # Six bytes for what JSON puts around an item.
        bytes_of_item = len(json.dumps(item, ensure_ascii=False).encode()) + 6
        if call and (len(call) >= MOST_CHANGES or size + bytes_of_item > MOST_BYTES):
            yield call
            call, size = [], 0
        call.append(item)
        size += bytes_of_item
    if call:
        yield call
