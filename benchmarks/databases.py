"""SQLite and DuckDB at what the reference implementation's store does. Decision 0002 rests on this.

    python benchmarks/databases.py [RECORDS]

Both get the tables and queries of reference/store.py, on disk in a temporary folder. DuckDB may be missing.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = json.dumps({"values": {"FirstName": "Ann", "LastName": "O'Neil", "Notes": "n" * 200}, "customFields": {}})
CHANGES_A_RECORD, SMALL_CALLS, FILE_BYTES, TIMES = 3, 200, 40_000_000, 9
CHANGES = (
    "account TEXT NOT NULL, type TEXT NOT NULL, id INTEGER NOT NULL, instant BIGINT NOT NULL, content TEXT NOT NULL"
)
INSERT = "INSERT INTO changes (account, type, id, instant, content) VALUES (?, ?, ?, ?, ?)"
IDS = "SELECT DISTINCT id FROM changes WHERE account = ? AND type = ? AND instant BETWEEN ? AND ? ORDER BY id"
# DuckDB takes rows one at a time a hundred times as slowly as whole columns, so it gets columns.
COLUMNS = (
    "INSERT INTO changes (account, type, id, instant, content) SELECT unnest(CAST(? AS TEXT[])),"
    " unnest(CAST(? AS TEXT[])), unnest(CAST(? AS INTEGER[])), unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS TEXT[]))"
)
SEVERAL = {"SQLite": "(SELECT value FROM json_each(?))", "DuckDB": "(SELECT unnest(CAST(? AS INTEGER[])))"}


def sqlite(folder: Path) -> Any:  # noqa: ANN401 - two libraries
    """Open SQLite as the store does."""
    db = sqlite3.connect(folder / "sqlite.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, {CHANGES})")
    return db


def duckdb(folder: Path) -> Any:  # noqa: ANN401 - as above
    """Open DuckDB; raises ImportError without it."""
    import duckdb  # noqa: PLC0415 - it may be missing

    db = duckdb.connect(str(folder / "duck.db"))
    db.execute("CREATE SEQUENCE seqs")
    db.execute(f"CREATE TABLE changes (seq BIGINT PRIMARY KEY DEFAULT nextval('seqs'), {CHANGES})")
    return db


def measure(name: str, db: Any, records: int) -> dict[str, float]:  # noqa: ANN401 - as above
    """Return the seconds of each piece of work, the best of some times."""
    db.execute("CREATE INDEX by_instant ON changes (account, type, instant, id)")
    db.execute("CREATE INDEX by_record ON changes (account, type, id, instant)")
    db.execute("CREATE TABLE files (token TEXT PRIMARY KEY, content BLOB NOT NULL)")
    total, content = records * CHANGES_A_RECORD, bytes(range(256)) * (FILE_BYTES // 256)
    rows = [("demo", "Contacts", n % records, n * 1000, CONTENT) for n in range(total)]

    def in_calls_of(size: int) -> None:
        for first in range(0, total, size):
            db.execute("BEGIN")
            if name == "SQLite":
                db.executemany(INSERT, rows[first : first + size])
            else:
                db.execute(COLUMNS, [list(column) for column in zip(*rows[first : first + size], strict=True)])
            db.execute("COMMIT")

    def one_by_one() -> None:
        for row in rows[:SMALL_CALLS]:
            db.execute("BEGIN")
            db.execute(INSERT, ("other", *row[1:]))
            db.execute("COMMIT")

    def window() -> None:
        assert db.execute(IDS, ("demo", "Contacts", 0, total * 1000 // 10)).fetchall()  # noqa: S101 - it found some

    def versions() -> None:
        for first in range(0, 2000, 500):
            ids = list(range(first, first + 500))
            wanted = json.dumps(ids) if name == "SQLite" else ids
            found = db.execute(
                f"SELECT id, instant, content FROM changes WHERE account = ? AND type = ? AND id IN {SEVERAL[name]}"  # noqa: S608
                " ORDER BY id, seq",
                ("demo", "Contacts", wanted),
            ).fetchall()
            assert len(found) == 500 * CHANGES_A_RECORD  # noqa: S101 - as above

    def file() -> None:
        token = str(time.perf_counter_ns())
        db.execute("BEGIN")
        db.execute("INSERT INTO files VALUES (?, ?)", (token, content))
        db.execute("COMMIT")
        (kept,) = db.execute("SELECT content FROM files WHERE token = ?", (token,)).fetchone()
        assert bytes(kept) == content  # noqa: S101 - as above

    return {
        f"{total} changes in calls of 10,000": seconds(lambda: in_calls_of(10_000), 1),
        f"{SMALL_CALLS} calls of one change": seconds(one_by_one, 1),
        "ids of a tenth of the changes": seconds(window, TIMES),
        "versions of 2,000 records": seconds(versions, TIMES),
        "a file of 40 MB in and out": seconds(file, TIMES),
    }


def seconds(work: Callable[[], object], times: int) -> float:
    """Return how long some work takes, the best of so many times, since others use the machine too."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def start(module: str) -> float:
    """Return how long a program takes that imports a module and opens a database in memory."""
    program = f"import {module}; {module}.connect(':memory:').execute('SELECT 1')"
    return seconds(lambda: subprocess.run([sys.executable, "-c", program], check=True), TIMES)


def main(words: list[str]) -> None:
    """Measure both, and print DuckDB's times as multiples of SQLite's."""
    records = int(words[0]) if words else 20_000
    with tempfile.TemporaryDirectory() as folder:
        base = measure("SQLite", sqlite(Path(folder)), records) | {"start of a program": start("sqlite3")}
        try:
            other = measure("DuckDB", duckdb(Path(folder)), records) | {"start of a program": start("duckdb")}
        except ImportError:
            print("DuckDB is not installed")
            return
    for what, taken in base.items():
        print(f"{what:<40} SQLite 1.0, DuckDB {other[what] / taken:.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
