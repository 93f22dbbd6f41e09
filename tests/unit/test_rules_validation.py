"""The validation family: requests that are sent for their answer alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.finding import registered
from exportproof.conformance.literals import CODES, THEN, exchange, findings, job, outcomes, probe, run, votes
from exportproof.conformance.verdict import Docket, load_rules
from exportproof.spec import catalogue
from exportproof.spec.offer import format_instant

if TYPE_CHECKING:
    from exportproof.conformance.observation import Expectation, ProbeObservation, Run

FROM, TYPE, LEGAL = "validation/from-required", "validation/resource-type-known", "validation/legal-accepted"
FUTURE, LISTED, ODD = "validation/to-not-in-future", "validation/listed-types-accepted", "validation/odd-input"
NOTHING = "validation/nothing-created"
REFUSAL = {"errors": [{"code": "BAD_REQUEST", "text": "No."}]}


def sent(rule: str, expectation: Expectation, status: int | None, body: Any = None, **more: Any) -> ProbeObservation:
    """A probe that was answered so. A status of 200 stays one."""
    says = REFUSAL if status is not None and status >= 400 else None
    seen = probe(rule, body or {}, status, says, expectation=expectation, **more)
    return replace(seen, exchange=replace(seen.exchange, status=status))


def seen(*probes: ProbeObservation, **more: Any) -> Run:
    """A run of these probes, on a target that took a POST before."""
    plain = job(number=1)
    exchanges = (plain.create, *(p.exchange for p in probes))
    return run(plain, **{"probes": probes, "exchanges": exchanges, **more})


def test_every_rule_of_the_family_is_judged() -> None:
    load_rules()
    family = {rule for rule in catalogue.rules() if rule.startswith("validation/")}
    assert {rule for rule in registered() if rule.startswith("validation/")} == family
    assert len(family) == 18


# --- what has to be refused -----------------------------------------------------------------------

# All but those about what is taken, what is open, and what is left behind.
REFUSED = (
    *("from-required", "from-readable", "from-within-90-days", "to-readable", "to-after-from"),
    *("resource-type-required", "limit-minimum", "limit-maximum", "json-well-formed", "body-is-object"),
)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "pass"),
        *((status, "fail") for status in (200, 201, 202, 302, 401, 403, 404, 405, 413, 415, 422, 500, 503)),
        (408, "doubt"),
        (429, "doubt"),
    ],
)
def test_a_broken_request_is_answered_400(status: int, outcome: str) -> None:
    assert outcomes(FROM, seen(sent(FROM, "refused-400", status, number=2))) == {outcome}


@pytest.mark.parametrize("name", REFUSED)
def test_each_constraint_has_its_rule(name: str) -> None:
    rule = f"validation/{name}"
    assert outcomes(rule, seen(sent(rule, "refused-400", 400, number=2))) == {"pass"}
    assert outcomes(rule, seen(sent(rule, "refused-400", 201, number=2))) == {"fail"}
    assert outcomes(FROM if rule != FROM else TYPE, seen(sent(rule, "refused-400", 201, number=2))) == set()


@pytest.mark.parametrize("error", ["timeout", "disconnected", "refused", "tls"])
def test_an_answer_that_never_came_is_doubt(error: str) -> None:
    found = findings(FROM, seen(sent(FROM, "refused-400", None, number=2, error=error)))
    assert [f.outcome for f in found] == ["doubt"]
    assert found[0].message.endswith(f"no answer ({error})")


def test_a_request_that_was_taken_is_told_with_its_job() -> None:
    label = "no dateChangedFrom, for Contacts"
    (found,) = findings(FROM, seen(sent(FROM, "refused-400", 201, number=2, label=label)))
    assert found.message == "a request that has to be refused (no dateChangedFrom, for Contacts) was taken"
    assert (found.expected, found.received) == ("status 400", "status 201 with exportJobId 1")
    assert found.exchanges == (2,)
    (other,) = findings(FROM, seen(sent(FROM, "refused-400", 422, number=2)))
    assert other.received == "status 422: No."


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "pass") for status in (400, 403, 404, 409, 422)),
        *((status, "fail") for status in (200, 201, 302, 401, 405, 500)),
        (429, "doubt"),
    ],
)
def test_an_unknown_type_is_answered_with_a_4xx_about_it(status: int, outcome: str) -> None:
    assert outcomes(TYPE, seen(sent(TYPE, "refused-4xx", status, number=2))) == {outcome}


@pytest.mark.parametrize("status", [403, 404])
def test_a_route_that_takes_nothing_does_not_refuse_a_type(status: int) -> None:
    asked = sent(TYPE, "refused-4xx", status, number=2)
    assert outcomes(TYPE, run(probes=(asked,), exchanges=(asked.exchange,))) == {"doubt"}


CONTROL = exchange("control", {"now": format_instant(THEN)}, number=1)


@pytest.mark.parametrize(
    ("ahead", "told", "outcome"),
    [
        (timedelta(minutes=6), True, {"fail"}),
        (timedelta(minutes=5), True, {"fail"}),
        # It was further ahead when it was written, perhaps; now small differences between clocks explain it.
        (timedelta(minutes=4), True, set()),
        (timedelta(minutes=-1), True, set()),
        # Without the control API the target's clock is not known that well.
        (timedelta(minutes=6), False, set()),
        (timedelta(days=30), False, {"fail"}),
    ],
)
def test_an_end_is_held_to_the_future_while_it_surely_is(ahead: timedelta, told: bool, outcome: set[str]) -> None:
    body = {"dateChangedTo": format_instant(THEN + ahead)}
    taken = sent(FUTURE, "refused-400", 201, body, number=2)
    exchanges = (CONTROL, taken.exchange) if told else (taken.exchange,)
    assert outcomes(FUTURE, seen(taken, exchanges=exchanges)) == outcome
    refused = sent(FUTURE, "refused-400", 400, body, number=2)
    assert outcomes(FUTURE, seen(refused)) == {"pass"}


def test_an_end_that_no_calendar_of_ours_reaches_is_the_future() -> None:
    taken = sent(FUTURE, "refused-400", 201, {"dateChangedTo": "9999-12-31T23:59:59-12:00"}, number=2)
    assert outcomes(FUTURE, seen(taken)) == {"fail"}


# --- what has to be taken -------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [LEGAL, LISTED, "validation/nulls-accepted", "validation/unknown-properties-accepted"])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(201, "pass"), *((status, "fail") for status in (200, 202, 400, 401, 403, 404, 422, 500)), (429, "doubt")],
)
def test_a_legal_request_is_answered_201(rule: str, status: int, outcome: str) -> None:
    body = {"resourceType": CODES.name}
    assert outcomes(rule, seen(sent(rule, "accepted", status, body, number=2))) == {outcome}


def test_a_legal_request_without_an_answer_is_doubt() -> None:
    assert outcomes(LEGAL, seen(sent(LEGAL, "accepted", None, error="disconnected", number=2))) == {"doubt"}
    cut = sent(LEGAL, "accepted", 201, error="disconnected", number=2)
    assert outcomes(LEGAL, seen(cut)) == {"doubt"}


def test_a_refused_value_is_named() -> None:
    label = "a fileSizeKbLimit of 1000"
    (found,) = findings(LEGAL, seen(sent(LEGAL, "accepted", 400, {"fileSizeKbLimit": 1000}, label=label, number=2)))
    assert found.message == "a legal request (a fileSizeKbLimit of 1000) was refused"
    assert (found.expected, found.received) == ("status 201", "status 400: No.")


@pytest.mark.parametrize(
    "body",
    [{"dateChangedTo": "2026-11-20T07:58:00Z"}, {"dateChangedFrom": "2026-08-22T19:00:00Z"}],
)
def test_an_instant_near_a_bound_counts_as_far_as_the_clock_is_known(body: dict[str, Any]) -> None:
    refused = sent(LEGAL, "accepted", 400, body, number=2)
    assert outcomes(LEGAL, seen(refused)) == set()
    broke = sent(LEGAL, "accepted", 500, body, number=2)
    assert outcomes(LEGAL, seen(broke)) == {"fail"}
    known = {"fail"} if "dateChangedTo" in body else set()
    assert outcomes(LEGAL, seen(refused, exchanges=(CONTROL, refused.exchange))) == known


def test_a_type_that_was_exported_in_another_way_can_be_exported() -> None:
    assert outcomes(LISTED, seen(sent(LISTED, "accepted", 400, number=2))) == {"pass"}
    refused = sent(LISTED, "accepted", 400, {"resourceType": CODES.name}, number=2)
    assert outcomes(LISTED, seen(refused)) == {"fail"}


NULLS, UNKNOWN = "validation/nulls-accepted", "validation/unknown-properties-accepted"


@pytest.mark.parametrize(("rule", "body"), [(NULLS, {"contactMode": None}), (UNKNOWN, {"columns": []})])
def test_what_is_refused_without_the_null_as_well_is_not_refused_for_it(rule: str, body: dict[str, Any]) -> None:
    refused = sent(rule, "accepted", 400, body, number=2)
    plain = sent(LEGAL, "accepted", 400, number=3)
    assert outcomes(rule, run(probes=(refused, plain))) == set()
    assert outcomes(rule, seen(refused, plain)) == {"fail"}
    assert outcomes(rule, run(probes=(refused,))) == {"fail"}


def test_a_job_that_is_judged_as_a_probe_needs_no_recorded_body() -> None:
    seen_job = job()
    noted = replace(sent(LEGAL, "accepted", 201), exchange=seen_job.create)
    assert outcomes(LEGAL, run(seen_job, probes=(noted,))) == {"pass"}


# --- what is open ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "pass") for status in (201, 400, 401, 404, 413, 415, 422, 429)),
        *((status, "fail") for status in (200, 204, 302, 500, 501, 503)),
    ],
)
def test_odd_input_is_refused_or_taken(status: int, outcome: str) -> None:
    assert outcomes(ODD, seen(sent(ODD, "either", status, number=2))) == {outcome}


def test_a_connection_that_odd_input_breaks_is_the_servers_doing() -> None:
    broken = sent(ODD, "either", None, error="disconnected", number=2, label="a contactMode of 4")
    (found,) = findings(ODD, seen(broken))
    assert found.message == "an odd request (a contactMode of 4) was not answered"
    assert found.received == "no answer (disconnected)"
    large = sent(ODD, "either", None, {"requestedIds": list(range(20_000))}, error="disconnected", number=2)
    assert outcomes(ODD, seen(large)) == {"doubt"}


def test_one_silence_is_doubt_and_several_are_not() -> None:
    silent = [sent(ODD, "either", None, error="timeout", number=n) for n in (2, 3)]
    assert outcomes(ODD, seen(silent[0])) == {"doubt"}
    assert outcomes(ODD, seen(*silent)) == {"fail"}
    large = [sent(ODD, "either", None, {"x": "x" * 70_000}, error="timeout", number=n) for n in (2, 3)]
    assert outcomes(ODD, seen(*large)) == {"doubt"}
    assert outcomes(ODD, seen(sent(ODD, "either", None, error="refused", number=2))) == {"doubt"}


@pytest.mark.parametrize(
    ("status", "observed"),
    [
        (201, {"taken"}), (400, {"refused"}), (404, {"refused"}), (415, {"refused"}),
        (401, set()), (405, set()), (408, set()), (429, set()), (500, set()), (200, set()),
    ],
)  # fmt: skip
def test_readings_are_observed(status: int, observed: set[str]) -> None:
    assert votes("odd-boolean-text", seen(sent(ODD, "either", status, reading="odd-boolean-text"))) == observed


@pytest.mark.parametrize(("status", "observed"), [(201, {"lenient"}), (400, {"exact"}), (503, set())])
def test_the_edge_of_the_90_days_is_observed(status: int, observed: set[str]) -> None:
    rule = "validation/from-within-90-days"
    asked = seen(sent(rule, "either", status, reading="ninety-days", number=2))
    assert votes("ninety-days", asked) == observed
    assert outcomes(rule, asked) == set()


def test_a_target_that_answers_the_same_in_two_ways_contradicts_itself() -> None:
    twice = [sent(ODD, "either", status, reading="odd-contact-mode", number=n) for n, status in ((2, 400), (3, 201))]
    docket = Docket(seen(*twice))
    docket.readings()
    (found,) = [f for f in docket.findings[ODD] if f.outcome == "fail"]
    assert found.key == "reading:odd-contact-mode"
    assert found.exchanges == (2, 3)


def test_probes_of_other_families_are_left_alone() -> None:
    other = sent("fields/unaccepted-not-echoed", "either", 500, reading="unknown-field", number=2)
    assert outcomes(ODD, seen(other)) == set()


# --- what a refusal leaves behind -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "headers", "outcome"),
    [
        (REFUSAL, {}, {"pass"}),
        (b"<html>", {}, {"pass"}),
        ({"exportJobId": None, **REFUSAL}, {}, {"pass"}),
        ({"exportJobId": 0, **REFUSAL}, {}, {"pass"}),
        ({"exportJobId": 17, **REFUSAL}, {}, {"fail"}),
        ({"exportJobId": "17"}, {}, {"fail"}),
        (REFUSAL, {"location": "/v4/changedEntityExportJobs/17"}, {"fail"}),
        (REFUSAL, {"location": "/login"}, {"pass"}),
    ],
)
def test_a_refusal_names_no_job(body: Any, headers: dict[str, str], outcome: set[str]) -> None:
    for purpose in ("probe", "create"):
        assert outcomes(NOTHING, run(exchanges=(exchange(purpose, body, 400, headers=headers),))) == outcome


@pytest.mark.parametrize("status", [201, 429, 500, None])
def test_other_answers_are_no_refusals(status: int | None) -> None:
    assert outcomes(NOTHING, run(exchanges=(exchange("probe", {"exportJobId": 17}, status),))) == set()


def test_a_get_refuses_no_creation() -> None:
    assert outcomes(NOTHING, run(exchanges=(exchange("job", {"exportJobId": 17}, 404),))) == set()


def test_the_job_of_a_refusal_is_named() -> None:
    (found,) = findings(NOTHING, run(exchanges=(exchange("probe", {"exportJobId": 17}, 400, number=5),)))
    assert (found.received, found.exchanges) == ("status 400 with exportJobId 17", (5,))
