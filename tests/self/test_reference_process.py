"""`exportproof serve` as a process: how it starts, how it ends, and what it finds again."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reference.store import Store
from exportproof.spec.offer import format_instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from exportproof.reference import Server
    from exportproof.tests.self.conftest import Api

    Serving = Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], Server]]]

PATIENCE = 60.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_it_is_told_to(
    number: int, serving: Serving, tmp_path: Path, connect: Callable[..., Api]
) -> None:
    with serving() as (process, server):
        assert connect(server).get("/resources").status_code == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, "")
    assert list(tmp_path.iterdir()) == []


def refused(folder: Path, *words: str) -> str:
    """Start a server that cannot start, and return what it said."""
    ended = subprocess.run(
        [sys.executable, "-m", "exportproof", "serve", *words],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (ended.returncode, ended.stdout) == (4, "")
    return ended.stderr


def test_a_port_that_is_taken(serving: Serving, tmp_path: Path) -> None:
    with serving() as (_, server):
        port = server.url.rpartition(":")[2].removesuffix("/v4")
        assert f"Nothing can listen at 127.0.0.1 port {port}" in refused(tmp_path, "--port", port)


def test_a_store_that_another_server_has(serving: Serving, tmp_path: Path) -> None:
    with serving("--store", "kept.db"):
        assert "in use by another server" in refused(tmp_path, "--port", "0", "--store", "kept.db")


def test_what_a_killed_server_had_to_do_is_done_by_the_next(
    serving: Serving, tmp_path: Path, connect: Callable[..., Api]
) -> None:
    rows: list[dict[str, Any]] = [{"id": number, "values": {"Notes": "n" * 500}} for number in range(1, 1001)]
    body = {"resourceType": "Contacts", "dateChangedFrom": format_instant(datetime.now(UTC) - timedelta(days=1))}
    with serving("--store", "kept.db") as (process, server):
        api = connect(server)
        api.change("Contacts", *rows)
        # More work than fits between the last answer and the signal.
        made = [int(api.create(**body).json()["exportJobId"]) for _ in range(30)]
        process.kill()
        process.wait(timeout=PATIENCE)
    with closing(Store(tmp_path / "kept.db")) as store:
        assert store.unfinished_jobs(), "everything was done before the server was killed, so nothing is proved"
    with serving("--store", "kept.db", "--link-lifetime", "1h") as (process, server):
        api = connect(server)
        finished = [api.finished(job_id) for job_id in made]
        assert {(job["jobStatus"], job["exportedRecordCount"], len(job["files"])) for job in finished} == {
            ("Complete", 1000, 1)
        }
        (file,) = finished[-1]["files"]
        assert api.plain("GET", file["downloadUrl"]).content.count(b"\r\n") == 1001
        expires, now = file["dateExpired"], datetime.now(UTC)
        assert format_instant(now) < expires <= format_instant(now + timedelta(hours=1))
