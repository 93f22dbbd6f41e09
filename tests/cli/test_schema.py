"""`exportproof schema`: its help, its exit statuses, and what it says of files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from exportproof.cli import commands
from exportproof.spec.catalogue import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BODY = {"dateChangedFrom": "2026-11-01T00:00:00.00Z", "resourceType": "Contacts"}
NOW = "2026-11-23T08:00:00Z"


def below(group: click.Group, *words: str) -> Iterator[tuple[str, ...]]:
    """Every command of a group, and of the groups in it, as the words that call it."""
    for name, command in group.commands.items():
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from below(command, *words, name)


SCHEMA = commands.commands["schema"]
assert isinstance(SCHEMA, click.Group)


@pytest.mark.parametrize("words", list(below(SCHEMA, "schema")), ids=" ".join)
def test_help(words: tuple[str, ...], call: Callable[..., Any], golden: Callable[[str, str], None]) -> None:
    ended = call(*words, "--help")
    assert (ended.status, ended.err) == (0, "")
    golden(f"help-{'-'.join(words)}.txt", ended.out)


@pytest.mark.parametrize(
    ("body", "status", "last"),
    [
        (BODY, 0, "Valid: 0 errors, 0 warnings."),
        ({**BODY, "contactMode": None}, 0, "Valid: 0 errors, 1 warning."),
        ({**BODY, "fileSizeKbLimit": 1}, 1, "Invalid: 1 error, 0 warnings."),
    ],
)
def test_a_request(body: Any, status: int, last: str, call: Callable[..., Any]) -> None:
    Path("body.json").write_text(json.dumps(body), encoding="utf-8")
    ended = call("schema", "validate", "request", "body.json", "--now", NOW)
    assert (ended.status, ended.err) == (status, "")
    assert ended.out.splitlines()[-1] == last


def test_an_answer_as_json(call: Callable[..., Any]) -> None:
    Path("body.json").write_text('{"exportJobId": "1"}', encoding="utf-8")
    ended = call("schema", "validate", "response", "body.json", "--json")
    assert (ended.status, ended.err) == (1, "")
    found = json.loads(ended.out)
    assert found["valid"] is False
    (remark,) = found["remarks"]
    assert (remark["pointer"], remark["received"], remark["rule"]) == ("/exportJobId", '"1"', "schema/create")


JOB = {
    "exportJobId": 1, "jobStatus": "Complete", "dateChangedFrom": "2026-11-01T00:00:00Z", "exportedRecordCount": 1,
    "dateChangedTo": "2026-11-08T00:00:00Z",
    "files": [{"downloadUrl": "https://files.example.org/1.csv", "dateExpired": "2026-11-28T00:00:00Z"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "last"),
    [
        ("VanID,A\n1,x\n", 0, "Valid: 0 errors, 0 warnings."),
        ("VanID,A\n1,x\n1,y\n", 1, "Invalid: 2 errors, 0 warnings."),
        ("VanID,A\n1,x\n2", 4, "Cut short: 0 errors, 0 warnings."),
    ],
)
def test_a_download(text: str, status: int, last: str, call: Callable[..., Any]) -> None:
    Path("job.json").write_text(json.dumps(JOB), encoding="utf-8")
    Path("1.csv").write_text(text, encoding="utf-8")
    ended = call("schema", "verify", "job.json", "1.csv")
    assert ended.status == status
    assert ended.out.splitlines()[-1] == last
    assert ended.err.count("\n") == (status == 4)
    assert json.loads(call("schema", "verify", "job.json", "1.csv", "--json").out)["valid"] is (status == 0)


def test_an_export(call: Callable[..., Any]) -> None:
    shown = call("schema", "export", "--format", "typescript")
    assert (shown.status, shown.err) == (0, "")
    assert call("schema", "export", "--format", "typescript", "--out", "site/types").status == 0
    assert Path("site/types/changed-entity-export-jobs.ts").read_text(encoding="utf-8") == shown.out
    assert call("schema", "export", "--format", "jsonschema", "--out", "schemas").out.count("Written: ") == 7


def test_a_document_and_its_next_version(call: Callable[..., Any]) -> None:
    text = read_text("openapi.yaml")
    Path("old.yaml").write_text(text, encoding="utf-8")
    Path("new.yaml").write_text(text.replace("minimum: 1000", "minimum: 2000"), encoding="utf-8")
    assert call("schema", "lint", "old.yaml").out.splitlines()[-1] == "Valid: 0 errors, 0 warnings."
    linted = call("schema", "lint", "new.yaml", "--json")
    assert linted.status == 1
    assert "wrong-minimum" in [remark["code"] for remark in json.loads(linted.out)["remarks"]]
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "minimum: 1000" in one)
    assert call("schema", "diff", "new.yaml", "old.yaml").out == (
        f"old.yaml:{line} /components/schemas/ExportJobRequest/properties/fileSizeKbLimit/minimum: harmless "
        "minimum-changed: fileSizeKbLimit has another minimum in the request: 2000 before, 1000 now\n"
        "0 breaking changes, 1 harmless change.\n"
    )
    changed = call("schema", "diff", "old.yaml", "new.yaml", "--json")
    assert changed.status == 1
    assert json.loads(changed.out)["breaking"] is True


OFF = {
    "no file": ["validate", "request"],
    "a file that is not there": ["validate", "request", "missing.json"],
    "a folder": ["validate", "response", "."],
    "a present that is none": ["validate", "request", "good.json", "--now", "yesterday"],
    "an operation that is none": ["validate", "response", "good.json", "--operation", "delete"],
    "a body that is cut short": ["validate", "request", "cut.json"],
    "an answer that is none": ["validate", "response", "good.json"],
    "a document that is none": ["lint", "good.csv"],
    "a document of another API": ["lint", "pets.yaml"],
    "a document that is no YAML": ["lint", "cut.yaml"],
    "a version that is none": ["diff", "pets.yaml", "cut.json"],
    "a format that is none": ["export", "--format", "java"],
    "a message that is none": ["export", "--format", "jsonschema", "--message", "Job"],
    "a download without files": ["verify", "job.json"],
    "a download that is no job's": ["verify", "good.json", "good.csv"],
    "a limit beyond all limits": ["verify", "job.json", "good.csv", "--limit", "1"],
    "a page in place of a file": ["verify", "job.json", "page.csv"],
}


@pytest.fixture
def files() -> None:
    """The files that the slips are about, in the folder that the call is in."""
    Path("good.json").write_text(json.dumps(BODY), encoding="utf-8")
    Path("job.json").write_text(json.dumps(JOB), encoding="utf-8")
    Path("good.csv").write_text("VanID\n1\n", encoding="utf-8")
    Path("cut.yaml").write_text("openapi: 3.1.0\npaths: {a: [", encoding="utf-8")
    Path("pets.yaml").write_text("openapi: 3.1.0\npaths: {/pets: {get: {}}}\n", encoding="utf-8")
    Path("page.csv").write_text("<html>Gone</html>", encoding="utf-8")
    Path("cut.json").write_text('{"dateChangedFrom": "2026', encoding="utf-8")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("what", OFF)
def test_bad_input_is_one_sentence_and_status_4(what: str, call: Callable[..., Any]) -> None:
    ended = call("schema", *OFF[what])
    assert (ended.status, ended.out) == (4, "")
    assert "Traceback" not in ended.err
    first, *rest = ended.err.splitlines()
    assert first.startswith(f"exportproof schema {OFF[what][0]}")
    assert len(rest) <= 1


@pytest.mark.usefixtures("files")
def test_what_is_said_of_bad_input(call: Callable[..., Any], golden: Callable[[str, str], None]) -> None:
    golden("bad-input-schema.txt", "\n".join(f"# {what}\n{call('schema', *words).err}" for what, words in OFF.items()))
