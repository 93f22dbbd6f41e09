"""Where everything is kept: changes, jobs and files, in one SQLite database on disk or in memory.

A record is nothing but its changes. A job and its files become Complete in one transaction, so a server that
dies in between finds the job unfinished and runs it again (docs/decisions/0002-embedded-database.md).
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from itertools import groupby
from threading import RLock
from typing import TYPE_CHECKING, Any

from .model import Job, JobRequest, Record, StoredFile, Version, from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from .model import Change

# Ids of jobs do not fit 32 bits, as in the samples of the documentation's clients (facts:1.2).
FIRST_JOB_ID = 2_170_181_229
DATABASE_NAME = "reference.sqlite3"
_RECORDS_AT_ONCE = 500
# Written into every database of this server, so that another program's is not taken for one (PRAGMA application_id).
_MARK = 0x4578_5072
# How long to wait, in seconds, for a server that is about to let go of the same store.
_PATIENCE = 0.5

_SCHEMA = """
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, type TEXT NOT NULL, id INTEGER NOT NULL,
    at INTEGER NOT NULL, active INTEGER NOT NULL, contact_mode INTEGER, content TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS changes_by_instant ON changes (account, type, at, id);
CREATE INDEX IF NOT EXISTS changes_by_record ON changes (account, type, id, at);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, status TEXT NOT NULL, request TEXT NOT NULL, created INTEGER NOT NULL,
    completed INTEGER, count INTEGER NOT NULL DEFAULT 0, code TEXT, message TEXT);
CREATE TABLE IF NOT EXISTS files (
    token TEXT PRIMARY KEY, job INTEGER NOT NULL, number INTEGER NOT NULL,
    size INTEGER NOT NULL, rows INTEGER NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS files_by_job ON files (job, number);
"""


class StoreError(OSError):
    """A store cannot be opened; the message is a sentence that names it and tells why."""


class _ForeignError(Exception):
    """The database has tables, and they are not this server's."""


class Store:
    """One database. Every method may be called from any thread; each is one transaction."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or make the database: a file, or `reference.sqlite3` in a folder; in memory without a path.

        Raises StoreError when it cannot be opened: what was found there, in one sentence.
        """
        self._lock = RLock()
        if path is not None and path.is_dir():
            path = path / DATABASE_NAME
        try:
            self._db = sqlite3.connect(":memory:" if path is None else path, timeout=_PATIENCE, check_same_thread=False)
        except sqlite3.Error as error:
            if path is not None and not path.parent.is_dir():
                raise StoreError(f"The store {path} cannot be made: there is no folder {path.parent}.") from None
            raise StoreError(f"The store {path} cannot be opened: {error}.") from error
        try:
            self._prepare()
        except _ForeignError:
            self._db.close()
            raise StoreError(f"The store {path} is a database of another program.") from None
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" in str(error):
                raise StoreError(f"The store {path} is in use by another server.") from None
            raise StoreError(f"The store {path} cannot be written: {error}.") from error
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise StoreError(f"The store {path} is no database: {error}.") from error

    def _prepare(self) -> None:
        """Take the database for this server alone, and make its tables where there are none."""
        # A second server on the same store would run the jobs of the first one again.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        (mark,) = self._db.execute("PRAGMA application_id").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables and mark != _MARK:
            raise _ForeignError
        self._db.execute(f"PRAGMA application_id = {_MARK}")
        # A server that dies loses nothing that it answered; only a power cut may cost the last moments.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        with self._transaction() as db:
            if not db.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'jobs'").fetchone():
                db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('jobs', ?)", (FIRST_JOB_ID - 1,))

    def close(self) -> None:
        """Close the database. The store is of no use afterwards."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._db:
            yield self._db

    # --- records -------------------------------------------------------------------------------

    def append(self, account: str, resource_type: str, changes: Iterable[Change]) -> None:
        """Store changes of one type, in the order given, all or none."""
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO changes (account, type, id, at, active, contact_mode, content)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (account, resource_type, change.id, to_micros(change.at), change.active, change.contact_mode,
                     change.content)
                    for change in changes
                ),
            )  # fmt: skip

    def last_changes(self, account: str, resource_type: str, ids: Iterable[int]) -> dict[int, datetime]:
        """When those of the records that exist changed last, by id."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, max(at) FROM changes WHERE account = ? AND type = ?"
                " AND id IN (SELECT value FROM json_each(?)) GROUP BY id",
                (account, resource_type, json.dumps(sorted(set(ids)))),
            ).fetchall()
        return {identifier: from_micros(at) for identifier, at in rows}

    def history(self, account: str, resource_type: str) -> History:
        """The records of one account and type as they are at this moment, whatever changes later."""
        with self._lock:
            (seq,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()
        return History(self, account, resource_type, seq)

    def forget(self, account: str) -> None:
        """Forget the records, jobs and files of an account."""
        with self._transaction() as db:
            db.execute("DELETE FROM files WHERE job IN (SELECT id FROM jobs WHERE account = ?)", (account,))
            db.execute("DELETE FROM jobs WHERE account = ?", (account,))
            db.execute("DELETE FROM changes WHERE account = ?", (account,))

    # --- jobs and files ------------------------------------------------------------------------

    def create_job(self, account: str, request: JobRequest, created: datetime) -> Job:
        """Store a new Pending job and return it with its id."""
        with self._transaction() as db:
            cursor = db.execute(
                "INSERT INTO jobs (account, status, request, created) VALUES (?, 'Pending', ?, ?)",
                (account, request.to_json(), to_micros(created)),
            )
        return Job(cursor.lastrowid or 0, account, "Pending", request, created)

    def job(self, job_id: int) -> Job | None:
        """Return the job of that id, whosever it is, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT id, account, status, request, created, completed, count, code, message FROM jobs WHERE id = ?",
                (job_id,),
            ).fetchone()
            files = self._db.execute(
                "SELECT token, number, size, rows FROM files WHERE job = ? ORDER BY number", (job_id,)
            ).fetchall()
        return None if row is None else _job(row, tuple(StoredFile(*file) for file in files))

    def unfinished_jobs(self) -> list[int]:
        """Ids of the jobs that a server has yet to run to their end, the oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id FROM jobs WHERE status IN ('Pending', 'InProcess') ORDER BY id"
            ).fetchall()
        return [identifier for (identifier,) in rows]

    def begin_job(self, job_id: int) -> None:
        """Let a job be InProcess."""
        with self._transaction() as db:
            db.execute("UPDATE jobs SET status = 'InProcess' WHERE id = ?", (job_id,))

    def complete_job(
        self, job_id: int, completed: datetime, count: int, files: Sequence[tuple[StoredFile, bytes]]
    ) -> None:
        """Let a job be Complete with its files, at once. Nothing happens when the job was forgotten meanwhile."""
        with self._transaction() as db:
            if not db.execute("SELECT 1 FROM jobs WHERE id = ?", (job_id,)).fetchone():
                return
            db.executemany(
                "INSERT INTO files (token, job, number, size, rows, content) VALUES (?, ?, ?, ?, ?, ?)",
                ((file.token, job_id, file.number, file.size, file.rows, content) for file, content in files),
            )
            db.execute(
                "UPDATE jobs SET status = 'Complete', completed = ?, count = ? WHERE id = ?",
                (to_micros(completed), count, job_id),
            )

    def fail_job(self, job_id: int, completed: datetime, code: str, message: str) -> None:
        """Let a job end as Error."""
        with self._transaction() as db:
            db.execute(
                "UPDATE jobs SET status = 'Error', completed = ?, code = ?, message = ? WHERE id = ?",
                (to_micros(completed), code, message, job_id),
            )

    def file(self, token: str) -> tuple[int, StoredFile] | None:
        """Return the id of the job and the file that a link's token stands for, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT job, token, number, size, rows FROM files WHERE token = ?", (token,)
            ).fetchone()
        return None if row is None else (row[0], StoredFile(*row[1:]))

    def content(self, token: str) -> bytes:
        """Return the bytes of a file; none when it was forgotten meanwhile."""
        with self._lock:
            row = self._db.execute("SELECT content FROM files WHERE token = ?", (token,)).fetchone()
        return b"" if row is None else bytes(row[0])

    # --- for History ---------------------------------------------------------------------------

    def query(self, sql: str, parameters: tuple[object, ...]) -> list[Any]:
        """Return all rows of a query at once, so that no cursor stays open between transactions."""
        with self._lock:
            return self._db.execute(sql, parameters).fetchall()


class History:
    """The records of one account and type at one moment: changes made later do not show (version.1)."""

    def __init__(self, store: Store, account: str, resource_type: str, last_seq: int) -> None:
        """Remember the moment by the last change that was stored."""
        self._store, self._last_seq = store, last_seq
        self.account, self.resource_type = account, resource_type

    def of(self, resource_type: str, account: str | None = None) -> History:
        """The records of another type, or of another account, at the same moment."""
        return History(self._store, account or self.account, resource_type, self._last_seq)

    def changed_between(self, first: datetime, last: datetime) -> list[int]:
        """Ids of the records with a change from `first` to `last`, both included, in ascending order."""
        return self._ids("AND at BETWEEN ? AND ?", to_micros(first), to_micros(last))

    def all_ids(self) -> list[int]:
        """Ids of all records, in ascending order."""
        return self._ids("")

    def existing(self, ids: Iterable[int]) -> list[int]:
        """Those of the ids that a record has, once each, in ascending order."""
        return self._ids("AND id IN (SELECT value FROM json_each(?))", json.dumps(sorted(set(ids))))

    def records(self, ids: Iterable[int]) -> Iterator[Record]:
        """The records of these ids with all their versions, in the order of the ids."""
        wanted = list(ids)
        for first in range(0, len(wanted), _RECORDS_AT_ONCE):
            batch = wanted[first : first + _RECORDS_AT_ONCE]
            found = self._batch(batch)
            yield from (found[identifier] for identifier in batch if identifier in found)

    def record(self, identifier: int) -> Record | None:
        """Return one record, or None."""
        return self._batch([identifier]).get(identifier)

    def _ids(self, condition: str, *parameters: int | str) -> list[int]:
        rows = self._store.query(
            f"SELECT DISTINCT id FROM changes WHERE account = ? AND type = ? {condition} AND seq <= ? ORDER BY id",  # noqa: S608 - own words
            (self.account, self.resource_type, *parameters, self._last_seq),
        )
        return [int(identifier or 0) for (identifier,) in rows]

    def _batch(self, ids: list[int]) -> dict[int, Record]:
        # The columns are of these types by the schema of the table.
        rows: list[tuple[int, int, int, int | None, str]] = self._store.query(
            "SELECT id, at, active, contact_mode, content FROM changes WHERE account = ? AND type = ?"
            " AND id IN (SELECT value FROM json_each(?)) AND seq <= ? ORDER BY id, seq",
            (self.account, self.resource_type, json.dumps(ids), self._last_seq),
        )
        return {
            identifier: Record(
                identifier,
                tuple(
                    Version(from_micros(at), bool(active), mode, content) for _, at, active, mode, content in versions
                ),
            )
            for identifier, versions in groupby(rows, key=lambda row: row[0])
        }


def _job(row: tuple[object, ...], files: tuple[StoredFile, ...]) -> Job:
    identifier, account, status, request, created, completed, count, code, message = row
    return Job(
        id=identifier,  # type: ignore[arg-type]
        account=account,  # type: ignore[arg-type]
        status=status,  # type: ignore[arg-type]
        request=JobRequest.from_json(str(request)),
        created=from_micros(created),  # type: ignore[arg-type]
        completed=None if completed is None else from_micros(completed),  # type: ignore[arg-type]
        count=count,  # type: ignore[arg-type]
        code=code,  # type: ignore[arg-type]
        message=message,  # type: ignore[arg-type]
        files=files,
    )
