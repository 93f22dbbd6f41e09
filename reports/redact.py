"""The one place where secrets are struck out of everything that a run shows.

Keys, Basic header values and the signed parts of download links are replaced by `MARK`, in whatever form they
come: as they are, percent-encoded, JSON-escaped, quoted for a shell, escaped for a page, or in base64.
Striking too much is preferred to striking too little; only texts shorter than `SHORTEST` characters are left
alone, since every report would be full of holes otherwise.
"""

from __future__ import annotations

import base64
import html
import json
import math
import re
import string
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from ..spec.offer import PRIMARY_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MARK = "[struck out]"
SHORTEST = 4
"""Characters. A secret below this is not struck out."""

_TOKEN_LENGTH = 16
_TOKEN_ENTROPY = 2.0
_CUT_LENGTH = 8
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_DIGITS = frozenset(string.ascii_letters + string.digits + "+/_-")
_TOKEN = re.compile(r"[A-Za-z0-9_~.-]+", re.ASCII)
_WORDS = re.compile(r"(?:[a-z]{2,14})?(?:[A-Z][a-z]{2,13}|[A-Z]{2,5}(?![a-z]))*\d{0,4}|\d{1,12}|v\d+", re.ASCII)
_OWN_WORDS = frozenset({"changedentityexportjobs", *(name.lower() for name in PRIMARY_KEYS)})
_PLACE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://[^/?#]*)?", re.ASCII)
_USER = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://([^/\s@?#]+)@", re.ASCII)
_SUFFIX = re.compile(r"\.(?:csv|gz|zip|txt)\Z")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.%A-Fa-f]+(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)

_SIGNING_NAMES = (
    "sig|signature|token|access_token|key|code|x-amz-(?:signature|credential|security-token)"
    "|x-goog-(?:signature|credential)"
)
_SIGNING = re.compile(rf"(?i)[?&](?:{_SIGNING_NAMES})=([^&#]{{{SHORTEST},}})")
# What is a secret by its place alone, whether or not anybody named it beforehand.
_BY_PLACE = (
    re.compile(r"(?i)(\bAuthorization\b\W{0,6}Basic\s+)[A-Za-z0-9+/_=-]{4,}"),
    re.compile(r"(?i)(\bhttps?://)[^/\s@?#\"'<>]+(?=@)"),
    re.compile(rf"(?i)([?&](?:{_SIGNING_NAMES})=)(?!\[struck out\])[^&\s\"'<>#]{{4,}}"),
)


class Redactor:
    """Strikes secrets out of texts and of trees of JSON values.

    `secrets` are keys, and whole `user:key` pairs if wanted; `links` are download links, of which the query
    values and the path segments that look like tokens are secret (links.1).
    """

    def __init__(
        self, secrets: Iterable[str] = (), links: Iterable[str] = (), *, mark: str = MARK, by_place: bool = True
    ) -> None:
        """Prepare the search for every form of every secret.

        `mark` replaces what is struck. Without `by_place`, what is secret by its place alone is left alone.
        """
        self._mark, self._places = mark, _BY_PLACE if by_place else ()
        # A key is also sent turned round, as a wrong one, and a target may repeat what it was sent.
        secrets = [form for secret in secrets if len(secret) >= SHORTEST for form in (secret, secret[::-1])]
        links = list(links)
        forms = {form for secret in secrets for form in _forms(secret)}
        parts = {part for link in links for part in _signed_parts(link)}
        forms |= {form for part in parts for form in _forms(part)}
        cuts = {form[:end] for secret in secrets for form in _forms(secret) for end in range(_CUT_LENGTH, len(form))}
        cores = {core for secret in secrets for core in _base64_cores(secret.encode())}
        self._links = _alternatives({form for link in links if "?" in link for form in _forms(link)})
        self._cores = _alternatives(cores)
        # An excerpt that ends in the middle of a secret still shows too much of it.
        wanted = (_alternatives(forms), _alternatives(cuts, r"(?=[\"')\]]*(?:…|\.\.\.|\Z))"))
        self._patterns = [pattern for pattern in wanted if pattern is not None]

    def strike(self, text: str) -> str:
        """Return the text with every secret replaced by `MARK`."""
        if self._links is not None:
            text = self._links.sub(lambda match: _without_values(match[0], self._mark), text)
        if self._cores is not None:
            text = _without_runs(self._cores, text, self._mark)
        for pattern in self._patterns:
            text = pattern.sub(self._mark, text)
        for pattern in self._places:
            text = pattern.sub(rf"\g<1>{self._mark}", text)
        return text

    def strike_tree(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return a copy of a JSON value with every text in it struck, names of properties included.

        A number that is a secret when written down becomes a text.
        """
        if isinstance(value, str):
            return self.strike(value)
        if isinstance(value, dict):
            return {self.strike(str(name)): self.strike_tree(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.strike_tree(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            written = str(value)
            return value if self.strike(written) == written else self._mark
        return value


def _forms(secret: str) -> Iterator[str]:
    """Yield the ways in which a text can stand inside another one."""
    for plain in {secret, unquote(secret), unquote_plus(secret)}:
        if len(plain) < SHORTEST:
            continue
        percent = quote(plain, safe="", errors="replace")
        escaped = json.dumps(plain)[1:-1]
        yield from (plain, percent, re.sub("%..", lambda match: match[0].lower(), percent))
        yield from (quote(plain, errors="replace"), quote_plus(plain, errors="replace"))
        yield from (escaped, json.dumps(plain, ensure_ascii=False)[1:-1], json.dumps(escaped)[1:-1])
        yield from (repr(plain)[1:-1], plain.replace("'", "'\"'\"'"), escaped.replace("'", "'\"'\"'"))
        yield from (html.escape(plain), html.escape(plain, quote=False))


def _base64_cores(secret: bytes) -> Iterator[str]:
    """Yield the base64 digits that any text holding the secret has, at each of the three alignments.

    The digits at both ends also depend on what stands beside the secret, so they are left out.
    """
    for before in range(3):
        digits = base64.b64encode(b"\0" * before + secret).decode().rstrip("=")
        first = -(-8 * before // 6)
        last = 8 * (before + len(secret)) // 6
        core = digits[first:last]
        if len(core) >= SHORTEST:
            yield core
            yield core.replace("+", "-").replace("/", "_")


def secret_spans(link: str) -> Iterator[tuple[int, int]]:
    """Yield where a download link holds what may not be shown, as start and end.

    Beside what makes it secret wherever it is repeated, that is what is secret by its place in the link alone: the
    credentials before a host, and short or plain values of parameters whose name says that they sign.
    """
    yield from signed_spans(link)
    for pattern in (_USER, _SIGNING):
        for match in pattern.finditer(link):
            yield match.span(1)


def signed_spans(link: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts stand in a download link that make it secret, as start and end (links.1)."""
    place = _PLACE.match(link)
    start = place.end() if place else 0
    path, question, query = link[start:].partition("#")[0].partition("?")
    for begin, segment in _split(path, "/", start):
        stem = _SUFFIX.sub("", segment)
        if _looks_like_token(unquote(stem)):
            yield begin, begin + len(stem)
    for begin, pair in _split(query, "&", start + len(path) + len(question)):
        value = pair.partition("=")[2] or pair
        if not _is_plain_value(unquote(value)):
            yield begin + len(pair) - len(value), begin + len(pair)


def _split(text: str, separator: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a text, each with its place; the text itself begins at `start`."""
    for piece in text.split(separator):
        yield start, piece
        start += len(piece) + len(separator)


def _signed_parts(link: str) -> Iterator[str]:
    """Yield what makes a download link secret, wherever it may be repeated."""
    for start, end in signed_spans(link):
        yield link[start:end]


def _is_plain_value(value: str) -> bool:
    """Tell whether a query value says nothing secret, so that it must not be struck elsewhere."""
    return (
        len(value) < SHORTEST
        or value.lower() in _OWN_WORDS | {"true", "false", "text/csv"}
        or (value.isdecimal() and len(value) < _TOKEN_LENGTH)
        or _INSTANT.fullmatch(value) is not None
    )


def _looks_like_token(segment: str) -> bool:
    """Tell a random token from a name: long enough, varied enough, and not made of words and numbers."""
    if len(segment) < _TOKEN_LENGTH or _TOKEN.fullmatch(segment) is None or segment.lower() in _OWN_WORDS:
        return False
    if all(_WORDS.fullmatch(part) for part in re.split(r"[-_.~]", segment)):
        return False
    counts = Counter(segment)
    return -sum(n / len(segment) * math.log2(n / len(segment)) for n in counts.values()) >= _TOKEN_ENTROPY


def _without_values(link: str, mark: str) -> str:
    """Return a link with every query value replaced, short and plain ones too."""
    return re.sub(r"=[^&\s\"'<>#]+", f"={mark}", link)


def _without_runs(cores: re.Pattern[str], text: str, mark: str) -> str:
    """Return a text with every run of base64 digits replaced that holds one of the cores, its padding too.

    A pattern for the whole run would try it from each of its digits: the square of its length, and a target may
    answer with whatever it was sent.
    """
    shown, done = [], 0
    for core in cores.finditer(text):
        if core.start() < done:
            continue
        start = core.start()
        while start > done and text[start - 1] in _DIGITS:
            start -= 1
        run = _BASE64.match(text, core.end())
        shown += [text[done:start], mark]
        done = run.end() if run else core.end()
    return "".join((*shown, text[done:]))


def _alternatives(words: set[str], after: str = "") -> re.Pattern[str] | None:
    """Return a pattern for any of the words, the longest first, or None without words.

    Words are grouped by their first three characters: a run can have thousands of links, and trying each
    of them at each position of each text would take longer than the run.
    """
    if not words:
        return None
    return re.compile(f"(?:{_grouped(words, 3)}){after}")


def _grouped(words: Iterable[str], depth: int) -> str:
    if depth == 0:
        return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))
    groups: dict[str, list[str]] = defaultdict(list)
    for word in words:
        groups[word[0]].append(word[1:])
    return "|".join(f"{re.escape(first)}(?:{_grouped(rest, depth - 1)})" for first, rest in sorted(groups.items()))
