"""What Schemathesis makes of the document, once it is repaired: telling requests, judged by the catalogue."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from exportproof.generators.bridge import ROUTE, GeneratedCase, schemathesis_cases
from exportproof.generators.classify import ODD, VALID, classify_bytes
from exportproof.spec.catalogue import document, rules
from exportproof.spec.offer import Offer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MANY = 160


@pytest.fixture(scope="module")
def many(offer: Offer, present: datetime) -> list[GeneratedCase]:
    return schemathesis_cases(document("openapi.yaml"), offer, present, seed=1, count=MANY)


def bodies(cases: list[GeneratedCase], kind: str) -> list[Mapping[str, object]]:
    return [json.loads(case.body or b"null") for case in cases if case.method == "POST" and case.classification == kind]


def test_requests_have_the_shape_of_their_operation(many: list[GeneratedCase]) -> None:
    assert MANY * 0.9 <= len(many) <= MANY
    for case in many:
        assert case.classification in (VALID, ODD) or case.classification.removeprefix("invalid:") in rules()
        if case.method == "POST":
            assert case.path == ROUTE
            assert case.body is not None
            assert case.content_type
        else:
            assert (case.method, case.body, case.content_type) == ("GET", None, None)
            assert re.fullmatch(r"/changedEntityExportJobs/(resources|((fields|changeTypes)/)?[\w.~%-]+)", case.path)
            assert "%2F" not in case.path.upper()
            assert case.path.isascii()


def test_all_operations_are_tried(many: list[GeneratedCase], offer: Offer) -> None:
    paths = [case.path.removeprefix(f"{ROUTE}/") for case in many if case.method == "GET"]
    assert len(paths) == len(set(paths)) > MANY / 10
    assert paths.count("resources") == 1
    for route in ("fields", "changeTypes"):
        named = {unquote(path.removeprefix(f"{route}/")) for path in paths if path.startswith(f"{route}/")}
        assert named > set(offer.resources), "the listed types, and others"
    ids = [path for path in paths if "/" not in path and path != "resources"]
    assert any(one.isdigit() and int(one) >= 2**31 for one in ids), "ids beyond 32 bits"
    assert any(not one.isdigit() for one in ids), "and what is no id"


def test_classifications_are_the_catalogues(many: list[GeneratedCase], offer: Offer, present: datetime) -> None:
    for case in many:
        if case.method == "POST" and case.content_type == "application/json":
            assert case.classification == classify_bytes(case.body or b"", offer, present)


def test_many_bodies_are_valid_and_they_differ(many: list[GeneratedCase], offer: Offer) -> None:
    valid = bodies(many, VALID)
    assert len(valid) > MANY / 4
    assert {body["resourceType"] for body in valid} == set(offer.resources)
    assert {1000, 100_000} <= {body.get("fileSizeKbLimit") for body in valid}, "the bounds of the schema"
    assert {1, 2, 3} <= {body.get("contactMode") for body in valid}
    assert {True, False} <= {body.get("includeInactive") for body in valid}


def test_bounds_are_not_masked(many: list[GeneratedCase]) -> None:
    """Each bound is tried in a body that is right but for it, as it is not when the schema alone makes bodies."""
    found = Counter(case.classification for case in many)
    for rule in ("from-required", "resource-type-required", "limit-minimum", "limit-maximum", "body-is-object"):
        assert found[f"invalid:validation/{rule}"] >= 1, rule
    assert 999 in {body["fileSizeKbLimit"] for body in bodies(many, "invalid:validation/limit-minimum")}
    assert 100_001 in {body["fileSizeKbLimit"] for body in bodies(many, "invalid:validation/limit-maximum")}


@pytest.mark.parametrize("count", [0, 1, 12])
def test_a_few_are_enough_for_a_run_in_a_hurry(count: int, offer: Offer, present: datetime) -> None:
    cases = schemathesis_cases(document("openapi.yaml"), offer, present, seed=3, count=count)
    assert len(cases) == count
    if count == 12:
        assert {case.method for case in cases} == {"GET", "POST"}
        assert len({case.classification for case in cases}) > 1


def test_a_target_that_lists_nothing_gets_no_valid_body(present: datetime) -> None:
    cases = schemathesis_cases(document("openapi.yaml"), Offer(), present, seed=3, count=40)
    assert cases
    assert [case for case in cases if case.method == "POST" and case.classification == VALID] == []


PROGRAM = """
from datetime import UTC, datetime
from hashlib import sha256
from exportproof.generators.bridge import schemathesis_cases
from exportproof.spec.catalogue import document
from exportproof.spec.offer import Field, Offer, Resource
offer = Offer({"Contacts": Resource("Contacts", "VanID", (Field("VanID", "N", True), Field("Prefix", "T", False)))})
for seed in (1, 2):
    cases = schemathesis_cases(document("openapi.yaml"), offer, datetime(2026, 12, 1, tzinfo=UTC), seed, 30)
    print(sha256(repr(cases).encode()).hexdigest())
"""


def test_a_seed_means_the_same_requests_in_another_process() -> None:
    words = [sys.executable, "-W", "error", "-c", PROGRAM]
    runs = [
        subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout  # noqa: S603 - as above
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    first, second = runs[0].split()
    assert first != second


def test_schemathesis_is_imported_only_when_it_is_used() -> None:
    program = "import sys, exportproof.generators.bridge; print('schemathesis' in sys.modules)"
    words = [sys.executable, "-c", program]
    ended = subprocess.run(words, check=True, capture_output=True, text=True, timeout=60)  # noqa: S603 - as above
    assert ended.stdout.strip() == "False"
