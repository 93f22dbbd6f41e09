"""What the toolkit says of a file: remarks with a place, and one kind of error for what cannot be judged at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Level = Literal["error", "warning"]


class BadInput(Exception):  # noqa: N818 - the file is bad, and the name says which kind of error it is
    """What was given cannot be judged. The message is one whole sentence or two: what, where, and what to do."""


@dataclass(frozen=True)
class Remark:
    """One thing that is to be said of a file.

    `code` is permanent and names the kind of remark. `line` and `column` count from 1. `pointer` is a JSON pointer
    into the document or the body, None where there is no such place and empty for the whole of it. `rule` is the
    rule of the catalogue that it rests on. `advice` says what to write instead.
    """

    code: str
    level: Level
    message: str
    file: str = ""
    line: int | None = None
    column: int | None = None
    pointer: str | None = None
    expected: str | None = None
    received: str | None = None
    rule: str | None = None
    advice: str = ""

    @property
    def place(self) -> str:
        """Where it is: file, line, and pointer, as far as they are known."""
        spot = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{spot} {self.pointer}".strip() if self.pointer else spot

    def __str__(self) -> str:
        """Tell it in a line, and what to do about it in a second one."""
        rule = f" ({self.rule})" if self.rule else ""
        bound = ""
        if self.expected is not None and self.received is not None:
            bound = f": expected {self.expected}, received {self.received}"
        line = f"{self.place}: {self.level} {self.code}: {self.message}{bound}{rule}"
        return f"{line}\n    {self.advice}" if self.advice else line

    def serializable(self) -> dict[str, Any]:
        """Return it for JSON; what is not known is left out."""
        return {name: value for name, value in vars(self).items() if value is not None and value != ""} | (
            {} if self.pointer is None else {"pointer": self.pointer}
        )


def is_valid(remarks: Iterable[Remark]) -> bool:
    """Tell whether there is no error among the remarks; warnings leave a file valid."""
    return all(remark.level != "error" for remark in remarks)


def in_order(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Sort remarks as one reads: by file, in the order in which files come, then by line."""
    found = list(dict.fromkeys(remarks))
    files = list(dict.fromkeys(remark.file for remark in found))
    return tuple(sorted(found, key=lambda remark: (files.index(remark.file), remark.line or 0)))
