"""What is kept, in memory and on disk, and what the store says of paths that are no stores."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exportproof.reference.behaviour import Behaviour
from exportproof.reference.jobs import Workers
from exportproof.reference.model import Change, ExportFailed, FilePart, JobRequest, StoredFile
from exportproof.reference.store import DATABASE_NAME, Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exportproof.reference.model import Job
    from exportproof.tests.unit.conftest import Direct

AT = datetime(2026, 11, 20, 12, 0, 0, 10_000, tzinfo=UTC)
REQUEST = JobRequest("Contacts", AT, AT.replace(day=21))
CONTENT = '{"values": {}, "customFields": {}}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path at which there is nothing yet."""
    return tmp_path / "store.db"


@pytest.fixture
def store() -> Iterator[Store]:
    """A store in memory."""
    with closing(Store()) as store:
        yield store


def change(identifier: int, at: datetime = AT) -> Change:
    return Change(identifier, at, active=True, contact_mode=1, content=CONTENT)


def test_everything_is_there_when_the_store_is_opened_again(path: Path) -> None:
    with closing(Store(path)) as store:
        store.append("demo", "Contacts", [change(1), change(1, AT.replace(hour=13))])
        job = store.create_job("demo", REQUEST, AT)
        store.complete_job(job.id, AT, 2, [(StoredFile("one", 1, 3, 1), b"abc"), (StoredFile("two", 2, 2, 1), b"de")])
        kept = store.job(job.id)
    with closing(Store(path)) as store:
        assert store.job(job.id) == kept
        assert kept is not None
        assert [file.token for file in kept.files] == ["one", "two"]
        assert (store.content("one"), store.content("two")) == (b"abc", b"de")
        record = store.history("demo", "Contacts").record(1)
        assert record is not None
        assert [version.at.hour for version in record.versions] == [12, 13]
        assert store.create_job("demo", REQUEST, AT).id == job.id + 1


def test_a_folder_gets_a_database(tmp_path: Path) -> None:
    Store(tmp_path).close()
    assert [entry.name for entry in tmp_path.iterdir()] == [DATABASE_NAME]


def test_ids_of_jobs_do_not_fit_32_bits_and_are_never_given_twice(store: Store) -> None:
    first = store.create_job("demo", REQUEST, AT).id
    assert first > 2**31
    store.forget("demo")
    assert store.create_job("demo", REQUEST, AT).id == first + 1


def test_a_history_does_not_see_what_came_later(store: Store) -> None:
    store.append("demo", "Contacts", [change(1)])
    history = store.history("demo", "Contacts")
    store.append("demo", "Contacts", [change(1, AT.replace(day=21)), change(2)])
    assert history.all_ids() == [1]
    record = history.record(1)
    assert record is not None
    assert len(record.versions) == 1
    assert history.record(2) is None
    assert store.history("demo", "Contacts").all_ids() == [1, 2]


def test_histories_of_types_and_accounts(store: Store) -> None:
    store.append("demo", "Contacts", [change(1)])
    store.append("demo", "ActivistCodes", [change(2)])
    store.append("other", "Contacts", [change(3)])
    history = store.history("demo", "Contacts")
    assert history.all_ids() == [1]
    assert history.of("ActivistCodes").all_ids() == [2]
    assert history.of("Contacts", "other").all_ids() == [3]


def test_records_come_in_the_order_asked_for_beyond_one_portion(store: Store) -> None:
    store.append("demo", "Contacts", [change(number) for number in range(1, 1201)])
    wanted = [*range(1200, 0, -1), 5000]
    assert [record.id for record in store.history("demo", "Contacts").records(wanted)] == wanted[:-1]


def test_changes_of_one_call_are_stored_all_or_none(store: Store) -> None:
    def some() -> Iterator[Change]:
        yield change(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.append("demo", "Contacts", some())
    assert store.history("demo", "Contacts").all_ids() == []


def test_a_job_that_was_forgotten_gets_no_files(store: Store) -> None:
    job = store.create_job("demo", REQUEST, AT)
    store.forget("demo")
    store.complete_job(job.id, AT, 1, [(StoredFile("one", 1, 3, 1), b"abc")])
    assert store.file("one") is None
    assert store.content("one") == b""


# --- jobs ----------------------------------------------------------------------------------------------------


def test_what_a_server_left_unfinished_is_finished_by_the_next(path: Path) -> None:
    with closing(Store(path)) as store:
        store.append("demo", "Contacts", [change(1)])
        waiting, begun, failed = (store.create_job("demo", REQUEST, AT).id for _ in range(3))
        store.begin_job(begun)
        store.fail_job(failed, AT, "CODE", "why")
        assert store.unfinished_jobs() == [waiting, begun]
    with closing(Store(path)) as store:
        behaviour = Behaviour(store)
        for job_id in store.unfinished_jobs():
            behaviour.run_job(job_id)
        finished = [store.job(number) for number in (waiting, begun)]
        assert all(job is not None and job.status == "Complete" and job.count == 1 for job in finished)
        ended = store.job(failed)
        assert ended is not None
        assert (ended.status, ended.code, ended.message) == ("Error", "CODE", "why")


def test_a_finished_job_is_not_run_again(direct: Direct) -> None:
    done = direct.finished()
    direct.behaviour.run_job(done["exportJobId"])
    direct.behaviour.run_job(1)
    assert direct.job(done["exportJobId"]) == done


class Breaks(Behaviour):
    """Whose exports fail by accident."""

    def export(self, job: Job) -> list[FilePart]:
        del job
        raise ZeroDivisionError


class Gives(Behaviour):
    """Whose exports cannot be made."""

    def export(self, job: Job) -> list[FilePart]:
        del job
        raise ExportFailed("SOME_CODE", "Some reason.")


@pytest.mark.parametrize(
    ("kind", "code", "message"),
    [(Breaks, "INTERNAL_SERVER_ERROR", "The export could not be made."), (Gives, "SOME_CODE", "Some reason.")],
)
def test_a_job_that_cannot_be_run_ends_as_an_error(
    kind: type[Behaviour], code: str, message: str, make_direct: type[Direct]
) -> None:
    job = make_direct(kind).finished()
    assert (job["jobStatus"], job["code"], job["message"], job["files"]) == ("Error", code, message, [])


def test_workers_run_jobs_side_by_side() -> None:
    both, done = threading.Barrier(3, timeout=30), []

    def run(number: int) -> None:
        both.wait()
        done.append(number)

    workers = Workers(run)
    workers.put(1)
    workers.put(2)
    both.wait()
    workers.close()
    assert sorted(done) == [1, 2]


def test_workers_end_after_the_job_that_they_are_running() -> None:
    begun = threading.Event()
    done: list[int] = []

    def run(number: int) -> None:
        begun.set()
        assert workers._closing.wait(30)
        done.append(number)

    workers = Workers(run, count=1)
    workers.put(1)
    workers.put(2)
    assert begun.wait(30)
    workers.close()
    assert done == [1]


# --- paths that are no stores --------------------------------------------------------------------------------


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_text("This is a letter to a friend, and no database at all. " * 20, encoding="utf-8")
    with pytest.raises(StoreError, match="is no database"):
        Store(path)
    assert path.read_text(encoding="utf-8").startswith("This is a letter")


def test_another_programs_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE jobs (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Store(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no folder"):
        Store(tmp_path / "missing" / "store.db")


def test_a_place_that_cannot_be_written() -> None:
    with pytest.raises(StoreError, match=r"cannot be (opened|written)"):
        Store(Path("/proc/store.db"))


def test_a_store_that_another_server_has(path: Path) -> None:
    with closing(Store(path)), pytest.raises(StoreError, match="in use by another server"):
        Store(path)
    Store(path).close()
