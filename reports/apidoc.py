"""An OpenAPI document as the API reference shows it: operations and schemas with their references followed.

It understands what the documents of `spec/` use; `tests/unit/test_reports_docs.py` holds that every schema
keyword in them is either shown or known to need no showing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
SHOWN_KEYWORDS = frozenset(
    {"$ref", "type", "format", "enum", "const", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
     "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "pattern", "items", "properties", "required",
     "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties", "allOf", "anyOf",
     "oneOf", "if", "then", "description", "examples", "x-seed"}
)  # fmt: skip
"""The keywords of a schema that the reference shows."""

_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} properties",
    "maxProperties": "at most {} properties",
    "pattern": "matches {}",
}


@dataclass(frozen=True)
class TypeText:
    """A type in words; `link` is the name of the schema that it links to, or None."""

    words: str
    link: str | None = None


@dataclass(frozen=True)
class Property:
    """One row of a table: a property, a parameter or a header."""

    name: str
    type: TypeText
    required: bool
    description: str
    facts: tuple[str, ...] = ()
    default: Any = None
    has_default: bool = False
    examples: tuple[Any, ...] = ()
    sources: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True)
class Shape:
    """A schema as a table of properties, with what else holds of it in sentences."""

    type: TypeText
    description: str
    properties: tuple[Property, ...] = ()
    notes: tuple[tuple[str, TypeText], ...] = ()
    facts: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """One body: its media type, its shape, and named examples."""

    media_type: str
    shape: Shape
    examples: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Answer:
    """One answer: its status, headers, bodies and links to operations."""

    status: str
    description: str
    headers: tuple[Property, ...] = ()
    contents: tuple[Content, ...] = ()
    links: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True)
class Operation:
    """One route and method."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    parameters: tuple[Property, ...] = ()
    body: tuple[Content, ...] = ()
    body_description: str = ""
    body_required: bool = False
    answers: tuple[Answer, ...] = ()
    security: tuple[str, ...] = ()


@dataclass(frozen=True)
class Api:
    """A whole document."""

    title: str
    version: str
    description: str
    servers: tuple[Mapping[str, Any], ...]
    operations: tuple[Operation, ...]
    schemas: Mapping[str, Shape]
    security: Mapping[str, Mapping[str, Any]]
    tags: Mapping[str, str] = field(default_factory=dict)


class Reader:
    """Reads an OpenAPI 3.1 document whose references are all inside it."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        """Keep the document to follow references in."""
        self._raw = raw

    def api(self) -> Api:
        """Return the whole document. Raises KeyError for a reference to nowhere."""
        raw, components = self._raw, self._raw.get("components", {})
        return Api(
            title=raw["info"]["title"],
            version=raw["info"]["version"],
            description=raw["info"].get("description", ""),
            servers=tuple(raw.get("servers", ())),
            operations=tuple(self._operations()),
            schemas={name: self.shape(schema) for name, schema in components.get("schemas", {}).items()},
            security=components.get("securitySchemes", {}),
            tags={tag["name"]: tag.get("description", "") for tag in raw.get("tags", ())},
        )

    def _operations(self) -> Iterator[Operation]:
        for path, item in self._raw["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item[method], item.get("parameters", ()))

    def _operation(self, path: str, method: str, raw: Mapping[str, Any], shared: Sequence[Any]) -> Operation:
        body = self._follow(raw.get("requestBody", {}))
        return Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            summary=raw.get("summary", ""),
            description=raw.get("description", ""),
            tags=tuple(raw.get("tags", ())),
            sources=tuple(raw.get("x-seed", ())),
            parameters=tuple(self._parameter(item) for item in (*shared, *raw.get("parameters", ()))),
            body=self._contents(body),
            body_description=body.get("description", ""),
            body_required=body.get("required", False),
            answers=tuple(self._answer(str(status), answer) for status, answer in raw["responses"].items()),
            security=tuple(name for item in raw.get("security", self._raw.get("security", ())) for name in item),
        )

    def _parameter(self, raw: Mapping[str, Any]) -> Property:
        raw = self._follow(raw)
        return self._property(
            raw["name"],
            raw["schema"],
            required=raw.get("required", False),
            description=raw.get("description"),
            examples=(raw["example"],) if "example" in raw else (),
            sources=tuple(raw.get("x-seed", ())),
            place=raw["in"],
        )

    def _answer(self, status: str, raw: Mapping[str, Any]) -> Answer:
        raw = self._follow(raw)
        headers = ((name, self._follow(header)) for name, header in raw.get("headers", {}).items())
        return Answer(
            status=status,
            description=raw.get("description", ""),
            headers=tuple(
                self._property(
                    name,
                    header["schema"],
                    required=header.get("required", False),
                    description=header.get("description"),
                    examples=(header["example"],) if "example" in header else (),
                )
                for name, header in headers
            ),
            contents=self._contents(raw),
            links=tuple(
                (link["operationId"], link.get("description", ""), link.get("parameters", {}))
                for link in map(self._follow, raw.get("links", {}).values())
            ),
        )

    def _contents(self, raw: Mapping[str, Any]) -> tuple[Content, ...]:
        return tuple(
            Content(
                media_type,
                self.shape(content.get("schema", {})),
                tuple(
                    (example.get("summary", name), example["value"])
                    for name, example in content.get("examples", {}).items()
                )
                or ((("Example", content["example"]),) if "example" in content else ()),
            )
            for media_type, content in raw.get("content", {}).items()
        )

    def shape(self, schema: Any) -> Shape:  # noqa: ANN401 - a schema is an object or a boolean
        """Return a schema as a table. A reference keeps its name, and its target's own words."""
        schema = {} if isinstance(schema, bool) else schema
        target = self._follow(schema)
        return Shape(
            type=self.type_text(schema),
            description=schema.get("description") or target.get("description", ""),
            properties=tuple(self._properties(target)),
            notes=tuple(self._notes(target)),
            facts=tuple(self._facts(target)),
            examples=tuple(target.get("examples", ())),
            sources=tuple(target.get("x-seed", ())),
        )

    def _properties(self, schema: Mapping[str, Any]) -> Iterator[Property]:
        required = schema.get("required", ())
        for name, item in schema.get("properties", {}).items():
            yield self._property(name, item, required=name in required)
        for pattern, item in schema.get("patternProperties", {}).items():
            yield self._property(f"name like {pattern}", item, required=False)
        if isinstance(schema.get("additionalProperties"), dict):
            yield self._property("any other name", schema["additionalProperties"], required=False)

    def _property(
        self,
        name: str,
        schema: Any,  # noqa: ANN401
        *,
        required: bool,
        description: str | None = None,
        examples: tuple[Any, ...] = (),
        sources: tuple[str, ...] = (),
        place: str = "",
    ) -> Property:
        schema = {} if isinstance(schema, bool) else schema
        target = self._follow(schema)
        return Property(
            name=name,
            type=self.type_text(schema),
            required=required,
            description=description or schema.get("description") or target.get("description", ""),
            facts=tuple(self._facts(target)),
            default=target.get("default"),
            has_default="default" in target,
            examples=examples or tuple(target.get("examples", ())),
            sources=sources or tuple(target.get("x-seed", ())),
            place=place,
        )

    def _notes(self, schema: Mapping[str, Any]) -> Iterator[tuple[str, TypeText]]:
        """Yield what a schema says beside its properties, each with the schema that it names."""
        for keyword, words in (
            ("allOf", "Also has all of"),
            ("anyOf", "Is at least one of"),
            ("oneOf", "Is one of"),
        ):
            for part in schema.get(keyword, ()):
                yield words, self.type_text(part)
        if "if" in schema and "then" in schema:
            yield f"When {self._condition(schema['if'])}, also has all of", self.type_text(schema["then"])
        if "items" in schema:
            yield "Each item is", self.type_text(schema["items"])

    @staticmethod
    def _condition(schema: Mapping[str, Any]) -> str:
        tests = [
            f"{name} is {test['const']}" if "const" in test else f"{name} is one of {', '.join(map(str, test['enum']))}"
            for name, test in schema.get("properties", {}).items()
            if "const" in test or "enum" in test
        ]
        return " and ".join(tests or [f"{' and '.join(schema.get('required', ['it']))} is present"])

    def _facts(self, schema: Mapping[str, Any]) -> Iterator[str]:
        """Yield the bounds of a schema in words."""
        if "enum" in schema:
            yield "one of " + ", ".join("null" if value is None else str(value) for value in schema["enum"])
        if "const" in schema:
            yield f"always {schema['const']}"
        for keyword, words in _BOUNDS.items():
            if keyword in schema:
                yield words.format(schema[keyword])
        if schema.get("uniqueItems"):
            yield "no item twice"
        if schema.get("additionalProperties") is False:
            yield "no other properties"
        if "propertyNames" in schema:
            yield from (f"each name {fact}" for fact in self._facts(self._follow(schema["propertyNames"])))
        if "required" in schema and "properties" not in schema:
            yield f"has {', '.join(schema['required'])}"

    def type_text(self, schema: Any) -> TypeText:  # noqa: ANN401
        """Return a schema's type in words, with the name of the schema that it refers to."""
        if isinstance(schema, bool) or not schema:
            return TypeText("any value")
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            return TypeText(name, name if schema["$ref"].startswith("#/components/schemas/") else None)
        kinds = schema.get("type", "any value")
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if "array" in kinds and "items" in schema:
            item = self.type_text(schema["items"])
            nullable = " or null" if "null" in kinds else ""
            return TypeText(f"array of {item.words}{nullable}", item.link)
        words = " or ".join(kinds)
        return TypeText(f"{words} ({schema['format']})" if "format" in schema else words)

    def _follow(self, raw: Any) -> Any:  # noqa: ANN401
        """Return what a reference points at, or the value itself when it is none."""
        while isinstance(raw, dict) and "$ref" in raw:
            found: Any = self._raw
            for step in raw["$ref"].removeprefix("#/").split("/"):
                found = found[re.sub("~1", "/", step).replace("~0", "~")]
            raw = found
        return raw
