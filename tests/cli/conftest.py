"""What the tests of both ways in share: calling them, small servers to point them at, and golden texts.

Golden texts are in `golden/`. `EXPORTPROOF_WRITE_GOLDEN=1 pytest tests/cli` writes them anew; read the difference
before it is committed.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from exportproof.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

GOLDEN = Path(__file__).parent / "golden"
USER, KEY = "planted-user", "c4f1a2d0-77be-4e0d-9a51-planted-key|1"
ROUTE = "/v4/changedEntityExportJobs"
_PATIENCE = 60.0
_WRITE_GOLDEN = bool(os.environ.get("EXPORTPROOF_WRITE_GOLDEN"))


@dataclass(frozen=True)
class Ended:
    """A call that ended: its exit status, and what it said."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that it said."""
        return self.out + self.err


def environment(**more: str) -> dict[str, str]:
    """Return this environment without settings of pytest and of the project, for programs that are started."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EXPORTPROOF_", "PYTEST_", "COV_", "COVERAGE_"))
    }
    return kept | {"COLUMNS": "100", "NO_COLOR": "1"} | more


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty folder, with an environment that says nothing about targets."""
    for name in [name for name in os.environ if name.startswith("EXPORTPROOF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Calls the command line in this process."""

    def call(*words: str) -> Ended:
        capfd.readouterr()
        status = main(words)
        said = capfd.readouterr()
        return Ended(status, said.out, said.err)

    return call


@pytest.fixture
def spawn(tmp_path: Path) -> Callable[..., Ended]:
    """Calls `python -m WORDS` in a process of its own, in an empty folder unless told otherwise."""

    def spawn(*words: str, folder: Path = tmp_path, **variables: str) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=folder,
            env=environment(**variables),
            check=False,
            capture_output=True,
            text=True,
            timeout=_PATIENCE * 3,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return spawn


@pytest.fixture
def interrupt(tmp_path: Path) -> Callable[..., Ended]:
    """Starts `python -m WORDS`, waits for an event, and sends it a signal."""

    def interrupt(*words: str, when: threading.Event, number: int = signal.SIGINT, **variables: str) -> Ended:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=tmp_path,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert when.wait(_PATIENCE), "the program never came to what it was to be interrupted in"
            process.send_signal(number)
            out, err = process.communicate(timeout=_PATIENCE)
        finally:
            process.kill()
            process.wait()
        return Ended(process.returncode, out, err)

    return interrupt


# --- small servers ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A request as a small server sees it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What a small server answers; a body that is not bytes is written as JSON."""

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture
def answer() -> type[Answer]:
    """Makes answers, for servers that a test writes itself."""
    return Answer


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """Serve what `answer` answers on a free loopback port, and yield the URL of its API root."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or each body waits 40 ms for the client's acknowledgement of the head

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            given = answer(Asked(self.command, self.path, dict(self.headers.items()), body))
            data = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
            self.send_response(given.status)
            for name, value in ({"Content-Type": "application/json"} | dict(given.headers)).items():
                self.send_header(name, value)
            if given.status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v4"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Asked], Answer]], str]]:
    """Serves functions from requests to answers until the test ends."""
    opened = []

    def serve(answer: Callable[[Asked], Answer]) -> str:
        server = serving(answer)
        opened.append(server)
        return server.__enter__()

    yield serve
    for server in opened:
        server.__exit__(None, None, None)


def _is_window(sent: Mapping[str, Any]) -> bool:
    end = sent.get("dateChangedTo")
    return isinstance(sent.get("dateChangedFrom"), str) and (end is None or isinstance(end, str))


class NoFiles:
    """Answers of the right shape, jobs that complete at once, and never a file. It keeps and checks nothing.

    Errors come without the documented envelope, and requests are not told back, which breaks a SHOULD and no MUST.
    """

    field: ClassVar = {"fieldName": "VanID", "fieldType": "N", "maxTextboxCharacters": None, "isCoreField": True,
                       "availableValues": None}  # fmt: skip

    def __init__(self, *, control: bool = False) -> None:
        """Offer a control API that accepts everything, or none."""
        self.jobs: dict[int, Mapping[str, Any]] = {}
        self.asked: list[Asked] = []
        self.posted = threading.Event()
        self.control = control

    def __call__(self, asked: Asked) -> Answer:
        """Answer a request."""
        self.asked.append(asked)
        if "Authorization" not in asked.headers:
            return Answer(401, {"message": "who are you?"}, {"WWW-Authenticate": "Basic"})
        if self.control and asked.path.startswith("/v4/control"):
            return self._controlled(asked)
        path = asked.path.removeprefix(ROUTE)
        if asked.method == "POST" and path == "":
            return self._create(asked.body)
        if path == "/resources":
            return Answer(200, ["Contacts"])
        if path == "/fields/Contacts":
            return Answer(200, [self.field])
        if path == "/changeTypes/Contacts":
            return Answer(200, [{"changeTypeID": "1", "changeTypeName": "Created", "description": "made"}])
        number = path.removeprefix("/")
        if number.isdecimal() and int(number) in self.jobs:
            return Answer(200, self.jobs[int(number)])
        return Answer(404, {"message": "no such thing"})

    def _create(self, body: bytes) -> Answer:
        self.posted.set()
        try:
            sent = json.loads(body)
        except ValueError:
            sent = None
        if not isinstance(sent, dict) or not _is_window(sent):
            return Answer(400, {"message": "no"})
        job = {
            "exportJobId": len(self.jobs) + 1, "jobStatus": "Complete", "files": [], "exportedRecordCount": 0,
            "dateChangedFrom": sent["dateChangedFrom"],
            "dateChangedTo": sent.get("dateChangedTo") or "2026-11-24T00:00:00Z",
            "message": "Finished processing export job", "code": None,
        }  # fmt: skip
        self.jobs[job["exportJobId"]] = job
        return Answer(201, job)

    def _controlled(self, asked: Asked) -> Answer:
        now = "2026-11-24T00:00:00.000Z"
        path = asked.path.removeprefix("/v4/control")
        if asked.method == "DELETE":
            return Answer(204)
        if path == "/changes":
            return Answer(200, {"accepted": len(json.loads(asked.body)["changes"])})
        if path == "/clock":
            return Answer(200, json.loads(asked.body))
        return Answer(200, {"version": 1, "capabilities": ["changes", "reset"], "now": now})


@pytest.fixture
def no_files() -> NoFiles:
    """A server that keeps nothing and checks nothing; hand it to `serve`."""
    return NoFiles()


# --- golden texts ----------------------------------------------------------------------------------------

_UNSTABLE = (
    (re.compile(r"127\.0\.0\.1:\d{4,5}"), "127.0.0.1:PORT"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"), "INSTANT"),
    (re.compile(r"\b\d+(?:\.\d+)? (?:bytes|kB|MB|GB)\b"), "SIZE"),
    (re.compile(r"\b\d+\.\d s\b"), "SECONDS s"),
    (re.compile(r"\b\d+ requests, \d+ jobs"), "N requests, N jobs"),
)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text, its unstable parts replaced, with a file of `golden/`."""

    def compare(name: str, text: str) -> None:
        for pattern, word in _UNSTABLE:
            text = pattern.sub(word, text)
        path = GOLDEN / name
        if _WRITE_GOLDEN:
            path.write_text(text, encoding="utf-8")
        assert path.exists(), (
            f"there is no tests/cli/golden/{name} yet: call EXPORTPROOF_WRITE_GOLDEN=1 pytest tests/cli"
        )
        assert text == path.read_text(encoding="utf-8"), f"if this is right, write tests/cli/golden/{name} anew"

    return compare
