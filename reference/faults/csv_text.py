"""Faults of text: damage of every kind."""

from __future__ import annotations

import html
import re
import unicodedata

from ..behaviour import Behaviour
from ..model import Column, FilePart, JobRequest
from . import fault


class _OnText(Behaviour):
    """Damages texts, and leaves everything else alone."""

    def damage(self, text: str) -> str:
        raise NotImplementedError

    def write_text(self, value: str, column: Column) -> str:
        return self.damage(super().write_text(value, column))


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


@fault("csv/unicode")
class WritesCustomFieldsInLatin1(Behaviour):
    """Characters of custom fields beyond Latin-1 become question marks; those of all other columns are kept."""

    def write_text(self, value: str, column: Column) -> str:
        text = super().write_text(value, column)
        return text if column.custom_id is None else text.encode("latin-1", "replace").decode("latin-1")
