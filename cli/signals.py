"""SIGINT and SIGTERM while a target is judged: the run ends early, its report is still written."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
    raise KeyboardInterrupt


def _disregard(number: int, frame: FrameType | None) -> None:
    """Let what is short and must be whole, such as writing the report, come to its end."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGINT and SIGTERM alike.

    SIGINT is taken even where the shell made it ignored, as it does for commands in the background: who sends
    it to this process means it.
    """
    with _handled_by(_interrupt):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Disregard SIGINT and SIGTERM."""
    with _handled_by(_disregard):
        yield


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
