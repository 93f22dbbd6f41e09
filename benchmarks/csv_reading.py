"""How fast, and how strictly, CSV readers take an export. Decision 0007 rests on this.

    python benchmarks/csv_reading.py [MEGABYTES]

Speed is told as a ratio to the suite's own reader, since seconds belong to one machine. Strictness is told as what
a reader makes of files that are broken in one way. DuckDB, Polars and PyArrow take part where they are installed.
"""

from __future__ import annotations

import csv
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exportproof.conformance import table

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = ("VanID", "FirstName", "LastName", "Notes", "DateCreated")
WORDS = ("Ann", "O'Neil, Jr.", 'the "old" one', "two\r\nlines", "日本語", "plain text of some length", "00501", "")
BROKEN = {
    "a stray quote": b'VanID,Name\r\n1,5" pipe\r\n2,b\r\n',
    "text after a closing quote": b'VanID,Name\r\n1,"a"b\r\n2,b\r\n',
    "an unclosed quote": b'VanID,Name\r\n1,a\r\n2,"b\r\n',
    "a short row": b"VanID,Name,City\r\n1,a,x\r\n2,b\r\n",
    "a long row": b"VanID,Name\r\n1,a\r\n2,b,c\r\n",
    "Latin-1": b"VanID,Name\r\n1,Ren\xe9\r\n2,b\r\n",
}


def own(path: Path) -> int:
    """Count the rows with the suite's reader; complain as it does."""
    found = table.parse(path.read_bytes())
    if found.problems:
        raise ValueError(f"line {found.problems[0].line}: {found.problems[0].kind}")
    return len(found.rows)


def standard(path: Path) -> int:
    """Count the rows with the csv module, as most programs call it."""
    with path.open(encoding="utf-8", newline="") as file:
        return len(list(csv.reader(file))) - 1


def standard_strict(path: Path) -> int:
    """Count the rows with the csv module and its switch `strict`."""
    with path.open(encoding="utf-8", newline="") as file:
        return len(list(csv.reader(file, strict=True))) - 1


def duck(path: Path) -> int:
    """Count the rows with DuckDB, every column as text, and take the values out."""
    import duckdb  # noqa: PLC0415

    return len(duckdb.read_csv(str(path), header=True, all_varchar=True, quotechar='"', escapechar='"').fetchall())


def polars(path: Path) -> int:
    """Count the rows with Polars, every column as text, and take the values out."""
    import polars as library  # noqa: PLC0415

    return len(library.read_csv(path, infer_schema=False).rows())


def arrow(path: Path) -> int:
    """Count the rows with PyArrow, every column as text, and take the values out."""
    import pyarrow  # noqa: PLC0415
    from pyarrow import csv as library  # noqa: PLC0415

    with path.open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file))
    read = library.read_csv(
        path,
        parse_options=library.ParseOptions(newlines_in_values=True),
        convert_options=library.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string())),
    )
    return len(list(zip(*(column.to_pylist() for column in read.columns), strict=True)))


READERS: dict[str, Callable[[Path], int]] = {
    "own": own,
    "csv": standard,
    "csv, strict": standard_strict,
    "DuckDB": duck,
    "Polars": polars,
    "PyArrow": arrow,
}


def write(path: Path, megabytes: float) -> int:
    """Write an export of about that size, and return its rows."""
    chance = random.Random(1)
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        while file.tell() < megabytes * 1e6:
            for _ in range(1000):
                rows += 1
                writer.writerow([rows, *(chance.choice(WORDS) for _ in range(3)), "2026-11-20T10:00:00.0000000Z"])
    return rows


def seconds(read: Callable[[Path], int], path: Path, rows: int, times: int = 3) -> float:
    """Return the median time of some readings."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        found = read(path)
        taken.append(time.perf_counter() - start)
        if found != rows:
            raise ValueError(f"{found} rows, not {rows}")
    return statistics.median(taken)


def outcome(read: Callable[[Path], int], path: Path) -> str:
    """Return what a reader makes of a file: its complaint, or the rows that it took it for."""
    try:
        return f"{read(path)} rows"
    except Exception as error:  # noqa: BLE001 - the libraries' complaints have nothing in common
        return f"refused: {str(error).splitlines()[0][:60]}"


def main(words: list[str]) -> None:
    """Measure, and print two tables."""
    readers: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        rows = write(path, float(words[0]) if words else 40)
        size = path.stat().st_size / 1e6
        for name, read in READERS.items():
            try:
                readers[name] = seconds(read, path, rows)
            except ImportError:
                print(f"{name} is not installed")
            except ValueError as error:
                readers[name] = error
        speed = size / readers["own"]
        print(f"{size:.0f} MB, {rows} rows; time as a multiple of the suite's own reader ({speed:.0f} MB/s)")
        for name, taken in readers.items():
            print(f"  {name:<12}", taken if isinstance(taken, ValueError) else f"{taken / readers['own']:.2f}")
        for what, data in BROKEN.items():
            path.write_bytes(data)
            print(what)
            for name in readers:
                print(f"  {name:<12}", outcome(READERS[name], path))


if __name__ == "__main__":
    main(sys.argv[1:])
