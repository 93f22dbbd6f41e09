"""Relations between exports of live data, on literal jobs: no control API, no ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.change_times import read_stamp, stamp_columns
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.literals import CODES, CONTACTS, THEN, findings, job, outcomes, run, votes
from exportproof.conformance.rules.relations import RELATION_RULES
from exportproof.conformance.rules.relations_rows import RECORD_RULES
from exportproof.spec.offer import Field, Resource, format_instant

if TYPE_CHECKING:
    from exportproof.conformance.observation import JobObservation, Run

DAY = timedelta(days=1)
FIRST = datetime(2026, 9, 1, tzinfo=UTC)
STAMPED = Resource(
    "Contacts",
    "VanID",
    (
        Field("VanID", "N", core=True),
        Field("FirstName", "T", core=True),
        Field("DateCreated", "D", core=False),
        Field("LastUpdatedOn", "D", core=False),
    ),
)
ALL = {"includeInactive": True}


def day(number: float) -> datetime:
    return FIRST + number * DAY


def look(
    minute: int, start: float, end: float, *ids: int, rows: str | None = None, files: int = 1, **options: Any
) -> JobObservation:
    """A job that ran for a second at that minute, over a window of days, with a row an id."""
    resource = options.pop("resource", CONTACTS)
    header = options.pop("header", "VanID,FirstName")
    lines = [f"{identifier},Ann" for identifier in ids] if rows is None else rows.split()
    parts = [lines[place::files] for place in range(files)]
    made = job(
        *("\r\n".join([header, *part]) + "\r\n" for part in parts),
        name=f"job {minute}",
        identifier=minute + 1,
        number=100 * minute + 1,
        resource=resource,
        **{"dateChangedFrom": format_instant(day(start)), "dateChangedTo": format_instant(day(end)), **options},
    )
    began = THEN + timedelta(minutes=minute)
    polls = tuple(replace(poll, started=began, ended=began + timedelta(seconds=1)) for poll in made.polls)
    return replace(made, create=replace(made.create, started=began, ended=began), polls=polls)


def failed(observed: Run) -> set[str]:
    return {rule for rule in RELATION_RULES if "fail" in outcomes(rule, observed)}


# --- windows -----------------------------------------------------------------------------------------


def test_windows_that_fit_together_break_nothing() -> None:
    observed = run(look(1, 0, 9, 1, 2, 3, **ALL), look(2, 0, 4, 1, **ALL), look(3, 4, 9, 2, 3, **ALL))
    assert failed(observed) == set()
    assert outcomes("window/complete", observed) == {"pass"}


def test_a_narrower_window_is_contained_in_the_wider() -> None:
    observed = run(look(1, 0, 9, 1, **ALL), look(2, 0, 4, 1, 2, **ALL))
    assert failed(observed) == {"window/complete"}
    (found,) = [f for f in findings("window/complete", observed) if f.outcome == "fail"]
    assert "record, 2 first" in found.message
    assert found.job == "job 1"


def test_adjacent_windows_make_the_whole() -> None:
    observed = run(
        look(1, 0, 9, 1, 2, **ALL), look(2, 0, 4, 1, **ALL), look(3, 4, 9, **ALL), look(4, 0, 9, 1, 2, **ALL)
    )
    assert failed(observed) == {"window/complete"}


def test_a_gap_between_windows_may_hold_the_change() -> None:
    observed = run(look(1, 0, 9, 1, **ALL), look(2, 0, 4, **ALL), look(3, 4.01, 9, **ALL), look(4, 0, 9, 1, **ALL))
    assert failed(observed) == set()


def test_a_record_that_was_never_seen_again_may_be_gone() -> None:
    observed = run(look(1, 0, 4, 1, 2, **ALL), look(2, 0, 9, 1, **ALL))
    assert failed(observed) == set()


def test_an_export_without_inactive_records_denies_nothing() -> None:
    observed = run(look(1, 0, 4, 1, 2, **ALL), look(2, 0, 9, 1), look(3, 0, 4, 1, 2, **ALL))
    assert failed(observed) == set()


def test_a_window_without_an_end_holds_what_was_changed_before() -> None:
    open_end = look(1, 0, 9, 1, **ALL, dateChangedTo=None)
    assert failed(run(open_end, look(2, 0, 4, 1, 2, **ALL))) == {"window/complete"}


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"dateChangedFrom": "2026-09-01T05:00:00.000+05:00"}, "window/offsets"),
        ({"contactMode": 3}, "mode/both"),
        ({"requestedActivistCodeIds": [5]}, "codes/ignored-elsewhere"),
        ({"files": 2}, "split/each-once"),
    ],
)
def test_a_lost_record_is_blamed_on_what_was_asked(options: dict[str, Any], rule: str) -> None:
    lossy = look(2, 0, 9, 1, 2, **ALL, **options)
    observed = run(look(1, 0, 9, 1, 2, 3, **ALL), lossy, look(3, 0, 9, 1, 2, 3, **ALL))
    assert failed(observed) == {rule}


def test_inactive_records_are_added_and_nothing_else() -> None:
    observed = run(look(1, 0, 9, 1, 2), look(2, 0, 9, 1, 3, **ALL), look(3, 0, 9, 1, 2))
    assert failed(observed) == {"inactive/included"}


# --- stamps ------------------------------------------------------------------------------------------


def stamped(minute: int, start: float, end: float, changes: dict[int, tuple[float, float]], **options: Any) -> Any:
    """A look with records by id, each created and last changed on those days."""
    rows = " ".join(
        f"{i},Ann,{format_instant(day(created))},{format_instant(day(changed))}"
        for i, (created, changed) in changes.items()
    )
    header = "VanID,FirstName,DateCreated,LastUpdatedOn"
    return look(minute, start, end, rows=rows, resource=STAMPED, header=header, **ALL, **options)


def lives(count: int = 40) -> dict[int, tuple[float, float]]:
    """Records of which every other one was changed after its creation."""
    return {i: (1 + i / 7.3, 1 + i / 7.3 + (i % 2) * 0.011) for i in range(1, count + 1)}


def test_stamps_tell_of_a_record_that_every_window_lacks() -> None:
    known = lives()
    inner = {i: each for i, each in known.items() if 3 < each[0] < 5}
    lost = min(inner)
    less = {i: each for i, each in inner.items() if i != lost}
    assert failed(run(stamped(1, 3, 5, inner), stamped(2, 0, 9, known))) == set()
    observed = run(stamped(1, 3, 5, less), stamped(2, 0, 9, known))
    assert failed(observed) == {"window/complete"}


def test_a_record_that_changed_again_later_still_belongs_to_the_window() -> None:
    known = {**lives(), 99: (4.0, 8.0)}
    inner = {i: each for i, each in known.items() if 3 < each[0] < 5 and i != 99}
    assert failed(run(stamped(1, 3, 5, inner), stamped(2, 0, 9, known))) == {"window/any-change"}


def test_most_rows_of_an_export_changed_before_its_window() -> None:
    known = lives()
    observed = run(stamped(1, 0, 9, known), stamped(2, 5, 9, known), stamped(3, 0, 9, known))
    assert "window/nothing-else" in failed(observed)


def test_columns_that_only_happen_to_be_called_so_tell_nothing() -> None:
    odd = {i: (1 + i * 7 % 40 / 5, 1 + i * 11 % 40 / 5) for i in range(1, 41)}
    assert failed(run(stamped(1, 3, 5, {1: odd[1]}), stamped(2, 0, 9, odd), stamped(3, 0, 9, odd))) == set()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("VanID", "DateCreated", "LastUpdatedOn"), ("DateCreated", "LastUpdatedOn")),
        (("CreatedOn", "DateModified"), ("CreatedOn", "DateModified")),
        (("CreatedBy", "DateCanvassed", "ChangeTypeID", "DateReceived"), (None, None)),
    ],
)
def test_columns_that_tell_when_are_known_by_name(names: tuple[str, ...], expected: tuple[str | None, ...]) -> None:
    assert stamp_columns(names) == expected


@pytest.mark.parametrize("text", ["", "2026-11-20", "2026-11-20T10:00:00", "yesterday"])
def test_a_vague_stamp_is_none(text: str) -> None:
    assert read_stamp(text) is None


# --- what may change meanwhile -----------------------------------------------------------------------


def test_a_difference_that_one_change_explains_is_no_violation() -> None:
    observed = run(
        look(1, 0, 9, 1, 2, **ALL), look(2, 0, 9, 1), look(3, 0, 9, 1, 2, contactMode=3), look(4, 0, 9, 1, 2)
    )
    assert failed(observed) == set()


def turns(premise: Any, breach: Any) -> Run:
    """Two requests in turns, the first of them three times, between exports of everything."""
    made = [maker(minute) for minute, maker in enumerate((premise, breach, premise, breach, premise), start=2)]
    return run(look(1, 0, 9, 1, 2, 3, **ALL), *made, look(8, 0, 9, 1, 2, 3, **ALL))


def test_an_inactive_record_that_another_option_brings_in() -> None:
    observed = turns(lambda n: look(n, 0, 9, 1, 2), lambda n: look(n, 0, 9, 1, 2, 3, includeInactive=False))
    assert failed(observed) == {"inactive/left-out"}
    (found,) = [f for f in findings("inactive/left-out", observed) if f.outcome == "fail"]
    assert (found.expected, found.received) == ("no row", "a row")


def test_being_inactive_is_judged_now() -> None:
    observed = turns(lambda n: look(n, 0, 9, 1, 2, 3), lambda n: look(n, 1, 9, 1, 2))
    assert failed(observed) == set(), "a narrower window need not hold the record"
    again = [look(9, 1, 9, 1, 2, 3, **ALL)]
    assert failed(replace(observed, jobs=(*observed.jobs, *again))) == {"inactive/by-current-state"}


def test_persons_and_organizations_are_disjoint_and_make_the_whole() -> None:
    def persons(minute: int) -> JobObservation:
        return look(minute, 0, 9, 1, 2, contactMode=1, **ALL)

    assert failed(turns(persons, lambda n: look(n, 0, 9, 3, contactMode=2, **ALL))) == set()
    for ids in ((2, 3), ()):
        observed = turns(persons, lambda n, ids=ids: look(n, 0, 9, *ids, contactMode=2, **ALL))
        assert failed(observed) == {"mode/organizations"}


def test_the_values_of_a_record_are_those_of_every_window() -> None:
    def wide(minute: int) -> JobObservation:
        return look(minute, 0, 9, rows="1,Ann 2,Bea 3,Cyd", **ALL)

    assert failed(run(*_turns(wide, lambda n: look(n, 1, 9, rows="2,Bea", **ALL)))) == set()
    observed = run(*_turns(wide, lambda n: look(n, 1, 9, rows="2,Old", **ALL)))
    assert failed(observed) == {"version/not-snapshot"}
    halves = {"files": 2, "fileSizeKbLimit": 1_000, **ALL}
    observed = run(*_turns(wide, lambda n: look(n, 0, 9, rows="2,Ben 3,Cyd 1,Ann", **halves)))
    assert failed(observed) == {"csv/text-exact"}


def test_a_custom_field_holds_the_same_whatever_was_asked_for_beside_it() -> None:
    own = replace(CONTACTS, custom_fields=(157, 205))

    def alone(minute: int) -> JobObservation:
        header = "VanID,FirstName,Colour"
        one = {"requestedCustomFieldIds": [157], "header": header, "resource": own, **ALL}
        return look(minute, 0, 9, rows="1,Ann,red 2,Bea,blue", **one)

    def together(minute: int, rows: str) -> JobObservation:
        header = "VanID,FirstName,Colour,Size"
        both = {"requestedCustomFieldIds": [157, 205], "header": header, "resource": own, **ALL}
        return look(minute, 0, 9, rows=rows, **both)

    plain = look(20, 0, 9, 1, 2, resource=own, **ALL)
    told = run(plain, *_turns(alone, lambda n: together(n, "1,Ann,red,9 2,Bea,blue,8")))
    assert failed(told) == set()
    swapped = run(plain, *_turns(alone, lambda n: together(n, "1,Ann,9,red 2,Bea,8,blue")))
    assert failed(swapped) == {"fields/custom"}
    # A column that no custom field added is the target's own: it may count the exports.
    counting = run(plain, *_turns(alone, lambda n: together(n, f"1,Ann,red,{n} 2,Bea,blue,{n}")))
    assert failed(counting) == set()


def test_to_and_fro_without_a_pattern_is_doubt() -> None:
    def plain(minute: int, *ids: int) -> JobObservation:
        return look(minute, 0, 9, 1, 2, *ids)

    def explicit(minute: int, *ids: int) -> JobObservation:
        return look(minute, 0, 9, 1, 2, *ids, includeInactive=False)

    many = (3, 4)
    jobs = [plain(2), explicit(3, *many), plain(4), explicit(5, *many), plain(6, *many), explicit(7)]
    observed = run(look(1, 0, 9, 1, 2, *many, **ALL), *jobs, look(8, 0, 9, 1, 2, *many, **ALL))
    assert failed(observed) == set()
    assert "doubt" in outcomes("inactive/left-out", observed)


# --- activist codes ----------------------------------------------------------------------------------


def coded(minute: int, *pairs: tuple[int, int], **options: Any) -> JobObservation:
    rows = " ".join(f"{identifier},7,{code}" for identifier, code in pairs)
    header = "ContactsActivistCodeID,VanID,ActivistCodeID"
    return look(minute, 0, 9, rows=rows, resource=CODES, header=header, **ALL, **options)


def _asked(minute: int, *rows: tuple[int, int], ids: list[int]) -> JobObservation:
    """A job over days in which nothing changed, with ids and with rows of (record, contact)."""
    text = " ".join(f"{identifier},{contact},5" for identifier, contact in rows)
    header = "ContactsActivistCodeID,VanID,ActivistCodeID"
    return look(minute, 10, 12, rows=text, resource=CODES, header=header, requestedIds=ids, **ALL)


def test_ids_of_other_types_may_be_those_of_contacts() -> None:
    first = [coded(1, (1, 5), (2, 5), (3, 5), (4, 5)), look(2, 10, 12, resource=CODES, rows="", **ALL)]
    again = [coded(8, (1, 5), (2, 5), (3, 5), (4, 5)), look(9, 10, 12, resource=CODES, rows="", **ALL)]
    by_key = _asked(4, (1, 7), (2, 7), (3, 7), ids=[1, 2, 3])
    assert failed(run(*first, by_key, *again)) == set()
    assert votes("ids-of-other-types", run(*first, by_key, *again)) == {"key"}
    by_contact = _asked(4, (1, 7), (2, 7), (3, 7), (4, 7), ids=[2, 7])
    assert failed(run(*first, by_contact, *again)) == set()
    assert votes("ids-of-other-types", run(*first, by_contact, *again)) == {"contact"}
    both = [by_key, replace(_asked(5, (2, 7), (3, 7), (4, 7), ids=[7]), name="job 5")]
    assert failed(run(*first, *both, *again)) != set(), "one server follows one understanding"


def test_the_filter_equals_filtering_afterwards() -> None:
    def everything(minute: int) -> JobObservation:
        return coded(minute, (1, 5), (2, 5), (3, 6))

    def by_code(*pairs: tuple[int, int]) -> Any:
        return lambda minute: coded(minute, *pairs, requestedActivistCodeIds=[5])

    assert failed(run(*_turns(everything, by_code((1, 5), (2, 5))))) == set()
    assert failed(run(*_turns(everything, by_code((1, 5))))) == {"codes/matching"}
    assert failed(run(*_turns(everything, by_code((1, 5), (2, 5), (3, 6))))) == {"codes/nothing-else"}


def _turns(premise: Any, breach: Any) -> list[JobObservation]:
    return [maker(minute) for minute, maker in enumerate((premise, breach, premise, breach, premise), start=1)]


# --- requested ids -----------------------------------------------------------------------------------


def test_requested_ids_come_whatever_the_window_says() -> None:
    whole = look(1, 0, 9, 1, 2, 3, 4, **ALL)
    part = look(2, 0, 2, 4, **ALL)
    again = look(5, 0, 9, 1, 2, 3, 4, **ALL)
    good = run(whole, part, look(4, 0, 2, 1, 4, requestedIds=[1]), again)
    assert failed(good) == set()
    assert outcomes("ids/exported", good) == {"pass"}
    bad = run(whole, part, look(4, 0, 2, 4, requestedIds=[1]), again)
    assert failed(bad) == {"ids/exported"}


def test_a_record_that_was_created_after_the_job_is_not_missing_from_it() -> None:
    whole = look(1, 0, 9, 2, 3, **ALL)
    asked = [look(4, 0, 2, requestedIds=[1]), look(5, 0, 2, 1, requestedIds=[1]), look(6, 0, 2, 1, requestedIds=[1])]
    again = look(7, 0, 9, 2, 3, **ALL)
    assert failed(run(whole, *asked, again)) == set()
    assert failed(run(whole, look(3, 0, 2, 1, requestedIds=[1]), *asked, again)) == {"ids/exported"}


def test_requested_ids_come_even_when_inactive() -> None:
    whole = [look(1, 0, 9, 1, 2, **ALL), look(2, 0, 9, 1)]
    again = [look(5, 0, 9, 1, 2, **ALL), look(6, 0, 9, 1)]
    assert failed(run(*whole, look(3, 0, 1, 1, requestedIds=[1, 2]), *again)) == {"ids/inactive"}


def test_made_up_ids_do_not_come() -> None:
    made_up = [2**30 + 5, 2**30 + 77, 2**31 - 9]
    whole = look(1, 0, 9, 1, 2, **ALL)
    good = run(whole, look(2, 0, 9, 1, 2, requestedIds=made_up, **ALL))
    assert outcomes("ids/unknown-absent", good) == {"pass"}
    assert failed(run(whole, look(2, 0, 9, 1, 2, *made_up, requestedIds=made_up, **ALL))) == {"ids/unknown-absent"}


def test_requested_ids_add_or_replace() -> None:
    whole = look(1, 0, 9, *range(1, 9), **ALL)
    again = look(5, 0, 9, *range(1, 9), **ALL)
    add = run(whole, look(3, 0, 9, *range(1, 9), requestedIds=[1], **ALL), again)
    assert votes("requested-ids", add) == {"add"}
    replace_ = run(whole, look(3, 0, 9, 1, requestedIds=[1], **ALL), again)
    assert votes("requested-ids", replace_) == {"replace"}
    some = run(whole, look(3, 0, 9, 1, 2, 3, requestedIds=[1], **ALL), again)
    assert failed(some) == {"ids/add-or-replace"}


def test_requested_ids_may_leave_the_switch_without_effect_while_others_change_records() -> None:
    whole = [look(1, 0, 9, *range(1, 10), **ALL), look(2, 0, 9, *range(4, 10))]
    again = [look(5, 0, 9, *range(1, 10), **ALL), look(6, 0, 9, *range(5, 10))]
    # Records 1 to 3 were inactive all the time; 4 was made inactive by others before the job.
    void = run(*whole, look(3, 0, 9, *range(5, 10), requestedIds=[5], **ALL), *again)
    assert failed(void) == set()
    assert votes("ids-include-inactive", void) == {"void"}
    assert failed(run(*whole, look(3, 0, 9, *range(8, 10), requestedIds=[9], **ALL), *again)) == {"ids/add-or-replace"}


# --- the rest ----------------------------------------------------------------------------------------


def test_with_a_ledger_the_oracle_judges_and_not_this() -> None:
    book = Ledger()
    book.reset("first")
    observed = run(look(1, 0, 9, 1, **ALL), look(2, 0, 4, 1, 2, **ALL), ledger=book)
    assert "window/complete" not in failed(observed)
    assert set(RECORD_RULES) <= set(RELATION_RULES)
