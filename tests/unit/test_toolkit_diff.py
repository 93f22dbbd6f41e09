"""`schema diff`: each change of a document is told, and told to be breaking or harmless by which way a message goes."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.spec import catalogue
from exportproof.toolkit import BadInput, diff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from exportproof.toolkit import Diffed

POST, JOB = "/changedEntityExportJobs", "/changedEntityExportJobs/{exportJobId}"


@pytest.fixture
def compare(tmp_path: Path) -> Callable[[Any, Any], Diffed]:
    """Writes two documents and compares them."""

    def compare(old: Any, new: Any) -> Diffed:
        for name, document in (("old.yaml", old), ("new.yaml", new)):
            text = document if isinstance(document, str) else json.dumps(document, indent=1)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return diff(tmp_path / "old.yaml", tmp_path / "new.yaml")

    return compare


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of our document, to be changed."""
    return deepcopy(catalogue.document("openapi.yaml"))


def schemas(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["components"]["schemas"]
    return found


def sent(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas(d)["ExportJobRequest"]["properties"]
    return found


def told(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas(d)["ExportFile"]["properties"]
    return found


def post(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["paths"][POST]["post"]
    return found


# What is done to the document, the code that tells it, and whether doing it breaks, and undoing it.
CHANGES: dict[str, tuple[Any, str, str, bool, bool]] = {
    "minimum": (lambda d: sent(d)["fileSizeKbLimit"].update(minimum=2000), "minimum-changed", "minimum-changed",
        True, False),
    "maximum": (lambda d: sent(d)["fileSizeKbLimit"].pop("maximum"), "maximum-changed", "maximum-changed", False, True),
    "a required property": (lambda d: schemas(d)["ExportJobRequest"]["required"].append("contactMode"),
        "required-added", "required-removed", True, False),
    "a property that was sent": (lambda d: sent(d).pop("requestedIds"), "property-removed", "property-added", True,
        False),
    "null in a request": (lambda d: sent(d)["dateChangedTo"].update(type=["string", "null"]), "type-widened",
        "type-narrowed", False, True),
    "null in an answer": (lambda d: told(d)["downloadUrl"].update(type=["string", "null"]), "type-widened",
        "type-narrowed", True, False),
    "a required property of an answer": (lambda d: schemas(d)["ExportFile"]["required"].remove("downloadUrl"),
        "required-removed", "required-added", True, False),
    "a new property of an answer": (lambda d: told(d).update(recordCount={"type": "integer"}), "property-added",
        "property-removed", False, True),
    "a choice in a request": (lambda d: sent(d)["contactMode"].update(enum=[1, 2]), "enum-value-removed",
        "enum-value-added", True, False),
    "a choice in an answer": (lambda d: schemas(d)["JobStatus"]["enum"].append("Cancelled"), "enum-value-added",
        "enum-value-removed", True, False),
    "choices at all": (lambda d: schemas(d)["JobStatus"].pop("enum"), "enum-removed", "enum-added", True, False),
    "the format of an answer": (lambda d: schemas(d)["JobState"]["properties"]["exportJobId"].update(format="int32"),
        "format-changed", "format-changed", False, True),
    "a type": (lambda d: sent(d)["includeInactive"].update(type="integer"), "type-changed", "type-changed", True, True),
    "the type of a parameter": (lambda d: d["components"]["parameters"]["exportJobId"].update(schema={"type":
        "string"}), "type-widened", "type-narrowed", False, True),
    "a default": (lambda d: sent(d)["fileSizeKbLimit"].update(default=1000), "default-changed", "default-changed",
        True, True),
    "a closed request": (lambda d: schemas(d)["ExportJobRequest"].update(additionalProperties=False),
        "additional-properties-changed", "additional-properties-changed", True, False),
    "an operation": (lambda d: d["paths"].pop(POST + "/resources"), "operation-removed", "operation-added", True,
        False),
    "a success": (lambda d: post(d)["responses"].update({"202": post(d)["responses"].pop("201")}), "status-removed",
        "status-added", True, True),
    "a refusal": (lambda d: [post(d)["responses"].pop(s) for s in ("415", "4XX")], "status-removed", "status-added",
        False, False),
    "a media type": (lambda d: post(d)["requestBody"]["content"].update({"text/xml": {}}), "media-type-added",
        "media-type-removed", False, True),
    "a body that is needed": (lambda d: post(d)["requestBody"].pop("required"), "request-body-required",
        "request-body-required", False, True),
    "a parameter": (lambda d: post(d).update(parameters=[{"name": "dry", "in": "query", "schema": {}}]),
        "parameter-added", "parameter-removed", False, True),
    "a required parameter": (lambda d: post(d).update(parameters=[{"name": "X-Tenant", "in": "header", "required":
        True, "schema": {}}]), "parameter-added", "parameter-removed", True, True),
    "credentials": (lambda d: d.pop("security"), "security-changed", "security-changed", False, True),
    "other credentials": (lambda d: d["components"]["securitySchemes"]["basic"].update(scheme="bearer"),
        "security-changed", "security-changed", True, True),
    "an operation's name": (lambda d: post(d).update(operationId="create"), "operation-id-changed",
        "operation-id-changed", False, False),
    "the end of an operation": (lambda d: post(d).update(deprecated=True), "deprecated", "", False, False),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_and_its_undoing(what: str, document: dict[str, Any], compare: Callable[[Any, Any], Diffed]) -> None:
    edit, code, undone, breaks, breaks_undone = CHANGES[what]
    old = deepcopy(document)
    edit(document)
    for found, wanted, breaking in (
        (compare(old, document), code, breaks),
        (compare(document, old), undone, breaks_undone),
    ):
        changes = [change for change in found.changes if change.code == wanted]
        assert bool(changes) is bool(wanted), found.changes
        assert found.breaking is breaking, found.changes
        assert all(change.line and change.file and change.pointer for change in changes)


def test_other_words_are_no_change(document: dict[str, Any], compare: Callable[[Any, Any], Diffed]) -> None:
    old = deepcopy(document)
    sent(document)["dateChangedFrom"] = {"allOf": [{"$ref": "#/components/schemas/Stamp"}], "description": "New words."}
    schemas(document)["Stamp"] = {"type": "string", "format": "export-timestamp"}
    limit = sent(document)["fileSizeKbLimit"]
    limit["exclusiveMinimum"] = limit.pop("minimum") - 1
    document["paths"][JOB.replace("exportJobId", "id")] = item = document["paths"].pop(JOB)
    item["get"]["parameters"] = [{**document["components"]["parameters"]["exportJobId"], "name": "id"}]
    document["servers"] = [{"url": "https://api.example.org/v4"}]
    old["servers"] = [{"url": "https://api.example.org"}]
    old["paths"] = {f"/v4{path}": item for path, item in old["paths"].items()}
    assert compare(old, document).changes == ()


def test_breaking_changes_come_first(document: dict[str, Any], compare: Callable[[Any, Any], Diffed]) -> None:
    old = deepcopy(document)
    told(document)["recordCount"] = {"type": "integer"}
    sent(document)["fileSizeKbLimit"]["minimum"] = 2000
    assert [change.breaking for change in compare(old, document).changes] == [True, False]


def test_documents_of_different_apis(document: dict[str, Any], compare: Callable[[Any, Any], Diffed]) -> None:
    other = {**document, "paths": {"/pets": {"get": {"responses": {"200": {"description": "x"}}}}}}
    with pytest.raises(BadInput, match=r"new.yaml describes another API than .*old.yaml"):
        compare(document, other)
    assert compare(other, other).changes == ()
    with pytest.raises(BadInput, match="no property openapi"):
        compare(document, "a: b")
