"""Change histories: lives that a target accepts, near the ends of the window, in calls that it takes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given

from exportproof.generators.draw import draw_many
from exportproof.generators.histories import MOST_BYTES, MOST_CHANGES, PlannedChange, histories, pack
from exportproof.generators.values import writable
from exportproof.spec.offer import parse_instant

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from exportproof.spec.offer import Offer

IDS = range(100, 120)


def window(present: datetime) -> tuple[datetime, datetime]:
    return present - timedelta(days=40), present - timedelta(days=30)


def strategy(offer: Offer, present: datetime, **options: Any) -> SearchStrategy[list[PlannedChange]]:
    usual: dict[str, Any] = {
        "window": window(present),
        "ids": IDS,
        "accounts": ("first", "second"),
        "columns": {"ActivistCodeID": (4001, 4002), "NoSuchColumn": (1,)},
    }
    return histories(offer, present, **{**usual, **options})


def lives(history: list[PlannedChange]) -> dict[tuple[str, str, int], list[PlannedChange]]:
    found: dict[tuple[str, str, int], list[PlannedChange]] = {}
    for change in history:
        found.setdefault((change.account, change.resource_type, change.id), []).append(change)
    return found


def test_histories_are_what_the_control_api_takes(offer: Offer, present: datetime) -> None:
    @given(strategy(offer, present))
    def check(history: list[PlannedChange]) -> None:
        assert 1 <= len(lives(history)) <= 8
        assert [change.at for change in history] == sorted(change.at for change in history)
        for change in history:
            resource = offer.resources[change.resource_type]
            assert change.at < present
            assert change.at.microsecond % 10_000 == 0
            assert change.id in IDS
            assert set(change.values) <= {field.name for field in writable(resource)}
            assert set(change.custom_fields) <= {str(one) for one in resource.custom_fields}
            assert (change.contact_mode in (1, 2)) == (resource.name == "Contacts")
            if resource.name == "ContactsActivistCodes":
                assert change.values["ActivistCodeID"] in (4001, 4002)
            item = json.loads(json.dumps(change.item()))
            assert parse_instant(item["at"]) == change.at
            assert item["values"] == change.values

    check()


def test_each_life_makes_sense(offer: Offer, present: datetime) -> None:
    @given(strategy(offer, present))
    def check(history: list[PlannedChange]) -> None:
        for life in lives(history).values():
            assert [change.deed for change in life].count("create") == 1
            assert life[0].deed == "create"
            for before, after in pairwise(life):
                assert before.at <= after.at
                assert after.active == {"deactivate": False, "reactivate": True}.get(after.deed, before.active)
                moved = after.contact_mode != before.contact_mode
                assert moved == (after.deed == "move" and before.contact_mode is not None)
                if after.deed not in ("change", "move"):
                    assert (after.values, after.custom_fields) == (before.values, before.custom_fields)

    check()


def test_histories_gather_at_the_ends_of_the_window(offer: Offer, present: datetime) -> None:
    first, last = window(present)
    drawn = draw_many(strategy(offer, present), 80, seed=2)
    assert drawn == draw_many(strategy(offer, present), 80, seed=2)
    changes = [change for history in drawn for change in history]
    grid = timedelta(milliseconds=10)
    for end in (first, last):
        at = end - timedelta(microseconds=end.microsecond % 10_000)
        for shift in (timedelta(), grid, -grid, timedelta(seconds=1), -timedelta(seconds=1), timedelta(hours=1)):
            assert any(change.at == at + shift for change in changes), shift
    assert any(first + timedelta(days=1) < change.at < last - timedelta(days=1) for change in changes)
    assert any(change.at < first - timedelta(days=60) for change in changes)
    assert {change.deed for change in changes} == {"create", "change", "touch", "deactivate", "reactivate", "move"}
    assert {change.account for change in changes} == {"first", "second"}
    assert {change.resource_type for change in changes} == set(offer.resources)
    assert max(len(life) for history in drawn for life in lives(history).values()) >= 5
    shared = [
        h for h in drawn if {i for a, _, i in lives(h) if a == "first"} & {i for a, _, i in lives(h) if a != "first"}
    ]
    assert shared, "one id stands for a record in each account"


def test_what_cannot_have_a_history_has_none(offer: Offer, present: datetime) -> None:
    for options in ({"ids": ()}, {"resource_types": ("NoSuchType",)}, {"accounts": ()}, {"most_records": 0}):
        assert strategy(offer, present, **options).is_empty


def some_changes(present: datetime, count: int, text: str = "") -> list[PlannedChange]:
    return [
        PlannedChange(
            "second" if number % 5 == 4 else "first", "Contacts" if number % 2 else "ActivistCodes", number, present,
            values={"FirstName": text},
        )
        for number in range(count)
    ]  # fmt: skip


def assert_packed(changes: list[PlannedChange], account: str) -> list[dict[str, Any]]:
    bodies = pack(changes, account)
    for body in bodies:
        assert 0 < len(body["changes"]) <= MOST_CHANGES
        assert max(len(json.dumps(body)), len(json.dumps(body, ensure_ascii=False).encode())) <= MOST_BYTES
    for name in ("Contacts", "ActivistCodes"):
        wanted = [c.item() for c in changes if c.resource_type == name and c.account == account]
        assert [item for body in bodies if body["resourceType"] == name for item in body["changes"]] == wanted
    return bodies


def test_calls_keep_to_the_number_of_changes(present: datetime) -> None:
    changes = some_changes(present, 26_000)
    assert [len(body["changes"]) for body in assert_packed(changes, "first")] == [10_000, 400, 10_000, 400]
    assert [len(body["changes"]) for body in assert_packed(changes, "second")] == [2_600, 2_600]


def test_calls_keep_to_the_number_of_bytes(present: datetime) -> None:
    for text in ("x" * 100_000, "\u00e9" * 40_000, "\U0001f642" * 9_000):
        bodies = assert_packed(some_changes(present, 300, text), "first")
        assert len(bodies) > 2
        assert len(json.dumps(bodies[0])) > MOST_BYTES * 0.8, "calls are filled"


def test_nothing_to_put_is_no_call(present: datetime) -> None:
    assert pack([]) == []
    assert pack(some_changes(present, 1), "second") == []
