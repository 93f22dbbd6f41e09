"""Small drawings as inline SVG: a canvas with a scale, marks in more than colour, and words for who cannot see them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, LEFT, RIGHT, ROW, AXIS = 720, 200, 20, 26, 30
"""Sizes in the units of the drawing: its width, the room for labels, the margin, a row's height, the axis' height."""
_LONGEST_LABEL = 26


@dataclass
class Canvas:
    """A drawing of rows along one scale from `low` to `high`, in whatever unit the caller counts."""

    rows: int
    low: float
    high: float
    root: ET.Element = field(init=False)

    def __post_init__(self) -> None:
        """Start an empty drawing."""
        self.height = self.rows * ROW + AXIS + 8
        self.root = ET.Element("svg", {"viewBox": f"0 0 {WIDTH} {self.height}", "class": "picture", "role": "img"})

    def x(self, value: float) -> float:
        """Return where a value of the scale stands."""
        span = (self.high - self.low) or 1.0
        share = min(max((value - self.low) / span, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, row: int) -> float:
        """Return the middle of a row."""
        return 4 + row * ROW + ROW / 2

    def draw(self, tag: str, kind: str, **attributes: float | str) -> ET.Element:
        """Add a shape of a class of the stylesheet; underscores in names stand for hyphens."""
        named = {name.replace("_", "-"): str(value) for name, value in attributes.items()}
        return ET.SubElement(self.root, tag, {"class": kind, **named})

    def text(self, words: str, x: float, y: float, kind: str = "words", anchor: str = "start") -> None:
        """Write words with their baseline's middle at a place."""
        self.draw("text", kind, x=x, y=round(y + 4, 1), text_anchor=anchor).text = words

    def label(self, row: int, words: str) -> None:
        """Name a row, before its scale. What is too long is cut in the middle: a number at the end tells jobs apart."""
        tail = words[words.rfind("#") :] if "#" in words[-8:] else ""
        short = words if len(words) <= _LONGEST_LABEL else f"{words[: _LONGEST_LABEL - 1 - len(tail)]}…{tail}"
        self.text(short, LEFT - 8, self.y(row), "words", "end")

    def bar(self, row: int, start: float, end: float, kind: str, *, least: float = 2.0) -> None:
        """Draw a bar from one value to another, wide enough to be seen."""
        x = self.x(start)
        width = max(round(self.x(end) - x, 1), least)
        self.draw("rect", kind, x=x, y=self.y(row) - 8, width=width, height=16, rx=2)

    def line(self, value: float, kind: str) -> None:
        """Draw a line through all rows at a value."""
        self.draw("line", kind, x1=self.x(value), x2=self.x(value), y1=2, y2=self.rows * ROW + 6)

    def mark(self, row: int, value: float, shape: str, kind: str) -> None:
        """Draw a mark at a value: `dot`, `ring`, `cross` or `wedge`, told apart by form and not by colour alone."""
        x, y = self.x(value), self.y(row)
        if shape in ("dot", "ring"):
            self.draw("circle", f"{kind} {shape}", cx=x, cy=y, r=5)
        elif shape == "cross":
            self.draw("path", f"{kind} stroke", d=f"M{x - 5} {y - 5}L{x + 5} {y + 5}M{x + 5} {y - 5}L{x - 5} {y + 5}")
        else:
            self.draw("path", kind, d=f"M{x} {y - 6}L{x - 5} {y - 14}L{x + 5} {y - 14}Z")

    def axis(self, values: Sequence[float], words: Callable[[float], str]) -> None:
        """Draw the scale below the rows, with words at these values."""
        y = self.rows * ROW + 8
        self.draw("line", "axis", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y)
        for value in values:
            x = self.x(value)
            self.draw("line", "axis", x1=x, x2=x, y1=y, y2=y + 4)
            anchor = "start" if x < LEFT + 30 else "end" if x > WIDTH - RIGHT - 30 else "middle"
            self.text(words(value), x, y + 14, "words scale", anchor)

    def markup(self, told: str) -> Markup:
        """Return the drawing, with the words that stand for it where it cannot be seen."""
        self.root.set("aria-label", told)
        return Markup(ET.tostring(self.root, encoding="unicode"))  # noqa: S704 - ElementTree escaped every text in it


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round values across a scale, at most so many and one; just its start where it has no length."""
    if high <= low:
        return [low]
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= raw)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(number * step, 9) for number in range(first, last + 1)]
