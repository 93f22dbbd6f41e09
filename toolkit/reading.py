"""Reads the files that a user names; what cannot be read is told in one sentence with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .remark import BadInput

MOST_BYTES = 512 * 1024 * 1024
"""A document or a recording larger than this is not read into memory."""
_SHOWN = 60


def read_bytes(path: str | Path) -> bytes:
    """Return a file's bytes. Raises BadInput when it is not there, cannot be read, or is no document by its size."""
    file = Path(path)
    try:
        if file.is_dir():
            raise BadInput(f"{path} is a folder. Name a file in it.")
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise BadInput(f"{path} has {size:,} bytes, too many for a JSON or YAML file. Name the file that is meant.")
        return file.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}. Check its name and the folder that you are in.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{path} cannot be read: {reason}.") from None


def read_text(path: str | Path) -> str:
    """Return a file's text, without a byte order mark. Raises BadInput, as `read_bytes` does and for other bytes."""
    raw = read_bytes(path)
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            raise BadInput(f"{path} is {name.upper()}, not UTF-8. Save it as UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"{path}:{line} is not UTF-8: byte {raw[error.start]:#04x} at offset {error.start:,}. Save it as UTF-8."
        ) from None


def read_json(path: str | Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value in a file. Raises BadInput that names line and column where it is no JSON."""
    text = read_text(path)
    if not text.strip():
        raise BadInput(f"{path} is empty, and so no JSON. Name a file with a JSON text.")
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        excerpt = " ".join(text[error.pos : error.pos + _SHOWN].split())
        near = f" near {excerpt!r}" if excerpt else ", where it ends"
        raise BadInput(f"{path}:{error.lineno}:{error.colno} is no JSON: {error.msg}{near}.") from None
    except RecursionError:
        raise BadInput(f"{path} is nested too deeply to be read as JSON.") from None
    except ValueError as error:
        raise BadInput(f"{path} is no JSON: {error}.") from None


def _refuse(constant: str) -> Any:  # noqa: ANN401 - it never returns
    raise ValueError(f"{constant} is not JSON")
