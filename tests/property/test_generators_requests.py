"""Lists of requests: each valid one obeys everything, each invalid one breaks its own constraint and no other."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from exportproof.generators.cases import Case, plain_body
from exportproof.generators.classify import ODD, VALID, classify, classify_bytes
from exportproof.generators.edges import LEGAL, NULLS, UNKNOWN
from exportproof.generators.requests import edge_requests, invalid_requests, odd_requests
from exportproof.spec.catalogue import document, readings, rules
from exportproof.spec.formats import is_export_timestamp
from exportproof.spec.offer import Field, Offer, Resource, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable

EMPTY = Offer()
ONE_TYPE = Offer({"Disbursements": Resource("Disbursements", None, (Field("Amount", "M", core=True),))})


@cache
def schema() -> Draft202012Validator:
    """The schema of a creation body, formats included."""
    openapi = document("openapi.yaml")
    checker = FormatChecker(())
    checker.checks("export-timestamp")(is_export_timestamp)
    return Draft202012Validator(
        {"$ref": "#/components/schemas/ExportJobRequest", "components": openapi["components"]}, format_checker=checker
    )


def at_fault(body: Any) -> set[str]:
    """The properties that break the schema; a missing one counts."""
    found = set()
    for error in schema().iter_errors(body):
        missing = {name for name in error.validator_value if name not in body} if error.validator == "required" else ()
        found |= set(missing) or {str(error.absolute_path[0]) if error.absolute_path else "body"}
    return found


def judged(case: Case, offer: Offer, now: datetime) -> str:
    return classify(case.body, offer, now) if case.raw is None else classify_bytes(case.raw, offer, now)


LISTS: tuple[Callable[..., list[Case]], ...] = (edge_requests, invalid_requests, odd_requests)


@pytest.mark.parametrize("make", LISTS)
def test_lists_are_the_same_each_time(make: Callable[..., list[Case]], offer: Offer, present: datetime) -> None:
    cases = make(offer, present)
    assert cases == make(offer, present)
    labels = [case.label for case in cases]
    assert sorted(labels) == sorted(set(labels)), "two cases with one label cannot be told apart in a report"
    for case in cases:
        assert (case.body is None) != (case.raw is None), case.label
        if case.body is not None:
            assert json.loads(json.dumps(case.body, ensure_ascii=False).encode()) == case.body, case.label


@pytest.mark.parametrize("make", LISTS)
@pytest.mark.parametrize("few", [EMPTY, ONE_TYPE])
def test_lists_can_be_made_for_any_offer(make: Callable[..., list[Case]], few: Offer, present: datetime) -> None:
    cases = make(few, present)
    assert cases or (make is edge_requests and not few.resources)


def test_legal_edges_obey_the_schema_and_the_catalogue(offer: Offer, present: datetime) -> None:
    for case in edge_requests(offer, present):
        if case.rule == LEGAL:
            assert at_fault(case.body) == set(), case.label
            assert judged(case, offer, present) == VALID, case.label


def test_tolerated_edges_are_valid_without_what_is_tolerated(offer: Offer, present: datetime) -> None:
    cases = [case for case in edge_requests(offer, present) if case.rule != LEGAL]
    assert {case.rule for case in cases} == {NULLS, UNKNOWN}
    known = set(document("openapi.yaml")["components"]["schemas"]["ExportJobRequest"]["properties"])
    for case in cases:
        assert case.body is not None
        extra = {name for name in case.body if name not in known or name == "excludeChangesFromSelf"}
        nulls = {name for name, value in case.body.items() if value is None}
        assert (nulls and not extra) if case.rule == NULLS else (extra and not nulls), case.label
        rest = {name: value for name, value in case.body.items() if name not in extra | nulls}
        assert classify(rest, offer, present) == VALID, case.label
        assert judged(case, offer, present) == ODD, case.label


def test_edges_reach_the_bounds(offer: Offer, present: datetime) -> None:
    bodies = [case.body for case in edge_requests(offer, present) if case.body is not None]
    assert {1000, 100_000} <= {body.get("fileSizeKbLimit") for body in bodies}
    assert {1, 2, 3} <= {body.get("contactMode") for body in bodies}
    assert {True, False} <= {body.get("includeInactive") for body in bodies}
    starts = [body["dateChangedFrom"] for body in bodies]
    for ending in ("Z", "+05:30", "-08:00", "+14:00"):
        assert any(text.endswith(ending) for text in starts), ending
    fractions = {len(text[19:].rstrip("Z").split("+")[0].split("-")[0]) for text in starts}
    assert fractions == {0, 3}, "no fraction, or the two digits of the documentation with their point"
    oldest = min(parse_instant(text) for text in starts)
    assert timedelta(days=88, hours=23) < present - oldest < timedelta(days=89)
    nulls = {name for body in bodies for name, value in body.items() if value is None}
    assert len(nulls) == 8, "every optional property is null somewhere"


PROPERTY = {
    "from-required": "dateChangedFrom", "from-readable": "dateChangedFrom", "from-within-90-days": "dateChangedFrom",
    "to-readable": "dateChangedTo", "to-after-from": "dateChangedTo", "to-not-in-future": "dateChangedTo",
    "resource-type-required": "resourceType", "resource-type-known": "resourceType",
    "limit-minimum": "fileSizeKbLimit", "limit-maximum": "fileSizeKbLimit",
}  # fmt: skip
SEEN_BY_THE_SCHEMA = {
    "from-required", "from-readable", "to-readable", "resource-type-required", "limit-minimum", "limit-maximum",
}  # fmt: skip


def test_every_constraint_is_broken_alone(offer: Offer, present: datetime) -> None:
    for case in invalid_requests(offer, present):
        assert judged(case, offer, present) == f"invalid:{case.rule}", case.label
        if case.body is None:
            continue
        rule = str(case.rule).removeprefix("validation/")
        # A resourceType of "" breaks the schema too; the schema knows no other unknown type.
        allowed = {PROPERTY[rule]}
        assert at_fault(case.body) <= allowed, case.label
        assert (at_fault(case.body) == allowed) >= (rule in SEEN_BY_THE_SCHEMA), case.label


def test_an_invalid_body_is_valid_once_its_one_fault_is_mended(offer: Offer, present: datetime) -> None:
    for case in invalid_requests(offer, present):
        if case.body is None:
            continue
        rule = str(case.rule).removeprefix("validation/")
        sound = plain_body(offer.resources.get(case.body.get("resourceType"), offer.resources["Contacts"]), present)
        mended = {**case.body, PROPERTY[rule]: sound.get(PROPERTY[rule], 2_000)}
        if rule == "to-after-from":
            mended["dateChangedFrom"] = sound["dateChangedFrom"]
        if rule.startswith("resource-type"):
            mended.pop("requestedFields", None)
            mended.pop("requestedCustomFieldIds", None)
        assert classify(mended, offer, present) == VALID, case.label


def test_broken_windows_keep_their_margins(offer: Offer, present: datetime) -> None:
    seen = set()
    for case in invalid_requests(offer, present):
        if case.body is None or case.rule not in {f"validation/{name}" for name in PROPERTY}:
            continue
        seen.add(case.rule)
        first, last = case.body.get("dateChangedFrom"), case.body.get("dateChangedTo")
        if case.rule == "validation/from-within-90-days":
            assert present - parse_instant(first) >= timedelta(days=91), case.label
            assert last is None or parse_instant(last) > parse_instant(first), case.label
        elif case.rule == "validation/to-not-in-future":
            assert parse_instant(last) - present > timedelta(minutes=5, seconds=50), case.label
        elif case.rule == "validation/to-after-from":
            assert parse_instant(last) <= parse_instant(first), case.label
            assert present - parse_instant(first) < timedelta(days=89), case.label
    assert len(seen) == len(PROPERTY)


def test_invalid_requests_reach_the_bounds_and_every_type(offer: Offer, present: datetime) -> None:
    cases = invalid_requests(offer, present)
    assert {case.rule for case in cases} <= set(rules())
    limits = {case.body.get("fileSizeKbLimit") for case in cases if case.body and "limit" in str(case.rule)}
    assert {999, 0, -1, 100_001, 2_147_483_647} <= limits
    for rule in ("limit-minimum", "from-within-90-days", "to-after-from", "to-not-in-future", "from-readable"):
        types = [case.body["resourceType"] for case in cases if case.body and case.rule == f"validation/{rule}"]
        assert types[0] == "Contacts", rule
        assert set(types) == set(offer.resources), f"{rule} is tried for some types only"
    texts = [(case.body["dateChangedFrom"], case.body["dateChangedTo"]) for case in cases
             if case.body and case.rule == "validation/to-after-from"]  # fmt: skip
    assert any(last > first for first, last in texts), "none looks right as text"


@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_profile_in_a_hurry_takes_the_first_of_each_rule(most: int, offer: Offer, present: datetime) -> None:
    whole = invalid_requests(offer, present)
    some = invalid_requests(offer, present, per_rule=most)
    assert {case.rule for case in some} == {case.rule for case in whole}
    for rule in {case.rule for case in whole}:
        assert [c for c in some if c.rule == rule] == [c for c in whole if c.rule == rule][:most]
    assert {case.rule for case in edge_requests(offer, present, per_rule=most)} == {LEGAL, NULLS, UNKNOWN}


def test_odd_requests_are_never_judged_valid(offer: Offer, present: datetime) -> None:
    for case in odd_requests(offer, present):
        if case.content_type is None:
            assert judged(case, offer, present) == ODD, case.label


def test_every_odd_reading_is_probed_twice(offer: Offer, present: datetime) -> None:
    cases = odd_requests(offer, present)
    named = [case.reading for case in cases if case.reading is not None]
    wanted = {name for name in readings() if name.startswith("odd-")}
    assert set(named) == wanted
    assert {name for name in wanted if named.count(name) < 2} <= {"odd-many-ids"}
    first = [case.reading for case in cases[: len(wanted)]]
    assert None not in first, "the readings come first, so that a run cut short still observes them"


def test_odd_probes_of_a_reading_are_odd_in_that_alone(offer: Offer, present: datetime) -> None:
    """Each is a valid body but for one property, so that its answer settles the reading."""
    for case in odd_requests(offer, present):
        if case.reading is None or case.reading == "odd-content-type":
            continue
        assert case.body is not None
        sound = plain_body(offer.resources["Contacts"], present)
        one_by_one = [classify({**case.body, name: sound.get(name)}, offer, present) for name in case.body]
        without = [
            classify({k: v for k, v in case.body.items() if k != name}, offer, present)
            for name in case.body
            if name not in sound
        ]
        assert VALID in (*one_by_one, *without), case.label


def test_odd_raw_bodies_hold_what_they_say(offer: Offer, present: datetime) -> None:
    raw = {case.label: case.raw for case in odd_requests(offer, present) if case.raw is not None}
    assert len(raw["a body of 2 MB"]) > 2 * 10**6
    assert json.loads(raw["a resourceType of a lone surrogate"])["resourceType"] == "\ud800"
    with pytest.raises(UnicodeDecodeError):
        raw["a body of bytes that are no UTF-8"].decode()
    assert raw["a clientReference of objects 200 deep"].count(b"{") == 201
