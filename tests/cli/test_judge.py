"""`exportproof judge`: a recorded run is judged again, offline, and comes to the same."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import signal
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator

from exportproof.cli import main
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS = ("demo-key|1", "other-key|1", "fGtleXwx", "1|yek-omed")


def report(directory: Path) -> dict[str, Any]:
    """The report in a folder, but for what another run would not have in common with it."""
    found: dict[str, Any] = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    assert found["stats"].pop("seconds") > 0
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a run of the embedded reference, broken in a way that shows."""
    directory = tmp_path_factory.mktemp("recorded") / "report"
    words = ("--fault", "window-ends-a-day-late", "--rules", "window/*", "--profile", "quick", "--seed", "7")
    assert main(("run", "-q", *words, "--report-dir", str(directory))) == 1
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def copied(recorded: Path, tmp_path: Path) -> Path:
    """A copy of that folder which a test may damage."""
    return Path(shutil.copytree(recorded, tmp_path / "report"))


def test_a_run_is_judged_again_as_it_was(recorded: Path, call: Callable[..., Any], tmp_path: Path) -> None:
    ended = call("judge", str(recorded), "--report-dir", str(tmp_path / "again"))
    assert ended.status == 1
    assert re.fullmatch(r"Judging \d+ exchanges of \d{4}-\d\d-\d\d \d\d:\d\d UTC\n", ended.err)
    assert "window/nothing-else" in ended.out
    assert report(tmp_path / "again") == report(recorded)
    assert any("smallest" in e["details"] for rule in report(recorded)["rules"] for e in rule["evidence"])
    assert {path.name for path in (tmp_path / "again").iterdir()} == {"report.json", "report.html", "junit.xml"}


def test_reports_are_written_beside_the_record(copied: Path, call: Callable[..., Any]) -> None:
    before = report(copied)
    for name in ("report.json", "report.html", "junit.xml"):
        (copied / name).unlink()
    assert call("judge", str(copied / "record"), "-q").status == 1
    assert report(copied) == before


def test_a_narrower_choice_can_be_judged(copied: Path, call: Callable[..., Any]) -> None:
    ended = call("judge", str(copied), "--rules", "window/complete", "-q", "--report-dir", "narrow")
    assert (ended.status, ended.out) == (
        0, "The target conforms to every MUST rule that was judged. 1 of 100 MUST rules were judged.\n",
    )  # fmt: skip


def test_a_reading_can_be_pinned_afterwards(copied: Path, call: Callable[..., Any]) -> None:
    reading = next(name for name, found in report(copied)["readings"].items() if found["observed"] is not None)
    values = set(report(copied)["readings"][reading]["values"])
    other = min(values - {report(copied)["readings"][reading]["observed"]})
    assert call("judge", str(copied), "--reading", f"{reading}={other}", "-q").status == 1
    assert report(copied)["readings"][reading]["pinned"] == other


def test_every_line_of_a_real_log_obeys_the_schema(recorded: Path) -> None:
    validator = Draft202012Validator(catalogue.document("record.schema.json"))
    lines = (recorded / "record" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 100
    assert [error.message for line in lines for error in validator.iter_errors(json.loads(line))] == []


def texts(directory: Path) -> Iterator[tuple[str, str]]:
    """Every artefact of a run, by its name, what is compressed unpacked."""
    for path in directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield path.name, (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def test_no_artefact_of_the_reference_holds_a_key(recorded: Path) -> None:
    found = dict(texts(recorded))
    assert len(found) > 5
    assert [(name, key) for name, text in found.items() for key in KEYS if key in text] == []


def test_no_artefact_holds_a_signed_link_or_what_a_target_repeats(
    no_files: Any, answer: Callable[..., Any], serve: Callable[..., str], call: Callable[..., Any]
) -> None:
    key, token, signature = "planted-key-4711|1", "q7Zr3xV0kLm9TtYbW2uHs4e8", "pX%2Bq9Tz1vKdE0sMn"

    def leaky(asked: Any) -> Any:
        """Answer as `no_files` does, with files behind signed links, and whatever was sent in a header."""
        link = f"http://{asked.headers['Host']}/files/{token}.csv?part=1&sig={signature}"
        echo = {"X-Echo": f"{asked.headers.get('Authorization')} {key}"}
        if asked.path.startswith("/files/"):
            return answer(403, {"message": f"{link} is not for {key}"}, echo)
        given = no_files(asked)
        if isinstance(given.body, dict) and "files" in given.body:
            given.body["files"] = [{"downloadUrl": link, "dateExpired": "2027-01-01T00:00:00Z"}]
        return answer(given.status, given.body, {**given.headers, **echo})

    ended = call("run", serve(leaky), "--user", "u", "--key", key, "--rules", "links/*", "--rules", "counts/*")
    assert ended.status == 1
    found = {"terminal": ended.said, **dict(texts(Path("exportproof-report")))}
    assert "/files/" in found["log.jsonl"]
    secrets = (key, key[::-1], b64encode(f"u:{key}".encode()).decode(), token, signature, unquote(signature))
    assert [(name, secret) for name, text in found.items() for secret in secrets if secret in text] == []
    assert call("judge", "exportproof-report", "--report-dir", "again", "-q").status == 1
    assert report(Path("again")) == report(Path("exportproof-report"))


def test_a_record_that_was_cut_short_is_judged_and_told(copied: Path, call: Callable[..., Any]) -> None:
    log = copied / "record" / "log.jsonl"
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 3])
    ended = call("judge", str(copied))
    assert ended.status in (1, 5)
    assert "The record was cut short: it breaks off in the middle of line" in " ".join(ended.out.split())
    assert report(copied)["verdict"] in ("violates", "undetermined")


def test_a_record_that_was_altered_is_refused(copied: Path, call: Callable[..., Any]) -> None:
    log = copied / "record" / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"status":200', b'"status":500', 1))
    (copied / "report.json").unlink()
    ended = call("judge", str(copied))
    assert (ended.status, ended.out) == (4, "")
    assert re.fullmatch(
        r"exportproof judge: The record in '.*record' was altered: line \d+ of log.jsonl does not follow .*\.\n",
        ended.err,
    )
    assert not (copied / "report.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "There is no record in 'nowhere"),
        ((".", "--rules", "no/such"), "No rule matches 'no/such'."),
        ((".", "--reading", "x=y"), "There is no reading 'x'."),
        ((), "Missing argument 'DIR'."),
    ],
)
def test_bad_words_are_one_sentence(words: tuple[str, ...], said: str, call: Callable[..., Any]) -> None:
    ended = call("judge", *words)
    assert (ended.status, ended.out) == (4, "")
    assert said in ended.err


def test_reports_that_cannot_be_written_are_told(copied: Path, call: Callable[..., Any]) -> None:
    Path("file").write_text("in the way", encoding="utf-8")
    ended = call("judge", str(copied), "--report-dir", "file")
    assert ended.status == 4
    assert "--report-dir" in ended.err


def test_a_killed_run_leaves_a_record(
    no_files: Any, serve: Callable[..., str], interrupt: Callable[..., Any], call: Callable[..., Any], tmp_path: Path
) -> None:
    url = serve(no_files)
    words = ("exportproof", "run", url, "--user", "u", "--key", "planted-key|1", "--rules", "counts/*")
    interrupt(*words, when=no_files.posted, number=signal.SIGKILL)
    assert not (tmp_path / "exportproof-report" / "report.json").exists()
    ended = call("judge", "exportproof-report")
    assert ended.status in (1, 5)
    assert "The record was cut short" in " ".join(ended.out.split())


def test_an_interrupted_run_is_judged_as_interrupted(
    no_files: Any, serve: Callable[..., str], interrupt: Callable[..., Any], call: Callable[..., Any], tmp_path: Path
) -> None:
    url = serve(no_files)
    words = ("exportproof", "run", url, "--user", "u", "--key", "planted-key|1", "--rules", "counts/*")
    assert interrupt(*words, when=no_files.posted).status == 2
    ended = call("judge", "exportproof-report", "--report-dir", "again")
    assert ended.status == 2
    assert report(tmp_path / "again") == report(tmp_path / "exportproof-report")
