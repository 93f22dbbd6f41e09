"""The control API: what it takes, what it refuses, and that nothing makes it fail."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reference.behaviour import Behaviour
from exportproof.reference.control import fits
from exportproof.reference.model import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.reference.model import Refused
    from exportproof.tests.unit.conftest import Direct

IN = "2026-11-20T12:00:00Z"


@pytest.fixture
def refused(direct: Direct, refusal: Callable[..., Refused]) -> Callable[..., Refused]:
    """Applies one change that is refused; what else the body holds may be given too."""

    def refused(change: object, kind: object = "Contacts") -> Refused:
        found = refusal(direct.control, "POST", "/changes", {"resourceType": kind, "changes": [{"id": 1}, change]})
        assert found.status == 400
        assert direct.behaviour.store.history("demo", "Contacts").all_ids() == [], "something of it was applied"
        return found

    return refused


def test_what_it_can_do(direct: Direct) -> None:
    told = direct.control("GET", "").body
    assert told == direct.control("GET", "/").body
    assert (told["version"], told["capabilities"]) == (1, ["changes", "reset", "clock"])
    assert told["now"] == "2026-11-23T08:00:00.000Z"
    assert told["customFieldIds"]["Contacts"] == [157, 205, 206]
    assert set(told["customFieldIds"]) == {"Contacts", "Contributions"}


def test_changes_of_every_type_and_column(direct: Direct) -> None:
    samples = {"T": "x", "N": 7, "M": "12.50", "B": True, "D": IN}
    for kind in direct.behaviour.types.values():
        values = {column.name: samples[column.type] for column in kind.columns}
        customs = {str(column.custom_id): samples[column.type] for column in kind.custom_columns}
        direct.change({"id": 5, "at": IN, "values": values, "customFields": customs}, kind=kind.name)
        assert direct.ids(resourceType=kind.name) == [5]


def test_ten_thousand_changes_at_once(direct: Direct) -> None:
    direct.change(*({"id": number, "at": IN} for number in range(1, 10_001)))
    assert len(direct.behaviour.store.history("demo", "Contacts").all_ids()) == 10_000


@pytest.mark.parametrize(
    "change",
    [
        {}, {"id": 0}, {"id": -1}, {"id": 2**31}, {"id": 10**30}, {"id": "2"}, {"id": 2.0}, {"id": True}, {"id": None},
        5, None, "text", [],
        {"id": 2, "at": "yesterday"}, {"id": 2, "at": 5}, {"id": 2, "at": {}}, {"id": 2, "at": "2026-11-20"},
        {"id": 2, "at": "2026-11-23T08:00:00.01Z"}, {"id": 2, "at": "9999-12-31T23:59:59-23:00"},
        {"id": 2, "active": "true"}, {"id": 2, "active": None}, {"id": 2, "active": 1},
        {"id": 2, "contactMode": 3}, {"id": 2, "contactMode": "1"}, {"id": 2, "contactMode": True},
        {"id": 2, "values": []}, {"id": 2, "values": "x"}, {"id": 2, "customFields": [157]},
        {"id": 2, "values": {"Nothing": 1}}, {"id": 2, "values": {"firstname": "x"}},
        {"id": 2, "customFields": {"158": "x"}}, {"id": 2, "customFields": {"0157": "x"}},
        {"id": 2, "values": {"FirstName": "x" * 256}}, {"id": 2, "values": {"FirstName": "\x00"}},
        {"id": 2, "values": {"FirstName": "\x1b[0m"}}, {"id": 2, "values": {"FirstName": "half \ud83d"}},
        {"id": 2, "values": {"FirstName": True}}, {"id": 2, "values": {"FirstName": ["x"]}},
        {"id": 2, "values": {"DoNotCall": "perhaps"}}, {"id": 2, "values": {"DoNotCall": 1}},
        {"id": 2, "values": {"DateOfBirth": "1999-05-06"}}, {"id": 2, "values": {"DateOfBirth": 5}},
        {"id": 2, "values": {"EngagementScore": 2**31 + 5}}, {"id": 2, "values": {"EngagementScore": 0.12345}},
        {"id": 2, "values": {"EngagementScore": "1_000"}}, {"id": 2, "values": {"EngagementScore": " 7"}},
        {"id": 2, "values": {"EngagementScore": "٣"}}, {"id": 2, "values": {"EngagementScore": "NaN"}},
        {"id": 2, "values": {"EngagementScore": ""}}, {"id": 2, "values": {"LifetimeGiving": "$50.00"}},
        {"id": 2, "values": {"LifetimeGiving": False}}, {"id": 2, "values": {"LifetimeGiving": {}}},
    ],
)  # fmt: skip
def test_a_change_that_is_off_leaves_nothing_behind(change: object, refused: Callable[..., Refused]) -> None:
    (flaw,) = refused(change).flaws
    assert flaw.properties[0].startswith("changes[1]")


@pytest.mark.parametrize("kind", ["contacts", "", None, 5, [], {}, "\ud800"])
def test_a_type_that_there_is_not(kind: object, refused: Callable[..., Refused]) -> None:
    assert refused({"id": 2}, kind).flaws[0].properties == ("resourceType",)


def test_kinds_of_contact_are_for_contacts(refused: Callable[..., Refused]) -> None:
    assert refused({"id": 2, "contactMode": 1}, "ActivistCodes").flaws[0].properties == ("changes[1].contactMode",)


@pytest.mark.parametrize("body", [None, 5, [], "x", {}, {"changes": []}, {"resourceType": "Contacts", "changes": {}}])
@pytest.mark.parametrize(("method", "path"), [("POST", "/changes"), ("PUT", "/clock")])
def test_bodies_that_are_nothing_of_the_kind(
    body: object, method: str, path: str, direct: Direct, refusal: Callable[..., Refused]
) -> None:
    assert refusal(direct.control, method, path, body).status == 400


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"now": NaN}', b"[" * 100_000, b"9" * 5000])
@pytest.mark.parametrize(("method", "path"), [("POST", "/changes"), ("PUT", "/clock")])
def test_bodies_that_are_no_json(
    raw: bytes, method: str, path: str, direct: Direct, refusal: Callable[..., Refused]
) -> None:
    assert refusal(direct.behaviour.call_control, "demo", method, path, raw).status == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/changes"), ("POST", "/state"), ("DELETE", ""), ("PUT", "/"), ("GET", "/nothing"),
                         ("DELETE", "/state/"), ("POST", "/changes/x")]
)  # fmt: skip
def test_calls_that_there_are_not(method: str, path: str, direct: Direct, refusal: Callable[..., Refused]) -> None:
    assert refusal(direct.control, method, path).status == 404


def test_a_record_never_changes_before_its_last_change(direct: Direct, refusal: Callable[..., Refused]) -> None:
    body = {"resourceType": "Contacts", "changes": [{"id": 1, "at": IN}, {"id": 1, "at": "2026-11-20T11:59:59.99Z"}]}
    assert refusal(direct.control, "POST", "/changes", body).flaws[0].properties == ("changes[1].at",)
    direct.change({"id": 1, "at": IN}, {"id": 1, "at": IN}, {"id": 2, "at": "2026-11-01T00:00:00Z"})
    body["changes"] = [{"id": 1, "at": "2026-11-20T11:59:59.99Z"}]
    assert refusal(direct.control, "POST", "/changes", body).status == 400
    direct.change({"id": 1, "at": "2026-11-20T11:59:59.99Z"}, account="other")
    direct.change({"id": 1, "at": "2026-11-20T11:59:59.99Z"}, kind="ActivistCodes")


def test_without_an_instant_a_change_happens_now(direct: Direct) -> None:
    direct.now += timedelta(milliseconds=123)
    direct.change({"id": 1}, {"id": 1, "at": "2026-11-23T08:00:00.123Z"})
    assert direct.behaviour.store.last_changes("demo", "Contacts", [1]) == {1: direct.now}


def test_parts_of_a_millisecond_are_no_future(direct: Direct) -> None:
    direct.change({"id": 5, "at": "2026-11-23T08:00:00.000999Z"}, {"id": 5, "at": "2026-11-23T08:00:00.0001Z"})
    assert direct.behaviour.store.history("demo", "Contacts").all_ids() == [5]


def test_the_clock(direct: Direct, refusal: Callable[..., Refused]) -> None:
    told = direct.control("PUT", "/clock", {"now": "2026-12-24T18:00:00.50+01:00"})
    assert (told.status, told.body) == (200, {"now": "2026-12-24T17:00:00.500Z"})
    assert direct.control("GET", "").body["now"] == "2026-12-24T17:00:00.500Z"
    assert refusal(direct.control, "PUT", "/clock", {"now": "2026-12-24T17:00:00.49Z"}).status == 400
    assert direct.control("DELETE", "/clock").status == 204
    assert direct.control("GET", "").body["now"] == "2026-11-23T08:00:00.000Z"


@pytest.mark.parametrize(
    "now",
    [None, 5, 1.5, True, [], {}, "", "soon", "2026-12-24", "9999-12-31T23:59:59Z", "9000-01-01T00:00:00Z", "x" * 9999],
)
def test_instants_at_which_no_clock_can_stand(now: object, direct: Direct, refusal: Callable[..., Refused]) -> None:
    assert refusal(direct.control, "PUT", "/clock", {"now": now}).status == 400


def test_the_last_instant_leaves_room_for_a_job(direct: Direct) -> None:
    direct.control("PUT", "/clock", {"now": "8999-12-31T23:59:59Z"})
    job = direct.finished(dateChangedFrom="8999-12-31T00:00:00Z", dateChangedTo=None)
    assert job["files"][0]["dateExpired"] == "9000-01-20T23:59:59.000Z"


def test_forgetting_is_for_one_account_and_for_all_of_it(direct: Direct, refusal: Callable[..., Refused]) -> None:
    direct.change({"id": 1, "at": IN})
    direct.change({"id": 2, "at": IN}, account="other")
    mine, theirs = direct.finished(), direct.finished("other")
    direct.control("PUT", "/clock", {"now": "2026-12-24T00:00:00Z"})
    assert direct.control("DELETE", "/state").status == 204
    assert direct.control("GET", "").body["now"] == "2026-11-23T08:00:00.000Z"
    assert refusal(direct.job, mine["exportJobId"]).status == 404
    assert refusal(direct.download, mine["files"][0]["downloadUrl"]).status == 404
    assert direct.ids() == []
    assert direct.job(theirs["exportJobId"], "other") == theirs
    assert direct.download(theirs["files"][0]["downloadUrl"]).status == 200
    assert direct.ids("other") == [2]


def test_a_job_that_is_forgotten_while_it_waits(direct: Direct, refusal: Callable[..., Refused]) -> None:
    job_id = direct.post()["exportJobId"]
    direct.control("DELETE", "/state")
    direct.run()
    assert refusal(direct.job, job_id).status == 404
    assert direct.post()["exportJobId"] > job_id, "ids are never given twice"


def test_fewer_capabilities(make_direct: type[Direct], refusal: Callable[..., Refused]) -> None:
    class ChangesOnly(Behaviour):
        capabilities = ("changes",)

    direct = make_direct(ChangesOnly)
    assert direct.control("GET", "").body["capabilities"] == ["changes"]
    direct.change({"id": 1, "at": IN})
    for method, path in (("DELETE", "/state"), ("PUT", "/clock"), ("DELETE", "/clock")):
        assert refusal(direct.control, method, path, {"now": "2026-12-24T00:00:00Z"}).status == 404


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("N", [0, -5, 2**31, 1.25, "12", "-3.0001", 7.0], [True, "1e3", "", "0x1", [], {}, 0.1 + 0.2, "1.00001"]),
        ("M", [0, 0.07, "1234.5600"], ["€5", "1,5", None]),
        ("B", [True, False, "TRUE", "false"], [0, "yes", ""]),
        ("D", [IN, "2026-11-20T12:00:00.1234567+05:30"], ["2026-11-20", 0, ""]),
        ("T", ["", "x" * 5, "\t\r\n", "💥" * 5, "\u0085\u2028"], ["x" * 6, "\x0b", "\x7f", 5, "\udc00"]),
    ],
)  # fmt: skip
def test_values_fit_their_types(type_: str, good: list[Any], bad: list[Any]) -> None:
    column = Column("Some", type_, max_characters=5)
    assert [value for value in good if not fits(column, value)] == []
    assert [value for value in bad if fits(column, value)] == []
