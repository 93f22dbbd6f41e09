"""What the generators of models share: the document's schemas as named types, in an order that compiles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX = "#/components/schemas/"


@dataclass(frozen=True)
class Member:
    """A property of a type."""

    name: str
    schema: Mapping[str, Any]
    required: bool


@dataclass(frozen=True)
class Condition:
    """When the member has the value, the type named `then` holds as well."""

    member: str
    value: Any
    then: str


@dataclass(frozen=True)
class Named:
    """A type with a name: an object with members and perhaps a base, or another name for a schema (`alias`)."""

    name: str
    description: str
    members: tuple[Member, ...] = ()
    base: str | None = None
    alias: Mapping[str, Any] | None = None
    condition: Condition | None = None
    inherited: frozenset[str] = field(default=frozenset())
    """Members of the base that are required here."""


def named_types(schemas: Mapping[str, Any]) -> list[Named]:
    """Every schema of the document as a type, objects inside others included; what a type needs comes before it."""
    found: dict[str, Named] = {}
    for name in schemas:
        _add(name, schemas, found)
    return list(found.values())


def reference(schema: Mapping[str, Any]) -> str | None:
    """The name of the type that a schema refers to."""
    target = schema.get("$ref")
    return target.removeprefix(_PREFIX) if isinstance(target, str) else None


def types_of(schema: Mapping[str, Any]) -> list[str]:
    """The JSON types that a schema allows."""
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def inner_name(owner: str, member: str) -> str:
    """The name of an object type that has none of its own: an item of `files` in JobState is a JobStateFile."""
    singular = re.sub(r"s$", "", member)
    return f"{owner}{singular[:1].upper()}{singular[1:]}"


def is_object(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema is an object with members of its own."""
    return "properties" in schema or "allOf" in schema


def _add(name: str, schemas: Mapping[str, Any], found: dict[str, Named]) -> None:
    if name in found:
        return
    schema = schemas[name]
    for needed in _needed(schema):
        _add(needed, schemas, found)
    if not is_object(schema):
        found[name] = Named(name, schema.get("description", ""), alias=schema)
        return
    _add_object(name, schema, found)


def _add_object(name: str, schema: Mapping[str, Any], found: dict[str, Named]) -> None:
    required = frozenset(schema.get("required", ()))
    members = tuple(
        Member(member, _hoisted(name, member, below, found), member in required)
        for member, below in schema.get("properties", {}).items()
    )
    bases = [base for base in map(reference, schema.get("allOf", ())) if base is not None]
    own = {member.name for member in members}
    found[name] = Named(
        name, schema.get("description", ""), members, bases[0] if bases else None, condition=_condition(schema),
        inherited=frozenset(required - own),
    )  # fmt: skip


def _hoisted(owner: str, member: str, schema: Mapping[str, Any], found: dict[str, Named]) -> Mapping[str, Any]:
    """The schema of a member, with an object inside it replaced by a reference to a type of its own."""
    items = schema.get("items")
    inner = items if isinstance(items, dict) else schema
    if not is_object(inner):
        return schema
    name = inner_name(owner, member)
    _add_object(name, inner, found)
    target = {"$ref": f"{_PREFIX}{name}"}
    return {**schema, "items": target} if items is not None else target


def _condition(schema: Mapping[str, Any]) -> Condition | None:
    then, tested = schema.get("then"), schema.get("if", {}).get("properties", {})
    if not then or len(tested) != 1:
        return None
    ((member, below),) = tested.items()
    return Condition(member, below["const"], str(reference(then)))


def _needed(schema: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, list):
        for item in schema:
            yield from _needed(item)
    elif isinstance(schema, dict):
        target = reference(schema)
        if target is not None:
            yield target
        for key, value in schema.items():
            if key not in ("examples", "enum", "default", "const"):
                yield from _needed(value)
