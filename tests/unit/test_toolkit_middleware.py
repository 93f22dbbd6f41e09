"""Middleware: right answers pass as they are, wrong ones are told, and replaced only when asked to be."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from exportproof.toolkit.middleware import MOST_BYTES, ASGIValidation, WSGIValidation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request

    from exportproof.toolkit import Remark

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ROUTE = "/v4/changedEntityExportJobs"
GOOD = {"dateChangedFrom": "2026-11-01T00:00:00Z", "resourceType": "Contacts"}
# What the application answers, by the path after the collection; a creation tells its request's limit back.
ANSWERS: dict[str, tuple[int, Any]] = {
    "/1": (200, {"exportJobId": 1, "jobStatus": "Pending"}),
    "/2": (200, {"exportJobId": "2", "jobStatus": "Done"}),
    "/3": (404, {"error": "no such job"}),
    "/4": (500, {}),
    "/resources": (200, ["Contacts"]),
}


def created(body: dict[str, Any]) -> tuple[int, Any]:
    """What a server answers that checks nothing but that there is a type."""
    return (
        (201, {"exportJobId": 7, **body}) if "resourceType" in body else (400, {"errors": [{"code": "X", "text": "x"}]})
    )


async def collection(request: Request) -> JSONResponse:
    status, answer = created(await request.json())
    return JSONResponse(answer, status)


async def below(request: Request) -> JSONResponse:
    status, answer = ANSWERS[f"/{request.path_params['rest']}"]
    return JSONResponse(answer, status)


async def file(_: Request) -> StreamingResponse:
    async def parts() -> Any:
        for _ in range(3):
            yield b"x" * 1000

    return StreamingResponse(parts(), media_type="text/csv")


def asgi(**options: Any) -> Callable[..., tuple[int, Any]]:
    """An ASGI application behind the middleware, as a function from a request to status and body."""
    routes = [
        Route(ROUTE, collection, methods=["POST"]),
        Route(f"{ROUTE}/{{rest:path}}", below),
        Route("/files/1.csv", file),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(ASGIValidation, **options)])

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = request_of(app, method, path, None if body is None else json.dumps(body).encode())
        return answer.status_code, answer.content if path.startswith("/files") else answer.json()

    return call


def request_of(app: Any, method: str, path: str, body: bytes | None = None) -> httpx.Response:
    """Send one request to an ASGI application."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, content=body)

    return asyncio.run(send())


def wsgi(**options: Any) -> Callable[..., tuple[int, Any]]:
    """A WSGI application behind the middleware."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/files"):
            start_response("200 OK", [("Content-Type", "text/csv")])
            return iter([b"x" * 1000] * 3)
        if environ["REQUEST_METHOD"] == "POST":
            status, answer = created(json.loads(environ["wsgi.input"].read()))
        else:
            status, answer = ANSWERS[path.removeprefix(ROUTE)]
        write = start_response(f"{status} Words", [("Content-Type", "application/json")])
        raw = json.dumps(answer).encode()
        write(raw[:5])
        return [raw[5:]]

    wrapped = WSGIValidation(app, **options)

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": str(len(raw)), "wsgi.input": io.BytesIO(raw),
        }  # fmt: skip
        told: list[str] = []
        content = b"".join(wrapped(environ, lambda status, *_: told.append(status)))
        return int(told[0].split()[0]), content if path.startswith("/files") else json.loads(content)

    return call


@pytest.fixture(params=[asgi, wsgi])
def make(request: pytest.FixtureRequest) -> Callable[..., Callable[..., tuple[int, Any]]]:
    """Makes an application of either kind, whose present is fixed."""

    def make(**options: Any) -> Callable[..., tuple[int, Any]]:
        made: Callable[..., tuple[int, Any]] = request.param(now=lambda: NOW, **options)
        return made

    return make


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "codes"),
    [
        ("POST", ROUTE, GOOD, 201, []),
        ("POST", ROUTE, {**GOOD, "fileSizeKbLimit": 5}, 201, ["accepted-invalid"]),
        ("POST", ROUTE, {**GOOD, "dateChangedFrom": "2026-01-01T00:00:00Z"}, 201, ["accepted-invalid"]),
        ("POST", ROUTE, {"dateChangedFrom": "2026-11-01T00:00:00Z"}, 400, ["missing-property"]),
        ("GET", f"{ROUTE}/1", None, 200, []),
        ("GET", f"{ROUTE}/2", None, 200, ["wrong-body", "wrong-body"]),
        ("GET", f"{ROUTE}/3", None, 404, ["wrong-error-envelope"]),
        ("GET", f"{ROUTE}/4", None, 500, ["server-error"]),
        ("GET", f"{ROUTE}/resources", None, 200, []),
        ("GET", "/files/1.csv", None, 200, []),
    ],
)
def test_what_is_wrong_is_told_and_the_answer_stays(
    method: str, path: str, body: Any, status: int, codes: list[str], make: Callable[..., Any]
) -> None:
    remarks: list[Remark] = []
    call, untouched = make(on_remark=remarks.append), make(on_remark=lambda _: None)
    answered = call(method, path, body)
    assert answered[0] == status
    assert answered == untouched(method, path, body)
    assert [remark.code for remark in remarks] == codes
    assert all(remark.file == f"{method} {path}" for remark in remarks)


def test_a_wrong_answer_is_replaced_when_strict(make: Callable[..., Any]) -> None:
    call = make(strict=True)
    assert call("GET", f"{ROUTE}/1")[0] == 200
    assert call("GET", f"{ROUTE}/3")[0] == 404
    status, body = call("GET", f"{ROUTE}/2")
    assert status == 500
    assert [error["code"] for error in body["errors"]] == ["INTERNAL_SERVER_ERROR"] * 2
    assert "/exportJobId" in body["errors"][0]["text"]
    assert call("POST", ROUTE, {"dateChangedFrom": "2026-11-01T00:00:00Z"})[0] == 400


def test_what_is_wrong_is_logged(make: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "exportproof"):
        make()("GET", f"{ROUTE}/2")
        make()("GET", f"{ROUTE}/3")
        make()("POST", ROUTE, {"dateChangedFrom": "2026-11-01T00:00:00Z"})
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR", "WARNING", "INFO"]


def test_a_failure_to_judge_is_no_failure_of_the_server(
    make: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Remark) -> None:
        return None

    def no_clock() -> datetime:
        raise RuntimeError("the clock is gone")

    call = make(on_remark=broken, strict=True)
    assert call("GET", f"{ROUTE}/1")[0] == 200
    app = ASGIValidation(Starlette(routes=[Route(f"{ROUTE}/{{rest}}", below)]), now=no_clock, strict=True)
    assert request_of(app, "GET", f"{ROUTE}/2").status_code == 200
    assert "could not judge" in caplog.text


def test_long_and_compressed_answers_pass() -> None:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, _: Any, send: Any) -> None:
        headers = [(b"content-encoding", b"gzip")] if scope["path"].endswith("1") else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * (MOST_BYTES + 1), "more_body": True})
        await send({"type": "http.response.body", "body": b"y"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    remarks: list[Remark] = []
    for path in (f"{ROUTE}/1", f"{ROUTE}/2"):
        scope = {"type": "http", "method": "GET", "path": path}
        asyncio.run(ASGIValidation(app, strict=True, on_remark=remarks.append)(scope, receive, send))
    assert remarks == []
    assert [len(message.get("body", b"")) for message in sent] == [0, MOST_BYTES + 1, 1] * 2
