"""What jobs showed of a target's own records, for judging without a control API: looks, and what differs between two.

A look is one delivered job with its rows by record id. Looks of one account and resource type are compared with each
other; what changes between them may have been changed by others while the run was under way, so their order matters.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from .data import record_id, row_count, rows_by_id
from .membership import CODES_TYPE, CONTACT_COLUMN
from .seams import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from .data import Place
    from .observation import Account, JobObservation, Run
    from .request import JobRequest

Group = "tuple[Account, str]"
# Clocks that are this far apart are allowed for, wherever an instant by the suite's clock meets one by the target's.
CLOCKS_APART = timedelta(hours=1)
_OFFSET = re.compile(r"[+-]\d\d:?\d\d$")
_FRACTION = re.compile(r":\d\d\.(?!0*(?:Z|[+-]))")


@dataclass(frozen=True)
class Look:
    """One delivered job. `began` and `ended` enclose the moment whose records it shows, by the suite's clock.

    `whole` is False when a row's key could not be read, so that absence from `rows` says nothing.
    """

    job: JobObservation
    rows: Mapping[int, list[Place]]
    began: datetime
    ended: datetime
    whole: bool

    @property
    def request(self) -> JobRequest:
        """What the job was asked for."""
        return self.job.request

    @cached_property
    def body(self) -> str:
        """The request as text: looks with one body were asked for the same."""
        return json.dumps(self.job.body, sort_keys=True)

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The window; without dateChangedTo up to what was surely past at the request."""
        return self.request.start, self.request.end or self.began - CLOCKS_APART

    @property
    def mode(self) -> int | None:
        """The contactMode where it selects, 1 or 2; else None."""
        return self.request.contact_mode if self.request.contact_mode in (1, 2) else None

    @property
    def filtered(self) -> bool:
        """True when contactMode or activist codes keep records out, or may do so by an open reading."""
        codes = self.job.resource.name == CODES_TYPE and self.request.codes is not None
        return self.mode is not None or codes

    @property
    def shows_all(self) -> bool:
        """True when every record that changed in the window is due, whatever it is now."""
        return self.request.include_inactive and not self.filtered and self.request.ids is None

    def own(self, identifier: int) -> bool:
        """Tell whether a row of this record is there for the window's sake, under every reading of requested ids."""
        return not self.request.ids or identifier not in self.request.ids


def looks_of(run: Run) -> Mapping[tuple[Account, str], list[Look]]:
    """The looks by account and resource type, in the order of their creation.

    Jobs whose files are no readable CSV, or have no key column, are left out: other rules judge those.
    """
    found: dict[tuple[Account, str], list[Look]] = defaultdict(list)
    for job in run.jobs:
        if not job.delivered or job.resource.key is None or any(unreadable(table) for table in job.tables):
            continue
        rows = rows_by_id(job)
        count = row_count(job)
        if count and not rows:
            continue
        ended = next(e.ended for e in job.answers if e.object.get("jobStatus") == "Complete")
        whole = sum(len(places) for places in rows.values()) == count
        found[job.account, job.resource.name].append(Look(job, rows, job.create.started, ended, whole))
    return found


def contact_of(place: Place) -> int | None:
    """The contact that a row names, or None where there is none to read."""
    for name, cell in zip(place.header, place.cells, strict=False):
        if name.strip().lower() == CONTACT_COLUMN.lower():
            return record_id(cell)
    return None


def differences(one: Look, other: Look) -> frozenset[str]:
    """In what two requests differ: window, offsets, fractions, and the names of properties."""
    found = set()
    if one.window != other.window:
        found.add("window")
    for name in ("dateChangedFrom", "dateChangedTo"):
        texts = str(one.job.body.get(name)), str(other.job.body.get(name))
        if texts[0] != texts[1]:
            if any(_OFFSET.search(text) for text in texts):
                found.add("offsets")
            if any(_FRACTION.search(text) for text in texts):
                found.add("fractions")
    for name in one.job.body.keys() | other.job.body.keys():
        if not name.startswith("dateChanged") and one.job.body.get(name) != other.job.body.get(name):
            found.add(name)
    return frozenset(found)


def interleaved(premises: Iterable[Look], breaches: Iterable[Look]) -> bool:
    """True when the one was seen, then the other, and both again, and the one once more, none beside another.

    A record that others change meanwhile would have to change to and fro four times, just in time, to look so.
    """
    turns: Sequence[list[Look]] = [_ordered(premises), _ordered(breaches)]
    last = None
    for turn in range(5):
        following = [look for look in turns[turn % 2] if last is None or look.began > last]
        if not following:
            return False
        last = min(look.ended for look in following)
    return True


def _ordered(looks: Iterable[Look]) -> list[Look]:
    return sorted(looks, key=lambda look: look.began)


def switches(premises: Iterable[Look], breaches: Iterable[Look]) -> int:
    """How often a record must have changed at the least for both to be true; looks side by side may come either way."""
    marked = sorted([(look.ended, 0) for look in premises] + [(look.ended, 1) for look in breaches])
    return sum(first[1] != second[1] for first, second in pairwise(marked))
