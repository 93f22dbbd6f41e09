"""Every command in the documents is run: here in an empty folder, by a test that is named, or by `.ci/run`.

A fenced block that is marked `console` (commands after `$ `, the rest is output) or `sh` (every line) holds commands.
A comment `<!-- command: NAME -->` above a block names it for `.ci/run` and for the slow test below.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"(?:^<!-- command: (?P<name>\w+) -->\n+)?^(?P<indent> *)```(?P<kind>\w+)[^\n]*\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
# Commands that are quick and need nothing but an empty folder, with the exit status that they end with.
QUICK: dict[str, int] = {
    "exportproof --help": 0,
    "exportproof --version": 0,
    "exportproof run --help": 0,
    "exportproof rules": 0,
    "exportproof rules --rules 'split/*'": 0,
    "exportproof readings": 0,
    "exportproof faults": 0,
    "exportproof variants": 0,
    "exportproof docs --out site": 0,
}
# Commands that another file runs, with a piece of text that shows it there.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "pytest": (".ci/run", "readme_command tests"),
    "pytest -m slow": (".ci/run", "pytest -m slow"),
    "pip install -c constraints.txt -e '.[test,clients]'": (
        ".ci/run",
        "pip install -q -c constraints.txt -e '.[test,clients]'",
    ),
    "pytest tests/clients": (".ci/run", "pytest -n 2 tests/clients"),
    "pytest tests/clients -m slow": (".ci/run", "pytest -m slow"),
    "exportproof serve --user default --key 'demo-key|1'": ("tests/clients/conftest.py", 'serving("--user", USER'),
    "exportproof serve --store demo.sqlite3": ("tests/self/test_readme_commands.py", "SERVE"),
    **{
        command: ("tests/cli/test_readme_comparing.py", command.split()[1])
        for command in (
            "exportproof run --rules 'split/*' --profile quick --seed 7 --report-dir before",
            (
                "exportproof run --rules 'split/*' --profile quick --seed 7 --report-dir after "
                "--fault loses-the-row-at-the-split"
            ),
            "exportproof diff before after",
            "exportproof matrix yesterday=before today=after --out matrix.html",
            "exportproof stability --runs 3 --rules 'states/*' --profile quick",
        )
    },
    **{
        command: ("tests/self/test_toolkit_examples.py", command)
        for command in (
            "exportproof schema lint api.yaml",
            "exportproof schema diff old.yaml new.yaml",
            "exportproof schema validate request body.json",
            "exportproof schema validate response answer.json",
            "exportproof schema validate response recording.har",
            "exportproof schema verify job.json part-1.csv part-2.csv",
            "exportproof schema export --format pydantic --out models",
            "pytest test_exports.py",
        )
    },
    **dict.fromkeys(
        (
            "python shop.py",
            "python shop.py --stale",
            "EXPORTPROOF_KEY='shop-key|1' exportproof run",
            "EXPORTPROOF_KEY='shop-key|1' exportproof run --rules 'version/*'",
            "EXPORTPROOF_KEY='shop-key|1' exportproof run --adapter shop_writer:ShopWriter --rules 'version/*'",
            "EXPORTPROOF_KEY='shop-key|1' pytest --pyargs exportproof.conformance --target-url http://127.0.0.1:8080/v4",
        ),
        ("tests/self/test_adapter_example.py", "docs/adapter.md as it is written"),
    ),
    "SCHEMATHESIS_HOOKS=exportproof.schemathesis schemathesis run openapi.yaml --url http://127.0.0.1:8080/v4 "
    "--auth 'demo:demo-key|1'": ("tests/self/test_toolkit_examples.py", "SCHEMATHESIS_HOOKS=exportproof.schemathesis"),
}


@dataclass(frozen=True)
class Command:
    """One command of a document. `name` is that of its block, for blocks that are run whole."""

    document: str
    text: str
    name: str | None


def commands_in(document: str, text: str) -> list[Command]:
    """Every command of a document, with lines that a backslash continues joined."""
    found = []
    for fence in FENCE.finditer(text):
        if fence["kind"] not in ("console", "sh"):
            continue
        lines = re.sub(r"\\\n *(?:> )?", "", fence["body"]).splitlines()
        if fence["kind"] == "console":
            lines = [line.strip()[2:] for line in lines if line.strip().startswith("$ ")]
        found += [
            Command(document, line.strip(), fence["name"])
            for line in lines
            if line.strip() and not line.strip().startswith("#")
        ]
    return found


def documents() -> list[Path]:
    """README.md, everything in docs/, and the word on tests."""
    found = [ROOT / "README.md", ROOT / "tests" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in found if path.exists()]


COMMANDS = [
    command
    for path in documents()
    for command in commands_in(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
]


def environment() -> dict[str, str]:
    """Put the running environment's programs first on the path, and leave out settings of exportproof's own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("EXPORTPROOF_", "PYTEST_"))}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.document}: {command.text}")
def test_a_command_in_the_documents_is_run(command: Command, tmp_path: Path) -> None:
    if command.name is not None:
        assert command.name in ("run", "tests"), f"nothing runs a block that is named {command.name}"
    elif command.document == "README.md" and "http://127.0.0.1:8080" in command.text:
        assert "ENDS" in (ROOT / "tests/self/test_readme_commands.py").read_text(encoding="utf-8")
    elif command.text in ELSEWHERE:
        path, shows = ELSEWHERE[command.text]
        assert shows in (ROOT / path).read_text(encoding="utf-8"), f"{path} does not run {command.text!r} any more"
    else:
        assert command.text in QUICK, (
            f"{command.document} tells readers to call {command.text!r}, which nothing runs. "
            "Add it to QUICK in tests/repo/test_commands.py, or to ELSEWHERE with the test that runs it."
        )
        ended = subprocess.run(
            ["sh", "-euc", command.text], cwd=tmp_path, env=environment(), check=False, capture_output=True, text=True
        )
        assert ended.returncode == QUICK[command.text], ended.stdout + ended.stderr


def test_elsewhere_names_files_that_exist() -> None:
    assert [path for path, _ in ELSEWHERE.values() if not (ROOT / path).is_file()] == []


@pytest.mark.slow
def test_the_first_command_of_the_readme_runs_the_main_job(tree: tuple[str, ...], tmp_path: Path) -> None:
    """Minutes: it installs everything into a fresh environment, as a reader would."""
    copy = tmp_path / "checkout"
    for name in tree:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    script = "\n".join(command.text for command in COMMANDS if command.name == "run")
    assert script, "README.md has no block after <!-- command: run -->"
    bare = {key: value for key, value in environment().items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    bare["PATH"] = os.environ["PATH"]
    ended = subprocess.run(["sh", "-euc", script], cwd=copy, env=bare, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert list(copy.rglob("report.json")), ended.stdout


def test_commands_are_found() -> None:
    text = (
        "<!-- command: run -->\n```sh\na \\\n  b\n# a remark\nc\n```\n"
        "```console\n$ d --e\noutput\n$ f\n```\n\n- in a list:\n\n  ```console\n  $ g\n  ```\n```json\n$ no\n```\n"
    )
    found = [(command.text, command.name) for command in commands_in("x", text)]
    assert found == [("a b", "run"), ("c", "run"), ("d --e", None), ("f", None), ("g", None)]
