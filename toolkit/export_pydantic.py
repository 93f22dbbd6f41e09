"""The messages as pydantic models (version 2), in a module that needs nothing else."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from .export_jsonschema import TIMESTAMP
from .export_types import Named, named_types, reference, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD = '''"""The messages of Changed Entity Export Jobs, written by `exportproof schema export --format pydantic`.

Properties that are not described are kept as they come. What no schema can say, such as that a window lies in the last
90 days, is not checked here: `exportproof schema validate request` checks it.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Union

import pydantic
from pydantic import AwareDatetime, StrictBool, StrictInt, StrictStr


_TIMESTAMP = re.compile(r"TIMESTAMP_PATTERN")


def _as_rfc3339(value: Any) -> Any:
    """Take timestamps in the documented grammar, which allows for a blank before the offset."""
    if isinstance(value, str) and _TIMESTAMP.search(value):
        return value.replace(" ", "")
    if isinstance(value, datetime):
        return value
    raise ValueError("a timestamp with Z or an offset is wanted, such as 2026-11-01T00:00:00Z")


Timestamp = Annotated[AwareDatetime, pydantic.BeforeValidator(_as_rfc3339)]


def _no_boolean(value: Any) -> Any:
    """Python holds True for 1; JSON does not."""
    if isinstance(value, bool):
        raise ValueError("a number is wanted, not a boolean")
    return value


class Message(pydantic.BaseModel):
    """What all messages share. Write them with exclude_unset=True: what is absent is not null."""

    model_config = pydantic.ConfigDict(extra="allow")
'''
_SCALARS = {"string": "StrictStr", "integer": "StrictInt", "boolean": "StrictBool", "number": "float", "null": "None"}
_BOUNDS = {"minimum": "ge", "maximum": "le", "minLength": "min_length", "minItems": "min_length", "pattern": "pattern"}
_WIDTH = 100
_NULLS = (
    '    @pydantic.model_validator(mode="before")',
    "    @classmethod",
    "    def _drop_nulls(cls, value: Any) -> Any:",
    '        """Null counts as absent."""',
    "        if not isinstance(value, dict):",
    "            return value",
    "        return {name: one for name, one in value.items() if one is not None}",
)


def pydantic(schemas: Mapping[str, Any]) -> str:
    """Write the module."""
    types = named_types(schemas)
    parts = [_HEAD.replace("TIMESTAMP_PATTERN", TIMESTAMP)]
    parts += ["\n".join(_type(one, {other.name: other for other in types})) for one in types]
    return "\n\n\n".join(part.rstrip() for part in parts) + "\n"


def _type(one: Named, types: Mapping[str, Named]) -> Iterator[str]:
    if one.alias is not None:
        if types_of(one.alias) == ["array"]:
            yield f"class {one.name}(pydantic.RootModel[{_annotation(one.alias)}]):"
            yield _docstring(one.description)
        else:
            yield f"{one.name} = {_annotation(one.alias)}"
            yield f'"""{" ".join(one.description.split())}"""'
        return
    yield f"class {one.name}({one.base or 'Message'}):"
    yield _docstring(one.description)
    if one.members or one.inherited:
        yield ""
    for member in one.members:
        yield _member(member.name, member.schema, required=member.required)
    base = types[one.base] if one.base else None
    for name in sorted(one.inherited):
        known = next((member for member in base.members if member.name == name), None) if base else None
        if known is not None:
            yield _member(name, known.schema, required=True)
    if one.name.endswith("Request"):
        yield from ("", *_NULLS)
    if one.condition is not None:
        yield ""
        yield '    @pydantic.model_validator(mode="after")'
        yield f"    def _check_{one.condition.member}(self) -> {one.name}:"
        yield f"        if self.{one.condition.member} == {one.condition.value!r}:"
        yield f"            {one.condition.then}.model_validate_json(self.model_dump_json(exclude_unset=True))"
        yield "        return self"


def _docstring(text: str) -> str:
    lines = textwrap.wrap(" ".join(text.split()), _WIDTH)
    if len(lines) <= 1:
        return f'    """{" ".join(lines)}"""'
    return textwrap.indent('"""' + "\n".join(lines) + '\n"""', "    ")


def _member(name: str, schema: Mapping[str, Any], *, required: bool) -> str:
    annotation = _annotation(schema)
    if required:
        return f"    {name}: {annotation}"
    if "default" in schema:
        return f"    {name}: {annotation} = {schema['default']!r}"
    # Absent is not null: what was not set is not written either, with exclude_unset or exclude_none.
    return f"    {name}: {_or_absent(annotation)} = None"


def _or_absent(annotation: str) -> str:
    return annotation if annotation.endswith(", None]") else f"Union[{annotation}, None]"


def _annotation(schema: Mapping[str, Any]) -> str:
    """A schema as a type, with its bounds."""
    target = reference(schema)
    if target is not None:
        return target
    if "enum" in schema:
        choices = f"Literal[{', '.join(map(repr, schema['enum']))}]"
        numbers = any(isinstance(value, int) for value in schema["enum"])
        return f"Annotated[{choices}, pydantic.BeforeValidator(_no_boolean)]" if numbers else choices
    kinds = [_kind(name, schema) for name in types_of(schema)]
    if not kinds:
        return "Any"
    return kinds[0] if len(kinds) == 1 else f"Union[{', '.join(kinds)}]"


def _kind(name: str, schema: Mapping[str, Any]) -> str:
    if name == "array":
        items = _annotation(schema.get("items", {}))
        return _bounded(f"list[{items}]", schema, ("minItems",))
    if name == "object":
        return "dict[str, Any]"
    if name == "string" and schema.get("format") == "export-timestamp":
        return "Timestamp"
    bounds = {"string": ("minLength", "pattern"), "integer": ("minimum", "maximum")}.get(name, ())
    return _bounded(_SCALARS[name], schema, bounds)


def _bounded(annotation: str, schema: Mapping[str, Any], keywords: tuple[str, ...]) -> str:
    found = [f"{_BOUNDS[keyword]}={schema[keyword]!r}" for keyword in keywords if keyword in schema]
    return f"Annotated[{annotation}, pydantic.Field({', '.join(found)})]" if found else annotation
