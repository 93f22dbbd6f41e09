"""The isolation family, as far as jobs go: 404 for jobs that are unknown, or another account's."""

from __future__ import annotations

from typing import Any

import pytest

from exportproof.conformance.literals import access, exchange, findings, outcomes, run

RULES = ("isolation/unknown-job", "isolation/jobs")


def asked(rule: str, status: int | None, **more: Any) -> Any:
    return access(rule, status, expected=404, path="/77", account="second", number=9, **more)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, "pass"), (200, "fail"), (400, "fail"), (401, "fail"), (403, "fail"), (410, "fail"), (500, "fail"),
     (429, "doubt"), (None, "doubt")],
)  # fmt: skip
def test_what_is_not_there_is_not_found(rule: str, status: int | None, outcome: str) -> None:
    assert [found.outcome for found in findings(rule, run(accesses=(asked(rule, status),)))] == [outcome]
    assert all(outcomes(other, run(accesses=(asked(rule, status),))) == set() for other in {*RULES} - {rule})


def test_a_failure_tells_what_was_asked() -> None:
    (found,) = findings("isolation/jobs", run(accesses=(asked("isolation/jobs", 403, label="GET of another's job"),)))
    assert (found.expected, found.received, found.exchanges) == ("status 404", "status 403", (9,))
    assert found.message.startswith("GET of another's job was answered with status 403")


def test_the_answer_that_gives_anothers_job_away_is_no_proof_that_it_was_ones_own() -> None:
    given = asked("isolation/jobs", 200, body={"exportJobId": 77})
    observed = run(accesses=(given,), exchanges=(given.exchange,))
    assert outcomes("isolation/jobs", observed) == {"fail"}


@pytest.mark.parametrize(
    ("owner", "identifier", "outcome"), [("second", 77, set()), ("first", 77, {"fail"}), ("second", 770, {"fail"})]
)
def test_ids_that_count_in_each_account_tell_nothing(owner: Any, identifier: int, outcome: set[str]) -> None:
    own = exchange("create", {"exportJobId": identifier}, account=owner)
    observed = run(accesses=(asked("isolation/jobs", 200),), exchanges=(own,))
    assert outcomes("isolation/jobs", observed) == outcome
