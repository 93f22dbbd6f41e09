"""What the tests with other people's clients share: a reference to point them at, the clients, and the truth.

The clients come unmodified from the package index, with `pip install -c constraints.txt -e '.[test,clients]'`; without
them these tests are skipped. Each is pointed at the reference by what it offers for that: Parsons has an attribute,
everyaction-client an argument. Both wait many seconds between two polls, which is shortened here, and recorded.
"""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest

from exportproof.spec.offer import format_instant

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from exportproof.reference import Server

    Serving = Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], Server]]]

PATIENCE = 60.0
USER, KEY, MODE = "default", "demo-key", 1
"""Parsons sends no other user than this, and appends the mode to the key by itself."""
JOBS = "/changedEntityExportJobs"


def wanted(module: str, package: str) -> Any:
    """Import a client, or skip the test and say what to install."""
    reason = f"{package} is not installed: pip install -c constraints.txt -e '.[test,clients]'"
    return pytest.importorskip(module, reason=reason, exc_type=ImportError)


@dataclass(frozen=True)
class Export:
    """What a job exported, file by file, read by RFC 4180 and nothing else."""

    job: dict[str, Any]
    files: tuple[tuple[dict[str, str], ...], ...]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of all files."""
        return [row for file in self.files for row in file]


@dataclass(frozen=True)
class Place:
    """A reference that runs, and what the tests do there on their own account."""

    url: str
    control_url: str
    since: str = field(default_factory=lambda: format_instant(datetime.now(UTC) - timedelta(days=1)))
    """The start of a window that holds all that a test changes."""

    def _send(self, method: str, url: str, body: object = None) -> httpx.Response:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        auth = (USER, f"{KEY}|{MODE}")
        return httpx.request(
            method, url, content=content, headers=headers, auth=auth, timeout=PATIENCE, follow_redirects=True
        )

    def change(self, kind: str, *changes: dict[str, Any]) -> None:
        """Put records in place through the control API."""
        answer = self._send("POST", f"{self.control_url}/changes", {"resourceType": kind, "changes": changes})
        assert answer.json() == {"accepted": len(changes)}

    def contacts(self, *values: dict[str, Any]) -> None:
        """Put contacts in place, whose ids count from 1."""
        self.change("Contacts", *({"id": number, "values": each} for number, each in enumerate(values, 1)))

    def set_clock(self, days: float) -> None:
        """Move the clock that many days ahead, and freeze it there."""
        now = format_instant(datetime.now(UTC) + timedelta(days=days))
        assert self._send("PUT", f"{self.control_url}/clock", {"now": now}).status_code == 200

    def export(self, kind: str, **more: Any) -> Export:
        """Have a job done and read all of its files: what a client should have returned."""
        body = {"resourceType": kind, "dateChangedFrom": self.since, **more}
        job_id = self._send("POST", f"{self.url}{JOBS}", body).json()["exportJobId"]
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while (job := self._send("GET", f"{self.url}{JOBS}/{job_id}").json())["jobStatus"] != "Complete":
            assert job["jobStatus"] != "Error", job
            assert time.monotonic() < deadline, f"the job never ended: {job}"
            pause.wait(0.01)
        texts = [self._send("GET", file["downloadUrl"]).content.decode("utf-8-sig") for file in job["files"]]
        return Export(job, tuple(tuple(csv.DictReader(io.StringIO(text, newline=""))) for text in texts))


@pytest.fixture
def reference(serving: Serving) -> Iterator[Callable[..., Place]]:
    """Starts `exportproof serve` with more words, as a process of its own, until the test is over."""
    with ExitStack() as running:

        def start(*words: str) -> Place:
            _, server = running.enter_context(serving("--user", USER, "--key", f"{KEY}|{MODE}", *words))
            return Place(server.url, server.control_url)

        yield start


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a client wanted to wait, each; it waits a moment instead."""
    wanted: list[float] = []
    pause = threading.Event()

    def sleep(seconds: float) -> None:
        wanted.append(seconds)
        pause.wait(0.01)

    monkeypatch.setattr(time, "sleep", sleep)
    return wanted


@pytest.fixture
def patience(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of a client whose user loses patience after a hundred of them."""
    wait = time.sleep

    def sleep(seconds: float) -> None:
        if len(waits) == 100:
            raise TimeoutError("still waiting after a hundred polls")
        wait(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    return waits


class _Pending(BaseHTTPRequestHandler):
    """Every job that it is asked for is Pending for ever."""

    protocol_version = "HTTP/1.1"
    heard: ClassVar[list[tuple[str, bytes]]]

    def do_POST(self) -> None:
        self._answer(201)

    def do_GET(self) -> None:
        self._answer(200)

    def _answer(self, status: int) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.heard.append((self.command, sent))
        job = {"exportJobId": 1, "jobStatus": "Pending", "resourceType": "Contacts", "files": [], "message": ""}
        body = json.dumps(job).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def heard() -> list[tuple[str, bytes]]:
    """The method and body of each request to the server whose jobs never end."""
    return []


@pytest.fixture
def pending_for_ever(heard: list[tuple[str, bytes]]) -> Iterator[Place]:
    """A server whose jobs never end, which the reference never is."""
    handler = type("Pending", (_Pending,), {"heard": heard})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Place(f"http://127.0.0.1:{server.server_address[1]}/v4", "")
        server.shutdown()
        thread.join(PATIENCE)


@pytest.fixture
def parsons(waits: list[float]) -> Callable[..., Any]:
    """Makes Parsons' client of the reference at an address."""
    del waits
    wanted("suds", "parsons[ngpvan]")
    module = wanted("parsons.ngpvan.van", "parsons[ngpvan]")

    def connect(place: Place, mode: str = "EveryAction") -> Any:
        van = module.VAN(api_key=KEY, db=mode)
        # The address stands twice: GETs take it from the one, POSTs from the other.
        van.connection.uri = van.connection.api.uri = f"{place.url}/"
        return van

    return connect


@pytest.fixture
def everyaction(waits: list[float]) -> Iterator[Callable[..., Any]]:
    """Makes everyaction-client's client of the reference at an address, and closes it at the end."""
    del waits
    module = wanted("everyaction", "everyaction-client")
    with ExitStack() as open_clients:

        def connect(place: Place, mode: int = MODE) -> Any:
            client = module.EAClient(USER, KEY, endpoint=place.url, mode=mode)
            open_clients.callback(client.close)
            return client.changed_entities

        yield connect
