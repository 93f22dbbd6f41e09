"""The files of the gates keep their promises, and the lines of docs/ci.md fit them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import exportproof
from exportproof.conformance.known import KnownFailure
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SPEC, JOBS = yaml.safe_load_all((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
INPUTS: dict[str, dict[str, Any]] = {"GitHub": ACTION["inputs"], "GitLab": SPEC["spec"]["inputs"]}
SHELL_STEPS = [step for step in ACTION["runs"]["steps"] if "run" in step]
OTHERS = {
    "actions/setup-python@v6": {"python-version"},
    "actions/upload-artifact@v6": {"name", "path", "if-no-files-found"},
    "github/codeql-action/upload-sarif@v4": {"sarif_file", "category"},
}
"""The actions of others that are used, and the inputs of theirs that are given, as their own action.yml has them."""
CREDENTIALS = {"EXPORTPROOF_USER", "EXPORTPROOF_KEY", "EXPORTPROOF_OTHER_USER", "EXPORTPROOF_OTHER_KEY"}


def blocks(kind: str) -> list[Any]:
    """The fenced blocks of docs/ci.md of that kind, read."""
    texts = re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    return [tomllib.loads(text) if kind == "toml" else yaml.safe_load(text) for text in texts]


def calls() -> Iterator[tuple[str, dict[str, str], str]]:
    """Each call of a gate in the document: of which, with which inputs, at which version."""
    for block in blocks("yaml"):
        for job in block.get("jobs", {}).values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("OWNER/exportproof@"):
                    yield "GitHub", step["with"], step["uses"].partition("@")[2]
        for included in block.get("include", []):
            assert (ROOT / included["file"].removeprefix("/")).is_file()
            yield "GitLab", included["inputs"], included["ref"]
            yield "GitLab", included["inputs"], included["inputs"]["ref"]


def test_the_lines_to_copy_fit_the_gates() -> None:
    found = list(calls())
    assert [gate for gate, _, _ in found] == ["GitHub", "GitHub", "GitLab", "GitLab"]
    for gate, given, version in found:
        needed = {name for name, one in INPUTS[gate].items() if "default" not in one}
        assert needed <= given.keys() <= INPUTS[gate].keys(), gate
        assert all(isinstance(value, str) for value in given.values()), "GitHub makes texts of all inputs"
        assert version == f"v{exportproof.__version__}"


def test_the_lines_to_copy_hand_credentials_over_by_env() -> None:
    steps = [step for block in blocks("yaml") for job in block.get("jobs", {}).values() for step in job["steps"]]
    environments = [step["env"] for step in steps if "env" in step]
    assert len(environments) == 2
    assert all(environment.keys() <= CREDENTIALS for environment in environments)
    assert all(name in DOCUMENT for name in CREDENTIALS)


def test_the_known_failure_to_copy_is_one() -> None:
    (block,) = blocks("toml")
    (entry,) = block["known-failures"]
    assert KnownFailure.from_dict(entry).rule in catalogue.rules()


@pytest.mark.parametrize(("number", "gate"), list(enumerate(INPUTS)))
def test_the_tables_tell_each_input(number: int, gate: str) -> None:
    table = DOCUMENT.split("| Input | Meaning | If absent |")[number + 1].partition("\n\n")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| .+ \| (.+) \|$", table, flags=re.MULTILINE)
    assert [name for name, _ in rows] == list(INPUTS[gate])
    for name, absent in rows:
        default = INPUTS[gate][name].get("default")
        assert default in ("", None) or absent == f"`{default}`", f"{gate}: {name} is {default!r} if absent"


def test_no_value_from_outside_is_part_of_a_programs_text() -> None:
    for step in SHELL_STEPS:
        assert "${{" not in step["run"], f"action.yml, step {step['name']}: take it from env"
    for line in (*JOBS["exportproof"]["before_script"], *JOBS["exportproof"]["script"]):
        assert "$[[" not in line, f"ci/gitlab.yml: take it from variables: {line}"


def test_secrets_are_no_inputs() -> None:
    for gate, inputs in INPUTS.items():
        assert [name for name in inputs if re.search("key|user|secret|token|password", name)] == [], gate
    told = [name for step in SHELL_STEPS for name in step.get("env", {})]
    assert [name for name in (*told, *JOBS["exportproof"]["variables"]) if not name.startswith("GATE_")] == []


def test_both_gates_give_the_script_what_it_reads() -> None:
    read = set(re.findall(r"\bGATE_[A-Z_]+", (ROOT / "ci" / "gate.sh").read_text(encoding="utf-8")))
    (judging,) = [step["env"] for step in SHELL_STEPS if "env" in step]
    assert judging.keys() == read
    assert JOBS["exportproof"]["variables"].keys() - {"GATE_REPOSITORY", "GATE_REF"} == read


def test_actions_of_others_are_used_at_one_version_and_with_their_own_inputs() -> None:
    used = {step["uses"]: set(step["with"]) for step in ACTION["runs"]["steps"] if "uses" in step}
    assert used == OTHERS


def test_the_action_is_one_that_github_takes() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all(step["shell"] == "bash" for step in SHELL_STEPS)
    ids = [step["id"] for step in ACTION["runs"]["steps"] if "id" in step]
    assert len(set(ids)) == len(ids)
    named = re.findall(r"steps\.([a-z]+)\.outputs\.", (ROOT / "action.yml").read_text(encoding="utf-8"))
    assert set(named) <= set(ids)
    assert all(one["description"] for one in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
