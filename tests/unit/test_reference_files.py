"""How an export is laid out in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reference.behaviour import Behaviour

if TYPE_CHECKING:
    from exportproof.tests.unit.conftest import Direct

IN = "2026-11-20T12:00:00Z"
NOTE = 4000


class TenBytes(Behaviour):
    """Files of ten bytes, whatever was asked for."""

    def limit_bytes(self, request: Any) -> int:
        del request
        return 10


@pytest.fixture
def request_of_contacts(direct: Direct) -> Any:
    """A request that was accepted."""
    direct.post()
    job = direct.behaviour.store.job(direct.waiting[0])
    assert job is not None
    return job.request


def lay_out(rows: list[bytes], request: Any) -> list[bytes]:
    return [bytes(part.content) for part in TenBytes().lay_out(b"h\r\n", rows, request)]


def test_files_are_filled_up_to_the_limit_and_not_over(request_of_contacts: Any) -> None:
    assert lay_out([b"123\r\n", b"4\r\n"], request_of_contacts) == [b"h\r\n123\r\n", b"h\r\n4\r\n"]
    assert lay_out([b"12\r\n", b"4\r\n"], request_of_contacts) == [b"h\r\n12\r\n4\r\n"], "ten bytes are ten bytes"
    assert lay_out([b"12345\r\n", b"4\r\n"], request_of_contacts) == [b"h\r\n12345\r\n", b"h\r\n4\r\n"]


def test_without_rows_there_is_one_file_with_the_header(request_of_contacts: Any) -> None:
    assert lay_out([], request_of_contacts) == [b"h\r\n"]


def test_a_row_that_no_file_can_hold_ends_the_job(make_direct: type[Direct]) -> None:
    direct = make_direct(TenBytes)
    direct.change({"id": 1, "at": IN})
    job = direct.finished()
    assert (job["jobStatus"], job["code"], job["files"], job["exportedRecordCount"]) == (
        "Error", "ROW_TOO_LARGE", [], 0
    )  # fmt: skip
    assert "fileSizeKbLimit" in job["message"]


def test_a_split_export(direct: Direct) -> None:
    notes = ['ä,\r\n"' * (NOTE // 5)] * 600
    direct.change(*({"id": n, "at": IN, "values": {"Notes": note}} for n, note in enumerate(notes, 1)))
    job = direct.finished(fileSizeKbLimit=1000)
    contents = [direct.download(file["downloadUrl"]).body for file in job["files"]]
    assert job["exportedRecordCount"] == 600
    assert len(contents) > 2
    assert all(len(content) <= 1_000_000 for content in contents)
    assert len({content.split(b"\r\n")[0] for content in contents}) == 1
    assert all(content.endswith(b"\r\n") for content in contents)
    header = len(contents[0].split(b"\r\n")[0]) + 2
    longest = (sum(map(len, contents)) - len(contents) * header) // 600 + len("600")
    assert all(len(content) + longest > 1_000_000 for content in contents[:-1]), "a file was closed early"


@pytest.mark.parametrize(("limit", "files"), [(None, 1), (100_000, 1), (2000, 2)])
def test_the_limit_decides_the_number_of_files(limit: int | None, files: int, direct: Direct) -> None:
    direct.change(*({"id": n, "at": IN, "values": {"Notes": "x" * NOTE}} for n in range(1, 600)))
    assert len(direct.finished(fileSizeKbLimit=limit)["files"]) == files


def test_the_default_limit(direct: Direct) -> None:
    direct.post()
    job = direct.behaviour.store.job(direct.waiting[0])
    assert job is not None
    assert direct.behaviour.limit_bytes(job.request) == 40_000_000


def test_tokens_cannot_be_guessed(direct: Direct) -> None:
    tokens = {direct.behaviour.token(1, 1) for _ in range(200)}
    assert len(tokens) == 200
    assert all(len(token) == 32 for token in tokens)
