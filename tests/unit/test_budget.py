"""The budget of a run, and what happens when it is spent."""

from __future__ import annotations

import httpx
import pytest

from exportproof.conformance.budget import Budget, Spent, estimate
from exportproof.conformance.client import Client, Stop
from exportproof.conformance.course import Course
from exportproof.conformance.settings import BadSettings
from exportproof.conformance.words import Words

ROOT = "http://127.0.0.1:9/v4"


def client(budget: Budget, *answers: httpx.Response) -> tuple[Client, list[float]]:
    """A client whose requests are answered from a list, the last answer over and over; and the waits that it took."""
    waits: list[float] = []
    left = list(answers)
    made = Client(ROOT, {}, sleep=waits.append, budget=budget)
    made._http = httpx.Client(transport=httpx.MockTransport(lambda _: left.pop(0) if len(left) > 1 else left[0]))
    return made, waits


def test_past_the_budget_of_requests_nothing_is_sent() -> None:
    made, _ = client(Budget(most_requests=2), httpx.Response(200, json=[]))
    made.call("resources", "GET", "/x")
    made.call("resources", "GET", "/x")
    with pytest.raises(Spent, match="2 requests is spent; --max-requests allows more"):
        made.call("resources", "GET", "/x")
    assert len(made.exchanges) == 2
    made.close()


def test_a_creation_that_was_taken_is_a_job_and_a_refused_one_is_none() -> None:
    budget = Budget(most_jobs=1)
    made, _ = client(budget, httpx.Response(400, json={}), httpx.Response(201, json={}))
    made.call("probe", "POST", "/x", payload={})
    budget.check(jobs=1)
    made.call("create", "POST", "/x", payload={})
    with pytest.raises(Spent, match="1 jobs is spent; --max-jobs allows more"):
        budget.check(jobs=1)
    made.close()


def test_requests_that_were_told_to_wait_count_and_the_waiting_has_an_end() -> None:
    budget = Budget()
    made, waits = client(budget, httpx.Response(429, headers={"Retry-After": "100"}))
    for _ in range(9):
        assert made.call("resources", "GET", "/x").status == 429
    with pytest.raises(Stop, match="answered 429 so often that the run waited 900 s"):
        made.call("resources", "GET", "/x")
    assert sum(waits) == budget.waited == 900
    assert budget.requests == len(made.exchanges)
    made.close()


@pytest.mark.parametrize(("option", "text"), [("max_jobs", "0"), ("max_jobs", "many"), ("max_requests", "-1")])
def test_a_limit_is_a_number_above_zero(option: str, text: str) -> None:
    with pytest.raises(BadSettings, match=r"is not a number of (jobs|requests) above zero"):
        Words(ROOT, **{option: text}).settings()


def test_limits_are_read() -> None:
    settings = Words(ROOT, max_jobs="40", max_requests="200").settings()
    assert (settings.max_jobs, settings.max_requests) == (40, 200)
    assert Budget(settings.max_jobs, settings.max_requests).told() == "40 jobs and 200 requests"
    assert Budget(most_jobs=1).told() == "1 job"
    assert not Budget().told()


def test_an_estimate_grows_with_the_types_that_are_looked_at() -> None:
    assert estimate("standard", 1, control=False) == "about 60 jobs and 500 requests"
    assert estimate("standard", 6, control=False) == "about 160 jobs and 820 requests"
    assert estimate("quick", 3, control=False) == estimate("quick", 9, control=False)
    assert "170 jobs" in estimate("standard", 6, control=True)


def test_a_course_that_was_recorded_before_there_were_budgets_was_not_spent() -> None:
    values = Course().serializable()
    assert Course.from_dict({**values, "spent": True}).spent
    values.pop("spent")
    assert not Course.from_dict(values).spent
