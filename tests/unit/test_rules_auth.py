"""The auth family: 401 without valid credentials on every route, and a challenge with it."""

from __future__ import annotations

from typing import Any

import pytest

from exportproof.conformance.literals import access, exchange, findings, outcomes, run

REFUSALS = ("auth/credentials-required", "auth/wrong-key-refused", "auth/malformed-refused")


def answered(status: int | None, header: str | None = 'Basic realm="api"', purpose: Any = "resources") -> Any:
    headers = {} if header is None else {"www-authenticate": header}
    return run(exchanges=(exchange(purpose, status=status, headers=headers),))


@pytest.mark.parametrize("rule", REFUSALS)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(401, "pass"), (200, "fail"), (201, "fail"), (302, "fail"), (400, "fail"), (403, "fail"), (404, "fail"),
     (500, "fail"), (429, "doubt"), (None, "doubt")],
)  # fmt: skip
def test_invalid_credentials_are_answered_401(rule: str, status: int | None, outcome: str) -> None:
    assert outcomes(rule, run(accesses=(access(rule, status),))) == {outcome}
    assert all(outcomes(other, run(accesses=(access(rule, status),))) == set() for other in {*REFUSALS} - {rule})


def test_each_route_is_judged_by_itself() -> None:
    rule = "auth/credentials-required"
    seen = [access(rule, 401), access(rule, 200, method="POST", path="", number=7), access(rule, 200, path="/5")]
    failures = [found for found in findings(rule, run(accesses=tuple(seen))) if found.outcome == "fail"]
    assert len({found.key for found in failures}) == 2
    assert (failures[0].expected, failures[0].received) == ("status 401", "status 200")
    assert failures[0].exchanges == (7,)
    assert "was granted" in failures[0].message
    (broken,) = findings(rule, run(accesses=(access(rule, 500),)))
    assert "the server failed" in broken.message


def test_doubt_tells_what_came() -> None:
    rule = "auth/credentials-required"
    (late,) = findings(rule, run(accesses=(access(rule, None, error="timeout"),)))
    (slow,) = findings(rule, run(accesses=(access(rule, 429),)))
    assert late.message.endswith("no answer (timeout)")
    assert "status 429" in slow.message


def test_a_challenge_that_fails_is_shown() -> None:
    (absent,) = findings("auth/challenge", answered(401, None))
    (other,) = findings("auth/challenge", answered(401, 'Bearer realm="api"'))
    assert (absent.key, absent.received) == ("absent", "no WWW-Authenticate header")
    assert (other.key, other.received) == ("other-scheme", 'WWW-Authenticate: Bearer realm="api"')


def test_a_run_without_credentials_has_no_wrong_key_to_send() -> None:
    bare = [access(rule, 200, request_headers={}) for rule in REFUSALS]
    assert outcomes("auth/wrong-key-refused", run(accesses=tuple(bare))) == set()
    assert outcomes("auth/malformed-refused", run(accesses=tuple(bare))) == set()
    assert outcomes("auth/credentials-required", run(accesses=tuple(bare))) == {"fail"}


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ('Basic realm="api"', "pass"),
        ("basic", "pass"),
        ('Bearer realm="a, b", BASIC realm="api", charset="UTF-8"', "pass"),
        ('Negotiate,Basic realm="api"', "pass"),
        (None, "fail"),
        ("", "fail"),
        ('Bearer realm="api"', "fail"),
        ('Bearer realm="no, Basic here"', "fail"),
        ("Basically nothing", "fail"),
    ],
)
def test_a_401_names_the_scheme(header: str | None, outcome: str) -> None:
    assert outcomes("auth/challenge", answered(401, header)) == {outcome}


def test_other_answers_challenge_nobody() -> None:
    assert outcomes("auth/challenge", answered(200, None)) == set()
    assert outcomes("auth/challenge", answered(403, None)) == set()
    assert outcomes("auth/challenge", answered(401, None, "download")) == set()
    assert outcomes("auth/challenge", answered(401, None, "control")) == set()
    assert outcomes("auth/challenge", answered(401, None, "probe")) == {"fail"}
