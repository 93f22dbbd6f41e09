"""One difference between two documents, and whether it breaks clients that were written for the old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """What is other in the new document. `code` is permanent; `line` is in `file`, the document that shows it."""

    code: str
    breaking: bool
    message: str
    file: str
    line: int | None
    pointer: str
    old: str | None = None
    new: str | None = None

    def __str__(self) -> str:
        """Tell it in a line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        values = f": {self.old} before, {self.new} now" if self.old is not None and self.new is not None else ""
        return (
            f"{place} {self.pointer}: {'breaking' if self.breaking else 'harmless'} {self.code}: {self.message}{values}"
        )

    def serializable(self) -> dict[str, Any]:
        """Return it for JSON; what is not known is left out."""
        return {name: value for name, value in vars(self).items() if value is not None}
