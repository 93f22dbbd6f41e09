"""Compares what two schemas allow: what got narrower breaks requests, and what got wider breaks readers of answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .change import Change
from .shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .openapi import At, Spec
    from .shape import Alternatives, Shape

    Parts = tuple[At | Alternatives, ...]

_LOWER = (
    ("minimum", "low"), ("minLength", "min_length"), ("minItems", "min_items"),
)  # fmt: skip
_UPPER = (
    ("maximum", "high"), ("maxLength", "max_length"), ("maxItems", "max_items"),
)  # fmt: skip
_WIDER_FORMATS = {("int32", "int64"), ("float", "double"), ("date-time", "export-timestamp")}
"""Formats of which the second takes all that the first does, and more."""
_SCALARS = frozenset({"string", "number", "integer", "boolean"})
_DEEPEST = 12


@dataclass(frozen=True)
class SchemaDiff:
    """Two documents, and which way the messages go: a request is read by the server, an answer by clients."""

    old: Spec
    new: Spec
    direction: Literal["request", "response"]
    textual: bool = False
    """True for parameters, all of which travel as text: a text takes what a number did."""

    def compare(self, old: Parts, new: Parts, name: str, depth: int = 0) -> Iterator[Change]:
        """Every difference in what two schemas allow. `name` is the place in the message."""
        if depth > _DEEPEST:
            return
        before, after = shape_of(self.old, old), shape_of(self.new, new)
        yield from self._types(before, after, name)
        yield from self._bounds(before, after, name)
        yield from self._choices(before, after, name)
        yield from self._format(before, after, name)
        yield from self._default(before, after, name)
        yield from self._object(before, after, name, depth)
        if before.items and after.items:
            yield from self.compare(before.items, after.items, f"{name}[]", depth + 1)

    def _say(self, code: str, message: str, after: str, *, wider: bool, old: Any = None, new: Any = None) -> Change:  # noqa: ANN401
        """A change that lets more in (`wider`) or less."""
        return Change(
            code, wider is (self.direction == "response"), f"{message} in the {self.direction}", self.new.path,
            self.new.line(after), after, None if old is None else str(old), None if new is None else str(new),
        )  # fmt: skip

    def _types(self, before: Shape, after: Shape, name: str) -> Iterator[Change]:
        old, new = before.types, after.types
        if old == new:
            return
        told = {"old": _types_text(old), "new": _types_text(new)}
        mark = after.mark("type")
        if self.textual:
            old, new = (one if one is None or "string" not in one else one | _SCALARS for one in (old, new))
        if old is None or (new is not None and _within(new, old)):
            yield self._say("type-narrowed", f"{name} takes fewer types", mark, wider=False, **told)
        elif new is None or _within(old, new):
            what = "may be null" if new is not None and new - old == {"null"} else "takes more types"
            yield self._say("type-widened", f"{name} {what}", mark, wider=True, **told)
        else:
            yield Change("type-changed", True, f"{name} has another type in the {self.direction}", self.new.path,  # noqa: FBT003
                         self.new.line(mark), mark, **told)  # fmt: skip

    def _bounds(self, before: Shape, after: Shape, name: str) -> Iterator[Change]:
        if before.choices is not None and after.choices is not None:
            return
        for keyword, attribute in (*_LOWER, *_UPPER):
            old, new = getattr(before, attribute), getattr(after, attribute)
            if old == new or (keyword.startswith("min") and {old, new} == {None, 0} and keyword != "minimum"):
                continue
            is_upper = keyword.startswith("max")
            wider = new is None or (old is not None and (new > old if is_upper else new < old))
            yield self._say(f"{keyword}-changed", f"{name} has another {keyword}", after.mark(keyword), wider=wider,
                            old=_or_none(old), new=_or_none(new))  # fmt: skip
        if before.pattern != after.pattern:
            yield self._other("pattern", before.pattern, after.pattern, after, name)

    def _choices(self, before: Shape, after: Shape, name: str) -> Iterator[Change]:
        old, new = before.choices, after.choices
        if old == new:
            return
        mark = after.mark("enum")
        if old is None or new is None:
            said = "has a fixed list of values" if old is None else "has no fixed list of values any more"
            yield self._say("enum-added" if old is None else "enum-removed", f"{name} {said}", mark, wider=new is None)
            return
        for value in sorted(old - new):
            yield self._say("enum-value-removed", f"{name} cannot be {value} any more", mark, wider=False)
        for value in sorted(new - old):
            yield self._say("enum-value-added", f"{name} can be {value}", mark, wider=True)

    def _format(self, before: Shape, after: Shape, name: str) -> Iterator[Change]:
        if before.format != after.format:
            yield self._other("format", before.format, after.format, after, name)

    def _other(self, keyword: str, old: str | None, new: str | None, after: Shape, name: str) -> Change:
        """A keyword that is there or not, or that says something else: then it is wider or narrower, or neither."""
        message, mark = f"{name} has another {keyword}", after.mark(keyword)
        told = {"old": _or_none(old), "new": _or_none(new)}
        if new is None or (old, new) in _WIDER_FORMATS:
            return self._say(f"{keyword}-changed", message, mark, wider=True, **told)
        if old is None or (new, old) in _WIDER_FORMATS:
            return self._say(f"{keyword}-changed", message, mark, wider=False, **told)
        return Change(f"{keyword}-changed", True, f"{message} in the {self.direction}", self.new.path,  # noqa: FBT003
                      self.new.line(mark), mark, **told)  # fmt: skip

    def _default(self, before: Shape, after: Shape, name: str) -> Iterator[Change]:
        if self.direction == "response" or before.default == after.default:
            return
        mark = after.mark("default")
        breaking = bool(before.default and after.default)
        yield Change(
            "default-changed", breaking, f"{name} has another default", self.new.path, self.new.line(mark), mark,
            *(json.dumps(one.default[0]) if one.default else "none" for one in (before, after)),
        )  # fmt: skip

    def _object(self, before: Shape, after: Shape, name: str, depth: int) -> Iterator[Change]:
        for one, parts in before.properties.items():
            if one in after.properties:
                yield from self.compare(parts, after.properties[one], _joined(name, one), depth + 1)
            elif before.properties and after.types != frozenset():
                mark = after.mark("properties")
                yield Change("property-removed", True, f"{_joined(name, one)} is gone from the {self.direction}",  # noqa: FBT003
                             self.new.path, self.new.line(mark), mark)  # fmt: skip
        for one in after.properties:
            if one not in before.properties and one not in after.required:
                yield self._new_property(_joined(name, one), after.properties_at(one))
        for one in sorted(after.required - before.required):
            if one not in before.properties and self.direction == "response":
                yield self._new_property(_joined(name, one), after.mark("required"))
                continue
            yield self._say(
                "required-added", f"{_joined(name, one)} is required now", after.mark("required"), wider=False
            )
        for one in sorted(before.required - after.required):
            if one in after.properties or one not in before.properties:
                yield self._say("required-removed", f"{_joined(name, one)} is optional now", after.mark("required"),
                                wider=True)  # fmt: skip
        yield from self._openness(before, after, name)

    def _new_property(self, name: str, pointer: str) -> Change:
        message = f"{name} is new in the {self.direction}"
        line = self.new.line(pointer)
        return Change("property-added", breaking=False, message=message, file=self.new.path, line=line, pointer=pointer)

    def _openness(self, before: Shape, after: Shape, name: str) -> Iterator[Change]:
        if before.closed != after.closed:
            mark = after.mark("additionalProperties")
            closed = self.direction == "request" and after.closed
            word = "no" if after.closed else "any"
            message = f"{name or 'the body'} allows for {word} other properties now, in the {self.direction}"
            yield Change("additional-properties-changed", closed, message, self.new.path, self.new.line(mark), mark)


def _within(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether every type of the first is among those of the second; a whole number is a number."""
    return one - ({"integer"} if "number" in other else set()) <= other


def _types_text(types: frozenset[str] | None) -> str:
    return "any" if types is None else " or ".join(sorted(types)) or "nothing"


def _or_none(value: object) -> str:
    return "none" if value is None else str(value)


def _joined(name: str, below: str) -> str:
    return f"{name}.{below}" if name else below
