"""What the answer to a creation is worth: taken, refused, or no answer to what was sent at all."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from ..spec.offer import parse_instant
from .target_clock import KNOWN_WITHIN, instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..spec.offer import Offer
    from .observation import Exchange
    from .target_clock import TargetClock

Answer = Literal["taken", "refused", "none", "other"]

# Statuses that say nothing of the request: it came too slowly, or too soon after others (rfc9110, rfc6585).
_SAYS_NOTHING = frozenset({408, 429})
# Refusals of whoever asks, or of the method: never of what a body with valid credentials says.
_NOT_OF_THE_BODY = frozenset({401, 405, 407})
_DATES = ("dateChangedFrom", "dateChangedTo")
# A start is judged with a margin; half of it is left for the time that a run takes between writing and sending.
_OLDEST = timedelta(days=89, hours=12)
# A start that is so long ago is past by a clock that the target told, whatever its answer took.
_SECONDS = timedelta(seconds=10)
_LONGEST_TEXT = 160


def answer_of(exchange: Exchange) -> Answer:
    """Tell what a creation was answered. "other" is any status that neither creates nor refuses what was sent."""
    status = exchange.status
    if status is None or status in _SAYS_NOTHING or (status == 201 and exchange.error is not None):
        return "none"
    if status == 201:
        return "taken"
    return "refused" if 400 <= status < 500 and status not in _NOT_OF_THE_BODY else "other"


def taken_otherwise(exchange: Exchange) -> bool:
    """True when a job was made, but told of with another status than 201, which is for creation/accepted to tell."""
    status, identifier = exchange.status, exchange.object.get("exportJobId")
    made = isinstance(identifier, int) and not isinstance(identifier, bool) and identifier > 0
    return status is not None and 200 <= status < 300 and status != 201 and exchange.error is None and made


def came(exchange: Exchange) -> str:
    """What came, for people: the status, with the job's id or with what the first error says."""
    if exchange.status is None:
        return f"no answer ({exchange.error})"
    told = f"status {exchange.status}"
    if exchange.error is not None:
        return f"{told} ({exchange.error})"
    if exchange.status == 201:
        return f"{told} with exportJobId {short(exchange.object.get('exportJobId'))}"
    errors = exchange.object.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    text = first.get("text") if isinstance(first, dict) else None
    return f"{told}: {text[:_LONGEST_TEXT]}" if isinstance(text, str) and text else told


def short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as people read it in JSON, cut where it becomes unreadable."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def well_inside(body: Mapping[str, Any], clock: TargetClock, exchange: Exchange) -> bool:
    """Tell whether the window surely lay in the past 90 days, by the target's clock, when it was asked for."""
    now, slack = clock.at(exchange, exchange.started), _slack(clock)
    instants = [at for name in _DATES if (at := instant_of(body.get(name))) is not None]
    return all(slack <= now - at <= _OLDEST - slack for at in instants)


def surely_ahead(body: Mapping[str, Any], clock: TargetClock, exchange: Exchange) -> bool:
    """Tell whether the end was surely still in the future, by the target's clock, when the answer came."""
    from ..generators.cases import FUTURE_SURE  # noqa: PLC0415 - hypothesis is slow to import

    end = instant_of(body.get("dateChangedTo"))
    return end is None or end - clock.at(exchange, exchange.ended) - _slack(clock) >= FUTURE_SURE


def surely_valid(body: Mapping[str, Any], offer: Offer, clock: TargetClock, exchange: Exchange) -> bool:
    """Tell whether every conforming target takes a body that was meant to be valid.

    The generators' own judgement, but for three things that they leave open and jobs are made with: instants between
    the steps of 10 ms, thousands of ids, which the documentation does not bound, and a start some seconds ago where the
    target tells its clock.
    """
    from ..generators.cases import SAFETY  # noqa: PLC0415
    from ..generators.classify import MOST_IDS, VALID, classify  # noqa: PLC0415 - hypothesis is slow to import
    from ..generators.stamps import on_grid, write_stamp  # noqa: PLC0415

    plain = dict(body)
    for name in _DATES:
        if instant_of(plain.get(name)) is not None:
            plain[name] = write_stamp(on_grid(parse_instant(plain[name])), digits=2)
    ids = plain.get("requestedIds")
    if isinstance(ids, list) and len({str(identifier) for identifier in ids}) == len(ids):
        plain["requestedIds"] = ids[:MOST_IDS]
    now, slack = clock.at(exchange, exchange.started), _slack(clock)
    start = instant_of(plain.get("dateChangedFrom"))
    if not slack and start is not None and _SECONDS <= now - start < SAFETY:
        plain["dateChangedFrom"] = write_stamp(on_grid(start - SAFETY), digits=2)
    return all(classify(plain, offer, at) == VALID for at in (now - slack, now + slack))


def _slack(clock: TargetClock) -> timedelta:
    """How far the clock is trusted: fully when the target told its time, not when a header or nothing did."""
    return clock.within if clock.within > KNOWN_WITHIN else timedelta(0)


def sent_body(exchange: Exchange) -> Mapping[str, Any]:
    """The JSON object that was sent; an empty one when it was none."""
    try:
        value = json.loads(exchange.request_body or b"")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
