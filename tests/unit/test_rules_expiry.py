"""The links family by the clock: what is announced, and links before and after their end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from exportproof.conformance.literals import (
    HEADER,
    THEN,
    answer,
    exchange,
    file,
    findings,
    job,
    outcomes,
    run,
    votes,
)
from exportproof.conformance.observation import LinkObservation, Run
from exportproof.conformance.target_clock import (
    DATED_WITHIN,
    KNOWN_WITHIN,
    TOLD_WITHIN,
    Skew,
    TargetClock,
    dated_skew,
    instant_of,
)

ONE = f"{HEADER}1,Ann\r\n"
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
LIFE = 20 * DAY
END = THEN + LIFE


def told(now: datetime = THEN, number: int = 0, **more: Any) -> Any:
    """The control API tells the target's present, before anything else happened."""
    return exchange("control", {"version": 1, "now": now.isoformat()}, number=number, **more)


def knowing(*jobs: Any, now: datetime = THEN) -> Run:
    """A run whose control API told that the target's clock stands at `now` when the suite's stands at THEN."""
    plain = run(*jobs)
    return run(*jobs, exchanges=(told(now), *plain.exchanges))


@pytest.mark.parametrize(
    ("expires", "outcome"),
    [
        ("2026-12-10T08:00:00.0000000Z", {"pass"}),
        ("2026-12-10T13:30:00+05:30", {"pass"}),
        ("2026-12-10T08:00:00", {"fail"}),
        ("10/12/2026 08:00", {"fail"}),
        ("0001-01-01T00:00:00+05:00", {"fail"}),
        ("", {"fail"}),
        (None, {"fail"}),
        (1_796_000_000, {"fail"}),
    ],
)
def test_an_expiry_is_announced_as_an_instant(expires: Any, outcome: set[str]) -> None:
    assert outcomes("links/expiry-announced", run(job(ONE, expires=expires))) == outcome


def test_every_file_announces_its_expiry() -> None:
    observed = run(job(ONE, ONE, expires=[END, None]))
    assert outcomes("links/expiry-announced", observed) == {"fail"}
    assert "file 2" in findings("links/expiry-announced", observed)[0].message
    assert outcomes("links/expiry-announced", run(job())) == set()
    assert outcomes("links/expiry-announced", run(job(ONE, says={"files": [{}]}))) == {"fail"}


@pytest.mark.parametrize(
    ("off", "outcome"),
    [
        (timedelta(0), {"pass"}),
        (59 * SECOND, {"pass"}),
        (-59 * SECOND, {"pass"}),
        (62 * SECOND, {"fail"}),
        (-62 * SECOND, {"fail"}),
        (-5 * HOUR, {"fail"}),
        (DAY, {"fail"}),
        (-LIFE, {"fail"}),
    ],
)
def test_the_announced_expiry_is_twenty_days_ahead(off: timedelta, outcome: set[str]) -> None:
    assert outcomes("links/announced-20-days", knowing(job(ONE, expires=END + off))) == outcome


def test_every_file_is_twenty_days_ahead() -> None:
    assert outcomes("links/announced-20-days", knowing(job(ONE, ONE, expires=[END, END + DAY]))) == {"fail"}


def test_another_lifetime_can_be_declared() -> None:
    seen = knowing(job(ONE, expires=THEN + DAY))
    declared = run(*seen.jobs, exchanges=seen.exchanges, link_lifetime_seconds=86_400.0)
    assert outcomes("links/announced-20-days", declared) == {"pass"}


def test_the_targets_clock_counts_and_not_the_suites() -> None:
    ahead = job(ONE, expires=END + 10 * DAY)
    assert outcomes("links/announced-20-days", knowing(ahead, now=THEN + 10 * DAY)) == {"pass"}
    assert outcomes("links/announced-20-days", knowing(ahead)) == {"fail"}


def test_a_frozen_clock_counts_while_it_is_frozen() -> None:
    frozen = exchange("control", {"now": (THEN + 30 * DAY).isoformat()}, number=1, method="PUT")
    released = exchange("control", None, 204, number=3, method="DELETE")
    first = job(ONE, expires=END + 30 * DAY, number=2)
    second = job(ONE, expires=END, number=4, name="later", identifier=2)
    seen = run(first, second, exchanges=(told(), frozen, first.create, released, second.create))
    # The poll of the first job came after the release, when nobody polled it any more in a real run.
    assert TargetClock(seen.exchanges).at(first.create, THEN) == THEN + 30 * DAY
    assert TargetClock(seen.exchanges).at(second.create, THEN) == THEN
    assert outcomes("links/announced-20-days", run(second, exchanges=seen.exchanges)) == {"pass"}


def test_without_a_control_api_an_hour_is_allowed() -> None:
    assert outcomes("links/announced-20-days", run(job(ONE, expires=END + 50 * MINUTE))) == {"pass"}
    assert outcomes("links/announced-20-days", run(job(ONE, expires=END + 70 * MINUTE))) == {"fail"}


def dated(said: str, number: int = 0, at: datetime = THEN, **headers: str) -> Any:
    """An answer with a Date header."""
    return exchange("resources", [], number=number, at=at, headers={"date": said, **headers})


THREE_HOURS_AHEAD = dated("Fri, 20 Nov 2026 11:00:00 GMT")


@pytest.mark.parametrize(
    ("off", "outcome"),
    [(0, {"pass"}), (9, {"pass"}), (-9, {"pass"}), (11, {"fail"}), (-11, {"fail"}), (60, {"fail"}), (-180, {"fail"})],
)
def test_by_dates_that_agree_ten_minutes_are_allowed(off: int, outcome: set[str]) -> None:
    ahead = job(ONE, expires=END + 3 * HOUR + off * MINUTE)
    assert outcomes("links/announced-20-days", run(ahead, exchanges=(THREE_HOURS_AHEAD,))) == outcome


def test_dates_that_do_not_agree_are_no_clock() -> None:
    elsewhere = dated("Fri, 20 Nov 2026 11:00:09 GMT", number=1)
    off = job(ONE, expires=END + 3 * HOUR + 50 * MINUTE)
    assert outcomes("links/announced-20-days", run(off, exchanges=(THREE_HOURS_AHEAD, elsewhere))) == {"pass"}
    assert outcomes("links/announced-20-days", run(off, exchanges=(THREE_HOURS_AHEAD,))) == {"fail"}
    # What comes out of a cache tells nothing of the time.
    cached = dated("Fri, 20 Nov 2026 08:00:00 GMT", number=1, age="10800")
    assert outcomes("links/announced-20-days", run(off, exchanges=(THREE_HOURS_AHEAD, cached))) == {"fail"}


def test_the_skew_is_measured_by_all_dates_together() -> None:
    assert dated_skew(()) is None
    assert dated_skew((dated("never"),)) is None
    assert dated_skew((dated("Fri, 20 Nov 2026 08:00:05 GMT"),)) == Skew(5 * SECOND, 6 * SECOND)
    later = dated("Fri, 20 Nov 2026 08:00:05 GMT", at=THEN + SECOND / 4)
    assert dated_skew((dated("Fri, 20 Nov 2026 08:00:05 GMT"), later)) == Skew(5 * SECOND, 5.75 * SECOND)
    # An answer that took its time tells little, and a clock that is set by a second tells nothing wrong.
    slow = exchange(headers={"date": "Fri, 20 Nov 2026 08:00:05 GMT"}, started=THEN - MINUTE)
    assert dated_skew((slow,)) == Skew(5 * SECOND, 66 * SECOND)
    assert dated_skew((later, dated("Fri, 20 Nov 2026 08:00:07 GMT", at=THEN + SECOND / 4))) is not None


def test_a_short_lifetime_is_held_to_a_tenth_of_it() -> None:
    def short(off: int, *exchanges: Any) -> set[str]:
        seen = run(job(ONE, expires=THEN + (90 + off) * SECOND), exchanges=exchanges, link_lifetime_seconds=90.0)
        return outcomes("links/announced-20-days", seen)

    # The host that makes links may be another one than the host that writes the Date.
    assert short(100, dated("Fri, 20 Nov 2026 08:00:00 GMT")) == {"pass"}
    assert short(130, dated("Fri, 20 Nov 2026 08:00:00 GMT")) == {"fail"}
    assert short(8, told()) == {"pass"}
    assert short(30, told()) == {"fail"}
    assert short(30) == {"pass"}


def slow(expires: datetime) -> Any:
    """A job that took an hour."""
    seen = job(ONE, expires=expires)
    pending = exchange("job", answer(status="InProcess"), number=2, at=THEN + HOUR - MINUTE)
    return job(ONE, expires=expires, polls=(pending, exchange("job", seen.final, number=3, at=THEN + HOUR)))


@pytest.mark.parametrize(("expires", "value"), [(END, {"creation"}), (END + HOUR, {"completion"})])
def test_a_slow_job_shows_from_when_the_lifetime_counts(expires: datetime, value: set[str]) -> None:
    assert outcomes("links/announced-20-days", knowing(slow(expires))) == {"pass"}
    assert votes("lifetime-from", knowing(slow(expires))) == value
    assert votes("lifetime-from", run(slow(expires))) == set()
    assert votes("lifetime-from", knowing(job(ONE))) == set()


def test_nothing_outside_creation_and_completion_is_right_for_a_slow_job() -> None:
    assert outcomes("links/announced-20-days", knowing(slow(END + 2 * HOUR))) == {"fail"}


def relisted(*ends: datetime, links: tuple[str, ...] = ("http://h/a", "http://h/b")) -> dict[str, Any]:
    return {
        "files": [{"downloadUrl": link, "dateExpired": end.isoformat()} for link, end in zip(links, ends, strict=True)]
    }


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        (relisted(END, END + DAY), {"pass"}),
        (relisted(END + SECOND / 2, END + DAY), {"pass"}),
        (relisted(END + DAY, END, links=("http://h/b", "http://h/a")), {"pass"}),
        (relisted(END + DAY, END, links=("http://h/x", "http://h/y")), {"pass"}),
        (relisted(END + 2 * SECOND, END + DAY), {"fail"}),
        (relisted(END, END + DAY + MINUTE), {"fail"}),
        (relisted(END, END + DAY + MINUTE, links=("http://h/x", "http://h/y")), {"fail"}),
        ({"files": []}, set()),
        ({"files": None}, set()),
        ({"jobStatus": "Pending"}, set()),
    ],
)
def test_the_announced_expiry_does_not_move(later: Any, outcome: set[str]) -> None:
    files = (file(ONE, link="http://h/a"), file(ONE, link="http://h/b"))
    seen = job(*files, expires=[END, END + DAY], later=[later])
    assert outcomes("links/expiry-steady", run(seen)) == outcome


def under_a_moved_clock(later: dict[str, Any], now: datetime) -> Run:
    """A job whose links were made under a frozen clock, asked once more when that clock stood at `now`."""
    seen = job(file(ONE, link="http://h/a"), number=2)
    asked = exchange("job", {**(seen.final or {}), **later}, number=30)
    clock = [
        exchange("control", {"now": instant.isoformat()}, number=number, method="PUT")
        for number, instant in ((1, THEN), (29, now))
    ]
    return run(replace(seen, later=(asked,)), exchanges=(*clock, seen.create, *seen.polls, asked))


@pytest.mark.parametrize(("now", "outcome"), [(END - DAY, {"fail"}), (END + DAY, set())])
def test_what_is_announced_when_links_are_dead_is_open(now: datetime, outcome: set[str]) -> None:
    renewed = relisted(END + 19 * DAY, links=("http://h/a",))
    assert outcomes("links/expiry-steady", under_a_moved_clock(renewed, now)) == outcome


@pytest.mark.parametrize(("now", "outcome"), [(END - DAY, {"fail"}), (END + DAY, set())])
def test_a_job_may_drop_its_links_when_they_are_dead(now: datetime, outcome: set[str]) -> None:
    dropped = under_a_moved_clock({"files": []}, now)
    assert outcomes("states/final", dropped) == outcome
    assert outcomes("states/forward", dropped) == {"pass"}


def test_a_job_does_not_begin_again_when_its_links_are_dead() -> None:
    assert outcomes("states/forward", under_a_moved_clock({"jobStatus": "Pending"}, END + DAY)) == {"fail"}


def test_one_answer_cannot_move() -> None:
    assert outcomes("links/expiry-steady", run(job(ONE))) == set()


def tried(found: Any, now: datetime, *, ranged: bool = False, expires: datetime | None = END) -> Run:
    """A link tried again when the target's clock stands at `now`."""
    seen = LinkObservation("job", found, file(ONE), now, expires, THEN, THEN, ranged)
    return run(job(ONE), links=(seen,))


REFUSED = file(None, status=410, number=30)


@pytest.mark.parametrize(
    ("found", "ranged", "outcome"),
    [
        (file(ONE), False, {"pass"}),
        (file(ONE, status=206), True, {"pass"}),
        (file(ONE), True, {"pass"}),
        (REFUSED, False, {"fail"}),
        (REFUSED, True, {"fail"}),
        (file(None, status=500), False, {"fail"}),
        (file(HEADER), False, {"fail"}),
        (file(None, status=416), True, set()),
        (file(None, status=501), True, set()),
        (file(None, status=None, error="timeout"), False, {"doubt"}),
        (file(None, status=429), False, {"doubt"}),
        (file(ONE, error="disconnected"), False, {"doubt"}),
    ],
)
def test_a_link_is_alive_until_its_expiry(found: Any, ranged: bool, outcome: set[str]) -> None:
    assert outcomes("links/alive-until-expiry", tried(found, END - MINUTE, ranged=ranged)) == outcome
    assert outcomes("links/dead-after-expiry", tried(found, END - MINUTE, ranged=ranged)) == set()


@pytest.mark.parametrize(
    ("found", "ranged", "outcome"),
    [
        (REFUSED, False, {"pass"}),
        (REFUSED, True, {"pass"}),
        (file(None, status=403, body=b"<Error>AuthenticationFailed</Error>"), False, {"pass"}),
        (file(None, status=416), True, {"pass"}),
        (file(None, status=410, body=HEADER.encode()), False, {"pass"}),
        (file(None, status=410, body=ONE.encode()), False, {"fail"}),
        (file(ONE), False, {"fail"}),
        (file(ONE, authorized=True), False, {"fail"}),
        (file(ONE, status=206), True, {"fail"}),
        (file(""), False, {"fail"}),
        (file(HEADER), False, {"fail"}),
        (file("<html>Gone</html>"), False, {"fail"}),
        (file(None, status=204), False, {"fail"}),
        (file(None, status=302, error="bad-redirect"), False, {"fail"}),
        (file(None, status=500), False, {"fail"}),
        (file(None, status=None, error="timeout"), False, {"doubt"}),
        (file(None, status=429), False, {"doubt"}),
    ],
)
def test_a_link_is_dead_after_its_expiry(found: Any, ranged: bool, outcome: set[str]) -> None:
    assert outcomes("links/dead-after-expiry", tried(found, END + MINUTE, ranged=ranged)) == outcome
    assert outcomes("links/alive-until-expiry", tried(found, END + MINUTE, ranged=ranged)) == set()


@pytest.mark.parametrize("found", [file(ONE), REFUSED])
@pytest.mark.parametrize("now", [END - 59 * SECOND, END, END + 59 * SECOND])
def test_the_minutes_around_the_expiry_are_not_judged(found: Any, now: datetime) -> None:
    for rule in ("links/alive-until-expiry", "links/dead-after-expiry"):
        assert outcomes(rule, tried(found, now)) == set()


def test_a_wrong_announcement_is_not_held_against_the_link() -> None:
    for announced in (END + 10 * DAY, END - 10 * DAY):
        between = END + (announced - END) / 2
        for found in (file(ONE), REFUSED):
            seen = tried(found, between, expires=announced)
            assert outcomes("links/alive-until-expiry", seen) | outcomes("links/dead-after-expiry", seen) == set()


def test_without_an_announced_expiry_the_lifetime_counts_with_a_day_to_spare() -> None:
    assert outcomes("links/dead-after-expiry", tried(file(ONE), END + HOUR, expires=None)) == set()
    assert outcomes("links/dead-after-expiry", tried(file(ONE), END + 2 * DAY, expires=None)) == {"fail"}
    assert outcomes("links/alive-until-expiry", tried(REFUSED, END - 2 * DAY, expires=None)) == {"fail"}


def test_a_link_that_can_be_used_once_is_told_as_that_alone() -> None:
    once = tried(REFUSED, END - DAY)
    spent = job(file(ONE, link="http://h/a"), again=(file(None, link="http://h/a", status=410),))
    seen = run(spent, links=once.links)
    assert outcomes("links/again", seen) == {"fail"}
    assert outcomes("links/alive-until-expiry", seen) == set()


@pytest.mark.parametrize(("status", "value"), [(403, "403"), (404, "404"), (410, "410"), (401, "other")])
def test_the_status_of_a_dead_link_shows_the_reading(status: int, value: str) -> None:
    assert votes("dead-link", tried(file(None, status=status), END + MINUTE)) == {value}
    # A day later the file may be cleared away altogether.
    assert votes("dead-link", tried(file(None, status=status), END + DAY)) == set()
    assert votes("dead-link", tried(file(None, status=status), END + MINUTE, ranged=True)) == set()


def test_how_far_the_clock_is_off_is_allowed_for() -> None:
    for found, rule, now in (
        (REFUSED, "links/alive-until-expiry", END - 70 * SECOND),
        (file(ONE), "links/dead-after-expiry", END + 70 * SECOND),
    ):
        seen = tried(found, now)
        assert outcomes(rule, seen) == {"fail"}
        vague = replace(seen.links[0], within=11 * SECOND)
        assert outcomes(rule, replace(seen, links=(vague,))) == set()


@pytest.mark.parametrize(("found", "rule"), [(REFUSED, "alive-until-expiry"), (file(ONE), "dead-after-expiry")])
def test_a_short_lifetime_is_judged_to_a_tenth_of_it(found: Any, rule: str) -> None:
    end = THEN + 90 * SECOND
    for off, outcome in ((8, set()), (10, {"fail"})):
        now = end + (off if rule.startswith("dead") else -off) * SECOND
        seen = replace(tried(found, now, expires=end), link_lifetime_seconds=90.0)
        assert outcomes(f"links/{rule}", seen) == outcome


def test_a_failure_tells_when_and_what() -> None:
    (found,) = findings("links/dead-after-expiry", tried(file(ONE, number=40), END + 2 * DAY))
    assert found.message.startswith("2.00 days after its announced expiry 2026-12-10T08:00:00Z the link of file 1")
    assert (found.expected, found.received) == ("a 4xx status", "status 200 with 24 bytes")
    assert found.exchanges == (10, 40)


def test_the_clock_is_known_as_well_as_it_was_told() -> None:
    assert TargetClock(()).within == TOLD_WITHIN
    assert TargetClock((told(),)).within == KNOWN_WITHIN
    assert TargetClock((THREE_HOURS_AHEAD,)).within == DATED_WITHIN
    assert TargetClock((THREE_HOURS_AHEAD, told(number=1))).within == KNOWN_WITHIN
    asked = exchange("control", {}, number=1, method="PUT", request_body=b'{"now": "2027-01-01T00:00:00Z"}')
    assert TargetClock((asked,)).at(exchange(number=2), THEN) == instant_of("2027-01-01T00:00:00Z")
    garbled = exchange("control", [], number=1, method="PUT", request_body=b"[")
    assert TargetClock((garbled, exchange(headers={"date": "never"}))).at(exchange(number=2), THEN) == THEN
