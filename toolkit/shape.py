"""What a schema allows, whichever way it is written: references, allOf, anyOf, nullable and the like worked out.

It is an approximation where alternatives meet: what any alternative allows counts as allowed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .openapi import At

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .openapi import Spec

_DEEPEST = 30


@dataclass(frozen=True)
class Alternatives:
    """Alternatives, of which one holds; each is a list of schemas that hold together."""

    branches: tuple[tuple[At | Alternatives, ...], ...]


@dataclass(frozen=True)
class Shape:
    """What a value has to be. None stands for: not said, so anything is allowed.

    `types` are JSON's types, "null" among them. `low` and `high` are inclusive. `marks` holds the pointer of each
    keyword that was met, and `at` the pointer of the schema.
    """

    at: str
    types: frozenset[str] | None = None
    format: str | None = None
    enum: tuple[Any, ...] | None = None
    low: float | None = None
    high: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    properties: dict[str, tuple[At | Alternatives, ...]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: tuple[At | Alternatives, ...] = ()
    closed: bool = False
    default: tuple[Any, ...] = ()
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> frozenset[str] | None:
        """The types without null."""
        return None if self.types is None else self.types - {"null"}

    @property
    def nullable(self) -> bool:
        """True when null is allowed, whether by saying so or by saying nothing."""
        return self.types is None or "null" in self.types

    @property
    def choices(self) -> frozenset[str] | None:
        """The values that are allowed, as JSON, null apart; a small range of whole numbers counts as its members."""
        if self.enum is not None:
            return frozenset(json.dumps(value) for value in self.enum if value is not None)
        whole = self.values == frozenset({"integer"}) and self.low is not None and self.high is not None
        if whole and 0 <= self.high - self.low < 50:  # type: ignore[operator] # both are there
            return frozenset(str(number) for number in range(int(self.low), int(self.high) + 1))  # type: ignore[arg-type]
        return None

    def properties_at(self, name: str) -> str:
        """Where a property is described."""
        first = next((part for part in self.properties[name] if isinstance(part, At)), None)
        return self.mark("properties") if first is None else first.pointer

    def mark(self, keyword: str) -> str:
        """Where a keyword stands, or the schema where it would stand."""
        return self.marks.get(keyword, self.at)


def shape_of(spec: Spec, parts: Iterable[At | Alternatives], depth: int = 0) -> Shape:
    """Work out what schemas allow together. Circles among them end in what allows anything."""
    parts = tuple(parts)
    if depth > _DEEPEST:
        return Shape(next((part.pointer for part in parts if isinstance(part, At)), ""))
    found = Shape("")
    nullable = False
    for part in parts:
        if isinstance(part, Alternatives):
            branches = [shape_of(spec, branch, depth + 1) for branch in part.branches]
            found = _both(found, _either(branches, branches[0].at))
            continue
        one, wraps_null = _one(spec, part, depth)
        nullable = nullable or wraps_null
        found = _both(found, one)
    if nullable and found.types is not None:
        found = replace(found, types=found.types | {"null"})
    return _inferred(found)


def _one(spec: Spec, part: At, depth: int) -> tuple[Shape, bool]:
    """One schema, and whether it lets null in beside what it refers to, as people write it in OpenAPI 3.0."""
    schema = part.value
    if schema is False:
        return Shape(part.pointer, types=frozenset()), False
    if not isinstance(schema, dict):
        return Shape(part.pointer), False
    own = Shape(part.pointer)
    if "$ref" in schema:
        target = spec.resolve(part)
        # What is missing is missing where it is defined, not where it is referred to.
        own = shape_of(spec, (target,), depth + 1)
        if spec.is_3_0:
            return own, False
    own = _both(own, _keywords(spec, part)) if "$ref" not in schema or len(schema) > 1 else own
    all_of = schema.get("allOf")
    for index, below in enumerate(all_of if isinstance(all_of, list) else ()):
        own = _both(own, shape_of(spec, (At(below, f"{part.pointer}/allOf/{index}"),), depth + 1))
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword)
        if isinstance(branches, list) and branches:
            either = [
                shape_of(spec, (At(below, f"{part.pointer}/{keyword}/{index}"),), depth + 1)
                for index, below in enumerate(branches)
            ]
            own = _both(own, _either(either, part.pointer))
    if isinstance(schema.get("then"), dict):
        # What holds in one case only adds to what is known of properties, and demands none of them.
        then = shape_of(spec, (part.get("then"),), depth + 1)
        own = _both(own, replace(then, required=frozenset(), types=None))
    return own, schema.get("nullable") is True


def _keywords(spec: Spec, part: At) -> Shape:
    schema = part.value
    types = schema.get("type")
    enum = schema.get("enum") if isinstance(schema.get("enum"), list) else None
    if "const" in schema:
        enum = [schema["const"]]
    low, high = _bounds(spec, schema)
    properties = part.get("properties")
    required = schema.get("required")
    names = [types] if isinstance(types, str) else types if isinstance(types, list) else None
    return Shape(
        at=part.pointer,
        types=None if names is None else frozenset(map(str, names)) | _null_of_3_0(spec, schema),
        format=schema.get("format") if isinstance(schema.get("format"), str) else None,
        enum=None if enum is None else tuple(enum),
        low=low,
        high=high,
        min_length=_whole(schema.get("minLength")),
        max_length=_whole(schema.get("maxLength")),
        pattern=schema.get("pattern") if isinstance(schema.get("pattern"), str) else None,
        min_items=_whole(schema.get("minItems")),
        max_items=_whole(schema.get("maxItems")),
        properties={name: (at,) for name, at in properties.items()},
        required=frozenset(map(str, required)) if isinstance(required, list) else frozenset(),
        items=(part.get("items"),) if isinstance(schema.get("items"), dict | bool) else (),
        closed=schema.get("additionalProperties") is False,
        default=(schema["default"],) if "default" in schema else (),
        marks={name: at.pointer for name, at in part.items()},
    )


def _null_of_3_0(spec: Spec, schema: dict[str, Any]) -> frozenset[str]:
    return frozenset({"null"} if spec.is_3_0 and schema.get("nullable") is True else ())


def _bounds(spec: Spec, schema: dict[str, Any]) -> tuple[float | None, float | None]:
    """Inclusive bounds; exclusive ones are taken to the next whole number where the value is one."""
    low, high = _number(schema.get("minimum")), _number(schema.get("maximum"))
    step = 1 if schema.get("type") == "integer" else 0
    if spec.is_3_0:
        low = low + step if low is not None and schema.get("exclusiveMinimum") is True else low
        high = high - step if high is not None and schema.get("exclusiveMaximum") is True else high
        return low, high
    over, under = _number(schema.get("exclusiveMinimum")), _number(schema.get("exclusiveMaximum"))
    return _larger(low, None if over is None else over + step), _smaller(high, None if under is None else under - step)


def _both(one: Shape, other: Shape) -> Shape:
    """What two schemas allow together."""
    properties = dict(one.properties)
    for name, parts in other.properties.items():
        properties[name] = (*properties.get(name, ()), *parts)
    return Shape(
        at=one.at or other.at,
        types=_meet(one.types, other.types),
        format=other.format or one.format,
        enum=other.enum if one.enum is None else one.enum if other.enum is None else _common(one.enum, other.enum),
        low=_larger(one.low, other.low),
        high=_smaller(one.high, other.high),
        min_length=_larger(one.min_length, other.min_length),
        max_length=_smaller(one.max_length, other.max_length),
        pattern=other.pattern or one.pattern,
        min_items=_larger(one.min_items, other.min_items),
        max_items=_smaller(one.max_items, other.max_items),
        properties=properties,
        required=one.required | other.required,
        items=(*one.items, *other.items),
        closed=one.closed or other.closed,
        default=other.default or one.default,
        marks=one.marks | other.marks,
    )


def _either(branches: Sequence[Shape], at: str) -> Shape:
    """What any of several schemas allows. A branch that is null alone lets null in, and says nothing else."""
    real = [branch for branch in branches if branch.types != frozenset({"null"})] or list(branches)
    names = {name for branch in real for name in branch.properties}
    all_types = (
        None if any(b.types is None for b in branches) else frozenset[str]().union(*(b.types or () for b in branches))
    )

    def loosest(values: list[Any], choose: Any) -> Any:  # noqa: ANN401 - any comparable value
        return None if None in values else choose(values)

    formats, patterns = {branch.format for branch in real}, {branch.pattern for branch in real}
    enums = [branch.enum for branch in real]
    return Shape(
        at=at,
        types=all_types,
        format=formats.pop() if len(formats) == 1 else None,
        enum=None if None in enums else tuple(value for enum in enums for value in enum or ()),
        low=loosest([branch.low for branch in real], min),
        high=loosest([branch.high for branch in real], max),
        min_length=loosest([branch.min_length for branch in real], min),
        max_length=loosest([branch.max_length for branch in real], max),
        pattern=patterns.pop() if len(patterns) == 1 else None,
        min_items=loosest([branch.min_items for branch in real], min),
        max_items=loosest([branch.max_items for branch in real], max),
        properties={
            name: (Alternatives(tuple(branch.properties[name] for branch in real if name in branch.properties)),)
            for name in sorted(names)
        },
        required=frozenset.intersection(*(branch.required for branch in real)),
        items=(Alternatives(tuple(b.items for b in real)),) if all(b.items for b in real) else (),
        closed=all(branch.closed for branch in real),
        marks={name: pointer for branch in reversed(real) for name, pointer in branch.marks.items()},
    )


def _inferred(shape: Shape) -> Shape:
    """The types that follow from other keywords, where none are told."""
    if shape.types is not None:
        return shape
    if shape.enum:
        return replace(shape, types=frozenset(_type_of(value) for value in shape.enum))
    if shape.properties:
        return replace(shape, types=frozenset({"object"}))
    return replace(shape, types=frozenset({"array"})) if shape.items else shape


def _type_of(value: object) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _meet(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    # A whole number is a number too.
    extra = (
        {"integer"} if ("number" in one and "integer" in other) or ("integer" in one and "number" in other) else set()
    )
    return (one & other) | extra


def _common(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value for value in one if value in other)


def _larger(one: Any, other: Any) -> Any:  # noqa: ANN401 - int or float or None
    return other if one is None else one if other is None else max(one, other)


def _smaller(one: Any, other: Any) -> Any:  # noqa: ANN401 - int or float or None
    return other if one is None else one if other is None else min(one, other)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
