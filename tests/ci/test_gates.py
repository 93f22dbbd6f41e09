"""The GitHub action and the GitLab template, step by step, against a server that conforms and against faulty ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from exportproof.reference import Server
    from exportproof.tests.ci.conftest import Action, Ended, Template

    Serving = Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], Server]]]
    Gate = Callable[..., Ended]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KEY = "c4f1a2d0-77be-4e0d-9a51-secret-of-the-gates|1"
CREDENTIALS = {"EXPORTPROOF_USER": "demo", "EXPORTPROOF_KEY": KEY}
NARROW = {"profile": "quick", "rules": "isolation/unknown-*\n\nauth/challenge"}
FAULT = "answers-for-unknown-jobs"


def place(server: Server) -> dict[str, str]:
    """The inputs that name a server."""
    return {"url": server.url, "control-url": server.control_url, **NARROW}


def violated(ended: Ended) -> list[str]:
    """The rules that the report calls violated."""
    report = json.loads((ended.reports / "report.json").read_text(encoding="utf-8"))
    return [rule["id"] for rule in report["rules"] if rule["status"] == "fail"]


@pytest.mark.parametrize("fault", [None, FAULT])
def test_the_gate_opens_for_who_conforms_alone(serving: Serving, gate: Gate, fault: str | None) -> None:
    words = ("--fault", fault) if fault else ()
    with serving("--key", KEY, *words) as (_, server):
        ended = gate(place(server), **CREDENTIALS)
    assert (ended.status, violated(ended)) == ((1, ["isolation/unknown-job"]) if fault else (0, [])), ended.log
    assert ("The target violates 1 MUST rule" if fault else "conforms to every MUST rule that was judged") in ended.log
    badge = json.loads((ended.reports / "badge.json").read_text(encoding="utf-8"))
    assert badge["message"].startswith("violates 1, " if fault else "conforms, ")
    assert (ended.reports / "badge.svg").read_text(encoding="utf-8").startswith("<svg")
    assert ("<failure" in (ended.reports / "junit.xml").read_text(encoding="utf-8")) is bool(fault)
    (run,) = json.loads((ended.reports / "report.sarif").read_text(encoding="utf-8"))["runs"]
    assert [found["ruleId"] for found in run["results"]] == violated(ended)
    lines = (ROOT / "spec" / "rules.yaml").read_text(encoding="utf-8").splitlines()
    for found in run["results"]:
        (where,) = [one["physicalLocation"] for one in found["locations"]]
        assert where["artifactLocation"]["uri"] == "spec/rules.yaml"
        assert lines[where["region"]["startLine"] - 1].strip() == f"- id: {found['ruleId']}"
    files = [path for path in ended.workspace.rglob("*") if path.is_file()]
    assert [str(path) for path in files if KEY.encode() in path.read_bytes()] == []
    assert KEY not in ended.log + ended.summary


def test_the_gate_stays_shut_where_credentials_are_refused(serving: Serving, gate: Gate) -> None:
    with serving("--key", KEY) as (_, server):
        ended = gate(place(server), EXPORTPROOF_USER="demo", EXPORTPROOF_KEY="another|1")
    assert (ended.status, violated(ended)) == (5, [])


def test_the_gate_stays_shut_where_a_secret_is_not_to_be_had(gate: Gate) -> None:
    ended = gate({"url": "http://127.0.0.1:1/v4"}, EXPORTPROOF_USER="demo", EXPORTPROOF_KEY="")
    assert ended.status == 4
    assert "--user was given without --key" in ended.log


def test_the_gate_stays_shut_without_a_url(gate: Gate) -> None:
    ended = gate({"url": "", **NARROW})
    assert ended.status == 4
    assert "no URL of a server was given" in ended.log
    assert not ended.reports.exists()


HOSTILE = '$(touch pwned)`touch pwned`"; touch pwned; "'


@pytest.mark.parametrize("name", ["url", "control-url", "settings", "profile", "rules"])
def test_an_input_is_never_a_program(serving: Serving, gate: Gate, name: str) -> None:
    with serving("--key", KEY) as (_, server):
        ended = gate({**place(server), name: HOSTILE}, **CREDENTIALS)
    assert ended.status == 4, ended.log
    assert list(ended.workspace.rglob("pwned")) == []


def test_a_url_is_never_an_option(gate: Gate) -> None:
    ended = gate({"url": "--help"})
    assert ended.status == 4
    assert "Usage:" not in ended.log


def known(rule: str) -> str:
    """A settings file in which a rule is a known failure."""
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    return f'[[known-failures]]\nrule = "{rule}"\nowner = "ann"\nreason = "ticket 7"\nexpires = {day}\n'


def test_a_known_failure_leaves_the_gate_open(serving: Serving, action: Action) -> None:
    (action.workspace / "gate.toml").write_text(known("isolation/unknown-job"), encoding="utf-8")
    with serving("--key", KEY, "--fault", FAULT) as (_, server):
        inputs = {**place(server), "settings": "gate.toml"}
        ended = action.run(inputs, CREDENTIALS, left_out=("Install exportproof",))
    assert (ended.status, ended.outputs) == (0, {"status": "0", "verdict": "violates"})
    assert "## 🟡 Violates what is known" in ended.summary
    assert ended.summary.endswith("\nThe gate is open: all that was violated is a known failure of the settings.\n")


def test_a_known_failure_that_passes_shuts_the_gate(serving: Serving, action: Action) -> None:
    (action.workspace / "exportproof.toml").write_text(known("isolation/unknown-job"), encoding="utf-8")
    with serving("--key", KEY) as (_, server):
        ended = action.run(place(server), CREDENTIALS, left_out=("Install exportproof",))
    assert (ended.status, ended.outputs) == (1, {"status": "1", "verdict": "conforms"})
    assert ended.summary.endswith("a known failure of the settings passes, or has expired. The log says which.\n")
    assert "isolation/unknown-job" in ended.log


@pytest.mark.parametrize("fault", [None, FAULT])
def test_what_github_gets(serving: Serving, action: Action, fault: str | None) -> None:
    words = ("--fault", fault) if fault else ()
    with serving("--key", KEY, *words) as (_, server):
        ended = action.run({**place(server), "sarif": "true"}, CREDENTIALS, left_out=("Install exportproof",))
    assert ended.outputs == {
        "status": str(ended.status), "verdict": "violates" if fault else "conforms",
    }  # fmt: skip
    summary = (ended.reports / "summary.md").read_text(encoding="utf-8")
    assert ended.summary == f"{summary}\nExit status {ended.status}.\n"
    assert summary.startswith("## ❌ Violates" if fault else "## ✅ Conforms")
    assert ("**`isolation/unknown-job`** (MUST)" in summary) is bool(fault)
    assert [name.partition("@")[0] for name, _ in ended.used] == [
        "actions/setup-python", "actions/upload-artifact", "github/codeql-action/upload-sarif",
    ]  # fmt: skip
    assert ended.used[1][1]["path"] == "exportproof-report"
    assert (ended.workspace / ended.used[2][1]["sarif_file"]).is_file()


def test_what_is_not_wanted_is_not_done(serving: Serving, action: Action) -> None:
    with serving("--key", KEY) as (_, server):
        inputs = {**place(server), "artifact": "", "python-version": ""}
        ended = action.run(inputs, CREDENTIALS, left_out=("Install exportproof",))
    assert (ended.status, ended.used) == (0, ())


def test_the_report_of_an_earlier_run_is_not_shown(action: Action) -> None:
    reports = action.workspace / "exportproof-report"
    reports.mkdir()
    for name in ("summary.md", "report.json", "report.sarif"):
        (reports / name).write_text('{"verdict": "conforms"}', encoding="utf-8")
    ended = action.run({"url": "not a url", "sarif": "true"}, CREDENTIALS, left_out=("Install exportproof",))
    assert (ended.status, ended.outputs) == (4, {"status": "4", "verdict": "none"})
    assert ended.summary == "\nexportproof ended with status 4 and without a report. The log says why.\n"
    assert [name.partition("@")[0] for name, _ in ended.used] == ["actions/setup-python", "actions/upload-artifact"]


@pytest.mark.slow
@pytest.mark.usefixtures("index")
def test_the_action_installs_itself_from_its_own_checkout(
    serving: Serving, checkout: Path, make_action: Callable[[Path], Action]
) -> None:
    action = make_action(checkout)
    with serving("--key", KEY) as (_, server):
        ended = action.run(place(server), CREDENTIALS)
    assert (ended.status, violated(ended)) == (0, []), ended.log


@pytest.mark.slow
@pytest.mark.usefixtures("index")
def test_the_template_installs_what_it_was_told_to(serving: Serving, checkout: Path, template: Template) -> None:
    with serving("--key", KEY) as (_, server):
        ended = template.run({**place(server), "repository": str(checkout), "ref": "v0"}, CREDENTIALS)
    assert (ended.status, violated(ended)) == (0, []), ended.log
