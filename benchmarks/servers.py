"""What stacks for HTTP servers cost, and what they answer by themselves. Decision 0004 rests on this.

    python benchmarks/servers.py [REQUESTS]

Each answers a small JSON object at /jobs/{id} from a function that blocks, in a thread of this process as the
embedded reference does; the client is httpx. Times are of the processor, the client's included, so that other work on
the machine counts for little. Stacks that are not installed are left out.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER = {"exportJobId": 2170181229, "jobStatus": "Pending", "files": [], "code": None}


def work(job_id: str) -> dict[str, Any]:
    """What blocks in the real server: a question to the database."""
    return {**ANSWER, "message": job_id}


def by_uvicorn(app: Any, listening: socket.socket) -> None:  # noqa: ANN401 - any ASGI application
    """Serve an ASGI application."""
    import uvicorn  # noqa: PLC0415 - it may be missing

    config = uvicorn.Config(app, loop="asyncio", http="h11", lifespan="off", log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def starlette(listening: socket.socket) -> None:
    """Serve with Starlette."""
    from starlette.applications import Starlette  # noqa: PLC0415 - as all of these may be
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415
    from starlette.requests import Request  # noqa: PLC0415, TC002
    from starlette.responses import JSONResponse  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    async def job(request: Request) -> JSONResponse:
        return JSONResponse(await run_in_threadpool(work, request.path_params["job_id"]))

    by_uvicorn(Starlette(routes=[Route("/jobs/{job_id}", job)]), listening)


def fastapi(listening: socket.socket) -> None:
    """Serve with FastAPI."""
    import fastapi  # noqa: PLC0415

    app = fastapi.FastAPI()
    app.get("/jobs/{job_id}")(work)
    by_uvicorn(app, listening)


def litestar(listening: socket.socket) -> None:
    """Serve with Litestar."""
    import litestar  # noqa: PLC0415

    def job(job_id: str) -> dict[str, Any]:
        return work(job_id)

    by_uvicorn(litestar.Litestar([litestar.get("/jobs/{job_id:str}", sync_to_thread=True)(job)]), listening)


def aiohttp(listening: socket.socket) -> None:
    """Serve with aiohttp."""
    from aiohttp import web  # noqa: PLC0415

    async def job(request: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(work, request.match_info["job_id"]))

    app = web.Application()
    app.add_routes([web.get("/jobs/{job_id}", job)])
    web.run_app(app, sock=listening, print=None, handle_signals=False, loop=asyncio.new_event_loop())


def flask(listening: socket.socket) -> None:
    """Serve with Flask and waitress."""
    import flask  # noqa: PLC0415
    import waitress  # noqa: PLC0415

    app = flask.Flask(__name__)
    app.get("/jobs/<job_id>")(work)
    waitress.serve(app, sockets=[listening], _quiet=True)


STACKS: dict[str, tuple[Callable[[socket.socket], None], str, tuple[str, ...]]] = {
    "starlette": (starlette, "starlette.applications, starlette.routing, uvicorn", ("starlette", "uvicorn")),
    "fastapi": (fastapi, "fastapi, uvicorn", ("fastapi", "uvicorn")),
    "litestar": (litestar, "litestar, uvicorn", ("litestar", "uvicorn")),
    "aiohttp": (aiohttp, "aiohttp.web", ("aiohttp",)),
    "flask": (flask, "flask, waitress", ("flask", "waitress")),
}


def distributions(names: tuple[str, ...]) -> set[str]:
    """Return every distribution that these need where this runs, themselves included."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        with suppress(PackageNotFoundError):
            needed = requires(name) or []
            found.add(name)
            plain = [line for line in needed if ";" not in line]
            waiting += ["".join(c if c.isalnum() or c in "-_." else " " for c in line).split()[0] for line in plain]
    return found


def import_time(modules: str) -> float:
    """Return how long a program that imports modules keeps the processor, the best of five."""
    taken = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)
        taken.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return min(taken)


def raw(port: int, request: bytes) -> str:
    """Send bytes, and return the status line and the media type that come back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        head = connection.recv(65_536).decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
    told = [line.split(":", 1)[1].strip() for line in head if line.lower().startswith("content-type:")]
    return f"{head[0].split(' ')[1]} {told[0] if told else '-'}"


def main(words: list[str]) -> None:
    """Measure each stack, and print what it did."""
    times = int(words[0]) if words else 1000
    # Litestar turns the logs of the whole process on, the client's too.
    logging.disable()
    bare, base = import_time("socket"), None
    for name, (serve, modules, names) in STACKS.items():
        listening = socket.create_server(("127.0.0.1", 0))
        # An answer of a head and a body would wait 40 ms in between, whoever serves it.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = listening.getsockname()[1]
        try:
            __import__(names[0])
        except ImportError:
            print(f"{name} is not installed")
            continue
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            assert client.get("/jobs/7").json()["message"] == "7"  # noqa: S101 - it works
            best = float("inf")
            for _ in range(5):
                start = time.process_time()
                for _ in range(times // 5):
                    client.get("/jobs/7")
                best = min(best, time.process_time() - start)
        base = base or best
        print(
            f"{name:<10} request {best / base:.2f}, import {import_time(modules) / bare:.1f} of Python's own start, "
            f"{len(distributions(names))} distributions"
        )
        print(f"{'':<10} unknown path: {raw(port, b'GET /nothing HTTP/1.1' + END)}")
        print(f"{'':<10} wrong method: {raw(port, b'PUT /jobs/7 HTTP/1.1' + END)}")
        print(f"{'':<10} not HTTP: {raw(port, b'GET /jobs/7 nonsense' + END)}")


END = b"\r\nHost: x\r\nConnection: close\r\n\r\n"

if __name__ == "__main__":
    main(sys.argv[1:])
