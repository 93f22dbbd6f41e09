"""Link ledgers of literals, for the tests of everything that writes, reads and rechecks them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.client import Stop
from exportproof.conformance.link_ledger import LedgerLink, LedgerRun, LinkLedger, Look
from exportproof.conformance.link_recheck import Recheck
from exportproof.conformance.literals import HEADER, ROOT, THEN, answer, exchange, file
from exportproof.conformance.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from exportproof.conformance.link_seal import Seal
    from exportproof.conformance.observation import Exchange, FileObservation

ONE, TWO = f"{HEADER}1,Ann\r\n", f"{HEADER}2,Bert\r\n"
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
LIFE = 20 * DAY
END = THEN + LIFE
RUN = LedgerRun("2026-11-20T08:00:00.000Z", "quick", 7, LIFE.total_seconds(), "conforms")


def link(number: int = 1, content: str = ONE, **more: Any) -> LedgerLink:
    """A link of job 1, due since its making; `more` are properties of LedgerLink."""
    values: dict[str, Any] = {
        "run": RUN.name, "account": "first", "job": 1, "file": number, "files": 1,
        "sha256": sha256(content.encode()).hexdigest(), "size": len(content),
        "created": THEN, "completed": THEN, "expires": END, "sealed": None, "due": THEN,
    }  # fmt: skip
    return LedgerLink(**{**values, **more})


def ledger(*links: LedgerLink, **more: Any) -> LinkLedger:
    """A ledger of one run with these links."""
    return LinkLedger(**{"target": ROOT, "runs": (RUN,), "links": links, **more})


def look(outcome: str, when: datetime, **more: Any) -> Look:
    """A look of that outcome, by a clock that is the suite's."""
    values: dict[str, Any] = {"at": when, "target_now": when, "within": 1.0, "outcome": outcome, "status": 200}
    return Look(**{**values, **more})


class Target:
    """A client whose target answers as it is told; its clock, and its Date headers, stand at `now`.

    `files` are what links answer, by their address, and `listed` the job's answer.
    """

    api_root = ROOT

    def __init__(self, now: datetime, files: Mapping[str, FileObservation], listed: Exchange | None = None) -> None:
        """Take what it answers."""
        self.now, self.files, self.listed = now, files, listed
        self.exchanges: list[Exchange] = []
        self.asked: list[str] = []
        self.silent = False

    def download(self, address: str, index: int, account: str = "first", *, ranged: bool = False) -> FileObservation:
        """Answer a link."""
        if self.silent:
            raise Stop("The target stopped answering.")
        assert account == "first"
        self.asked.append(f"{address} range" if ranged else address)
        found = self.files[address]
        return replace(found, index=index, exchange=self._dated(found.exchange, address))

    def call(self, purpose: str, method: str, path: str, *, account: str = "first") -> Exchange:
        """Answer about a job."""
        assert (purpose, method, account) == ("job", "GET", "first")
        self.asked.append(path)
        found = self.listed or exchange("job", None, 404)
        return self._dated(found, f"{ROOT}{path}")

    def _dated(self, found: Exchange, url: str) -> Exchange:
        number = len(self.exchanges) + 1
        dated = {**found.headers, "date": f"{self.now:%a, %d %b %Y %H:%M:%S GMT}"} if found.status else {}
        answered = replace(found, number=number, url=url, started=self.now, ended=self.now, headers=dated)
        self.exchanges.append(answered)
        return answered


A, B = "http://127.0.0.1:9/files/a.csv", "http://127.0.0.1:9/files/b.csv"


def lists(*addresses: str, expires: Any = END) -> Exchange:
    """The answer about a job that lists these links."""
    return exchange("job", answer([file(None, link=address) for address in addresses], expires=expires))


Rechecks = "Callable[..., Recheck]"


@pytest.fixture
def recheck() -> Callable[..., Recheck]:
    """Rechecks a ledger at an instant; returns the recheck, whose `saved` are the ledgers that were saved."""

    def recheck(known: LinkLedger, target: Target, seal: Seal | None = None, lifetime: float | None = None) -> Recheck:
        saved: list[LinkLedger] = []
        work = Recheck(known, target, seal, saved.append, Silence(), lifetime)
        work.run(target.now)
        assert saved == [] or saved[-1] == work.ledger
        return work

    return recheck
