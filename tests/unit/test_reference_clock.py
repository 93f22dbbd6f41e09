"""The present of the reference implementation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exportproof.reference.clock import Clock

NOW = datetime(2026, 11, 23, 8, 0, 0, 123_987, tzinfo=UTC)


class Ticking:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_the_present_is_in_whole_milliseconds() -> None:
    assert Clock(Ticking()).now() == NOW.replace(microsecond=123_000)
    assert Clock().now().microsecond % 1000 == 0


def test_a_frozen_clock_stands_still_until_it_is_released() -> None:
    system = Ticking()
    clock = Clock(system)
    later = NOW + timedelta(days=20, microseconds=5)
    assert clock.freeze(later) == later
    system.now += timedelta(hours=1)
    assert clock.now() == later
    clock.release()
    assert clock.now() == (NOW + timedelta(hours=1)).replace(microsecond=123_000)


def test_the_clock_moves_forward_only() -> None:
    clock = Clock(Ticking())
    clock.freeze(NOW + timedelta(days=1))
    with pytest.raises(ValueError, match="forward only"):
        clock.freeze(NOW + timedelta(days=1, microseconds=-1))
    assert clock.freeze(NOW + timedelta(days=1)) == clock.now()
    assert clock.freeze(NOW + timedelta(days=2)) == clock.now()


def test_a_present_that_was_read_a_moment_ago_may_be_frozen() -> None:
    system = Ticking()
    clock = Clock(system)
    seen = clock.now()
    system.now += timedelta(seconds=30)
    assert clock.freeze(seen) == seen
    clock.release()
    system.now += timedelta(minutes=1)
    with pytest.raises(ValueError, match="forward only"):
        clock.freeze(seen)
