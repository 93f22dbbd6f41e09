"""Stand-ins: nothing secret is left, and rules find the same in what stands in."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from hashlib import md5
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from exportproof.conformance.guessing import Link, estimate
from exportproof.conformance.literals import THEN, exchange
from exportproof.reports.redact import MARK, Redactor
from exportproof.reports.stand_ins import STRUCK, StandIns

if TYPE_CHECKING:
    from exportproof.conformance.observation import Exchange

KEY = "5f0c7d2e-91ab-4c3d-8e77-0a1b2c3d4e5f|1"
TOKEN = "q7Zr3_xV0kLm9TtYbW2uHs4e"
SIGNATURE = "pX%2Bq9Tz%2F1vKdE0%3D"
LINK = f"https://files.example.org/exports/{TOKEN}/1.csv?sv=2024-11-04&n=3&sig={SIGNATURE}"


@pytest.fixture
def stand_ins() -> StandIns:
    return StandIns([KEY])


def answer(*links: str, body: bytes | None = None, identifier: int = 17) -> Exchange:
    """An answer that lists these links, written in that way or in Python's."""
    listed = {"exportJobId": identifier, "jobStatus": "Complete", "files": [{"downloadUrl": link} for link in links]}
    return exchange("job", listed if body is None else body)


def shown_links(answered: Exchange) -> list[str]:
    return [file["downloadUrl"] for file in answered.object["files"]]


def kinds(text: str) -> str:
    """A text with each letter and digit replaced by its kind."""
    return "".join("0" if c.isdigit() else "a" if c.islower() else "A" if c.isupper() else c for c in text)


def test_a_link_keeps_its_form_and_loses_its_secrets(stand_ins: StandIns) -> None:
    shown = stand_ins.link(LINK)
    assert TOKEN not in shown
    assert SIGNATURE not in shown
    assert shown.startswith("https://files.example.org/exports/")
    assert "/1.csv?sv=2024-11-04&n=3&sig=" in shown
    assert kinds(shown) == kinds(LINK)
    assert shown == stand_ins.link(LINK)


def test_no_character_of_a_secret_stays(stand_ins: StandIns) -> None:
    shown = stand_ins.link(f"http://h/{TOKEN}.csv").removeprefix("http://h/")
    assert all(a != b for a, b in zip(TOKEN, shown, strict=False) if a.isalnum())


def test_the_addresses_that_the_user_gave_are_no_secret() -> None:
    root = f"https://api.example.org/{TOKEN}/v4"
    stand_ins = StandIns([], [root, "https://api.example.org"])
    assert stand_ins.text(f"No answer at {root}.") == f"No answer at {root}."
    shown = stand_ins.link(f"{root}/files/{TOKEN[::-1]}")
    assert shown.startswith(f"{root}/files/")
    assert TOKEN[::-1] not in shown


def test_another_run_has_other_stand_ins(stand_ins: StandIns) -> None:
    assert stand_ins.link(LINK) != StandIns([KEY]).link(LINK)


@pytest.mark.parametrize(
    "link",
    [
        "https://files.example.org/exports/17/0.csv",
        "https://files.example.org/changedEntityExportJobs/17/files/1?expires=2026-12-10T00:00:00Z&part=2",
        f"https://files.example.org/{md5(b'17', usedforsecurity=False).hexdigest()}.csv",
        f"https://files.example.org/f?token={base64.b64encode(b'job-17-file-0').decode().rstrip('=')}",
        "https://files.example.org/f?token=000017",
    ],
)
def test_what_is_made_of_known_numbers_is_no_secret(stand_ins: StandIns, link: str) -> None:
    assert shown_links(stand_ins.exchange(answer(link))) == [link]


@pytest.mark.parametrize(
    ("link", "secret"),
    [
        ("https://ann:s3cr3t-word@files.example.org/1.csv", "s3cr3t-word"),
        ("https://files.example.org/f?token=482913", "482913"),
        (f"/files/{TOKEN}.csv", TOKEN),
        (f"https://files.example.org/f?{TOKEN}", TOKEN),
        ("https://files.example.org/f?a=%61%62%63%64%65%66%67%68%69", "%61%62%63%64%65%66"),
        (f"http://[broken/{TOKEN}", TOKEN),
        (f"https://files.example.org/f?user=a&key={KEY}", KEY),
    ],
)
def test_secrets_of_every_kind_of_link_go(stand_ins: StandIns, link: str, secret: str) -> None:
    shown = shown_links(stand_ins.exchange(answer(link)))[0]
    assert secret not in shown
    assert kinds(unquote(shown)) == kinds(unquote(link))


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(LINK),
        json.dumps(LINK).replace("/", "\\/"),
        json.dumps(LINK).replace("&", "\\u0026"),
        json.dumps(LINK.replace("%2B", "+")).replace("+", "\\u002B").replace("&", "\\u0026"),
    ],
    ids=["plain", "slashes escaped", "ampersands escaped", "pluses escaped"],
)
def test_answers_are_searched_however_they_are_written(stand_ins: StandIns, written: str) -> None:
    body = f'{{"exportJobId": 17, "note" : "a/b", "files": [ {{"downloadUrl": {written}}} ]}}'.encode()
    shown = stand_ins.exchange(answer(body=body))
    link = json.loads(written)
    assert shown_links(shown) == [stand_ins.link(link)]
    assert TOKEN not in shown.body.decode()
    assert SIGNATURE[-8:] not in shown.body.decode()
    assert shown.body.startswith(b'{"exportJobId": 17, "note" : "a/b", "files": [ ')


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_searched_as_well(stand_ins: StandIns, encoding: str) -> None:
    shown = stand_ins.exchange(answer(body=answer(LINK).body.decode().encode(encoding)))
    assert shown_links(shown) == [stand_ins.link(LINK)]


def test_the_whole_chain_of_a_download_shows_the_same_link(stand_ins: StandIns) -> None:
    stand_ins.exchange(answer(LINK))
    onward = f"https://cdn.example.org/{TOKEN[::-1]}?sig={SIGNATURE}"
    first = replace(exchange("download", None, 302, headers={"location": onward}), url=LINK)
    second = replace(exchange("download", f"<Error>{onward} {TOKEN}.</Error>".encode(), 403), url=onward)
    first, second = stand_ins.exchange(first), stand_ins.exchange(second)
    assert first.url == stand_ins.link(LINK)
    assert first.headers["location"] == second.url
    for text in (first.headers["location"], second.url, second.body.decode()):
        assert SIGNATURE not in text
        assert TOKEN not in text
        assert TOKEN[::-1] not in text
    assert second.url in second.body.decode()


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        KEY[::-1],
        base64.b64encode(f"ann:{KEY}".encode()).decode(),
        KEY.replace("|", "%7C"),
        f"Authorization: Basic {base64.b64encode(f'ann:{KEY}'.encode()).decode()}",
    ],
)
def test_keys_that_a_target_repeats_go(stand_ins: StandIns, echo: str) -> None:
    said = exchange("probe", {"errors": [{"text": f"Who is {echo}?"}]}, 401, headers={"x-echo": echo})
    shown = stand_ins.exchange(said)
    assert echo not in shown.body.decode()
    assert echo not in shown.headers["x-echo"]
    assert STRUCK in shown.object["errors"][0]["text"]


def test_what_holds_no_secret_stays_byte_for_byte(stand_ins: StandIns) -> None:
    stand_ins.exchange(answer(LINK))
    bodies = [
        b'{ "a" : "\\u00e4\\/", "b": [1.0, 1e5, -0, true], "c": "2026-11-20T08:00:00Z" }',
        b"\xff\xfe\x00 no text",
        b'{"half": "\\ud800", "id": 2026',
        b'["Contacts","ContactsActivistCodes"]',
        b"",
    ]
    for body in bodies:
        assert stand_ins.exchange(exchange(body=body)).body == body


def test_cookies_go(stand_ins: StandIns) -> None:
    assert stand_ins.exchange(exchange(headers={"set-cookie": "session=1; Path=/"})).headers == {"set-cookie": STRUCK}


def test_files_lose_keys_and_keep_their_length(stand_ins: StandIns) -> None:
    content = f"VanID,Note\r\n1,{KEY}\r\n".encode()
    shown = stand_ins.content(content)
    assert KEY.encode() not in shown
    assert len(shown) == len(content)
    assert stand_ins.content(b"VanID\r\n1\r\n") == b"VanID\r\n1\r\n"
    assert StandIns(["12345678"]).content(b"12345678") == b"12345678"


def jobs_links(shape: str, random: Any, count: int = 30) -> list[Link]:
    """One link a job, with as many random characters as the shape asks for."""
    alphabet = {"x": "0123456789abcdef", "d": "0123456789", "b": "ABCDEFGHabcdefgh0123456789_-"}
    return [
        Link(
            "".join(random.choice(alphabet[c]) if c in alphabet else str(job) if c == "#" else c for c in shape), job, 0
        )
        for job in range(1000, 1000 + count)
    ]


@pytest.mark.parametrize(
    "shape",
    [
        f"HTTPS://FILES/{'x' * 32}.csv",
        f"HTTPS://FILES/#/{'b' * 24}?SIG={'b' * 43}",
        f"HTTPS://FILES/F?TOKEN={'x' * 8}",
        f"HTTPS://FILES/F?TOKEN={'d' * 4}&JOB=#",
        f"HTTPS://FILES/F?SIG=JOB-#-{'x' * 8}",
        "HTTPS://FILES/#/0.csv",
    ],
)
def test_links_are_as_hard_to_guess_as_before(shape: str) -> None:
    from random import Random

    links = jobs_links(shape, Random(7))
    stand_ins = StandIns([])
    for link in links:
        stand_ins.exchange(answer(link.url, identifier=link.job))
    shown = [Link(stand_ins.link(link.url), link.job, link.index) for link in links]
    before, after = estimate(links), estimate(shown)
    assert after == before


def test_reports_strike_the_stand_ins_as_they_strike_links(stand_ins: StandIns) -> None:
    shown = stand_ins.link(LINK)
    there, here = Redactor([], [LINK]).strike(f"curl '{LINK}'"), Redactor([], [shown]).strike(f"curl '{shown}'")
    assert there == here
    assert MARK in here


def test_times_and_numbers_of_an_exchange_stay(stand_ins: StandIns) -> None:
    said = replace(exchange("fields", {"a": 1}, number=5), started=THEN, error="too-large")
    shown = stand_ins.exchange(said)
    assert replace(shown, url=said.url) == said
