"""Values for records: what the suite puts into the columns that a target lists. Deterministic for a seed."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ...spec.offer import INT32_MAX, TYPE_WORDS

if TYPE_CHECKING:
    from random import Random

    from ...spec.offer import Field, Resource

# Columns that a target is likely to work out by itself: they are left out, and so not judged.
_COMPUTED = re.compile(r"changetype|isdeleted|isactive|isarchived|datechanged|lastupdated", re.IGNORECASE)
_WORDS = (  # noqa: SIM905 - a list of words reads as a sentence
    "amber birch cedar delta école fjord grove heron iris jasper kelp lotus maple north olive pearl quartz río"
).split()
_AROUND = (" {} ", "00{}", '"{}", so', "{}, Grüße", "'{}'", "{} Łódź, 東京")
# Whole texts that careless code takes for a number, a truth, or nothing.
_TAKEN_FOR_MORE = ("0", "007", "1.50", "1e3", "false", "null", "Maple")
_USUAL_MAXIMUM = 50
_ONE_EMPTY_IN, _ONE_HAZARD_IN = 12, 5
_COUNTED = re.compile(r"id$|by$|remaining|total|count|status", re.IGNORECASE)
# Numbers that are likely whole ones, which is all that a target may take.
_WHOLE = re.compile(r"score|weight|rank|order|number$|quantity", re.IGNORECASE)
# Dates that a target is likely to fill where it is given none.
_FILLED_ANYHOW = re.compile(r"creat|updat|modif|enter|chang", re.IGNORECASE)
# Values that careless code rounds, cuts, turns around or takes for nothing.
_HAZARDS: dict[str, tuple[Any, ...]] = {
    "N": (0, -1, 10, 100, 0.5, -2.25, 1234.5678, -(2**31), 2**31 - 1, 1_000_000),
    "M": (0, 0.01, 0.1, -12.5, -0.05, 100, 19.99, 1234567.89, 2.5),
    "D": (
        "1895-06-07T11:00:00Z", "1947-03-09T11:00:00Z", "1969-12-31T11:00:00Z", "2000-02-29T11:00:00Z",
        "2038-01-20T11:00:00Z",
        # The day is the same in UTC and where they are written.
        "2016-03-09T11:30:00+02:00", "2019-07-15T08:00:00-05:00",
    ),
}  # fmt: skip


# Whole minutes, which is all that a column may show of a time. At eleven in UTC it is the same day nearly everywhere.
_TIMES = ("11:00:00", "11:00:00", "00:00:00", "05:15:00", "18:45:00", "23:30:00")
_WHOLE_HAZARDS = (0, 10, 100, 1_000_000)


def fillable(resource: Resource) -> tuple[Field, ...]:
    """The columns of a resource that the suite fills."""
    return _fillable(resource.fields, (resource.key or "").lower())


@cache
def _fillable(fields: tuple[Field, ...], key: str) -> tuple[Field, ...]:
    known = (field for field in fields if field.type in TYPE_WORDS.values())
    return tuple(field for field in known if field.name.lower() != key and not _COMPUTED.search(field.name))


def columns_of(resource: Resource) -> dict[str, Any]:
    """The options that ask for every column of a type that has to be asked for; none for what it has none of."""
    asked = {
        "requestedFields": [field.name for field in resource.extra],
        "requestedCustomFieldIds": list(resource.custom_fields),
    }
    return {name: listed for name, listed in asked.items() if listed}


def text_room(field: Field) -> int:
    """How many characters fit a text column; a usual number when the target does not say."""
    return field.max_characters if field.max_characters and field.max_characters > 0 else _USUAL_MAXIMUM


def fits(text: str, room: int) -> bool:
    """Tell whether a text fits, counted in UTF-16 units, the strictest count that implementations use."""
    return len(text.encode("utf-16-le")) // 2 <= room


def version_values(resource: Resource, version: int, random: Random, texts: list[str] | None = None) -> dict[str, Any]:
    """A whole new version of a record: every column filled, each version unlike the one before.

    `texts` are put into the text columns that they fit, and are used up.
    """
    values: dict[str, Any] = {}
    for number, field in enumerate(fillable(resource)):
        values[field.name] = _value(field, version + number, random, texts)
    # Now and then a text is empty, by null or by the empty text, which an export may not tell apart; and another
    # value is null, unless it is an id or a date that a target may well fill.
    for field in fillable(resource):
        if field.type == "T" and not texts and random.randrange(_ONE_EMPTY_IN) == 0:
            values[field.name] = "" if random.randrange(2) else None
        elif _may_be_empty(field) and random.randrange(2 * _ONE_EMPTY_IN) == 0:
            values[field.name] = None
    return values


def _is_measure(field: Field) -> bool:
    """Tell whether a number stands for itself: no id, no choice, nothing that a target may count by itself."""
    return field.type in ("N", "M") and not field.choices and not _COUNTED.search(field.name)


def _may_be_empty(field: Field) -> bool:
    """Tell whether a value that is no text is one that need not be there (contract, section 2)."""
    if field.type == "D":
        return _FILLED_ANYHOW.search(field.name) is None
    if field.type == "B":
        return True
    return _is_measure(field) and not _WHOLE.search(field.name)


def may_be_empty(resource: Resource) -> list[str]:
    """The columns that a record need not have a value in: all texts, and what else needs no value."""
    return [field.name for field in fillable(resource) if field.type == "T" or _may_be_empty(field)]


def _hazards(field: Field) -> tuple[Any, ...]:
    """Values of a column's type that careless code damages, as far as the column is likely to take them."""
    if field.type == "N" and _WHOLE.search(field.name):
        return _WHOLE_HAZARDS
    return _HAZARDS.get(field.type, ()) if field.type == "D" or _is_measure(field) else ()


def _value(field: Field, salt: int, random: Random, texts: list[str] | None) -> Any:  # noqa: ANN401 - any column value
    if field.choices and field.type in ("N", "T"):
        chosen = field.choices[(salt + random.randrange(len(field.choices))) % len(field.choices)]
        return int(chosen) if field.type == "N" and chosen.isdecimal() else chosen
    hazards = _hazards(field)
    if hazards and random.randrange(_ONE_HAZARD_IN) == 0:
        return random.choice(hazards)
    if field.type == "N":
        return random.randrange(1, INT32_MAX) // 7 * 7 + salt % 7
    if field.type == "M":
        return round(random.randrange(1, 10_000_000) / 100, 2)
    if field.type == "B":
        return salt % 2 == 0
    if field.type == "D":
        day = f"20{random.randrange(10, 26)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
        return f"{day}T{random.choice(_TIMES)}Z"
    room = text_room(field)
    for index, text in enumerate(texts or ()):
        if fits(text, room):
            return (texts or []).pop(index)
    return f"{random.choice(_WORDS)} {salt} {random.choice(_WORDS)} {random.randrange(10**6)}"[:room].strip()


def custom_values(resource: Resource, version: int, random: Random, *, some_empty: bool = False) -> dict[str, Any]:
    """Values of the custom fields of a resource, with a hazard here and there.

    With `some_empty` some are empty, and some but the first are left out, which is to say that there is none; and some
    are texts that other records have as well.
    """
    values: dict[str, Any] = {}
    for number, identifier in enumerate(resource.custom_fields):
        draw = random.randrange(_ONE_EMPTY_IN) if some_empty else None
        if draw == 0:
            values[str(identifier)] = ""
        elif draw in (2, 3):
            values[str(identifier)] = random.choice(_TAKEN_FOR_MORE)
        elif draw != 1 or number == 0:
            text = f"{random.choice(_WORDS)}-{version}-{identifier}-{random.randrange(10**6)}"
            values[str(identifier)] = _hazardous(text, random)
    return values


def _hazardous(text: str, random: Random) -> str:
    """The text, one time in so many with what careless code damages around it."""
    return random.choice(_AROUND).format(text) if random.randrange(_ONE_HAZARD_IN) == 0 else text
