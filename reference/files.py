"""How the rows of an export are laid out in files, none of them over the limit (files.1, files.2)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ..spec.offer import DEFAULT_LIMIT_KB
from .core import Core
from .model import ExportFailed, FilePart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import JobRequest

_KILOBYTE = 1000
_TOKEN_BYTES = 24


class Files(Core):
    """Splits an export. Sizes are in bytes, a kilobyte of fileSizeKbLimit has 1000 (kilobyte)."""

    def lay_out(self, header: bytes, rows: Iterable[bytes], request: JobRequest) -> list[FilePart]:
        """Write the rows into as many files as it takes, at least one.

        Raises ExportFailed when a single row is over the limit.
        """
        parts = [self.open_file(1, header)]
        for row in rows:
            if parts[-1].rows and not self.has_room(parts[-1], row, request):
                self.close_file(parts[-1])
                parts.append(self.open_file(len(parts) + 1, header))
            if not self.has_room(parts[-1], row, request):
                raise ExportFailed("ROW_TOO_LARGE", "A record is larger than fileSizeKbLimit allows a file to be.")
            self.add_row(parts, row, header)
        self.close_file(parts[-1])
        return self.finished(parts, request)

    def open_file(self, number: int, header: bytes) -> FilePart:
        """Begin a file, with the header in each (later-headers: every-file). `number` counts from 1."""
        part = FilePart(number)
        part.content += self.preamble(number)
        part.content += self.header_of(number, header)
        return part

    def preamble(self, number: int) -> bytes:  # noqa: ARG002 - told for those who use it
        """What stands before the header: nothing."""
        return b""

    def header_of(self, number: int, header: bytes) -> bytes:  # noqa: ARG002 - told for those who use it
        """The header of a file."""
        return header

    def has_room(self, part: FilePart, row: bytes, request: JobRequest) -> bool:
        """Tell whether a row fits into a file, header and all."""
        return part.size + len(row) <= self.limit_bytes(request)

    def limit_bytes(self, request: JobRequest) -> int:
        """The most bytes of a file (fileSizeKbLimit.1)."""
        return self.limit_kb(request) * _KILOBYTE

    def limit_kb(self, request: JobRequest) -> int:
        """The limit asked for, or the default."""
        return DEFAULT_LIMIT_KB if request.limit_kb is None else request.limit_kb

    def add_row(self, parts: list[FilePart], row: bytes, header: bytes) -> None:  # noqa: ARG002 - told for others
        """Write a row at the end of the last file."""
        parts[-1].content += row
        parts[-1].rows += 1

    def close_file(self, part: FilePart) -> None:
        """End a file."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:  # noqa: ARG002 - told for others
        """The files that are handed out; an export without records has one with the header (empty-result)."""
        return parts

    def count(self, parts: list[FilePart], request: JobRequest) -> int:  # noqa: ARG002 - told for those who use it
        """How many records all files hold together (facts:1.2)."""
        return sum(part.rows for part in parts)

    def token(self, job_id: int, number: int) -> str:  # noqa: ARG002 - told for those who use it
        """What a link holds: 192 random bits, so that it cannot be guessed (facts:3.3)."""
        return secrets.token_urlsafe(_TOKEN_BYTES)
