"""Variants of the transport: compressed, in pieces, on short connections, and with too many requests at times."""

from __future__ import annotations

import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..behaviour import Behaviour
from ..model import Flaw, Refused
from . import variant


@variant()
class Compresses(Behaviour):
    """Every answer is compressed where the client takes it, files too."""

    def served(self, app: ASGIApp) -> ASGIApp:
        return GZipMiddleware(app, minimum_size=1)


class _Messages(Behaviour):
    """Changes the messages of an answer on their way."""

    def changed(self, message: Message, scope: Scope) -> list[Message]:
        raise NotImplementedError

    def served(self, app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_changed(message: Message) -> None:
                for part in self.changed(message, scope):
                    await send(part)

            await app(scope, receive, send_changed)

        return wrapped


@variant()
class ClosesEveryConnection(_Messages):
    """Every connection is closed after one answer."""

    def changed(self, message: Message, scope: Scope) -> list[Message]:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        return [message]


@variant()
class SendsInPieces(_Messages):
    """Answers tell no length and come in pieces of some thousand bytes, cut anywhere."""

    def changed(self, message: Message, scope: Scope) -> list[Message]:
        if message["type"] == "http.response.start":
            return [{**message, "headers": [pair for pair in message["headers"] if pair[0] != b"content-length"]}]
        body, more = message.get("body", b""), message.get("more_body", False)
        pieces = [body[first : first + 7919] for first in range(0, len(body), 7919)]
        return [
            *({**message, "body": piece, "more_body": True} for piece in pieces),
            {**message, "body": b"", "more_body": more},
        ]


@variant()
class JsonForReaders(_Messages):
    """JSON comes indented, with every letter beyond ASCII escaped, and says that it is UTF-8."""

    def changed(self, message: Message, scope: Scope) -> list[Message]:
        if message["type"] == "http.response.start":
            told = dict(message["headers"])
            scope["json"] = told.get(b"content-type") == b"application/json"
            if scope["json"]:
                kept = [pair for pair in message["headers"] if pair[0] not in (b"content-length", b"content-type")]
                message = {**message, "headers": [*kept, (b"content-type", b"Application/JSON; charset=UTF-8")]}
        elif scope.get("json") and message.get("body"):
            message = {**message, "body": b"\n" + json.dumps(json.loads(message["body"]), indent=4).encode() + b"\n"}
        return [message]


class _Busy(Behaviour):
    """Of each account's requests, one in so many is answered 429."""

    one_in = 60

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the reference
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()

    def authenticate(self, route: str, authorization: str | None) -> str:
        account = super().authenticate(route, authorization)
        if route != "control":
            with self._lock:
                self._asked[account] += 1
                due = self._asked[account] % self.one_in == 0
            if due:
                raise self.too_many()
        return account

    def too_many(self) -> Refused:
        return Refused(429, Flaw("429", "Too many requests."))


@variant()
class BusyAndTellsTheSeconds(_Busy):
    """One request in sixty is answered 429, with Retry-After in seconds."""

    def too_many(self) -> Refused:
        return Refused(429, Flaw("429", "Too many requests."), headers={"Retry-After": "1"})


@variant()
class BusyAndTellsTheTime(_Busy):
    """One request in sixty is answered 429, with Retry-After as a date."""

    def too_many(self) -> Refused:
        then = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
        return Refused(429, Flaw("429", "Too many requests."), headers={"Retry-After": then})


@variant()
class BusyAndTellsInWords(_Busy):
    """One request in sixty is answered 429; how long to wait stands in the text, in milliseconds."""

    def too_many(self) -> Refused:
        return Refused(429, Flaw("429", "API calls quota exceeded. Try again in 40 ms."))


@variant()
class BusyWithoutAWord(_Busy):
    """One request in sixty is answered 429, and nothing says how long to wait."""


@variant(warns=("schema/error-envelope",))
class BusyWithoutABody(_Busy):
    """One request in forty is answered 429 without a body, as a proxy would."""

    one_in = 40

    def refusal(self, refused: Refused) -> Any:  # noqa: ANN401 - an Answer, as in the reference
        answer = super().refusal(refused)
        return type(answer)(429, b"", {"Retry-After": "0"}) if refused.status == 429 else answer
