"""Timestamps: what is written is read back, whatever the offset and the fraction."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from exportproof.spec.offer import format_instant, parse_instant


@given(
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2199, 1, 1)),  # noqa: DTZ001 - the zone comes below
    st.integers(-14 * 60, 14 * 60),
)
def test_what_is_written_is_read_back(local: datetime, minutes: int) -> None:
    instant = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_instant(format_instant(instant, 6)) == instant
    assert parse_instant(instant.isoformat()) == instant
    assert timedelta() <= instant - parse_instant(format_instant(instant, 2)) < timedelta(milliseconds=10)
