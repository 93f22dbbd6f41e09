"""Variants of how an export is laid out in files."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..behaviour import Behaviour
from ..model import FilePart, Job, JobRequest
from . import variant


class _Smaller(Behaviour):
    """An export that does not fit one file is spread over files of a part of the limit."""

    part: float

    def lay_out(self, header: bytes, rows: Iterable[bytes], request: JobRequest) -> list[FilePart]:
        kept = list(rows)
        parts = super().lay_out(header, kept, request)
        if len(parts) == 1:
            return parts
        return super().lay_out(header, kept, replace(request, limit_kb=int(self.limit_kb(request) * self.part)))


@variant(readings={"kilobyte": "1024"})
class BinaryKilobytes(Behaviour):
    """A kilobyte of fileSizeKbLimit has 1024 bytes."""

    def limit_bytes(self, request: JobRequest) -> int:
        return self.limit_kb(request) * 1024


@variant(readings={"empty-result": "no-files"})
class NoFileWithoutRecords(Behaviour):
    """An export without records has no file."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        return [part for part in parts if part.rows]


@variant(readings={"later-headers": "first-only"}, warns=("split/header-in-every-file",))
class HeaderInTheFirstFileOnly(Behaviour):
    """The second and later files of a job begin with a record."""

    def header_of(self, number: int, header: bytes) -> bytes:
        return header if number == 1 else b""


@variant()
class MoreFilesThanItTakes(_Smaller):
    """An export that has to be split is split into files of at most half the limit."""

    part = 0.5


@variant()
class FilesJustUnderTheLimit(_Smaller):
    """An export that has to be split leaves a tenth of each file free."""

    part = 0.9


@variant()
class ListsFilesBackwards(Behaviour):
    """The last file of a job is listed first."""

    def job_state(self, job: Job, root: str) -> dict[str, Any]:
        state = super().job_state(job, root)
        return {**state, "files": state["files"][::-1]}


@variant()
class RowsInNoOrder(Behaviour):
    """Records stand in an order that means nothing, another in each job."""

    def lay_out(self, header: bytes, rows: Iterable[bytes], request: JobRequest) -> list[FilePart]:
        kept = list(rows)
        random.shuffle(kept)
        return super().lay_out(header, kept, request)


@variant()
class RowsBackwards(Behaviour):
    """Records stand in descending order of their ids."""

    def lay_out(self, header: bytes, rows: Iterable[bytes], request: JobRequest) -> list[FilePart]:
        return super().lay_out(header, list(rows)[::-1], request)
