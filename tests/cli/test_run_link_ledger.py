"""`--link-ledger`: what a run leaves in it, and a link's way from its run to its death, in real time."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from exportproof.cli import main
from exportproof.conformance.link_ledger import RECHECKED
from exportproof.conformance.link_ledger_file import read_ledger, write_ledger
from exportproof.conformance.link_seal import VARIABLE
from exportproof.reference import embedded

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "a key of some length"
USER, SECRET = "planted-user", "c4f1a2d0-77be-4e0d-9a51-planted-key|1"


def report() -> dict[str, Any]:
    """The report in the folder for reports."""
    return dict(json.loads(Path("exportproof-report/report.json").read_text(encoding="utf-8")))


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {rule["id"]: rule["status"] for rule in document["rules"]}


def put(control: str, accounts: Any) -> None:
    """Put one record in place, whose export is worth looking at."""
    at = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    changes = {"resourceType": "Contacts", "changes": [{"id": 1, "at": at, "values": {"FirstName": "Ann"}}]}
    httpx.post(f"{control}/changes", json=changes, auth=accounts[0]).raise_for_status()


@pytest.mark.slow
@pytest.mark.parametrize(("key", "fault"), [(KEY, None), (None, None), (KEY, "never-dies")])
def test_real_time_from_a_run_to_the_death_of_its_links(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, key: str | None, fault: str | None
) -> None:
    if key is not None:
        monkeypatch.setenv(VARIABLE, key)
    with embedded(lifetime_seconds=30.0, fault=fault) as server:
        put(server.control_url, server.accounts)
        monkeypatch.setenv("EXPORTPROOF_USER", server.accounts[0][0])
        monkeypatch.setenv("EXPORTPROOF_KEY", server.accounts[0][1])
        words = ("--profile", "quick", "--rules", "links/expiry-*", "--link-lifetime", "30s", "--link-ledger", "l.json")
        ended = call("run", server.url, *words)
        assert "Link ledger: l.json, with" in ended.out
        run = report()
        deadline = time.monotonic() + 120
        while any(item.due is not None for item in read_ledger(Path("l.json")).links):
            ended = call("recheck", "l.json", "-q")
            assert ended.status in ((0,) if fault is None else (0, 1))
            assert time.monotonic() < deadline
        links = read_ledger(Path("l.json")).links
    assert {item.settled for item in links} == {"dead" if fault is None else "late-death"}
    assert "alive" in {look.outcome for item in links for look in item.history}
    joined = report()
    assert statuses(joined)["links/alive-until-expiry"] == "pass"
    assert statuses(joined)["links/dead-after-expiry"] == ("pass" if fault is None else "fail")
    others = [(a, b) for a, b in zip(run["rules"], joined["rules"], strict=True) if a["id"] not in RECHECKED]
    assert all(a == b for a, b in others)
    assert joined["stats"] == run["stats"]


def test_a_run_that_left_no_links_is_no_stranger(
    call: Callable[..., Any], no_files: Any, serve: Callable[..., str]
) -> None:
    url = serve(no_files)
    words = (url, "--user", USER, "--key", SECRET, "--profile", "quick", "--rules", "links/work")
    ended = call("run", *words, "--link-ledger", "l.json")
    assert "The run left no link that could be followed." in ended.out
    ended = call("recheck", "l.json")
    assert ended.status == 0
    assert "Nothing is due: 0 links" in ended.out
    assert "It holds no links." in ended.out


def test_pytest_notes_links_as_well(spawn: Callable[..., Any]) -> None:
    with embedded() as server:
        put(server.control_url, server.accounts)
        user, key = server.accounts[0]
        ended = spawn(
            "pytest", "--pyargs", "exportproof.conformance", "--target-url", server.url,
            "--exportproof-profile", "quick", "--exportproof-rules", "links/expiry-*",
            "--exportproof-link-ledger", "l.json",
            EXPORTPROOF_USER=user, EXPORTPROOF_KEY=key, EXPORTPROOF_LEDGER_KEY=KEY,
        )  # fmt: skip
        assert ended.status == 0
        assert "Link ledger: " in ended.out
        links = read_ledger(Path("l.json")).links
        assert links
        assert all(item.sealed for item in links)
        off = spawn("pytest", "--pyargs", "exportproof.conformance", "--target-url", "http://127.0.0.1:9/v4",
                    "--exportproof-link-ledger", "l.json")  # fmt: skip
        assert off.status == 4
        assert "holds links of" in off.said


def test_a_run_under_a_clock_leaves_links_that_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    with embedded() as server:
        (user, key), (other_user, other_key) = server.accounts
        status = main(
            ("run", server.url, "--control-url", server.control_url, "--user", user, "--key", key,
             "--other-user", other_user, "--other-key", other_key, "--profile", "quick", "-q", "--rules", "links/again",
             "--link-ledger", "l.json")
        )  # fmt: skip
        assert status == 0
        ledger = read_ledger(Path("l.json"))
        assert {(item.account, item.files) for item in ledger.links} == {("first", 2), ("first", 1), ("second", 1)}
        soon = tuple(replace(item, due=datetime.now(UTC)) for item in ledger.links)
        write_ledger(Path("l.json"), replace(ledger, links=soon))
        assert main(("recheck", "l.json", "-q")) == 0
    assert {look.outcome for item in read_ledger(Path("l.json")).links for look in item.history} == {"alive"}
