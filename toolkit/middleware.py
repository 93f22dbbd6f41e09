"""Middleware for implementers: every request and answer of the API is judged while the server is being developed.

Two lines, whatever the framework:

    from exportproof.toolkit.middleware import ASGIValidation   # or WSGIValidation
    app = ASGIValidation(app)

What is wrong is logged by the logger `exportproof`. With `strict=True` an answer that breaks the document is replaced
by a 500 that says so. Anything but the five routes, such as downloads, passes through untouched, and so does what is
longer than a JSON answer would be. Not for production: each answer is held back until it was judged.
"""

from __future__ import annotations

import io
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..conformance.observation import Exchange
from ..conformance.schema_judge import CREATE, operation_of
from .answers import creation_remarks
from .har import COLLECTION
from .request_body import judge_text
from .validate import response_remarks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
    from types import TracebackType

    from .remark import Remark

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
    ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

LOG = logging.getLogger("exportproof")
MOST_BYTES = 4 * 1024 * 1024
"""A body that is longer passes unjudged."""


@dataclass
class _Seen:
    """A request to one of the five routes, and its answer as far as it was seen. A body of None was not seen whole."""

    method: str
    path: str
    operation: str
    request_type: str = ""
    request_body: bytes | None = None
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


class _Validation:
    """What both kinds of middleware share."""

    def __init__(
        self, *, strict: bool = False, on_remark: Callable[[Remark], None] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:  # fmt: skip
        """Take what is done about remarks. `on_remark` is called with each; `now` tells the server's present.

        Without `on_remark` they are logged: errors as errors, warnings as warnings, and what is wrong with a request
        that was refused as information.
        """
        self._strict = strict
        self._on_remark = on_remark
        self._now = now or (lambda: datetime.now(UTC))

    def _seen(self, method: str, path: str) -> _Seen | None:
        """The request, if it is one of the five routes'."""
        head, collection, _ = path.partition(COLLECTION)
        operation = operation_of(method, path, head)[0] if collection else None
        return None if operation is None else _Seen(method, path, operation)

    def _judge(self, seen: _Seen, body: bytes) -> list[Remark]:
        """Judge request and answer, tell what there is to tell, and return the errors of the answer."""
        try:
            refused, wrong = self._remarks(seen, body)
        except Exception:
            LOG.exception("exportproof could not judge %s %s", seen.method, seen.path)
            return []
        for remark in (*refused, *wrong):
            if self._on_remark is not None:
                self._on_remark(remark)
            else:
                level = logging.ERROR if remark.level == "error" else logging.WARNING
                LOG.log(logging.INFO if remark in refused else level, "%s", remark)
        return [remark for remark in wrong if remark.level == "error"]

    def _remarks(self, seen: _Seen, body: bytes) -> tuple[list[Remark], list[Remark]]:
        name = f"{seen.method} {seen.path}"
        now = self._now()
        exchange = Exchange(
            number=1, purpose="create" if seen.operation == CREATE else "job", method=seen.method, url=seen.path,
            started=now, ended=now, request_body=seen.request_body, status=seen.status, headers=seen.headers, body=body,
        )  # fmt: skip
        head = seen.path.partition(COLLECTION)[0]
        wrong = list(response_remarks(exchange, head, seen.operation, name))
        refused: list[Remark] = []
        if seen.operation == CREATE and seen.request_body is not None:
            wrong += creation_remarks(exchange, now, name)
            if 400 <= seen.status < 500:
                refused = judge_text(seen.request_body.decode("utf-8", "replace"), now, name)
        return refused, wrong


def _complaint(errors: Iterable[Remark]) -> bytes:
    """The body of the 500 that stands in for an answer that breaks the document."""
    found = [{"code": "INTERNAL_SERVER_ERROR", "text": str(error)} for error in errors]
    return json.dumps({"errors": found}).encode()


def _judged(headers: Mapping[str, str]) -> bool:
    """Tell whether an answer's bytes are its JSON: what is compressed is left alone."""
    return headers.get("content-encoding", "identity").strip().lower() == "identity"


class ASGIValidation(_Validation):
    """Wraps an ASGI application (version 3), such as one of Starlette, FastAPI, Quart or Django."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:  # noqa: ANN401 - those of _Validation
        """Take the application; the options are `strict`, `on_remark` and `now`."""
        super().__init__(**options)
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and judge it with its answer if it is one of the five routes'."""
        seen = self._seen(scope["method"], _asgi_path(scope)) if scope["type"] == "http" else None
        if seen is None:
            await self.app(scope, receive, send)
            return
        await self.app(scope, _Listening(seen, receive), _Holding(seen, send, self._judge, strict=self._strict))


def _asgi_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return raw.decode("latin-1").partition("?")[0] if raw else str(scope["path"])


class _Listening:
    """An ASGI `receive` that keeps the request's body as the application reads it."""

    def __init__(self, seen: _Seen, receive: Receive) -> None:
        self._seen, self._receive = seen, receive
        self._body = b""

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and len(self._body) <= MOST_BYTES:
            self._body += message.get("body", b"")
            if not message.get("more_body") and len(self._body) <= MOST_BYTES:
                self._seen.request_body = self._body
        return message


class _Holding:
    """An ASGI `send` that holds the answer back until it is whole and judged."""

    def __init__(self, seen: _Seen, send: Send, judge: Callable[[_Seen, bytes], list[Remark]], *, strict: bool) -> None:
        self._seen, self._send, self._judge, self._strict = seen, send, judge, strict
        self._held: list[Message] = []
        self._body = b""
        self._passing = False

    async def __call__(self, message: Message) -> None:
        if self._passing or message["type"] not in ("http.response.start", "http.response.body"):
            await self._release()
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.start":
            self._seen.status = message["status"]
            pairs = message.get("headers", ())
            self._seen.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
            if not _judged(self._seen.headers):
                await self._release()
            return
        self._body += message.get("body", b"")
        if len(self._body) > MOST_BYTES:
            await self._release()
        elif not message.get("more_body"):
            errors = self._judge(self._seen, self._body)
            if errors and self._strict:
                body = _complaint(errors)
                headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
                self._held = [
                    {"type": "http.response.start", "status": 500, "headers": headers},
                    {"type": "http.response.body", "body": body},
                ]
            await self._release()

    async def _release(self) -> None:
        """Send what was held back, and let the rest pass."""
        self._passing = True
        held, self._held = self._held, []
        for message in held:
            await self._send(message)


class WSGIValidation(_Validation):
    """Wraps a WSGI application (PEP 3333), such as one of Flask, Bottle, Falcon, Pyramid or Django."""

    def __init__(self, app: Callable[..., Iterable[bytes]], **options: Any) -> None:  # noqa: ANN401
        """Take the application; the options are `strict`, `on_remark` and `now`."""
        super().__init__(**options)
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass a request on, and judge it with its answer if it is one of the five routes'."""
        seen = self._seen(environ["REQUEST_METHOD"], environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
        if seen is None:
            return self.app(environ, start_response)
        _listen(seen, environ)
        return self._answer(seen, environ, start_response)

    def _answer(self, seen: _Seen, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started: list[tuple[str, list[tuple[str, str]], ExcInfo | None]] = []
        written: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None) -> Any:  # noqa: ANN401
            started[:] = [(status, headers, exc_info)]
            return written.append

        result = self.app(environ, start)
        try:
            written.extend(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        status, headers, exc_info = started[0]
        body = b"".join(written)
        seen.status = int(status.split()[0])
        seen.headers = {name.lower(): value for name, value in headers}
        errors = self._judge(seen, body) if len(body) <= MOST_BYTES and _judged(seen.headers) else []
        if errors and self._strict:
            body = _complaint(errors)
            status = "500 Internal Server Error"
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(status, headers, *([exc_info] if exc_info else []))
        return [body]


def _listen(seen: _Seen, environ: dict[str, Any]) -> None:
    """Read the request's body, and put it back for the application. One of unknown length is left unread."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return
    if environ.get("HTTP_TRANSFER_ENCODING") or not 0 <= length <= MOST_BYTES:
        return
    seen.request_body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(seen.request_body)
