"""Judges looks at links by the rules that judge links under a moved clock: one look at a time, and all together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ..spec.catalogue import rules as catalogue
from ..spec.offer import Offer
from .finding import Finding
from .ledger import Ledger
from .link_ledger import BREACHES, RECHECKED
from .link_life import margin_of
from .observation import Exchange, FileObservation, LinkObservation, Run
from .rules.expiry import alive, dead
from .verdict import Docket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .link_ledger import LedgerLink, LinkLedger, Look, Outcome
    from .observation import Account
    from .result import ReadingResult, RuleResult

ROUTE = "/changedEntityExportJobs"
_READING = "dead-link"


@dataclass(frozen=True)
class Untried:
    """A link that was due and could not be looked at. `why` is a clause that ends a sentence."""

    link: LedgerLink
    why: str
    after_end: bool


@dataclass(frozen=True)
class Judged:
    """What the looks of a ledger give: results of the rules of RECHECKED, the readings, and exchanges to show."""

    results: Mapping[str, RuleResult]
    readings: Mapping[str, ReadingResult]
    exchanges: Mapping[int, Exchange]

    @property
    def exit_status(self) -> int:
        """1 when a link broke its promise, 5 when it could not be told of one, else 0 (contract, section 3)."""
        found = [result.status for result in self.results.values() if result.rule.level == "MUST"]
        return 1 if "fail" in found else 5 if "inconclusive" in found else 0


def outcome_of(seen: LinkObservation, lifetime: float) -> Outcome | None:
    """Tell what a look found; None when it came too near to the link's end, or no answer came."""
    status = seen.file.exchange.status
    found = [said for rule in (alive, dead) for said in rule(_run((seen,), lifetime)) if isinstance(said, Finding)]
    if not found or found[0].outcome == "doubt" or status is None:
        return None
    before = found[0].rule == "links/alive-until-expiry"
    if found[0].outcome == "pass":
        return "alive" if before else "dead"
    if status >= 500:
        return "server-error"
    if before:
        return "changed" if found[0].key == "changed" else "early-death"
    same = seen.file.sha256 == seen.first.sha256 and status in (200, 206)
    return "late-death" if same or found[0].key == "rows" else "not-refused"


def confirmed(link: LedgerLink, look: Look, ledger: LinkLedger) -> bool:
    """Tell whether a 5xx status is the link's own: it came before, on the same side of the end, some time ago."""
    life = ledger.life(link)
    apart = margin_of(life.lifetime)
    dead_by_then = look.target_now >= life.dead_from
    return any(
        earlier.outcome == "server-error"
        and look.at - earlier.at >= apart
        and (earlier.target_now >= life.dead_from) == dead_by_then
        for earlier in link.history
    )


def judge_looks(ledger: LinkLedger, untried: Sequence[Untried] = (), lifetime: float | None = None) -> Judged:
    """Judge every look of a ledger, and what could not be tried.

    `lifetime` is in place of the runs' own, in seconds.
    """
    asked = {place: number for number, place in enumerate(dict.fromkeys(_jobs(ledger)), start=1)}
    exchanges = {number: _job_exchange(ledger, *place, number) for place, number in asked.items()}
    results: dict[str, RuleResult] = {}
    dockets: list[Docket] = []
    for seconds in dict.fromkeys(lifetime or run.lifetime for run in ledger.runs):
        names = {run.name for run in ledger.runs if (lifetime or run.lifetime) == seconds}
        links = [link for link in ledger.links if link.run in names]
        seen = [
            observation_of(link, look, asked[link.account, link.job])
            for link in links
            for look in link.history
            if _is_judged_by_rules(link, look, ledger)
        ]
        docket = Docket(_run(tuple(seen), seconds))
        for finding in _others(links, ledger, asked):
            docket.findings[finding.rule].append(finding)
        dockets.append(docket)
    first, *more = dockets or [Docket(_run((), 1.0))]
    for other in more:
        for rule, said in other.findings.items():
            first.findings[rule].extend(said)
        first.votes[_READING].extend(other.votes[_READING])
    for gap in untried:
        first.findings[_rule_of(gap)].append(_doubt(gap, asked))
    readings = {reading.name: reading for reading in first.readings() if reading.name == _READING}
    for result in first.rule_results(frozenset(RECHECKED), dict.fromkeys(catalogue(), "no-data"), {}):
        if result.rule.id in RECHECKED:
            marked = tuple(replace(found, details={**found.details, "recheck": True}) for found in result.findings)
            results[result.rule.id] = replace(result, findings=marked)
    return Judged(results, readings, exchanges)


def observation_of(link: LedgerLink, look: Look, number: int) -> LinkObservation:
    """Return a look as the rules about links under a moved clock see it."""
    exchange = Exchange(number, "download", "GET", "", look.at, look.at, None, "none", status=look.status)
    file = FileObservation(link.file - 1, "", exchange, look.size, look.sha256)
    return LinkObservation(
        job=f"job {link.job}",
        file=file,
        first=replace(file, exchange=replace(exchange, status=200), size=link.size, sha256=link.sha256),
        target_now=look.target_now,
        expires=link.expires,
        created=link.created,
        completed=link.completed,
        ranged=look.ranged,
        within=timedelta(seconds=look.within),
    )


def _run(links: tuple[LinkObservation, ...], lifetime: float) -> Run:
    # Time that has passed is as good as a clock that is moved.
    return Run(Offer(), Ledger(), links=links, link_lifetime_seconds=lifetime, capabilities=frozenset({"clock"}))


def _is_judged_by_rules(link: LedgerLink, look: Look, ledger: LinkLedger) -> bool:
    """Tell whether what a look found follows from its status and bytes; other bytes are links/again's."""
    if look.outcome == "server-error":
        return confirmed(link, look, ledger)
    return look.outcome not in ("changed", "moved", "unlisted")


def _others(links: Sequence[LedgerLink], ledger: LinkLedger, asked: Mapping[tuple[str, int], int]) -> Iterator[Finding]:
    """What looks show beside whether a link lives: the bytes, the announcement, and what could not be told."""
    for link in links:
        name, numbers = f"job {link.job}", (asked[link.account, link.job],)
        what = f"the link of file {link.file} of {name}"
        for look in link.history:
            details = {"file": link.file, "targetNow": look.target_now.isoformat(timespec="seconds")}
            if look.outcome == "alive":
                yield Finding("links/again", "pass", job=name)
            elif look.outcome == "changed":
                yield Finding(
                    "links/again", "fail",
                    message=f"{what} delivers other bytes than when it was made",
                    expected=f"the same {link.size:,} bytes, SHA-256 {link.sha256}",
                    received=f"{look.size:,} bytes, SHA-256 {look.sha256}",
                    job=name, exchanges=numbers, key="other", details=details,
                )  # fmt: skip
            elif look.outcome == "moved" and look.expires is not None and link.expires is not None:
                yield Finding(
                    "links/expiry-steady", "fail",
                    message=f"the expiry that {name} announces moved while nothing happened to the job",
                    expected=f"dateExpired {link.expires.isoformat(timespec='seconds')} in every answer",
                    received=f"dateExpired {look.expires.isoformat(timespec='seconds')} at a later look",
                    job=name, exchanges=numbers, key="moved", details=details,
                )  # fmt: skip
            elif look.outcome == "unlisted":
                message = (
                    f"whether {what} is refused could not be told: the job does not list it any more, and the ledger "
                    "does not keep it, since EXPORTPROOF_LEDGER_KEY was not set when it was made"
                )
                yield Finding("links/dead-after-expiry", "doubt", message=message, job=name, exchanges=numbers,
                              key="unlisted", details=details)  # fmt: skip
            elif look.outcome == "server-error" and link.due is not None:
                yield from _once(link, look, ledger, numbers)


def _once(link: LedgerLink, look: Look, ledger: LinkLedger, numbers: tuple[int, ...]) -> Iterator[Finding]:
    """Doubt about a 5xx status that came once, until the next look, which is still due."""
    later = [other for other in link.history if other.at > look.at and other.outcome != "moved"]
    if later or confirmed(link, look, ledger):
        return
    after = look.target_now >= ledger.life(link).dead_from
    yield Finding(
        "links/dead-after-expiry" if after else "links/alive-until-expiry", "doubt",
        message=f"the link of file {link.file} of job {link.job} answered {look.status}, which may pass; "
        "a later look will tell",
        job=f"job {link.job}", exchanges=numbers, key="server-error",
    )  # fmt: skip


def _rule_of(gap: Untried) -> str:
    return "links/dead-after-expiry" if gap.after_end else "links/alive-until-expiry"


def _doubt(gap: Untried, asked: Mapping[tuple[str, int], int]) -> Finding:
    link = gap.link
    return Finding(
        _rule_of(gap), "doubt",
        message=f"the link of file {link.file} of job {link.job} was due and could not be tried: {gap.why}",
        job=f"job {link.job}", exchanges=(asked[link.account, link.job],), key=f"untried:{gap.why}",
    )  # fmt: skip


def _jobs(ledger: LinkLedger) -> Iterator[tuple[str, int]]:
    for link in ledger.links:
        yield link.account, link.job


def _job_exchange(ledger: LinkLedger, account: str, job: int, number: int) -> Exchange:
    """The request that lists a job's links again: what a report shows instead of the links, which are secret."""
    then = ledger.links[0].created
    owner: Account = "second" if account == "second" else "first"
    return Exchange(number, "job", "GET", f"{ledger.target}{ROUTE}/{job}", then, then, owner)


def broken(ledger: LinkLedger) -> int:
    """How many links broke their promise."""
    return sum(link.settled in BREACHES or link.settled == "server-error" for link in ledger.links)
