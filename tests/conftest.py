"""What tests of several folders share: judged runs as literals, and the reference as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from exportproof.conformance.finding import Finding
from exportproof.conformance.result import ReadingResult, Result, RuleResult, Stats, Status
from exportproof.reference import DEFAULT_ACCOUNTS, Server
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

# Tests start hundreds of processes. Where bytecode is not kept, each compiles the whole package anew, and pytest's own
# ones rewrite whatever has assertions.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

PATIENCE = 60.0
KEY = "5f0c7d2e-91ab-4c3d-8e77-0a1b2c3d4e5f|1"
TOKEN = "q7Zr3_xV0kLm9TtYbW2uHs4e"
LINK = f"https://files.example.org/exports/{TOKEN}/1.csv?sv=2024-11-04&sig=pX%2Bq9Tz%2F1vKdE0%3D"
STARTED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CREATE = (
    'curl --silent --show-error --include --user "$EXPORTPROOF_USER:$EXPORTPROOF_KEY" '
    "--header 'Content-Type: application/json' http://127.0.0.1:8080/v4/changedEntityExportJobs "
    """--data-raw '{"dateChangedFrom": "2026-11-20T00:00:00.00Z", "resourceType": "Contacts"}'"""
)
POLL = (
    'curl --silent --show-error --include --user "$EXPORTPROOF_USER:$EXPORTPROOF_KEY" '
    "http://127.0.0.1:8080/v4/changedEntityExportJobs/2170181229"
)
DOWNLOAD = f"curl --silent --show-error --location --output export.csv '{LINK}'"


def rule(rule_id: str, level: catalogue.Level, title: str, demand: str, source: str) -> catalogue.Rule:
    """A rule whose words do not change when the catalogue's do."""
    model = next(iter(catalogue.rules().values()))
    return replace(
        model,
        id=rule_id,
        level=level,
        title=title,
        demand=demand,
        fix="See that the size of the header line is counted too.",
        source=tuple(source.split()),
        needs=frozenset(),
        readings=(),
    )


WITHIN_LIMIT = rule(
    "split/within-limit",
    "MUST",
    "No file exceeds the size limit",
    "Every file, header and all, counted in bytes, is at most fileSizeKbLimit kilobytes.",
    "files.2 fileSizeKbLimit.1",
)
NOT_SNAPSHOT = rule(
    "version/not-snapshot",
    "MUST",
    "Records are not shown as of the window's end",
    "A record that changed again after dateChangedTo is exported as it is now, not as it was then.",
    "version.1 version.2",
)
CHALLENGE = rule(
    "auth/challenge",
    "SHOULD",
    "A 401 names the scheme to use",
    "An answer with status 401 has a WWW-Authenticate header that names Basic.",
    "auth.1 rfc9110",
)
FINAL = rule(
    "states/final",
    "MUST",
    "A finished job stays as it is",
    "Once a job is Complete, nothing of it changes.",
    "window.1 facts:1.3",
)
ACCEPTED = rule(
    "creation/accepted",
    "MUST",
    "A valid request is answered 201 with a job id",
    "A POST with a valid body is answered 201 Created.",
    "endpoint.1 job.1",
)
DEAD_LINKS = rule(
    "links/dead-after-expiry",
    "MUST",
    "Links are dead after they expire",
    "From a minute after the announced expiry, every link of the job is refused.",
    "links.1",
)
APART = rule(
    "isolation/jobs",
    "MUST",
    "Another account's job is not found",
    "GET of another account's job id is answered 404.",
    "facts:1",
)

TOO_LARGE = Finding(
    "split/within-limit",
    "fail",
    "File 2 of 3 is 12,345 bytes larger than the limit of 1000 kilobytes allows.",
    expected="at most 1,024,000 bytes in each file",
    received="1,036,345 bytes in file 2",
    job="four files at the smallest limit",
    exchanges=(1, 2, 3),
    key="2",
    details={"file": 2, "bytes": 1_036_345, "sizes": [1_023_990, 1_036_345, 40_112], "times": 3},
)
STALE = Finding(
    "version/not-snapshot",
    "fail",
    "Record 17 came in the version that it had at the end of the window (stale).",
    expected="FirstName 'Anne', changed at 2026-11-22T10:00:00.000Z",
    received="FirstName 'Ann', of 2026-11-20T10:00:00.000Z",
    job="changed again after the window",
    exchanges=(1,),
    details={"record": 17, "column": "FirstName", "at": datetime(2026, 11, 22, 10, tzinfo=UTC)},
)
SILENT_401 = Finding(
    "auth/challenge",
    "fail",
    "The 401 answer to a request without credentials has no WWW-Authenticate header.",
    expected="WWW-Authenticate: Basic",
    received="no such header",
    exchanges=(2,),
)
DOUBT = Finding("states/final", "doubt", "The job was forgotten before it was asked after again.", exchanges=(2,))

VIOLATING = Result(
    target_url="http://127.0.0.1:8080/v4",
    verdict="violates",
    rules=(
        RuleResult(ACCEPTED, "pass", judged=41),
        RuleResult(CHALLENGE, "warn", findings=(SILENT_401,), judged=5),
        RuleResult(FINAL, "inconclusive", "The job was forgotten before it was asked after again.", (DOUBT,)),
        RuleResult(NOT_SNAPSHOT, "fail", findings=(STALE,), judged=3),
        RuleResult(WITHIN_LIMIT, "fail", findings=(TOO_LARGE, replace(TOO_LARGE, message="So is file 3.")), judged=12),
        RuleResult(DEAD_LINKS, "skip", "no-clock"),
        RuleResult(APART, "skip", "no-second-account"),
    ),
    readings=(
        ReadingResult("window-ends", "closed"),
        ReadingResult("kilobyte", "1024", "1024"),
        ReadingResult("dead-link"),
    ),
    stats=Stats(requests=212, seconds=14.62, bytes_downloaded=43_211_004, jobs=38),
    started=STARTED,
    seed=20261123,
    capabilities=("changes", "reset"),
    curl=MappingProxyType({1: CREATE, 2: POLL, 3: DOWNLOAD}),
    secrets=frozenset({KEY}),
    links=frozenset({LINK}),
)
CONFORMING = replace(
    VIOLATING,
    verdict="conforms",
    rules=(RuleResult(ACCEPTED, "pass", judged=41), RuleResult(WITHIN_LIMIT, "pass", judged=12)),
    capabilities=("changes", "clock", "reset"),
)
UNREACHABLE = replace(
    VIOLATING,
    verdict="undetermined",
    rules=tuple(RuleResult(result.rule, "skip", "no-data") for result in VIOLATING.rules),
    readings=(ReadingResult("window-ends"),),
    stats=Stats(requests=1, seconds=0.2),
    problems=("Nothing answers at http://127.0.0.1:8080/v4: the connection was refused. Start the server first.",),
    capabilities=(),
)


def whole_catalogue() -> Result:
    """A run over every rule of the catalogue, with all statuses and evidence of every size."""
    results = []
    for number, entry in enumerate(catalogue.rules().values()):
        finding = replace(TOO_LARGE, rule=entry.id, message=f"{entry.title}: not so in job {number}.")
        long = replace(finding, received="x" * 400, message="An answer without a space: " + "a" * 300)
        if number % 9 == 4:
            status: Status = "fail" if entry.level == "MUST" else "warn"
            results.append(RuleResult(entry, status, None, (finding, long), 3))
        elif number % 13 == 5:
            results.append(RuleResult(entry, "inconclusive", "the answer never came", (), 0))
        elif number % 11 == 7:
            results.append(RuleResult(entry, "skip", "no-clock"))
        else:
            results.append(RuleResult(entry, "pass", judged=number))
    readings = tuple(
        ReadingResult(reading.name, next(iter(reading.values)) if number % 2 else None)
        for number, reading in enumerate(catalogue.readings().values())
    )
    return replace(VIOLATING, rules=tuple(results), readings=readings, started=STARTED + timedelta(milliseconds=40))


@contextmanager
def served(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], Server]]:
    """Start a server on a free port, and wait until it says where it is. What is left of it is killed at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXPORTPROOF_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "exportproof", "serve", "--port", "0", *words],
        cwd=folder,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        places = [process.stdout.readline().split()[-1] for _ in range(2)]
        yield process, Server(places[0], places[1], DEFAULT_ACCOUNTS)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], Server]]]:
    """Calls `exportproof serve WORDS` in the test's own folder, for as long as the context lasts."""
    return lambda *words: served(tmp_path, *words)


@pytest.fixture
def key() -> str:
    """The key that the literal runs used."""
    return KEY


@pytest.fixture
def link() -> str:
    """A signed download link of the literal runs."""
    return LINK


@pytest.fixture
def violating() -> Result:
    """A run with every status."""
    return VIOLATING


@pytest.fixture
def conforming() -> Result:
    """A run that passed."""
    return CONFORMING


@pytest.fixture
def unreachable() -> Result:
    """A run in which nothing answered."""
    return UNREACHABLE


@pytest.fixture
def whole_catalogue_result() -> Callable[[], Result]:
    """Builds a run over the whole catalogue."""
    return whole_catalogue
