"""The creation family but for its echo: jobs are made, found again, and keep their window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.literals import CODES, THEN, exchange, findings, job, outcomes, probe, run

if TYPE_CHECKING:
    from exportproof.conformance.observation import Exchange, JobObservation

ACCEPTED, NEW, FOUND = "creation/accepted", "creation/new-job", "creation/retrievable"
DEFAULT, KEPT = "creation/to-defaults-to-request", "creation/window-kept"


def created(says: Any = None, status: int | None = 201, *, number: int = 1, **more: Any) -> JobObservation:
    """A job whose creation was answered so; `error` in `more` is the exchange's, the others are the body's."""
    error = more.pop("error", None)
    account = more.pop("account", "first")
    seen = job(number=number, name=f"job {number}", account=account, **more)
    answered = {"exportJobId": 7} if says is None and status == 201 else says
    asked = replace(exchange("create", answered, number=number, account=account, error=error), status=status)
    return replace(seen, create=asked)


REFUSAL = {"errors": [{"code": "BAD_REQUEST", "text": "contactMode is unknown."}]}


# --- accepted -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        (created(), {"pass"}),
        (created({"exportJobId": 2_170_181_229}), {"pass"}),
        (created({"exportJobId": 12345.0}), {"pass"}),
        (created({"exportJobId": 0}), {"fail"}),
        (created({"exportJobId": -4}), {"fail"}),
        (created({"exportJobId": 1.5}), {"fail"}),
        (created({"exportJobId": "12345"}), {"fail"}),
        (created({"exportJobId": True}), {"fail"}),
        (created({"exportJobId": None}), {"fail"}),
        (created({}), {"fail"}),
        (created(b"created"), {"fail"}),
        (created(b"[" * 100_000), {"fail"}),
        (created({"exportJobId": 7}, 200), {"fail"}),
        (created({"exportJobId": 7}, 202), {"fail"}),
        (created(REFUSAL, 400), {"fail"}),
        (created(REFUSAL, 403), {"fail"}),
        (created(REFUSAL, 500), {"fail"}),
        (created(REFUSAL, 429), {"doubt"}),
        (created(None, None, error="timeout"), {"doubt"}),
        (created({"exportJobId": 7}, 201, error="disconnected"), {"doubt"}),
    ],
)
def test_a_valid_request_is_answered_201_with_an_id(answered: JobObservation, outcome: set[str]) -> None:
    assert outcomes(ACCEPTED, run(answered)) == outcome


def test_a_refusal_is_told_with_what_it_says() -> None:
    (found,) = findings(ACCEPTED, run(created(REFUSAL, 400, contactMode=1, purpose="contact modes")))
    assert found.message == "a valid request (contact modes) was not answered 201"
    assert (found.received, found.exchanges) == ("status 400: contactMode is unknown.", (1,))


@pytest.mark.parametrize(
    "body",
    [
        {"dateChangedTo": None},
        {"webhookUrl": "https://hooks.invalid"},
        {"requestedFields": ["VanID"]},
        {"requestedFields": ["Amount", "Amount"]},
        {"requestedIds": [*range(1, 3_000), 1]},
        {"requestedIds": []},
        {"requestedCustomFieldIds": [158]},
        {"dateChangedFrom": "2026-08-20T00:00:00Z"},
        {"dateChangedTo": "2026-11-20T07:59:00Z"},
        {"contactMode": 4},
    ],
)
def test_what_nobody_has_to_take_may_be_refused(body: dict[str, Any]) -> None:
    assert outcomes(ACCEPTED, run(created(REFUSAL, 400, **body))) == set()


@pytest.mark.parametrize(
    "body",
    [
        {"dateChangedTo": "2026-11-11T00:00:00.123Z"},
        {"requestedIds": list(range(1, 3_000))},
        {"requestedFields": ["Amount"], "requestedCustomFieldIds": [157], "fileSizeKbLimit": 1000},
        {"requestedActivistCodeIds": [4001], "contactMode": 2, "includeInactive": True},
    ],
)
def test_what_everybody_has_to_take_may_not(body: dict[str, Any]) -> None:
    assert outcomes(ACCEPTED, run(created(REFUSAL, 400, **body))) == {"fail"}


def test_a_window_that_grew_too_old_under_a_moved_clock_may_be_refused() -> None:
    moved = exchange("control", {"now": "2027-02-20T00:00:00Z"}, number=1, method="PUT")
    seen = created(REFUSAL, 400, number=2)
    assert outcomes(ACCEPTED, run(seen, exchanges=(moved, seen.create))) == set()


def test_an_end_near_the_present_counts_where_the_target_told_its_time() -> None:
    told = exchange("control", {"now": "2026-11-20T08:00:00Z"}, number=1)
    seen = created(REFUSAL, 400, number=2, dateChangedTo="2026-11-20T07:58:00Z")
    assert outcomes(ACCEPTED, run(seen, exchanges=(told, seen.create))) == {"fail"}


def test_a_type_that_is_never_taken_is_told_elsewhere() -> None:
    refused = created(REFUSAL, 400, resource=CODES, number=2)
    assert outcomes(ACCEPTED, run(created(), refused)) == {"pass"}
    assert outcomes(ACCEPTED, run(created(number=3, resource=CODES), refused)) == {"pass", "fail"}
    assert outcomes(ACCEPTED, run(refused)) == {"fail"}


def test_another_account_may_be_let_at_fewer_types() -> None:
    refused = created(REFUSAL, 403, account="second", number=2)
    assert outcomes(ACCEPTED, run(created(), refused)) == {"pass"}
    let = created(account="second", number=3)
    assert outcomes(ACCEPTED, run(let, refused)) == {"pass", "fail"}
    custom = created(REFUSAL, 400, account="second", number=2, requestedCustomFieldIds=[157])
    assert outcomes(ACCEPTED, run(let, custom)) == {"pass"}


def test_valid_bodies_that_were_sent_for_their_answer_count_too() -> None:
    taken = probe("validation/legal-accepted", {}, says={"id": 7}, expectation="accepted", number=3)
    refused = probe("validation/legal-accepted", {}, 422, REFUSAL, expectation="accepted", number=4)
    odd = probe("validation/odd-input", {"contactMode": 4}, 400, number=5)
    unlisted = probe("validation/legal-accepted", {"resourceType": "X"}, 400, expectation="accepted", number=6)
    assert [f.key for f in findings(ACCEPTED, run(probes=(taken, refused, odd, unlisted)))] == ["id", "422:a creation"]


def test_a_job_that_was_noted_as_a_probe_is_judged_once() -> None:
    seen = created()
    noted = replace(probe("validation/legal-accepted", {}, expectation="accepted"), exchange=seen.create)
    assert len(findings(ACCEPTED, run(seen, probes=(noted,)))) == 1


# --- new-job --------------------------------------------------------------------------------------


def ids(*numbers: Any, **more: Any) -> list[JobObservation]:
    return [created({"exportJobId": number}, number=place, **more) for place, number in enumerate(numbers, start=1)]


def test_each_post_has_an_id_of_its_own() -> None:
    assert outcomes(NEW, run(*ids(1, 2, 3))) == {"pass"}
    assert outcomes(NEW, run(*ids(1))) == set()
    assert outcomes(NEW, run(*ids("a", "a", True, None))) == set()
    (found,) = [f for f in findings(NEW, run(*ids(5, 6, 5))) if f.outcome == "fail"]
    assert (found.received, found.exchanges) == ("exportJobId 5 twice", (1, 3))


def test_probes_that_were_taken_have_jobs_too() -> None:
    seen = created({"exportJobId": 5})
    taken = probe("validation/odd-input", {}, says={"exportJobId": 5}, number=2).exchange
    assert outcomes(NEW, run(seen, exchanges=(seen.create, taken))) == {"fail"}


def test_ids_may_come_again_in_another_account_or_after_a_reset() -> None:
    second = created({"exportJobId": 1}, number=2, account="second")
    assert outcomes(NEW, run(*ids(1), second)) == set()
    first, again = ids(1, 1)
    again = replace(again, create=replace(again.create, number=3))
    reset = exchange("control", number=2, status=204, method="DELETE", url="http://127.0.0.1:9/_control/state")
    assert outcomes(NEW, run(first, again, exchanges=(first.create, reset, again.create))) == set()
    other = replace(reset, account="second")
    assert outcomes(NEW, run(first, again, exchanges=(first.create, other, again.create))) == {"fail"}


# --- retrievable ----------------------------------------------------------------------------------


def asked(*answers: Any, later: tuple[Any, ...] = ()) -> JobObservation:
    """A job with id 1 that was asked after so: each is a status, or what the answer of status 200 says."""

    def get(place: int, told: Any) -> Exchange:
        status = told if isinstance(told, int) else 200
        return exchange("job", {"exportJobId": 1} if told == 200 else told, status, number=place)

    polls = tuple(get(place, told) for place, told in enumerate(answers, start=2))
    return replace(job(polls=polls), later=tuple(get(place, told) for place, told in enumerate(later, start=20)))


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (asked(200), {"pass"}),
        (asked({"exportJobId": 1, "jobStatus": "Pending"}, 200), {"pass"}),
        (asked(404, 200), {"fail"}),
        (asked(500), {"fail"}),
        (asked(202), {"fail"}),
        (asked({"exportJobId": 2}), {"fail"}),
        (asked(200, 404), {"fail"}),
        (asked(200, later=(404,)), {"fail"}),
        (asked(200, later=({"exportJobId": 3},)), {"fail"}),
        (asked(200, later=(429,)), {"pass"}),
        (asked(429, 200), {"doubt"}),
        (asked({}), set()),
        (asked({"exportJobId": "1"}), set()),
        (asked(b"<html>"), set()),
        (job(polls=(exchange("job", error="timeout"),)), {"doubt"}),
        (job(polls=()), set()),
        (created(REFUSAL, 400), set()),
    ],
)
def test_a_job_is_found_by_its_id(seen: JobObservation, outcome: set[str]) -> None:
    assert outcomes(FOUND, run(seen)) == outcome


def test_a_job_that_is_not_found_is_told_with_its_creation() -> None:
    (found,) = findings(FOUND, run(asked(404, 200)))
    assert (found.message, found.received) == (
        "asking after the job of job right after its creation is not answered with it",
        "status 404",
    )
    assert found.exchanges == (1, 2)


# --- the end that nobody sent ---------------------------------------------------------------------


def open_ended(told: Any, **more: Any) -> JobObservation:
    """A job without dateChangedTo that announces this one, between 08:00:00.20 and 08:00:00.40 at the target."""
    values = {
        "dateChangedTo": None,
        "target_before": THEN + timedelta(milliseconds=203),
        "target_after": THEN + timedelta(milliseconds=404),
    }
    return job(says={"dateChangedTo": told}, **{**values, **more}, create=exchange("create", {"exportJobId": 1}))


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ("2026-11-20T08:00:00.3Z", {"pass"}),
        ("2026-11-20T08:00:00.3130009Z", {"pass"}),
        ("2026-11-20T09:30:00.31+01:30", {"pass"}),
        ("2026-11-20T08:00:00Z", {"pass"}),
        ("2026-11-20T08:00:01Z", {"pass"}),
        ("2026-11-20T08:00:00.20Z", {"pass"}),
        ("2026-11-20T08:00:00.41Z", {"pass"}),
        ("2026-11-20T08:00:00.44Z", {"fail"}),
        ("2026-11-20T08:00:00.17Z", {"fail"}),
        ("2026-11-20T08:00:03Z", {"fail"}),
        ("2026-11-20T00:00:00Z", {"fail"}),
        ("2026-11-20T07:58:00.31Z", {"fail"}),
        (None, set()),
        ("soon", set()),
        ("2026-11-20T08:00:00.31", set()),
        (17, set()),
    ],
)
def test_an_end_that_was_left_out_is_the_time_of_the_request(told: Any, outcome: set[str]) -> None:
    assert outcomes(DEFAULT, run(open_ended(told))) == outcome


def test_every_answer_is_held_to_it() -> None:
    seen = open_ended("2026-11-20T08:00:00.31Z", later=({"dateChangedTo": "2026-11-20T08:05:00.31Z"},))
    (found,) = findings(DEFAULT, run(seen))
    assert found.message == "job has no dateChangedTo, and announces an end 299.91 s after the time of its request"
    assert found.received == "dateChangedTo 2026-11-20T08:05:00.310Z"
    assert found.expected is not None
    assert "2026-11-20T08:00:00.203Z and 2026-11-20T08:00:00.404Z" in found.expected


def test_a_target_whose_clock_is_read_in_seconds_may_be_a_second_off() -> None:
    coarse = {"target_before": THEN, "target_after": THEN}
    assert outcomes(DEFAULT, run(open_ended("2026-11-20T08:00:00.97Z", **coarse))) == {"pass"}
    assert outcomes(DEFAULT, run(open_ended("2026-11-20T08:00:01.27Z", **coarse))) == {"fail"}


def test_a_clock_that_only_a_header_tells_is_trusted_to_an_hour() -> None:
    unknown = {"target_before": None, "target_after": None}
    assert outcomes(DEFAULT, run(open_ended("2026-11-20T08:40:00Z", **unknown))) == {"pass"}
    assert outcomes(DEFAULT, run(open_ended("2026-11-20T00:00:00Z", **unknown))) == {"fail"}
    dated = open_ended("2026-11-20T11:00:00.50Z", **unknown)
    header = {"date": "Fri, 20 Nov 2026 11:00:00 GMT"}
    seen = run(dated, exchanges=(exchange("resources", [], number=0, headers=header), dated.create))
    assert outcomes(DEFAULT, seen) == {"pass"}


def test_answers_about_one_job_announce_one_end() -> None:
    unknown = {"target_before": None, "target_after": None}
    for later, outcome in (("08:00:00Z", "pass"), ("08:00:01.2Z", "pass"), ("08:03:45.31Z", "fail")):
        seen = open_ended("2026-11-20T08:00:00.31Z", later=({"dateChangedTo": f"2026-11-20T{later}"},), **unknown)
        assert outcomes(DEFAULT, run(seen)) == {outcome}, later


def test_an_end_that_was_sent_is_not_held_to_the_time_of_the_request() -> None:
    assert outcomes(DEFAULT, run(job())) == set()


# --- the window that was sent ---------------------------------------------------------------------

SENT = {"dateChangedFrom": "2026-11-10T08:15:30.25+04:00", "dateChangedTo": "2026-11-11T00:00:00.50Z"}
TOLD = {"dateChangedFrom": "2026-11-10T04:15:30.2500000Z", "dateChangedTo": "2026-11-10T19:00:00.5-05:00"}


def windowed(**told: Any) -> JobObservation:
    return job(says={**TOLD, **told}, create=exchange("create", {"exportJobId": 1, **TOLD}), **SENT)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({}, {"pass"}),
        ({"dateChangedFrom": None, "dateChangedTo": None}, {"pass"}),
        ({"dateChangedFrom": "2026-11-10T04:15:30.253Z"}, {"pass"}),
        ({"dateChangedFrom": "2026-11-10T04:15:30Z"}, {"fail"}),
        ({"dateChangedFrom": "2026-11-10T04:15:30.26Z"}, {"fail"}),
        ({"dateChangedFrom": "2026-11-10T08:15:30.25Z"}, {"fail"}),
        ({"dateChangedFrom": "2026-11-10T00:00:00Z"}, {"fail"}),
        ({"dateChangedTo": "2026-11-11T00:00:00Z"}, {"fail"}),
        ({"dateChangedTo": "2026-11-20T08:00:00Z"}, {"fail"}),
        ({"dateChangedTo": "2026-11-10"}, {"fail"}),
        # Without an offset it may be meant in any; the schema family blames that.
        ({"dateChangedFrom": "2026-11-10T04:15:30.25"}, {"pass"}),
        ({"dateChangedFrom": "2026-11-10 00:15:30.25"}, {"pass"}),
        ({"dateChangedFrom": "2026-11-10T04:15:30"}, {"fail"}),
        ({"dateChangedFrom": "2026-11-09T04:15:30.25"}, {"fail"}),
        ({"dateChangedFrom": 1_794_000_000}, {"pass"}),
    ],
)
def test_the_window_that_was_sent_is_announced(told: dict[str, Any], outcome: set[str]) -> None:
    assert outcomes(KEPT, run(windowed(**told))) == outcome


@pytest.mark.parametrize(("told", "outcome"), [("2026-11-10", "pass"), ("2026-11-09", "fail")])
def test_a_date_alone_may_be_the_right_instant_somewhere(told: str, outcome: str) -> None:
    seen = job(says={"dateChangedFrom": told}, dateChangedFrom="2026-11-09T19:00:00-05:00")
    asked = exchange("create", {"exportJobId": 1, "dateChangedFrom": "2026-11-10T00:00:00Z"})
    assert outcomes(KEPT, run(replace(seen, create=asked))) == {outcome}


def test_the_answer_that_tells_another_window_is_named() -> None:
    seen = windowed()
    cut = exchange("job", {"exportJobId": 1, **TOLD, "dateChangedTo": "2026-11-11T00:00:00Z"}, number=30)
    (found,) = findings(KEPT, run(replace(seen, later=(cut,))))
    assert (found.exchanges, found.received) == ((1, 30), 'dateChangedTo "2026-11-11T00:00:00Z"')
    assert found.key == "dateChangedTo:job"


def test_an_end_that_was_not_sent_is_no_part_of_the_window_that_was() -> None:
    assert outcomes(KEPT, run(open_ended("2020-01-01T00:00:00Z"))) == {"pass"}
    assert outcomes(KEPT, run(created(REFUSAL, 400, resource=CODES, polls=()))) == set()
