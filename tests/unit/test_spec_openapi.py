"""The OpenAPI documents: valid, complete in every description, and true to their own examples."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import FormatChecker
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from exportproof.spec import catalogue
from exportproof.spec.formats import FORMATS, is_export_timestamp, is_web_address

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTS = ("openapi.yaml", "control.yaml")
METHODS = ("get", "put", "post", "delete", "patch")
API_OPERATIONS = {
    ("post", "/changedEntityExportJobs"),
    ("get", "/changedEntityExportJobs/{exportJobId}"),
    ("get", "/changedEntityExportJobs/resources"),
    ("get", "/changedEntityExportJobs/fields/{resourceType}"),
    ("get", "/changedEntityExportJobs/changeTypes/{resourceType}"),
}
SEED_PROPERTIES = {
    "dateChangedFrom", "dateChangedTo", "resourceType", "requestedIds", "requestedFields",
    "requestedCustomFieldIds", "fileSizeKbLimit", "includeInactive", "contactMode",
    "requestedActivistCodeIds",
}  # fmt: skip


def checker() -> FormatChecker:
    """The OAS 3.1 format checks and the project's own."""
    formats = FormatChecker(formats=())
    formats.checkers = dict(OAS31Validator.FORMAT_CHECKER.checkers)
    for name, check in FORMATS.items():
        formats.checks(name)(check)
    return formats


FORMAT_CHECKER = checker()


def walk(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every node of a document with its path; example values are data and are not walked into."""
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in ("example", "examples", "default", "enum", "const") or path[-1:] == ("properties",):
                yield from walk(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, (*path, index))


def resolve(document: Any, reference: str) -> Any:
    """What a local $ref points to."""
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Every operation as method, path, object."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def schema_problems(document: Any, schema: Any, value: Any) -> list[str]:
    """What is wrong with a value by a schema of the document."""
    whole = {**schema, "components": document["components"]}
    return [e.message for e in OAS31Validator(whole, format_checker=FORMAT_CHECKER).iter_errors(value)]


def below(where: str, schema: Any) -> Iterator[tuple[str, str, Any]]:
    """Every schema inside a schema, as place, role, schema; what stands under `if` only tells cases apart."""
    for name, member in schema.get("properties", {}).items():
        yield f"{where}.{name}", "property", member
        yield from below(f"{where}.{name}", member)
    for keyword in ("items", "additionalProperties", "then", "else"):
        if isinstance(schema.get(keyword), dict):
            yield f"{where}.{keyword}", keyword, schema[keyword]
            yield from below(f"{where}.{keyword}", schema[keyword])
    for keyword in ("allOf", "anyOf", "oneOf"):
        for member in schema.get(keyword, ()):
            yield f"{where}.{keyword}", keyword, member
            yield from below(f"{where}.{keyword}", member)


def schemas(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Every schema of a document, as place, role and schema."""
    for name, schema in document["components"]["schemas"].items():
        yield name, "component", schema
        yield from below(name, schema)
    for path, node in walk(document):
        if isinstance(node, dict) and "schema" in node and path[:2] != ("components", "schemas"):
            yield "/".join(map(str, path)), "body", node["schema"]
            yield from below("/".join(map(str, path)), node["schema"])


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> Any:
    """One of the two documents."""
    return catalogue.document(request.param)


def test_document_is_valid_openapi(document: Any) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_operation_is_described(document: Any) -> None:
    for method, path, operation in operations(document):
        where = f"{method.upper()} {path}"
        for key in ("operationId", "summary", "description", "tags"):
            assert operation.get(key), f"{where} has no {key}"
        assert operation.get("security", document.get("security")), f"{where} has no security"
        statuses = set(operation["responses"])
        assert {"401", "4XX"} <= statuses, f"{where} lacks 401 or 4XX"
        assert any(status.startswith("2") for status in statuses), f"{where} has no success"
        declared = {tag["name"] for tag in document["tags"]}
        assert set(operation["tags"]) <= declared, f"{where} has a tag that is not declared"


def test_operation_ids_are_unique(document: Any) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert sorted(set(ids)) == sorted(ids)


def test_every_property_is_described(document: Any) -> None:
    for where, role, schema in schemas(document):
        if "$ref" not in schema:
            assert schema.get("type"), f"{where} has no type"
            if role in ("property", "component"):
                assert schema.get("description"), f"{where} has no description"
            if role == "property" or (role == "component" and schema["type"] in ("string", "integer")):
                assert schema.get("examples"), f"{where} has no examples"


def test_every_response_parameter_and_header_is_described(document: Any) -> None:
    components = document["components"]
    described = [*components.get("responses", {}).items(), *components.get("parameters", {}).items()]
    for method, path, operation in operations(document):
        described += [(f"{method} {path} {key}", answer) for key, answer in operation["responses"].items()]
    described += [
        (f"{where} {name}", header)
        for where, answer in tuple(described)
        for name, header in answer.get("headers", {}).items()
    ]
    for where, node in described:
        assert "$ref" in node or node.get("description"), f"{where} has no description"


def test_references_resolve_and_no_component_is_unused(document: Any) -> None:
    used = set()
    for _, node in walk(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert resolve(document, node["$ref"]) is not None
            used.add(node["$ref"])
    declared = {
        f"#/components/{kind}/{name}"
        for kind, members in document["components"].items()
        if kind != "securitySchemes"
        for name in members
    }
    assert declared == used


def test_schema_examples_and_defaults_obey_their_schemas(document: Any) -> None:
    checked = 0
    for where, _, schema in schemas(document):
        values = [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())]
        for value in values:
            checked += 1
            problems = schema_problems(document, schema, value)
            assert problems == [], f"{where}: {value!r}: {problems}"
    assert checked > 10


def test_body_examples_obey_their_schemas(document: Any) -> None:
    checked = 0
    for path, node in walk(document):
        if isinstance(node, dict) and "schema" in node:
            assert node.get("examples") or "example" in node, f"{'/'.join(map(str, path))} has no example"
            values = [example["value"] for example in node.get("examples", {}).values()]
            values += [node["example"]] if "example" in node else []
            for value in values:
                checked += 1
                problems = schema_problems(document, node["schema"], value)
                assert problems == [], f"{'/'.join(map(str, path))}: {value!r}: {problems}"
    assert checked > 5


def test_links_name_an_operation_and_its_parameters(document: Any) -> None:
    by_id = {operation["operationId"]: operation for _, _, operation in operations(document)}
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                target = by_id[link["operationId"]]
                names = {(resolve(document, p["$ref"]) if "$ref" in p else p)["name"] for p in target["parameters"]}
                assert set(link["parameters"]) <= names


def test_sources_are_addresses_or_references(document: Any) -> None:
    known = set(catalogue.read_text("addresses.txt").split())
    for path, node in walk(document):
        if isinstance(node, dict) and "x-seed" in node:
            for source in node["x-seed"]:
                assert source in known or source.startswith("facts:"), f"{'/'.join(map(str, path))}: {source}"


def test_keyed_by_status_text() -> None:
    for name in DOCUMENTS:
        for _, path, operation in operations(catalogue.document(name)):
            for status in operation["responses"]:
                assert re.fullmatch(r"[1-5](\d\d|XX)", status), (path, status)


def test_the_five_operations_are_there() -> None:
    document = catalogue.document("openapi.yaml")
    assert {(method, path) for method, path, _ in operations(document)} == API_OPERATIONS


def test_creation_has_every_property_of_the_seed() -> None:
    body = catalogue.document("openapi.yaml")["components"]["schemas"]["ExportJobRequest"]
    assert set(body["properties"]) == SEED_PROPERTIES | {"excludeChangesFromSelf"}
    assert body["required"] == ["dateChangedFrom", "resourceType"]
    limit = body["properties"]["fileSizeKbLimit"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1000, 100_000, 40_000)
    assert body["properties"]["includeInactive"]["default"] is False


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("fileSizeKbLimit", 1000, True),
        ("fileSizeKbLimit", 999, False),
        ("fileSizeKbLimit", 100_000, True),
        ("fileSizeKbLimit", 100_001, False),
        ("fileSizeKbLimit", 1000.5, False),
        ("contactMode", 0, False),
        ("contactMode", 4, False),
        ("requestedIds", [2**31], False),
        ("requestedIds", [2**31 - 1], True),
        ("requestedIds", [], True),
        ("requestedIds", [7, 7], True),
        ("requestedIds", ["7"], False),
        ("includeInactive", "true", False),
        ("dateChangedTo", "2026-11-08", False),
        ("dateChangedTo", "2026-11-08T00:00:00.00 -05:00", True),
        ("unknown", {"anything": 1}, True),
    ],
)
def test_creation_bounds(name: str, value: Any, fits: bool) -> None:
    document = catalogue.document("openapi.yaml")
    body = {"dateChangedFrom": "2026-11-01T00:00:00Z", "resourceType": "Contacts", name: value}
    problems = schema_problems(document, {"$ref": "#/components/schemas/ExportJobRequest"}, body)
    assert (problems == []) is fits


@pytest.mark.parametrize("name", ["dateChangedFrom", "resourceType"])
def test_creation_requires(name: str) -> None:
    document = catalogue.document("openapi.yaml")
    body = {"dateChangedFrom": "2026-11-01T00:00:00Z", "resourceType": "Contacts"}
    del body[name]
    assert schema_problems(document, {"$ref": "#/components/schemas/ExportJobRequest"}, body) != []


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2026-11-08T10:15:54.2106809-05:00", True),
        ("2026-11-08T10:15:54.00Z", True),
        ("2026-11-08T10:15:54.00 -05:00", True),
        ("2026-11-08t10:15:54z", True),
        ("2026-11-08T10:15:54", False),
        ("2026-11-08", False),
        ("2026-02-30T00:00:00Z", False),
        ("0001-01-01T00:00:00+04:00", False),
        ("tomorrow", False),
        (12, True),
        (None, True),
    ],
)
def test_timestamp_format(text: object, fits: bool) -> None:
    assert is_export_timestamp(text) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("https://files.example.org/a.csv?sig=1%2B2", True),
        ("HTTP://127.0.0.1:8080/x", True),
        ("http://[::1]:9/x", True),
        ("", False),
        ("/exports/1.csv", False),
        ("files.example.org/1.csv", False),
        ("ftp://files.example.org/1.csv", False),
        ("https:///1.csv", False),
        ("https://files.example.org/a b.csv", False),
        ("http://127.0.0.1:99999/x", False),
        ("http://[::1/x", False),
        (None, True),
    ],
)
def test_address_format(text: object, fits: bool) -> None:
    assert is_web_address(text) is fits
