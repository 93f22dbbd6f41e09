"""Writes a run's reports, into a folder and wherever else they are wanted, whole or not at all."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .docs_link import moved
from .kinds import RENDERERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .kinds import Wanted

FILES: Mapping[str, str] = {"report.json": "json", "report.html": "html", "junit.xml": "junit"}
"""What every run writes into its folder, by kind."""


class ReportError(Exception):
    """A report cannot be written where it should be; the message says why and what to do (exit status 4)."""


class ReportFolderError(ReportError):
    """The folder for the reports cannot be written; the message says why and what to do (exit status 4)."""

    def __init__(self, directory: Path, cause: OSError | str) -> None:
        """Say which folder, what is wrong with it, and what to give instead."""
        reason = cause if isinstance(cause, str) else cause.strerror or str(cause)
        self.directory, self.reason = directory, reason
        super().__init__(
            f"The reports cannot be written to {str(directory)!r}: {reason}. "
            "Give a folder that you may write to with --report-dir."
        )


class ReportFileError(ReportError):
    """A file that a report was asked for cannot be written; the message says why and what to do (exit status 4)."""

    def __init__(self, wanted: Wanted, reason: str) -> None:
        """Say which file, what is wrong with it, and what to give instead."""
        super().__init__(
            f"The {wanted.kind} report cannot be written to {str(wanted.path)!r}: {reason}. "
            f"Give a file that you may write to: --report {wanted.kind}=PATH."
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


def check_wanted(wanted: Iterable[Wanted], directory: str | Path) -> None:
    """Prove that files can be made where reports are wanted, beside those that go into the folder.

    Folders above them are made; nothing else stays behind. Raises ReportFileError.
    """
    own = {(Path(directory) / name).resolve(): kind for name, kind in FILES.items()}
    for one in wanted:
        # A device or a pipe cannot be moved into place whole, and /dev/stdout may be a link to any of them.
        if one.path.is_dir() or one.path.parent in (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd")):
            raise ReportFileError(one, "it is no place for a file of its own")
        if one.path.exists() and not one.path.is_file():
            raise ReportFileError(one, "what stands there is no regular file")
        if own.get(one.path.resolve(), one.kind) != one.kind:
            raise ReportFileError(one, f"the run writes its own {one.path.name} there")
        try:
            check_writable(one.path.resolve().parent)
        except ReportFolderError as error:
            raise ReportFileError(one, error.reason) from None


def write_reports(document: Mapping[str, Any], directory: str | Path, wanted: Iterable[Wanted] = ()) -> list[Path]:
    """Write report.json, report.html and junit.xml of a run record, and what else is wanted; return their paths.

    Every file is written beside its place and moved there when all of its folder are complete, so that a reader
    never sees half of one. Raises ReportFolderError and ReportFileError.
    """
    directory = Path(directory)
    texts = {kind: render(document) for kind, render in RENDERERS.items() if kind in FILES.values()}
    paths = write_texts(directory, {name: texts[kind] for name, kind in FILES.items()})
    own = {path.resolve() for path in paths}
    for one in wanted:
        path = one.path.resolve()
        if path in own:
            continue
        try:
            text = RENDERERS[one.kind](moved(document, directory, path.parent))
            write_texts(path.parent, {path.name: text})
        except ReportFolderError as error:
            raise ReportFileError(one, error.reason) from None
        paths.append(one.path)
    return paths


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
