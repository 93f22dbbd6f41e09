"""A recorded run is concluded from as it was when it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.conclude import conclude
from exportproof.conformance.course import Course
from exportproof.conformance.literals import exchange, job, run
from exportproof.conformance.record_log import LOG
from exportproof.conformance.record_read import read_record
from exportproof.conformance.result import Stats
from exportproof.reports.curl import curl_line

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "course",
    [
        Course(),
        Course(problems=["'x' broke off: y"], unheard={"split/within-limit": "y"}),
        Course(problems=["The run was interrupted."], ending="interrupted"),
        Course(cut_short=True),
        Course(problems=["No answer."], nothing=True, unusable=True),
    ],
    ids=["whole", "broke off", "interrupted", "stopped", "unusable"],
)
def test_a_recorded_run_is_judged_as_it_was(tmp_path: Path, course: Course, records: Any) -> None:
    seen = records.everything()
    records.write(tmp_path, seen, replace(course, problems=[*course.problems], unheard={**course.unheard}))
    assert records.document(read_record(tmp_path)) == records.document(records.Literal(seen, course))


def test_a_killed_run_is_judged_by_what_was_written(tmp_path: Path, records: Any) -> None:
    good = job(records.ROWS, name="plain", number=100)
    records.write(tmp_path, run(good))
    log = tmp_path / LOG
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-3]))
    result = conclude(read_record(tmp_path), curl_line)
    assert result.verdict == "undetermined"
    assert result.exit_status == 5
    assert result.problems[0].startswith("The record was cut short: it ends after line ")
    assert result.count("pass") > 3


def test_a_violation_in_a_record_that_was_cut_short_stays_one(tmp_path: Path, records: Any) -> None:
    wrong = job(records.ROWS, name="plain", number=100, count=3)
    records.write(tmp_path, run(wrong))
    log = tmp_path / LOG
    log.write_bytes(log.read_bytes()[:-50])
    assert conclude(read_record(tmp_path), curl_line).verdict == "violates"


def test_what_looks_for_smaller_cases_is_no_observation(tmp_path: Path, records: Any) -> None:
    seen = run(job(records.ROWS, name="plain", number=100, count=3))
    recorder, follow = records.recording(tmp_path, seen)
    recorder.observed(Course())
    result = conclude(records.Literal(seen, Course()), curl_line)
    follow.exchanges.append(exchange("control", number=300))
    follow.ledger.reset("first")
    follow.jobs.append(job(name="smaller", number=301))
    recorder.shrunk(result.rules, tuple(records.shrunk(rule) for rule in result.rules))
    recorder.end(Stats())
    recorder.close()
    found = read_record(tmp_path)
    assert [len(found.exchanges), len(found.run().exchanges)] == [4, 3]
    assert (found.run().ledger.position, len(found.run().jobs)) == (0, 1)
    again = conclude(found, curl_line)
    assert [rule.findings for rule in again.rules] == [records.shrunk(rule).findings for rule in result.rules]
    assert any("smallest" in f.details for rule in again.rules for f in rule.findings)


def test_an_interruption_of_the_search_for_a_smaller_case_is_told_again(tmp_path: Path, records: Any) -> None:
    seen = run(job(records.ROWS, name="plain", number=100))
    recorder, _ = records.recording(tmp_path, seen)
    recorder.observed(Course())
    recorder.course(Course(ending="interrupted", problems=["The run was interrupted while it looked."]))
    recorder.end(Stats())
    recorder.close()
    result = conclude(read_record(tmp_path), curl_line)
    assert (result.ending, result.exit_status) == ("interrupted", 2)
    assert result.count("pass") > 3
    assert not any(rule.reason == "stopped-early" for rule in result.rules)
