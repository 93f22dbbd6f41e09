"""Stand-ins for secrets in the record of a run, in which rules find the same as in what they stand for.

A key is struck out. A download link keeps its form: each letter or digit of what is secret in it gives way to
another one of the same kind, by an exchange that is drawn anew for every run and every place in a piece, kept in
memory alone, and forgotten with the run. Equal links stay equal, lengths and alphabets stay, and as many characters
differ at each place as before, which is what `conformance.guessing` counts. What is made of a job's id and a file's
number is no secret, and stays.
"""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

from ..conformance.guessing import SEPARATORS, Link, is_made_of, lone_id
from .redact import Redactor, secret_spans, signed_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..conformance.observation import Exchange

STRUCK = "struck-out"
"""Stands for a key or a Basic value. It can stand in a URL, in JSON and in CSV as it is."""

_KINDS = (
    string.digits,
    "abcdef",
    "ghijklmnopqrstuvwxyz",
    "ABCDEF",
    "GHIJKLMNOPQRSTUVWXYZ",
)
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PIECE = re.compile(rf"[^{SEPARATORS}]+")
_UNIT = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_RUN = re.compile(rf"[^{SEPARATORS}\s\"'<>,()\[\]{{}}|\\]+")
_ENDS = ".:!~-"
# Shorter pieces of links may stand elsewhere by chance, and mean something else there.
_SHORTEST_ECHO = 8
_random = SystemRandom()


class StandIns:
    """Takes the secrets out of one run's exchanges, links, sentences and files."""

    def __init__(self, secrets: Iterable[str], roots: Iterable[str] = ()) -> None:
        """Prepare for a run; nothing is drawn yet.

        `secrets` are keys. `roots` are the addresses that the user gave, which are no secret in the links below them.
        """
        secrets = list(secrets)
        self._roots = tuple(roots)
        self._redactor = Redactor(secrets, mark=STRUCK, by_place=False)
        # A weak key, such as a number, stands in data by chance, and means something else there.
        self._in_files = [form for key in secrets if _is_strong(key) for form in (key.encode(), key[::-1].encode())]
        self._tables: list[dict[str, str]] = []
        self._owners: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        self._echoes: dict[str, str] = {}

    # --- what a recorder asks for -------------------------------------------------------------------

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange without its secrets."""
        self._learn(exchange)
        url = self.link(exchange.url) if exchange.purpose == "download" else self.text(exchange.url)
        sent = {
            name: _credentials_struck(exchange, value) if name.lower() == "authorization" else self.text(value)
            for name, value in exchange.request_headers.items()
        }
        return replace(
            exchange,
            url=url,
            request_headers=sent,
            headers={name: self._header(name, value) for name, value in exchange.headers.items()},
            body=self._body(exchange),
        )

    def link(self, link: str) -> str:
        """Return a download link with stand-ins; the same for the same link."""
        shown = self._links.get(link)
        if shown is None:
            shown = self._links[link] = self._redactor.strike(self._with_stand_ins(link))
        return shown

    def text(self, text: str) -> str:
        """Return a text with stand-ins for every address in it and every secret piece of a link, without keys."""
        if "://" in text:
            text = _ADDRESS.sub(lambda match: self.link(match[0]), text)
        if self._echoes:
            text = _RUN.sub(lambda match: self._echo(match[0]), text)
        return self._redactor.strike(text)

    def content(self, content: bytes) -> bytes:
        """Return a file without keys; the same object when it holds none."""
        for secret in self._in_files:
            if secret in content:
                content = content.replace(secret, b"x" * len(secret))
        return content

    # --- links --------------------------------------------------------------------------------------

    def _learn(self, exchange: Exchange) -> None:
        """Note of which job and file a link is, before anything is made of it."""
        job = exchange.object.get("exportJobId")
        files = exchange.object.get("files")
        if isinstance(job, int) and isinstance(files, list):
            for index, file in enumerate(files):
                link = file.get("downloadUrl") if isinstance(file, dict) else None
                if isinstance(link, str) and link:
                    self._owners.setdefault(link, (job, index))
                    self.link(link)
        onward = exchange.headers.get("location")
        if onward and exchange.url in self._owners:
            for address in (onward, _joined(exchange.url, onward)):
                self._owners.setdefault(address, self._owners[exchange.url])

    def _with_stand_ins(self, link: str) -> str:
        owner = self._owners.get(link)
        parts, done = [], 0
        own = max((len(root) for root in self._roots if link.startswith(root)), default=0)
        for start, end in _secret_pieces(link):
            if start < own:
                continue
            parts += [link[done:start], self._shown(link[start:end], owner)]
            done = end
        shown = "".join([*parts, link[done:]])
        self._note_echoes(link, shown)
        return shown

    def _shown(self, piece: str, owner: tuple[int, int] | None) -> str:
        """Return a secret piece with stand-ins, or as it is when it is made of what others know of the file."""
        if owner is not None:
            token = unquote(piece)
            if is_made_of(lone_id(token, owner[0]).sub("#", token), Link(piece, *owner)):
                return piece
        return self._stand_in(piece, None if owner is None else owner[0])

    def _note_echoes(self, link: str, shown: str) -> None:
        """Remember the secret pieces of a link: a target may repeat them elsewhere."""
        for start, end in signed_spans(link):
            for piece in _PIECE.finditer(link, start, end):
                raw, new = piece[0], shown[piece.start() : piece.end()]
                if len(raw) >= _SHORTEST_ECHO and raw != new:
                    self._echoes.setdefault(raw, new)
                    self._echoes.setdefault(unquote(raw), unquote(new))

    def _echo(self, run: str) -> str:
        core = run.strip(_ENDS)
        return run.replace(core, self._echoes[core]) if core in self._echoes else self._echoes.get(run, run)

    def _stand_in(self, piece: str, job: int | None) -> str:
        """Return a piece with every letter and digit exchanged, but for its job's id where that stands alone."""
        units = [match[0] for match in _UNIT.finditer(piece)]
        characters = [chr(int(unit[1:], 16)) if len(unit) == 3 else unit for unit in units]
        plain = "".join(characters)
        alone = [] if job is None else [match.span() for match in lone_id(unquote(piece), job).finditer(plain)]
        shown: list[str] = []
        place = 0
        for index, (unit, character) in enumerate(zip(units, characters, strict=True)):
            span = next(((start, end) for start, end in alone if start <= index < end), None)
            if span is not None:
                shown.append(unit)
                # guessing counts an id as one character, so whatever comes after it stands at the same place.
                place += index == span[1] - 1
                continue
            new = self._table(place).get(character, character)
            shown.append(unit if new == character else new if len(unit) == 1 else f"%{ord(new):02X}")
            place += 1
        return "".join(shown)

    def _table(self, place: int) -> Mapping[str, str]:
        while len(self._tables) <= place:
            self._tables.append(dict(_exchanged()))
        return self._tables[place]

    # --- answers ------------------------------------------------------------------------------------

    def _header(self, name: str, value: str) -> str:
        if name == "set-cookie":
            return STRUCK
        return self.link(value) if name in ("location", "content-location") else self.text(value)

    def _body(self, exchange: Exchange) -> bytes:
        """Return an answer's body; of JSON, nothing but the texts that hold a secret is written anew."""
        body = exchange.body
        if not body:
            return body
        encoding, text = _decoded(body)
        if not text.lstrip().startswith(("{", "[", '"')):
            shown = self.text(text)
        elif "\\" not in text and not exchange.object.get("files") and self.text(text) == text:
            shown = text
        else:
            shown = _LITERAL.sub(lambda match: self._literal(match[0]), text)
        return body if shown == text else shown.encode(encoding, "surrogateescape")

    def _literal(self, literal: str) -> str:
        try:
            value = json.loads(literal, strict=False)
        except ValueError:
            return self.text(literal)
        shown = self._links.get(value) or self.text(value)
        return literal if shown == value else json.dumps(shown)


def _secret_pieces(link: str) -> Iterator[tuple[int, int]]:
    """Yield where the pieces of a link are secret, from left to right, as start and end."""
    spans = list(secret_spans(link))
    for piece in _PIECE.finditer(link):
        common = [(max(start, piece.start()), min(end, piece.end())) for start, end in spans]
        found = [(start, end) for start, end in common if start < end]
        if found:
            yield min(start for start, _ in found), max(end for _, end in found)


def _exchanged() -> Iterator[tuple[str, str]]:
    """Draw, for each kind of character, an exchange that leaves none as it is."""
    for kind in _KINDS:
        order = _random.sample(kind, len(kind))
        yield from zip(order, order[1:] + order[:1], strict=True)


def _decoded(body: bytes) -> tuple[str, str]:
    """Return the encoding of a body, and its text; bytes that are none come back when it is encoded again."""
    encoding = json.detect_encoding(body)
    try:
        return encoding, body.decode(encoding, "surrogateescape")
    except UnicodeDecodeError:
        return "utf-8", body.decode("utf-8", "surrogateescape")


def _credentials_struck(exchange: Exchange, value: str) -> str:
    """Return an Authorization header as it may be shown: what was wrong with it on purpose is no secret."""
    return value if exchange.credentials in ("malformed", "bearer") else f"Basic {STRUCK}"


def _is_strong(key: str) -> bool:
    return len(key) >= _SHORTEST_ECHO and not key.isalpha() and not key.isdigit()


def _joined(base: str, onward: str) -> str:
    try:
        return urljoin(base, onward)
    except ValueError:
        return onward
