"""The HTTP client against answers that are written down here: where credentials go, and what it waits out."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import httpx
import pytest

from exportproof.conformance.client import Client, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = "http://api.test/v4"
FILE = "VanID\r\n1\r\n"


class Wire:
    """Answers requests with a function, and keeps them."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []
        self.client = Client(ROOT, {"first": ("ann", "a-key|1")}, sleep=self.slept.append)
        self._answer = answer
        self.client._http.close()
        self.client._http = httpx.Client(transport=httpx.MockTransport(self._take))

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    def credentialed(self) -> list[str]:
        return [str(request.url) for request in self.asked if "authorization" in request.headers]


def redirecting(onward: str) -> Callable[[httpx.Request], httpx.Response]:
    """Asks for credentials on the API's own host, then redirects; everything elsewhere is the file."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host != "api.test" or request.url.path != "/f":
            return httpx.Response(200, text=FILE)
        if "authorization" not in request.headers:
            return httpx.Response(401)
        return httpx.Response(302, headers={"Location": onward})

    return answer


def test_the_api_gets_credentials() -> None:
    wire = Wire(lambda _: httpx.Response(200, json=[]))
    wire.client.call("resources", "GET", "/x")
    wire.client.call("resources", "GET", "/y", credentials="none")
    assert wire.credentialed() == [f"{ROOT}/x"]


def test_a_link_elsewhere_never_gets_credentials() -> None:
    wire = Wire(lambda _: httpx.Response(403))
    assert wire.client.download("http://files.test/f", 0).exchange.status == 403
    assert (len(wire.asked), wire.credentialed()) == (1, [])


@pytest.mark.parametrize(
    "elsewhere", ["http://files.test/g", "https://api.test/g", "http://api.test:8080/g", "//b.test/g"]
)
def test_a_redirect_to_another_origin_loses_them(elsewhere: str) -> None:
    wire = Wire(redirecting(elsewhere))
    found = wire.client.download("http://api.test/f", 0)
    assert (found.exchange.status, found.authorized) == (200, True)
    assert wire.credentialed() == ["http://api.test/f"]


def test_a_redirect_on_the_own_origin_keeps_them() -> None:
    wire = Wire(redirecting("/g"))
    assert wire.client.download("http://api.test/f", 0).delivered
    assert wire.credentialed() == ["http://api.test/f", "http://api.test/g"]


@pytest.mark.parametrize("link", ["http://[x", "http://h:99999/", "http://h:port/"])
def test_a_link_that_is_no_url_is_told_and_not_fetched(link: str) -> None:
    wire = Wire(lambda _: httpx.Response(200, text=FILE))
    assert wire.client.download(link, 0).exchange.error == "malformed"
    assert wire.asked == []


@pytest.mark.parametrize("onward", ["http://[x", "http://h:99999/"])
def test_a_redirect_to_no_url_is_told(onward: str) -> None:
    wire = Wire(lambda _: httpx.Response(302, headers={"Location": onward}))
    assert wire.client.download("http://api.test/f", 0).exchange.error == "bad-redirect"


def test_a_redirect_that_never_ends_is_told() -> None:
    wire = Wire(lambda _: httpx.Response(302, headers={"Location": "/f"}))
    assert wire.client.download("http://api.test/f", 0).exchange.error == "bad-redirect"
    assert len(wire.asked) == 6


def test_where_every_file_wants_credentials_they_are_sent_at_once() -> None:
    wire = Wire(lambda request: httpx.Response(200 if "authorization" in request.headers else 403, text=FILE))
    files = [wire.client.download("http://api.test/f", n) for n in range(9)]
    assert all(file.delivered and file.authorized for file in files)
    assert len(wire.asked) == 5 * 2 + 4
    elsewhere = wire.client.download("http://files.test/f", 9)
    assert (elsewhere.exchange.status, elsewhere.authorized) == (403, False)
    assert "authorization" not in wire.asked[-1].headers


def test_dead_links_that_answer_401_do_not_make_others_locked() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/f":
            return httpx.Response(400 if "authorization" in request.headers else 200, text=FILE)
        return httpx.Response(404 if "authorization" in request.headers else 401)

    wire = Wire(answer)
    dead = [wire.client.download("http://api.test/dead", n) for n in range(20)]
    assert {file.exchange.status for file in dead} == {404}
    assert wire.client.download("http://api.test/f", 0).delivered
    for n in range(20):
        wire.client.download("http://api.test/dead", n)
    assert wire.client.download("http://api.test/f", 0).delivered


def test_a_file_that_needs_none_keeps_credentials_back() -> None:
    opened = iter([True, *([False] * 20)])
    wire = Wire(lambda r: httpx.Response(200 if "authorization" in r.headers or next(opened) else 403, text=FILE))
    files = [wire.client.download("http://api.test/f", n) for n in range(9)]
    assert [file.authorized for file in files] == [False, *([True] * 8)]
    assert len(wire.asked) == 1 + 8 * 2


def test_a_relative_link_is_seen_from_the_api_root() -> None:
    wire = Wire(lambda _: httpx.Response(200, text=FILE))
    assert wire.client.download("/files/1", 0).delivered
    assert str(wire.asked[0].url) == "http://api.test/files/1"


def test_a_compressed_file_counts_as_it_is_unpacked() -> None:
    packed = gzip.compress(FILE.encode())
    wire = Wire(lambda _: httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}))
    assert wire.client.download("/f", 0).size == len(FILE)


WAITS = [
    ({"Retry-After": "3"}, "", 3.0),
    ({"Retry-After": "0.25"}, "", 0.25),
    ({}, "Too many requests. Try again in 400 ms.", 0.4),
    ({}, "wait 2 seconds", 2.0),
    ({}, "", 0.5),
]


@pytest.mark.parametrize(("headers", "text", "seconds"), WAITS)
def test_a_429_is_waited_out_as_it_says(headers: dict[str, str], text: str, seconds: float) -> None:
    answers = iter([httpx.Response(429, headers=headers, text=text), httpx.Response(200, json=[])])
    wire = Wire(lambda _: next(answers))
    assert wire.client.call("resources", "GET", "/x").status == 200
    assert wire.slept == [seconds]


@pytest.mark.parametrize("after", ["0", "Fri, 20 Nov 2020 08:00:00 GMT"])
def test_a_429_that_asks_for_no_wait_is_waited_out_all_the_same(after: str) -> None:
    wire = Wire(lambda _: httpx.Response(429, headers={"Retry-After": after}))
    assert wire.client.call("resources", "GET", "/x").status == 429
    assert wire.slept[0] == 0.0
    assert 60 < sum(wire.slept) <= 120


def test_a_download_that_breaks_off_is_tried_once_more() -> None:
    answers: Iterator[Exception | httpx.Response] = iter(
        [httpx.RemoteProtocolError("closed"), httpx.Response(200, text=FILE)]
    )

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    assert Wire(answer).client.download("http://files.test/f", 0).delivered


def test_a_429_that_stays_is_given_up_in_the_end() -> None:
    wire = Wire(lambda _: httpx.Response(429))
    assert wire.client.call("resources", "GET", "/x").status == 429
    assert 60 < sum(wire.slept) <= 120


def test_a_target_that_stopped_answering_ends_the_run() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    wire = Wire(refuse)
    for _ in range(5):
        assert wire.client.call("resources", "GET", "/x").error == "refused"
    with pytest.raises(Stop, match="stopped answering"):
        wire.client.call("resources", "GET", "/x")


def test_an_idle_connection_that_was_closed_is_nobodys_fault() -> None:
    answers: Iterator[Exception | httpx.Response] = iter(
        [httpx.RemoteProtocolError("closed"), httpx.Response(200, json=[])]
    )

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    assert Wire(answer).client.call("resources", "GET", "/x").status == 200
