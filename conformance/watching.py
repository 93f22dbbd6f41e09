"""Progress for people: one line that renews itself on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_REDRAW_SECONDS = 0.1
_LINE_SECONDS = 5.0
_CLEAR = "\r\x1b[K"


class Lines:
    """Progress as plain lines, for logs: the first step, then one every `every` seconds at most."""

    def __init__(
        self, write: Callable[[str], object], every: float = _LINE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Write through `write`, which is given a line without its line break."""
        self._write, self._every, self._clock = write, every, clock
        self._last: float | None = None

    def step(self, done: int, total: int, text: str) -> None:
        """Tell the step, unless a line was written less than `every` seconds ago."""
        now = self._clock()
        if self._last is None or now - self._last >= self._every:
            self._last = now
            self._write(f"{_share(done, total)} {text}")

    def note(self, text: str) -> None:
        """Tell the sentence at once."""
        self._write(text)

    def close(self) -> None:
        """Do nothing: lines stand."""


class Live:
    """Progress as one line that renews itself, for a terminal of `width()` columns; `close` wipes it."""

    def __init__(
        self, write: Callable[[str], object], width: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Write through `write`, which is given raw text and shows it at once."""
        self._write, self._width, self._clock = write, width, clock
        self._last: float | None = None

    def step(self, done: int, total: int, text: str) -> None:
        """Renew the line, at most ten times a second."""
        now = self._clock()
        if self._last is None or now - self._last >= _REDRAW_SECONDS:
            self._last = now
            # One column stays free: a full line would make some terminals wrap, and then pile up.
            self._write(_CLEAR + f"{_share(done, total)} {text}"[: max(10, self._width() - 1)])

    def note(self, text: str) -> None:
        """Tell the sentence on a line of its own, above the line that renews itself."""
        self._write(f"{_CLEAR}{text}\n")

    def close(self) -> None:
        """Wipe the line, so that what follows starts on a clean one."""
        if self._last is not None:
            self._write(_CLEAR)


def _share(done: int, total: int) -> str:
    return f"[{done:>{len(str(total))}}/{total}]" if total else "[ ]"
