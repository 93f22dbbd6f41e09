"""Faults of the files' form and of the values in them: encoding, quoting, and text damage of every kind."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from ...spec.offer import format_instant, parse_instant
from ..behaviour import Behaviour
from ..model import Column, FilePart, JobRequest, Record, Version
from . import fault

# --- form --------------------------------------------------------------------------------------------


@fault("csv/well-formed")
class EscapesQuotesByBackslash(Behaviour):
    """A quote inside a text is written as a backslash and a quote; texts without quotes are right."""

    def quote(self, cell: str) -> str:
        return '"' + cell.replace('"', '\\"') + '"'


@fault("csv/well-formed")
class LeavesQuotesBare(Behaviour):
    """A text with a quote and without comma or line break is not quoted; all others are right."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        for cell in cells:
            yield cell if {",", "\r", "\n"}.isdisjoint(cell) else self.quote(cell)


@fault("csv/well-formed")
class ForgetsTheLastQuote(Behaviour):
    """The quote that closes the last field of a file is missing, where there is one; the rest is right."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        *others, last = cells
        yield from super().quoted(others)
        yield self.quote(last)

    def close_file(self, part: FilePart) -> None:
        if part.content.endswith(b'"\r\n'):
            del part.content[-3:-2]


@fault("csv/row-width")
class LeavesCommasBare(Behaviour):
    """A text with a comma and without quote or line break is not quoted; all others are right."""

    def quoted(self, cells: Sequence[str]) -> Iterator[str]:
        for cell in cells:
            yield cell if {'"', "\r", "\n"}.isdisjoint(cell) else self.quote(cell)


@fault("csv/row-width")
class LeavesOutEmptyEnds(Behaviour):
    """Empty fields at the end of a row are left out; the others are right."""

    def line(self, cells: Sequence[str]) -> bytes:
        kept = list(cells)
        while len(kept) > 1 and not kept[-1]:
            kept.pop()
        return super().line(kept)


@fault("csv/row-width")
class EndsEachRowWithAComma(Behaviour):
    """Every row but the header ends with a comma too many; all values are right."""

    def row(self, record: Record, columns: Sequence[Column], request: JobRequest) -> bytes:
        return super().row(record, columns, request).removesuffix(b"\r\n") + b",\r\n"


@fault("csv/header")
class WritesNoHeader(Behaviour):
    """No file names its columns; the rows are right."""

    def header_of(self, number: int, header: bytes) -> bytes:
        return b""


@fault("csv/header")
class NamesTheKeyOtherwise(Behaviour):
    """The header calls the primary key Id; the other columns and the rows are right."""

    def header(self, columns: Sequence[Column]) -> bytes:
        return self.line(["Id" if column.computed == "key" else column.name for column in columns])


# Characters that Latin-1 does not hold are lost for good.
@fault("csv/utf-8", "csv/unicode")
class WritesLatinOne(Behaviour):
    """Files are encoded in Latin-1, with question marks for the rest; plain ASCII is right."""

    encoding = "iso-8859-1"


@fault("csv/utf-8")
class WritesLoneSurrogates(Behaviour):
    """Emoji are written as two surrogates of three bytes each (CESU-8); everything else is UTF-8."""

    def encode(self, text: str) -> bytes:
        return re.sub("[\U00010000-\U0010ffff]", lambda match: _surrogates(match[0]), text).encode(
            "utf-8", "surrogatepass"
        )


def _surrogates(character: str) -> str:
    high, low = divmod(ord(character) - 0x10000, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)


class _OnText(Behaviour):
    """Damages texts, and leaves everything else alone."""

    def damage(self, text: str) -> str:
        raise NotImplementedError

    def write_text(self, value: str, column: Column) -> str:
        return self.damage(super().write_text(value, column))


# --- text that is not what it was -------------------------------------------------------------------


@fault("csv/text-exact")
class TrimsText(_OnText):
    """Spaces around a text are cut off; everything inside is kept."""

    def damage(self, text: str) -> str:
        return text.strip(" ")


@fault("csv/text-exact")
class LosesLeadingZeros(_OnText):
    """A text of digits alone is written as a number, so that 00501 is 501; other texts are kept."""

    def damage(self, text: str) -> str:
        return str(int(text)) if text.isascii() and text.isdecimal() else text


@fault("csv/text-exact")
class CutsTextAt255(_OnText):
    """Texts longer than 255 characters are cut; shorter ones are kept."""

    def damage(self, text: str) -> str:
        return text[:255]


@fault("csv/text-exact")
class CutsTextAt200(_OnText):
    """Texts longer than 200 characters are cut; shorter ones are kept."""

    def damage(self, text: str) -> str:
        return text[:200]


@fault("csv/text-exact")
class EscapesHtml(_OnText):
    """Ampersands and angle brackets come as HTML entities; other characters are kept."""

    def damage(self, text: str) -> str:
        return html.escape(text, quote=False)


@fault("csv/text-exact")
class GuardsAgainstFormulas(_OnText):
    """A text that begins like a formula gets an apostrophe in front; other texts are kept."""

    def damage(self, text: str) -> str:
        return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


@fault("csv/text-exact")
class TakesTheWordNullForNothing(_OnText):
    """A text that is the word NULL is written as nothing; other texts are kept."""

    def damage(self, text: str) -> str:
        return "" if text.lower() == "null" else text


@fault("csv/text-exact")
class FoldsRepeatedSpaces(_OnText):
    """Two spaces in a row become one; everything else is kept."""

    def damage(self, text: str) -> str:
        return re.sub(" {2,}", " ", text)


@fault("csv/special-characters")
class FlattensLineBreaks(_OnText):
    """Line breaks inside a text become spaces; everything else is kept."""

    def damage(self, text: str) -> str:
        return re.sub(r"\r\n|\r|\n", " ", text)


@fault("csv/special-characters")
class UnifiesLineBreaks(_OnText):
    """CR and LF inside a text become one LF; single LF and everything else are kept."""

    def damage(self, text: str) -> str:
        return text.replace("\r\n", "\n")


@fault("csv/special-characters")
class FlattensTabs(_OnText):
    """Tabs become spaces; everything else is kept."""

    def damage(self, text: str) -> str:
        return text.replace("\t", " ")


@fault("csv/special-characters")
class DropsQuotes(_OnText):
    """Quotes inside a text are lost; everything else is kept."""

    def damage(self, text: str) -> str:
        return text.replace('"', "")


@fault("csv/special-characters")
class TurnsCommasIntoSemicolons(_OnText):
    """Commas inside a text become semicolons; everything else is kept."""

    def damage(self, text: str) -> str:
        return text.replace(",", ";")


@fault("csv/unicode")
class LosesCharactersBeyondTheBasicPlane(_OnText):
    """Emoji and rare letters become question marks; characters of 16 bits are kept."""

    def damage(self, text: str) -> str:
        return re.sub("[\U00010000-\U0010ffff]", "?", text)


@fault("csv/unicode")
class ComposesAccents(_OnText):
    """A letter and a combining accent become one character (NFC); all else is kept."""

    def damage(self, text: str) -> str:
        return unicodedata.normalize("NFC", text)


@fault("csv/unicode")
class DropsAccents(_OnText):
    """Latin letters lose their accents; letters of other scripts are kept."""

    def damage(self, text: str) -> str:
        return re.sub("[À-ÿ]", lambda match: unicodedata.normalize("NFD", match[0])[0], text)


@fault("csv/unicode")
class EncodesTwice(_OnText):
    """Texts beyond ASCII are encoded twice, so that é comes as two characters; ASCII is kept."""

    def damage(self, text: str) -> str:
        return text.encode("utf-8", "replace").decode("iso-8859-1")


@fault("csv/unicode")
class DropsInvisibleCharacters(_OnText):
    """Characters without a width, such as joiners and direction marks, are lost; all others are kept."""

    def damage(self, text: str) -> str:
        return "".join(character for character in text if unicodedata.category(character) != "Cf")


@fault("csv/unicode")
class StraightensQuotes(_OnText):
    """Typographic quotes and dashes become plain ones; all other characters are kept."""

    def damage(self, text: str) -> str:
        return text.translate(str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--"))


@fault("csv/unicode")
class BreaksCharactersBetweenBuffers(Behaviour):
    """A character of several bytes that lies across 64 KiB of a file becomes replacement marks; others are kept."""

    def finished(self, parts: list[FilePart], request: JobRequest) -> list[FilePart]:
        for part in parts:
            content = bytes(part.content)
            pieces = (content[start : start + 65_536] for start in range(0, len(content), 65_536))
            part.content[:] = "".join(piece.decode("utf-8", "replace") for piece in pieces).encode()
        return parts


# --- values that are no text -------------------------------------------------------------------------


@fault("csv/typed-values")
class CutsCentsOff(Behaviour):
    """Money is cut to whole units; numbers, dates and booleans are right."""

    def write_money(self, value: Any) -> str:  # noqa: ANN401
        return str(Decimal(str(value)).quantize(Decimal(1), ROUND_DOWN))


@fault("csv/typed-values")
class RoundsMoneyToTenths(Behaviour):
    """Money is rounded to one decimal; whole amounts and all other types are right."""

    def write_money(self, value: Any) -> str:  # noqa: ANN401
        return str(round(Decimal(str(value)), 1))


@fault("csv/typed-values")
class WritesLargeNumbersInBrief(Behaviour):
    """Numbers come with six significant digits, as 1.23457e+06; small ones are right."""

    def write_number(self, value: Any) -> str:  # noqa: ANN401
        return f"{float(value):.6g}"

    def write_money(self, value: Any) -> str:  # noqa: ANN401
        return str(value)

    def value_of(self, column: Column, record: Record, version: Version) -> Any:  # noqa: ANN401
        value = super().value_of(column, record, version)
        return str(value) if column.computed == "key" else value

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401
        return str(value) if column.computed == "key" else super().text_of(column, value)


@fault("csv/typed-values")
class TurnsFalseIntoNothing(Behaviour):
    """False is written as nothing; True and all other types are right."""

    def write_boolean(self, value: bool) -> str:  # noqa: FBT001
        return "True" if value else ""


@fault("csv/typed-values")
class WritesBooleansTheOtherWayRound(Behaviour):
    """True is written as False and False as True; all other types are right."""

    def write_boolean(self, value: bool) -> str:  # noqa: FBT001
        return super().write_boolean(not value)


@fault("csv/typed-values")
class WritesDatesADayEarly(Behaviour):
    """Dates are written as the day before; all other types are right."""

    def write_date(self, value: str) -> str:
        return format_instant(parse_instant(value) - timedelta(days=1))


@fault("csv/typed-values")
class SwapsDayAndMonth(Behaviour):
    """Up to the twelfth, day and month of a date change places; later days and all other types are right."""

    def write_date(self, value: str) -> str:
        text = super().write_date(value)
        year, month, rest = text.split("-", 2)
        return f"{year}-{rest[:2]}-{month}{rest[2:]}" if int(rest[:2]) <= 12 else text


# --- nothing ----------------------------------------------------------------------------------------


@fault("csv/empty-values")
class WritesTheWordNull(Behaviour):
    """A null is written as NULL; the empty text is written as nothing."""

    def write_null(self, column: Column) -> str:
        return "NULL"


@fault("csv/empty-values")
class WritesADashForEmptyText(_OnText):
    """The empty text is written as a dash; a null is written as nothing."""

    def damage(self, text: str) -> str:
        return text or "-"


@fault("csv/empty-values")
class FillsEmptyCellsFromTheRowAbove(Behaviour):
    """An empty text takes what the last record with a value had in that column; filled ones are right."""

    def row(self, record: Record, columns: Sequence[Column], request: JobRequest) -> bytes:
        version = self.shown_version(record, request)
        cells = [self.cell(column, record, version, request) for column in columns]
        above: dict[tuple[str, str], str] = self.__dict__.setdefault("above", {})
        for place, column in enumerate(columns):
            key = request.resource_type, column.name
            if column.type == "T" and column.custom_id is None:
                cells[place] = cells[place] or above.get(key, "")
                above[key] = cells[place]
        return self.line(cells)
