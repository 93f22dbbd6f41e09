"""The streaming reader says of any bytes what the reader in memory says of them, however small its blocks."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exportproof.conformance.data import record_id
from exportproof.conformance.table import parse
from exportproof.toolkit import csv_stream
from exportproof.toolkit.csv_stream import Stream
from exportproof.toolkit.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECES = st.sampled_from(
    ["1", "17", "0", "17.0", "-3", "Ann", "é", "\U0001f600", '"', '""', '"a"', '"a,b"', '"a\r\nb"', '"x""y"', ",", ",",
     ",", "\n", "\r\n", "\r", " ", '"12"']
)  # fmt: skip
CELLS = st.sampled_from(["1", "2", "17", "", "é", '"a,b"', '"a\nb"', '"x""y"', '"2"'])
WHOLE = st.lists(st.tuples(CELLS, CELLS, CELLS).map(",".join), max_size=12)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=40).map("".join),
    st.tuples(WHOLE, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\n", "\n\n"])).map(
        lambda drawn: "id,b,c" + drawn[1] + drawn[1].join(drawn[0]) + drawn[2]
    ),
)


@pytest.fixture(params=[3, 7, 4096])
def small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of so few bytes that records lie across them."""
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", request.param)


def streamed(raw: bytes) -> tuple[Stream, list[int | None]]:
    """Read bytes as a file whose first column is its key."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(raw)
        stream = Stream(path, header=lambda record: (record, True), key=lambda _: 0)
        keys: list[int | None] = []
        for rows in stream.rows():
            assert rows.first == len(keys) + 1
            assert len(rows.keys) == rows.count
            keys += rows.keys
        return stream, keys


@pytest.mark.usefixtures("small_blocks")
@given(TEXTS, st.booleans())
@example("a,b\n1,2\n\n\n3,4\n\n", False)
@example('id,b\r"1",2\r"3","4\r"\r', True)
@example("id,b\n1,\r\n2,x\n", False)
def test_both_readers_agree(text: str, mark: bool) -> None:
    raw = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    table = parse(raw)
    stream, keys = streamed(raw)
    told = stream.told
    assert (told.size, told.byte_order_mark) == (len(raw), mark)
    broken = [problem for problem in table.problems if problem.kind in ("stray-quote", "unclosed-quote")]
    found = [problem for problem in told.problems if problem.kind in ("stray-quote", "unclosed-quote")]
    # Where a quote is never closed, how much of the file follows it depends on where blocks end.
    assert [(problem.kind, problem.line) for problem in found] == [(p.kind, p.line) for p in broken]
    if broken:
        return
    assert told.header == table.header
    assert told.rows == len(table.rows) == len(keys)
    assert told.uneven == sum(problem.kind == "row-width" for problem in table.problems)
    assert keys == [(record_id(row[0]) or None) for row in table.rows]
    empties = [problem.message for problem in table.problems if problem.kind == "empty-line"]
    assert [p.message for p in told.problems if p.kind == "empty-line"][:5] == empties[:5]
    if table.rows:
        assert told.last_record == table.rows[-1]
        assert told.ends_with_line_break == table.ends_with_line_break


@given(st.binary(max_size=60))
def test_no_bytes_break_it(raw: bytes) -> None:
    stream, _ = streamed(raw)
    wrong = [problem for problem in parse(raw).problems if problem.kind == "not-utf-8"]
    found = [problem for problem in stream.told.problems if problem.kind == "not-utf-8"]
    # The reader in memory counts line feeds alone.
    assert [p.message for p in found] == [p.message for p in wrong]
    assert b"\r" in raw or [p.line for p in found] == [p.line for p in wrong]


def batches(keys: list[int | None]) -> Iterator[tuple[int, list[int | None]]]:
    for start in range(0, len(keys), 3):
        yield start + 1, keys[start : start + 3]


@given(st.lists(st.one_of(st.none(), st.integers(1, 20), st.integers(1, 2**63 - 1)), max_size=60), st.integers(0, 70))
def test_keys_that_repeat_are_found_in_memory_and_on_disk(keys: list[int | None], in_memory: int) -> None:
    wanted = {key: [row for row, other in enumerate(keys, start=1) if other == key] for key in keys if key is not None}
    with Repeats(in_memory) as repeats:
        for first, batch in batches(keys):
            repeats.add(batch, first)
        found = dict(repeats.found())
    assert found == {key: rows for key, rows in wanted.items() if len(rows) > 1}
