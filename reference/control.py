"""The control API: puts records in place and moves the clock, for tests (contract of the control API, version 1)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..spec.offer import INT32_MAX, format_instant, parse_instant
from .core import Core
from .model import Change, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .model import Column, ResourceType

CAPABILITIES = ("changes", "reset", "clock")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DECIMALS = 4
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
# Later instants leave no room for the lifetime of a link before the calendar ends.
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


class Control(Core):
    """Carries out the calls of the control API for one account."""

    capabilities: tuple[str, ...] = CAPABILITIES

    def describe_control(self) -> dict[str, Any]:
        """What this server can do, and its present."""
        customs = {name: sorted(kind.by_custom_id) for name, kind in self.types.items() if kind.custom_columns}
        return {
            "version": 1,
            "capabilities": list(self.capabilities),
            "now": format_instant(self.clock.now()),
            "customFieldIds": customs,
        }

    def forget(self, account: str) -> None:
        """Forget everything of an account; the clock returns to the system's."""
        self.store.forget(account)
        self.clock.release()

    def freeze(self, body: object) -> datetime:
        """Let the clock stand still at an instant; raises Refused when that is none, or lies in the past."""
        now = body.get("now") if isinstance(body, dict) else None
        try:
            instant = parse_instant(str(now))
        except (ValueError, OverflowError):
            raise invalid("now is no RFC 3339 instant.", "now") from None
        if instant >= _LATEST:
            raise invalid(f"now lies after {_LATEST.year}, where no lifetime of a link fits the calendar.", "now")
        try:
            return self.clock.freeze(instant)
        except ValueError as error:
            raise invalid(str(error), "now") from None

    def apply_changes(self, account: str, body: object) -> int:
        """Apply changes in the order given, all or none; returns how many. Raises Refused with 400."""
        if not isinstance(body, dict) or not isinstance(body.get("changes"), list):
            raise invalid("The body is no object with resourceType and an array of changes.", "changes")
        kind = self.types.get(body["resourceType"]) if isinstance(body.get("resourceType"), str) else None
        if kind is None:
            raise invalid("resourceType is none of those that this server lists.", "resourceType")
        items: list[Any] = body["changes"]
        changes = _Reader(kind, self.clock.now()).read(
            items, lambda ids: self.store.last_changes(account, kind.name, ids)
        )
        self.store.append(account, kind.name, changes)
        return len(changes)


class _Reader:
    """Checks the changes of one call."""

    def __init__(self, kind: ResourceType, now: datetime) -> None:
        self._kind, self._now = kind, now

    def read(self, items: list[Any], last_of: Callable[[list[int]], dict[int, datetime]]) -> list[Change]:
        ids = [self._id(item, f"changes[{index}]") for index, item in enumerate(items)]
        last = last_of(ids)
        changes = []
        for index, (identifier, item) in enumerate(zip(ids, items, strict=True)):
            change = self._change(identifier, item, f"changes[{index}]")
            if identifier in last and change.at < last[identifier]:
                raise invalid(f"Record {identifier} has changed later than that.", f"changes[{index}].at")
            last[identifier] = change.at
            changes.append(change)
        return changes

    def _id(self, item: object, place: str) -> int:
        identifier = item.get("id") if isinstance(item, dict) else None
        if not isinstance(identifier, int) or isinstance(identifier, bool) or not 1 <= identifier <= INT32_MAX:
            raise invalid("id is no positive whole number of 32 bits.", f"{place}.id")
        return identifier

    def _change(self, identifier: int, item: Mapping[str, Any], place: str) -> Change:
        active = item.get("active", True)
        if not isinstance(active, bool):
            raise invalid("active is neither true nor false.", f"{place}.active")
        content = {
            "values": self._values(item.get("values", {}), self._kind.by_name, f"{place}.values"),
            "customFields": self._values(
                item.get("customFields", {}),
                {str(number): column for number, column in self._kind.by_custom_id.items()},
                f"{place}.customFields",
            ),
        }
        at = self._instant(item.get("at"), f"{place}.at")
        return Change(identifier, at, active, self._mode(item, place), json.dumps(content))

    def _instant(self, value: object, place: str) -> datetime:
        if value is None:
            return self._now
        try:
            at = parse_instant(str(value))
        except (ValueError, OverflowError):
            raise invalid("at is no RFC 3339 instant.", place) from None
        # As fine as the server's own clock: part of a millisecond that it has not told yet is no future.
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        if at > self._now:
            raise invalid("at lies in the future.", place)
        return at

    def _mode(self, item: Mapping[str, Any], place: str) -> int | None:
        if self._kind.name != "Contacts":
            if "contactMode" in item:
                raise invalid("contactMode is for Contacts alone.", f"{place}.contactMode")
            return None
        mode = item.get("contactMode", 1)
        if mode not in (1, 2) or isinstance(mode, bool):
            raise invalid("contactMode is neither 1 nor 2.", f"{place}.contactMode")
        return int(mode)

    def _values(self, values: object, columns: Mapping[str, Column], place: str) -> dict[str, Any]:
        if not isinstance(values, dict):
            raise invalid("This is no object from columns to values.", place)
        for name, value in values.items():
            if name not in columns:
                raise invalid(f"{self._kind.name} has no column {name}.", f"{place}.{name}")
            if value is not None and not fits(columns[name], value):
                raise invalid(f"The value does not fit the type of {name}.", f"{place}.{name}")
        return values


def fits(column: Column, value: object) -> bool:
    """Tell whether a value fits a column's type, as the control API describes the types."""
    match column.type:
        case "B":
            return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))
        case "D":
            return _is_instant(value)
        case "N" | "M":
            return _is_number(value)
    most = column.max_characters
    return isinstance(value, str) and _is_text(value) and (most is None or len(value) <= most)


def _is_text(value: str) -> bool:
    """Tell whether UTF-8 and CSV can hold a text: no control characters but tab, CR and LF, no half of a pair."""
    return not _UNPRINTABLE.search(value)


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and parse_instant(value) <= datetime.max.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return False


def _is_number(value: object) -> bool:
    """Tell whether a value is a number within 32 bits, with four decimals at most; text with one is one too."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return False
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DECIMALS and abs(number) <= INT32_MAX + 1
