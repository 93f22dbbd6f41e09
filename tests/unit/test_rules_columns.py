"""The fields family, as far as headers and echoes go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exportproof.conformance.ledger import Change, Ledger
from exportproof.conformance.literals import CONTACTS, THEN, exchange, file, findings, job, outcomes, probe, run, votes
from exportproof.spec.offer import Field, Offer, Resource

UNACCEPTED = "fields/unaccepted-not-echoed"
WIDE = Resource("Contacts", "VanID", CONTACTS.fields, (157, 205))


def csv(*names: str, rows: int = 1) -> str:
    return "".join(f"{','.join(line)}\r\n" for line in (names, *([str(n)] * len(names) for n in range(1, rows + 1))))


def exported(*names: str, **more: Any) -> Any:
    return job(csv(*names), **{"resource": WIDE, **more})


def known() -> Ledger:
    book = Ledger()
    book.reset("first")
    book.apply("first", "Contacts", (Change(1, THEN, True, {}, {}, 1),))
    return book


def failure(rule: str, observed: Any) -> Any:
    (found,) = [found for found in findings(rule, observed) if found.outcome == "fail"]
    return found


# --- core -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        (("VanID", "FirstName"), {"pass"}),
        (("firstname", " VANID ", "ErrorMessage"), {"pass"}),
        (("VanID",), {"fail"}),
        (("FirstName", "Amount"), {"fail"}),
        (("VanID", "First Name"), {"fail"}),
        # These are no headers: csv/header judges them.
        (("1", "Ann"), set()),
        (("VanID;FirstName",), set()),
    ],
)
@pytest.mark.parametrize("rows", [0, 2])
def test_core_fields_are_columns(names: tuple[str, ...], outcome: set[str], rows: int) -> None:
    assert outcomes("fields/core", run(job(csv(*names, rows=rows)))) == outcome


def test_what_has_no_header_tells_nothing_of_columns() -> None:
    for content in ("", 'VanID,"First', file(None, status=404), file(csv("VanID"), error="disconnected")):
        assert outcomes("fields/core", run(job(content))) == set()
    assert outcomes("fields/core", run(job())) == set()
    assert outcomes("fields/core", run(job(csv("VanID"), says={"jobStatus": "Error"}))) == set()


def test_a_type_without_core_fields_promises_none() -> None:
    bare = Resource("Bare", "BareID", (Field("BareID", "N", core=False),))
    assert outcomes("fields/core", run(job(csv("BareID"), resource=bare))) == set()


def test_a_type_whose_key_is_not_known_has_a_header_all_the_same() -> None:
    keyless = Resource("Notes", None, (Field("Text", "T", core=True),))
    assert outcomes("fields/core", run(job(csv("Other"), resource=keyless))) == {"fail"}
    unlisted = Resource("Notes", "NoteID", (Field("Text", "T", core=True),))
    assert outcomes("fields/core", run(job(csv("Other"), resource=unlisted))) == {"fail"}


def test_one_finding_names_every_missing_column() -> None:
    found = failure("fields/core", run(job(csv("Amount"), requestedFields=["Amount"])))
    assert found.details == {"missing": ["VanID", "FirstName"]}
    assert (found.expected, found.received, found.exchanges) == ("a column VanID", "Amount", (1, 2, 11))


# --- requested ------------------------------------------------------------------------------------


def test_a_requested_field_is_a_column() -> None:
    asked = {"requestedFields": ["Amount"]}
    there, absent = exported("VanID", "FirstName", "AMOUNT", **asked), exported("VanID", "FirstName", **asked)
    assert outcomes("fields/requested", run(there)) == {"pass"}
    assert outcomes("fields/requested", run(absent)) == {"fail"}
    assert outcomes("fields/requested", run(absent, ledger=known())) == {"fail"}
    # The seed promises it, whatever the echo says.
    dropped = exported(
        "VanID", "FirstName", **asked, create=exchange("create", {"exportJobId": 1, "requestedFields": []})
    )
    assert outcomes("fields/requested", run(dropped)) == {"fail"}


def test_that_a_column_is_there_does_not_show_that_it_is_filled() -> None:
    asked = {"requestedFields": ["Amount"]}
    empty = job("VanID,FirstName,Amount\r\n1,Ann,\r\n2,Bea\r\n", **asked)
    assert outcomes("fields/requested", run(empty)) == set()
    assert outcomes("fields/requested", run(job(csv("VanID", "FirstName", "Amount", rows=0), **asked))) == set()
    filled = exported("VanID", "FirstName", "Amount", **asked)
    assert outcomes("fields/requested", run(filled, ledger=known())) == set()


@pytest.mark.parametrize("names", [["VanID"], ["NoSuchField"], ["amount"], []])
def test_names_that_are_not_listed_so_are_not_due(names: list[str]) -> None:
    assert outcomes("fields/requested", run(exported("VanID", "FirstName", requestedFields=names))) == set()


# --- custom ---------------------------------------------------------------------------------------

PLAIN = ("VanID", "FirstName")


@pytest.mark.parametrize(
    ("plain", "names", "body", "outcome"),
    [
        (PLAIN, (*PLAIN, "Colour"), {"requestedCustomFieldIds": [157]}, {"pass"}),
        (PLAIN, (*PLAIN, "FirstName"), {"requestedCustomFieldIds": [157]}, set()),
        (PLAIN, (*PLAIN, "a", "a"), {"requestedCustomFieldIds": [157, 205]}, {"pass"}),
        (PLAIN, (*PLAIN, "a"), {"requestedCustomFieldIds": [157, 157]}, {"pass"}),
        (PLAIN, (*PLAIN, "a"), {"requestedCustomFieldIds": [157, 999]}, {"pass"}),
        (PLAIN, PLAIN, {"requestedCustomFieldIds": [999]}, set()),
        (PLAIN, PLAIN, {"requestedCustomFieldIds": [157]}, {"fail"}),
        (PLAIN, (*PLAIN, "a"), {"requestedCustomFieldIds": [157, 205]}, {"fail"}),
        (PLAIN, (*PLAIN, "Amount"), {"requestedCustomFieldIds": [157], "requestedFields": ["Amount"]}, {"fail"}),
        # A column of the target's own is none that asking has added.
        ((*PLAIN, "ErrorMessage"), (*PLAIN, "ErrorMessage"), {"requestedCustomFieldIds": [157]}, {"fail"}),
        # It may be that every export has the custom fields.
        ((*PLAIN, "a", "b"), (*PLAIN, "a", "b"), {"requestedCustomFieldIds": [157]}, set()),
    ],
)
def test_a_custom_field_adds_a_column(plain: Any, names: Any, body: Any, outcome: set[str]) -> None:
    observed = run(exported(*plain), exported(*names, name="asked", number=20, **body), offer=Offer({"Contacts": WIDE}))
    assert outcomes("fields/custom", observed) == outcome


def test_columns_are_compared_with_a_plain_job_of_the_same_account_and_type() -> None:
    body = {"requestedCustomFieldIds": [157], "name": "asked", "number": 20}
    offer = Offer({"Contacts": WIDE})
    assert outcomes("fields/custom", run(exported(*PLAIN, **body), offer=offer)) == set()
    assert (
        outcomes("fields/custom", run(exported(*PLAIN, account="second"), exported(*PLAIN, **body), offer=offer))
        == set()
    )
    two = exported(*PLAIN, account="second"), exported(*PLAIN, account="second", **body)
    assert outcomes("fields/custom", run(*two, offer=offer)) == set()
    told = exchange("control", {"customFieldIds": {"Contacts": [157], "Other": None}}, account="second")
    assert outcomes("fields/custom", run(*two, offer=offer, exchanges=(told,))) == {"fail"}
    # What the first account was told, or nobody, is nothing to the second.
    for other in (replace(told, account="first"), exchange("control", {"now": "…"}, account="second")):
        assert outcomes("fields/custom", run(*two, offer=offer, exchanges=(other,))) == set()
    elsewhere = exchange("probe", {"customFieldIds": {"Contacts": [157]}}, account="second")
    assert outcomes("fields/custom", run(*two, offer=offer, exchanges=(elsewhere,))) == set()


def test_a_missing_custom_column_is_told_in_numbers() -> None:
    asked = exported(*PLAIN, "a", name="asked", number=20, requestedCustomFieldIds=[205, 157])
    found = failure("fields/custom", run(exported(*PLAIN), asked, offer=Offer({"Contacts": WIDE})))
    assert found.details == {"asked": [205, 157], "added": 1}
    assert (found.received, found.exchanges) == ("1: VanID,FirstName,a", (20, 21, 30))


# --- no second column -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "body", "outcome"),
    [
        (PLAIN, {}, set()),
        (PLAIN, {"requestedFields": ["VanID"]}, {"pass"}),
        (PLAIN, {"requestedFields": ["firstname"]}, {"pass"}),
        ((*PLAIN, "Amount"), {"requestedFields": ["Amount", "Amount"]}, {"pass"}),
        ((*PLAIN, "Amount"), {"requestedFields": ["Amount"]}, set()),
        ((*PLAIN, "a"), {"requestedCustomFieldIds": [157, 157]}, {"pass"}),
        ((*PLAIN, "VanID"), {"requestedFields": ["VanID"]}, {"fail"}),
        ((*PLAIN, "VANID"), {"requestedFields": ["vanid"]}, {"fail"}),
        ((*PLAIN, "Amount", "Amount"), {"requestedFields": ["Amount", "Amount"]}, {"fail"}),
        ((*PLAIN, "VanID"), {}, {"fail"}),
        ((*PLAIN, "a", "a"), {"requestedCustomFieldIds": [157, 157]}, {"fail"}),
        ((*PLAIN, "a", "b", "a"), {"requestedCustomFieldIds": [157, 205, 157]}, {"fail"}),
        ((*PLAIN, "VanID", "a"), {"requestedCustomFieldIds": [157], "requestedFields": ["VanID"]}, {"fail"}),
        # Custom fields of one name, or of another column's, are the target's to name so.
        ((*PLAIN, "a", "a"), {"requestedCustomFieldIds": [157, 205]}, set()),
        ((*PLAIN, "FirstName"), {"requestedCustomFieldIds": [157]}, set()),
        # Columns of the target's own, and columns without a name.
        ((*PLAIN, "x", "x"), {}, set()),
        ((*PLAIN, "", ""), {"requestedFields": ["VanID"]}, {"pass"}),
    ],
)
def test_no_column_stands_twice(names: Any, body: Any, outcome: set[str]) -> None:
    observed = run(exported(*PLAIN, name="plain", number=40), exported(*names, **body))
    assert outcomes("fields/no-second-column", observed) == outcome


def test_without_a_plain_job_custom_columns_cannot_be_told_from_the_targets_own() -> None:
    asked = exported(*PLAIN, "a", "a", "own", requestedCustomFieldIds=[157, 157])
    assert outcomes("fields/no-second-column", run(asked)) == {"pass"}
    nameless = exported(*PLAIN, "", "", "", requestedCustomFieldIds=[157, 157])
    assert outcomes("fields/no-second-column", run(exported(*PLAIN, number=40), nameless)) == {"pass"}


def test_fields_whose_names_differ_in_case_are_two_columns() -> None:
    fields = (Field("ID", "N", core=True), Field("Email", "T", core=True), Field("EMail", "T", core=True))
    twins = Resource("Twins", "ID", fields)
    assert outcomes("fields/no-second-column", run(job(csv("ID", "Email", "EMail"), resource=twins))) == set()
    thrice = job(csv("ID", "Email", "EMail", "email"), resource=twins)
    assert outcomes("fields/no-second-column", run(thrice)) == {"fail"}


def test_a_second_column_is_told_by_its_name() -> None:
    found = failure("fields/no-second-column", run(exported(*PLAIN, "VanID", requestedFields=["VanID"])))
    assert (found.key, found.expected, found.received) == (
        "Contacts:vanid",
        "one column vanid",
        "VanID,FirstName,VanID",
    )


# --- what was not accepted ------------------------------------------------------------------------


def asked(status: int | None = 201, says: Any = None, *, custom: bool = False, reading: str | None = "unknown") -> Any:
    body = {"requestedCustomFieldIds": [157, 9_999]} if custom else {"requestedFields": ["Amount", "NoSuch"]}
    made = probe(UNACCEPTED, body, status, says, reading=reading)
    return run(probes=(made,), offer=Offer({"Contacts": WIDE}))


@pytest.mark.parametrize(
    ("status", "echo", "outcome", "vote"),
    [
        (400, None, "pass", {"refused"}),
        (422, None, "pass", {"refused"}),
        (404, None, "pass", {"refused"}),
        (201, ["Amount"], "pass", {"dropped"}),
        (201, ["amount"], "pass", {"dropped"}),
        (201, [], "pass", {"dropped"}),
        (201, None, "pass", {"dropped"}),
        (201, ["Amount", "NoSuch"], "fail", set()),
        (201, ["nosuch"], "fail", set()),
        (201, "Amount, NoSuch", "fail", set()),
        (200, ["NoSuch"], "fail", set()),
        (401, None, "doubt", set()),
        (429, None, "doubt", set()),
        (500, None, "doubt", set()),
        (302, None, "doubt", set()),
        (None, None, "doubt", set()),
    ],
)
def test_an_unknown_name_is_refused_or_not_told_back(status: Any, echo: Any, outcome: str, vote: set[str]) -> None:
    observed = asked(status, {"exportJobId": 1, "requestedFields": echo} if echo is not None else {"exportJobId": 1})
    assert outcomes(UNACCEPTED, observed) == {outcome}
    assert votes("unknown-field", observed) == vote
    assert votes("unknown-custom-field", observed) == set()


@pytest.mark.parametrize(
    ("echo", "outcome", "vote"),
    [
        ([157], "pass", {"dropped"}),
        (["157"], "pass", {"dropped"}),
        ([157, 9_999], "fail", set()),
        (["9999"], "fail", set()),
        ([{"id": 9_999}], "pass", {"dropped"}),
    ],
)
def test_an_unknown_custom_field_is_not_told_back(echo: Any, outcome: str, vote: set[str]) -> None:
    observed = asked(201, {"exportJobId": 1, "requestedCustomFieldIds": echo}, custom=True)
    assert outcomes(UNACCEPTED, observed) == {outcome}
    assert votes("unknown-custom-field", observed) == vote
    assert votes("unknown-field", observed) == set()


def test_what_there_may_well_be_tells_nothing_of_the_unknown() -> None:
    observed = asked(201, {"exportJobId": 1}, custom=True, reading=None)
    assert outcomes(UNACCEPTED, observed) == {"pass"}
    assert votes("unknown-custom-field", observed) == set()


def test_a_false_echo_is_told_with_what_came() -> None:
    found = failure(UNACCEPTED, asked(201, {"requestedFields": ["Amount", "NoSuch"]}))
    assert found.expected == "requestedFields without nosuch (letter case disregarded), or a 4xx status"
    assert found.received == "requestedFields ['Amount', 'NoSuch']"
    assert found.exchanges == (1,)


def test_doubt_tells_what_came() -> None:
    (late,) = findings(UNACCEPTED, asked(None))
    (broken,) = findings(UNACCEPTED, asked(500))
    assert "could not be told: no answer" in late.message
    assert broken.message.endswith("status 500")


def test_a_job_is_told_by_its_purpose_or_else_by_its_name() -> None:
    named, purposeful = (job(csv("VanID"), name="job#7", purpose=why) for why in ("", "the window"))
    assert "job#7 lacks columns" in failure("fields/core", run(named)).message
    assert "the window lacks columns" in failure("fields/core", run(purposeful)).message


def test_probes_of_other_rules_and_known_names_try_nothing() -> None:
    told = {"exportJobId": 1, "requestedFields": ["Amount", "NoSuch"]}
    other = probe("validation/odd-input", {"requestedFields": ["NoSuch"]}, 201, told)
    plain = probe(UNACCEPTED, {"requestedFields": ["Amount"]}, 201, told)
    stranger = probe(UNACCEPTED, {"resourceType": "Unlisted", "requestedFields": ["NoSuch"]}, 201, told)
    assert outcomes(UNACCEPTED, run(probes=(other, plain, stranger))) == set()
