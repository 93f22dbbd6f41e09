"""What a target offers: resource types, their fields and custom fields; and instants of the API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Primary key columns by resource type (facts, section 3.1); a user can name others in the settings.
PRIMARY_KEYS: Mapping[str, str] = {
    "Contacts": "VanID",
    "ContactsActivistCodes": "ContactsActivistCodeID",
    "ActivistCodes": "ActivistCodeID",
    "ContactHistory": "ContactsContactID",
    "ContactsSurveyResponses": "ContactsSurveyResponseID",
    "ContactsOnlineForms": "ContactsOnlineFormID",
    "Contributions": "ContributionID",
    "ContributionAdjustments": "ContributionAdjustmentID",
    "RecurringContributions": "RecurringContributionID",
    "EventTicketTransactionsGuests": "EventTicketTransactionGuestID",
}

INT32_MAX = 2**31 - 1
DEFAULT_LIMIT_KB = 40_000
MIN_LIMIT_KB = 1_000
MAX_LIMIT_KB = 100_000
# What field types are called (facts, section 1.4), by letter or in the words of those who spell them out.
TYPE_WORDS: Mapping[str, str] = {
    "t": "T", "text": "T", "string": "T", "n": "N", "number": "N", "numeric": "N",
    "d": "D", "date": "D", "datetime": "D", "b": "B", "bool": "B", "boolean": "B", "m": "M", "money": "M",
    "currency": "M",
}  # fmt: skip
WINDOW_DAYS = 90
LINK_DAYS = 20

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s?([Zz]|[+-]\d\d:?\d\d)", re.ASCII
)


@dataclass(frozen=True)
class Field:
    """One item of GET …/fields/{resourceType}. `type` is B, T, D, N or M; `choices` are the values that it can have."""

    name: str
    type: str
    core: bool
    max_characters: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resource:
    """One resource type as a target lists it. `key` is its primary key's column, None where it is not known."""

    name: str
    key: str | None
    fields: tuple[Field, ...]
    custom_fields: tuple[int, ...] = ()

    @cached_property
    def _by_name(self) -> Mapping[str, Field]:
        return {f.name.lower(): f for f in reversed(self.fields)}

    def field(self, name: str) -> Field | None:
        """Return the field of that name, letter case disregarded, or None."""
        return self._by_name.get(name.lower())

    @property
    def core(self) -> tuple[Field, ...]:
        """The fields that every export holds."""
        return tuple(f for f in self.fields if f.core)

    @property
    def extra(self) -> tuple[Field, ...]:
        """The fields that an export holds when they are requested."""
        return tuple(f for f in self.fields if not f.core)


@dataclass(frozen=True)
class Offer:
    """Everything that a target lists: its resource types by name.

    `unasked` are types that it lists as well, but of whose fields nothing is known: what it makes of them is open.
    """

    resources: Mapping[str, Resource] = field(default_factory=dict)
    unasked: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        """Tell whether the target lists that resource type."""
        return name in self.resources


def resource_from_answer(
    name: str, items: Sequence[Any], custom_fields: Sequence[int] = (), key: str | None = None
) -> Resource:
    """Build a Resource from the JSON of GET …/fields/{resourceType}; items that are no fields are passed over."""
    fields = tuple(
        Field(
            name=item["fieldName"],
            type=_type_letter(item.get("fieldType")),
            core=item.get("isCoreField") in (True, "true", "True"),
            max_characters=item.get("maxTextboxCharacters"),
            choices=_choices(item.get("availableValues")),
        )
        for item in items
        if isinstance(item, dict) and isinstance(item.get("fieldName"), str)
    )
    return Resource(name, key or PRIMARY_KEYS.get(name) or _likely_key(name, fields), fields, tuple(custom_fields))


def _type_letter(told: object) -> str:
    """The letter of a field's type, T without one; a word that is no known type stays as it is (facts:1.4)."""
    text = str(told or "T").strip()
    return TYPE_WORDS.get(text.lower(), text)


def _choices(listed: object) -> tuple[str, ...]:
    """The ids of a field's available values, as text; none where the field is no choice."""
    items = listed if isinstance(listed, list) else []
    return tuple(str(item["id"]) for item in items if isinstance(item, dict) and item.get("id") is not None)


def _likely_key(name: str, fields: Sequence[Field]) -> str | None:
    """The listed column that is named after the type, for types whose key nobody wrote down; None without one."""
    wanted = f"{name.rstrip('s')}ID".lower()
    return next((field.name for field in fields if field.name.lower() == wanted), None)


# Instants come again and again: a record's in every export that holds it.
@lru_cache(maxsize=10_000)
def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 timestamp, any number of fraction digits, into an aware UTC datetime (microseconds).

    Raises ValueError when the text is no timestamp with an offset (dateChangedFrom.1).
    """
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a timestamp with Z or an offset: {text!r}")
    *numbers, fraction, offset = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    zone = "+00:00" if offset in "Zz" else offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
    year, month, day, hour, minute, second = (int(number) for number in numbers)
    iso = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}{zone}"
    return datetime.fromisoformat(iso).astimezone(UTC)


def format_instant(instant: datetime, digits: int = 3) -> str:
    """Write an instant as RFC 3339 in UTC with that many fraction digits (0 to 6), cut, not rounded."""
    instant = instant.astimezone(UTC)
    fraction = f".{instant.microsecond:06}"[: digits + 1] if digits else ""
    # Not by strftime: it writes years before 1000 with fewer than four digits on some systems.
    return f"{instant.replace(tzinfo=None, microsecond=0).isoformat()}{fraction}Z"
