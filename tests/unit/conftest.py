"""What the tests of the reference implementation share: its behaviour called directly, without HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reference.behaviour import Behaviour
from exportproof.reference.clock import Clock
from exportproof.reference.model import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.reference.answers import Answer

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ROOT = "http://127.0.0.1:8080/v4"
BODY = {"resourceType": "Contacts", "dateChangedFrom": "2026-11-20T00:00:00Z", "dateChangedTo": "2026-11-22T00:00:00Z"}


class Direct:
    """A behaviour whose jobs run when `run` is called, and whose clock stands at `now`."""

    def __init__(self, kind: type[Behaviour] = Behaviour, **options: Any) -> None:
        """Make a behaviour of that class; `options` are those of its constructor."""
        self.now = NOW
        self.waiting: list[int] = []
        self.behaviour = kind(clock=Clock(lambda: self.now), **options)
        self.behaviour.enqueue = self.waiting.append

    def change(self, *changes: dict[str, Any], kind: str = "Contacts", account: str = "demo") -> None:
        """Apply changes by way of the control API."""
        body = {"resourceType": kind, "changes": list(changes)}
        answer = self.control("POST", "/changes", body, account)
        assert answer.body == {"accepted": len(changes)}

    def control(self, method: str, path: str, body: object = None, account: str = "demo") -> Answer:
        """Call the control API."""
        return self.behaviour.call_control(account, method, path, json.dumps(body).encode())

    def post(self, account: str = "demo", **body: Any) -> dict[str, Any]:
        """Create a job over the usual window; a property of None is left out. Returns the answer's body."""
        wanted = {name: value for name, value in {**BODY, **body}.items() if value is not None}
        answer = self.behaviour.post_job(account, json.dumps(wanted).encode(), "application/json", ROOT)
        assert answer.status == 201
        return dict(answer.body)

    def run(self) -> None:
        """Run all jobs that wait."""
        while self.waiting:
            self.behaviour.run_job(self.waiting.pop(0))

    def finished(self, account: str = "demo", **body: Any) -> dict[str, Any]:
        """Create a job, run it, and return its answer."""
        job_id = self.post(account, **body)["exportJobId"]
        self.run()
        return self.job(job_id, account)

    def job(self, job_id: int, account: str = "demo") -> dict[str, Any]:
        """Ask after a job."""
        answer = self.behaviour.get_job(account, str(job_id), ROOT)
        assert answer.status == 200
        return dict(answer.body)

    def download(self, link: str, wanted: str | None = None) -> Answer:
        """Fetch a link."""
        return self.behaviour.get_file(link.removesuffix(".csv").rpartition("/")[2], wanted)

    def ids(self, account: str = "demo", **body: Any) -> list[int]:
        """The keys in the first file of a job over the usual window."""
        (file,) = self.finished(account, **body)["files"]
        lines = self.download(file["downloadUrl"]).body.decode().split("\r\n")
        return [int(line.split(",")[0]) for line in lines[1:-1]]


@pytest.fixture
def direct() -> Direct:
    """The honest behaviour."""
    return Direct()


@pytest.fixture
def make_direct() -> type[Direct]:
    """Makes behaviours of other classes, or with options."""
    return Direct


@pytest.fixture
def refusal() -> Callable[..., Refused]:
    """Calls something that has to be refused, and returns the refusal."""

    def refusal(call: Callable[..., object], *words: Any, **more: Any) -> Refused:
        with pytest.raises(Refused) as caught:
            call(*words, **more)
        return caught.value

    return refusal
