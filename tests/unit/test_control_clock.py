"""The target's clock: asked as seldom as is safe, and never taken to be further than it can be."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from exportproof.conformance.control import Control
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.literals import THEN, exchange
from exportproof.spec.offer import format_instant

if TYPE_CHECKING:
    from datetime import datetime

    from exportproof.conformance.client import Client
    from exportproof.conformance.observation import Exchange

FINE = THEN + timedelta(milliseconds=203)
ASKING = 0.5


class Target:
    """A target with a control API, and the suite's own clock, which an answer takes half a second of."""

    def __init__(self) -> None:
        self.here = 100.0
        self.told: datetime = FINE
        self.asked = 0

    def call(self, purpose: str, method: str, path: str, **_: Any) -> Exchange:
        self.here += ASKING
        if method == "GET":
            self.asked += 1
            told = {"version": 1, "capabilities": ["clock"], "now": format_instant(self.told)}
            return exchange(purpose, told, url=f"http://target.test{path}")
        return exchange(purpose, {}, 204 if method == "DELETE" else 200, url=f"http://target.test{path}")


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    target = Target()
    monkeypatch.setattr(time, "monotonic", lambda: target.here)
    return target


@pytest.fixture
def control(target: Target) -> Control:
    return Control(cast("Client", target), Ledger())


def test_a_clock_that_was_told_goes_on_without_a_question(target: Target, control: Control) -> None:
    assert control.now() == FINE
    target.here += 4
    assert control.now() == FINE + timedelta(seconds=4)
    assert target.asked == 1


def test_what_was_told_is_old_after_ten_seconds(target: Target, control: Control) -> None:
    control.now()
    target.here += 10.1
    target.told = FINE + timedelta(seconds=60)
    assert control.now() == target.told
    assert target.asked == 2


def test_it_may_be_later_than_now_by_as_long_as_the_answer_took(target: Target, control: Control) -> None:
    assert control.latest() is None
    control.now()
    target.here += 4
    assert control.latest() == FINE + timedelta(seconds=4 + ASKING)


def test_each_account_has_a_clock(target: Target, control: Control) -> None:
    control.now("first")
    target.told = FINE + timedelta(hours=1)
    assert control.now("second") == target.told
    assert control.now("first") == FINE + timedelta(seconds=ASKING)
    assert control.latest("second") == target.told + timedelta(seconds=ASKING)


@pytest.mark.parametrize(("milliseconds", "cut"), [(0, 1), (300, 0.1)])
def test_a_clock_told_in_whole_seconds_is_asked_each_time(
    target: Target, control: Control, milliseconds: int, cut: float
) -> None:
    target.told = THEN + timedelta(milliseconds=milliseconds)
    assert control.now() == control.now() == target.told
    assert target.asked == 2
    assert control.latest() == target.told + timedelta(seconds=cut + ASKING)


def test_a_frozen_clock_stands_still(target: Target, control: Control) -> None:
    control.now()
    control.freeze(FINE)
    target.told = FINE + timedelta(days=1)
    assert control.now() == target.told
    target.here += 4
    assert control.now() == control.latest() == target.told
    assert target.asked == 3


@pytest.mark.parametrize("how", ["release", "reset"])
def test_a_clock_that_was_set_free_is_asked_anew(target: Target, control: Control, how: str) -> None:
    control.freeze(FINE)
    control.now()
    target.told = FINE + timedelta(days=1)
    control.release() if how == "release" else control.reset("second")
    assert control.now() == target.told
