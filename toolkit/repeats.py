"""Finds keys that come more than once among any number of them, exactly and in bounded memory.

Few keys stay in memory. More are dealt out to files by their remainder, so that equal keys meet in one file, and each
file is small enough to be looked at as a whole.
"""

from __future__ import annotations

import tempfile
from array import array
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

IN_MEMORY = 2_000_000
"""So many keys are held in memory, or waiting to be written: 16 bytes each."""
_PARTS = 257  # a prime, so that keys in even steps are spread as well
_MOST_KEYS = 2**63


class Repeats:
    """Takes keys with the number of their row, and tells which come more than once. Use it in a `with` block."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        """Take how many keys may be in memory at once."""
        self._parts = [array("q") for _ in range(_PARTS)]
        self._limit, self._waiting = in_memory, 0
        self._stack = ExitStack()
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        """Return itself; nothing is on disk yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete what was written."""
        self._stack.close()

    def add(self, keys: Sequence[int | None], first: int) -> None:
        """Add the keys of rows that follow one another, the first of which has the number `first`. None is no key."""
        # Bound methods in a list: a step of this loop is taken for every row of the largest downloads.
        appends = [part.append for part in self._parts]
        for row, key in enumerate(keys, start=first):
            if key is not None and key < _MOST_KEYS:
                append = appends[key % _PARTS]
                append(key)
                append(row)
        self._waiting += len(keys)
        if self._waiting > self._limit:
            self._write()

    def found(self) -> Iterator[tuple[int, list[int]]]:
        """Every key that came more than once, with the numbers of its rows in order."""
        if self._folder is not None:
            self._write()
        for number in range(_PARTS):
            pairs = self._parts[number] if self._folder is None else _read(self._folder / str(number))
            keys = pairs[0::2]
            if len(set(keys)) == len(keys):
                continue
            rows: dict[int, list[int]] = {}
            for key, row in zip(keys, pairs[1::2], strict=True):
                rows.setdefault(key, []).append(row)
            yield from ((key, sorted(places)) for key, places in rows.items() if len(places) > 1)

    def _write(self) -> None:
        if self._folder is None:
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="exportproof-")))
        for number, part in enumerate(self._parts):
            if part:
                with (self._folder / str(number)).open("ab") as file:
                    part.tofile(file)
                self._parts[number] = array("q")
        self._waiting = 0


def _read(path: Path) -> array[int]:
    pairs = array("q")
    if path.exists():
        pairs.frombytes(path.read_bytes())
    return pairs
