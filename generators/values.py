"""Values for the columns of a record, and texts that careless CSV writers damage.

Both keep to what the control API lets a record hold: text without control characters but tab, CR and LF, whole
numbers of 32 bits or up to four decimals, RFC 3339 instants, booleans, and money with two decimals.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from ..spec.offer import TYPE_WORDS
from .stamps import write_stamp

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ..spec.offer import Field, Resource

USUAL_MAXIMUM = 50
"""How many characters a text column is taken to hold when the target does not say."""

_COMPUTED = re.compile(r"changetype|isdeleted|isactive|isarchived|datechanged|lastupdated", re.IGNORECASE)
_INT32 = 2**31
_CENTS = 10**11
_EARLIEST, _LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST_DRAWN = 120
_DELIMITERS = "\",;\t\r\n'| \\"

# The first ones matter most: a profile in a hurry takes only those.
_TEXTS = (
    "00501", '5" pipe, "best"', "two\r\nlines", "Zo\u00eb \U0001f642 \u6771\u4eac", " leading", "trailing ",
    "tab\there", "NULL",
    # What CSV quotes, and what it does not.
    "one\nline feed", "one\rcarriage return", "\r\nfirst", "last\r\n", '"', '""', '"quoted"', 'ends in "', '"begins',
    ",", "a,b,,c", ";", "a;b", "'", "O'Neil", "|", '","', '"\n"', "  both  ", "double  space", "#comment",
    # What spreadsheets take for formulas.
    "=1+1", "+1", "-1", "@name", '=HYPERLINK("http://localhost")',
    # Texts that look like a null, a boolean, a date or a number.
    "-", "?", "null", "None", "NaN", "N/A", "undefined", "true", "FALSE", "yes", "2026-01-02", "01/02/03", "1e5", "1.0",
    "1.10", "0x10", "1,234", "-0", "Infinity", "007.50", "12345678901234567890",
    # Escapes of other languages.
    "\\", "a\\b", "\\n", "ends in \\", '\\"', "\\N", "C:\\new\\table", "&amp; &lt;", "<b>bold</b>",
    "<script>1</script>", "%20%2C%22", "${x} {{y}} %s %d", "-- ; DROP TABLE t",
    # The same letter in one character and in two; Latin-1, Windows-1252, and other scripts, some from right to left.
    "caf\u00e9", "cafe\u0301", "\u00c5ngstr\u00f6m \u00ff \u00a3", "\u201ccurly\u201d \u2018quotes\u2019 \u20ac \u2013",
    "\u041c\u043e\u0441\u043a\u0432\u0430", "\u0391\u03b8\u03ae\u03bd\u03b1 \u03c2", "\u05e9\u05dc\u05d5\u05dd",
    "\u0645\u0631\u062d\u0628\u0627 123", "\u200fright-to-left\u200e", "\u0939\u093f\u0928\u094d\u0926\u0940",
    "\u0e44\u0e17\u0e22", "\ud55c\uad6d\uc5b4", "\u1112\u1161\u11ab", "\u4e2d\u6587\u3001\u300c\u5f15\u300d",
    # Characters of more than 16 bits, joined, flagged, and with a variation selector.
    "\U00020bb7\u91ce\u5c4b", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
    "\u2764\ufe0f \U0001f44d\U0001f3fd", "\U0001d54f\U0001d555",
    # Blanks that are no space, line ends that are no LF, and what cannot be seen.
    "no\u00a0break", "\u00a0edges\u00a0", "zero\u200bwidth", "mid\ufeffdle", "line\u2028para\u2029end",
    "soft\u00adhyphen",
    # Letters and digits that folding or normalizing changes.
    "\uff11\uff12\uff13", "\u0661\u0662\u0663", "\u0130stanbul \u0131", "Stra\u00dfe \u1e9e", "\ufb01 \u0133 \u01c6",
    "\u2460 \u00bd \u00b2", "\ufffd", "\ue000",
)  # fmt: skip


def interesting_texts(max_characters: int) -> list[str]:
    """Texts that writers of CSV get wrong, the most telling first; always the same, none twice, none empty.

    Each fits into a text column of that many characters, counted in UTF-16 code units, the strictest of the usual
    counts. Texts of spaces alone, and texts that begin with U+FEFF, are left out: they can pass for an empty one and
    for a byte order mark.
    """
    longest = [
        ("Long text, " * (max_characters // 10 + 1))[:max_characters].rstrip().ljust(max_characters, "x"),
        "q" * (max_characters - 1) + '"',
        "\u00e9" * max_characters,
        "\U0001f642" * (max_characters // 2),
    ]
    fitting = [text for text in (*_TEXTS[:8], *longest, *_TEXTS[8:]) if text and utf16_length(text) <= max_characters]
    return [text for text in dict.fromkeys(fitting) if not text.isspace()]


def utf16_length(text: str) -> int:
    """Count a text in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def value_for(field: Field) -> SearchStrategy[Any]:
    """Draw values that a column of this type can hold, empty ones aside. Unknown types count as text."""
    if field.type == "N":
        whole = st.integers(-_INT32, _INT32 - 1)
        return st.one_of(whole, whole, st.integers(-(10**9), 10**9).map(lambda number: number / 10_000))
    if field.type == "M":
        return st.integers(-_CENTS, _CENTS).map(lambda cents: cents / 100)
    if field.type == "B":
        return st.booleans()
    if field.type == "D":
        return _dates()
    room = field.max_characters if field.max_characters and field.max_characters > 0 else USUAL_MAXIMUM
    return st.one_of(st.sampled_from(interesting_texts(room)), texts(room))


def writable(resource: Resource) -> tuple[Field, ...]:
    """The columns that a change can fill: all but the key, and those that a target is likely to work out itself."""
    key = (resource.key or "").lower()
    known = (one for one in resource.fields if one.type in TYPE_WORDS.values())
    return tuple(one for one in known if one.name.lower() != key and not _COMPUTED.search(one.name))


def texts(max_characters: int) -> SearchStrategy[str]:
    """Draw texts of at most that many UTF-16 code units, rich in what CSV has to quote."""
    longest = min(max_characters, _LONGEST_DRAWN)
    drawn = st.lists(_characters(), min_size=1, max_size=longest).map("".join)
    return drawn.map(lambda text: _cut(text, max_characters)).filter(_is_fair)


def _cut(text: str, units: int) -> str:
    while utf16_length(text) > units:
        text = text[:-1]
    return text


def _is_fair(text: str) -> bool:
    return bool(text) and not text.isspace() and not text.startswith("\ufeff") and text.strip("\u200b") != ""


def _characters() -> SearchStrategy[str]:
    # Drawn by number, and not with st.characters(), which leaves a cache of Unicode tables in the working folder.
    wide = st.one_of(st.integers(0xA0, 0x2FFF), st.integers(0x3000, 0xD7FF), st.integers(0xE000, 0x1FFFF)).map(chr)
    return st.one_of(
        st.sampled_from(_DELIMITERS),
        st.integers(0x20, 0x7E).map(chr),
        st.integers(0x20, 0x7E).map(chr),
        wide.filter(lambda character: unicodedata.category(character) not in ("Cc", "Cn", "Co", "Cs")),
    )


def _dates() -> SearchStrategy[str]:
    steps = st.integers(0, int((_LATEST - _EARLIEST) / timedelta(seconds=1)) - 1)
    instants = steps.map(lambda seconds: _EARLIEST + timedelta(seconds=seconds))
    return st.tuples(instants, st.sampled_from((0, 2, 3))).map(lambda drawn: write_stamp(drawn[0], digits=drawn[1]))
