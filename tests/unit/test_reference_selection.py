"""Which records an export holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from exportproof.tests.unit.conftest import Direct

BEFORE, IN, LATER, AFTER = (f"2026-11-{day}T12:00:00Z" for day in (18, 20, 21, 22))
START, END = "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"


def test_any_change_in_the_window_counts(direct: Direct) -> None:
    direct.change(
        {"id": 1, "at": BEFORE}, {"id": 2, "at": IN}, {"id": 3, "at": AFTER},
        {"id": 4, "at": BEFORE}, {"id": 4, "at": IN}, {"id": 4, "at": AFTER},
        {"id": 5, "at": BEFORE}, {"id": 5, "at": AFTER},
    )  # fmt: skip
    assert direct.ids() == [2, 4]


def test_both_ends_belong_to_the_window(direct: Direct) -> None:
    direct.change(
        {"id": 1, "at": "2026-11-19T23:59:59.99Z"}, {"id": 2, "at": START},
        {"id": 3, "at": END}, {"id": 4, "at": "2026-11-22T00:00:00.01Z"},
    )  # fmt: skip
    assert direct.ids() == [2, 3]
    assert direct.ids(dateChangedFrom="2026-11-20T05:00:00+05:00", dateChangedTo="2026-11-21T19:00:00.00 -05:00") == [
        2,
        3,
    ]


def test_without_an_end_the_window_reaches_the_request_and_no_further(direct: Direct) -> None:
    direct.change({"id": 1, "at": IN}, {"id": 2})
    job_id = direct.post(dateChangedTo=None)["exportJobId"]
    direct.now = direct.now.replace(minute=5)
    direct.change({"id": 3})
    direct.run()
    assert direct.job(job_id)["exportedRecordCount"] == 2


def test_inactive_ones_when_asked_for(direct: Direct) -> None:
    direct.change(
        {"id": 1, "at": IN, "active": False},
        {"id": 2, "at": IN, "active": False}, {"id": 2, "at": LATER, "active": True},
        {"id": 3, "at": IN}, {"id": 3, "at": AFTER, "active": False},
    )  # fmt: skip
    assert direct.ids() == [2], "it is the present that counts"
    assert direct.ids(includeInactive=False) == [2]
    assert direct.ids(includeInactive=True) == [1, 2, 3]


def test_requested_ids_need_neither_a_change_nor_to_be_active(direct: Direct) -> None:
    direct.change({"id": 1, "at": BEFORE}, {"id": 2, "at": BEFORE, "active": False}, {"id": 3, "at": IN})
    direct.change({"id": 9, "at": BEFORE}, account="other")
    direct.change({"id": 8, "at": BEFORE}, kind="ActivistCodes")
    assert direct.ids(requestedIds=[2, 1, 1, 3, 8, 9, 77]) == [1, 2, 3]
    assert direct.ids(requestedIds=[1]) == [1, 3], "the window's records come as well"
    assert direct.ids(requestedIds=[]) == [3]


def test_thousands_of_requested_ids(direct: Direct) -> None:
    direct.change(*({"id": number, "at": BEFORE} for number in range(1, 3001)))
    assert direct.ids(requestedIds=list(range(5000, 0, -1))) == list(range(1, 3001))


@pytest.mark.parametrize(("mode", "ids"), [(None, [1, 2]), (1, [1]), (2, [2]), (3, [1, 2])])
def test_kinds_of_contacts(mode: int | None, ids: list[int], direct: Direct) -> None:
    direct.change(
        {"id": 1, "at": IN, "contactMode": 2}, {"id": 1, "at": LATER},
        {"id": 2, "at": IN, "contactMode": 2}, {"id": 3, "at": BEFORE, "contactMode": 2},
    )  # fmt: skip
    assert direct.ids(contactMode=mode) == ids
    both = sorted([*ids, *([3] if mode != 1 else [])])
    assert direct.ids(contactMode=mode, requestedIds=[3]) == both, "requested ones are held to it too"


def test_the_kind_of_contact_means_nothing_elsewhere(direct: Direct) -> None:
    direct.change({"id": 1, "at": IN, "contactMode": 2})
    direct.change({"id": 5, "at": IN, "values": {"VanID": 1}}, kind="Contributions")
    assert direct.ids(resourceType="Contributions", contactMode=1) == [5]


def test_activist_codes(direct: Direct) -> None:
    rows = [{"id": n, "at": IN, "values": {"ActivistCodeID": 10 + n % 3}} for n in range(1, 7)]
    direct.change(*rows, {"id": 7, "at": IN}, {"id": 8, "at": BEFORE, "values": {"ActivistCodeID": 11}},
                  kind="ContactsActivistCodes")  # fmt: skip
    kind = "ContactsActivistCodes"
    assert direct.ids(resourceType=kind) == [1, 2, 3, 4, 5, 6, 7]
    assert direct.ids(resourceType=kind, requestedActivistCodeIds=[10, 12, 99]) == [2, 3, 5, 6]
    assert direct.ids(resourceType=kind, requestedActivistCodeIds=[99]) == []
    assert direct.ids(resourceType=kind, requestedActivistCodeIds=[]) == [1, 2, 3, 4, 5, 6, 7]
    assert direct.ids(resourceType=kind, requestedActivistCodeIds=[12], requestedIds=[8, 1]) == [2, 5]


def test_the_current_code_counts(direct: Direct) -> None:
    direct.change(
        {"id": 1, "at": IN, "values": {"ActivistCodeID": 10}}, {"id": 1, "at": AFTER, "values": {"ActivistCodeID": 11}},
        kind="ContactsActivistCodes",
    )  # fmt: skip
    assert direct.ids(resourceType="ContactsActivistCodes", requestedActivistCodeIds=[10]) == []
    assert direct.ids(resourceType="ContactsActivistCodes", requestedActivistCodeIds=[11]) == [1]


def test_accounts_have_records_of_their_own(direct: Direct) -> None:
    direct.change({"id": 1, "at": IN}, {"id": 2, "at": IN})
    direct.change({"id": 2, "at": BEFORE}, {"id": 3, "at": IN}, account="other")
    assert direct.ids() == [1, 2]
    assert direct.ids("other") == [3]
    assert direct.ids("other", requestedIds=[1, 2]) == [2, 3]
