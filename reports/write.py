"""Writes a run's reports into a folder, whole or not at all."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from .document import to_document
from .html import to_html
from .junit import to_junit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..conformance.result import Result
    from .redact import Redactor


class ReportFolderError(Exception):
    """The folder for the reports cannot be written; the message says why and what to do (exit status 4)."""

    def __init__(self, directory: Path, cause: OSError | str) -> None:
        """Say which folder, what is wrong with it, and what to give instead."""
        reason = cause if isinstance(cause, str) else cause.strerror or str(cause)
        self.directory, self.reason = directory, reason
        super().__init__(
            f"The reports cannot be written to {str(directory)!r}: {reason}. "
            "Give a folder that you may write to with --report-dir."
        )


def check_writable(directory: str | Path) -> None:
    """Create the folder if need be and prove that files can be made in it; nothing else stays behind.

    Raises ReportFolderError.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = _part(directory / "probe")
        with probe.open("x", encoding="utf-8"):
            pass
        probe.unlink()
    except (FileExistsError, NotADirectoryError):
        raise ReportFolderError(directory, "a file stands in its place, or in that of a folder above it") from None
    except OSError as error:
        raise ReportFolderError(directory, error) from error


def write_reports(result: Result, directory: str | Path, redactor: Redactor) -> list[Path]:
    """Write report.json, report.html and junit.xml of a judged run, and return their paths.

    Every file is written beside its place and moved there when all are complete, so that a reader never
    sees half of one. Raises ReportFolderError.
    """
    document = to_document(result, redactor)
    return write_texts(
        directory,
        {
            "report.json": json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
            "report.html": to_html(document),
            "junit.xml": to_junit(document),
        },
    )


def write_texts(directory: str | Path, texts: Mapping[str, str]) -> list[Path]:
    """Write UTF-8 files by their names relative to a folder, each moved into place once all are complete.

    Raises ReportFolderError.
    """
    directory = Path(directory)
    check_writable(directory)
    parts: dict[Path, Path] = {}
    try:
        for name, text in texts.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path] = _part(path)
            parts[path].write_bytes(text.encode("utf-8"))
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        raise ReportFolderError(directory, error) from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return list(parts)


def _part(path: Path) -> Path:
    """Return a name beside a file, on the same file system, that no other process uses."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
