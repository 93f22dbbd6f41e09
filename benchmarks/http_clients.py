"""What HTTP clients do by default where a conformance suite has to be careful. Decision 0005 rests on this.

    python benchmarks/http_clients.py [REQUESTS]

Two servers on loopback answer: one small body, one redirect from the first to the second, and one small gzip body
that unpacks to 256 MiB. Clients that are not installed are left out.
"""

from __future__ import annotations

import gzip
import sys
import threading
import time
import tracemalloc
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOMB = gzip.compress(bytes(256 * 2**20))
BOUND = 2**20
AUTH = {"Authorization": "Basic ZGVtbzprZXk=", "Accept-Encoding": "gzip"}


class Handler(BaseHTTPRequestHandler):
    """Answers by the path, and notes which credentials came."""

    server: ThreadingHTTPServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    seen: ClassVar[list[tuple[int, str | None]]] = []
    onward = ""

    def do_GET(self) -> None:
        """Answer one request."""
        self.seen.append((self.server.server_port, self.headers["Authorization"]))
        body, status, extra = b'{"ok": true}', 200, {}
        if self.path == "/redirect":
            body, status, extra = b"", 302, {"Location": self.onward}
        elif self.path == "/bomb":
            body, extra = BOMB, {"Content-Encoding": "gzip"}
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **extra}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def server() -> Iterator[ThreadingHTTPServer]:
    """Serve on a free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        found.daemon_threads = True
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def with_httpx() -> Callable[[str], int]:
    """Return a function that reads at most BOUND unpacked bytes, and returns the status."""
    import httpx  # noqa: PLC0415

    client = httpx.Client(headers=AUTH)

    def get(url: str) -> int:
        with client.stream("GET", url) as answer:
            size = 0
            for part in answer.iter_bytes(2**16):
                size += len(part)
                if size > BOUND:
                    break
            return answer.status_code

    return get


def with_requests() -> Callable[[str], int]:
    """The same with requests."""
    import requests  # noqa: PLC0415

    session = requests.Session()
    session.headers.update(AUTH)

    def get(url: str) -> int:
        with session.get(url, stream=True, timeout=10) as answer:
            size = 0
            for part in answer.iter_content(2**16):
                size += len(part)
                if size > BOUND:
                    break
            return answer.status_code

    return get


def with_urllib3() -> Callable[[str], int]:
    """The same with urllib3."""
    import urllib3  # noqa: PLC0415

    pool = urllib3.PoolManager(headers=AUTH)

    def get(url: str) -> int:
        answer = pool.request("GET", url, preload_content=False, timeout=10)
        size = 0
        for part in answer.stream(2**16):
            size += len(part)
            if size > BOUND:
                break
        else:
            answer.release_conn()
            return answer.status
        answer.close()
        return answer.status

    return get


def with_aiohttp() -> Callable[[str], int]:
    """The same with aiohttp, an event loop kept for the purpose."""
    import asyncio  # noqa: PLC0415

    import aiohttp  # noqa: PLC0415

    loop = asyncio.new_event_loop()

    async def opened() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=AUTH)

    session = loop.run_until_complete(opened())

    async def fetch(url: str) -> int:
        async with session.get(url) as answer:
            size = 0
            async for part in answer.content.iter_chunked(2**16):
                size += len(part)
                if size > BOUND:
                    break
            return int(answer.status)

    return lambda url: loop.run_until_complete(fetch(url))


CLIENTS = {"httpx": with_httpx, "requests": with_requests, "urllib3": with_urllib3, "aiohttp": with_aiohttp}


def main(words: list[str]) -> None:
    """Measure each client, and print what it did."""
    times = int(words[0]) if words else 1000
    base = None
    with server() as first, server() as second:
        root = f"http://127.0.0.1:{first.server_port}"
        Handler.onward = f"http://127.0.0.1:{second.server_port}/elsewhere"
        for name, make in CLIENTS.items():
            try:
                get = make()
            except ImportError:
                print(f"{name} is not installed")
                continue
            get(f"{root}/small")
            start = time.perf_counter()
            for _ in range(times):
                get(f"{root}/small")
            taken = (time.perf_counter() - start) / times
            base = base or taken
            Handler.seen.clear()
            status = get(f"{root}/redirect")
            told = [key for port, key in Handler.seen if port == second.server_port]
            tracemalloc.start()
            try:
                get(f"{root}/bomb")
                bomb = f"at most {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB held"
            except Exception as error:  # noqa: BLE001 - the libraries' complaints have nothing in common
                bomb = f"{type(error).__name__} after {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB"
            tracemalloc.stop()
            print(f"{name:<9} request {taken / base:.2f}, redirect answered {status}, bomb: {bomb}")
            print(f"{'':<9} key to another port:", {True: "sent", False: "kept"}[any(told)] if told else "not asked")


if __name__ == "__main__":
    main(sys.argv[1:])
