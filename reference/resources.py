"""The resource types that the reference implementation exports, read from `fields.yaml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from .model import Column, ResourceType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Computed

# Kinds of change are told per type; no answer and no file of the reference holds another (facts:1.5, changeTypes.1).
CREATED, UPDATED, DELETED = 1, 2, 3
CHANGE_TYPES = (
    (CREATED, "Created", "The record was created."),
    (UPDATED, "Updated", "The record was changed."),
    (DELETED, "Deleted", "The record was deleted, archived or otherwise made inactive."),
)


@cache
def resource_types() -> Mapping[str, ResourceType]:
    """Every resource type by name, in the order of the file."""
    text = (files(__package__) / "fields.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    return {
        name: ResourceType(
            name=name,
            key=raw["key"],
            columns=tuple(_column(item, raw["key"]) for item in raw["fields"]),
            custom_columns=tuple(_column(item) for item in raw.get("customFields", ())),
            change_types=CHANGE_TYPES,
        )
        for name, raw in document.items()
    }


def _column(item: Mapping[str, Any], key: str | None = None) -> Column:
    computed: Computed | None = "key" if item["fieldName"] == key else item.get("computed")
    values = item.get("availableValues", ())
    if computed == "change-type":
        values = [{"id": str(number), "name": name} for number, name, _ in CHANGE_TYPES]
    return Column(
        name=item["fieldName"],
        type=item["fieldType"],
        core=item.get("isCoreField", False),
        max_characters=item.get("maxTextboxCharacters"),
        available_values=tuple((value["id"], value["name"]) for value in values),
        computed=computed,
        custom_id=item.get("id"),
    )
