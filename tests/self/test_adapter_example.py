"""docs/adapter.md as it is written: its server, its adapter, its settings and its commands, in an empty folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (Path(__file__).parents[2] / "docs" / "adapter.md").read_text(encoding="utf-8")
FILES = {
    name: re.search(rf"`{re.escape(name)}`[^`]*?:\n\n```\w+\n(.*?)```", TEXT, re.DOTALL)
    for name in ("shop_adapter.py", "shop_writer.py", "exportproof.toml", "shop.py")
}
SERVE, SERVE_STALE = "python shop.py", "python shop.py --stale"
RUN = "EXPORTPROOF_KEY='shop-key|1' exportproof run"
RUN_VERSIONS = f"{RUN} --rules 'version/*'"
RUN_WRITER = f"{RUN} --adapter shop_writer:ShopWriter --rules 'version/*'"
PYTEST = "EXPORTPROOF_KEY='shop-key|1' pytest --pyargs exportproof.conformance --target-url http://127.0.0.1:8080/v4"
ADDRESS = "127.0.0.1:8080"


def test_these_are_the_commands() -> None:
    commands = [line[2:] for line in TEXT.splitlines() if line.startswith("$ ")]
    assert commands == [SERVE, RUN, SERVE_STALE, RUN_VERSIONS, PYTEST, RUN_WRITER]


@contextmanager
def shop(folder: Path, command: str) -> Iterator[str]:
    """Write the files of the page and start its server, on a free port; gives where it listens."""
    for name, found in FILES.items():
        assert found is not None, f"docs/adapter.md shows no {name} after a line that ends in its name and a colon"
        text = found[1].replace('("127.0.0.1", 8080)', '("127.0.0.1", 0)')
        (folder / name).write_text(text, encoding="utf-8")
    words = [sys.executable, *command.split()[1:]]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            place = server.stdout.readline().split("/")[2]
            path = folder / "exportproof.toml"
            path.write_text(path.read_text(encoding="utf-8").replace(ADDRESS, place), encoding="utf-8")
            yield place
        finally:
            server.kill()


def call(folder: Path, command: str, place: str) -> subprocess.CompletedProcess[str]:
    """Call a command of the page in a shell, as it is written."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("EXPORTPROOF_", "PYTEST"))}
    return subprocess.run(
        ["sh", "-c", command.replace(ADDRESS, place)],
        cwd=folder, env=kept | {"PATH": path}, check=False, capture_output=True, text=True,
    )  # fmt: skip


def test_the_bug_is_found_and_the_record_tells_of_the_adapter(tmp_path: Path) -> None:
    with shop(tmp_path, SERVE_STALE) as place:
        ended = call(tmp_path, RUN_VERSIONS, place)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    quoted = re.search(r"```text\n(.*?)```", TEXT, re.DOTALL)
    assert quoted is not None
    assert quoted[1] in ended.stdout
    report = json.loads((tmp_path / "exportproof-report" / "report.json").read_text(encoding="utf-8"))
    assert report["target"]["adapter"] == "shop_adapter:ShopAdapter"
    assert report["target"]["capabilities"] == ["changes", "reset"]
    smallest = [each["details"].get("smallest") for rule in report["rules"] for each in rule["evidence"]]
    assert any(smallest), "the smallest case is looked for through the adapter as well"
    assert call(tmp_path, "exportproof judge exportproof-report -q", place).returncode == 1
    again = json.loads((tmp_path / "exportproof-report" / "report.json").read_text(encoding="utf-8"))
    assert again["rules"] == report["rules"]
    assert again["stats"]["requests"] == report["stats"]["requests"]


@pytest.mark.parametrize(("serve", "status"), [(SERVE, 0), (SERVE_STALE, 1)])
def test_what_dates_its_changes_itself_is_judged_by_records_written_now(
    serve: str, status: int, tmp_path: Path
) -> None:
    with shop(tmp_path, serve) as place:
        ended = call(tmp_path, RUN_WRITER, place)
    assert ended.returncode == status, ended.stdout + ended.stderr
    report = json.loads((tmp_path / "exportproof-report" / "report.json").read_text(encoding="utf-8"))
    assert report["target"]["capabilities"] == ["writes"]
    wrong = [rule["id"] for rule in report["rules"] if rule["status"] == "fail"]
    assert wrong == (["version/not-snapshot"] if status else [])
    call(tmp_path, "exportproof judge exportproof-report -q", place)
    again = json.loads((tmp_path / "exportproof-report" / "report.json").read_text(encoding="utf-8"))
    assert again["rules"] == report["rules"]


def test_without_the_bug_the_same_rules_hold(tmp_path: Path) -> None:
    with shop(tmp_path, SERVE) as place:
        ended = call(tmp_path, RUN_VERSIONS, place)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_the_server_conforms_as_the_page_says(tmp_path: Path) -> None:
    with shop(tmp_path, SERVE) as place:
        ended = call(tmp_path, RUN, place)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        judged = re.search(r"(\d+) of (\d+) MUST rules were judged", ended.stdout)
        told = re.search(r"more than (\d+) of the (\d+) MUST rules are judged, and hold", TEXT)
        assert judged is not None
        assert told is not None
        assert (int(judged[1]) > int(told[1]), judged[2]) == (True, told[2]), judged[0]
        ended = call(tmp_path, PYTEST, place)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "settings from" in ended.stdout
