"""What the tests of the CI gates share: steps as GitHub and GitLab would run them, and servers to judge.

Only what can be done without those two is done: a step's `run`, with its inputs put into its environment as the runner
does, in the bash and with the options that the runner uses. What other people's actions would do is compared by words.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
PATIENCE = 600.0
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
INPUT = re.compile(r"\$\[\[\s*inputs\.([a-z-]+)\s*\]\]")


@dataclass(frozen=True)
class Ended:
    """A job that ended: the status of its first failed step, all that was said, and what the steps left."""

    status: int
    log: str
    workspace: Path
    summary: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    used: tuple[tuple[str, dict[str, str]], ...] = ()
    """The other actions that were called, with their inputs, in order."""

    @property
    def reports(self) -> Path:
        """The folder of the reports."""
        return self.workspace / "exportproof-report"


def outside(**more: str) -> dict[str, str]:
    """Return this environment without what belongs to the project, pytest or a CI that happens to run the tests."""
    own = ("EXPORTPROOF_", "PYTEST_", "COV_", "COVERAGE_", "GITHUB_", "GATE_", "RUNNER_", "INPUT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)} | more


class Action:
    """`action.yml`, run as GitHub's runner runs a composite action."""

    def __init__(self, folder: Path, source: Path = ROOT) -> None:
        """Run in a workspace of that folder, with the action checked out at `source`."""
        self.document: dict[str, Any] = yaml.safe_load((source / "action.yml").read_text(encoding="utf-8"))
        self._source = source
        self.workspace, self.temporary = folder / "workspace", folder / "temporary"
        for path in (self.workspace, self.temporary):
            path.mkdir()

    def run(self, inputs: Mapping[str, str], env: Mapping[str, str], *, left_out: tuple[str, ...] = ()) -> Ended:
        """Run all steps but those of the names that are left out."""
        defaults = {name: str(one.get("default", "")) for name, one in self.document["inputs"].items()}
        assert inputs.keys() <= defaults.keys()
        values = {f"inputs.{name}": value for name, value in (defaults | dict(inputs)).items()}
        status, log, used, summary = 0, "", [], self.temporary / "summary.md"
        for number, step in enumerate(self.document["runs"]["steps"]):
            if step["name"] in left_out or not _holds(step.get("if"), values, failed=status != 0):
                continue
            if "uses" in step:
                used.append((step["uses"], {name: _filled(text, values) for name, text in step["with"].items()}))
                continue
            output = self.temporary / f"output-{number}"
            output.touch()
            ended = self._bash(step, values, env, summary, output)
            status, log = status or ended.returncode, log + ended.stdout
            for line in output.read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                values[f"steps.{step.get('id')}.outputs.{name}"] = value
        shown = summary.read_text(encoding="utf-8") if summary.exists() else ""
        outputs = {name: _filled(one["value"], values) for name, one in self.document["outputs"].items()}
        return Ended(status, log, self.workspace, shown, outputs, tuple(used))

    def _bash(
        self, step: Mapping[str, Any], values: Mapping[str, str], env: Mapping[str, str], summary: Path, output: Path
    ) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        script = self.temporary / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        variables = {name: _filled(text, values) for name, text in step.get("env", {}).items()}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=outside(
                **env,
                **variables,
                GITHUB_ACTION_PATH=str(self._source),
                GITHUB_STEP_SUMMARY=str(summary),
                GITHUB_OUTPUT=str(output),
                RUNNER_TEMP=str(self.temporary),
            ),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of expressions, each of which is one name; one that nobody gave is empty."""
    assert all(re.fullmatch(r"(inputs|steps)(\.[\w-]+)+", name) for name in EXPRESSION.findall(text)), text
    return EXPRESSION.sub(lambda match: values.get(match[1], ""), text)


def _holds(condition: str | None, values: Mapping[str, str], *, failed: bool) -> bool:
    """Tell whether a step runs; conditions are always(), comparisons with a text, and both joined by &&."""
    if condition is None:
        return not failed
    (expression,) = EXPRESSION.findall(condition)
    terms = expression.split(" && ")
    for term in terms:
        if term == "always()":
            continue
        compared = re.fullmatch(r"([\w.-]+) (==|!=) '([^']*)'", term)
        assert compared is not None, f"the tests cannot tell what {term!r} means"
        if (values.get(compared[1], "") == compared[3]) is not (compared[2] == "=="):
            return False
    return "always()" in terms or not failed


class Template:
    """`ci/gitlab.yml`, run as GitLab's runner runs a job: all its lines in one bash."""

    def __init__(self, folder: Path, source: Path = ROOT) -> None:
        """Run in a workspace of that folder."""
        text = (source / "ci" / "gitlab.yml").read_text(encoding="utf-8")
        self.spec, self.jobs = yaml.safe_load_all(text)
        self._folder, self.workspace = folder, folder / "workspace"
        self.workspace.mkdir()

    def run(self, inputs: Mapping[str, str], env: Mapping[str, str], before: tuple[str, ...] | None = None) -> Ended:
        """Run the job, with lines of the test's own instead of those that install exportproof, if there are any."""
        asked = self.spec["spec"]["inputs"]
        assert inputs.keys() <= asked.keys()
        assert {name for name, one in asked.items() if "default" not in one} <= inputs.keys()
        values = {name: one.get("default") for name, one in asked.items()} | dict(inputs)
        job = self.jobs["exportproof"]
        variables = {name: INPUT.sub(lambda m: values[m[1]], text) for name, text in job["variables"].items()}
        lines = [*(job["before_script"] if before is None else before), *job["script"]]
        ended = subprocess.run(
            ["bash"],
            input="set -eo pipefail\nset +o noclobber\n" + "\n".join(lines) + "\n",
            cwd=self.workspace,
            env=outside(**env, **variables, TMPDIR=str(self._folder)),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        return Ended(ended.returncode, ended.stdout, self.workspace)


@pytest.fixture
def action(tmp_path: Path) -> Action:
    """The action, with this environment where its second step would install exportproof, so that none is needed."""
    made = Action(tmp_path)
    (made.temporary / "exportproof").symlink_to(sys.prefix, target_is_directory=True)
    return made


@pytest.fixture
def template(tmp_path: Path) -> Template:
    """The template."""
    return Template(tmp_path)


@pytest.fixture(params=["GitHub", "GitLab"])
def gate(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Ended]:
    """Calls each gate in turn with inputs and an environment; this environment is what exportproof is installed in."""
    if request.param == "GitHub":
        action: Action = request.getfixturevalue("action")
        return lambda inputs, **env: action.run(inputs, env, left_out=("Install exportproof",))
    template: Template = request.getfixturevalue("template")
    place = tmp_path / "gate"
    place.mkdir()
    (place / "source").symlink_to(ROOT, target_is_directory=True)
    (place / "programs").symlink_to(sys.prefix, target_is_directory=True)
    wanted = {"repository": "https://example.org/tools/exportproof.git", "ref": "v0"}
    return lambda inputs, **env: template.run({**wanted, **inputs}, env, before=(f"gate='{place}'",))


@pytest.fixture
def make_action(tmp_path: Path) -> Callable[[Path], Action]:
    """Makes the action of another checkout, with nothing installed."""
    return lambda source: Action(tmp_path, source)


@pytest.fixture
def index(tmp_path: Path) -> None:
    """Skip a test that installs from the package index where there is none to be had."""
    words = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(tmp_path / "probe"), "click"]
    probe = subprocess.run(words, check=False, capture_output=True, text=True, timeout=PATIENCE)
    if probe.returncode != 0:
        pytest.skip(f"no package index can be reached, which this test installs from: {probe.stderr.strip()[-200:]}")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this tree as a Git repository of one commit, tagged v0."""
    copy = tmp_path / "repository"
    unwanted = (".git", ".venv", ".*_cache", "__pycache__", "*.egg-info", "build", "exportproof-report", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*unwanted))
    git = ["git", "-C", str(copy), "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All of it"], ["tag", "v0"]):
        subprocess.run([*git, *words], check=True, capture_output=True, env=outside(), timeout=PATIENCE)
    return copy
