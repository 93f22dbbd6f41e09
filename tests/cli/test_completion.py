"""Shell completion, in a bash that runs: what stands on the line after the tabulator key was pressed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
LINE = re.search(r"^```bash\n(.+)\n```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
# Ctrl-G tells the line as it stands; what bash has done before it is done, since it takes keys in order.
SET_UP = r"""
bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; stty -echo cols 2000
bind -x '"\C-g": printf "LINE<%s>\n" "$READLINE_LINE"'
{line}
echo READY-$((1 + 1))
"""
_PATIENCE = 60.0


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Types words into one bash, in a folder with two reports and a site, and returns the line after a tabulator."""
    found = shutil.which("bash")
    if found is None:
        pytest.skip("there is no bash")
    folder = tmp_path_factory.mktemp("shell")
    for name in ("nightly/report.json", "site/index.html", "links.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXPORTPROOF_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        [found, "--norc", "--noprofile", "-i"], cwd=folder, env=kept | {"TERM": "dumb", "PATH": path, "HISTFILE": ""},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)

    def until(pattern: bytes) -> bytes:
        said = b""
        while not (match := re.search(pattern, said, re.DOTALL)):
            assert select.select([ours], [], [], _PATIENCE)[0], f"bash never said {pattern!r}, but {said!r}"
            said += os.read(ours, 4096)
        return match[1]

    def complete(words: str) -> str:
        os.write(ours, b"\x15" + words.encode() + b"\t\x07")
        return until(rb"LINE<(.*?)>\r?\n").decode()

    try:
        assert LINE is not None, "README.md has no line that turns completion on"
        os.write(ours, SET_UP.replace("{line}", LINE[1]).encode())
        until(rb"READY-(2)")
        yield complete
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("exportproof stab", "stability "),
        ("exportproof matr", "matrix "),
        ("exportproof schema li", "lint "),
        ("exportproof diff nig", "nightly/"),
        ("exportproof diff nightly nightly --format ma", "markdown "),
        ("exportproof matrix nig", "nightly/"),
        ("exportproof matrix ours=nig", "ours=nightly/"),
        ("exportproof run --report sa", "sarif="),
        ("exportproof run --report sarif=nightly/rep", "sarif=nightly/report.json "),
        ("exportproof judge nightly --report badge-s", "badge-svg="),
        ("exportproof recheck lin", "links.json "),
        ("exportproof recheck links.json --report mark", "markdown="),
        ("exportproof run http://127.0.0.1:8080/v4 --docs si", "site/"),
        ("exportproof docs --out si", "site/"),
        ("exportproof run --rules split/each-o", "split/each-once "),
        ("exportproof run --reading window-ends=clo", "window-ends=closed "),
        ("exportproof stability --fault loses-the-row-at-the-s", "loses-the-row-at-the-split "),
        ("exportproof stability --run", "--runs "),
        ("exportproof run --profile thor", "thorough "),
        ("exportproof selftest --publ", "--publish "),
    ],
)
def test_the_line_is_completed(typed: str, completed: str, bash: Callable[[str], str]) -> None:
    assert bash(typed) == typed.rpartition(" ")[0] + " " + completed
