"""The messages as tables in Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .openapi import our_spec
from .shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .openapi import At, Spec
    from .shape import Alternatives, Shape

    Parts = tuple[At | Alternatives, ...]

_FORMATS = {"export-timestamp": "timestamp with Z or an offset", "uri": "URL"}
_DEEPEST = 4


def markdown(messages: Iterable[str]) -> str:
    """Write a section with a table for each message."""
    spec = our_spec()
    sections = ["# Messages of Changed Entity Export Jobs"]
    for name in messages:
        schema = spec.root.get("components", "schemas", name)
        rows = "\n".join(f"| {' | '.join(cells)} |" for cells in _rows(spec, (schema,), "", 0))
        head = "| Property | Type | Required | Bounds | Meaning |\n| --- | --- | --- | --- | --- |"
        sections.append(f"## {name}\n\n{_cell(schema.value['description'])}\n\n{head}\n{rows}")
    return "\n\n".join(sections) + "\n"


def _rows(spec: Spec, parts: Parts, name: str, depth: int) -> Iterator[tuple[str, ...]]:
    shape = shape_of(spec, parts)
    if depth > _DEEPEST:
        return
    if not shape.properties and name == "":
        yield from _rows_of_items(spec, shape, name, depth)
    for member, below in shape.properties.items():
        place = f"{name}.{member}" if name else member
        one = shape_of(spec, below)
        required = "yes" if member in shape.required else "no"
        yield f"`{place}`", _type(spec, one), required, _bounds(spec, one), _cell(_description(spec, below))
        yield from _below(spec, below, place, depth)


def _below(spec: Spec, parts: Parts, place: str, depth: int) -> Iterator[tuple[str, ...]]:
    shape = shape_of(spec, parts)
    if shape.properties:
        yield from _rows(spec, parts, place, depth + 1)
    elif shape.items and shape_of(spec, shape.items).properties:
        yield from _rows(spec, shape.items, f"{place}[]", depth + 1)


def _rows_of_items(spec: Spec, shape: Shape, name: str, depth: int) -> Iterator[tuple[str, ...]]:
    items = shape_of(spec, shape.items)
    if items.properties:
        yield from _rows(spec, shape.items, f"{name}[]", depth + 1)
    else:
        yield f"`{name}[]`", _type(spec, items), "yes", _bounds(spec, items), _cell(_description(spec, shape.items))


def _type(spec: Spec, shape: Shape) -> str:
    types = sorted(shape.types or ())
    if shape.items and "array" in types:
        items = _type(spec, shape_of(spec, shape.items))
        types[types.index("array")] = f"array of {items}"
    return " or ".join(types) or "any"


def _bounds(spec: Spec, shape: Shape) -> str:
    """What a value has to keep to, in words; for a list also what its items have to."""
    found = []
    if shape.format:
        found.append(_FORMATS.get(shape.format, shape.format))
    if shape.enum is not None:
        found.append("one of " + ", ".join(f"`{json.dumps(value)}`" for value in shape.enum))
    elif shape.low is not None and shape.high is not None:
        found.append(f"{shape.low} to {shape.high}")
    elif shape.low is not None:
        found.append(f"at least {shape.low}")
    if shape.min_length:
        found.append("not empty")
    if shape.min_items:
        found.append(f"at least {shape.min_items} item")
    if shape.pattern:
        found.append(f"matches `{shape.pattern}`")
    if shape.default:
        found.append(f"`{json.dumps(shape.default[0])}` if absent")
    if shape.items and (items := _bounds(spec, shape_of(spec, shape.items))):
        found.append(f"each {items}")
    return _cell("; ".join(found))


def _description(spec: Spec, parts: Parts) -> str:
    for part in parts:
        value: Any = getattr(part, "value", None)
        if isinstance(value, dict):
            text = value.get("description") or (spec.resolve(part).value or {}).get("description")  # type: ignore[arg-type]
            if text:
                return str(text)
    return ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
