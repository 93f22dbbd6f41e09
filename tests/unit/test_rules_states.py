"""The states family on literal jobs: documented words, forward only, complete, and then unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exportproof.conformance.literals import HEADER, THEN, answer, exchange, file, findings, job, outcomes, run

ONE = f"{HEADER}1,Ann\r\n"
TWO = f"{ONE}2,Bea\r\n"
FAMILY = ("documented", "forward", "completes", "final", "whole-at-completion")


def said(*jobs: Any, **more: Any) -> dict[str, set[str]]:
    """What each rule of the family says, those left out that say nothing."""
    observed = run(*jobs, **more)
    return {name: found for name in FAMILY if (found := outcomes(f"states/{name}", observed))}


def told(*words: Any, **more: Any) -> Any:
    """A job whose creation and polls told these states; None tells none."""
    answers = [answer(status=word) if word is not None else {"exportJobId": 1} for word in words]
    polls = tuple(exchange("job", found, number=number) for number, found in enumerate(answers[1:], start=2))
    return job(create=exchange("create", answers[0]), polls=polls, **more)


def failures(rule: str, *jobs: Any) -> list[Any]:
    return [found for found in findings(rule, run(*jobs)) if found.outcome == "fail"]


# --- documented -----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["Pending", "InProcess", "Complete", "Error"])
def test_the_four_words_are_documented(word: str) -> None:
    assert outcomes("states/documented", run(told(None, word))) == {"pass"}


@pytest.mark.parametrize("word", ["Completed", "pending", "In Process", "COMPLETE", "", "Complete "])
@pytest.mark.parametrize("place", [0, 1])
def test_any_other_word_is_not(word: str, place: int) -> None:
    words = ["Pending", "Complete"]
    words[place] = word
    (found,) = failures("states/documented", told(*words))
    assert found.received == f"jobStatus {word!r}"
    assert found.exchanges == (place + 1,)


@pytest.mark.parametrize("word", [None, 3, ["Complete"]])
def test_a_state_that_is_no_text_is_the_schema_familys(word: Any) -> None:
    assert outcomes("states/documented", run(told(word, word))) == set()


def test_a_creation_that_was_only_probed_tells_a_state_too() -> None:
    probed = exchange("probe", {"exportJobId": 3, "jobStatus": "Queued"})
    assert outcomes("states/documented", run(exchanges=(probed,))) == {"fail"}
    assert outcomes("states/documented", run(exchanges=(exchange("control", {"jobStatus": "Frozen"}),))) == set()
    refused = exchange("probe", {"jobStatus": "Queued"}, status=400)
    assert outcomes("states/documented", run(exchanges=(refused,))) == set()


# --- forward --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (("Pending", "Pending", "InProcess", "Complete"), {"pass"}),
        (("Pending", "Complete", "Complete"), {"pass"}),
        (("Complete", "Complete"), {"pass"}),
        (("InProcess", "Error", "Error"), {"pass"}),
        ((None, "Complete"), set()),
        (("Pending", "Queued", "InProcess"), {"pass"}),
        (("InProcess", "Pending", "Complete"), {"fail"}),
        (("Pending", "Complete", "InProcess"), {"fail"}),
        (("InProcess", "Queued", "Pending"), {"fail"}),
        (("Pending", "Complete", "Error"), {"fail"}),
        (("Pending", "Error", "Complete"), {"fail"}),
    ],
)
def test_states_go_forward(words: Any, outcome: set[str]) -> None:
    assert outcomes("states/forward", run(told(*words))) == outcome


def test_a_finished_job_that_goes_back_is_told_with_both_answers() -> None:
    (found,) = failures("states/forward", job(ONE, later=[{}, {"jobStatus": "InProcess"}]))
    assert (found.expected, found.received, found.exchanges) == (
        "Complete in every later answer",
        "InProcess",
        (1, 3, 4),
    )
    assert said(job(ONE, later=[{"jobStatus": "InProcess"}]))["forward"] == {"fail"}
    assert "final" not in said(job(ONE, later=[{"jobStatus": "InProcess"}]))


# --- completes ------------------------------------------------------------------------------------


def test_an_accepted_job_completes() -> None:
    assert outcomes("states/completes", run(told("Pending", "Complete"))) == {"pass"}
    assert outcomes("states/completes", run(told("Complete"))) == {"pass"}
    (found,) = failures("states/completes", job(says={"jobStatus": "Error", "code": "E17", "message": "disk full"}))
    assert found.received == "jobStatus Error (E17; disk full)"


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (told("Pending", "InProcess", timed_out=True), {"doubt"}),
        (told("Pending", "complete", timed_out=True), {"doubt"}),
        (job(polls=(exchange("job", status=None, error="timeout"),)), {"doubt"}),
        (job(polls=(exchange("job", status=429),)), {"doubt"}),
        # That is creation/retrievable's, and creation/accepted's.
        (job(polls=(exchange("job", status=404),)), set()),
        (job(create=exchange("create", {}, 400), polls=()), set()),
    ],
)
def test_a_job_that_was_not_seen_to_end_is_no_failure(seen: Any, outcome: set[str]) -> None:
    assert outcomes("states/completes", run(seen)) == outcome


def aged(seconds: float, *states: str, number: int = 1, **more: Any) -> Any:
    """A job that was asked after last so many seconds after its creation."""
    polls = tuple(exchange("job", {"jobStatus": word}, at=THEN + timedelta(seconds=seconds)) for word in states)
    return job(polls=polls, name=f"job {number}", **more)


@pytest.mark.parametrize(
    ("seconds", "slowest", "others", "outcome"),
    [
        (120, 6, 10, "fail"),
        (120, 6.1, 10, "doubt"),
        (120, 6, 9, "doubt"),
        (40, 0.1, 150, "fail"),
        (39.9, 0.1, 150, "doubt"),
    ],
)
def test_a_job_that_takes_far_longer_than_all_others_never_ends(
    seconds: float, slowest: float, others: int, outcome: str
) -> None:
    ended = [aged(slowest if number == 3 else 0.1, "Complete", number=number) for number in range(others)]
    seen = aged(seconds, "InProcess", number=999, timed_out=True)
    found = [each for each in findings("states/completes", run(*ended, seen)) if each.outcome != "pass"]
    assert [each.outcome for each in found] == [outcome]
    if outcome == "fail":
        assert found[0].received == f"jobStatus InProcess after {seconds} s"
        assert found[0].expected == f"jobStatus Complete: {others} other jobs took {slowest:.1f} s at most"


def test_what_ran_beside_an_endless_job_is_no_measure() -> None:
    ended = [aged(0.1, "Complete", number=number) for number in range(10)]
    beside = aged(60, "Complete", number=11, in_flight=frozenset({"job 999"}))
    seen = aged(120, "InProcess", number=999, timed_out=True)
    assert "fail" in outcomes("states/completes", run(*ended, beside, seen))
    assert "fail" not in outcomes("states/completes", run(*ended[1:], beside, seen))


def test_a_job_that_was_not_told_of_at_last_may_have_ended() -> None:
    ended = [aged(0.1, "Complete", number=number) for number in range(20)]
    seen = aged(60, "InProcess", timed_out=True, number=999)
    busy = exchange("job", status=429, at=THEN + timedelta(seconds=120))
    assert "fail" not in outcomes("states/completes", run(*ended, replace(seen, polls=(*seen.polls, busy))))


def test_a_job_in_a_state_that_nobody_knows_may_have_ended() -> None:
    ended = [aged(0.1, "Complete", number=number) for number in range(20)]
    assert "fail" not in outcomes("states/completes", run(*ended, aged(120, "complete", timed_out=True, number=999)))


def test_doubt_tells_the_last_state() -> None:
    (found,) = findings("states/completes", run(told("Pending", "InProcess", timed_out=True)))
    assert "still InProcess" in found.message
    assert "--job-timeout" in found.message


# --- final ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "key"),
    [
        ({"exportedRecordCount": 2}, "exportedRecordCount"),
        ({"dateChangedFrom": "2026-11-10T00:00:01Z"}, "dateChangedFrom"),
        ({"dateChangedTo": "2026-11-11T01:00:00+02:00"}, "dateChangedTo"),
        ({"files": []}, "files"),
    ],
)
def test_a_complete_job_does_not_change(later: dict[str, Any], key: str) -> None:
    assert said(job(ONE, later=[{}, later]))["final"] == {"fail"}
    (found,) = failures("states/final", job(ONE, later=[{}, later]))
    assert found.key == key
    assert found.exchanges == (1, 2, 4)


@pytest.mark.parametrize(
    "later",
    [
        {},
        {"dateChangedTo": "2026-11-11T02:00:00.0000000+02:00"},
        {"dateChangedTo": "2026-11-11T00:00:00.25Z"},
        {"dateChangedTo": None},
        {"message": "Finished processing export job", "more": 1},
        # links/expiry-steady's, and the schema family's.
        {"files": [{"downloadUrl": "http://h/new", "dateExpired": "2027-01-01T00:00:00Z"}]},
        {"exportedRecordCount": "1", "files": None},
    ],
)
def test_other_ways_to_write_the_same_are_no_change(later: dict[str, Any]) -> None:
    assert said(job(ONE, later=[later]))["final"] == {"pass"}


def test_one_answer_says_nothing_of_change() -> None:
    assert "final" not in said(job(ONE))
    assert "final" not in said(told("Pending", "Error", "Error"))


def asked_later(status: int | None, after: timedelta = timedelta(hours=1)) -> Any:
    return replace(job(ONE), later=(exchange("job", {}, status, number=40, at=THEN + after),))


@pytest.mark.parametrize("status", [404, 410])
def test_a_complete_job_is_still_there_later(status: int) -> None:
    (found,) = failures("states/final", asked_later(status))
    assert (found.key, found.received, found.exchanges) == ("gone", f"status {status}", (1, 2, 40))


def test_a_job_may_go_when_its_links_are_dead_or_the_run_clears_it_away() -> None:
    assert outcomes("states/final", run(asked_later(404, timedelta(days=21)))) == set()
    brief = run(asked_later(404), link_lifetime_seconds=90.0)
    assert outcomes("states/final", brief) == set()
    reset = exchange("control", method="DELETE", url="http://127.0.0.1:9/_control/state", status=204, number=30)
    assert outcomes("states/final", run(asked_later(404), exchanges=(reset,))) == set()


@pytest.mark.parametrize("status", [None, 429, 401, 500])
def test_an_answer_that_does_not_come_is_no_change(status: int | None) -> None:
    assert outcomes("states/final", run(asked_later(status))) == set()


# --- final, and whole at completion: the files ----------------------------------------------------


def fetched(*contents: Any, anew: bool = False, count: Any = None, rounds: int = 1) -> Any:
    """A job with pairs of contents, of the first download and of the later ones; `anew` signs links again."""
    first = [file(then, index, link=f"http://h/{index}") for index, (then, _) in enumerate(contents)]
    again = [
        file(now, index, link=f"http://h/{index}?sig={turn}" if anew else f"http://h/{index}", number=50 + index)
        for turn in range(rounds)
        for index, (_, now) in enumerate(contents)
    ]
    return job(*first, again=tuple(again), later=[{}] * rounds, count=count)


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize(
    ("then", "now", "count", "changed", "short"),
    [
        (ONE, ONE, 1, "pass", "pass"),
        # Cut between two records, and announced as two.
        (ONE, TWO, 2, "pass", "fail"),
        # Cut inside a record, in the middle of a cell, and inside quotes.
        (f"{ONE}2", TWO, 2, "pass", "fail"),
        (f"{ONE}2,Be", TWO, 2, "pass", "fail"),
        (f'{ONE}2,"Be', f'{ONE}2,"Bea, O."\r\n', 2, "pass", "fail"),
        ("", TWO, 2, "pass", "fail"),
        ("VanID,Fir", TWO, 2, "pass", "fail"),
        ("", HEADER, 0, "pass", "fail"),
        (f'{ONE}2,"Be\r\n', f'{ONE}2,"Be\r\na"\r\n', 2, "pass", "fail"),
        # Whole, as announced, and rows were added afterwards.
        (ONE, TWO, 1, "fail", "pass"),
        # Other values, other order, and fewer rows.
        (ONE, f"{HEADER}1,Eve\r\n", 1, "fail", "pass"),
        (TWO, f"{HEADER}2,Bea\r\n1,Ann\r\n", 2, "fail", "pass"),
        (TWO, ONE, 2, "fail", "pass"),
        (TWO, ONE, 9, "fail", "pass"),
        (TWO, f"{HEADER}1,Ann with a longer name\r\n2,Bea\r\n", 3, "fail", "pass"),
    ],
)
def test_bytes_that_change_are_told_from_bytes_that_were_late(
    then: str, now: str, count: int, changed: str, short: str, *, anew: bool
) -> None:
    found = said(fetched((then, now), count=count, anew=anew))
    expected = {"final": {changed}, "whole-at-completion": {short}}
    assert {name: found.get(name) for name in expected} == expected


def test_only_the_files_that_were_short_are_told() -> None:
    (found,) = failures("states/whole-at-completion", fetched((ONE, ONE), (ONE, TWO), (ONE, TWO), count=5))
    assert found.details == {"files": [2, 3]}
    assert found.exchanges == (1, 2, 10, 51)


def test_links_that_are_signed_anew_may_be_listed_in_another_order() -> None:
    first, second = file(ONE, 0, link="http://h/a"), file(TWO, 1, link="http://h/b")
    again = (file(TWO, 0, link="http://h/c"), file(ONE, 1, link="http://h/d"))
    assert said(job(first, second, again=again, later=[{}]))["final"] == {"pass"}
    turned = (replace(second, index=0), replace(first, index=1))
    assert said(job(first, second, again=turned, later=[{}]))["whole-at-completion"] == {"pass"}


def test_a_change_is_found_in_a_second_round() -> None:
    seen = fetched((ONE, ONE), (TWO, TWO), rounds=2)
    last = file(f"{HEADER}9,Zoe\r\n", 1, link="http://h/1", number=60)
    assert said(seen)["final"] == {"pass"}
    assert said(replace(seen, again=(*seen.again[:3], last)))["final"] == {"fail"}


@pytest.mark.parametrize("now", [file(None, status=404), file(ONE[:9], error="disconnected"), file(None, status=429)])
def test_a_file_that_does_not_come_again_is_the_links_familys(now: Any) -> None:
    found = said(job(ONE, again=(now,), later=[{}]))
    assert found["final"] == {"pass"}
    assert "whole-at-completion" not in found


def test_files_are_not_compared_unless_all_of_them_came() -> None:
    one, two = file(ONE, 0, link="http://h/a"), file(TWO, 1, link="http://h/b")
    other = file(f"{HEADER}7,Gus\r\n", 0, link="http://h/a")
    for first, again in (((one, two), (other,)), ((one, file(None, 1, status=404)), (other, two))):
        found = said(job(*first, again=again, later=[{}]))
        assert found["final"] == {"pass"}
        assert "whole-at-completion" not in found


def test_jobs_are_told_by_their_purpose_or_else_by_their_name() -> None:
    (named,) = failures("states/final", replace(fetched((ONE, HEADER)), name="job#7"))
    (purposeful,) = failures("states/final", replace(fetched((ONE, HEADER)), purpose="the window of Contacts"))
    assert "file 1 of job#7 has" in named.message
    assert "file 1 of the window of Contacts has" in purposeful.message


def test_a_job_without_content_does_not_try_wholeness() -> None:
    assert "whole-at-completion" not in said(job(ONE))
    assert "whole-at-completion" not in said(job(later=[{}]))
    assert "whole-at-completion" not in said(fetched(("", ""), count=0))
