"""The validation family: what has to be refused is, what has to be taken is, and nothing odd breaks the server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...spec.catalogue import rules as catalogue
from ..answering import (
    answer_of,
    came,
    sent_body,
    short,
    surely_ahead,
    taken_otherwise,
    well_inside,
)
from ..echo import PROPERTIES
from ..finding import Finding, Vote, judges
from ..target_clock import TargetClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..observation import Exchange, ProbeObservation, Run

_FAMILY, _NOTHING_CREATED, _ODD = "validation", "validation/nothing-created", "validation/odd-input"
PROBED = tuple(
    rule_id for rule_id, rule in catalogue().items() if rule.family == _FAMILY and rule_id != _NOTHING_CREATED
)
_TOLERANT = ("validation/nulls-accepted", "validation/unknown-properties-accepted")
_VALUES = {"ninety-days": {"taken": "lenient", "refused": "exact"}}
# One answer that never comes may be the network's fault; several to odd requests are not put down to chance.
_MANY_SILENCES = 2
# A server may refuse a large body, and close the connection, before it has read all of it.
_LARGE_BODY = 2**16
_JOB_ADDRESS = re.compile(r"/changedEntityExportJobs/(\d+)/?", re.ASCII | re.IGNORECASE)


@judges(*PROBED)
def probed(run: Run) -> Iterator[Finding | Vote]:
    """Each request that was sent for its answer alone is answered as its rule demands; readings are observed."""
    clock = TargetClock(run.exchanges)
    takes_posts = any(e.method == "POST" and e.status == 201 for e in _posts(run))
    plain = _Plain.learn(run)
    silences = sum(p.rule == _ODD and _is_silence(p.exchange) for p in run.probes)
    for probe in run.probes:
        if probe.rule not in PROBED:
            continue
        if probe.expectation == "accepted":
            yield from _accepted(probe, clock, plain)
        elif probe.expectation == "either":
            yield from _either(probe, silences)
        else:
            yield from _refused(probe, clock, takes_posts=takes_posts)


def _refused(probe: ProbeObservation, clock: TargetClock, *, takes_posts: bool) -> Iterator[Finding]:
    """A 400, or for an unknown type any 4xx that can be about the type."""
    exchange, answer = probe.exchange, answer_of(probe.exchange)
    anything = probe.expectation == "refused-4xx"
    if answer == "none":
        yield _doubt(probe, "is refused")
    elif anything and exchange.status in (403, 404) and not takes_posts:
        # Where no POST is ever taken, these tell that the route is missing or closed.
        yield _doubt(probe, "is refused for what it says", "no POST to this route was ever taken")
    elif exchange.status == 400 or (anything and answer == "refused"):
        yield Finding(probe.rule, "pass", exchanges=(exchange.number,))
    elif probe.rule != "validation/to-not-in-future" or surely_ahead(_sent(probe), clock, exchange):
        expected = "a 4xx status that is about the type" if anything else "status 400"
        did = "was taken" if answer == "taken" else f"was not answered with {expected}"
        yield _failure(probe, f"a request that has to be refused ({probe.label}) {did}", expected)


@dataclass(frozen=True)
class _Plain:
    """How the target answers requests with nothing special about them.

    `types` can be exported. `taken` and `refused` are the sets of properties that requests had which were.
    """

    types: frozenset[str]
    taken: frozenset[frozenset[str]]
    refused: frozenset[frozenset[str]]

    @classmethod
    def learn(cls, run: Run) -> _Plain:
        """Look at every creation that was meant to be taken."""
        sent = [(job.create, job.body) for job in run.jobs]
        sent += [(p.exchange, _sent(p)) for p in run.probes if p.expectation == "accepted" and p.rule not in _TOLERANT]
        return cls(
            frozenset(job.resource.name for job in run.jobs if job.create.status == 201),
            frozenset(_effective(body) for exchange, body in sent if answer_of(exchange) == "taken"),
            frozenset(_effective(body) for exchange, body in sent if answer_of(exchange) == "refused"),
        )


def _effective(body: Mapping[str, Any]) -> frozenset[str]:
    """The documented properties that a body has, nulls left out."""
    return frozenset(name for name, value in body.items() if value is not None and name in PROPERTIES)


def _accepted(probe: ProbeObservation, clock: TargetClock, plain: _Plain) -> Iterator[Finding]:
    """A 201; a refusal counts only while the window is surely legal by the target's clock."""
    exchange, answer, sent = probe.exchange, answer_of(probe.exchange), _sent(probe)
    if answer == "taken" or taken_otherwise(exchange):
        yield Finding(probe.rule, "pass", exchanges=(exchange.number,))
    elif answer == "none":
        yield _doubt(probe, "is accepted")
    elif answer == "refused" and not well_inside(sent, clock, exchange):
        return
    elif probe.rule == "validation/listed-types-accepted" and str(sent.get("resourceType")) in plain.types:
        # The type can be exported, only not in the way that came first.
        yield Finding(probe.rule, "pass", exchanges=(exchange.number,))
    elif probe.rule in _TOLERANT and _effective(sent) in plain.refused - plain.taken:
        # It is refused without the null or the unknown property as well.
        return
    else:
        did = "was refused" if answer == "refused" else "was not accepted"
        yield _failure(probe, f"a legal request ({probe.label}) {did}", "status 201")


def _either(probe: ProbeObservation, silences: int) -> Iterator[Finding | Vote]:
    """A 201 or a 4xx, and always the same for the same reading."""
    exchange, answer = probe.exchange, answer_of(probe.exchange)
    if probe.reading is not None and answer in ("taken", "refused"):
        value = _VALUES.get(probe.reading, {}).get(answer, answer)
        message = f"{probe.label} was {answer} ({came(exchange)})"
        yield Vote(probe.reading, frozenset({value}), message, None, (exchange.number,))
    if probe.rule != _ODD:
        return
    if exchange.status is None and not _is_broken_by_it(exchange, silences):
        yield _doubt(probe, "is answered")
    elif exchange.status == 201 or taken_otherwise(exchange) or 400 <= (exchange.status or 0) < 500:
        yield Finding(probe.rule, "pass", exchanges=(exchange.number,))
    else:
        did = "was not answered" if exchange.status is None else "was neither taken nor refused"
        yield _failure(probe, f"an odd request ({probe.label}) {did}", "status 201 or a 4xx status")


def _is_broken_by_it(exchange: Exchange, silences: int) -> bool:
    """Tell whether an answer that did not come is the server's doing."""
    if exchange.error == "disconnected":
        return len(exchange.request_body or b"") < _LARGE_BODY
    return _is_silence(exchange) and silences >= _MANY_SILENCES


def _is_silence(exchange: Exchange) -> bool:
    """True when a request that goes over any network in no time was not answered in time."""
    return exchange.error == "timeout" and len(exchange.request_body or b"") < _LARGE_BODY


def _sent(probe: ProbeObservation) -> Mapping[str, Any]:
    """The object that was sent; an empty one for a body that is none."""
    return probe.body or sent_body(probe.exchange)


def _failure(probe: ProbeObservation, message: str, expected: str) -> Finding:
    exchange = probe.exchange
    return Finding(
        probe.rule,
        "fail",
        message=message,
        expected=expected,
        received=came(exchange),
        exchanges=(exchange.number,),
        key=f"{probe.label}:{exchange.status}",
    )


def _doubt(probe: ProbeObservation, what: str, why: str | None = None) -> Finding:
    exchange = probe.exchange
    message = f"whether a request ({probe.label}) {what} could not be told: {why or came(exchange)}"
    return Finding(probe.rule, "doubt", message=message, exchanges=(exchange.number,), key=f"doubt:{exchange.status}")


@judges("validation/nothing-created")
def nothing_created(run: Run) -> Iterator[Finding]:
    """No answer that refuses a POST carries a job's id, in its body or in a Location header (endpoint.2)."""
    for exchange in _posts(run):
        if exchange.status is None or not 400 <= exchange.status < 500 or exchange.status == 429:
            continue
        identifier = exchange.object.get("exportJobId")
        place = _JOB_ADDRESS.search(exchange.headers.get("location", ""))
        if place is None and identifier in (None, 0, "", False):
            yield Finding(_NOTHING_CREATED, "pass", exchanges=(exchange.number,))
            continue
        carried = f"Location: {place[0]}" if place else f"exportJobId {short(identifier)}"
        yield Finding(
            _NOTHING_CREATED,
            "fail",
            message=f"a POST was refused with status {exchange.status}, and the answer names a job",
            expected="errors, and no job id",
            received=f"status {exchange.status} with {carried}",
            exchanges=(exchange.number,),
            key=f"{exchange.status}:{'location' if place else 'body'}",
        )


def _posts(run: Run) -> Iterator[Exchange]:
    """The creations that were tried, with good credentials or without."""
    return (e for e in run.exchanges if e.method == "POST" and e.purpose in ("create", "probe"))
