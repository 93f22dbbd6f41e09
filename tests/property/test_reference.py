"""What holds of the reference implementation for all inputs: splitting, CSV, and what the store keeps."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exportproof.reference.behaviour import Behaviour
from exportproof.reference.model import ExportFailed, JobRequest, from_micros, to_micros
from exportproof.reference.resources import resource_types

AT = datetime(2026, 11, 20, tzinfo=UTC)
REQUEST = JobRequest("Contacts", AT, AT + timedelta(days=1))
HEADER = b"a,b\r\n"
INSTANTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - aware ones come of them
INT32S = st.integers(-(2**31), 2**31 - 1)
# All that the control API takes as text, and lone surrogates aside all that UTF-8 can hold.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


class Small(Behaviour):
    """Files of as many bytes as `limit`."""

    limit = 0

    def limit_bytes(self, request: JobRequest) -> int:
        del request
        return self.limit


@pytest.fixture(scope="module")
def small() -> Small:
    """One for all examples."""
    return Small()


def next_fit(sizes: list[int], room: int) -> int:
    """Tell how many files it takes to hold sizes in their order."""
    files, left = 1, room
    for size in sizes:
        if size > left:
            files, left = files + 1, room
        left -= size
    return files


@given(rows=st.lists(st.binary(min_size=1, max_size=30), max_size=60), limit=st.integers(5, 90))
def test_splitting(rows: list[bytes], limit: int, small: Small) -> None:
    small.limit = limit
    room = limit - len(HEADER)
    if any(len(row) > room for row in rows):
        with pytest.raises(ExportFailed):
            small.lay_out(HEADER, iter(rows), REQUEST)
        return
    parts = small.lay_out(HEADER, iter(rows), REQUEST)
    contents = [bytes(part.content) for part in parts]
    assert all(content.startswith(HEADER) for content in contents)
    assert all(len(content) <= limit for content in contents)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    # Every record once, whole and in order: cut by the numbers of rows, the files give the rows again.
    left = iter(rows)
    assert [HEADER + b"".join(next(left) for _ in range(part.rows)) for part in parts] == contents
    assert next(left, None) is None
    assert small.count(parts, REQUEST) == len(rows)
    assert len(parts) == next_fit([len(row) for row in rows], room), "as few files as the order allows"


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_text_comes_through_csv(table: list[list[str]]) -> None:
    behaviour = Behaviour()
    written = b"".join(behaviour.line(cells) for cells in table).decode("utf-8")
    assert list(csv.reader(io.StringIO(written, newline=""), strict=True)) == table


@given(
    st.builds(
        JobRequest,
        resource_type=st.sampled_from(sorted(resource_types())),
        start=INSTANTS,
        end=INSTANTS,
        ids=st.none() | st.lists(INT32S).map(tuple),
        fields=st.none() | st.lists(TEXTS).map(tuple),
        custom_field_ids=st.none() | st.lists(INT32S).map(tuple),
        limit_kb=st.none() | st.integers(1000, 100_000),
        include_inactive=st.none() | st.booleans(),
        contact_mode=st.none() | st.integers(1, 3),
        activist_codes=st.none() | st.lists(INT32S).map(tuple),
        exclude_self=st.none() | st.booleans(),
    )
)
def test_the_store_keeps_a_request(request_: JobRequest) -> None:
    assert JobRequest.from_json(request_.to_json()) == request_
    # What was worked out of it meanwhile is no part of it.
    assert request_.id_set == frozenset(request_.ids or ())
    assert JobRequest.from_json(request_.to_json()) == request_


@given(INSTANTS)
def test_the_store_keeps_an_instant(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant


@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_range_makes_a_download_fail(raw: bytes) -> None:
    content = b"0123456789"
    answer = Behaviour().deliver(content, "bytes=" + raw.decode("latin-1"))
    assert answer.status in (200, 206, 416)
    assert answer.body in content
