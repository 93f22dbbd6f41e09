"""Every command and every piece of code in docs/toolkit.md is run, where it takes a server against the reference."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from exportproof.reference import embedded
from exportproof.spec.catalogue import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exportproof.reference import Server

DOCUMENT = (Path(__file__).parents[2] / "docs" / "toolkit.md").read_text(encoding="utf-8")
BODY = {"dateChangedFrom": "2026-11-01T00:00:00.00Z", "resourceType": "Contacts"}
LINK = {"downloadUrl": "https://files.example.org/1.csv", "dateExpired": "2026-11-28T00:00:00Z"}
JOB = {
    "exportJobId": 1, "jobStatus": "Complete", "dateChangedFrom": "2026-11-01T00:00:00Z", "exportedRecordCount": 1500,
    "dateChangedTo": "2026-11-08T00:00:00Z", "files": [LINK, LINK], "fileSizeKbLimit": 1000,
}  # fmt: skip
# The commands that need files alone, with the status that they end with here. A body's age depends on today.
COMMANDS: dict[str, set[int]] = {
    "exportproof schema lint api.yaml": {0},
    "exportproof schema diff old.yaml new.yaml": {1},
    "exportproof schema validate request body.json": {0, 1},
    "exportproof schema validate response answer.json": {0},
    "exportproof schema validate response recording.har": {1},
    "exportproof schema verify job.json part-1.csv part-2.csv": {0},
    "exportproof schema export --format pydantic --out models": {0},
}
SCHEMATHESIS = (
    "SCHEMATHESIS_HOOKS=exportproof.schemathesis schemathesis run openapi.yaml --url http://127.0.0.1:8080/v4 "
    "--auth 'demo:demo-key|1'"
)
PYTEST = "pytest test_exports.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the document speaks of."""
    text = read_text("openapi.yaml")
    exchange = {
        "startedDateTime": "2026-11-08T00:00:00Z",
        "request": {
            "method": "POST", "url": "https://api.example.org/v4/changedEntityExportJobs", "headers": [],
            "postData": {"mimeType": "application/json", "text": json.dumps(BODY)},
        },
        "response": {
            "status": 201, "headers": [],
            "content": {"mimeType": "application/json", "text": '{"exportJobId": "1"}'},
        },
    }  # fmt: skip
    part = "".join(f"{{}},{'x' * 900}\n".format(number) for number in range(1000, 1750))
    files = {
        "api.yaml": text,
        "openapi.yaml": text,
        "old.yaml": text,
        "new.yaml": text.replace("minimum: 1000", "minimum: 2000"),
        "body.json": json.dumps(BODY),
        "answer.json": json.dumps(JOB),
        "job.json": json.dumps(JOB),
        "recording.har": json.dumps({"log": {"version": "1.2", "entries": [exchange]}}),
        "part-1.csv": f"VanID,Note\n{part}",
        "part-2.csv": f"VanID,Note\n{part}".replace("\n1", "\n2"),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    for name, code in re.findall(r"```python\n# (\S+)\n(.*?)```", DOCUMENT, flags=re.DOTALL):
        (tmp_path / name).write_text(code, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The embedded reference."""
    with embedded() as running:
        yield running


def run(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, in that folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("EXPORTPROOF_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-euc", command], cwd=folder, env=kept | {"PATH": path} | variables, check=False, capture_output=True,
        text=True,
    )  # fmt: skip


def test_these_are_the_commands_of_the_document() -> None:
    told = [line[2:] for line in DOCUMENT.splitlines() if line.startswith("$ ")]
    assert told == [*COMMANDS, SCHEMATHESIS, PYTEST]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_document(command: str, folder: Path) -> None:
    ended = run(command, folder)
    assert ended.returncode in COMMANDS[command], ended.stdout + ended.stderr


def test_the_tests_of_the_document(folder: Path, server: Server) -> None:
    user, key = server.accounts[0]
    where = {"EXPORTPROOF_TARGET_URL": server.url, "EXPORTPROOF_USER": user, "EXPORTPROOF_KEY": key}
    ended = run(PYTEST, folder, **where, EXPORTPROOF_CONTROL_URL=server.control_url)
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
    ended = run(PYTEST, folder, **where)
    assert "BadInput: Records can be put in place through a control API alone" in ended.stdout
    ended = run(PYTEST, folder)
    assert "Set EXPORTPROOF_TARGET_URL to the URL of its API root" in ended.stdout


def test_a_broken_server_fails_the_tests_of_the_document(folder: Path) -> None:
    with embedded(fault="leaves-quotes-bare") as server:
        user, key = server.accounts[0]
        ended = run(
            PYTEST, folder, EXPORTPROOF_TARGET_URL=server.url, EXPORTPROOF_CONTROL_URL=server.control_url,
            EXPORTPROOF_USER=user, EXPORTPROOF_KEY=key,
        )  # fmt: skip
    assert ended.returncode == 1
    assert "csv/well-formed: " in ended.stdout


def test_the_middleware_of_the_document(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    spec = spec_from_file_location("toolkit_example_app", folder / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)

    async def send(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=module.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    with caplog.at_level(logging.WARNING, "exportproof"):
        assert asyncio.run(send("/v4/changedEntityExportJobs/7")).json()["exportJobId"] == 7
        assert caplog.records == []
        assert asyncio.run(send("/v4/changedEntityExportJobs/x")).status_code == 404
    assert "no documented error envelope" in caplog.text or "not-json" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "hooks", "says"),
    [
        (None, True, "No issues found"),
        (None, False, "Schema-valid request rejected"),
        ("has-no-largest-limit", True, "validation/limit-maximum"),
        ("counts-one-too-many", True, "counts/equals-rows"),
        ("leaves-quotes-bare", True, "csv/well-formed"),
    ],
)
def test_schemathesis_with_the_hooks_and_without(fault: str | None, hooks: bool, says: str, folder: Path) -> None:
    """A quarter of a minute each: Schemathesis sends some two hundred requests."""
    command: Any = SCHEMATHESIS if hooks else SCHEMATHESIS.partition(" ")[2]
    with embedded(fault=fault) as server:
        command = command.replace("http://127.0.0.1:8080/v4", server.url)
        command += (
            " --no-color --seed 1 --max-examples 20 --phases examples,coverage,fuzzing --generation-database none"
        )
        ended = run(command, folder, EXPORTPROOF_CONTROL_URL=server.control_url)
    assert says in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == (0 if hooks and fault is None else 1)
