"""Wherever a record is cut short, that is told and the rest is judged; whatever byte of it changes, it is refused."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exportproof.conformance.conclude import conclude
from exportproof.conformance.course import Course
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.literals import HEADER, THEN, job, run
from exportproof.conformance.record import Recorder
from exportproof.conformance.record_log import CONTENTS, LOG, AlteredRecordError, RecordError
from exportproof.conformance.record_read import read_record
from exportproof.conformance.result import Stats
from exportproof.conformance.settings import Settings
from exportproof.reports.curl import curl_line
from exportproof.reports.stand_ins import StandIns

if TYPE_CHECKING:
    from pathlib import Path

ROWS = f"{HEADER}1,Ann\r\n2,Bert\r\n".encode()
places = st.floats(0, 1, exclude_max=True)
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole record of one job, which conforms as far as it can be judged."""
    directory = tmp_path_factory.mktemp("whole")
    seen = run(job(ROWS, name="plain"))
    follow = SimpleNamespace(
        offer=seen.offer, ledger=Ledger(), capabilities={"changes"}, jobs=[], probes=[], accesses=[], links=[],
        problems=["Ärger."], exchanges=list(seen.exchanges),
    )  # fmt: skip
    recorder = Recorder(directory, StandIns([]))
    recorder.begin(Settings("http://127.0.0.1:9/v4"), THEN, follow)
    recorder.file(seen.jobs[0].files[0], ROWS)
    follow.jobs.extend(seen.jobs)
    recorder.observed(Course())
    recorder.end(Stats(3, 1.0, len(ROWS), 1))
    recorder.close()
    assert conclude(read_record(directory), curl_line).verdict == "conforms"
    return directory


def copy(whole: Path, tmp_path: Path) -> Path:
    """A copy of the record that a test may damage."""
    directory = tmp_path / "record"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(whole, directory)
    return directory


@one_folder
@given(places)
def test_a_log_may_end_anywhere(whole: Path, tmp_path: Path, place: float) -> None:
    directory = copy(whole, tmp_path)
    data = (directory / LOG).read_bytes()
    end = int(place * len(data))
    (directory / LOG).write_bytes(data[:end])
    if b"\n" not in data[:end]:
        with pytest.raises(RecordError, match="cut short in its first line"):
            read_record(directory)
        return
    found = read_record(directory)
    assert found.cut is not None
    result = conclude(found, curl_line)
    assert result.verdict == "undetermined"
    assert "cut short" in result.problems[0]


@one_folder
@given(places, st.integers(1, 255))
def test_no_byte_of_a_log_may_change(whole: Path, tmp_path: Path, place: float, change: int) -> None:
    directory = copy(whole, tmp_path)
    data = bytearray((directory / LOG).read_bytes())
    data[int(place * len(data))] ^= change
    (directory / LOG).write_bytes(data)
    with pytest.raises(AlteredRecordError, match=r"was altered: .*line \d+ of log.jsonl"):
        read_record(directory)


@one_folder
@given(places, st.integers(1, 255))
def test_no_byte_of_a_content_may_change_what_it_says(whole: Path, tmp_path: Path, place: float, change: int) -> None:
    directory = copy(whole, tmp_path)
    (path,) = (directory / CONTENTS).iterdir()
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= change
    path.write_bytes(data)
    try:
        found = read_record(directory)
    except AlteredRecordError as error:
        assert path.name in str(error)  # noqa: PT017 - either it is refused, or nothing of it changed
    else:
        assert found.run().jobs[0].tables == read_record(whole).run().jobs[0].tables
