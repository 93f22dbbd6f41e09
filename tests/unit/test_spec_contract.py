"""The documents against what programs outside this repository rely on: bodies, keys, control API, report."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from exportproof.spec import catalogue, offer

NO_DEFAULT = object()
INT32 = (-(2**31), 2**31 - 1)
# Property of the body: type, format, least, most, default. For arrays, those of an item.
BODY = {
    "dateChangedFrom": ("string", "export-timestamp", None, None, NO_DEFAULT),
    "dateChangedTo": ("string", "export-timestamp", None, None, NO_DEFAULT),
    "resourceType": ("string", None, None, None, NO_DEFAULT),
    "requestedIds": ("array of integer", "int32", *INT32, NO_DEFAULT),
    "requestedFields": ("array of string", None, None, None, NO_DEFAULT),
    "requestedCustomFieldIds": ("array of integer", "int32", *INT32, NO_DEFAULT),
    "fileSizeKbLimit": ("integer", "int32", 1000, 100_000, 40_000),
    "includeInactive": ("boolean", None, None, None, False),
    "contactMode": ("integer", "int32", 1, 3, 3),
    "requestedActivistCodeIds": ("array of integer", "int32", *INT32, NO_DEFAULT),
    "excludeChangesFromSelf": ("boolean", None, None, None, NO_DEFAULT),
}
PRIMARY_KEYS = {
    "Contacts": "VanID",
    "ContactsActivistCodes": "ContactsActivistCodeID",
    "ActivistCodes": "ActivistCodeID",
    "ContactHistory": "ContactsContactID",
    "ContactsSurveyResponses": "ContactsSurveyResponseID",
    "ContactsOnlineForms": "ContactsOnlineFormID",
    "Contributions": "ContributionID",
    "ContributionAdjustments": "ContributionAdjustmentID",
    "RecurringContributions": "RecurringContributionID",
    "EventTicketTransactionsGuests": "EventTicketTransactionGuestID",
}
CONTROL = {
    ("get", "/"): "200",
    ("delete", "/state"): "204",
    ("post", "/changes"): "200",
    ("put", "/clock"): "200",
    ("delete", "/clock"): "204",
}
REPORT: dict[str, Any] = {
    "schemaVersion": 1,
    "tool": {"name": "exportproof", "version": "0.1.0"},
    "target": {"url": "http://127.0.0.1:8080/v4", "capabilities": ["changes", "reset", "clock"]},
    "verdict": "violates",
    "rules": [
        {
            "id": "split/within-limit",
            "level": "MUST",
            "title": "No file exceeds the size limit",
            "source": ["files.2", "fileSizeKbLimit.1"],
            "status": "fail",
            "reason": None,
            "evidence": [
                {"message": "File 2 is too large.", "request": "curl http://127.0.0.1:8080/v4", "details": {}}
            ],
        },
        {
            "id": "links/unguessable",
            "level": "SHOULD",
            "title": "Links cannot be guessed",
            "source": ["facts:3.3"],
            "status": "skip",
            "reason": "no-data",
            "evidence": [],
        },
    ],
    "readings": {"kilobyte": {"observed": "1000", "pinned": None}},
    "stats": {"requests": 12, "seconds": 0.5, "bytesDownloaded": 1_000_017},
}


def resolved(document: Any, schema: Any) -> Any:
    """A schema, or the component that it refers to."""
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


@pytest.mark.parametrize("name", BODY)
def test_body_property(name: str) -> None:
    document = catalogue.document("openapi.yaml")
    schema = document["components"]["schemas"]["ExportJobRequest"]["properties"][name]
    kind, form, least, most, default = BODY[name]
    inner = resolved(document, schema["items"]) if schema["type"] == "array" else schema
    found = f"array of {inner['type']}" if schema["type"] == "array" else schema["type"]
    allowed = inner.get("enum")
    bounds = (allowed[0], allowed[-1]) if allowed else (inner.get("minimum"), inner.get("maximum"))
    assert (found, inner.get("format"), *bounds) == (kind, form, least, most), f"spec/openapi.yaml: {name}"
    assert schema.get("default", NO_DEFAULT) is default or schema["default"] == default, f"spec/openapi.yaml: {name}"
    assert schema["examples"], f"spec/openapi.yaml: {name} has no example"
    assert schema["x-seed"], f"spec/openapi.yaml: {name} does not say what it rests on"


def test_the_body_table_is_whole() -> None:
    body = catalogue.document("openapi.yaml")["components"]["schemas"]["ExportJobRequest"]
    assert set(body["properties"]) == set(BODY)


def test_the_bounds_in_code_are_those_of_the_document() -> None:
    limit = catalogue.document("openapi.yaml")["components"]["schemas"]["ExportJobRequest"]["properties"][
        "fileSizeKbLimit"
    ]
    assert limit["minimum"] == offer.MIN_LIMIT_KB
    assert limit["maximum"] == offer.MAX_LIMIT_KB
    assert limit["default"] == offer.DEFAULT_LIMIT_KB
    assert (offer.WINDOW_DAYS, offer.LINK_DAYS) == (90, 20)


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/changedEntityExportJobs", {"201", "400", "401", "404", "429"}),
        ("get", "/changedEntityExportJobs/{exportJobId}", {"200", "400", "401", "404", "429"}),
        ("get", "/changedEntityExportJobs/resources", {"200", "400", "401", "404", "429"}),
        ("get", "/changedEntityExportJobs/fields/{resourceType}", {"200", "400", "401", "404", "429"}),
        ("get", "/changedEntityExportJobs/changeTypes/{resourceType}", {"200", "400", "401", "404", "429"}),
    ],
)
def test_answers_of_the_api(method: str, path: str, statuses: set[str]) -> None:
    document = catalogue.document("openapi.yaml")
    answers = document["paths"][path][method]["responses"]
    assert statuses <= set(answers)
    assert not {status for status in answers if status.startswith("5")}, "a 5xx is never a documented answer"
    for status in set(answers) - {"200", "201"}:
        component = answers[status]["$ref"].rsplit("/", 1)[1]
        schema = document["components"]["responses"][component]["content"]["application/json"]["schema"]
        assert schema["$ref"] == "#/components/schemas/ErrorEnvelope", f"{path} {status}"


def test_the_id_of_a_job_has_64_bits_and_leads_from_the_creation_to_the_job() -> None:
    document = catalogue.document("openapi.yaml")
    state = document["components"]["schemas"]["JobState"]["properties"]["exportJobId"]
    parameter = document["components"]["parameters"]["exportJobId"]["schema"]
    assert state["format"] == parameter["format"] == "int64"
    created = document["paths"]["/changedEntityExportJobs"]["post"]["responses"]["201"]
    (link,) = created["links"].values()
    asked = document["paths"]["/changedEntityExportJobs/{exportJobId}"]["get"]["operationId"]
    assert link["operationId"] == asked
    assert link["parameters"] == {"exportJobId": "$response.body#/exportJobId"}
    assert document["security"] == [{"basic": []}]
    assert document["components"]["securitySchemes"]["basic"]["scheme"] == "basic"


def test_operations_of_the_control_api() -> None:
    document = catalogue.document("control.yaml")
    found = {
        (method, path): next(status for status in operation["responses"] if status.startswith("2"))
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert found == CONTROL
    for operation in (("post", "/changes"), ("put", "/clock")):
        assert "400" in document["paths"][operation[1]][operation[0]]["responses"]


def test_shapes_of_the_control_api() -> None:
    schemas = catalogue.document("control.yaml")["components"]["schemas"]
    assert set(schemas["Change"]["properties"]) == {"id", "at", "active", "contactMode", "values", "customFields"}
    assert schemas["Change"]["required"] == ["id"]
    assert schemas["Change"]["properties"]["active"]["default"] is True
    assert schemas["Change"]["properties"]["contactMode"]["enum"] == [1, 2]
    assert schemas["Change"]["properties"]["id"]["minimum"] == 1
    assert schemas["Change"]["properties"]["id"]["maximum"] == offer.INT32_MAX
    assert set(schemas["Changes"]["required"]) == {"resourceType", "changes"}
    assert set(schemas["Abilities"]["required"]) == {"version", "capabilities", "now"}
    assert schemas["Accepted"]["required"] == ["accepted"]
    assert schemas["Clock"]["required"] == ["now"]


def test_primary_keys() -> None:
    assert dict(offer.PRIMARY_KEYS) == PRIMARY_KEYS


def test_the_schema_of_the_report_is_one_and_takes_the_documented_report() -> None:
    schema = catalogue.document("report.schema.json")
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(REPORT)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schemaVersion",), 2),
        (("verdict",), "conforms"),
        (("verdict",), "undetermined"),
        (("verdict",), "passed"),
        (("tool", "name"), "another"),
        (("rules", 0, "evidence"), []),
        (("rules", 0, "level"), "SHOULD"),
        (("rules", 0, "status"), "failed"),
        (("rules", 0, "reason"), "because"),
        (("rules", 1, "reason"), None),
        (("rules", 1, "reason"), "too-lazy"),
        (("rules", 1, "status"), "warn"),
        (("rules", 1, "source"), []),
        (("stats", "requests"), -1),
        (("readings", "kilobyte"), {"observed": "1000"}),
    ],
)
def test_the_schema_of_the_report_refuses(place: tuple[str | int, ...], value: object) -> None:
    report: Any = copy.deepcopy(REPORT)
    node = report
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    assert list(Draft202012Validator(catalogue.document("report.schema.json")).iter_errors(report)) != []


def test_the_closed_vocabularies_of_the_report() -> None:
    schema = catalogue.document("report.schema.json")
    rule = schema["$defs"]["rule"]["properties"]
    assert schema["properties"]["verdict"]["enum"] == ["conforms", "violates", "undetermined"]
    assert rule["level"]["enum"] == ["MUST", "SHOULD", "MAY"]
    assert rule["status"]["enum"] == ["pass", "fail", "warn", "inconclusive", "skip"]
    assert set(schema["$defs"]["skipReason"]["enum"]) == {
        "no-control", "no-clock", "no-reset", "no-second-account", "not-offered",
        "no-data", "not-selected", "budget", "stopped-early",
    }  # fmt: skip
    assert schema["required"] == ["schemaVersion", "tool", "target", "verdict", "rules", "readings", "stats"]
