"""Runs of literals as they are recorded, for the tests of everything that writes and reads records."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.conclude import conclude
from exportproof.conformance.control import change_of
from exportproof.conformance.course import Course
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.literals import HEADER, THEN, exchange, file, job, run
from exportproof.conformance.observation import AccessObservation, LinkObservation, ProbeObservation, Run
from exportproof.conformance.record import Recorder
from exportproof.conformance.result import Stats
from exportproof.conformance.settings import Settings
from exportproof.reports.curl import curl_line
from exportproof.reports.document import to_document
from exportproof.reports.redact import Redactor
from exportproof.reports.stand_ins import StandIns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from exportproof.conformance.observation import FileObservation

ROWS = f"{HEADER}1,Ann\r\n2,Bert\r\n".encode()
SETTINGS = Settings("http://127.0.0.1:9/v4", profile="quick", seed=7, pinned={"window-ends": "closed"}, fault="f")
ITEM = {"id": 1, "at": "2026-11-10T01:02:03.45Z", "values": {"FirstName": "Ann"}, "customFields": {"157": 1.5}}


def everything() -> Run:
    """A run with something of each kind, and with what is hard to write down."""
    book = Ledger()
    book.reset("first")
    put = exchange(
        "control",
        {"accepted": 1},
        number=900,
        method="POST",
        request_body=json.dumps({"resourceType": "Contacts", "changes": [ITEM]}).encode(),
    )
    book.apply("first", "Contacts", [change_of("Contacts", ITEM)], put.number)
    book.apply("second", "ActivistCodes", [replace(change_of("ActivistCodes", ITEM), at=THEN + timedelta(0, 0, 7))])
    plain = job(ROWS, name="plain", number=100, purpose="two rows", ledger_before=1, ledger_after=2)
    endless = file(None, 1, status=302, number=212)
    endless = replace(endless, exchange=replace(endless.exchange, error=None))
    told = replace(endless, exchange=replace(endless.exchange, error="bad-redirect"))
    broken = job(
        b"\xff\x00", told, name="broken", identifier=2, number=200, requestedIds=[1, 1], in_flight=frozenset({"plain"}),
        later=({"jobStatus": "Error"},), target_before=None, timed_out=True, account="second",
    )  # fmt: skip
    first = plain.files[0]
    again = replace(first, exchange=replace(first.exchange, number=120, request_headers={"Range": "bytes=0-"}))
    plain = replace(plain, again=(again,))
    late = replace(file(None, 0, link=first.link, status=410, number=400, body=b"gone"), authorized=True)
    link = LinkObservation("plain", late, first, THEN, None, THEN, THEN + timedelta(days=1), ranged=True)
    odd = {"fileSizeKbLimit": float("inf"), "resourceType": "Contacts"}
    probe = ProbeObservation("a/b", "odd", "either", exchange("probe", b"\xfe", 400, number=500), "odd-numbers", odd)
    plain_probe = ProbeObservation("a/b", "sent", "accepted", exchange("probe", {}, number=501))
    access = AccessObservation("a/c", "no key", 401, exchange("probe", None, None, number=502, error="timeout"))
    long = exchange("fields", {"text": "ä" * 5000}, number=3, account=None, headers={"date": "now", "x": "a\tb"})
    seen = [long, put, probe.exchange, plain_probe.exchange, access.exchange, late.exchange, endless.exchange]
    seen += [e for j in (plain, broken) for e in (j.create, *j.polls, *(f.exchange for f in j.files), *j.later)]
    seen += [again.exchange]
    numbered = {e.number: e for e in seen if e.error != "bad-redirect"}
    return run(
        plain, broken,
        ledger=book, exchanges=tuple(numbered[number] for number in sorted(numbered)), probes=(probe, plain_probe),
        accesses=(access,), links=(link,), capabilities=frozenset({"changes", "second-account"}),
        pinned={"window-ends": "closed"}, link_lifetime_seconds=90.0, second_account=True, problems=("Ärger.",),
    )  # fmt: skip


CONTENTS = {sha256(data).hexdigest(): data for data in (ROWS, b"\xff\x00")}


def downloads(seen: Run) -> Iterator[FileObservation]:
    """Every download of a run, in the order of its exchanges."""
    found = [file for j in seen.jobs for file in (*j.files, *j.again)] + [link.file for link in seen.links]
    yield from sorted(found, key=lambda file: file.exchange.number)


def observed(seen: Run) -> Any:
    """What a recorder follows, with everything in it."""
    return SimpleNamespace(
        offer=seen.offer, ledger=seen.ledger, capabilities=set(seen.capabilities), jobs=list(seen.jobs),
        probes=list(seen.probes), accesses=list(seen.accesses), links=list(seen.links),
        problems=list(seen.problems), exchanges=list(seen.exchanges),
    )  # fmt: skip


def empty(seen: Run) -> Any:
    """What a recorder follows, with nothing in it yet but the offer."""
    return observed(Run(seen.offer, Ledger()))


def begun(directory: Path, follow: Any, settings: Settings = SETTINGS) -> Recorder:
    """A recorder at its beginning."""
    recorder = Recorder(directory, StandIns(["a-key|1"]))
    recorder.begin(settings, THEN, follow)
    return recorder


def recording(directory: Path, seen: Run, settings: Settings = SETTINGS) -> tuple[Recorder, Any]:
    """A recorder that has written a run, and what it follows."""
    follow = empty(seen)
    recorder = begun(directory, follow, settings)
    follow.exchanges.extend(seen.exchanges)
    for download in downloads(seen):
        recorder.file(download, CONTENTS.get(download.sha256, b""))
    for name, value in vars(observed(seen)).items():
        setattr(follow, name, value)
    recorder.catch_up()
    return recorder, follow


def write(directory: Path, seen: Run, course: Course | None = None) -> None:
    """Record a run from beginning to end."""
    second = {"other_user": "o", "other_key": "a-key|1"} if seen.second_account else {}
    settings = replace(SETTINGS, link_lifetime=seen.link_lifetime_seconds, **second)
    recorder, _ = recording(directory, seen, settings)
    recorder.observed(course or Course())
    recorder.end(Stats(len(seen.exchanges), 1.5, 99, len(seen.jobs)))
    recorder.close()


class Literal:
    """A run of literals, as `conclude` takes it."""

    settings, started, secrets = SETTINGS, THEN, frozenset({"a-key|1"})
    links: frozenset[str] = frozenset()
    stats = Stats(3, 1.5, 99, 2)

    def __init__(self, seen: Run, course: Course) -> None:
        self._seen, self.course, self.exchanges = seen, course, seen.exchanges

    def run(self) -> Run:
        return self._seen

    def smaller(self, results: Any) -> Any:
        return results, False


def document(source: Any) -> Mapping[str, Any]:
    """The report of a run."""
    result = conclude(source, curl_line)
    told = to_document(result, Redactor(result.secrets, result.links | links_of(source.run())))
    return {**told, "stats": None}


def links_of(seen: Run) -> frozenset[str]:
    return frozenset(file.link for j in seen.jobs for file in (*j.files, *j.again))


def shrunk(result: Any) -> Any:
    """A failed rule's result, as if its smallest case had been found."""
    if result.status != "fail":
        return result
    first, *others = result.findings
    smallest = {"changes": [ITEM], "request": {"resourceType": "Contacts"}}
    smaller = replace(first, exchanges=(300,), details={**first.details, "smallest": smallest})
    return replace(result, findings=(smaller, *others))


@pytest.fixture
def records() -> SimpleNamespace:
    """Makes runs of literals and records them: everything, begun, recording, write; and reports on them."""
    return SimpleNamespace(
        ROWS=ROWS, SETTINGS=SETTINGS, everything=everything, observed=observed, empty=empty, begun=begun,
        recording=recording, write=write, Literal=Literal, document=document, shrunk=shrunk,
    )  # fmt: skip
