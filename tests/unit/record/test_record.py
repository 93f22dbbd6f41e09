"""A recorded run is read back as it was, whatever comes between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from exportproof.conformance.conclude import conclude
from exportproof.conformance.course import Course
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.literals import CONTACTS, THEN, exchange, job, run
from exportproof.conformance.observation import AccessObservation, Run
from exportproof.conformance.record_log import LOG, RecordError, read_log
from exportproof.conformance.record_read import Recorded, find_record, read_record
from exportproof.conformance.result import Stats
from exportproof.reports.curl import curl_line
from exportproof.reports.stand_ins import StandIns
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from exportproof.conformance.observation import FileObservation


def worlds(book: Ledger) -> list[Any]:
    """Every world of a ledger."""
    return [book.at(position) for position in range(book.position + 1)]


def without_links(seen: Run) -> Run:
    """A run whose links are struck out, for comparing it with a recorded one."""
    text = StandIns([])
    text._stand_in = lambda piece, job: "x" * len(piece)  # type: ignore[method-assign] # noqa: ARG005
    swapped = {e.number: text.exchange(e) for e in seen.exchanges}

    def plain(file: FileObservation) -> FileObservation:
        return replace(file, link=text.link(file.link), exchange=text.exchange(file.exchange))

    jobs = tuple(
        replace(
            j, create=swapped[j.create.number], polls=tuple(swapped[e.number] for e in j.polls),
            later=tuple(swapped[e.number] for e in j.later), files=tuple(plain(f) for f in j.files),
            again=tuple(plain(f) for f in j.again),
        )
        for j in seen.jobs
    )  # fmt: skip
    links = tuple(replace(link, file=plain(link.file), first=plain(link.first)) for link in seen.links)
    return replace(seen, exchanges=tuple(swapped.values()), jobs=jobs, links=links)


def test_a_run_comes_back_as_it_was(tmp_path: Path, records: Any) -> None:
    seen = records.everything()
    records.write(tmp_path, seen)
    found = read_record(tmp_path)
    assert found.cut is None
    assert worlds(found.run().ledger) == worlds(seen.ledger)
    assert found.run().ledger.events == seen.ledger.events
    same = Ledger()
    there, here = (replace(without_links(one), ledger=same) for one in (found.run(), seen))
    for name in Run.__dataclass_fields__:
        if name != "probes":
            assert getattr(there, name) == getattr(here, name), name
    assert [repr(probe) for probe in there.probes] == [repr(probe) for probe in here.probes]


def test_what_was_asked_and_what_it_cost_come_back(tmp_path: Path, records: Any) -> None:
    records.write(tmp_path, records.everything())
    found = read_record(tmp_path)
    assert found.settings == replace(records.SETTINGS, link_lifetime=90.0)
    assert found.started == THEN
    assert found.stats == Stats(len(records.everything().exchanges), 1.5, 99, 2)


def test_jobs_share_exchanges_and_files_with_the_run(tmp_path: Path, records: Any) -> None:
    records.write(tmp_path, records.everything())
    found = read_record(tmp_path).run()
    by_number = {e.number: e for e in found.exchanges}
    assert all(j.create is by_number[j.create.number] for j in found.jobs)
    assert found.links[0].first is found.jobs[0].files[0]
    assert found.jobs[0].again[0].table is found.jobs[0].files[0].table


def test_events_are_written_as_they_come(tmp_path: Path, records: Any) -> None:
    seen = records.everything()
    follow = records.empty(seen)
    recorder = records.begun(tmp_path, follow)
    for number, one in enumerate(seen.exchanges, start=1):
        follow.exchanges.append(one)
        recorder.catch_up()
        assert [e["number"] for e in read_log(tmp_path).events if e["type"] == "exchange"][-1] == one.number
        assert sum(e["type"] == "exchange" for e in read_log(tmp_path).events) == number
    before = read_log(tmp_path).events
    recorder.catch_up()
    assert read_log(tmp_path).events == before
    recorder.close()


def test_a_job_that_is_looked_at_again_takes_its_earlier_place(tmp_path: Path, records: Any) -> None:
    first, other = job(records.ROWS, name="one", number=100), job(records.ROWS, name="two", number=200, identifier=2)
    recorder, follow = records.recording(tmp_path, run(first, other))
    follow.jobs[0] = replace(first, later=first.polls)
    recorder.catch_up()
    recorder.close()
    found = read_record(tmp_path).run().jobs
    assert [(j.name, len(j.later)) for j in found] == [("one", 1), ("two", 0)]


def test_rules_that_came_later_are_judged_where_all_were_chosen(tmp_path: Path, records: Any) -> None:
    follow = records.empty(run())
    some = replace(records.SETTINGS, rules=frozenset({"split/within-limit"}))
    for settings in (records.SETTINGS, some):
        recorder = records.begun(tmp_path, follow, settings)
        recorder.close()
        asked = read_log(tmp_path).events[0]["settings"]["rules"]
        assert asked == (None if settings is records.SETTINGS else ["split/within-limit"])
        assert read_record(tmp_path).settings.rules == settings.rules


def test_a_folder_that_is_full_ends_the_record_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Any
) -> None:
    seen = records.everything()
    follow = records.observed(seen)
    recorder = records.begun(tmp_path, follow)

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder._log, "write", full)
    recorder.catch_up()
    monkeypatch.undo()
    recorder.course(Course())
    recorder.end(Stats())
    recorder.close()
    assert recorder.problem == "The record of the run could not be written on: No space left on device."
    assert read_record(tmp_path).cut == "it ends after line 1, without its footer"


def test_what_is_no_json_ends_the_record_and_not_the_run(tmp_path: Path, records: Any) -> None:
    follow = records.empty(run())
    recorder = records.begun(tmp_path, follow)
    follow.problems.append("well")
    follow.accesses.append(AccessObservation("a/b", THEN, 401, exchange(number=1)))
    recorder.catch_up()
    recorder.close()
    assert recorder.problem is not None
    assert "a fault of exportproof" in recorder.problem


def test_an_event_that_does_not_obey_the_format_is_told(tmp_path: Path, records: Any) -> None:
    records.write(tmp_path, run(job(records.ROWS, name="plain", number=100)))
    recorder = records.begun(tmp_path, records.empty(run()))
    recorder._log.write({"type": "job", "name": "plain"})
    recorder.close()
    with pytest.raises(RecordError, match="does not obey its format"):
        read_record(tmp_path)


def test_an_event_of_a_later_version_is_passed_over(tmp_path: Path, records: Any) -> None:
    recorder = records.begun(tmp_path, records.empty(run()))
    recorder._log.write({"type": "weather", "sky": "blue"})
    recorder.close()
    assert isinstance(read_record(tmp_path), Recorded)


def test_a_record_is_found_in_the_folder_of_the_reports(tmp_path: Path, records: Any) -> None:
    records.write(tmp_path / "record", run())
    assert find_record(tmp_path) == find_record(tmp_path / "record") == tmp_path / "record"


def test_credentials_are_never_written(tmp_path: Path, records: Any) -> None:
    basic = {"Authorization": "Basic bmFtZTphLWtleXwx"}
    sent = [
        exchange(number=1, request_headers=basic),
        exchange("probe", {"message": "a-key|1"}, 401, number=2, request_headers=basic, credentials="wrong-key"),
        exchange("probe", number=3, request_headers={"Authorization": "Basic !!!"}, credentials="malformed"),
    ]
    records.write(
        tmp_path, run(exchanges=tuple(sent), offer=records.everything().offer, problems=("It said a-key|1.",))
    )
    found = read_record(tmp_path).run()
    assert [e.request_headers["Authorization"] for e in found.exchanges] == [
        "Basic struck-out", "Basic struck-out", "Basic !!!",
    ]  # fmt: skip
    text = (tmp_path / LOG).read_text(encoding="utf-8")
    assert "a-key" not in text
    assert "bmFtZTphLWtleXwx" not in text
    assert found.problems == ("It said struck-out.",)
    assert found.offer.resources["Contacts"] == CONTACTS


def test_every_line_obeys_the_schema(tmp_path: Path, records: Any) -> None:
    recorder, _ = records.recording(tmp_path, records.everything())
    seen = run(job(records.ROWS, name="plain", number=100, count=3))
    result = conclude(records.Literal(seen, Course()), curl_line)
    recorder.observed(Course(problems=["x"], unheard={"a/b": "y"}))
    recorder.shrunk(result.rules, tuple(records.shrunk(rule) for rule in result.rules))
    recorder.end(Stats(1, 0.5, 3, 2))
    recorder.close()
    schema = catalogue.document("record.schema.json")
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    events = read_log(tmp_path).events
    assert [(error.json_path, error.message) for event in events for error in validator.iter_errors(event)] == []
    known = set(schema["$defs"]) & {event["type"] for event in events}
    assert known == {event["type"] for event in events} == {ref["$ref"][8:] for ref in schema["oneOf"] if "$ref" in ref}


def test_the_schema_describes_every_property_that_is_written(tmp_path: Path, records: Any) -> None:
    records.write(tmp_path, records.everything())
    described = catalogue.document("record.schema.json")["$defs"]
    for event in read_log(tmp_path).events:
        assert list(event) == [*described[event["type"]]["properties"]], event["type"]
