"""The log of a record: one JSON object a line, each sealed by a hash chain; and the files beside it.

docs/record-format.md is the format. What is here knows lines, seals and contents, and nothing of what they mean.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT, FORMAT_VERSION = "exportproof-record", 1
LOG, CONTENTS = "log.jsonl", "files"
HEADER, FOOTER = "header", "footer"
_SEAL = re.compile(rb',"seal":"([0-9a-f]{64})"\}')
_SEAL_LENGTH = 75
_CONTENT_NAME = re.compile(r"[0-9a-f]{64}\.gz")
# The fastest level: a run writes tens of megabytes while a target waits.
_LEVEL = 1


class RecordError(Exception):
    """A record cannot be read or written; the message is one sentence for the user (exit status 4)."""


class AlteredRecordError(RecordError):
    """A record is not what was written: the message says where."""

    def __init__(self, directory: Path, what: str) -> None:
        """Say which record, and what of it was changed."""
        super().__init__(
            f"The record in {str(directory)!r} was altered: {what}. Nothing is judged by it; "
            "take an untouched copy, or run 'exportproof run' again."
        )


@dataclass(frozen=True)
class _Written:
    """How far a log is written: the last seal, the length in bytes, the lines, and the events by type."""

    seal: str = ""
    length: int = 0
    lines: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


class LogWriter:
    """Writes a log line by line; what was written survives the end of the process, whenever it comes.

    A call that was broken off by an exception, as an interruption is, may have written its line or not; the
    next call writes in its place.
    """

    def __init__(self, directory: Path) -> None:
        """Take away the record that stands in the folder, if any, and begin one. Raises OSError."""
        contents = directory / CONTENTS
        contents.mkdir(parents=True, exist_ok=True)
        (directory / LOG).unlink(missing_ok=True)
        for path in contents.iterdir():
            if _CONTENT_NAME.fullmatch(path.name):
                path.unlink()
        self._contents = contents
        self._kept: dict[str, int] = {}
        self._file = (directory / LOG).open("xb", buffering=0)
        self._written = _Written()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many events of each type are written."""
        return self._written.counts

    @property
    def lines(self) -> int:
        """How many lines are written."""
        return self._written.lines

    @property
    def contents(self) -> tuple[int, int]:
        """How many contents are kept, and their bytes before compression."""
        return len(self._kept), sum(self._kept.values())

    def write(self, event: Mapping[str, Any]) -> None:
        """Append one event. Raises OSError."""
        text = json_bytes(event)[:-1]
        before = self._written
        seal = _sealed(before.seal, text)
        line = text + b',"seal":"' + seal.encode() + b'"}\n'
        self._file.seek(before.length)
        self._file.truncate()
        left = memoryview(line)
        while left:
            left = left[self._file.write(left) or 0 :]
        kind = event["type"]
        counts = {**before.counts, kind: before.counts.get(kind, 0) + 1}
        self._written = _Written(seal, before.length + len(line), before.lines + 1, counts)

    def keep(self, content: bytes, digest: str | None = None) -> str:
        """Keep a content beside the log, once, and return its SHA-256, which names it. Raises OSError."""
        digest = digest or sha256(content).hexdigest()
        if digest not in self._kept:
            (self._contents / f"{digest}.gz").write_bytes(gzip.compress(content, _LEVEL, mtime=0))
            self._kept[digest] = len(content)
        return digest

    def close(self) -> None:
        """Close the log, with or without its footer."""
        self._file.close()


def json_bytes(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return a JSON value on one line, in UTF-8; half of a surrogate pair is escaped, since UTF-8 has none."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _sealed(before: str, text: bytes) -> str:
    return sha256(before.encode() + text).hexdigest()


@dataclass(frozen=True)
class Log:
    """The events of a log, header and footer included. `cut` tells where it breaks off, None when it is whole."""

    directory: Path
    events: tuple[Mapping[str, Any], ...]
    cut: str | None = None

    def content(self, digest: str) -> bytes:
        """Return a content by its SHA-256; raises AlteredRecordError when it is gone or is another one."""
        name = f"{CONTENTS}/{digest}.gz"
        if _CONTENT_NAME.fullmatch(f"{digest}.gz") is None:
            raise AlteredRecordError(self.directory, f"{digest!r} is no name of a content")
        try:
            content = gzip.decompress((self.directory / name).read_bytes())
        except FileNotFoundError:
            raise AlteredRecordError(self.directory, f"{name} is gone") from None
        except (EOFError, OSError, zlib.error):
            raise AlteredRecordError(self.directory, f"{name} cannot be unpacked") from None
        if sha256(content).hexdigest() != digest:
            raise AlteredRecordError(self.directory, f"{name} holds another content than its name says")
        return content


def read_log(directory: Path) -> Log:
    """Read a log and prove its seals.

    Raises RecordError when there is none, or none of this format version, and AlteredRecordError at the first line
    that is not what was written. A log that breaks off is no error, as long as its header is there.
    """
    try:
        data = (directory / LOG).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise RecordError(
            f"There is no record in {str(directory)!r}. Give the folder that 'exportproof run' wrote its report to."
        ) from None
    except OSError as error:
        raise RecordError(f"The record in {str(directory)!r} cannot be read: {error.strerror or error}.") from None
    *whole, rest = data.split(b"\n")
    events: list[Mapping[str, Any]] = []
    seal = ""
    for number, line in enumerate(whole, start=1):
        if events and events[-1]["type"] == FOOTER:
            raise AlteredRecordError(directory, f"{LOG} goes on after its footer, in line {number}")
        event, seal = _proven(directory, number, line, seal)
        if number == 1:
            _check_header(directory, event)
        events.append(event)
    if rest and _SEAL.search(rest) is not None and len(rest) > _SEAL.search(rest).end():  # type: ignore[union-attr]
        raise AlteredRecordError(directory, f"line {len(events) + 1} of {LOG} goes on after its end")
    if not events:
        raise RecordError(f"The record in {str(directory)!r} was cut short in its first line, so nothing can be read.")
    return Log(directory, tuple(events), _cut(events, rest))


def _proven(directory: Path, number: int, line: bytes, before: str) -> tuple[Mapping[str, Any], str]:
    """Return the event of a line and its seal; raises AlteredRecordError when the seal is another."""
    text, tail = line[:-_SEAL_LENGTH], line[-_SEAL_LENGTH:]
    found = _SEAL.fullmatch(tail)
    if found is None or found[1].decode() != _sealed(before, text):
        raise AlteredRecordError(directory, f"line {number} of {LOG} does not follow from the lines before it")
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise RecordError(f"Line {number} of {LOG} in {str(directory)!r} is no event of a record.")
    return event, found[1].decode()


def _check_header(directory: Path, event: Mapping[str, Any]) -> None:
    if event["type"] != HEADER or event.get("format") != FORMAT:
        raise RecordError(f"{LOG} in {str(directory)!r} is no record of exportproof: it begins otherwise.")
    if event.get("formatVersion") != FORMAT_VERSION:
        tool = event.get("tool")
        version = tool.get("version") if isinstance(tool, dict) else None
        raise RecordError(
            f"The record in {str(directory)!r} has format version {event.get('formatVersion')!r}, and this exportproof "
            f"reads version {FORMAT_VERSION}. Judge it with exportproof {version or 'of the version that wrote it'}."
        )


def _cut(events: list[Mapping[str, Any]], rest: bytes) -> str | None:
    """Tell where a log breaks off, or None when it has its footer."""
    if rest:
        return f"it breaks off in the middle of line {len(events) + 1}"
    if events[-1]["type"] == FOOTER:
        return None
    return f"it ends after line {len(events)}, without its footer"
