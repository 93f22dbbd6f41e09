"""Drawn requests: valid ones are valid, invalid ones break the rule that they name and no other."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exportproof.generators.classify import VALID, classify, classify_bytes
from exportproof.generators.draw import draw_many
from exportproof.generators.requests import invalid, valid_requests
from exportproof.generators.stamps import STEP, enough_digits, on_grid, spellings, write_stamp
from exportproof.spec.catalogue import document, rules
from exportproof.spec.offer import Offer, parse_instant


def test_drawn_bodies_are_valid(offer: Offer, present: datetime) -> None:
    openapi = document("openapi.yaml")
    schema = Draft202012Validator(
        {"$ref": "#/components/schemas/ExportJobRequest", "components": openapi["components"]}
    )
    instants = [present - timedelta(days=3), present - timedelta(days=20, seconds=7), present - timedelta(days=200)]
    names = tuple(offer.resources)

    @given(valid_requests(offer, present, ids=(7, 8, 9), instants=instants, resource_types=names))
    def check(body: dict[str, Any]) -> None:
        assert classify(body, offer, present) == VALID
        assert list(schema.iter_errors(body)) == []
        first = parse_instant(body["dateChangedFrom"])
        last = parse_instant(body["dateChangedTo"]) if "dateChangedTo" in body else present
        assert present - timedelta(days=89) < first < last <= present
        assert first.microsecond % 10_000 == 0
        resource = offer.resources[body["resourceType"]]
        assert set(body.get("requestedFields", ())) <= {field.name for field in resource.extra}
        assert set(body.get("requestedCustomFieldIds", ())) <= set(resource.custom_fields)

    check()


def test_drawn_bodies_reach_what_matters(offer: Offer, present: datetime) -> None:
    change = on_grid(present) - timedelta(days=10)
    strategy = valid_requests(offer, present, ids=(7, 8), instants=[change], resource_types=("Contacts",))
    bodies = draw_many(strategy, 300, seed=1)
    ends = {
        parse_instant(body[name]) for body in bodies for name in ("dateChangedFrom", "dateChangedTo") if name in body
    }
    assert {change, change + STEP, change - STEP} <= ends, "windows end at the changes, and a step beside them"
    assert len(ends) > 50, "and elsewhere"
    assert any("dateChangedTo" not in body for body in bodies)
    ids = {identifier for body in bodies for identifier in body.get("requestedIds", ())}
    assert {7, 8} < ids, "ids that exist, and others"
    assert {1, 2, 3} <= {body.get("contactMode") for body in bodies}
    assert {1000, 100_000} <= {body.get("fileSizeKbLimit") for body in bodies}
    texts = [body["dateChangedFrom"] for body in bodies]
    assert any(text.endswith("Z") for text in texts)
    assert any("+" in text for text in texts)
    assert any("." not in text for text in texts)


def test_no_listed_type_makes_no_request(offer: Offer, present: datetime) -> None:
    assert draw_many(valid_requests(offer, present, ids=(), instants=(), resource_types=("NoSuchType",)), 5, 1) == []
    assert draw_many(invalid(Offer(), present), 5, 1) == []


def test_drawn_invalid_requests_break_the_rule_that_they_name(offer: Offer, present: datetime) -> None:
    @given(invalid(offer, present))
    def check(case: Any) -> None:
        found = classify(case.body, offer, present) if case.raw is None else classify_bytes(case.raw, offer, present)
        assert found == f"invalid:{case.rule}"

    check()


def test_drawn_invalid_requests_break_every_rule(offer: Offer, present: datetime) -> None:
    cases = draw_many(invalid(offer, present), 300, seed=3)
    assert {case.rule for case in cases} == {
        rule
        for rule in rules()
        if rule.startswith("validation/") and not rule.endswith(("accepted", "odd-input", "nothing-created"))
    }
    limits = {case.body["fileSizeKbLimit"] for case in cases if case.body and "limit" in str(case.rule)}
    assert {999, 100_001} <= limits
    assert all(json.dumps(case.body) or case.raw is not None for case in cases)


@given(
    st.datetimes(
        min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - the zone comes from the strategy
        max_value=datetime(2199, 1, 1),  # noqa: DTZ001
        timezones=st.timezones(),
    ),
    st.integers(-14 * 60, 14 * 60),
)
def test_stamps_keep_the_instant(instant: datetime, offset: int) -> None:
    grid = on_grid(instant)
    assert timedelta() <= instant - grid < STEP
    for digits in enough_digits(grid):
        assert parse_instant(write_stamp(grid, offset, digits)) == grid
        assert parse_instant(write_stamp(grid, None, digits)) == grid


@given(st.data())
def test_every_spelling_means_the_same_instant(present: datetime, data: st.DataObject) -> None:
    instant = on_grid(present)
    assert parse_instant(data.draw(spellings(instant))) == instant


def test_years_have_four_digits() -> None:
    assert write_stamp(datetime.fromisoformat("0999-01-01T00:00:00+00:00"), digits=0) == "0999-01-01T00:00:00Z"
    with pytest.raises(OverflowError):
        write_stamp(datetime.fromisoformat("9999-12-31T23:00:00+00:00"), offset=120)
