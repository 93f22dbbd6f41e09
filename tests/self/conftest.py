"""What the tests against running servers share: clients that hold every answer against the documents."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters

from exportproof.reference import embedded
from exportproof.spec import catalogue
from exportproof.spec.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exportproof.reference import Server

PATIENCE = 60.0
JOBS = "/changedEntityExportJobs"


@dataclass(frozen=True)
class _Asked:
    """What openapi-core asks of a request."""

    method: str
    path: str
    host_url: str = "http://target"
    content_type: str = ""
    body: bytes | None = None
    parameters: RequestParameters = field(default_factory=RequestParameters)


@dataclass(frozen=True)
class _Answered:
    """What openapi-core asks of a response."""

    status_code: int
    data: bytes
    content_type: str
    headers: dict[str, str]


class Api:
    """A client of one account. Every answer is held against openapi.yaml or control.yaml before it is handed over."""

    def __init__(self, server: Server, account: int | None = 0) -> None:
        """Speak to a server for its first or second account, or for nobody."""
        self.server = server
        self._client = httpx.Client(auth=None if account is None else server.accounts[account], timeout=PATIENCE)
        self._documents = [
            (
                root,
                OpenAPI.from_dict(
                    {**catalogue.document(name), "servers": [{"url": "/"}]},
                    config=Config(extra_format_validators=dict(FORMATS)),
                ),
            )
            for root, name in ((server.url, "openapi.yaml"), (server.control_url, "control.yaml"))
        ]

    def send(self, method: str, url: str, **more: Any) -> httpx.Response:
        """Send a request and check what is answered by the document that describes the place."""
        answer = self._client.request(method, url, **more)
        for root, document in self._documents:
            if url.startswith(root):
                asked = _Asked(method.lower(), urlsplit(url).path.removeprefix(urlsplit(root).path) or "/")
                media_type = answer.headers.get("content-type", "")
                document.validate_response(
                    asked, _Answered(answer.status_code, answer.content, media_type, dict(answer.headers))
                )
        return answer

    def plain(self, method: str, url: str, **more: Any) -> httpx.Response:
        """Send a request that no document describes."""
        return self._client.request(method, url, **more)

    def get(self, path: str) -> httpx.Response:
        """GET a route of the API."""
        return self.send("GET", f"{self.server.url}{JOBS}{path}")

    def create(self, **body: Any) -> httpx.Response:
        """Create a job."""
        return self.send("POST", f"{self.server.url}{JOBS}", json=body)

    def control(self, method: str, path: str = "", body: object = None) -> httpx.Response:
        """Call the control API."""
        more = {} if body is None else {"json": body}
        return self.send(method, f"{self.server.control_url}{path}", **more)

    def change(self, kind: str, *changes: dict[str, Any]) -> None:
        """Apply changes."""
        answer = self.control("POST", "/changes", {"resourceType": kind, "changes": list(changes)})
        assert answer.json() == {"accepted": len(changes)}

    def finished(self, job_id: int) -> dict[str, Any]:
        """Ask after a job until it has ended."""
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while True:
            job = self.get(f"/{job_id}").json()
            if job["jobStatus"] in ("Complete", "Error"):
                return dict(job)
            assert time.monotonic() < deadline, f"the job never ended: {job}"
            pause.wait(0.01)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The reference implementation, for all tests of a module."""
    with embedded() as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Callable[..., Api]]:
    """Makes clients, which are closed at the end."""
    made: list[Api] = []

    def connect(server: Server, account: int | None = 0) -> Api:
        made.append(Api(server, account))
        return made[-1]

    yield connect
    for api in made:
        api.close()


@pytest.fixture
def api(server: Server, connect: Callable[..., Api]) -> Api:
    """A client of the first account, which has nothing yet."""
    api = connect(server)
    assert api.control("DELETE", "/state").status_code == 204
    return api


@pytest.fixture
def other(server: Server, connect: Callable[..., Api]) -> Api:
    """A client of the second account, which has nothing yet."""
    api = connect(server, 1)
    assert api.control("DELETE", "/state").status_code == 204
    return api


@pytest.fixture
def nobody(server: Server, connect: Callable[..., Api]) -> Api:
    """A client without credentials."""
    return connect(server, None)
