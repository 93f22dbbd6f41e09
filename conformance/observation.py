"""What a run recorded: exchanges, files, jobs and probes. Frozen; rules see nothing else.

Instants are aware datetimes in UTC. `started` and `ended` are by the suite's own clock; what is by the
target's clock says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..spec.offer import Offer, Resource
    from .ledger import Ledger
    from .request import JobRequest
    from .table import Table

Account = Literal["first", "second"]
Credentials = Literal[
    "valid", "none", "wrong-key", "longer-key", "shorter-key", "other-case-key", "empty-key", "unknown-user",
    "malformed", "bearer",
]  # fmt: skip
Purpose = Literal["create", "job", "resources", "fields", "changeTypes", "download", "probe", "control"]

NOT_JSON = object()


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `status` None means that no complete answer came; `error` says why.

    Bodies of downloads are not kept here (see `FileObservation`). Header names are in lower case.
    `error` is one of: timeout, refused, tls, disconnected, too-large, bad-redirect, malformed.
    """

    number: int
    purpose: Purpose
    method: str
    url: str
    started: datetime
    ended: datetime
    account: Account | None = None
    credentials: Credentials = "valid"
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: bytes | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None

    @property
    def adapted(self) -> bool:
        """True when an adapter did it in place of a control API: nothing was sent to the target."""
        return self.purpose == "control" and self.url.startswith("adapter:")

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as a JSON value, or NOT_JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return NOT_JSON

    @property
    def object(self) -> Mapping[str, Any]:
        """The body as a JSON object; an empty one when it is anything else."""
        return self.json if isinstance(self.json, dict) else {}


@dataclass(frozen=True)
class FileObservation:
    """One download: the link as listed, the exchange, and the file.

    `size` is in bytes, of the whole file as it is after transfer decoding (gzip in transit does not count).
    `table` is None when nothing was downloaded.
    """

    index: int
    link: str
    exchange: Exchange
    size: int = 0
    sha256: str = ""
    table: Table | None = None
    authorized: bool = False
    """True when the file came only after credentials were sent with the request."""

    @property
    def delivered(self) -> bool:
        """True when the link answered 200 with a body that was read to its end."""
        return self.exchange.status == 200 and self.exchange.error is None


@dataclass(frozen=True)
class JobObservation:
    """One export job, from its request to its files.

    `ledger_before` and `ledger_after` are positions in the ledger when the POST was about to be sent and when
    the job was seen finished: what the job exports was current somewhere between the two.
    `target_before` and `target_after` enclose the POST by the target's own clock, where that is known.
    `in_flight` names the jobs that were unfinished while this one ran. `purpose` is for people only.
    """

    name: str
    account: Account
    resource: Resource
    body: Mapping[str, Any]
    request: JobRequest
    create: Exchange
    polls: tuple[Exchange, ...] = ()
    files: tuple[FileObservation, ...] = ()
    again: tuple[FileObservation, ...] = ()
    later: tuple[Exchange, ...] = ()
    ledger_before: int = 0
    ledger_after: int = 0
    target_before: datetime | None = None
    target_after: datetime | None = None
    in_flight: frozenset[str] = frozenset()
    timed_out: bool = False
    purpose: str = ""

    @property
    def id(self) -> int | None:
        """The exportJobId that the creation answered with, or None."""
        value = self.create.object.get("exportJobId")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def answers(self) -> tuple[Exchange, ...]:
        """Every 200 or 201 answer about the job, in the order of asking."""
        return tuple(e for e in (self.create, *self.polls, *self.later) if e.status in (200, 201))

    @cached_property
    def final(self) -> Mapping[str, Any] | None:
        """The first answer in which the job is Complete or Error, as a JSON object; None if it never was.

        A creation that is Complete at once need not list files: what is asked after it does (facts:1.2).
        """
        ended = [e for e in self.answers if e.object.get("jobStatus") in ("Complete", "Error")]
        bare = len(ended) > 1 and ended[0] is self.create and not isinstance(ended[0].object.get("files"), list)
        return ended[bare].object if ended else None

    @property
    def complete(self) -> bool:
        """True when the job was seen Complete."""
        return self.final is not None and self.final.get("jobStatus") == "Complete"

    @cached_property
    def delivered(self) -> bool:
        """True when the job is Complete and every file that it lists was downloaded."""
        if not self.complete or self.final is None:
            return False
        listed = self.final.get("files")
        count = len(listed) if isinstance(listed, list) else 0
        return len(self.files) == count and all(f.delivered for f in self.files)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The parsed files, in the order listed."""
        return tuple(f.table for f in self.files if f.table is not None)


Expectation = Literal["refused-400", "refused-4xx", "accepted", "either"]


@dataclass(frozen=True)
class ProbeObservation:
    """One creation request made for its answer alone: a valid body with one thing broken, or something odd.

    `rule` judges it; `label` tells what was done, as a user would say it; `reading` names what it observes.
    """

    rule: str
    label: str
    expectation: Expectation
    exchange: Exchange
    reading: str | None = None
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class AccessObservation:
    """One request made for its status: without valid credentials, for an unknown job, or for another's job."""

    rule: str
    label: str
    expected_status: int
    exchange: Exchange


@dataclass(frozen=True)
class LinkObservation:
    """A link tried again: under a moved clock, or after real time had passed (a look of the link ledger).

    `target_now` is by the target's clock and may be off by `within`, which a clock that stands still is not; a
    record holds no other. `expires` is as announced.
    """

    job: str
    file: FileObservation
    first: FileObservation
    target_now: datetime
    expires: datetime | None
    created: datetime
    completed: datetime
    ranged: bool = False
    within: timedelta = timedelta(0)


@dataclass(frozen=True)
class Run:
    """Everything that one run observed. `missing` holds the skip reasons that capabilities give, by need."""

    offer: Offer
    ledger: Ledger
    exchanges: tuple[Exchange, ...] = ()
    jobs: tuple[JobObservation, ...] = ()
    probes: tuple[ProbeObservation, ...] = ()
    accesses: tuple[AccessObservation, ...] = ()
    links: tuple[LinkObservation, ...] = ()
    capabilities: frozenset[str] = frozenset()
    pinned: Mapping[str, str] = field(default_factory=dict)
    link_lifetime_seconds: float = 20 * 86_400.0
    second_account: bool = False
    problems: tuple[str, ...] = ()
    """What kept the run from observing more, in sentences for the user."""
