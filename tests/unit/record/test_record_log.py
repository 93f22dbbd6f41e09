"""The log of a record: whole, cut short, altered, of another version, or none at all."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.record_log import (
    CONTENTS,
    FORMAT,
    FORMAT_VERSION,
    LOG,
    AlteredRecordError,
    LogWriter,
    RecordError,
    read_log,
)

if TYPE_CHECKING:
    from pathlib import Path

HEADER = {"type": "header", "format": FORMAT, "formatVersion": FORMAT_VERSION, "tool": {"version": "0.1.0"}}


def written(directory: Path, *events: dict[str, Any], header: dict[str, Any] | None = None) -> Path:
    """Write a log with these events, its footer included."""
    writer = LogWriter(directory)
    for event in (header or HEADER, *events, {"type": "footer"}):
        writer.write(event)
    writer.close()
    return directory / LOG


def refused(directory: Path) -> str:
    """What is said of a record that cannot be read."""
    with pytest.raises(RecordError) as caught:
        read_log(directory)
    return str(caught.value)


def test_events_come_back_as_they_were_written(tmp_path: Path) -> None:
    event = {"type": "x", "text": 'a "quoted" 東京 🙂 \n line', "half": "\ud800", "n": 1.5, "none": None}
    written(tmp_path, event)
    log = read_log(tmp_path)
    kept = [{k: v for k, v in found.items() if k != "seal"} for found in log.events]
    assert kept == [HEADER, event, {"type": "footer"}]
    assert log.cut is None


def test_contents_are_kept_once_and_come_back(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path)
    writer.write(HEADER)
    names = {writer.keep(b"VanID\r\n1\r\n"), writer.keep(b"VanID\r\n1\r\n"), writer.keep(b"")}
    writer.close()
    assert writer.contents == (2, 10)
    assert sorted(read_log(tmp_path).content(name) for name in names) == [b"", b"VanID\r\n1\r\n"]
    assert len(list((tmp_path / CONTENTS).iterdir())) == 2


def test_a_new_log_takes_the_place_of_the_old_one_and_of_nothing_else(tmp_path: Path) -> None:
    first = LogWriter(tmp_path)
    first.keep(b"old")
    first.close()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / CONTENTS / "mine.gz").write_text("mine")
    written(tmp_path, {"type": "x"})
    assert len(read_log(tmp_path).events) == 3
    assert {path.name for path in tmp_path.rglob("*")} == {CONTENTS, LOG, "notes.txt", "mine.gz"}


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_log_that_breaks_off_in_a_line_says_so(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, {"type": "x"})
    path.write_bytes(path.read_bytes()[:-cut])
    log = read_log(tmp_path)
    assert log.cut == "it breaks off in the middle of line 3"
    assert [event["type"] for event in log.events] == ["header", "x"]


def test_a_log_without_its_footer_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, {"type": "x"})
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert read_log(tmp_path).cut == "it ends after line 2, without its footer"


def test_a_log_that_breaks_off_in_its_first_line_tells_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:30])
    assert "cut short in its first line" in refused(tmp_path)


def test_an_altered_line_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, {"type": "x", "status": 500}, {"type": "y"})
    path.write_bytes(path.read_bytes().replace(b"500", b"200"))
    assert "was altered: line 2 of log.jsonl does not follow" in refused(tmp_path)


@pytest.mark.parametrize(
    "order", [(0, 2, 3), (0, 2, 1, 3), (0, 1, 1, 2, 3)], ids=["taken out", "swapped", "put in twice"]
)
def test_lines_belong_where_they_stand(tmp_path: Path, order: tuple[int, ...]) -> None:
    path = written(tmp_path, {"type": "x"}, {"type": "y"})
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[place] for place in order))
    assert "was altered: line" in refused(tmp_path)


def test_nothing_follows_the_footer(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path)
    for event in (HEADER, {"type": "footer"}, {"type": "x"}):
        writer.write(event)
    writer.close()
    assert "goes on after its footer, in line 3" in refused(tmp_path)


def test_another_format_version_is_told_with_the_version_to_use(tmp_path: Path) -> None:
    written(tmp_path, header={**HEADER, "formatVersion": 2, "tool": {"version": "0.9.0"}})
    said = refused(tmp_path)
    assert "has format version 2" in said
    assert "Judge it with exportproof 0.9.0" in said


def test_another_log_is_no_record(tmp_path: Path) -> None:
    written(tmp_path, header={"type": "header", "format": "another"})
    assert "is no record of exportproof" in refused(tmp_path)


@pytest.mark.parametrize("line", ["[]", '"x"', "{}", '{"type":1}'])
def test_a_sealed_line_that_is_no_event_is_told(tmp_path: Path, line: str) -> None:
    writer = LogWriter(tmp_path)
    writer.write(HEADER)
    writer.close()
    from exportproof.conformance.record_log import _sealed

    (header,) = read_log(tmp_path).events
    text = line[:-1].encode()
    seal = _sealed(header["seal"], text)
    with (tmp_path / LOG).open("ab") as file:
        file.write(text + f',"seal":"{seal}"}}\n'.encode())
    assert refused(tmp_path).startswith("Line 2 of log.jsonl")


def test_no_record_is_told(tmp_path: Path) -> None:
    assert "There is no record in" in refused(tmp_path)
    assert "There is no record in" in refused(tmp_path / "nowhere")
    (tmp_path / LOG).mkdir()
    assert "cannot be read" in refused(tmp_path)


def test_a_content_that_is_another_is_told(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path)
    writer.write(HEADER)
    name = writer.keep(b"VanID\r\n1\r\n")
    writer.close()
    log, path = read_log(tmp_path), tmp_path / CONTENTS / f"{name}.gz"
    path.write_bytes(gzip.compress(b"VanID\r\n2\r\n"))
    with pytest.raises(AlteredRecordError, match="holds another content than its name says"):
        log.content(name)
    path.write_bytes(b"no gzip")
    with pytest.raises(AlteredRecordError, match="cannot be unpacked"):
        log.content(name)
    path.unlink()
    with pytest.raises(AlteredRecordError, match="is gone"):
        log.content(name)
    with pytest.raises(AlteredRecordError, match="is no name of a content"):
        log.content("../../elsewhere")


class BrokenOff(Exception):  # noqa: N818 - it stands for an interruption
    """What interrupts a call."""


@pytest.mark.parametrize("half", [True, False], ids=["in the middle of a line", "after a line"])
def test_a_call_that_was_broken_off_leaves_no_trace(
    tmp_path: Path, half: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LogWriter(tmp_path)
    writer.write(HEADER)
    file = writer._file

    class Interrupting:
        def __getattr__(self, name: str) -> Any:
            return getattr(file, name)

        def write(self, data: memoryview) -> int:
            file.write(data[:20] if half else data)
            raise BrokenOff

    monkeypatch.setattr(writer, "_file", Interrupting())
    with pytest.raises(BrokenOff):
        writer.write({"type": "lost", "text": "long enough to be longer than the next one, and then some more"})
    monkeypatch.setattr(writer, "_file", file)
    writer.write({"type": "x"})
    writer.write({"type": "footer"})
    writer.close()
    log = read_log(tmp_path)
    assert [event["type"] for event in log.events] == ["header", "x", "footer"]
    assert log.cut is None
    assert writer.counts == {"header": 1, "x": 1, "footer": 1}


def test_the_seal_can_be_computed_by_anybody(tmp_path: Path) -> None:
    from hashlib import sha256

    path = written(tmp_path, {"type": "x"})
    before = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        text, _, tail = line.rpartition(',"seal":"')
        before = sha256((before + text).encode()).hexdigest()
        assert tail == f'{before}"}}'
        assert json.loads(line)["seal"] == before
