"""`schema export`: what is written compiles, stands alone, and refuses what the document refuses."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from exportproof.spec import catalogue
from exportproof.spec.formats import FORMATS
from exportproof.toolkit import BadInput, export
from exportproof.toolkit.exporting import MESSAGES, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SCHEMAS = catalogue.document("openapi.yaml")["components"]["schemas"]
JOB: dict[str, Any] = {
    "exportJobId": 2170181229, "jobStatus": "Complete", "dateChangedFrom": "2026-11-01T00:00:00Z",
    "dateChangedTo": "2026-11-08T10:15:54.2106809-05:00", "exportedRecordCount": 2, "code": None, "message": "x",
    "files": [{"downloadUrl": "https://files.example.org/1.csv", "dateExpired": "2026-11-28T00:00:07.4100000Z"}],
    "includeInactive": "false", "contactMode": 3, "unheardOf": {"a": 1},
}  # fmt: skip
BODIES: dict[str, Any] = {
    "ExportJobRequest": {
        "dateChangedFrom": "2026-11-01T00:00:00.00 -05:00", "dateChangedTo": "2026-11-08T00:00:00Z",
        "resourceType": "Contacts", "requestedIds": [1, 2], "requestedFields": ["Prefix"], "fileSizeKbLimit": 1000,
        "requestedCustomFieldIds": [157], "includeInactive": True, "contactMode": 3, "requestedActivistCodeIds": [4],
    },
    "CreatedExportJob": JOB | {"resourceType": "Contacts", "requestedIds": [1]},
    "ExportJob": JOB,
    "ResourceTypes": ["Contacts"],
    "Fields": [{"fieldName": "VanID", "fieldType": "N", "isCoreField": True, "availableValues": [{"id": "1"}]}],
    "ChangeTypes": [{"changeTypeID": "1", "Description": "x"}],
    "ErrorEnvelope": {"errors": [{"code": "NOT_FOUND", "text": "x", "properties": ["a"]}]},
}  # fmt: skip
WRONG: list[Any] = [
    None,
    0,
    -1,
    999,
    100001,
    2**31,
    "",
    "x",
    "1",
    True,
    [],
    [None],
    ["", 1],
    {},
    [{}],
    "2026-11-01",
    1.5,
]


def changed(value: Any) -> Iterator[Any]:
    """A body with one value after the other replaced by each wrong one, and with one property after the other gone."""
    yield from deepcopy(WRONG)
    for step in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        for below in changed(value[step]):
            copy = deepcopy(value)
            copy[step] = below
            yield copy
        copy = deepcopy(value)
        del copy[step]
        yield copy


def ours(name: str) -> Draft202012Validator:
    checker = FormatChecker(formats=())
    for format_name, check in FORMATS.items():
        checker.checks(format_name)(check)
    components = catalogue.document("openapi.yaml")["components"]
    return Draft202012Validator({**SCHEMAS[name], "components": components}, format_checker=checker)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The exported pydantic models, imported."""
    (path,) = write("pydantic", tmp_path_factory.mktemp("models"))
    spec = spec_from_file_location("exported_models", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["exported_models"] = module
    spec.loader.exec_module(module)
    return module


def test_every_message_is_one_that_the_document_has() -> None:
    bodies = json.dumps(catalogue.document("openapi.yaml")["paths"]) + json.dumps(
        catalogue.document("openapi.yaml")["components"]["responses"]
    )
    assert set(MESSAGES) == set(re.findall(r"#/components/schemas/(\w+)", bodies))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_json_schema_stands_alone_and_judges_as_the_document_does(name: str) -> None:
    schema = json.loads(export("jsonschema", name))
    Draft202012Validator.check_schema(schema)
    assert all(ref.startswith("#/$defs/") for ref in re.findall(r'"\$ref": "([^"]*)"', json.dumps(schema)))
    validator, other, strict = Draft202012Validator(schema), jsonschema_rs.validator_for(schema), ours(name)
    verdicts = set()
    for body in [BODIES[name], *changed(BODIES[name])]:
        wanted = strict.is_valid(body)
        # The one format that is left to the format checker of whoever uses the schema is that of links.
        links = "downloadUrl" in json.dumps(body) and not wanted
        assert validator.is_valid(body) is wanted or links, body
        assert other.is_valid(body) is validator.is_valid(body), body
        verdicts.add(wanted)
    assert verdicts == {True, False}


def test_all_json_schemas_are_one_document() -> None:
    schema = json.loads(export("jsonschema"))
    Draft202012Validator.check_schema(schema)
    assert set(MESSAGES) <= set(schema["$defs"])


@pytest.mark.parametrize("name", MESSAGES)
def test_a_model_accepts_what_the_document_accepts(name: str, models: ModuleType) -> None:
    strict, model = ours(name), getattr(models, name)
    verdicts = set()
    for body in [BODIES[name], *changed(BODIES[name])]:
        wanted = strict.is_valid(body)
        given = body
        if name == "ExportJobRequest" and isinstance(body, dict):
            # Null counts as absent, as the schema's own description says.
            given = {key: value for key, value in body.items() if value is not None}
            wanted = strict.is_valid(given)
        try:
            model.model_validate(body)
        except ValidationError:
            accepted = False
        else:
            accepted = True
        links = "downloadUrl" in json.dumps(body) and accepted
        absent = _null_for_absent(body, given, strict)
        assert accepted is wanted or links or absent, body
        verdicts.add(accepted)
    assert verdicts == {True, False}


def _null_for_absent(body: Any, given: Any, strict: Draft202012Validator) -> bool:
    """Tell whether all that is wrong is a null where a property may be absent, which models do not tell apart."""
    return given is body and all(error.instance is None for error in strict.iter_errors(body))


def test_a_model_gives_back_what_it_took(models: ModuleType) -> None:
    job = models.ExportJob.model_validate(JOB)
    assert job.files[0].downloadUrl == JOB["files"][0]["downloadUrl"]
    assert json.loads(job.model_dump_json(exclude_unset=True))["unheardOf"] == {"a": 1}


def test_mypy_has_nothing_to_say_of_the_models(tmp_path: Path) -> None:
    (path,) = write("pydantic", tmp_path)
    ended = subprocess.run(  # noqa: S603 - mypy, on what was just written
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", path.name],
        cwd=tmp_path, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


USES = """
import type { ExportJob, ExportJobRequest, Fields } from "./changed-entity-export-jobs";

export const body: ExportJobRequest = { dateChangedFrom: "2026-11-01T00:00:00Z", resourceType: "Contacts" };
export function links(job: ExportJob): string[] {
  return job.jobStatus === "Complete" ? job.files.map((file) => file.downloadUrl) : [];
}
export const names = (fields: Fields): string[] => fields.map((field) => field.fieldName);
// @ts-expect-error the type is required
export const missing: ExportJobRequest = { dateChangedFrom: "2026-11-01T00:00:00Z" };
// @ts-expect-error there are three modes
export const mode: ExportJobRequest["contactMode"] = 4;
// @ts-expect-error a job that is not complete need not have files
export const early = (job: ExportJob): number => job.files.length;
"""


def tsc() -> list[str] | None:
    """How TypeScript's compiler is called here, or None where it is not installed."""
    if found := shutil.which("tsc"):
        return [found]
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    root = subprocess.run([npm, "root", "--global"], check=False, capture_output=True, text=True)  # noqa: S603
    script = Path(root.stdout.strip()) / "typescript" / "bin" / "tsc"
    return [node, str(script)] if script.is_file() else None


def test_typescript_takes_the_types(tmp_path: Path) -> None:
    compiler = tsc()
    if compiler is None:
        pytest.skip("TypeScript's compiler is not installed: npm install --global typescript")
    write("typescript", tmp_path)
    (tmp_path / "uses.ts").write_text(USES, encoding="utf-8")
    words = [*compiler, "--noEmit", "--strict", "--skipLibCheck", "--lib", "es2020", "uses.ts"]
    ended = subprocess.run(words, cwd=tmp_path, check=False, capture_output=True, text=True)  # noqa: S603
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_types_are_balanced_and_name_nothing_that_is_not_there() -> None:
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", export("typescript"), flags=re.DOTALL)
    declared = set(re.findall(r"export (?:interface|type) (\w+)", text))
    assert set(SCHEMAS) - {"ExportJobRequest"} <= declared
    assert [text.count(one) for one in "{[("] == [text.count(one) for one in "}])"]
    used = set(re.findall(r"\b[A-Z]\w+", re.sub(r'"[^"]*"', "", text)))
    assert used <= declared | {
        "Record",
        "Required",
        "Pick",
        "Exclude",
        "Omit",
        "ChangeTypeID",
        "ChangeTypeName",
        "Description",
    }


def test_the_tables_have_every_property() -> None:
    text = export("markdown")
    for name in MESSAGES:
        section = text.partition(f"## {name}\n")[2].partition("\n## ")[0]
        assert section.count("\n| `") > 0, name
        assert len({line.count("|") - line.count("\\|") for line in section.splitlines() if line.startswith("|")}) == 1
    assert "| `fileSizeKbLimit` | integer | no | int32; 1000 to 100000; `40000` if absent |" in text
    assert "| `files[].downloadUrl` | string | yes |" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("java",), "There is no format 'java'"),
        (("jsonschema", "Job"), "There is no message 'Job'"),
        (("markdown", "ExportJob"), "for jsonschema alone"),
    ],
)
def test_what_is_not_there(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        export(*words)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be written"):
        write("jsonschema", tmp_path / "taken")
