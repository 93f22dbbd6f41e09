"""How hard links are to guess: what varies between the links of a target's jobs, and whether it looks random.

This can show that a link is made of what others know. It cannot show that what looks random is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WANTED_BITS = 64
# Estimates are rough: what lies between is told neither way.
_SURELY_FEW, _SURELY_ENOUGH = 40.0, 60.0
SEPARATORS = "/?&=#;"
"""What parts the pieces of a link from each other."""
_SEPARATORS = re.compile(f"[{SEPARATORS}]+")
_NOWHERE = re.compile(r"(?!)")
_HEX, _DIGITS = frozenset("0123456789abcdef"), frozenset("0123456789")
_LONG_CONSTANT = 16
_HASHES = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True)
class Link:
    """A download link with what an outsider may know of it: the job's id and the file's number, from 0."""

    url: str
    job: int
    index: int


@dataclass(frozen=True)
class Estimate:
    """Whether the links can be guessed. `bits` is an estimate of what is random in a link; `why` explains it."""

    guessable: Literal["yes", "no", "unknown"]
    bits: float
    why: str


def estimate(links: Sequence[Link]) -> Estimate:
    """Compare one link of each job with those of the others; two jobs are the least that say something."""
    shapes: dict[int, list[tuple[Link, list[str]]]] = defaultdict(list)
    for link in links:
        tokens = _tokens(link)
        shapes[len(tokens)].append((link, tokens))
    alike = max(shapes.values(), key=len, default=[])
    if len(alike) < 2:
        return Estimate("unknown", 0.0, "there are too few links to compare")
    columns = [[tokens[place] for _, tokens in alike] for place in range(len(alike[0][1]))]
    known = [link for link, _ in alike]
    open_columns = [column for column in columns if not _derived(column, known)]
    bits = sum(random_bits(column) for column in open_columns)
    if bits >= _SURELY_ENOUGH:
        return Estimate("no", bits, f"about {bits:.0f} bits differ at random between the links of {len(alike)} jobs")
    if bits >= _SURELY_FEW or any(_shared_secret(column) for column in open_columns):
        return Estimate("unknown", bits, "a part of the links may be a secret, or may not")
    return Estimate(
        "yes", bits, f"about {bits:.0f} bits differ between the links of {len(alike)} jobs beside the job's id"
    )


def random_bits(column: Sequence[str]) -> float:
    """How many bits vary at random in texts that stand at the same place, judged character by character."""
    width = max((len(text) for text in column), default=0)
    seen = [{text[place : place + 1] for text in column} for place in range(width)]
    varying = [values for values in seen if len(values) > 1]
    alphabet = _alphabet({character for values in varying for character in values if character})
    expected = alphabet * (1 - (1 - 1 / alphabet) ** len(column))
    return sum(log2(alphabet) if len(values) >= expected / 2 else log2(len(values)) for values in varying)


def _alphabet(characters: set[str]) -> int:
    lowered = {character.lower() for character in characters}
    if lowered <= _DIGITS:
        return 10
    if lowered <= _HEX:
        return 16
    one_case = not (any(c.isupper() for c in characters) and any(c.islower() for c in characters))
    return 36 if one_case else 64


def _tokens(link: Link) -> list[str]:
    """The pieces of a link, host included, with the job's id struck out wherever it stands alone."""
    try:
        parts = urlsplit(link.url)
    except ValueError:
        return [link.url]
    pieces = [parts.netloc, *_SEPARATORS.split(parts.path), *_SEPARATORS.split(parts.query)]
    tokens = [unquote(piece) for piece in pieces]
    return [lone_id(token, link.job).sub("#", token) for token in tokens]


def lone_id(token: str, job: int) -> re.Pattern[str]:
    """Return what finds a job's id where it stands alone in a piece of a link."""
    # Digits in a random number in hexadecimal may happen to be the id, and are left in.
    return _NOWHERE if _is_hex(token) else re.compile(rf"(?<!\d)0*{job}(?!\d)")


def _is_hex(token: str) -> bool:
    digits = set(token.lower()) - {"-"}
    return digits <= _HEX and not digits <= _DIGITS


def _shared_secret(column: Sequence[str]) -> bool:
    """True when links share a long token of letters and digits mixed: a secret of the account, perhaps."""
    return any(_looks_secret(token) for token, times in Counter(column).items() if times > 1)


def _looks_secret(token: str) -> bool:
    compact = re.sub(r"[-_.]", "", token)
    letters_and_digits = any(c.isdigit() for c in compact) and any(c.isalpha() for c in compact)
    longest_word = max((len(word) for word in re.findall(r"[A-Za-z]+", token)), default=0)
    return len(compact) >= _LONG_CONSTANT and letters_and_digits and longest_word < len(compact) / 2


def _derived(column: Sequence[str], links: Sequence[Link]) -> bool:
    """True when at least half of the texts are made of their job's id and file's number in a way that is known."""
    made = sum(is_made_of(token, link) for token, link in zip(column, links, strict=True))
    return made * 2 >= len(column)


def is_made_of(token: str, link: Link) -> bool:
    """Tell whether a piece of a link is made of its job's id and file's number in a way that is known."""
    compact = re.sub(r"[^0-9a-z]", "", token.removesuffix(".csv").lower())
    if len(compact) >= 8 and compact in _digests(link):
        return True
    if compact.lstrip("0") == f"{link.job:x}":
        return True
    return any(re.search(rf"(?<!\d){link.job}(?!\d)", text) for text in _decoded(token.removesuffix(".csv")))


def _digests(link: Link) -> Iterator[str]:
    for text in _spellings(link):
        for name in _HASHES:
            yield hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
        yield f"{binascii.crc32(text.encode()):08x}"


def _spellings(link: Link) -> Iterator[str]:
    yield str(link.job)
    for index in (link.index, link.index + 1):
        for between in ("-", "_", ":", "/", ".", ""):
            yield f"{link.job}{between}{index}"


def _decoded(token: str) -> Iterator[str]:
    """What a token says when it is Base64 or hexadecimal of plain text."""
    padded = token + "=" * (-len(token) % 4)
    for decode, text in ((base64.b64decode, padded), (base64.urlsafe_b64decode, padded), (bytes.fromhex, token)):
        try:
            plain = decode(text).decode("ascii")
        except ValueError:
            continue
        if plain.isprintable():
            yield plain
