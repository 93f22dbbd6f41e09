"""`exportproof recheck`: what it says, what it leaves in the ledger, and how its report joins that of the run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from exportproof.conformance.link_ledger import RECHECKED, LedgerLink, LedgerRun, LinkLedger
from exportproof.conformance.link_ledger_file import read_ledger, write_ledger
from exportproof.conformance.link_seal import VARIABLE, Seal
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "a key of some length"
USER, SECRET = "planted-user", "c4f1a2d0-77be-4e0d-9a51-planted-key|1"
ROWS = b"VanID,FirstName\r\n1,Ann\r\n"
DAY = timedelta(days=1)
NOW = datetime.now(UTC)
RUN = LedgerRun(
    "2026-11-20T08:00:00.000Z", "quick", 7, 20 * DAY.total_seconds(), "violates",
    rules={"window/complete": ("fail", None, 3), "counts/all-files": ("pass", None, 2),
           "links/dead-after-expiry": ("skip", "no-clock", 0), "csv/utf-8": ("inconclusive", None, 1)},
)  # fmt: skip
SCHEMA = Draft202012Validator(catalogue.document("report.schema.json"))
LEDGER_SCHEMA = Draft202012Validator(catalogue.document("link-ledger.schema.json"))


def link(job: int, age: timedelta, seal: Seal | None, root: str, **more: Any) -> LedgerLink:
    """A link of a job that was made `age` ago, at an address that ends with the job's number."""
    made = NOW - age
    address = f"{root}/files/{job}?sig=hidden-signature-1"
    values: dict[str, Any] = {
        "run": RUN.name, "account": "first", "job": job, "file": 1, "files": 1,
        "sha256": sha256(ROWS).hexdigest(), "size": len(ROWS), "created": made, "completed": made,
        "expires": made + 20 * DAY, "sealed": None if seal is None else seal.close(address),
        "due": NOW - timedelta(minutes=1),
    }  # fmt: skip
    return LedgerLink(**{**values, **more})


class Files:
    """Serves the links of jobs: young ones have jobs below 100."""

    def __init__(self, answer: Any) -> None:
        """Answer as the tests' servers do; `late` links work after their end."""
        self.answer, self.late, self.fetched = answer, False, list[str]()
        self.hold, self.held = threading.Event(), threading.Event()
        self.hold.set()

    def __call__(self, asked: Any) -> Any:
        """Answer a request."""
        if "/files/" not in asked.path:
            return self.answer(200, {"jobStatus": "Complete", "files": []})
        self.fetched.append(asked.path)
        if len(self.fetched) > 1 and not self.hold.is_set():
            self.held.set()
            self.hold.wait(60)
        job = int(asked.path.rpartition("/")[2].partition("?")[0])
        if job < 100 or self.late:
            return self.answer(200, ROWS, {"Content-Type": "text/csv"})
        return self.answer(410)


@pytest.fixture
def files(answer: Any) -> Files:
    """Links to serve."""
    return Files(answer)


@pytest.fixture
def noted(
    files: Files, serve: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """Writes a ledger of three links, two young ones and one whose end is over, that its key opens."""

    def noted(*more: LedgerLink, sealed: bool = True) -> Path:
        root = serve(files)
        seal = Seal(KEY) if sealed else None
        monkeypatch.setenv(VARIABLE, KEY)
        links = (link(1, DAY, seal, root), link(2, DAY, seal, root), link(100, 21 * DAY, seal, root))
        path = tmp_path / "links.json"
        write_ledger(path, LinkLedger(root, None if seal is None else seal.lock, (RUN,), (*links, *more)))
        return path

    return noted


def report() -> dict[str, Any]:
    """The report in the folder for reports, which obeys its schema."""
    document = json.loads(Path("exportproof-report/report.json").read_text(encoding="utf-8"))
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    return dict(document)


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {rule["id"]: rule["status"] for rule in document["rules"]}


# --- what is found ---------------------------------------------------------------------------------------


def test_each_link_that_is_due_is_looked_at_and_noted(noted: Callable[..., Path], call: Callable[..., Any]) -> None:
    path = noted()
    ended = call("recheck", str(path))
    assert ended.status == 0
    assert "3 of 3 links" in ended.out
    assert "settled: 1 dead. The next look is due" in ended.out
    assert list(LEDGER_SCHEMA.iter_errors(json.loads(path.read_text(encoding="utf-8")))) == []
    links = read_ledger(path).links
    assert [item.settled for item in links] == [None, None, "dead"]
    assert [[look.outcome for look in item.history] for item in links] == [["alive"], ["alive"], ["dead", "dead"]]
    found = report()
    assert [statuses(found)[rule] for rule in RECHECKED] == ["pass", "pass", "pass", "skip"]
    assert found["readings"]["dead-link"]["observed"] is None
    assert found["rechecks"]["links"] == {"dead": 1, "open": 2}
    assert "hidden-signature" not in path.read_text(encoding="utf-8") + json.dumps(found) + ended.said


def test_more_reports_are_written_of_it_and_are_checked_first(
    noted: Callable[..., Path], files: Files, call: Callable[..., Any], tmp_path: Path
) -> None:
    path = noted()
    ended = call("recheck", str(path), "--report", f"markdown={path}/x.md")
    assert (ended.status, files.fetched) == (4, [])
    ended = call("recheck", str(path), "--report", "markdwon=x.md")
    assert (ended.status, files.fetched) == (4, [])
    assert "Did you mean 'markdown'?" in ended.err
    ended = call("recheck", str(path), "--report", "markdown=deep/summary.md", "--report", "sarif=all.sarif")
    assert ended.status == 0
    assert "Report: deep/summary.md" in ended.out
    assert (tmp_path / "deep" / "summary.md").read_text(encoding="utf-8").startswith("## ")
    assert json.loads((tmp_path / "all.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_nothing_due_is_told_and_nothing_is_changed(
    noted: Callable[..., Path], files: Files, call: Callable[..., Any]
) -> None:
    path = noted()
    call("recheck", str(path))
    before, first, asked = path.read_bytes(), report(), len(files.fetched)
    ended = call("recheck", str(path))
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Nothing is due: 3 links of http://127.0.0.1:")
    assert "in 5 days" in ended.out
    assert (path.read_bytes(), report(), len(files.fetched)) == (before, first, asked)
    assert call("recheck", str(path), "-q").out.count("\n") == 1


def test_a_violation_stays_one(noted: Callable[..., Path], files: Files, call: Callable[..., Any]) -> None:
    files.late = True
    path = noted()
    ended = call("recheck", str(path))
    assert ended.status == 1
    # A little more than a day, since this file was read.
    assert re.search(r"VIOLATED links/dead-after-expiry: 1\.0\d days after its announced expiry", ended.out)
    before, first = path.read_bytes(), report()
    assert first["verdict"] == "violates"
    (evidence,) = next(rule for rule in first["rules"] if rule["id"] == "links/dead-after-expiry")["evidence"]
    assert evidence["request"].endswith("/changedEntityExportJobs/100")
    assert '--user "$EXPORTPROOF_USER:$EXPORTPROOF_KEY"' in evidence["request"]
    assert call("recheck", str(path)).status == 1
    assert (path.read_bytes(), report()) == (before, first)


def test_the_outline_of_a_run_that_is_gone_comes_from_the_ledger(
    noted: Callable[..., Path], call: Callable[..., Any]
) -> None:
    call("recheck", str(noted()))
    found = report()
    kept = statuses(found)
    assert (kept["window/complete"], kept["counts/all-files"], kept["csv/utf-8"]) == ("fail", "pass", "inconclusive")
    assert kept["window/nothing-else"] == "skip"
    assert (found["started"], found["seed"], found["verdict"]) == (RUN.started, 7, "violates")


def test_a_target_that_is_gone_leaves_the_ledger_as_it_was(
    noted: Callable[..., Path], call: Callable[..., Any]
) -> None:
    path = noted()
    known = read_ledger(path)
    seal = Seal(KEY)
    gone = "http://127.0.0.1:9/v4"
    links = tuple(replace(item, sealed=seal.close("http://127.0.0.1:9/files/1")) for item in known.links)
    write_ledger(path, replace(known, target=gone, lock=seal.lock, links=links))
    before = path.read_bytes()
    ended = call("recheck", str(path))
    assert ended.status == 5
    assert "3 links that were due could not be tried: no whole answer came (refused)." in ended.out
    assert path.read_bytes() == before
    assert report()["verdict"] == "violates"
    assert statuses(report())["links/dead-after-expiry"] == "inconclusive"


# --- bad input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words", "told"),
    [
        (lambda text: text[:-9], [], "cut short or damaged"),
        (lambda text: text.replace('"formatVersion": 1', '"formatVersion": 2'), [], "has format version 2"),
        (lambda text: text.replace('"format"', '"shape"'), [], "is no link ledger"),
        (lambda text: text.replace('"settled":null', '"settled":"lost"'), [], "does not obey its format"),
        (lambda text: text, ["--target-url", "http://127.0.0.1:9/v4"], "not of http://127.0.0.1:9/v4"),
        (lambda text: text, ["--link-lifetime", "soon"], "is not a duration"),
        (lambda text: text, ["--user", "ann"], "--user was given without --key"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_left_as_it_was(
    noted: Callable[..., Path], files: Files, call: Callable[..., Any], change: Any, words: list[str], told: str
) -> None:
    path = noted()
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    before = path.read_bytes()
    ended = call("recheck", str(path), *words)
    assert (ended.status, ended.out) == (4, "")
    assert told in ended.err
    assert ended.err.count("\n") == 1
    assert (path.read_bytes(), files.fetched) == (before, [])


def test_a_key_that_does_not_open_it_is_told(
    noted: Callable[..., Path], files: Files, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = noted()
    before = path.read_bytes()
    for key, told in (("another key of some length", "does not open this ledger"), ("short", "fewer than 8")):
        monkeypatch.setenv(VARIABLE, key)
        ended = call("recheck", str(path))
        assert (ended.status, ended.out, ended.err.count("\n")) == (4, "", 1)
        assert told in ended.err
        assert key not in ended.err
    assert (path.read_bytes(), files.fetched) == (before, [])


def test_a_ledger_that_is_not_there_is_told(call: Callable[..., Any], tmp_path: Path) -> None:
    ended = call("recheck", "nowhere.json")
    assert (ended.status, ended.err.count("\n")) == (4, 1)
    assert "exportproof run TARGET_URL --link-ledger nowhere.json" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_the_report_of_another_run_is_not_written_over(noted: Callable[..., Path], call: Callable[..., Any]) -> None:
    path = noted()
    Path("exportproof-report").mkdir()
    other = Path("exportproof-report/report.json")
    other.write_text('{"started": "2026-01-01T00:00:00Z", "seed": 1}', encoding="utf-8")
    before = path.read_bytes()
    ended = call("recheck", str(path))
    assert ended.status == 4
    assert "is not of a run whose links are in this ledger" in ended.err
    assert (other.read_text(encoding="utf-8")[:11], path.read_bytes()) == ('{"started":', before)
    assert call("recheck", str(path), "--report-dir", "new").status == 0


def test_a_run_refuses_a_ledger_that_it_cannot_add_to(
    noted: Callable[..., Path], files: Files, call: Callable[..., Any]
) -> None:
    path = noted()
    before = path.read_bytes()
    for words, told in (
        (["http://127.0.0.1:9/v4", "--link-ledger", str(path)], "holds links of"),
        (["http://127.0.0.1:9/v4", "--link-ledger", "no/links.json"], "folder does not exist"),
        (["--link-ledger", str(path)], "exportproof serve"),
    ):
        ended = call("run", *words)
        assert (ended.status, ended.out, ended.err.count("\n")) == (4, "", 1)
        assert told in ended.err
    assert (path.read_bytes(), files.fetched) == (before, [])


# --- processes -------------------------------------------------------------------------------------------


def started(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "exportproof", "recheck", str(path)],
        cwd=path.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_two_at_once_look_at_each_link_once(noted: Callable[..., Path], files: Files) -> None:
    path = noted()
    both = [started(path), started(path)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    # The dead link is asked twice, the second time with a Range.
    assert sorted(files.fetched) == [f"/v4/files/{name}?sig=hidden-signature-1" for name in (100, 100, 1, 2)]
    assert sum("Nothing is due" in text for text in said) == 1
    assert [len(item.history) for item in read_ledger(path).links] == [1, 1, 2]


def test_killed_in_the_middle_it_goes_on_where_it_was(
    noted: Callable[..., Path], files: Files, call: Callable[..., Any]
) -> None:
    path = noted()
    files.hold.clear()
    process = started(path)
    try:
        assert files.held.wait(60)
    finally:
        process.kill()
        process.communicate()
        files.hold.set()
    assert [len(item.history) for item in read_ledger(path).links] == [1, 0, 0]
    assert call("recheck", str(path)).status == 0
    assert [len(item.history) for item in read_ledger(path).links] == [1, 1, 2]
    assert not [found for found in path.parent.iterdir() if found.suffix == ".part"]
