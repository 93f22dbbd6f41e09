"""The messages as JSON Schema, draft 2020-12: nothing in them refers to what is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PREFIX = "#/components/schemas/"
TIMESTAMP = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?[ ]?([Zz]|[+-][0-9]{2}:?[0-9]{2})$"
)
"""The documented grammar of timestamps, which format date-time is narrower than: a blank may precede the offset."""


def json_schema(names: Iterable[str]) -> dict[str, Any]:
    """The self-contained schema of one message, or a document with the definitions of several."""
    names = list(names)
    schemas: Mapping[str, Any] = catalogue.document("openapi.yaml")["components"]["schemas"]
    definitions: dict[str, Any] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in definitions:
            definitions[name] = _rewritten(schemas[name])
            waiting += sorted(_references(schemas[name]))
    if len(names) == 1:
        own = definitions.pop(names[0])
        return {"$schema": _DIALECT, "title": names[0], **own} | ({"$defs": definitions} if definitions else {})
    return {"$schema": _DIALECT, "title": "Changed Entity Export Jobs", "$defs": definitions}


def _references(schema: Any) -> set[str]:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, list):
        return set().union(*map(_references, schema))
    if not isinstance(schema, dict):
        return set()
    found = set().union(*map(_references, schema.values())) if schema else set()
    reference = schema.get("$ref")
    return found | {reference.removeprefix(_PREFIX)} if isinstance(reference, str) else found


def _rewritten(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, list):
        return [_rewritten(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for key, value in schema.items():
        if key.startswith("x-") or (key == "format" and value == "export-timestamp"):
            continue
        if key == "$ref":
            found[key] = f"#/$defs/{value.removeprefix(_PREFIX)}"
        else:
            found[key] = value if key in ("examples", "enum", "const", "default") else _rewritten(value)
    if schema.get("format") == "export-timestamp":
        found["pattern"] = TIMESTAMP
    return found
