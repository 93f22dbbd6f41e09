"""The one HTTP client: every exchange with a target goes through here, is bounded, and is recorded.

Credentials go to the target's own origin only; never with a download link elsewhere, and never along a
redirect to another origin. A 429 is waited out and not held against anybody.
"""

from __future__ import annotations

import base64
import json
import math
import re
import ssl
import time
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from .. import __version__
from .budget import LONGEST_WAITING, Budget
from .observation import Account, Credentials, Exchange, FileObservation, Purpose
from .table import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ANSWER_BYTES = 16 * 2**20
FILE_BYTES = 256 * 2**20
CONNECT_SECONDS, SILENCE_SECONDS, EXCHANGE_SECONDS, DOWNLOAD_SECONDS = 10.0, 30.0, 60.0, 600.0
LONGEST_BACK_OFF = 120.0
MOST_REDIRECTS, SILENCES = 5, 6
# So many files have to want credentials until the others are asked for with these at once.
_SURE_OF_LOCKS = 5
_CHUNK = 2**16
_REDIRECTS = (301, 302, 303, 307, 308)
_TOLD_WAIT = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?)\b", re.IGNORECASE)


class Stop(Exception):  # noqa: N818 - an ending, not a fault
    """The run goes no further; the message tells the user why. Empty at the first violation."""


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL (rfc9110, section 4.3.1)."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return parts.scheme, (parts.hostname or "").lower(), port


class Watcher(Protocol):
    """Is told what a client did, as soon as it is done."""

    def catch_up(self) -> None:
        """Look at the client's exchanges: there is one more."""

    def file(self, file: FileObservation, data: bytes) -> None:
        """Take note of a download, with the bytes that came."""


class Stand(Protocol):
    """Stands in for a control API."""

    @property
    def root(self) -> str:
        """What its exchanges have for the URL of the control API."""

    def answer(self, request: Exchange) -> Exchange:
        """Return the exchange with its answer."""

    def close(self) -> None:
        """Put everything away."""


def address(base: str, link: str) -> str | None:
    """The address that a link leads to, seen from `base`; None for a link that is no URL at all."""
    try:
        url = urljoin(base, link)
        origin(url)
    except ValueError:
        return None
    return url


class Client:
    """Speaks HTTP for one run. `accounts` are user and key; without any, requests go without credentials."""

    def __init__(
        self,
        api_root: str,
        accounts: Mapping[Account, tuple[str, str]],
        *,
        control_root: str | None = None,
        control: Stand | None = None,
        sleep: Callable[[float], None] = time.sleep,
        watcher: Watcher | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet. `watcher` is told of every exchange and download as it comes.

        `control` answers the calls of the control API in its place, without HTTP. Past its `budget`, nothing is sent
        any more: what would be raises Spent.
        """
        self.budget = budget or Budget()
        self.api_root = api_root
        self.control_root = control_root
        self.exchanges: list[Exchange] = []
        self.links: set[str] = set()
        self.bytes_downloaded = 0
        self._accounts = dict(accounts)
        self._sleep = sleep
        self._watcher = watcher
        self._control = control
        # How many files were had with credentials alone; forever none when one was had without.
        self._locked = 0.0
        self._own = {origin(url) for url in (api_root, control_root) if url}
        self._http = httpx.Client(
            follow_redirects=False,
            timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": f"exportproof/{__version__}", "Accept-Encoding": "gzip, deflate"},
        )

    def close(self) -> None:
        """Close every connection."""
        if self._control is not None:
            self._control.close()
        self._http.close()

    @property
    def secrets(self) -> frozenset[str]:
        """What must not be shown: keys, and user and key as Basic writes them."""
        basics = {_basic(user, key).removeprefix("Basic ") for user, key in self._accounts.values()}
        return frozenset({key for _, key in self._accounts.values()} | basics)

    def call(
        self,
        purpose: Purpose,
        method: str,
        path: str,
        *,
        account: Account = "first",
        credentials: Credentials = "valid",
        payload: Any = None,  # noqa: ANN401 - any JSON value
        raw: bytes | None = None,
        content_type: str | None = None,
        control: bool = False,
    ) -> Exchange:
        """Send one request to the API (or the control API) and record it; a 429 is waited out first.

        An answer that does not come is in `error`; raises Stop when no answer comes any more.
        """
        if control and self._control is not None:
            root: str | None = self._control.root
        else:
            root = self.control_root if control else self.api_root
        headers = self._credentials(account, credentials)
        if payload is not None:
            raw = json.dumps(payload, ensure_ascii=False).encode()
        if raw is not None:
            headers["Content-Type"] = content_type or "application/json"
        request = Exchange(0, purpose, method, f"{root}{path}", _now(), _now(), account, credentials, headers, raw)
        if control and self._control is not None:
            # An adapter is the user's own, and costs the target no request.
            return self._record(self._control.answer(request))
        return self._patiently(lambda: self._send(request))

    def _patiently(self, send: Callable[[], Exchange]) -> Exchange:
        refused, waited, pause = 0, 0.0, 0.5
        while True:
            self.budget.check(requests=1)
            self.budget.requests += 1
            exchange = send()
            if exchange.status != 429:
                return exchange
            asked = _asked_wait(exchange)
            # Whoever asks for too short a wait, or none at all, is not asked again and again without any.
            wait = pause if asked is None else max(asked, pause) if refused else asked
            pause = min(pause * 2, 15.0)
            if waited + wait > LONGEST_BACK_OFF:
                return exchange
            if self.budget.waited + wait > LONGEST_WAITING:
                raise Stop(
                    f"The target has answered 429 so often that the run waited {self.budget.waited:.0f} s in all, "
                    "and it asks for more. Ask its owner for a higher rate, or look less hard with --profile quick."
                )
            self._sleep(wait)
            self.budget.waited += wait
            waited += wait
            refused += 1

    def _credentials(self, account: Account, credentials: Credentials) -> dict[str, str]:
        if credentials == "none" or account not in self._accounts:
            return {}
        user, key = self._accounts[account]
        secret, mode = (key.partition("|")[0], "".join(key.partition("|")[1:]))
        values: Mapping[Credentials, Callable[[], str]] = {
            "valid": lambda: _basic(user, key),
            "wrong-key": lambda: _basic(user, f"{key[::-1]}x"),
            # What is wrong about these is the key itself, not the mode that may stand behind a bar (facts:1.1).
            "longer-key": lambda: _basic(user, f"{secret}x{mode}"),
            "shorter-key": lambda: _basic(user, secret[:-1]),
            "other-case-key": lambda: _basic(user, f"{secret.swapcase()}{mode}"),
            "empty-key": lambda: _basic(user, ""),
            "unknown-user": lambda: _basic(f"nobody-{len(user)}", "no-such-key|1"),
            "malformed": lambda: "Basic !!!not-base64!!!",
            "bearer": lambda: "Bearer no-such-token",
        }
        return {"Authorization": values[credentials]()}

    def _send(self, request: Exchange) -> Exchange:
        """Send and record. A connection that was closed while it lay idle is nobody's fault: once more, afresh."""
        exchange = self._attempt(request)
        return self._record(self._attempt(request) if exchange.error == "disconnected" else exchange)

    def _attempt(self, request: Exchange) -> Exchange:
        started = _now()
        answer: dict[str, Any] = {}
        try:
            stream = self._http.stream(
                request.method, request.url, headers=dict(request.request_headers), content=request.request_body
            )
            with stream as response:
                body, error = _read(response, ANSWER_BYTES, EXCHANGE_SECONDS)
                answer = {"status": response.status_code, "headers": _headers(response), "body": body, "error": error}
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as problem:
            answer = {"error": _kind(problem)}
        return replace(request, started=started, ended=_now(), **answer)

    def _record(self, exchange: Exchange) -> Exchange:
        numbered = replace(exchange, number=len(self.exchanges) + 1)
        self.budget.jobs += exchange.method == "POST" and exchange.status == 201
        self.exchanges.append(numbered)
        if self._watcher is not None:
            self._watcher.catch_up()
        recent = self.exchanges[-SILENCES:]
        if len(recent) == SILENCES and all(e.status is None and e.error in ("refused", "timeout") for e in recent):
            raise Stop(f"The target stopped answering: the last {SILENCES} requests got no answer ({exchange.error}).")
        return numbered

    def download(
        self, link: str, index: int, account: Account = "first", *, ranged: bool = False, credentials: bool = False
    ) -> FileObservation:
        """Fetch a file by its link, following redirects, first without credentials.

        Only when the target's own origin then answers 401 or 403 is it asked again with credentials; where that is
        what every file wanted so far, they are sent at once. With `credentials` they always are, to that origin alone.
        `ranged` asks for the bytes from 0 on with a Range header, as a resumed download does.
        """
        self.links.add(link)
        url = address(f"{self.api_root}/", link)
        if url is None:
            unsent = Exchange(0, "download", "GET", link, _now(), _now(), None, "none", error="malformed")
            return FileObservation(index, link, self._record(unsent))
        extra = {"Range": "bytes=0-"} if ranged else {}
        knows = origin(url) in self._own and account in self._accounts
        sure = knows and self._locked >= _SURE_OF_LOCKS
        if (credentials and knows) or sure:
            extra |= self._credentials(account, "valid")
        found, data = self._download(link, url, index, extra)
        opened = found.exchange.status in (200, 206)
        if sure and not credentials:
            found = replace(found, authorized=found.exchange.status not in (None, 401, 403))
        elif found.exchange.status in (401, 403) and knows and not credentials:
            again, more = self._download(link, url, index, {**extra, **self._credentials(account, "valid")})
            # A link that wants credentials tells what became of its file to those alone who have them.
            told = found.exchange.status == 401 and again.exchange.status in range(400, 429)
            if again.exchange.status in (200, 206) or told:
                found, data = replace(again, authorized=True), more
                self._locked += not told
        elif opened and not credentials:
            self._locked = -math.inf
        if self._watcher is not None:
            self._watcher.file(found, data)
        return found

    def _download(self, link: str, url: str, index: int, headers: dict[str, str]) -> tuple[FileObservation, bytes]:
        """Follow a link to its end; return what was observed, and the bytes of the file."""
        for _ in range(MOST_REDIRECTS + 1):
            data = b""

            def fetch(url: str = url, headers: dict[str, str] = headers) -> Exchange:
                nonlocal data
                exchange, data = self._fetch(url, headers)
                if exchange.error == "disconnected":
                    exchange, data = self._fetch(url, headers)
                return self._record(exchange)

            exchange = self._patiently(fetch)
            target = exchange.headers.get("location")
            if exchange.status not in _REDIRECTS or not target:
                break
            onward = address(url, target)
            if onward is None:
                exchange = replace(exchange, error="bad-redirect")
                break
            self.links.add(onward)
            if origin(onward) != origin(url):
                headers = {name: value for name, value in headers.items() if name != "Authorization"}
            url = onward
        else:
            exchange = replace(exchange, error="bad-redirect")
        if exchange.status not in (200, 206):
            return FileObservation(index, link, exchange), b""
        self.bytes_downloaded += len(data)
        return FileObservation(index, link, exchange, len(data), sha256(data).hexdigest(), parse(data)), data

    def _fetch(self, url: str, headers: dict[str, str]) -> tuple[Exchange, bytes]:
        request = Exchange(0, "download", "GET", url, _now(), _now(), None, "none", headers)
        data = b""
        answer: dict[str, Any] = {}
        try:
            with self._http.stream("GET", url, headers=headers) as response:
                data, error = _read(response, FILE_BYTES, DOWNLOAD_SECONDS)
                answer = {"status": response.status_code, "headers": _headers(response), "error": error}
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as problem:
            answer = {"error": _kind(problem)}
        kept = b"" if answer.get("status") in (200, 206) else data[:4096]
        return replace(request, ended=_now(), body=kept, **answer), data


def _now() -> datetime:
    return datetime.now(UTC)


def _basic(user: str, key: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _read(response: httpx.Response, most: int, seconds: float) -> tuple[bytes, str | None]:
    """Read a body within its bounds; what was read until then is kept."""
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    try:
        for part in response.iter_bytes(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > most:
                return b"".join(parts)[:most], "too-large"
            if time.monotonic() > deadline:
                return b"".join(parts), "timeout"
    except (httpx.HTTPError, ssl.SSLError) as problem:
        return b"".join(parts), _kind(problem)
    return b"".join(parts), None


def _kind(problem: Exception) -> str:
    """Name what went wrong in one word (see Exchange.error)."""
    text = f"{problem} {problem.__cause__ or ''} {problem.__context__ or ''}"
    if isinstance(problem, ssl.SSLError) or "SSL" in text or "certificate" in text.lower():
        return "tls"
    if isinstance(problem, httpx.ConnectTimeout | httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        return "timeout"
    if isinstance(problem, httpx.ConnectError | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return "refused"
    return "malformed" if isinstance(problem, httpx.DecodingError | httpx.LocalProtocolError) else "disconnected"


def _asked_wait(exchange: Exchange) -> float | None:
    """How many seconds a 429 asks to wait: by Retry-After (rfc9110, section 10.2.3), or in its text."""
    after = exchange.headers.get("retry-after", "").strip()
    if after:
        try:
            return max(float(after), 0.0)
        except ValueError:
            pass
        try:
            until = datetime.strptime(after, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
            return max((until - _now()).total_seconds(), 0.0)
        except ValueError:
            return None
    match = _TOLD_WAIT.search(exchange.body.decode("utf-8", "replace"))
    if match is None:
        return None
    return float(match[1]) / (1000 if match[2].lower().startswith("m") else 1)
