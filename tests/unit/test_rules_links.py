"""The links family without its clock: links work, work again, need no credentials, and cannot be guessed."""

from __future__ import annotations

import base64
import hashlib
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.guessing import Link, estimate, random_bits
from exportproof.conformance.literals import HEADER, file, findings, job, outcomes, run

if TYPE_CHECKING:
    from collections.abc import Callable

ONE = f"{HEADER}1,Ann\r\n"


@pytest.mark.parametrize(
    ("download", "outcome"),
    [
        (file(ONE), {"pass"}),
        (file(ONE, authorized=True), {"pass"}),
        (file(None, status=404), {"fail"}),
        (file(None, status=401), {"fail"}),
        (file(None, status=500), {"fail"}),
        (file(None, status=204), {"fail"}),
        (file(None, status=302, error="bad-redirect"), {"fail"}),
        (file(ONE, error="malformed"), {"fail"}),
        (file(ONE, link="/files/1.csv"), {"fail"}),
        (file(ONE, link="http://[broken"), {"fail"}),
        (file(ONE, error="disconnected"), {"doubt"}),
        (file(ONE, error="timeout"), {"doubt"}),
        (file(ONE, error="too-large"), {"doubt"}),
        (file(None, status=None, error="refused"), {"doubt"}),
        (file(None, status=None, error="tls"), {"doubt"}),
        (file(None, status=429), {"doubt"}),
    ],
)
def test_a_link_delivers_its_file(download: Any, outcome: set[str]) -> None:
    assert outcomes("links/work", run(job(download))) == outcome


def test_downloads_that_break_off_time_and_again_are_the_targets() -> None:
    broken = [job(file(ONE, link=f"http://h/{n}", error="disconnected"), name=f"job {n}") for n in range(2)]
    assert outcomes("links/work", run(*broken)) == {"fail"}


def test_a_link_that_a_later_answer_lists_works_too() -> None:
    seen = job(file(ONE, link="http://h/a"), again=(file(None, link="http://h/b", status=404),))
    assert outcomes("links/work", run(seen)) == {"pass", "fail"}
    assert outcomes("links/again", run(seen)) == set()


def test_a_job_that_is_not_complete_promises_no_link() -> None:
    assert outcomes("links/work", run(job(file(None, status=404), says={"jobStatus": "Error"}))) == set()


def test_a_failure_tells_which_file_and_what_came() -> None:
    (found,) = [
        f for f in findings("links/work", run(job(ONE, file(None, status=404, number=12)))) if f.outcome == "fail"
    ]
    assert "file 2 of 2" in found.message
    assert (found.received, found.exchanges) == ("status 404", (1, 2, 12))


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (file(ONE, link="http://h/a"), {"pass"}),
        (file(f"{ONE}2,Bea\r\n", link="http://h/a"), {"fail"}),
        (file(None, link="http://h/a", status=410), {"fail"}),
        (file(None, link="http://h/a", status=None, error="timeout"), {"doubt"}),
        (file(ONE, link="http://h/a", error="disconnected"), {"doubt"}),
        (file(f"{ONE}2,Bea\r\n", link="http://h/b"), set()),
    ],
)
def test_a_link_works_again(second: Any, outcome: set[str]) -> None:
    assert outcomes("links/again", run(job(file(ONE, link="http://h/a"), again=(second,)))) == outcome


def test_files_are_compared_by_link_and_not_by_their_place() -> None:
    first, other = file(ONE, link="http://h/a"), file(f"{HEADER}2,Bea\r\n", link="http://h/b")
    assert outcomes("links/again", run(job(first, other, again=(other, first)))) == {"pass"}


def test_a_first_download_that_failed_says_nothing_of_the_second() -> None:
    seen = job(file(None, link="http://h/a", status=404), again=(file(ONE, link="http://h/a"),))
    assert outcomes("links/again", run(seen)) == set()


def test_links_need_no_credentials() -> None:
    assert outcomes("links/without-credentials", run(job(ONE))) == {"pass"}
    assert outcomes("links/without-credentials", run(job(file(ONE, authorized=True)))) == {"fail"}
    assert outcomes("links/without-credentials", run(job(file(None, status=403)))) == set()


def noise(seed: int, size: int) -> bytes:
    return Random(seed).randbytes(size)


LINKS: dict[str, tuple[Callable[[int], str], str]] = {
    "128 bits in hexadecimal": (lambda n: f"http://h/{noise(n, 16).hex()}/{n}/1.csv", "no"),
    "64 bits in hexadecimal": (lambda n: f"http://h/f/{noise(n, 8).hex()}", "no"),
    "96 bits in Base64": (lambda n: f"http://h/f?t={base64.urlsafe_b64encode(noise(n, 12)).decode()}", "no"),
    "a signature": (lambda n: f"http://h/{n}/0.csv?se=2026-12-10T08%3A00%3A00Z&sig={noise(n, 32).hex()}", "no"),
    "a salted digest": (lambda n: f"http://h/{hashlib.sha256(f'salt{n}'.encode()).hexdigest()}", "no"),
    "the job's id": (lambda n: f"http://h/v4/files/{n}/0.csv", "yes"),
    "the job's id, padded": (lambda n: f"http://h/v4/files/{n:032}/0.csv", "yes"),
    "a counter": (lambda n: f"http://h/f/{5_000 + 2 * n}.csv", "yes"),
    "a time of the day": (lambda n: f"http://h/f/export-2026-11-20T08-01-{n % 60:02}.{n * 7919 % 10**6:06}.csv", "yes"),
    "MD5 of the job's id": (lambda n: f"http://h/{hashlib.md5(str(n).encode()).hexdigest()}.csv", "yes"),  # noqa: S324
    "SHA-256 of job and file": (lambda n: f"http://h/{hashlib.sha256(f'{n}-0'.encode()).hexdigest()}", "yes"),
    "Base64 of job and file": (lambda n: f"http://h/{base64.b64encode(f'{n}:0'.encode()).decode()}", "yes"),
    "the job's id in hexadecimal": (lambda n: f"http://h/{n:016x}", "yes"),
    "32 random bits": (lambda n: f"http://h/{noise(n, 4).hex()}", "yes"),
    "a secret for all": (lambda n: f"http://h/9f3c7a1be04d5582c6/{n}/0.csv", "unknown"),
    "48 random bits": (lambda n: f"http://h/{noise(n, 6).hex()}", "unknown"),
    "nothing readable": (lambda n: f"http://[{n}", "yes"),
}


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("count", [3, 40])
def test_links_are_guessable_when_they_are_made_of_what_is_known(kind: str, count: int) -> None:
    make, guessable = LINKS[kind]
    found = estimate([Link(make(n), n, 0) for n in range(1_234, 1_234 + count)])
    assert found.guessable == guessable, found


def test_large_random_ids_of_jobs_are_no_secret() -> None:
    ids = [Random(n).getrandbits(62) for n in range(20)]
    for form in ("http://h/{0}/0.csv", "http://h/{0}-0.csv", "http://h/{0:x}"):
        assert estimate([Link(form.format(n), n, 0) for n in ids]).guessable == "yes"


def test_one_link_cannot_be_compared() -> None:
    assert estimate([Link("http://h/1", 1, 0)]).guessable == "unknown"
    assert estimate([]).guessable == "unknown"


def test_bits_are_counted_where_texts_differ() -> None:
    assert random_bits(["same", "same"]) == 0
    assert random_bits(["a1", "a2"]) == pytest.approx(3.32, abs=0.01)
    assert random_bits(["", ""]) == 0


def test_guessable_links_are_told_with_two_jobs() -> None:
    jobs = [job(file(ONE, link=f"http://h/{n}/0.csv"), identifier=n, number=20 * n, name=f"job {n}") for n in (1, 2, 3)]
    (found,) = findings("links/unguessable", run(*jobs))
    assert (found.outcome, found.expected) == ("fail", "at least 64 random bits in each link")
    assert outcomes("links/unguessable", run(*(job(ONE, identifier=n, name=f"job {n}") for n in (1, 2)))) == {"pass"}


def test_links_that_need_credentials_are_no_secret() -> None:
    jobs = [job(file(ONE, link=f"http://h/{n}", authorized=True), identifier=n, name=f"job {n}") for n in (1, 2)]
    assert outcomes("links/unguessable", run(*jobs)) == set()
