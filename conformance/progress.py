"""Progress while a run works: one line a step, for whoever watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears what a run does. `step` is called often; `text` is a short phrase without a line break."""

    def step(self, done: int, total: int, text: str) -> None:
        """Tell that `done` of `total` scenarios are behind, and what comes now."""

    def note(self, text: str) -> None:
        """Tell a sentence that the user should see at once."""


class Silence:
    """Progress that nobody watches."""

    def step(self, done: int, total: int, text: str) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""
