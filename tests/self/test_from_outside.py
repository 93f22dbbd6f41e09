"""Judging the reference without its control API: what is sent, what it costs, and how a rate limit is borne."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from exportproof.conformance.record import Unrecorded
from exportproof.conformance.runner import judge_target
from exportproof.conformance.settings import Settings
from exportproof.reference import embedded
from exportproof.reports.curl import curl_line
from exportproof.spec.offer import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exportproof.conformance.observation import Exchange
    from exportproof.conformance.result import Result
    from exportproof.reference import Server

RECORDS = 240
RELATIONS = {
    "window/complete", "window/nothing-else", "ids/exported", "ids/inactive", "ids/unknown-absent",
    "inactive/left-out", "inactive/included", "mode/persons", "mode/organizations", "mode/both",
}  # fmt: skip


class Noted(Unrecorded):
    """Keeps hold of what a run sends."""

    session: Any = None

    def begin(self, settings: Settings, started: datetime, observed: Any) -> None:  # noqa: ARG002 - as it is called
        self.session = observed

    @property
    def exchanges(self) -> list[Exchange]:
        return list(self.session.client.exchanges)


def put_data(server: Server) -> None:
    """Records with a past of their own, put in place behind the suite's back."""
    now = datetime.now(UTC)
    changes = []
    for number, turn in itertools.product(range(RECORDS), (0, 1)):
        at = now - timedelta(hours=3 + number * 8, minutes=number % 47) + turn * timedelta(hours=2) * (number % 3)
        if turn and number % 3 == 0:
            continue
        changes.append(
            {
                "id": 1_000 + 3 * number,
                "at": format_instant(at.replace(microsecond=number % 97 * 10_000)),
                "active": not (turn and number % 11 == 1),
                "contactMode": 1 + (number % 7 == 0),
                "values": {"FirstName": f"Name {number}", "LastName": f"of {turn}"},
                "customFields": {str(each): f"{each} of {number}, {turn}" for each in (157, 205, 206)},
            }
        )
    changes.sort(key=lambda change: str(change["at"]))
    answer = httpx.post(
        f"{server.control_url}/changes",
        auth=server.accounts[0],
        json={"resourceType": "Contacts", "changes": changes},
        timeout=60,
    )
    assert answer.json() == {"accepted": len(changes)}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with embedded() as running:
        put_data(running)
        yield running


def judged(server: Server, **options: Any) -> tuple[Result, Noted]:
    user, key = server.accounts[0]
    noted = Noted()
    settings = Settings(target_url=server.url, user=user, key=key, seed=7, **options)
    return judge_target(settings, curl_line, recorder=noted), noted


def test_nothing_is_sent_but_gets_and_creations(server: Server) -> None:
    result, noted = judged(server, profile="quick")
    assert result.verdict == "conforms"
    posted = {exchange.url for exchange in noted.exchanges if exchange.method == "POST"}
    assert {exchange.method for exchange in noted.exchanges} == {"GET", "POST"}
    assert posted == {f"{server.url}/changedEntityExportJobs"}
    assert {rule.rule.id for rule in result.rules if rule.status == "pass"} >= RELATIONS


def test_the_custom_fields_of_the_example_are_found_and_held_against_each_other(server: Server) -> None:
    result, noted = judged(server)
    assert result.verdict == "conforms"
    assert {rule.rule.id: rule.status for rule in result.rules}["fields/custom"] == "pass"
    assert noted.session.offer.resources["Contacts"].custom_fields == (157, 205, 206)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("fills-custom-columns-in-their-own-order", "fields/custom"),
        ("cuts-custom-fields-at-two", "fields/custom"),
        ("repeats-custom-fields-named-twice", "fields/no-second-column"),
        ("echoes-unknown-custom-fields", "fields/unaccepted-not-echoed"),
    ],
)
def test_custom_fields_that_go_wrong_are_seen_from_outside(fault: str, rule: str) -> None:
    with embedded(fault=fault) as running:
        put_data(running)
        result, _ = judged(running)
    assert [found.rule.id for found in result.rules if found.status == "fail"] == [rule]


def test_a_budget_is_kept_and_what_it_left_out_says_so(server: Server) -> None:
    result, noted = judged(server, max_jobs=20, max_requests=90)
    assert len(noted.exchanges) <= 90
    assert sum(exchange.method == "POST" and exchange.status == 201 for exchange in noted.exchanges) <= 20
    reasons = {rule.reason for rule in result.rules if rule.status == "skip"}
    assert "budget" in reasons
    assert "stopped-early" not in reasons
    assert result.verdict == "conforms", "what was judged is judged"
    assert any("budget" in problem for problem in result.problems)


@pytest.mark.slow
def test_a_rate_limit_is_borne_and_not_blamed_on_the_target() -> None:
    with embedded(rate_limit=15) as running:
        put_data(running)
        result, noted = judged(running)
    assert any(exchange.status == 429 for exchange in noted.exchanges), "the limit was never met"
    assert [rule.rule.id for rule in result.rules if rule.status in ("fail", "warn", "inconclusive")] == []
    assert result.verdict == "conforms"
