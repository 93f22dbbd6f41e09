"""`schema lint`: our own document in other words is clean, and each defect is told by its code and place."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from exportproof.spec import catalogue
from exportproof.toolkit import BadInput, lint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from exportproof.toolkit import Linted, Remark

POST = "/changedEntityExportJobs"
JOB = "/changedEntityExportJobs/{exportJobId}"


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of our document, to be written otherwise."""
    return deepcopy(catalogue.document("openapi.yaml"))


@pytest.fixture
def judge(tmp_path: Path) -> Callable[[Any], Linted]:
    """Writes a document as JSON, which is YAML as well, or a text as it is, and lints it."""

    def judge(document: Any) -> Linted:
        path = tmp_path / "api.yaml"
        text = document if isinstance(document, str) else json.dumps(document, indent=1)
        path.write_text(text, encoding="utf-8")
        return lint(path)

    return judge


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def body(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas(document)["ExportJobRequest"]["properties"]
    return found


def in_3_0(value: Any) -> Any:
    """The same in OpenAPI 3.0: nullable, one type a schema, one example."""
    if isinstance(value, list):
        return [in_3_0(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: in_3_0(item) for key, item in value.items() if key not in ("if", "then", "identifier", "summary")}
    types = found.get("type")
    if isinstance(types, list):
        real = [name for name in types if name != "null"]
        found |= {"nullable": True} if "null" in types else {}
        found.pop("type")
        found |= {"type": real[0]} if len(real) == 1 else {"anyOf": [{"type": name} for name in real]}
    if isinstance(found.get("examples"), list):
        found.pop("examples")
    return found


def inlined(document: dict[str, Any], value: Any) -> Any:
    """The same without a single reference."""
    if isinstance(value, list):
        return [inlined(document, item) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        target: Any = document
        for step in value["$ref"].split("/")[1:]:
            target = target[step]
        return inlined(document, target)
    return {key: inlined(document, item) for key, item in value.items()}


def test_our_own_document_has_nothing_against_it(document: dict[str, Any], judge: Callable[[Any], Linted]) -> None:
    assert judge(document).remarks == ()


def test_nor_has_it_in_openapi_3_2(document: dict[str, Any], judge: Callable[[Any], Linted]) -> None:
    assert judge(document | {"openapi": "3.2.0"}).remarks == ()


def test_nor_has_it_in_openapi_3_0(document: dict[str, Any], judge: Callable[[Any], Linted]) -> None:
    old = in_3_0(document) | {"openapi": "3.0.3"}
    # The document's own title is no summary that 3.0 lacks, and a job's state is told in one schema there.
    schemas(old)["ExportJob"]["properties"] = in_3_0(schemas(document)["CompleteJob"]["properties"])
    assert [str(remark) for remark in judge(old).remarks if remark.level == "error"] == []


@pytest.mark.parametrize("prefix", ["/v4", "/api/{tenant}/v4"])
def test_nor_with_other_names_and_without_references(
    prefix: str, document: dict[str, Any], judge: Callable[[Any], Linted]
) -> None:
    flat = inlined(document, {key: value for key, value in document.items() if key != "components"})
    flat["components"] = {"securitySchemes": {"keys": {"type": "http", "scheme": "Basic"}}}
    flat["security"] = [{"keys": []}]
    flat["paths"] = {f"{prefix}{path}": item for path, item in flat["paths"].items()}
    for item in flat["paths"].values():
        for operation in item.values():
            operation.pop("operationId")
            for response in operation["responses"].values():
                response.pop("links", None)
        if "{tenant}" in prefix:
            item["parameters"] = [{"name": "tenant", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert judge(flat).remarks == ()


def test_bounds_may_be_written_in_other_words(document: dict[str, Any], judge: Callable[[Any], Linted]) -> None:
    limit, mode = body(document)["fileSizeKbLimit"], body(document)["contactMode"]
    limit |= {"exclusiveMinimum": limit.pop("minimum") - 1, "exclusiveMaximum": limit.pop("maximum") + 1}
    mode |= {"minimum": 1, "maximum": 3}
    del mode["enum"]
    body(document)["dateChangedTo"] = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    assert judge(document).remarks == ()


@pytest.mark.parametrize("media_type", ["*/*", "application/*", "application/json; charset=utf-8", "text/x+json"])
def test_json_may_be_described_under_a_range(
    media_type: str, document: dict[str, Any], judge: Callable[[Any], Linted]
) -> None:
    text = json.dumps(document).replace('"application/json":', f'"{media_type}":')
    assert judge(text).remarks == ()


DEFECTS: dict[str, tuple[Any, str, str, str]] = {
    "missing-minimum": (lambda d: body(d)["fileSizeKbLimit"].pop("minimum"), "missing-minimum", "error",
        "/fileSizeKbLimit"),
    "wrong-maximum": (lambda d: body(d)["fileSizeKbLimit"].update(maximum=50000, examples=[2000]), "wrong-maximum",
        "error", "/fileSizeKbLimit/maximum"),
    "wrong-type of a request": (lambda d: body(d).update(includeInactive={"type": "string"}), "wrong-type", "error",
        "/includeInactive/type"),
    "wrong-type of an answer": (lambda d: schemas(d)["JobState"]["properties"].update(exportedRecordCount={"type":
        "string"}), "wrong-type", "error", "/exportedRecordCount/type"),
    "missing-type": (lambda d: body(d).update(requestedIds={}), "missing-type", "error", "/requestedIds"),
    "wrong-type of items": (lambda d: body(d).update(requestedFields={"type": "array", "items": {"type": "integer"}}),
        "wrong-type", "error", "/requestedFields/items/type"),
    "missing-items": (lambda d: body(d).update(requestedFields={"type": "array"}), "missing-items", "error",
        "/requestedFields"),
    "a date without time": (lambda d: body(d).update(dateChangedTo={"type": "string", "format": "date"}),
        "wrong-format", "error", "/dateChangedTo/format"),
    "a date without format": (lambda d: body(d).update(dateChangedTo={"type": "string"}), "missing-format", "warning",
        "/dateChangedTo"),
    "int32 job id": (lambda d: schemas(d)["JobState"]["properties"].update(exportJobId={"type": "integer", "format":
        "int32"}), "int32-job-id", "error", "/exportJobId/format"),
    "int32 in the path": (lambda d: d["components"]["parameters"]["exportJobId"].update(schema={"type": "integer",
        "format": "int32"}), "int32-job-id", "error", "/exportJobId/schema/format"),
    "missing-required": (lambda d: schemas(d)["ExportJobRequest"]["required"].remove("resourceType"),
        "missing-required", "error", "/ExportJobRequest/required"),
    "missing-required of a file": (lambda d: schemas(d)["ExportFile"].pop("required"), "missing-required", "error",
        "/files/items"),
    "extra-required": (lambda d: schemas(d)["ExportJobRequest"]["required"].append("contactMode"), "extra-required",
        "error", "/ExportJobRequest/required"),
    "missing-null": (lambda d: schemas(d)["JobState"]["properties"].update(code={"type": "string"}), "missing-null",
        "error", "/code/type"),
    "extra-null": (lambda d: schemas(d)["JobState"]["properties"]["exportJobId"].update(type=["integer", "null"]),
        "extra-null", "warning", "/exportJobId/type"),
    "missing-enum": (lambda d: schemas(d)["JobStatus"].pop("enum"), "missing-enum", "error", "/JobStatus"),
    "wrong-enum": (lambda d: schemas(d)["JobStatus"].update(enum=["Pending", "InProcess", "Completed", "Error"]),
        "wrong-enum", "error", "/JobStatus/enum"),
    "a status more": (lambda d: schemas(d)["JobStatus"]["enum"].append("Cancelled"), "wrong-enum", "warning",
        "/JobStatus/enum"),
    "closed-enum": (lambda d: body(d)["resourceType"].update(enum=["Contacts", "ContactsActivistCodes"]),
        "closed-enum", "warning", "/resourceType/enum"),
    "wrong-default": (lambda d: body(d)["fileSizeKbLimit"].update(default=1000), "wrong-default", "error",
        "/fileSizeKbLimit/default"),
    "missing-default": (lambda d: body(d)["fileSizeKbLimit"].pop("default"), "missing-default", "warning",
        "/fileSizeKbLimit"),
    "sample-as-default": (lambda d: body(d)["resourceType"].update(default="Contacts"), "sample-as-default",
        "warning", "/resourceType/default"),
    "missing-property": (lambda d: body(d).pop("contactMode"), "missing-property", "error",
        "/ExportJobRequest/properties"),
    "missing property of an answer": (lambda d: schemas(d)["JobState"]["properties"].pop("message"),
        "missing-property", "warning", "/JobState/properties"),
    "unknown-property": (lambda d: body(d).update(columns={"type": "array", "items": {"type": "string"}}),
        "unknown-property", "warning", "/columns"),
    "closed-object": (lambda d: schemas(d)["ExportJobRequest"].update(additionalProperties=False), "closed-object",
        "warning", "/additionalProperties"),
    "another success": (lambda d: d["paths"][POST]["post"]["responses"].update({"200":
        d["paths"][POST]["post"]["responses"].pop("201")}), "missing-status", "error", "/post/responses"),
    "no refusals": (lambda d: [d["paths"][JOB]["get"]["responses"].pop(s) for s in ("404", "4XX")], "missing-status",
        "warning", "/get/responses"),
    "no schema": (lambda d: d["paths"][POST]["post"]["responses"]["201"].update(content={"application/json": {}}),
        "missing-response-body", "error", "/201/content/application~1json"),
    "no request body": (lambda d: d["paths"][POST]["post"].pop("requestBody"), "missing-request-body", "error",
        "/post/requestBody"),
    "optional-request-body": (lambda d: d["paths"][POST]["post"]["requestBody"].pop("required"),
        "optional-request-body", "warning", "/post/requestBody"),
    "missing-security": (lambda d: d.pop("security"), "missing-security", "error", "/openapi"),
    "wrong-security": (lambda d: d["components"]["securitySchemes"].update(basic={"type": "http", "scheme":
        "bearer"}), "wrong-security", "error", "/security"),
    "optional-security": (lambda d: d["security"].append({}), "optional-security", "warning", "/security"),
    "missing-operation": (lambda d: d["paths"].pop(POST + "/resources"), "missing-operation", "warning", "/paths"),
    "example-invalid": (lambda d: body(d)["fileSizeKbLimit"].update(examples=[1000, "big"]), "example-invalid",
        "error", "/fileSizeKbLimit/examples/1"),
    "example of a body": (lambda d: d["paths"][POST]["post"]["requestBody"]["content"]["application/json"][
        "examples"]["smallest"].update(value={"resourceType": 7, "dateChangedFrom": "2026-11-01T00:00:00Z"}),
        "example-invalid", "error", "/smallest/value/resourceType"),
    "an invalid document": (lambda d: d["paths"][POST]["post"].pop("responses") and
        d["paths"][POST]["post"].update(responses={"201": {}}), "openapi", "error", ""),
    "error envelope": (lambda d: schemas(d)["Error"].pop("required"), "missing-required", "warning", "/Error"),
}  # fmt: skip


def named(remarks: tuple[Remark, ...], code: str) -> list[Remark]:
    return [remark for remark in remarks if remark.code == code]


@pytest.mark.parametrize("what", DEFECTS)
def test_a_defect_is_told(what: str, document: dict[str, Any], judge: Callable[[Any], Linted]) -> None:
    edit, code, level, pointer = DEFECTS[what]
    edit(document)
    linted = judge(document)
    found = named(linted.remarks, code)
    assert found, [str(remark) for remark in linted.remarks]
    assert any(remark.level == level and (remark.pointer or "").endswith(pointer) for remark in found), found
    assert linted.valid is (level == "warning")
    for remark in linted.remarks:
        assert remark.line
        assert remark.advice
        assert remark.rule is None or remark.rule in catalogue.rules()


def test_an_echo_that_cannot_be_text_is_told(document: dict[str, Any], judge: Callable[[Any], Linted]) -> None:
    schemas(document)["EchoedBoolean"] = {"type": ["boolean", "null"]}
    found = named(judge(document).remarks, "narrow-type")
    assert [(one.level, one.pointer) for one in found] == [("warning", "/components/schemas/EchoedBoolean/type")] * 2
    assert found[0].advice.startswith('Write type: ["boolean", "string"]')
    schemas(document)["EchoedBoolean"] = {"type": "string"}
    assert named(judge(document).remarks, "narrow-type") == []


@pytest.mark.parametrize("name", ["api.yaml", "api.json"])
def test_the_line_is_that_of_the_defect(name: str, document: dict[str, Any], tmp_path: Path) -> None:
    body(document)["dateChangedTo"] = {"description": "x", "type": "string", "format": "date"}
    path = tmp_path / name
    dump = yaml.safe_dump(document, sort_keys=False) if name == "api.yaml" else json.dumps(document, indent="\t")
    path.write_text(dump, encoding="utf-8")
    (error,) = lint(path).remarks
    line = path.read_text(encoding="utf-8").splitlines()[(error.line or 0) - 1]
    assert line.strip() in ("format: date", '"format": "date"')


def test_an_example_is_held_against_the_api_as_well(document: dict[str, Any], judge: Callable[[Any], Linted]) -> None:
    schemas(document)["JobState"]["properties"]["exportJobId"] = {"type": "string", "examples": ["a"]}
    content = document["paths"][POST]["post"]["responses"]["201"]["content"]["application/json"]
    content["examples"] = {"one": {"value": {"exportJobId": "a"}}}
    codes = {remark.code for remark in judge(document).remarks}
    assert {"wrong-type", "example-against-api"} <= codes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("a: [1", r"api.yaml:\d+:\d+ is no YAML"),
        ('{"openapi": "3.0.0",\n "paths": ', "api.yaml:2:11 is no JSON"),
        ("[1, 2]", "it is a list, not an object"),
        ("just words", "it is a text, not an object"),
        ("title: x", "has no property openapi"),
        ("swagger: '2.0'", "api.yaml:1 is Swagger 2.0"),
        ("openapi: 2.5.1", "has the OpenAPI version '2.5.1'"),
        ("openapi: 3.0.0\ninfo: {}\npaths: {}", "describes no operation"),
        ("openapi: 3.1.0\npaths:\n  /pets:\n    get: {}", "describes another API: none of its 1 operations"),
        ("openapi: 3.1.0\npaths:\n  /changedEntityExportJob:\n    get: {}", "changedEntityExportJob comes closest"),
        ("\ta: b", "is no YAML"),
        ("a: &x [*x]", "nested too deeply"),
    ],
)
def test_what_is_no_document_of_this_api(text: str, says: str, judge: Callable[[Any], Linted]) -> None:
    with pytest.raises(BadInput, match=says):
        judge(text)


def test_yaml_is_read_as_openapi_wants_it(judge: Callable[[Any], Linted]) -> None:
    text = (
        "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths:\n  /changedEntityExportJobs:\n    post:\n"
        "      responses:\n        201:\n          description: no\n          content:\n            application/json:\n"
        "              schema: {type: object, properties: {exportJobId: {type: integer, format: int64},\n"
        "                dateChangedFrom: {type: string, format: date-time, example: 2026-11-01T00:00:00Z}}}\n"
        "              example: {exportJobId: 1, exportJobId: 2}\n"
    )
    remarks = judge(text).remarks
    assert [(r.code, r.line) for r in remarks if r.code == "repeated-name"] == [("repeated-name", 13)]
    assert named(remarks, "example-invalid") == []
    assert named(remarks, "openapi") == []
