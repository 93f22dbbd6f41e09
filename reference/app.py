"""HTTP around the behaviour: routes, credentials, rate limits, and errors in the documented envelope."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .model import Flaw, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from .answers import Answer
    from .behaviour import Behaviour

_LOG = logging.getLogger(__name__)
API, CONTROL, JOBS = "/v4", "/_control", "/v4/changedEntityExportJobs"
MOST_BYTES, MOST_CONTROL_BYTES = 4 * 2**20, 64 * 2**20
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


class RateLimit:
    """So many requests a second for each account, with a second's worth of them at once."""

    def __init__(self, per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        """Count by a clock in seconds."""
        self._rate, self._now = per_second, now
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait_of(self, account: str) -> float:
        """Take a request of an account into account; returns the seconds to wait, or 0 when it may go on."""
        with self._lock:
            now, most = self._now(), max(self._rate, 1.0)
            left, since = self._left.get(account, (most, now))
            left = min(left + (now - since) * self._rate, most)
            if left < 1:
                self._left[account] = left, now
                return (1 - left) / self._rate
            self._left[account] = left - 1, now
            return 0.0


def make_app(behaviour: Behaviour, rate_limit: float | None = None) -> Starlette:
    """Return the ASGI application of a behaviour. `rate_limit` is in requests a second for each account."""
    limit = RateLimit(rate_limit) if rate_limit is not None else None

    def route(name: str, answer: Callable[[str, Request, bytes], Answer]) -> Callable[[Request], Awaitable[Response]]:
        """Check the credentials and the rate before anything else, then answer in a thread."""

        async def endpoint(request: Request) -> Response:
            most = MOST_CONTROL_BYTES if name == "control" else MOST_BYTES
            try:
                raw = await _body(request, most)
            except ClientDisconnect:
                # Nobody is left to be answered, and nothing was asked for in full.
                return Response(status_code=400)

            def work() -> Answer:
                account = behaviour.authenticate(name, request.headers.get("authorization"))
                wait = limit.wait_of(account) if limit is not None and name != "control" else 0.0
                if wait:
                    raise _too_many(wait)
                if raw is None:
                    raise Refused(413, Flaw("BAD_REQUEST", f"The body is larger than {most} bytes."))
                return answer(account, request, raw)

            return _response(await run_in_threadpool(_answered, behaviour, work))

        return endpoint

    async def file(request: Request) -> Response:
        token, headers = request.path_params["token"], request.headers

        def work() -> Answer:
            return behaviour.get_file(token, headers.get("range"), headers.get("authorization"))

        return _response(await run_in_threadpool(_answered, behaviour, work))

    def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict((error.headers if isinstance(error, HTTPException) else None) or {})
        flaw = Flaw(
            _CODES.get(status, "BAD_REQUEST"), f"{request.method} {request.url.path}: nothing is answered here."
        )
        return _response(behaviour.refusal(Refused(status, flaw, headers=headers)))

    create = route("create", lambda a, r, raw: behaviour.post_job(a, raw, _media_type(r), _root(r)))
    job = route("job", lambda a, r, _: behaviour.get_job(a, r.path_params["id"], _root(r)))
    resources = route("resources", lambda a, *_: behaviour.get_resources(a))
    fields = route("fields", lambda a, r, _: behaviour.get_fields(a, r.path_params["name"]))
    change_types = route("change-types", lambda a, r, _: behaviour.get_change_types(a, r.path_params["name"]))
    control = route("control", lambda a, r, raw: behaviour.call_control(a, r.method, r.url.path[len(CONTROL) :], raw))
    app = Starlette(
        routes=[
            Route(JOBS, create, methods=["POST"]),
            Route(f"{JOBS}/resources", resources),
            Route(f"{JOBS}/fields/{{name}}", fields),
            Route(f"{JOBS}/changeTypes/{{name}}", change_types),
            Route(f"{JOBS}/{{id}}", job),
            Route("/files/{token}.csv", file),
            Route(CONTROL, control, methods=["GET"]),
            Route(f"{CONTROL}/{{path:path}}", control, methods=["GET", "POST", "PUT", "DELETE"]),
        ],
        exception_handlers={HTTPException: refused},
    )
    # A slash too many is another path. A redirect would be answered before anybody looked at the credentials.
    app.router.redirect_slashes = False
    return app


def _answered(behaviour: Behaviour, work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except Refused as refused:
        return behaviour.refusal(refused)
    except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer
        _LOG.exception("a request failed")
        flaw = Flaw("INTERNAL_SERVER_ERROR", "The server failed. Its log tells why.")
        return behaviour.refusal(Refused(500, flaw))


def _too_many(wait: float) -> Refused:
    text = f"Too many requests. Try again in {math.ceil(wait * 1000)} ms."
    return Refused(429, Flaw("429", text), headers={"Retry-After": str(math.ceil(wait))})


async def _body(request: Request, most: int) -> bytes | None:
    """Read a body; None when it is larger than that. It is read to its end, so that the answer gets through."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= most:
            parts.append(part)
    return b"".join(parts) if size <= most else None


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "")


def _root(request: Request) -> str:
    """The API root as the client wrote it, so that links lead where the client came from."""
    return f"{request.url.scheme}://{request.url.netloc}{API}"


def _response(answer: Answer) -> Response:
    body: Any = answer.body
    if body is None or isinstance(body, bytes):
        return Response(body, answer.status, dict(answer.headers))
    return _Json(body, answer.status, dict(answer.headers))


class _Json(JSONResponse):
    """An answer that may tell back half a surrogate pair, which JSON can hold and UTF-8 cannot."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - any JSON value
        try:
            return super().render(content)
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode("ascii")
