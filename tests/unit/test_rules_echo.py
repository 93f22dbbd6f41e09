"""What the creation tells back: by its meaning, and whether it tells it at all."""

from __future__ import annotations

from typing import Any

import pytest

from exportproof.conformance.ledger import Change, Ledger
from exportproof.conformance.literals import (
    CODES,
    CONTACTS,
    THEN,
    WINDOW,
    exchange,
    findings,
    job,
    outcomes,
    probe,
    run,
)
from exportproof.spec.offer import Resource

TRUE, PRESENT = "creation/echo-true", "creation/echo-present"


def ledger() -> Ledger:
    """Contacts 1 and 2 exist, and one activist code on a contact."""
    known = Ledger()
    known.apply("first", "Contacts", (Change(n, THEN, active=n == 1, values={}, custom_fields={}) for n in (1, 2)))
    values = {"VanID": 1, "ActivistCodeID": 4001}
    known.apply("first", CODES.name, (Change(9, THEN, active=True, values=values, custom_fields={}),))
    return known


def echoed(sent: dict[str, Any], told: Any, *, resource: Resource = CONTACTS, status: int = 201, **more: Any) -> Any:
    """A run of one job that was sent with this and told back that, beside its id; the ledger knows `ledger()`."""
    known = ledger()
    answer = {"exportJobId": 1, **told} if isinstance(told, dict) else told
    seen = job(
        resource=resource,
        create=exchange("create", answer, status, method="POST"),
        ledger_before=known.position,
        **sent,
    )
    return run(seen, ledger=known, **more)


def judged(sent: dict[str, Any], told: dict[str, Any], **more: Any) -> str:
    """The one outcome of echo-true; empty when nothing could be compared."""
    found = outcomes(TRUE, echoed(sent, told, **more))
    assert len(found) < 2
    return "".join(found)


@pytest.mark.parametrize(
    ("sent", "later", "outcome"),
    [
        ({"includeInactive": True}, {"includeInactive": "true"}, {"pass"}),
        ({"includeInactive": True}, {"includeInactive": "false"}, {"fail"}),
        ({"includeInactive": True}, {"includeInactive": None}, {"pass"}),
        ({"contactMode": 1}, {"contactMode": "2"}, {"fail"}),
        ({}, {"includeInactive": True, "contactMode": 2}, {"pass"}),
    ],
)
def test_answers_about_a_job_tell_nothing_else_of_it(
    sent: dict[str, Any], later: dict[str, Any], outcome: set[str]
) -> None:
    seen = job(create=exchange("create", {"exportJobId": 1, **WINDOW, **sent}), says=later, **sent)
    assert outcomes(TRUE, run(seen)) == outcome


@pytest.mark.parametrize(
    ("sent", "told", "outcome"),
    [
        ({}, {}, ""),
        ({}, WINDOW, "pass"),
        ({}, {"resourceType": "Contacts"}, "pass"),
        ({}, {"resourceType": "ContactHistory"}, "fail"),
        ({}, {"resourceType": ""}, "fail"),
        ({}, {"resourceType": None}, ""),
        ({}, {"resourceType": 5}, ""),
        ({}, {"dateChangedFrom": "2026-11-09T19:00:00.0000000-05:00"}, "pass"),
        ({}, {"dateChangedFrom": "2026-11-10T00:00:01Z"}, "fail"),
        ({}, {"dateChangedTo": "2026-11-20T08:00:00Z"}, "fail"),
        ({"dateChangedTo": None}, {"dateChangedTo": "2026-11-20T08:00:00Z"}, ""),
        ({"dateChangedFrom": "2026-11-10T00:00:00.123Z"}, {"dateChangedFrom": "2026-11-10T00:00:00.12Z"}, "pass"),
        ({"dateChangedFrom": "2026-11-10T00:00:00.12Z"}, {"dateChangedFrom": "2026-11-10T00:00:00Z"}, "fail"),
        # Switches.
        ({"includeInactive": True}, {"includeInactive": True}, "pass"),
        ({"includeInactive": True}, {"includeInactive": "True"}, "pass"),
        ({"includeInactive": True}, {"includeInactive": False}, "fail"),
        ({"includeInactive": True}, {"includeInactive": "false"}, "fail"),
        ({"includeInactive": False}, {"includeInactive": "true"}, "fail"),
        ({"includeInactive": True}, {"includeInactive": 1}, ""),
        ({}, {"includeInactive": False}, "pass"),
        ({}, {"includeInactive": True}, "fail"),
        ({"includeInactive": None}, {"includeInactive": "false"}, "pass"),
        # Numbers.
        ({"fileSizeKbLimit": 1000}, {"fileSizeKbLimit": 1000}, "pass"),
        ({"fileSizeKbLimit": 1000}, {"fileSizeKbLimit": "1000"}, "pass"),
        ({"fileSizeKbLimit": 1000}, {"fileSizeKbLimit": 1000.0}, "pass"),
        ({"fileSizeKbLimit": 1000}, {"fileSizeKbLimit": 40_000}, "fail"),
        ({"fileSizeKbLimit": 1000}, {"fileSizeKbLimit": "1 MB"}, ""),
        ({}, {"fileSizeKbLimit": 40_000}, "pass"),
        ({}, {"fileSizeKbLimit": 0}, "pass"),
        ({}, {"fileSizeKbLimit": 100_000}, "fail"),
        ({"contactMode": 1}, {"contactMode": 1}, "pass"),
        ({"contactMode": 1}, {"contactMode": 3}, "fail"),
        ({"contactMode": 1}, {"contactMode": "Person"}, ""),
        ({}, {"contactMode": 3}, "pass"),
        ({}, {"contactMode": 1}, "fail"),
        # Arrays are sets.
        ({"requestedIds": [1, 2]}, {"requestedIds": [2, 1, 1]}, "pass"),
        ({"requestedIds": [1, 2]}, {"requestedIds": ["1", "2"]}, "pass"),
        ({"requestedIds": [1, 2]}, {"requestedIds": "1,2"}, "pass"),
        ({"requestedIds": [1, 2]}, {"requestedIds": [1]}, "fail"),
        ({"requestedIds": [1, 77]}, {"requestedIds": [1]}, "pass"),
        ({"requestedIds": [77, 78]}, {"requestedIds": []}, "pass"),
        ({"requestedIds": [1]}, {"requestedIds": [1, 3]}, "fail"),
        ({"requestedIds": [1]}, {"requestedIds": None}, ""),
        ({"requestedIds": [1]}, {"requestedIds": [None]}, ""),
        ({"requestedIds": [1]}, {"requestedIds": {}}, ""),
        ({}, {"requestedIds": []}, "pass"),
        ({}, {"requestedIds": [1]}, "fail"),
        ({"requestedFields": ["Amount"]}, {"requestedFields": ["Amount"]}, "pass"),
        ({"requestedFields": ["Amount"]}, {"requestedFields": []}, "fail"),
        ({"requestedFields": ["Amount", "VanID"]}, {"requestedFields": ["Amount"]}, "pass"),
        ({"requestedFields": ["Amount"]}, {"requestedFields": ["VanID", "FirstName", "Amount"]}, "pass"),
        ({"requestedFields": ["Amount"]}, {"requestedFields": ["Amount", "Suffix"]}, "fail"),
        ({"requestedFields": ["Amount"]}, {"requestedFields": [1]}, ""),
        ({"requestedCustomFieldIds": [157]}, {"requestedCustomFieldIds": [157]}, "pass"),
        ({"requestedCustomFieldIds": [157]}, {"requestedCustomFieldIds": []}, "fail"),
        ({"requestedCustomFieldIds": [157, 158]}, {"requestedCustomFieldIds": [157]}, "pass"),
        ({"requestedActivistCodeIds": [4001]}, {"requestedActivistCodeIds": []}, "pass"),
        ({"requestedActivistCodeIds": [4001]}, {"requestedActivistCodeIds": [4002]}, "fail"),
        # What the documentation does not know is the target's.
        ({"webhookUrl": "https://a.invalid"}, {"webhookUrl": "https://b.invalid", "queue": 5}, ""),
    ],
)
def test_an_echo_means_what_was_sent(sent: dict[str, Any], told: dict[str, Any], outcome: str) -> None:
    assert judged(sent, told) == outcome


@pytest.mark.parametrize(
    ("sent", "told", "outcome"),
    [
        ({"contactMode": 1}, {"contactMode": 3}, "pass"),
        ({"contactMode": 1}, {"contactMode": 2}, "fail"),
        ({"requestedActivistCodeIds": [4001, 4003]}, {"requestedActivistCodeIds": [4001]}, "pass"),
        ({"requestedActivistCodeIds": [4001, 4003]}, {"requestedActivistCodeIds": [4003]}, "fail"),
        ({"requestedIds": [1]}, {"requestedIds": []}, "pass"),
        ({"requestedIds": [9]}, {"requestedIds": []}, "fail"),
    ],
)
def test_what_takes_effect_depends_on_the_type(sent: dict[str, Any], told: dict[str, Any], outcome: str) -> None:
    assert judged(sent, told, resource=CODES) == outcome


def test_without_the_fields_of_a_type_names_are_not_compared() -> None:
    bare = Resource("Contacts", None, ())
    assert judged({"requestedFields": ["Amount"]}, {"requestedFields": ["VanID"]}, resource=bare) == ""


@pytest.mark.parametrize(("status", "outcome"), [(400, "fail"), (404, "fail"), (201, "pass"), (429, "pass")])
def test_letter_case_of_a_type_matters_where_the_target_says_so(status: int, outcome: str) -> None:
    asked = probe("validation/odd-input", {"resourceType": "contacts"}, status, reading="odd-type-casing", number=9)
    assert judged({}, {"resourceType": "CONTACTS"}, probes=(asked,)) == outcome
    assert judged({}, {"resourceType": "CONTACTS"}) == "pass"


def test_a_wrong_echo_is_told_with_both_values() -> None:
    (found,) = findings(TRUE, echoed({"includeInactive": True}, {"includeInactive": "false"}))
    assert (found.expected, found.received) == ("includeInactive true, in any spelling", 'includeInactive "false"')
    (found,) = findings(TRUE, echoed({}, {"fileSizeKbLimit": 5}))
    assert found.message == "the answer to job, which has no fileSizeKbLimit, tells one that is not the default"


def test_only_a_creation_tells_back() -> None:
    assert outcomes(TRUE, echoed({}, {"resourceType": "X"}, status=400)) == set()
    assert outcomes(TRUE, echoed({}, ["Contacts"])) == set()


def test_valid_bodies_that_were_sent_for_their_answer_are_told_back_too() -> None:
    said = {"exportJobId": 4, "contactMode": 2}
    seen = probe("validation/legal-accepted", {"contactMode": 1}, says=said, expectation="accepted")
    assert outcomes(TRUE, run(probes=(seen,))) == {"fail"}
    assert outcomes(PRESENT, run(probes=(seen,))) == {"fail"}


FULL = {
    "requestedIds": [1],
    "requestedFields": ["Amount"],
    "requestedCustomFieldIds": [157],
    "fileSizeKbLimit": 1000,
    "includeInactive": True,
    "contactMode": 1,
}


def missing(sent: dict[str, Any], told: Any, **more: Any) -> list[str]:
    """The names that echo-present misses."""
    return [found.key for found in findings(PRESENT, echoed(sent, told, **more)) if found.outcome == "fail"]


def test_what_takes_effect_is_told_back() -> None:
    whole = {"resourceType": "Contacts", **WINDOW, **FULL}
    assert outcomes(PRESENT, echoed(FULL, whole)) == {"pass"}
    for name in whole:
        assert missing(FULL, {key: value for key, value in whole.items() if key != name}) == [name]
        assert missing(FULL, {**whole, name: None}) == [name]


BASE = {"resourceType": "Contacts", **WINDOW}


@pytest.mark.parametrize(
    "sent",
    [
        {"requestedIds": [77]},
        {"requestedIds": []},
        {"requestedFields": ["VanID", "NoSuchField"]},
        {"requestedCustomFieldIds": [158]},
        {"requestedActivistCodeIds": [4001]},
        {"fileSizeKbLimit": 40_000},
        {"includeInactive": False},
        {"contactMode": 3},
        {"dateChangedTo": None},
        {"excludeChangesFromSelf": True},
    ],
)
def test_what_takes_no_effect_may_be_left_out(sent: dict[str, Any]) -> None:
    assert missing(sent, BASE) == []


def test_a_filter_is_told_back_where_it_filters() -> None:
    sent = {"requestedActivistCodeIds": [4001], "contactMode": 1}
    assert missing(sent, {**BASE, "resourceType": CODES.name}, resource=CODES) == ["requestedActivistCodeIds"]


def test_an_answer_that_is_no_object_is_judged_elsewhere() -> None:
    assert outcomes(PRESENT, echoed({}, [])) == set()
    assert missing({}, {}) == ["resourceType", "dateChangedFrom", "dateChangedTo"]


@pytest.mark.parametrize(("told", "outcome"), [([1, 2], {"pass"}), ([1], {"fail"})])
def test_from_outside_what_was_exported_was_there(told: list[int], outcome: set[str]) -> None:
    sent = {"requestedIds": [1, 2, 3]}
    created = exchange("create", {"exportJobId": 1, "requestedIds": told})
    assert outcomes(TRUE, run(job("VanID,FirstName\r\n1,Ann\r\n2,Bea\r\n", create=created, **sent))) == outcome
    # The ids of other types may be those of contacts, and then a row's own id is none of them.
    header = "ContactsActivistCodeID,VanID,ActivistCodeID\r\n"
    other = job(f"{header}1,7,4\r\n2,7,4\r\n", create=created, resource=CODES, **sent)
    assert outcomes(TRUE, run(other)) == {"pass"}
