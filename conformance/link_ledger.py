"""The link ledger: the links that a run left behind, to be looked at again until each is known to have died in time.

docs/link-ledger.md is the format. The file holds no exported data and no link in clear, so that it can be committed
or kept in a CI's cache. It is no part of `ledger`, which models the changes of records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from .. import __version__
from ..spec.offer import format_instant, parse_instant
from .link_life import LinkLife, margin_of
from .observation import Account

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT, FORMAT_VERSION = "exportproof-link-ledger", 1
RECHECKED = ("links/alive-until-expiry", "links/dead-after-expiry", "links/again", "links/expiry-steady")
"""The rules that looks at links give a verdict on."""

Outcome = Literal[
    "alive", "dead", "early-death", "late-death", "not-refused", "changed", "moved", "unlisted", "server-error"
]
"""What one look found.

alive: before its end, with the same bytes. dead: refused after its end. early-death: refused before it. late-death:
it still delivered its file after it. not-refused: it was answered in another way than with a refusal. changed: it
delivered other bytes. moved: the job announces another expiry than at first. unlisted: the job does not list the
link any more, or another one that was made anew, and the link was not kept. server-error: a 5xx status, which is
nobody's verdict when it comes once.
"""
BREACHES = frozenset({"early-death", "late-death", "not-refused", "changed"})
_FIRST_LOOK, _LONGEST_PAUSE = 20, 4


@dataclass(frozen=True)
class Look:
    """One look at a link. `at` is by the suite's clock; `target_now` by that of whoever answered, to `within` seconds.

    `size` and `sha256` are of what was delivered, 0 and empty when nothing was. `via` tells where the link came from:
    the ledger, or the job. `expires` is what was announced, where that is the news.
    """

    at: datetime
    target_now: datetime
    within: float
    outcome: Outcome
    status: int | None
    size: int = 0
    sha256: str = ""
    ranged: bool = False
    via: Literal["ledger", "job"] = "ledger"
    expires: datetime | None = None

    def serializable(self) -> dict[str, Any]:
        """Return the look as a JSON object; what says nothing is left out."""
        values: dict[str, Any] = {
            "at": format_instant(self.at),
            "targetNow": format_instant(self.target_now),
            "within": round(self.within, 3),
            "outcome": self.outcome,
            "status": self.status,
            "size": self.size,
            "sha256": self.sha256,
            "ranged": self.ranged,
            "via": self.via,
            "expires": _written(self.expires),
        }
        return {name: value for name, value in values.items() if value not in (0, "", False, None) or name == "within"}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Look:
        """Read what `serializable` wrote; raises KeyError, TypeError or ValueError."""
        if values["outcome"] not in get_args(Outcome):
            raise ValueError(f"no outcome {values['outcome']!r}")
        return cls(
            parse_instant(values["at"]),
            parse_instant(values["targetNow"]),
            float(values["within"]),
            values["outcome"],
            values.get("status"),
            values.get("size", 0),
            values.get("sha256", ""),
            values.get("ranged", False),
            values.get("via", "ledger"),
            _read(values.get("expires")),
        )


@dataclass(frozen=True)
class LedgerLink:
    """One link. `file` counts from 1, of `files` that its job listed; `size` is in bytes.

    `created` and `completed` enclose the making of the job by the target's clock, as `LinkLife` wants it. `sealed` is
    the link itself, encrypted; None where no key was given. `authorized` tells that it wanted credentials. `due` is
    when to look next, by the suite's clock; None once `settled`, which tells how: by the outcome that settled it.
    """

    run: str
    account: Account
    job: int
    file: int
    files: int
    sha256: str
    size: int
    created: datetime
    completed: datetime
    expires: datetime | None
    sealed: str | None
    due: datetime | None
    authorized: bool = False
    settled: Outcome | None = None
    history: tuple[Look, ...] = ()

    @property
    def place(self) -> tuple[str, str, int]:
        """What tells its job from others: the run, the account and the job's id."""
        return self.run, self.account, self.job

    def serializable(self) -> dict[str, Any]:
        """Return the link as a JSON object."""
        return {
            "run": self.run,
            "account": self.account,
            "job": self.job,
            "file": self.file,
            "files": self.files,
            "sha256": self.sha256,
            "size": self.size,
            "created": format_instant(self.created),
            "completed": format_instant(self.completed),
            "expires": _written(self.expires),
            "sealed": self.sealed,
            "due": _written(self.due),
            "authorized": self.authorized,
            "settled": self.settled,
            "history": [look.serializable() for look in self.history],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LedgerLink:
        """Read what `serializable` wrote; raises KeyError, TypeError or ValueError."""
        if values["account"] not in get_args(Account) or values["settled"] not in (None, *get_args(Outcome)):
            raise ValueError(f"account {values['account']!r}, settled {values['settled']!r}")
        return cls(
            str(values["run"]),
            values["account"],
            int(values["job"]),
            int(values["file"]),
            int(values["files"]),
            str(values["sha256"]),
            int(values["size"]),
            parse_instant(values["created"]),
            parse_instant(values["completed"]),
            _read(values["expires"]),
            values["sealed"],
            _read(values["due"]),
            bool(values["authorized"]),
            values["settled"],
            tuple(Look.from_dict(look) for look in values["history"]),
        )


@dataclass(frozen=True)
class LedgerRun:
    """A run whose links are in the ledger: what it takes to join what is found later to its report.

    `rules` holds the status, the skip reason and the number of judged observations of each rule that was selected.
    `lifetime` is in seconds.
    """

    started: str
    profile: str
    seed: int
    lifetime: float
    verdict: str
    ending: str | None = None
    capabilities: tuple[str, ...] = ()
    rules: Mapping[str, tuple[str, str | None, int]] = field(default_factory=dict)
    readings: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    stats: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells it from other runs of the target."""
        return f"{self.started}#{self.seed}"

    def serializable(self) -> dict[str, Any]:
        """Return the run as a JSON object."""
        return {
            "started": self.started,
            "profile": self.profile,
            "seed": self.seed,
            "linkLifetime": self.lifetime,
            "verdict": self.verdict,
            "ending": self.ending,
            "capabilities": list(self.capabilities),
            "rules": {rule: list(said) for rule, said in self.rules.items()},
            "readings": {name: list(said) for name, said in self.readings.items()},
            "stats": dict(self.stats),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LedgerRun:
        """Read what `serializable` wrote; raises KeyError, TypeError or ValueError."""
        return cls(
            str(values["started"]),
            str(values["profile"]),
            int(values["seed"]),
            float(values["linkLifetime"]),
            str(values["verdict"]),
            values["ending"],
            tuple(values["capabilities"]),
            {rule: (status, reason, int(judged)) for rule, (status, reason, judged) in values["rules"].items()},
            {name: (observed, pinned) for name, (observed, pinned) in values["readings"].items()},
            dict(values["stats"]),
        )


@dataclass(frozen=True)
class LinkLedger:
    """A link ledger. `lock` is what `link_seal` wrote to know its key by; None when links are not kept."""

    target: str
    lock: Mapping[str, str] | None = None
    runs: tuple[LedgerRun, ...] = ()
    links: tuple[LedgerLink, ...] = ()

    def run(self, name: str) -> LedgerRun:
        """Return a run by its name; raises KeyError."""
        return next((run for run in self.runs if run.name == name), None) or _missing(name)

    def life(self, link: LedgerLink, lifetime: float | None = None) -> LinkLife:
        """Return how long a link may live, by its run's lifetime or by another one in seconds."""
        seconds = self.run(link.run).lifetime if lifetime is None else lifetime
        return LinkLife(link.created, link.completed, link.expires, timedelta(seconds=seconds))

    @property
    def next_due(self) -> datetime | None:
        """When the next look is due; None when every link is settled."""
        return min((link.due for link in self.links if link.due is not None), default=None)

    def serializable(self) -> dict[str, Any]:
        """Return the ledger as a JSON object."""
        return {
            "format": FORMAT,
            "formatVersion": FORMAT_VERSION,
            "tool": {"name": "exportproof", "version": __version__},
            "target": self.target,
            "lock": None if self.lock is None else dict(self.lock),
            "runs": [run.serializable() for run in self.runs],
            "links": [link.serializable() for link in self.links],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LinkLedger:
        """Read what `serializable` wrote; raises KeyError, TypeError or ValueError."""
        ledger = cls(
            str(values["target"]),
            values["lock"],
            tuple(LedgerRun.from_dict(run) for run in values["runs"]),
            tuple(LedgerLink.from_dict(link) for link in values["links"]),
        )
        for link in ledger.links:
            ledger.run(link.run)
        return ledger


def next_look(life: LinkLife, target_now: datetime, *, first: bool = False) -> datetime:
    """Return when to look at a link next, by the target's clock.

    The first look comes after a twentieth of its lifetime, since links that die after a day are the likeliest breach;
    later ones after a quarter, and the nearer to the end, the closer: after half of what is left. From its end less
    `margin_of` on, only the look after its end is left.
    """
    left = life.alive_until - target_now
    pause = min(life.lifetime / (_FIRST_LOOK if first else _LONGEST_PAUSE), left / 2)
    if pause < margin_of(life.lifetime) / 2:
        return max(life.dead_from, target_now)
    return target_now + pause


def _missing(name: str) -> LedgerRun:
    raise KeyError(name)


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _read(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)
