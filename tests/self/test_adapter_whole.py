"""An adapter with all five operations shows as much as a control API does: clock, reset, accounts, custom fields."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import httpx

from exportproof.conformance.adapter import Account, Adapter, Change, Target
from exportproof.conformance.runner import judge_target
from exportproof.conformance.words import Words
from exportproof.reference import embedded
from exportproof.reports.curl import curl_line
from exportproof.spec.offer import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pytest

    from exportproof.conformance.settings import Settings

RULES = ("links/*", "fields/custom", "isolation/*", "version/*")
LATE = "dies-two-minutes-late"


class Whole(Adapter):
    """Does everything, by a way of its own: here the reference's control API, which the suite is not told of."""

    def __init__(self, target: Target, *, back_door: str) -> None:
        super().__init__(target)
        self.door = httpx.Client(base_url=back_door, timeout=60)

    def close(self) -> None:
        self.door.close()

    def now(self, account: Account) -> datetime:
        return parse_instant(self._told(account)["now"])

    def custom_field_ids(self, account: Account) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = self._told(account)["customFieldIds"]
        return found

    def reset(self, account: Account) -> None:
        self._ask(account, "DELETE", "/state")

    def change(self, account: Account, resource_type: str, changes: Sequence[Change]) -> None:
        listed: list[dict[str, Any]] = []
        for each in changes:
            mode = {} if each.contact_mode is None else {"contactMode": each.contact_mode}
            plain = {"id": each.id, "at": format_instant(each.at, 6), "active": each.active, "values": each.values}
            listed.append({**plain, "customFields": each.custom_fields, **mode})
        self._ask(account, "POST", "/changes", {"resourceType": resource_type, "changes": listed})

    def freeze(self, instant: datetime) -> None:
        self._ask(self.target.accounts["first"], "PUT", "/clock", {"now": format_instant(instant, 6)})

    def release(self) -> None:
        self._ask(self.target.accounts["first"], "DELETE", "/clock")

    def _told(self, account: Account) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(account, "GET", "").json()
        return found

    def _ask(self, account: Account, method: str, path: str, body: object = None) -> httpx.Response:
        auth = (account.user or "", account.key or "")
        return self.door.request(method, path, auth=auth, json=body).raise_for_status()


def settings(server: Any, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a call that names the adapter, which is found as any module of the user's is."""
    monkeypatch.setitem(sys.modules, "own_whole_adapter", sys.modules[__name__])
    (user, key), (other_user, other_key) = server.accounts
    return Words(
        server.url, adapter="own_whole_adapter:Whole", adapter_settings={"back_door": server.control_url}, rules=RULES,
        user=user, key=key, other_user=other_user, other_key=other_key, profile="quick", seed="3",
    ).settings()  # fmt: skip


def test_as_much_is_judged_as_with_a_control_api(monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded() as server:
        result = judge_target(settings(server, monkeypatch), curl_line)
    assert (result.verdict, result.problems) == ("conforms", ())
    assert result.capabilities == ("changes", "clock", "reset")
    left = {each.rule.id: each.reason for each in result.rules if each.status == "skip" and each.rule.level == "MUST"}
    assert set(left.values()) == {"not-selected"}, left
    statuses = {each.rule.id: each.status for each in result.rules}
    assert statuses["links/dead-after-expiry"] == statuses["fields/custom"] == statuses["isolation/records"] == "pass"


def test_links_that_die_late_are_found_by_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(fault=LATE) as server:
        result = judge_target(settings(server, monkeypatch), curl_line)
    assert [each.rule.id for each in result.rules if each.status == "fail"] == ["links/dead-after-expiry"]
