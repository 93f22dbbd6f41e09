"""Link ledgers on disk: read and checked, replaced whole or not at all, and used by one process at a time."""

from __future__ import annotations

import json
import os
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from .link_ledger import FORMAT, FORMAT_VERSION, LinkLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONGEST_WAIT = 600.0
"""Seconds to wait for another process that uses the ledger."""


class LedgerError(Exception):
    """A link ledger cannot be used; the message is one sentence for the user (exit status 4)."""


def read_ledger(path: Path) -> LinkLedger:
    """Read a ledger. Raises LedgerError, which tells what is wrong with the file; nothing is written."""
    shown = repr(str(path))
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise LedgerError(
            f"There is no link ledger at {shown}: 'exportproof run TARGET_URL --link-ledger {path}' makes one."
        ) from None
    except OSError as error:
        raise LedgerError(f"The link ledger {shown} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError):
        raise LedgerError(
            f"The link ledger {shown} is cut short or damaged: it is no whole JSON document. It is left as it was; "
            "take an untouched copy, from version control or the CI's cache."
        ) from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise LedgerError(f"{shown} is no link ledger of exportproof, and is left as it was. Name another file.")
    if values.get("formatVersion") != FORMAT_VERSION:
        tool = values.get("tool")
        wrote = tool.get("version") if isinstance(tool, dict) else None
        raise LedgerError(
            f"The link ledger {shown} has format version {values.get('formatVersion')!r}, and this exportproof reads "
            f"version {FORMAT_VERSION}. It is left as it was; "
            f"use exportproof {wrote or 'of the version that wrote it'}."
        )
    try:
        return LinkLedger.from_dict(values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LedgerError(
            f"The link ledger {shown} does not obey its format ({type(error).__name__}: {error}), so it was altered "
            "after it was written. It is left as it was; take an untouched copy."
        ) from None


def check_target(ledger: LinkLedger, target_url: str, path: Path) -> None:
    """Raise LedgerError when a ledger belongs to another target."""
    if ledger.target != target_url:
        raise LedgerError(
            f"The link ledger {str(path)!r} holds links of {ledger.target}, not of {target_url}. It is left as it was; "
            "name another file, one for each target."
        )


def write_ledger(path: Path, ledger: LinkLedger) -> None:
    """Replace the file as a whole: whoever is killed meanwhile leaves the old one or the new one. Raises OSError."""
    place = path.resolve()
    part = place.with_name(f".{place.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            file.write(_text(ledger).encode())
            file.flush()
            os.fsync(file.fileno())
        with suppress(OSError):
            part.chmod(place.stat().st_mode & 0o777)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def in_use(path: Path, note: Callable[[str], object]) -> Iterator[None]:
    """Use a ledger alone; another process that uses it is waited for, and `note` is told so.

    The lock is the operating system's, on a file beside the ledger: it ends with its process. Raises LedgerError.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only a run with a ledger needs it

    place = path.resolve()
    if not place.parent.is_dir():
        raise LedgerError(
            f"The link ledger {str(path)!r} has no place to stand: its folder does not exist. Make it first."
        )
    lock = FileLock(place.with_name(f".{place.name}.lock"))
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            note(f"Another exportproof uses {path}; waiting for it.")
            lock.acquire(timeout=LONGEST_WAIT)
    except Timeout:
        raise LedgerError(
            f"Another exportproof has used the link ledger {str(path)!r} for {LONGEST_WAIT / 60:.0f} minutes. "
            "Try again when it has ended."
        ) from None
    except OSError as error:
        raise LedgerError(
            f"The link ledger {str(path)!r} cannot be used: {error.strerror or error}. "
            "Its folder has to be one that you may write to."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _text(ledger: LinkLedger) -> str:
    """Write one run and one link a line, so that a ledger in version control shows what changed."""
    values = ledger.serializable()
    lists = {name: values.pop(name) for name in ("runs", "links")}
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in values.items()]
    for name, items in lists.items():
        inside = ",\n  ".join(json.dumps(item, separators=(",", ":")) for item in items)
        lines.append(f"{json.dumps(name)}: [\n  {inside}\n ]" if items else f"{json.dumps(name)}: []")
    return "{\n " + ",\n ".join(lines) + "\n}\n"
