"""What no schema can say of an answer: that it agrees with itself, and with the request that it answers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeGuard

from ..spec.offer import parse_instant
from .remark import Remark
from .request_body import judge_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ..conformance.observation import Exchange

_DATES = ("dateChangedFrom", "dateChangedTo")
_LISTS = ("requestedIds", "requestedFields", "requestedCustomFieldIds", "requestedActivistCodeIds")
_TOLERANCE = timedelta(milliseconds=10)
"""Finer differences than the documented hundredths of a second are not held against an echo."""


def job_remarks(body: object, file: str) -> Iterator[Remark]:
    """What an answer about a job says that cannot be true at once (window.1, facts:1.2)."""
    if not isinstance(body, dict):
        return
    start, end = (_instant(body.get(name)) for name in _DATES)
    if start is not None and end is not None and end <= start:
        yield Remark(
            "window-order", "error", "the window that is told of does not end after it starts", file,
            pointer="/dateChangedTo", expected=f"an instant later than {body['dateChangedFrom']}",
            received=json.dumps(body["dateChangedTo"]), rule="creation/window-kept",
        )  # fmt: skip
    count = body.get("exportedRecordCount")
    if body.get("jobStatus") == "Complete" and body.get("files") == [] and _is_whole(count) and count > 0:
        yield Remark(
            "count-without-files", "error", "records are announced, and no file that could hold them", file,
            pointer="/files", expected=f"files with {count:,} records", received="[]", rule="counts/equals-rows",
        )  # fmt: skip


def creation_remarks(exchange: Exchange, now: datetime, file: str) -> Iterator[Remark]:
    """What is wrong with a 201 given its request: it had to be refused, or is told back otherwise."""
    if exchange.status != 201 or not exchange.request_body:
        return
    text = exchange.request_body.decode("utf-8", "replace")
    for remark in judge_text(text, now, file):
        if remark.level == "error" and remark.rule != "validation/odd-input":
            place = remark.pointer or "the body"
            yield Remark(
                "accepted-invalid", "error", f"the request was accepted, though in it, at {place}, {remark.message}",
                file, expected="status 400", received="status 201", rule=remark.rule,
            )  # fmt: skip
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(sent, dict):
        yield from _echo(sent, exchange.object, file)


def _echo(sent: Mapping[str, Any], told: Mapping[str, Any], file: str) -> Iterator[Remark]:
    """Properties that mean something else in the answer than in the request (facts:1.2)."""
    for name, value in sent.items():
        if name in told and value is not None and told[name] is not None and not _agree(name, value, told[name]):
            yield Remark(
                "untrue-echo", "error", f"{name} is told back otherwise than it was sent", file, pointer=f"/{name}",
                expected=json.dumps(value), received=json.dumps(told[name]), rule="creation/echo-true",
            )  # fmt: skip


def _agree(name: str, sent: Any, told: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell whether an echo may mean the same. What was sent in an odd form is not held against it."""
    if name in _DATES:
        before, after = _instant(sent), _instant(told)
        return before is None or after is None or abs(before - after) < _TOLERANCE
    if isinstance(sent, bool):
        return str(told).casefold() == str(sent).casefold()
    if name in _LISTS and isinstance(sent, list) and isinstance(told, list):
        # An item that was not accepted is missing from the echo; one that was never sent has no place in it.
        return {str(item) for item in told} <= {str(item) for item in sent}
    if _is_whole(sent):
        return not _is_whole(told) or sent == told
    if isinstance(sent, str) and isinstance(told, str):
        return sent.strip().casefold() == told.strip().casefold()
    return True


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _instant(value: object) -> datetime | None:
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
