"""The pictures of the report: what is taken from observations, how it is drawn, and the words that stand for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from exportproof.conformance.control import change_of
from exportproof.conformance.finding import Finding
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.literals import HEADER, THEN, answer, exchange, file, job, run
from exportproof.conformance.observation import LinkObservation
from exportproof.conformance.result import RuleResult
from exportproof.conformance.sights import MOST_JOBS, sights
from exportproof.reports.page import instant
from exportproof.reports.pictures import pictures, window_picture
from exportproof.reports.svg import Canvas, ticks
from exportproof.spec import catalogue

ONE = f"{HEADER}1,Ann\r\n"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
RULE = catalogue.rules()["window/complete"]


def titles(seen: dict[str, Any]) -> list[str]:
    """The titles of the pictures of a run."""
    return [picture.title for picture in pictures(seen)]


def classes(svg: str) -> list[str]:
    """The class of every shape of a drawing, which must be well formed."""
    return [element.get("class", "") for element in ET.fromstring(svg).iter()]  # noqa: S314 - our own


# --- the window ----------------------------------------------------------------------------------------------


def lost() -> tuple[dict[str, Any], dict[str, Any]]:
    """The sights of a run in which record 7 was lost, and the evidence for it."""
    book = Ledger()
    book.reset("first")
    told = [("2026-11-09T00:00:00Z", True), ("2026-11-10T12:00:00Z", False), ("2026-11-15T00:00:00Z", True)]
    changes = [change_of("Contacts", {"id": 7, "at": at, "active": active, "values": {}}) for at, active in told]
    book.apply("first", "Contacts", changes)
    seen = run(job(ONE, name="a job", ledger_before=2, ledger_after=2), ledger=book)
    details = {"rows": [{"id": 7, "kind": "lost", "rule": RULE.id, "message": "m"}]}
    found = Finding(RULE.id, "fail", "m", job="a job", details=details)
    return sights(seen, (RuleResult(RULE, "fail", None, (found,)),)), {"job": "a job", "details": details}


def test_the_window_shows_the_changes_of_the_records_that_went_wrong() -> None:
    seen, evidence = lost()
    assert seen["windows"]["a job"]["from"] == "2026-11-10T00:00:00.000Z"
    assert [change["active"] for change in seen["windows"]["a job"]["records"]["7"]] == [True, False, True]
    picture = window_picture(seen, evidence)
    assert picture is not None
    drawn = classes(picture.svg)
    assert (drawn.count("change-mark dot"), drawn.count("change-mark ring"), drawn.count("edge")) == (2, 1, 2)
    assert "record 7 was due and absent: it changed once in the window, once after it" in picture.told
    assert "from 2026-11-10 00:00:00 UTC to 2026-11-11 00:00:00 UTC" in picture.told
    assert ET.fromstring(picture.svg).get("aria-label") == picture.told  # noqa: S314 - our own


@pytest.mark.parametrize("details", [{}, {"rows": [3]}, {"rows": 7}, {"rows": [{"row": 1, "fields": 2}]}])
def test_evidence_about_anything_else_has_no_window(details: dict[str, Any]) -> None:
    seen, _ = lost()
    assert window_picture(seen, {"job": "a job", "details": details}) is None
    assert window_picture({}, {"job": "a job", "details": details}) is None


def test_a_window_without_an_end_ends_with_the_request() -> None:
    seen, evidence = lost()
    seen["windows"]["a job"] |= {"open": True}
    picture = window_picture(seen, evidence)
    assert picture is not None
    assert "to the request." in picture.told


# --- files ---------------------------------------------------------------------------------------------------


def test_files_over_the_limit_are_drawn_and_told() -> None:
    over = job(file(ONE, size=1_024_001), file(ONE, 1, size=500), name="over", fileSizeKbLimit=1000)
    seen = sights(run(job(ONE, name="small"), over), ())
    assert [(each["job"], each["limitKb"], each["given"]) for each in seen["files"]] == [
        ("over", 1000, True),
        ("small", 40_000, False),
    ]
    picture = next(picture for picture in pictures(seen) if picture.title.startswith("File sizes"))
    drawn = classes(picture.svg)
    assert (drawn.count("bar-over"), drawn.count("bar-fine")) == (1, 2)
    assert "3 shown, 1 over the limit." in picture.told


def test_a_file_of_just_the_limit_is_not_over_it() -> None:
    seen = sights(run(job(file(ONE, size=1_024_000), fileSizeKbLimit=1000)), ())
    picture = next(picture for picture in pictures(seen) if picture.title.startswith("File sizes"))
    assert "bar-over" not in classes(picture.svg)
    assert "1 shown, none over the limit." in picture.told


def test_numbers_that_were_struck_out_are_not_drawn() -> None:
    assert "File sizes" not in str(titles({"files": [{"job": "a", "limitKb": "[struck out]", "sizes": [1]}]}))


# --- links ---------------------------------------------------------------------------------------------------


def look(after: timedelta, status: int) -> LinkObservation:
    """A link that was tried so long after its job was created."""
    first = file(ONE)
    return LinkObservation("a job", file(None, status=status), first, THEN + after, THEN + 20 * DAY, THEN, THEN)


def test_a_links_life_is_drawn_against_its_lifetime() -> None:
    seen = sights(
        run(links=(look(21 * DAY, 410), look(20 * DAY - 61 * SECOND, 200), look(20 * DAY + 61 * SECOND, 200))), ()
    )
    picture = next(picture for picture in pictures(seen) if picture.title.startswith("Links"))
    drawn = classes(picture.svg)
    assert (drawn.count("good-mark dot"), drawn.count("bad-mark stroke"), drawn.count("announced-mark")) == (2, 1, 1)
    assert "last seen to work after 20 d 1 min 1 s, first seen not to after 21 d" in picture.told
    assert "the lifetime of 20 days" in picture.told


def test_a_short_lifetime_is_drawn_in_its_own_unit() -> None:
    seen = sights(run(links=(look(89 * SECOND, 200),), link_lifetime_seconds=90.0), ())
    assert "the lifetime of 90 seconds" in next(picture for picture in pictures(seen)).told


# --- jobs ----------------------------------------------------------------------------------------------------


def test_the_states_of_a_job_are_told_in_order() -> None:
    made = job(ONE, name="slow")
    words = ("Pending", "Pending", "InProcess", "Complete")
    polls = tuple(
        replace(exchange("job", answer(status=word)), started=THEN + n * SECOND, ended=THEN + n * SECOND)
        for n, word in enumerate(words)
    )
    seen = sights(run(replace(made, polls=polls)), ())
    assert [state["state"] for state in seen["jobs"][0]["states"]] == ["Pending", "InProcess", "Complete"]
    picture = next(picture for picture in pictures(seen) if picture.title.startswith("Jobs"))
    assert "slow: Pending from 0 s, InProcess from 2 s, Complete from 3 s" in picture.told


def test_no_run_is_too_large_to_draw() -> None:
    jobs = [job(*[ONE] * 40, name=f"{n}", identifier=n, number=n * 100) for n in range(1, 40)]
    seen = sights(run(*jobs), ())
    assert (len(seen["jobs"]), len(seen["files"])) == (MOST_JOBS, MOST_JOBS)
    for picture in pictures(seen):
        assert len(picture.svg) < 60_000


def test_a_run_that_saw_nothing_has_no_pictures() -> None:
    assert titles(sights(run(), ())) == []
    assert titles({}) == []


# --- drawing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.1), (0.0, 0.0003), (0.0, 9.2), (0.0, 21.05), (0.0, 250_000.0), (-3.0, 4.0)]
)
def test_a_scale_has_some_round_values_within_it(low: float, high: float) -> None:
    values = ticks(low, high)
    assert 3 <= len(values) <= 7
    assert [value for value in values if not low <= value <= high] == []
    steps = {round(after - before, 9) for before, after in pairwise(values)}
    assert len(steps) == 1


def test_a_scale_without_length_has_its_start() -> None:
    assert ticks(3.0, 3.0) == [3.0]
    assert Canvas(1, 3.0, 3.0).x(3.0) == Canvas(1, 0.0, 1.0).x(0.0)


def test_words_are_escaped_and_long_labels_keep_their_number() -> None:
    canvas = Canvas(1, 0.0, 1.0)
    canvas.label(0, "<script> & a job of a very long name#123")
    svg = canvas.markup('told "so"')
    assert "<script>" not in svg
    assert "…#123</text>" in svg


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-23T08:00:00.000Z", "2026-11-23 08:00:00 UTC"),
        ("2026-11-23T08:00:00.250Z", "2026-11-23 08:00:00.25 UTC"),
        ("2026-11-23T08:00:00Z", "2026-11-23 08:00:00 UTC"),
        ("2026-11-23T08:00:10Z", "2026-11-23 08:00:10 UTC"),
        ("yesterday", "yesterday"),
    ],
)
def test_instants_are_written_for_people(text: str, shown: str) -> None:
    assert instant(text) == shown
