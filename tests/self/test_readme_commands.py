"""The README's commands about a running server, as they are written there, against a server that runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8080"
SERVE = "exportproof serve --store demo.sqlite3"
# What each of the others ends with. The server has no records of its own, so from outside nothing is known of it.
ENDS = {
    f"exportproof run {ADDRESS}/v4 --user demo --key 'demo-key|1'": 5,
    f"exportproof run {ADDRESS}/v4 --control-url {ADDRESS}/_control "
    "--user demo --key 'demo-key|1' --other-user other --other-key 'other-key|1'": 0,
    f"pytest --pyargs exportproof.conformance --target-url {ADDRESS}/v4 --exportproof-profile quick "
    "--exportproof-user demo --exportproof-key 'demo-key|1'": 5,
}


def commands() -> list[str]:
    """Every command of the README that speaks of a server, in its order."""
    text = re.sub(r"\\\n *", "", (ROOT / "README.md").read_text(encoding="utf-8"))
    found = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return [line for line in found if ADDRESS in line or line.startswith("exportproof serve")]


def test_these_are_the_commands() -> None:
    assert sorted(commands()) == sorted([SERVE, *ENDS]), "README.md and ENDS tell different commands"


@pytest.mark.slow
def test_they_do_what_the_readme_says(tmp_path: Path) -> None:
    """Half a minute: the server is judged by quick instead of standard, and stands on a free port."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("EXPORTPROOF_", "PYTEST_"))}
    environment = kept | {"PATH": path, "EXPORTPROOF_PROFILE": "quick"}
    server = subprocess.Popen(
        [*shlex.split(SERVE), "--port", "0"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        place = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert place is not None
        for command, status in ENDS.items():
            ended = subprocess.run(
                ["sh", "-c", command.replace(ADDRESS, place[0])],
                cwd=tmp_path, env=environment, check=False, capture_output=True, text=True,
            )  # fmt: skip
            assert ended.returncode == status, ended.stdout + ended.stderr
    finally:
        server.terminate()
        server.communicate()
    assert server.returncode == 0
