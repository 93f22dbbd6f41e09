"""Looks again at the links of a ledger: each one that is due, alive before its end and dead after it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from .client import Stop, origin
from .link_judging import ROUTE, Untried, confirmed, observation_of, outcome_of
from .link_ledger import BREACHES, Look, next_look
from .link_life import margin_of
from .target_clock import TOLD_WITHIN, Skew, dated_skew, instant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .client import Client
    from .link_ledger import LedgerLink, LinkLedger
    from .link_seal import Seal
    from .observation import Exchange, FileObservation
    from .progress import Progress

_STEADY = _TICK = timedelta(seconds=1)
_GIVE = "give the credentials of its account, with --user and --key or --other-user and --other-key"


@dataclass
class Recheck:
    """One recheck of a ledger.

    `lifetime` is what the target declares now, in seconds, in place of the runs' own. `save` is given the ledger
    after each job, so that whoever ends the process loses nothing but the look at hand. `put_off` counts links that
    were too near to their end to tell anything.
    """

    ledger: LinkLedger
    client: Client
    seal: Seal | None
    save: Callable[[LinkLedger], None]
    progress: Progress
    lifetime: float | None = None
    tried: int = 0
    put_off: int = 0
    untried: list[Untried] = field(default_factory=list)

    def run(self, now: datetime) -> None:
        """Look at every link that is due at an instant of the suite's clock. Raises SealError."""
        due = sorted((link for link in self.ledger.links if self._is_due(link, now)), key=_place)
        jobs = [list(links) for _, links in groupby(due, key=lambda link: link.place)]
        for done, links in enumerate(jobs):
            self.progress.step(done, len(jobs), f"the links of job {links[0].job}")
            try:
                looked = self._job(links)
            except Stop as reason:
                for link in (link for rest in jobs[done:] for link in rest):
                    self._untried(link, str(reason).rstrip("."))
                break
            if looked:
                self._keep(looked)
                self.save(self.ledger)

    def _is_due(self, link: LedgerLink, now: datetime) -> bool:
        if link.due is None:
            return False
        # A lifetime that is declared now may end a link before its run thought of looking again.
        return link.due <= now or (self.lifetime is not None and self.ledger.life(link, self.lifetime).dead_from <= now)

    # --- one job ------------------------------------------------------------------------------------

    def _job(self, links: Sequence[LedgerLink]) -> list[LedgerLink]:
        """Try the links of one job, and ask for the job itself; return those links of which there is news."""
        opened = {link.file: self.seal.open(link.sealed) for link in links if self.seal and link.sealed}
        answer: Exchange | None = None
        if len(opened) < len(links) or links[0].authorized:
            answer = self._ask(links[0])
            if links[0].authorized and answer.status in (401, 403):
                for link in links:
                    self._untried(link, f"its credentials were refused with status {answer.status}; {_GIVE}")
                return []
        looked = [new for link in links if (new := self._link(link, opened.get(link.file), answer)) is not None]
        if answer is None and looked:
            # Asked for afterwards, so that the links were tried as they stood.
            answer = self._ask(links[0])
        return self._moved(looked, answer)

    def _ask(self, link: LedgerLink) -> Exchange:
        return self.client.call("job", "GET", f"{ROUTE}/{link.job}", account=link.account)

    def _link(self, link: LedgerLink, kept: str | None, answer: Exchange | None) -> LedgerLink | None:
        """Try one link; return it with the new looks, or None when there are none."""
        url = kept if kept is not None else _listed(link, answer)
        if url is None:
            return self._not_listed(link, answer)
        first = self._try(link, url, ranged=False)
        if first is None:
            return self._too_near(link, url)
        looks = [first]
        if first.outcome == "dead" and (again := self._try(link, url, ranged=True)) is not None:
            # A client that resumes its download asks with a Range header.
            looks.append(again)
        if kept is None:
            looks = [self._by_job(link, look, answer) for look in looks]
        return self._with(link, looks, url)

    def _too_near(self, link: LedgerLink, url: str) -> LedgerLink | None:
        """Put off the look at a link that is too near to its end, or None when no answer came."""
        if any(gap.link is link for gap in self.untried):
            return None
        target_now, _ = self._clock(self.client.exchanges[-1])
        self.put_off += 1
        return replace(link, due=self._by_suite(next_look(self.ledger.life(link, self.lifetime), target_now), url))

    def _by_suite(self, due: datetime, url: str) -> datetime:
        """Return when an instant of whoever answers at an address has come for certain, by the suite's clock."""
        return due - self._skew(urljoin(f"{self.client.api_root}/", url)).least + _TICK

    def _by_job(self, link: LedgerLink, look: Look, answer: Exchange | None) -> Look:
        """Return a look at a link that the job listed just now, which may be another than the one at first."""
        look = replace(look, via="job")
        listed = _files(answer)
        others = {other.sha256 for other in self.ledger.links if other.place == link.place}
        if look.outcome == "changed" and look.sha256 in others:
            # The job lists its files in another order.
            return replace(look, outcome="alive", size=link.size, sha256=link.sha256)
        end = instant_of(listed[link.file - 1].get("dateExpired"))
        if look.outcome in ("late-death", "not-refused") and end is not None and _all_moved(self.ledger, link, listed):
            # A link that was made anew, with an end of its own, tells nothing of the one before.
            return replace(look, outcome="unlisted", size=0, sha256="", expires=end)
        return look

    def _not_listed(self, link: LedgerLink, answer: Exchange | None) -> LedgerLink | None:
        """Tell of a link that the job gave no way to: news when the job answers and its end is over."""
        status = None if answer is None else answer.status
        if answer is None or status is None:
            why = "no answer" if answer is None else f"no answer about its job ({answer.error})"
        elif status in (401, 403):
            why = f"its job was refused with status {status}; {_GIVE}"
        elif status not in (200, 404, 410):
            why = f"its job was answered with status {status}"
        else:
            target_now, within = self._clock(answer)
            life = self.ledger.life(link, self.lifetime)
            if target_now - within >= life.dead_from:
                look = Look(answer.ended, target_now, within.total_seconds(), "unlisted", status, via="job")
                self.tried += 1
                return replace(link, due=None, settled="unlisted", history=(*link.history, look))
            if target_now + within > life.alive_until:
                # A job may drop its links a little before or after their end.
                self.put_off += 1
                return replace(link, due=self._by_suite(life.dead_from, self.client.api_root))
            told = "lists other files than at first" if status == 200 else f"answers {status}"
            why = f"its job {told}, and the ledger does not keep the link itself"
        self._untried(link, why)
        return None

    # --- one look -----------------------------------------------------------------------------------

    def _try(self, link: LedgerLink, url: str, *, ranged: bool) -> Look | None:
        """Look once; None when it tells nothing."""
        found: FileObservation = self.client.download(url, link.file - 1, link.account, ranged=ranged)
        exchange = found.exchange
        target_now, within = self._clock(exchange)
        look = Look(
            exchange.ended,
            target_now,
            within.total_seconds(),
            "alive",
            exchange.status,
            found.size,
            found.sha256,
            ranged,
        )
        seen = observation_of(link, look, exchange.number)
        seen = replace(seen, file=replace(found, link="", exchange=exchange))
        outcome = outcome_of(seen, self.lifetime or self.ledger.run(link.run).lifetime)
        if outcome is None:
            if exchange.status in (None, 429) or exchange.error is not None:
                self._untried(link, f"no whole answer came ({exchange.error or exchange.status})")
            return None
        self.tried += not ranged
        return replace(look, outcome=outcome)

    def _clock(self, exchange: Exchange) -> tuple[datetime, timedelta]:
        """The time there when an exchange happened, and how far that may be off: by the Dates of whoever answered."""
        skew = self._skew(exchange.url)
        middle = exchange.started + (exchange.ended - exchange.started) / 2
        return middle + skew.middle, skew.within + (exchange.ended - exchange.started) / 2

    def _skew(self, url: str) -> Skew:
        place = _origin(url)
        own = [exchange for exchange in self.client.exchanges if _origin(exchange.url) == place]
        return dated_skew(own) or dated_skew(own[-1:]) or dated_skew(self.client.exchanges) or self._unknown

    @property
    def _unknown(self) -> Skew:
        """Without any Date, the suite's own clock has to do, and little is taken for certain."""
        shortest = min((self.lifetime or run.lifetime for run in self.ledger.runs), default=0.0)
        off = min(TOLD_WITHIN, timedelta(seconds=shortest) / 10)
        return Skew(-off, off)

    def _with(self, link: LedgerLink, looks: Sequence[Look], url: str) -> LedgerLink:
        """Return a link with new looks, settled or due again."""
        settled = None
        for look in looks:
            if look.outcome in BREACHES or (look.outcome == "server-error" and confirmed(link, look, self.ledger)):
                settled = settled or look.outcome
        if settled is None and looks[0].outcome in ("dead", "unlisted"):
            settled = looks[0].outcome
        life = self.ledger.life(link, self.lifetime)
        now = max(look.target_now for look in looks)
        soon = next_look(life, now) if looks[0].outcome != "server-error" else now + margin_of(life.lifetime)
        due = None if settled else self._by_suite(soon, url)
        return replace(link, due=due, settled=settled, history=(*link.history, *looks))

    def _moved(self, looked: Sequence[LedgerLink], answer: Exchange | None) -> list[LedgerLink]:
        """Note where a job announces other expiries than at first, while its links live, once for each link."""
        listed = _files(answer)
        if answer is None or not listed:
            return list(looked)
        target_now, within = self._clock(answer)
        news = []
        for link in looked:
            now = instant_of(listed[link.file - 1].get("dateExpired")) if len(listed) == link.files else None
            known = any(look.outcome == "moved" for look in link.history)
            dead = target_now + within >= min(self.ledger.life(link, self.lifetime).ends)
            if now is None or link.expires is None or known or dead or not _all_moved(self.ledger, link, listed):
                news.append(link)
                continue
            look = Look(
                answer.ended, target_now, within.total_seconds(), "moved", answer.status, via="job", expires=now
            )
            news.append(replace(link, history=(*link.history, look)))
        return news

    # --- the ledger ---------------------------------------------------------------------------------

    def _untried(self, link: LedgerLink, why: str) -> None:
        life = self.ledger.life(link, self.lifetime)
        after = datetime.now(UTC) >= life.dead_from
        if all(gap.link.place != link.place or gap.link.file != link.file for gap in self.untried):
            self.untried.append(Untried(link, why, after_end=after))

    def _keep(self, looked: Iterable[LedgerLink]) -> None:
        news = {(link.place, link.file): link for link in looked}
        links = tuple(news.get((link.place, link.file), link) for link in self.ledger.links)
        self.ledger = replace(self.ledger, links=links)


def _all_moved(ledger: LinkLedger, link: LedgerLink, listed: Sequence[Mapping[str, object]]) -> bool:
    """Tell whether a job's expiries differ from those at first, whatever order it lists its files in."""
    then = sorted(other.expires for other in ledger.links if other.place == link.place and other.expires is not None)
    now = sorted(end for item in listed if (end := instant_of(item.get("dateExpired"))) is not None)
    if len(then) != len(now):
        return False
    return any(abs(a - b) >= _STEADY for a, b in zip(then, now, strict=True))


def _origin(url: str) -> tuple[str, str, int] | None:
    """The origin of an address that a target gave; None of one that is none."""
    try:
        return origin(url)
    except ValueError:
        return None


def _place(link: LedgerLink) -> tuple[tuple[str, str, int], int]:
    return link.place, link.file


def _files(answer: Exchange | None) -> list[Mapping[str, object]]:
    files = answer.object.get("files") if answer is not None and answer.status == 200 else None
    return [item for item in files if isinstance(item, dict)] if isinstance(files, list) else []


def _listed(link: LedgerLink, answer: Exchange | None) -> str | None:
    """The link that the job lists in its place now; None when it lists other files than at first."""
    files = _files(answer)
    url = files[link.file - 1].get("downloadUrl") if len(files) == link.files else None
    return url if isinstance(url, str) and url else None
