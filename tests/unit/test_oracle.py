"""The oracle, with literal ledgers and literal files: every way in which a row goes wrong, and none that is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exportproof.conformance.attribution import attribute
from exportproof.conformance.ledger import Change, Ledger
from exportproof.conformance.observation import Exchange, FileObservation, JobObservation, Run
from exportproof.conformance.oracle import Analysis, analyse
from exportproof.conformance.request import JobRequest
from exportproof.conformance.table import parse
from exportproof.conformance.verdict import Docket
from exportproof.conformance.versions import CustomColumns, RowMemory
from exportproof.spec.offer import Field, Offer, Resource

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CONTACTS = Resource(
    "Contacts",
    "VanID",
    (Field("VanID", "N", core=True), Field("FirstName", "T", core=True), Field("Amount", "M", core=False)),
    (157,),
)
CODES = Resource(
    "ContactsActivistCodes",
    "ContactsActivistCodeID",
    (
        Field("ContactsActivistCodeID", "N", core=True),
        Field("VanID", "N", core=True),
        Field("ActivistCodeID", "N", core=True),
    ),
)
WINDOW = {"dateChangedFrom": "2026-11-10T00:00:00Z", "dateChangedTo": "2026-11-11T00:00:00Z"}


def change(identifier: int, at: datetime, name: str = "Ann", *, active: bool = True, mode: int | None = 1) -> Change:
    return Change(identifier, at, active, {"FirstName": name}, {}, mode)


def code(identifier: int, code_id: int, contact: int, at: datetime = NOON) -> Change:
    return Change(identifier, at, active=True, values={"VanID": contact, "ActivistCodeID": code_id}, custom_fields={})


def ledger(*changes: Change, resource: str = "Contacts", account: Any = "first", into: Ledger | None = None) -> Ledger:
    book = into or Ledger()
    if into is None:
        book.reset("first")
        book.reset("second")
    book.apply(account, resource, changes)
    return book


def export(
    book: Ledger, *files: str, resource: Resource = CONTACTS, before: int | None = None, **options: Any
) -> JobObservation:
    body = {"resourceType": resource.name, **WINDOW, **options}
    now = datetime(2026, 11, 20, tzinfo=UTC)
    got = Exchange(1, "create", "POST", "http://t/v4", now, now, "first", status=201, body=b'{"exportJobId": 1}')
    listed = ", ".join(["{}"] * len(files))
    done = f'{{"exportJobId": 1, "jobStatus": "Complete", "files": [{listed}]}}'.encode()
    poll = Exchange(2, "job", "GET", "http://t/v4/1", now, now, "first", status=200, body=done)
    fetched = Exchange(3, "download", "GET", "http://t/f", now, now, status=200)
    return JobObservation(
        name="job",
        account="first",
        resource=resource,
        body=body,
        request=JobRequest.from_body(body),
        create=got,
        polls=(poll,),
        files=tuple(
            FileObservation(i, "http://t/f", fetched, len(text), "", parse(text.encode()))
            for i, text in enumerate(files)
        ),
        ledger_before=book.position if before is None else before,
        ledger_after=book.position,
        target_before=now,
        target_after=now,
    )


def judged(book: Ledger, job: JobObservation, *more: JobObservation) -> Analysis:
    run = Run(Offer({r.name: r for r in (CONTACTS, CODES)}), book, jobs=(*more, job))
    return analyse(job, run, RowMemory(CustomColumns({("Contacts", 157): "CF157"})))


def blamed(analysis: Analysis) -> set[tuple[str, str]]:
    return {(fault.rule, fault.kind) for fault in analysis.faults}


def test_a_right_export_has_no_fault_and_tries_the_window() -> None:
    book = ledger(change(1, NOON), change(2, NOON - 5 * DAY, "Bob"))
    analysis = judged(book, export(book, "VanID,FirstName\r\n1,Ann\r\n"))
    assert blamed(analysis) == set()
    assert {"window/complete", "window/nothing-else", "csv/text-exact"} <= set(analysis.tried)


LIVES: dict[str, tuple[list[Change], dict[str, Any], str, tuple[str, str]]] = {
    "lost": ([change(1, NOON), change(2, NOON)], {}, "1,Ann", ("window/complete", "lost")),
    "unexpected": (
        [change(1, NOON), change(2, NOON - 3 * DAY)], {}, "1,Ann\r\n2,Ann", ("window/nothing-else", "unexpected"),
    ),
    "never existed": ([change(1, NOON)], {}, "1,Ann\r\n9,Zed", ("window/nothing-else", "unexpected")),
    "changed again later, lost": (
        [change(1, NOON), change(1, NOON + 3 * DAY, "Bea")], {}, "", ("window/any-change", "lost"),
    ),
    "as of the window's end": (
        [change(1, NOON), change(1, NOON + 3 * DAY, "Bea")], {}, "1,Ann", ("version/not-snapshot", "stale"),
    ),
    "as created": (
        [change(1, NOON - 2 * DAY, "Ann"), change(1, NOON, "Bea")], {}, "1,Ann", ("version/not-first", "stale"),
    ),
    "an older version": (
        [change(1, NOON - 2 * DAY), change(1, NOON - DAY, "Bea"), change(1, NOON, "Cy")], {}, "1,Bea",
        ("version/current", "stale"),
    ),
    "inactive, exported": ([change(1, NOON, active=False)], {}, "1,Ann", ("inactive/left-out", "unexpected")),
    "inactive, asked for, lost": (
        [change(1, NOON, active=False)], {"includeInactive": True}, "", ("inactive/included", "lost"),
    ),
    "deactivated after the window, exported": (
        [change(1, NOON), change(1, NOON + 3 * DAY, active=False)], {}, "1,Ann",
        ("inactive/by-current-state", "unexpected"),
    ),
    "active again, lost": (
        [change(1, NOON - 2 * DAY, active=False), change(1, NOON)], {}, "", ("inactive/by-current-state", "lost"),
    ),
    "an organization among people": (
        [change(1, NOON), change(2, NOON, mode=2)], {"contactMode": 1}, "1,Ann\r\n2,Ann",
        ("mode/persons", "unexpected"),
    ),
    "an organization lost": ([change(2, NOON, mode=2)], {"contactMode": 2}, "", ("mode/organizations", "lost")),
    "a requested id lost": ([change(1, NOON - 5 * DAY)], {"requestedIds": [1]}, "", ("ids/exported", "lost")),
    "a requested inactive id lost": (
        [change(1, NOON - 5 * DAY, active=False)], {"requestedIds": [1]}, "", ("ids/inactive", "lost"),
    ),
    "an unknown id exported": (
        [change(1, NOON)], {"requestedIds": [9]}, "1,Ann\r\n9,Zed", ("ids/unknown-absent", "unexpected"),
    ),
    "a requested id twice": (
        [change(1, NOON)], {"requestedIds": [1]}, "1,Ann\r\n1,Ann", ("ids/once", "duplicated"),
    ),
    "twice": ([change(1, NOON)], {}, "1,Ann\r\n1,Ann", ("window/once", "duplicated")),
    "a row of nobody": ([change(1, NOON)], {}, "1,Ann\r\nTOTAL,1", ("window/nothing-else", "unexpected")),
    "an empty row": ([change(1, NOON)], {"requestedIds": [9]}, "1,Ann\r\n,", ("ids/unknown-absent", "unexpected")),
}  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
def test_what_goes_wrong_is_named_and_blamed(life: str) -> None:
    changes, options, rows, wrong = LIVES[life]
    book = ledger(*changes)
    analysis = judged(book, export(book, f"VanID,FirstName\r\n{rows}\r\n", **options))
    assert wrong in blamed(analysis)
    assert {rule for rule, _ in blamed(analysis)} == {wrong[0]}


def test_a_lost_record_in_a_window_with_offsets_is_blamed_on_the_offsets() -> None:
    book = ledger(change(1, NOON))
    body: Any = {"dateChangedFrom": "2026-11-10T06:00:00-05:00", "dateChangedTo": "2026-11-10T19:00:00+01:00"}
    assert blamed(judged(book, export(book, "VanID,FirstName\r\n", **body))) == {("window/offsets", "lost")}


@pytest.mark.parametrize(("at", "rule"), [(11, "window/fractions"), (30, "window/complete")])
def test_a_record_lost_near_an_end_with_a_fraction_is_blamed_on_the_fraction(at: int, rule: str) -> None:
    book = ledger(change(1, NOON + timedelta(seconds=at)))
    job = export(book, "VanID,FirstName\r\n", dateChangedFrom="2026-11-10T12:00:10.5Z")
    assert blamed(judged(book, job)) == {(rule, "lost")}


def test_a_record_lost_over_two_files_is_blamed_on_the_split() -> None:
    book = ledger(*(change(n, NOON) for n in (1, 2, 3)))
    job = export(book, "VanID,FirstName\r\n1,Ann\r\n", "VanID,FirstName\r\n3,Ann\r\n")
    assert blamed(judged(book, job)) == {("split/each-once", "lost")}


def test_another_accounts_records_are_told_apart_from_unknown_ones() -> None:
    book = ledger(change(1, NOON))
    ledger(change(7, NOON), account="second", into=book)
    rows = "VanID,FirstName\r\n1,Ann\r\n7,Ann\r\n"
    assert blamed(judged(book, export(book, rows))) == {("isolation/records", "unexpected")}
    assert blamed(judged(book, export(book, rows, requestedIds=[7]))) == {("isolation/ids", "unexpected")}


def test_rows_of_records_never_seen_say_nothing_when_the_account_was_not_emptied() -> None:
    book = Ledger()
    book.apply("first", "Contacts", [change(1, NOON)])
    assert blamed(judged(book, export(book, "VanID,FirstName\r\n1,Ann\r\n9,Zed\r\n"))) == set()


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ("1,Ann\r\n2,Ann", {"closed"}),
        ("1,Ann", {"from-only"}),
        ("2,Ann", {"to-only"}),
    ],
)
def test_changes_on_the_ends_tell_the_reading(rows: str, values: set[str]) -> None:
    start, end = datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, tzinfo=UTC)
    book = ledger(change(1, start), change(2, end))
    analysis = judged(book, export(book, f"VanID,FirstName\r\n{rows}\r\n"))
    assert blamed(analysis) == set()
    assert [(vote.reading, vote.values) for vote in analysis.votes] == [("window-ends", frozenset(values))]


def test_a_window_open_at_both_ends_follows_no_reading() -> None:
    start, end = datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, tzinfo=UTC)
    book = ledger(change(1, start), change(2, end), change(3, NOON))
    analysis = judged(book, export(book, "VanID,FirstName\r\n3,Ann\r\n"))
    assert {rule for rule, _ in blamed(analysis)} == {"window/ends"}


def test_half_added_and_half_replaced_follows_no_reading() -> None:
    book = ledger(change(1, NOON), change(2, NOON), change(3, NOON - 5 * DAY))
    half = judged(book, export(book, "VanID,FirstName\r\n1,Ann\r\n3,Ann\r\n", requestedIds=[3]))
    assert {rule for rule, _ in blamed(half)} == {"ids/add-or-replace"}
    whole = judged(book, export(book, "VanID,FirstName\r\n3,Ann\r\n", requestedIds=[3]))
    assert blamed(whole) == set()
    assert [(vote.reading, vote.values) for vote in whole.votes] == [("requested-ids", frozenset({"replace"}))]


def test_windows_that_meet_may_not_both_miss_the_change_between_them() -> None:
    middle = datetime(2026, 11, 10, 18, tzinfo=UTC)
    book = ledger(change(1, middle), change(2, middle - timedelta(hours=9)), change(3, middle + timedelta(hours=3)))
    first = export(book, "VanID,FirstName\r\n2,Ann\r\n", dateChangedTo="2026-11-10T18:00:00Z")
    second = export(book, "VanID,FirstName\r\n3,Ann\r\n", dateChangedFrom="2026-11-10T18:00:00Z")
    run = Run(Offer({"Contacts": CONTACTS}), book, jobs=(first, second), capabilities=frozenset({"changes"}))
    docket = Docket(run)
    readings = {reading.name: reading.observed for reading in docket.readings()}
    assert readings["window-ends"] is None
    assert [f.outcome for f in docket.findings["window/ends"] if f.outcome == "fail"] == ["fail"]


def test_a_change_while_the_job_ran_excuses_either_version() -> None:
    book = ledger(change(1, NOON))
    before = book.position
    ledger(change(1, NOON + 2 * DAY, "Bea"), into=book)
    for name in ("Ann", "Bea"):
        assert blamed(judged(book, export(book, f"VanID,FirstName\r\n1,{name}\r\n", before=before))) == set()


def test_the_activist_code_filter_is_judged_both_ways() -> None:
    book = ledger(code(1, 40, 1), code(2, 41, 1), resource=CODES.name)
    header = "ContactsActivistCodeID,VanID,ActivistCodeID\r\n"
    filtered: Any = {"resource": CODES, "requestedActivistCodeIds": [40]}
    assert blamed(judged(book, export(book, header + "1,1,40\r\n", **filtered))) == set()
    assert blamed(judged(book, export(book, header + "1,1,40\r\n2,1,41\r\n", **filtered))) == {
        ("codes/nothing-else", "unexpected")
    }
    assert blamed(judged(book, export(book, header, **filtered))) == {("codes/matching", "lost")}


def test_contact_mode_on_another_type_is_a_reading() -> None:
    book = ledger(change(1, NOON), change(2, NOON, mode=2))
    ledger(code(11, 40, 1), code(12, 40, 2), resource=CODES.name, into=book)
    header = "ContactsActivistCodeID,VanID,ActivistCodeID\r\n"
    for rows, value in (("11,1,40\r\n12,2,40\r\n", "ignored"), ("11,1,40\r\n", "by-contact")):
        analysis = judged(book, export(book, header + rows, resource=CODES, contactMode=1))
        assert blamed(analysis) == set()
        assert [(v.reading, v.values) for v in analysis.votes] == [("contact-mode-elsewhere", frozenset({value}))]
    wrong = judged(book, export(book, header + "12,2,40\r\n", resource=CODES, contactMode=1))
    assert {rule for rule, _ in blamed(wrong)} == {"mode/elsewhere"}


def test_a_job_that_holds_anothers_rows_is_told_as_mixed() -> None:
    book = ledger(change(1, NOON), change(2, NOON - 3 * DAY))
    other = export(
        book,
        "VanID,FirstName\r\n2,Ann\r\n",
        dateChangedFrom="2026-11-06T00:00:00Z",
        dateChangedTo="2026-11-08T00:00:00Z",
    )
    object.__setattr__(other, "name", "other")
    job = export(book, "VanID,FirstName\r\n2,Ann\r\n")
    object.__setattr__(job, "in_flight", frozenset({"other"}))
    mixed, alone = judged(book, job, other), judged(book, other)
    assert blamed(mixed) == {("window/complete", "lost"), ("window/nothing-else", "unexpected")}
    attribute([mixed, alone])
    assert blamed(mixed) == {("states/apart", "mixed")}


def test_a_job_that_loses_rows_alone_too_is_not_blamed_on_its_siblings() -> None:
    book = ledger(change(1, NOON), change(2, NOON - 3 * DAY))
    window = {"dateChangedFrom": "2026-11-06T00:00:00Z", "dateChangedTo": "2026-11-08T00:00:00Z"}
    other = export(book, "VanID,FirstName\r\n2,Ann\r\n", **window)
    object.__setattr__(other, "name", "other")
    job = export(book, "VanID,FirstName\r\n2,Ann\r\n")
    object.__setattr__(job, "in_flight", frozenset({"other"}))
    mixed, alone = judged(book, job, other), judged(book, export(book, "VanID,FirstName\r\n2,Ann\r\n"))
    attribute([mixed, alone])
    assert blamed(mixed) == {("window/complete", "lost"), ("window/nothing-else", "unexpected")}


def test_what_a_plain_window_loses_is_not_blamed_on_the_requested_ids() -> None:
    book = ledger(*(change(n, NOON) for n in range(1, 5)), change(9, NOON - 5 * DAY))
    plain = judged(book, export(book, "VanID,FirstName\r\n1,Ann\r\n"))
    ids = judged(book, export(book, "VanID,FirstName\r\n1,Ann\r\n9,Ann\r\n", requestedIds=[9]))
    assert {rule for rule, _ in blamed(ids)} == {"ids/add-or-replace"}
    attribute([plain, ids])
    assert blamed(plain) == {("window/complete", "lost")}
    assert blamed(ids) == {("window/complete", "lost")}
    assert {fault.id for fault in ids.faults} == {2, 3, 4}


def test_ids_of_other_types_may_be_those_of_contacts() -> None:
    book = ledger(*(code(n, 5, contact=70 + n % 2, at=NOON - 5 * DAY) for n in range(1, 5)), resource=CODES.name)
    head = "ContactsActivistCodeID,VanID,ActivistCodeID\r\n"

    def read(rows: str) -> tuple[str | None, set[str]]:
        job = export(book, head + rows, resource=CODES, requestedIds=[1, 71])
        observed = Run(Offer({r.name: r for r in (CONTACTS, CODES)}), book, jobs=(job,))
        docket = Docket(observed)
        reading = next(each for each in docket.readings() if each.name == "ids-of-other-types")
        failing = {rule for rule, found in docket.findings.items() if any(f.outcome == "fail" for f in found)}
        return reading.observed, {rule for rule in failing if rule.startswith(("ids/", "window/"))}

    assert read("1,71,5\r\n") == ("key", set())
    assert read("1,71,5\r\n3,71,5\r\n") == ("contact", set())
    assert read("1,71,5\r\n2,70,5\r\n") == (None, {"window/nothing-else"})
    assert read("3,71,5\r\n") == (None, {"ids/exported", "window/nothing-else"})


def test_what_a_plain_window_loses_is_not_blamed_on_the_mode() -> None:
    book = ledger(change(1, NOON))
    plain, by_mode = (
        judged(book, export(book, "VanID,FirstName\r\n")),
        judged(book, export(book, "VanID,FirstName\r\n", contactMode=1)),
    )
    assert blamed(by_mode) == {("mode/persons", "lost")}
    attribute([by_mode, plain])
    assert blamed(by_mode) == blamed(plain) == {("window/complete", "lost")}


DAMAGE = [
    ("  spaced ", "spaced", "csv/text-exact"),
    ("007", "7", "csv/text-exact"),
    ('say "hi"', "say hi", "csv/special-characters"),
    ("a\r\nb", '"a\nb"', "csv/special-characters"),
    ("Grüße", "Gr??e", "csv/unicode"),
    (None, "null", "csv/empty-values"),
]


@pytest.mark.parametrize(("value", "cell", "rule"), DAMAGE)
def test_a_damaged_value_is_blamed_on_what_happened_to_it(value: str | None, cell: str, rule: str) -> None:
    book = ledger(Change(1, NOON, True, {"FirstName": value}, {}, 1))
    assert blamed(judged(book, export(book, f"VanID,FirstName\r\n1,{cell}\r\n"))) == {(rule, "damaged")}


def test_custom_and_requested_fields_must_be_filled() -> None:
    book = ledger(Change(1, NOON, True, {"FirstName": "Ann", "Amount": 12.5}, {"157": "blue"}, 1))
    options: Any = {"requestedFields": ["Amount"], "requestedCustomFieldIds": [157]}
    header = "VanID,FirstName,Amount,CF157\r\n"
    assert blamed(judged(book, export(book, header + "1,Ann,12.50,blue\r\n", **options))) == set()
    assert blamed(judged(book, export(book, header + "1,Ann,,\r\n", **options))) == {
        ("fields/requested", "damaged"),
        ("fields/custom", "damaged"),
    }


def test_rows_without_the_column_of_the_key_are_left_to_the_header() -> None:
    book = ledger(change(1, NOON))
    assert blamed(judged(book, export(book, "Id,FirstName\r\n1,Ann\r\n"))) == set()
    assert blamed(judged(book, export(book, "1,Ann\r\n"))) == set()
    assert blamed(judged(book, export(book, "vanid,FirstName\r\n"))) == {("window/complete", "lost")}


def test_behind_broken_quoting_no_record_is_called_lost() -> None:
    book = ledger(change(1, NOON), change(2, NOON))
    assert blamed(judged(book, export(book, 'VanID,FirstName\r\n1,"Ann\r\n2,Ann\r\n'))) == set()


def test_a_record_that_was_cut_between_files_is_put_down_to_the_cut() -> None:
    book = ledger(*(change(n, NOON) for n in (1, 2, 314)))
    # The record 314 ends the first file as 3, and its rest begins the second as 14.
    cut = judged(book, export(book, "VanID,FirstName\r\n1,Ann\r\n3", "VanID,FirstName\r\n14,Ann\r\n2,Ann\r\n"))
    assert {rule for rule, kind in blamed(cut) if kind in ("lost", "unexpected")} == {"split/whole-records"}


def test_a_filter_that_loses_matching_records_is_blamed_for_requested_ones_as_well() -> None:
    book = ledger(code(1, 7, 5), code(2, 8, 5, NOON - 5 * DAY), resource="ContactsActivistCodes")
    header = "ContactsActivistCodeID,VanID,ActivistCodeID\r\n"
    plain = judged(book, export(book, header, resource=CODES, requestedActivistCodeIds=[7]))
    ids = judged(book, export(book, header, resource=CODES, requestedActivistCodeIds=[8], requestedIds=[2]))
    attribute([plain, ids])
    assert {rule for rule, _ in blamed(plain) | blamed(ids)} == {"codes/matching"}
