"""How fast `schema verify` reads downloads, in how much memory, and what other ways to find repeated keys take.

    python benchmarks/download_verifying.py [GIGABYTES]

The figures of docs/decisions/0010-streaming-csv.md come from here.
"""

from __future__ import annotations

import heapq
import json
import random
import resource
import sqlite3
import sys
import time
from array import array
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING

from exportproof.toolkit import verify
from exportproof.toolkit.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS, BATCH, IN_MEMORY = 3_000_000, 50_000, 500_000
FILE_BYTES = 97_000_000


def by_remainder(keys: list[int]) -> int:
    """Keys in files by their remainder, as `verify` has them."""
    with Repeats(IN_MEMORY) as repeats:
        for start in range(0, len(keys), BATCH):
            repeats.add(keys[start : start + BATCH], start + 1)
        return len(list(repeats.found()))


def by_sqlite(keys: list[int]) -> int:
    """Keys in a table of SQLite, as its primary key."""
    with NamedTemporaryFile() as file:
        connection = sqlite3.connect(file.name)
        connection.executescript("pragma journal_mode=off; pragma synchronous=off")
        connection.execute("create table seen(id integer primary key, row integer)")
        for start in range(0, len(keys), BATCH):
            pairs = zip(keys[start : start + BATCH], range(start, start + BATCH), strict=False)
            connection.executemany("insert or ignore into seen values(?, ?)", pairs)
        (count,) = connection.execute("select count(*) from seen").fetchone()
        connection.close()
        return len(keys) - int(count)


def by_sorted_runs(keys: list[int]) -> int:
    """Sorted runs in files, merged."""

    def run(path: Path) -> Iterator[int]:
        with path.open("rb") as file:
            while raw := file.read(2**20):
                numbers = array("q")
                numbers.frombytes(raw)
                yield from numbers

    with TemporaryDirectory() as folder:
        paths = []
        for start in range(0, len(keys), IN_MEMORY):
            paths.append(Path(folder) / str(start))
            with paths[-1].open("wb") as file:
                array("q", sorted(keys[start : start + IN_MEMORY])).tofile(file)
        before, found = -1, 0
        for key in heapq.merge(*map(run, paths)):
            found += key == before
            before = key
        return found


def timed(name: str, function: Callable[[], object]) -> None:
    """Call a function, and tell how long it took."""
    start = time.perf_counter()
    result = function()
    print(f"{name}: {time.perf_counter() - start:.1f} s ({result})")


def download(folder: Path, gigabytes: float) -> tuple[Path, list[Path]]:
    """A finished job and its files, with quotes, commas, line breaks and keys in no order."""
    files: list[Path] = []
    number = total = 0
    while total < gigabytes * 10**9:
        files.append(folder / f"{len(files):04}.csv")
        size = 0
        with files[-1].open("w", encoding="utf-8", newline="") as file:
            file.write("VanID,FirstName,LastName,Email,DateCreated,Note\r\n")
            while size < FILE_BYTES:
                lines = []
                for _ in range(10_000):
                    number += 1
                    note = '"a, ""quoted"" text\nwith a break"' if number % 4 == 0 else "plain"
                    key = number * 7919 % (2**31 - 1)
                    lines.append(f'{key},Zoë,"O\'Neil, Jr.",u{number}@example.org,2026-11-01T10:00:00Z,{note}\r\n')
                text = "".join(lines)
                file.write(text)
                size += len(text.encode())
        total += size
    link = {"downloadUrl": "https://files.example.org/1.csv", "dateExpired": "2026-11-28T00:00:00Z"}
    job = {
        "exportJobId": 1, "jobStatus": "Complete", "dateChangedFrom": "2026-11-01T00:00:00Z",
        "dateChangedTo": "2026-11-08T00:00:00Z", "exportedRecordCount": number, "files": [link] * len(files),
    }  # fmt: skip
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    return folder / "job.json", files


def main() -> None:
    """Print the figures."""
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    # First, since the most memory that was ever taken is what is told.
    with TemporaryDirectory() as folder:
        job, files = download(Path(folder), gigabytes)
        start = time.perf_counter()
        found = verify(job, files, limit_kb=100_000)
        seconds = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{found.size:,} bytes and {found.rows:,} rows in {len(files)} files: {seconds:.0f} s, "
            f"{found.size / seconds / 1e6:.0f} MB/s, {len(found.remarks)} remarks, at most {memory} MiB of memory"
        )
    random.seed(1)
    keys = random.sample(range(1, 2**31), KEYS)
    for name, function in (("remainder", by_remainder), ("sorted runs", by_sorted_runs), ("SQLite", by_sqlite)):
        timed(f"{KEYS:,} keys, {name}", partial(function, keys))


if __name__ == "__main__":
    main()
