"""Looks at links: what each answer means before and after the end, and what is noted of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.link_judging import judge_looks
from exportproof.conformance.link_seal import Seal
from exportproof.conformance.literals import THEN, exchange, file

from .conftest import DAY, END, HOUR, MINUTE, ONE, SECOND, TWO, A, B, Target, ledger, link, lists

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.conformance.link_recheck import Recheck

    Rechecks = Callable[..., Recheck]

SEAL = Seal("a key of some length")
REFUSED, GONE = file(None, status=403), file(None, status=404)


def kept(number: int = 1, address: str = A, **more: Any) -> Any:
    """A link that the ledger keeps."""
    return link(number, sealed=SEAL.close(address), **more)


BEFORE = [
    (file(ONE), "alive", None, 0),
    (file(TWO), "changed", "changed", 1),
    (file(""), "changed", "changed", 1),
    (REFUSED, "early-death", "early-death", 1),
    (GONE, "early-death", "early-death", 1),
    (file(None, status=503), "server-error", None, 5),
    (file(None, status=429), None, None, 5),
    (file(None, status=None, error="refused"), None, None, 5),
    (file(ONE, error="disconnected"), None, None, 5),
]
AFTER = [
    (REFUSED, "dead", "dead", 0),
    (GONE, "dead", "dead", 0),
    (file(None, status=401), "dead", "dead", 0),
    (file(ONE), "late-death", "late-death", 1),
    (file(""), "not-refused", "not-refused", 1),
    (file("<p>Gone</p>"), "not-refused", "not-refused", 1),
    (file(None, status=204), "not-refused", "not-refused", 1),
    (file(None, status=302, error="bad-redirect"), "not-refused", "not-refused", 1),
    (file(None, status=500), "server-error", None, 5),
    (file(None, status=429), None, None, 5),
    (file(None, status=None, error="timeout"), None, None, 5),
]


@pytest.mark.parametrize(
    ("now", "found", "outcome", "settled", "status"),
    [(THEN + DAY, *case) for case in BEFORE]
    + [(END - 62 * SECOND, *case) for case in BEFORE]
    + [(END + 62 * SECOND, *case) for case in AFTER]
    + [(END + 5 * DAY, *case) for case in AFTER],
)
def test_a_look_tells_alive_from_dead_and_early_from_late(
    recheck: Rechecks, now: Any, found: Any, outcome: str | None, settled: str | None, status: int
) -> None:
    known = ledger(kept())
    work = recheck(known, Target(now, {A: found}), SEAL)
    (noted,) = work.ledger.links
    outcomes = [look.outcome for look in noted.history]
    assert outcomes[:1] == ([] if outcome is None else [outcome])
    assert noted.settled == settled
    assert (noted.due is None) == (settled is not None)
    assert judge_looks(work.ledger, work.untried).exit_status == status
    assert bool(work.untried) == (outcome is None)
    if outcome is None:
        assert work.ledger == known


@pytest.mark.parametrize("found", [file(ONE), REFUSED])
@pytest.mark.parametrize("now", [END - 59 * SECOND, END, END + 59 * SECOND])
def test_the_minutes_around_the_end_tell_nothing(recheck: Rechecks, now: Any, found: Any) -> None:
    work = recheck(ledger(kept()), Target(now, {A: found}), SEAL)
    (noted,) = work.ledger.links
    assert (noted.history, noted.settled, work.untried) == ((), None, [])
    # The look is put off until it can tell something.
    assert noted.due is not None
    assert END + MINUTE < noted.due <= END + MINUTE + 3 * SECOND
    assert judge_looks(work.ledger).exit_status == 0


def test_a_dead_link_is_asked_with_a_range_too(recheck: Rechecks) -> None:
    target = Target(END + HOUR, {A: REFUSED})
    recheck(ledger(kept()), target, SEAL)
    assert target.asked[:2] == [A, f"{A} range"]


def test_a_range_that_opens_a_dead_link_is_a_late_death(recheck: Rechecks) -> None:
    class Ranged(Target):
        def download(self, address: str, index: int, account: str = "first", *, ranged: bool = False) -> Any:
            self.files = {A: file(ONE, status=206) if ranged else REFUSED}
            return super().download(address, index, account, ranged=ranged)

    work = recheck(ledger(kept()), Ranged(END + HOUR, {}), SEAL)
    assert work.ledger.links[0].settled == "late-death"
    assert judge_looks(work.ledger).exit_status == 1


def test_only_what_is_due_is_tried_and_a_settled_link_never_again(recheck: Rechecks) -> None:
    target = Target(THEN + DAY, {A: file(ONE), B: file(TWO)})
    known = ledger(kept(), kept(2, B, due=THEN + 2 * DAY, job=2), kept(3, B, due=None, settled="dead", job=3))
    work = recheck(known, target, SEAL)
    assert [address for address in target.asked if address.startswith("http")] == [A]
    assert work.ledger.links[1:] == known.links[1:]
    again = recheck(work.ledger, Target(THEN + DAY, {}), SEAL)
    assert (again.tried, again.ledger) == (0, work.ledger)


def test_a_link_is_followed_from_its_making_to_its_death(recheck: Rechecks) -> None:
    known = ledger(kept())
    looks = 0
    while known.links[0].due is not None:
        now = max(known.links[0].due, THEN) + SECOND
        known = recheck(known, Target(now, {A: file(ONE) if now < END else REFUSED}), SEAL).ledger
        looks += 1
        assert len(known.links[0].history) >= looks
    assert {look.outcome for look in known.links[0].history} == {"alive", "dead"}
    assert judge_looks(known).exit_status == 0
    assert {rule: result.status for rule, result in judge_looks(known).results.items()} == {
        "links/alive-until-expiry": "pass",
        "links/dead-after-expiry": "pass",
        "links/again": "pass",
        "links/expiry-steady": "skip",
    }


def test_a_server_error_counts_when_it_comes_again_later(recheck: Rechecks) -> None:
    failing = {A: file(None, status=503)}
    once = recheck(ledger(kept()), Target(END + HOUR, failing), SEAL).ledger
    assert once.links[0].due is not None
    assert END + HOUR + MINUTE < once.links[0].due <= END + HOUR + MINUTE + 3 * SECOND
    assert judge_looks(once).exit_status == 5
    mended = recheck(once, Target(END + 2 * HOUR, {A: REFUSED}), SEAL).ledger
    assert judge_looks(mended).exit_status == 0
    twice = recheck(once, Target(END + 2 * HOUR, failing), SEAL).ledger
    assert twice.links[0].settled == "server-error"
    assert judge_looks(twice).exit_status == 1


# --- links that the ledger does not keep -----------------------------------------------------------------


def test_a_link_that_is_not_kept_is_fetched_through_its_job(recheck: Rechecks) -> None:
    pair = (link(1, ONE, files=2), link(2, TWO, files=2))
    target = Target(THEN + DAY, {A: file(ONE), B: file(TWO)}, lists(A, B))
    work = recheck(ledger(*pair), target)
    assert [look.outcome for item in work.ledger.links for look in item.history] == ["alive", "alive"]
    assert {look.via for item in work.ledger.links for look in item.history} == {"job"}
    turned = recheck(ledger(*pair), Target(THEN + DAY, target.files, lists(B, A)))
    assert [look.outcome for item in turned.ledger.links for look in item.history] == ["alive", "alive"]


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        (exchange("job", None, 401), "refused with status 401"),
        (exchange("job", None, 500), "answered with status 500"),
        (exchange("job", None, None, error="refused"), "no answer about its job"),
        (exchange("job", None, 404), "answers 404"),
        (lists(A, B), "lists other files"),
    ],
)
def test_a_link_that_its_job_does_not_give_is_not_tried(recheck: Rechecks, listed: Any, why: str) -> None:
    known = ledger(link())
    work = recheck(known, Target(THEN + DAY, {}, listed))
    assert why in work.untried[0].why
    assert work.ledger == known
    assert judge_looks(work.ledger, work.untried).exit_status == 5


@pytest.mark.parametrize("listed", [exchange("job", None, 404), lists()])
def test_a_job_that_no_longer_lists_a_dead_link_leaves_it_open(recheck: Rechecks, listed: Any) -> None:
    work = recheck(ledger(link()), Target(END + DAY, {}, listed))
    assert work.ledger.links[0].settled == "unlisted"
    judged = judge_looks(work.ledger)
    assert (judged.results["links/dead-after-expiry"].status, judged.exit_status) == ("inconclusive", 5)


@pytest.mark.parametrize("now", [END - 59 * SECOND, END, END + 59 * SECOND])
def test_a_job_that_drops_its_links_about_their_end_is_asked_again(recheck: Rechecks, now: Any) -> None:
    work = recheck(ledger(link()), Target(now, {}, lists()))
    assert work.untried == []
    assert work.ledger.links[0].due is not None
    assert work.ledger.links[0].due > END + MINUTE
    assert work.ledger.links[0].history == ()


def test_a_link_made_anew_with_an_end_of_its_own_is_no_late_death(recheck: Rechecks) -> None:
    work = recheck(ledger(link()), Target(END + DAY, {A: file(ONE)}, lists(A, expires=END + 21 * DAY)))
    assert work.ledger.links[0].settled == "unlisted"
    results = judge_looks(work.ledger).results
    assert results["links/expiry-steady"].status == "skip"
    assert results["links/dead-after-expiry"].status == "inconclusive"
    same_end = recheck(ledger(link()), Target(END + DAY, {A: file(ONE)}, lists(A)))
    assert same_end.ledger.links[0].settled == "late-death"


def test_an_announcement_that_moves_is_told_once(recheck: Rechecks) -> None:
    moved = lists(A, expires=END + DAY)
    first = recheck(ledger(kept()), Target(THEN + DAY, {A: file(ONE)}, moved), SEAL).ledger
    assert [look.outcome for look in first.links[0].history] == ["alive", "moved"]
    second = recheck(first, Target(THEN + 8 * DAY, {A: file(ONE)}, moved), SEAL).ledger
    assert [look.outcome for look in second.links[0].history] == ["alive", "moved", "alive"]
    judged = judge_looks(second)
    assert judged.results["links/expiry-steady"].status == "fail"
    assert judged.results["links/alive-until-expiry"].status == "pass"
    steady = recheck(ledger(kept()), Target(THEN + DAY, {A: file(ONE)}, lists(A, expires=END + SECOND / 2)), SEAL)
    assert [look.outcome for look in steady.ledger.links[0].history] == ["alive"]


def test_links_that_want_credentials_are_not_dead_without_them(recheck: Rechecks) -> None:
    known = ledger(kept(authorized=True))
    work = recheck(known, Target(THEN + DAY, {A: REFUSED}, exchange("job", None, 401)), SEAL)
    assert work.ledger == known
    assert "--user and --key" in work.untried[0].why
    allowed = recheck(known, Target(THEN + DAY, {A: REFUSED}, lists(A)), SEAL)
    assert allowed.ledger.links[0].settled == "early-death"


# --- clocks, lifetimes, endings --------------------------------------------------------------------------


def test_the_targets_clock_is_measured_and_not_guessed(recheck: Rechecks) -> None:
    target = Target(THEN + DAY, {A: REFUSED})
    assert recheck(ledger(kept()), target, SEAL).ledger.links[0].settled == "early-death"

    class Ahead(Target):
        def _dated(self, found: Any, url: str) -> Any:
            there = self.now + 21 * DAY
            said = super()._dated(found, url)
            self.exchanges[-1] = replace(said, headers={"date": f"{there:%a, %d %b %Y %H:%M:%S GMT}"})
            return self.exchanges[-1]

    work = recheck(ledger(kept()), Ahead(THEN + DAY, {A: REFUSED}), SEAL)
    assert work.ledger.links[0].settled == "dead"
    assert work.ledger.links[0].history[0].within <= 1


@pytest.mark.parametrize("off", [-5 * MINUTE, 5 * MINUTE])
def test_links_of_a_host_whose_clock_is_not_that_of_its_dates_are_not_blamed(recheck: Rechecks, off: Any) -> None:
    announced = END + off
    for now, found in ((announced - 90 * SECOND, REFUSED), (announced + 90 * SECOND, file(ONE))):
        if min(announced, END) - MINUTE < now < max(announced, END) + MINUTE:
            work = recheck(ledger(kept(expires=announced)), Target(now, {A: found}), SEAL)
            assert work.ledger.links[0].settled is None
            assert judge_looks(work.ledger).exit_status == 0


def test_without_a_date_an_hour_is_allowed(recheck: Rechecks) -> None:
    class Dateless(Target):
        def _dated(self, found: Any, url: str) -> Any:
            said = super()._dated(found, url)
            self.exchanges[-1] = replace(said, headers={})
            return self.exchanges[-1]

    for off, outcomes in ((30 * MINUTE, []), (2 * HOUR, ["dead", "dead"])):
        work = recheck(ledger(kept()), Dateless(END + off, {A: REFUSED}), SEAL)
        assert [look.outcome for look in work.ledger.links[0].history] == outcomes


def test_a_lifetime_that_is_declared_now_counts(recheck: Rechecks) -> None:
    target = Target(THEN + 2 * DAY, {A: REFUSED})
    known = ledger(kept(due=THEN + 5 * DAY, expires=THEN + DAY))
    work = recheck(known, target, SEAL, lifetime=DAY.total_seconds())
    assert work.ledger.links[0].settled == "dead"


def test_a_target_that_stops_answering_ends_the_recheck(recheck: Rechecks) -> None:
    target = Target(THEN + DAY, {A: file(ONE)})
    target.silent = True
    known = ledger(kept(), kept(1, B, job=2))
    work = recheck(known, target, SEAL)
    assert work.ledger == known
    assert len(work.untried) == 2
    judged = judge_looks(work.ledger, work.untried)
    assert judged.exit_status == 5
    assert "could not be tried: The target stopped answering" in str(judged.results["links/alive-until-expiry"].reason)
