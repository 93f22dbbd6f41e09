"""The running server: on a port of its own, in this process, until its handle is closed or a signal comes."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from .app import API, CONTROL, make_app
from .behaviour import Behaviour
from .core import DEFAULT_ACCOUNTS, LIFETIME_SECONDS
from .faults import faults
from .jobs import Workers
from .store import Store
from .variants import variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Accounts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Server:
    """A server that runs: where its API root and its control API are, and its accounts as user and key."""

    url: str
    control_url: str
    accounts: Accounts


@contextmanager
def embedded(
    *,
    fault: str | None = None,
    variant: str | None = None,
    store: Path | None = None,
    accounts: Accounts = DEFAULT_ACCOUNTS,
    rate_limit: float | None = None,
    lifetime_seconds: float = LIFETIME_SECONDS,
) -> Iterator[Server]:
    """Run a server on a free loopback port, in a thread of this process, until the context ends.

    Raises KeyError for a fault or variant that there is not, StoreError when the store cannot be opened.
    """
    with _working(fault, variant, store, accounts, lifetime_seconds) as behaviour:
        listening = _listen(("127.0.0.1", 0))
        server = _uvicorn(behaviour, rate_limit)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="reference", daemon=True)
        thread.start()
        try:
            _await_start(server, thread)
            place = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield Server(f"{place}{API}", f"{place}{CONTROL}", accounts)
        finally:
            server.should_exit = True
            thread.join()
            listening.close()


def serve(
    *,
    host: str,
    port: int,
    announce: Callable[[str], None],
    fault: str | None = None,
    variant: str | None = None,
    store: Path | None = None,
    accounts: Accounts = DEFAULT_ACCOUNTS,
    rate_limit: float | None = None,
    lifetime_seconds: float = LIFETIME_SECONDS,
) -> None:
    """Run a server until SIGINT or SIGTERM. `announce` is told where it is, once it listens.

    Raises KeyError for a fault or variant that there is not, OSError when nothing can listen there, and StoreError,
    which is one, when the store cannot be opened.
    """
    with _working(fault, variant, store, accounts, lifetime_seconds) as behaviour:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Of a system without IPv6 the address could be something else, as types tell it.
        listening = _listen((str(address[0]), int(address[1])), family)
        shown = f"[{host}]" if ":" in host else host
        place = f"http://{shown}:{listening.getsockname()[1]}"
        announce(f"Reference implementation: {place}{API}")
        announce(f"Control API: {place}{CONTROL}")
        for user, key in accounts:
            announce(f"Account: --user {user} --key '{key}'")
        try:
            _uvicorn(behaviour, rate_limit).run(sockets=[listening])
        finally:
            listening.close()


def behaviour_of(fault: str | None, variant: str | None) -> type[Behaviour]:
    """The honest behaviour, or that of a fault, a variant or both; raises KeyError for names that there are not."""
    kinds = []
    if fault is not None:
        kinds.append(faults()[fault].behaviour)
    if variant is not None:
        kinds.append(variants()[variant].behaviour)
    return type("Mixed", tuple(kinds), {}) if len(kinds) > 1 else kinds[0] if kinds else Behaviour


@contextmanager
def _working(
    fault: str | None, variant: str | None, path: Path | None, accounts: Accounts, lifetime_seconds: float
) -> Iterator[Behaviour]:
    """A behaviour whose jobs are run, those that an earlier server left unfinished first."""
    kind = behaviour_of(fault, variant)
    store = Store(path)
    behaviour = kind(store, accounts=accounts, lifetime_seconds=lifetime_seconds)
    workers = Workers(behaviour.run_job)
    behaviour.enqueue = workers.put
    try:
        for job_id in store.unfinished_jobs():
            workers.put(job_id)
        yield behaviour
    finally:
        workers.close()
        store.close()


def _listen(address: tuple[str, int], family: int = socket.AF_INET) -> socket.socket:
    """Return a socket that listens, and whose connections send at once.

    An answer goes out as a head and a body; without TCP_NODELAY the body waits 40 ms until the client has
    acknowledged the head. asyncio sets it for sockets of its own, but not for those that it is handed.
    """
    listening = socket.create_server(address, family=family)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _uvicorn(behaviour: Behaviour, rate_limit: float | None) -> uvicorn.Server:
    app = behaviour.served(make_app(behaviour, rate_limit))
    config = uvicorn.Config(
        app, loop="asyncio", http="h11", lifespan="off", log_level="warning",
        access_log=False, timeout_graceful_shutdown=2,
    )  # fmt: skip
    return uvicorn.Server(config)


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Wait until the server answers. The socket listens already, so a request would only wait."""
    pause = threading.Event()
    while not server.started:
        if not thread.is_alive():
            raise OSError("The reference implementation did not start.")
        pause.wait(0.005)
