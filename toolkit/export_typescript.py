"""The messages as TypeScript types, in a module that imports nothing."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from .export_types import Named, named_types, reference, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD = """// The messages of Changed Entity Export Jobs, written by `exportproof schema export --format typescript`.
// Bounds that a type cannot hold stand in the comments. An exportJobId can exceed 32 bits."""
_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_WORDS = {
    "format": "format {}", "minimum": "at least {}", "maximum": "at most {}", "pattern": "matches {}",
    "default": "{} if absent",
}  # fmt: skip
_WIDTH = 100


def typescript(schemas: Mapping[str, Any]) -> str:
    """Write the module."""
    return "\n\n".join([_HEAD, *("\n".join(_type(one)) for one in named_types(schemas))]) + "\n"


def _type(one: Named) -> Iterator[str]:
    yield _comment(one.description, "")
    if one.alias is not None:
        yield f"export type {one.name} = {_text(one.alias)};"
        return
    own = [line for member in one.members for line in _member(member.name, member.schema, required=member.required)]
    if one.base is None:
        yield from (f"export interface {one.name} {{", *own, "}")
        return
    parts = [one.base]
    if one.inherited:
        parts.append(f"Required<Pick<{one.base}, {' | '.join(map(json.dumps, sorted(one.inherited)))}>>")
    if own:
        parts.append("{\n" + "\n".join(own) + "\n}")
    core = " & ".join(parts)
    if one.condition is None:
        yield f"export type {one.name} = {core};"
        return
    # One value of the member demands more; with any other one it is as it was.
    name, value, then = json.dumps(one.condition.member), json.dumps(one.condition.value), one.condition.then
    yield f"export type {one.name} ="
    yield f"  | (Omit<{core}, {name} | keyof {then}> & {{ {one.condition.member}: {value} }} & {then})"
    other = f"Exclude<Required<{one.base}>[{name}], {value}>"
    yield f"  | (Omit<{core}, {name}> & {{ {one.condition.member}: {other} }});"


def _member(name: str, schema: Mapping[str, Any], *, required: bool) -> Iterator[str]:
    bounds = ["not empty"] if schema.get("minLength") == 1 or schema.get("minItems") == 1 else []
    bounds += [_WORDS[key].format(json.dumps(value) if key == "default" else value) for key, value in schema.items()
               if key in _WORDS]  # fmt: skip
    description = schema.get("description", "").rstrip(".")
    text = ". ".join(part for part in (description, "; ".join(bounds).capitalize() if bounds else "") if part)
    if text:
        yield _comment(f"{text}.", "  ")
    yield f"  {name}{'' if required else '?'}: {_text(schema)};"


def _comment(text: str, indent: str) -> str:
    safe = " ".join(text.split()).replace("*/", "* /")
    lines = textwrap.wrap(safe, _WIDTH)
    if len(lines) <= 1:
        return f"{indent}/** {' '.join(lines)} */"
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}" for line in lines), f"{indent} */"])


def _text(schema: Mapping[str, Any]) -> str:
    target = reference(schema)
    if target is not None:
        return target
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    return " | ".join(_kind(name, schema) for name in types_of(schema)) or "unknown"


def _kind(name: str, schema: Mapping[str, Any]) -> str:
    if name == "array":
        items = _text(schema.get("items", {}))
        return f"({items})[]" if " " in items else f"{items}[]"
    return "Record<string, unknown>" if name == "object" else _SCALARS[name]
