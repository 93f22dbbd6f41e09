"""An adapter that can write records now, and cannot date them: what that shows beyond what live data show."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from exportproof.conformance.adapter import Account, Adapter, Draft, Target
from exportproof.conformance.runner import judge_target
from exportproof.conformance.words import Words
from exportproof.reference import embedded
from exportproof.reports.curl import curl_line
from exportproof.spec.offer import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from exportproof.conformance.result import Result
    from exportproof.reference import Server

RULES = ("window/*", "version/*", "inactive/*", "ids/*", "csv/*")
TRIED = {
    "window/complete", "window/any-change", "window/up-to-request", "inactive/left-out", "inactive/included",
    "inactive/by-current-state", "ids/exported", "ids/inactive", "version/current", "version/not-snapshot",
    "csv/text-exact",
}  # fmt: skip


class People(Adapter):
    """Writes contacts as an API for people does, dated by the target: here through the reference's back door."""

    deactivates = True

    def __init__(self, target: Target, *, back_door: str) -> None:
        super().__init__(target)
        self.door = httpx.Client(base_url=back_door, timeout=60)
        self.fresh = count(70_001)

    def close(self) -> None:
        self.door.close()

    def writable(self, account: Account) -> Mapping[str, Sequence[str]]:  # noqa: ARG002 - as it is called
        return {"Contacts": ["FirstName", "LastName"]}

    def write(self, account: Account, resource_type: str, drafts: Sequence[Draft]) -> Sequence[int]:
        ids = [next(self.fresh) if draft.id is None else draft.id for draft in drafts]
        changes = [
            {"id": made, "at": format_instant(datetime.now(UTC), 6), "active": draft.active, "values": draft.values}
            for made, draft in zip(ids, drafts, strict=True)
        ]
        asked = {"resourceType": resource_type, "changes": changes}
        auth = (account.user or "", account.key or "")
        self.door.post("/changes", auth=auth, json=asked).raise_for_status()
        return ids


class Creator(People):
    """One that cannot make anything inactive."""

    deactivates = False


class Narrow(People):
    """Writes a column that holds less than the suite's usual texts."""

    def writable(self, account: Account) -> Mapping[str, Sequence[str]]:  # noqa: ARG002 - as it is called
        return {"Contacts": ["FirstName", "ZipOrPostal"]}


class Misspelled(People):
    """Names a column that there is not."""

    def writable(self, account: Account) -> Mapping[str, Sequence[str]]:  # noqa: ARG002 - as it is called
        return {"Contacts": ["FirstNam"]}


class Forgetful(People):
    """Tells fewer ids than it was given drafts."""

    def write(self, account: Account, resource_type: str, drafts: Sequence[Draft]) -> Sequence[int]:
        return super().write(account, resource_type, drafts)[1:]


def judged(server: Server, adapter: str, monkeypatch: pytest.MonkeyPatch, *rules: str, **words: Any) -> Result:
    monkeypatch.setitem(sys.modules, "own_writing_adapter", sys.modules[__name__])
    user, key = server.accounts[0]
    settings = Words(
        server.url, adapter=f"own_writing_adapter:{adapter}", adapter_settings={"back_door": server.control_url},
        user=user, key=key, rules=rules or RULES, profile="quick", seed="3", **words,
    ).settings()  # fmt: skip
    return judge_target(settings, curl_line)


@pytest.fixture
def server() -> Iterator[Server]:
    with embedded() as running:
        yield running


def statuses(result: Result) -> dict[str, str]:
    return {each.rule.id: each.status for each in result.rules}


def test_more_is_judged_than_without(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    result = judged(server, "People", monkeypatch)
    assert (result.verdict, result.problems) == ("conforms", ())
    assert result.capabilities == ("writes",)
    assert {rule for rule, status in statuses(result).items() if status == "pass"} >= TRIED


def test_what_cannot_be_made_inactive_stays_active(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    result = judged(server, "Creator", monkeypatch)
    assert result.verdict == "conforms"
    assert statuses(result)["version/not-snapshot"] == "pass"
    assert statuses(result)["inactive/left-out"] == "skip"


def test_what_the_user_leaves_out_is_not_written(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    result = judged(server, "People", monkeypatch, capabilities=("reset",))
    assert statuses(result)["version/current"] == "skip"


def test_texts_fit_their_columns(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = httpx.get(f"{server.url}/changedEntityExportJobs/fields/Contacts", auth=server.accounts[0]).json()
    room = {field["fieldName"]: field["maxTextboxCharacters"] for field in fields}
    assert room["ZipOrPostal"] < len("Exportproof 2 A1 18f0c2d4e5a"), "the case is another one"
    result = judged(server, "Narrow", monkeypatch)
    assert (result.verdict, result.problems) == ("conforms", ())
    assert statuses(result)["version/not-snapshot"] == "pass"


def test_a_column_that_is_not_listed_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    result = judged(server, "Misspelled", monkeypatch)
    assert any("FirstNam of Contacts" in problem for problem in result.problems)
    assert statuses(result)["version/current"] == "skip"


def exported(server: Server, **options: Any) -> int:
    """How many contacts changed in the last hour."""
    route, account = f"{server.url}/changedEntityExportJobs", server.accounts[0]
    start = format_instant(datetime.now(UTC) - timedelta(hours=1), 2)
    body = {"resourceType": "Contacts", "dateChangedFrom": start, **options}
    made = httpx.post(route, auth=account, json=body, timeout=60).json()
    while (job := httpx.get(f"{route}/{made['exportJobId']}", auth=account).json())["jobStatus"] != "Complete":
        pass
    found: int = job["exportedRecordCount"]
    return found


def test_what_was_written_is_put_away_when_the_budget_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    result = judged(server, "People", monkeypatch, "version/current", max_jobs="14")
    assert any("budget" in problem for problem in result.problems)
    assert (exported(server), exported(server, includeInactive=True)) == (0, 3)


def test_ids_that_do_not_fit_end_the_run_as_its_fault(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    result = judged(server, "Forgetful", monkeypatch)
    assert result.verdict == "undetermined"
    assert any("not the id of each" in problem for problem in result.problems)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("shows-the-version-of-the-end", "version/not-snapshot"),
        ("counts-the-last-change-only", "window/any-change"),
        ("judges-activity-at-the-end", "inactive/by-current-state"),
    ],
)
def test_a_fault_is_seen_by_what_was_written(fault: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(fault=fault) as running:
        result = judged(running, "People", monkeypatch)
    assert [name for name, status in statuses(result).items() if status == "fail"] == [rule]


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("binds-ids-to-the-window", "ids/exported"),
        ("wants-ids-active", "ids/inactive"),
        ("lags-behind", "window/up-to-request"),
        ("loses-created-records", "window/complete"),
        ("never-exports-inactive-records", "inactive/included"),
        ("exports-inactive-records", "inactive/left-out"),
        ("shows-the-first-version", "version/not-first"),
        ("shows-the-version-before-the-last", "version/current"),
        ("answers-like-requests-from-a-cache", "version/not-cached"),
    ],
)
def test_a_fault_fails_its_rule_among_others_by_what_was_written(
    fault: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong version in a new row looks like several faults at once: nothing else is known of these records."""
    with embedded(fault=fault) as running:
        result = judged(running, "People", monkeypatch, "ids/*", "window/*", "inactive/*", "version/*")
    assert result.problems == ()
    assert statuses(result)[rule] == "fail"
