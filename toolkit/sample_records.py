"""A few records of every type, to be put in place where a target offers to: so that exports hold something."""

from __future__ import annotations

from datetime import timedelta
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any

from ..conformance.scenarios.people import custom_values, text_room, version_values
from ..generators.stamps import on_grid, write_stamp
from ..generators.values import interesting_texts

if TYPE_CHECKING:
    from datetime import datetime

    from ..spec.offer import Offer, Resource

RECORDS = 40
_DAYS = 80
_INACTIVE_IN, _ORGANIZATION_IN = 6, 3
_FIRST_ID, _LAST_ID = 10**8, 2 * 10**9


def sample_records(offer: Offer, now: datetime, count: int = RECORDS) -> dict[str, list[dict[str, Any]]]:
    """Changes by resource type, as the control API takes them: each record is created and changed again.

    They lie within the last 80 days, so that most windows hold some. Ids are fresh ones, since what the target holds
    already is not known. Types whose primary key is not known get none.
    """
    random = Random(SystemRandom().randrange(2**31))  # noqa: S311 - nothing secret comes from it
    return {
        name: _lives(resource, now, random, count)
        for name, resource in offer.resources.items()
        if resource.key is not None
    }


def _lives(resource: Resource, now: datetime, random: Random, count: int) -> list[dict[str, Any]]:
    # Each text stands somewhere: quotes, commas, line breaks, scripts.
    room = max((text_room(field) for field in resource.fields if field.type == "T"), default=0)
    texts = interesting_texts(min(room, 50)) if room else []
    changes = []
    for number in range(count):
        identifier = random.randrange(_FIRST_ID, _LAST_ID)
        ages = sorted((random.uniform(0.1, _DAYS) for _ in range(2)), reverse=True)
        for version, age in enumerate(ages):
            last = version == len(ages) - 1
            change: dict[str, Any] = {
                "id": identifier,
                "at": write_stamp(on_grid(now - timedelta(days=age))),
                "active": not (last and number % _INACTIVE_IN == 0),
                "values": version_values(resource, version, random, texts if last else None),
            }
            if resource.custom_fields:
                change["customFields"] = custom_values(resource, version, random)
            if resource.name == "Contacts":
                change["contactMode"] = 2 if number % _ORGANIZATION_IN == 0 else 1
            changes.append(change)
    return sorted(changes, key=lambda change: str(change["at"]))
