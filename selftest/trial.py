"""One trial: the suite judges the reference, honest, broken in one way, or conforming in an unusual one."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from .. import __version__
from ..conformance.runner import judge_target
from ..conformance.settings import Settings
from ..reference import embedded
from ..reference.faults import faults
from ..reference.variants import variants
from ..spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..conformance.progress import Progress
    from ..conformance.result import Result
    from ..conformance.settings import Profile

Kind = Literal["reference", "fault", "variant"]
PLAIN = "reference"
"""What the case of the honest reference is called."""
# Far more than a job takes here, and far less than the minute that a user's server is given: some faults never end one.
_JOB_TIMEOUT = 30.0


@dataclass(frozen=True)
class Case:
    """What is to be judged: the honest reference, or one of its faults or variants, under one seed.

    `rules` are the ids of the rules to judge; empty for all.
    """

    kind: Kind
    name: str
    seed: int
    profile: Profile = "standard"
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Trial:
    """What the suite said of a case: ids of rules by status. `evidence` is the first message of each finding's rule.

    `date` is the day on which it ended, in UTC, and `version` that of the suite.
    """

    case: Case
    verdict: str
    failed: tuple[str, ...]
    warned: tuple[str, ...]
    inconclusive: tuple[str, ...]
    passed: tuple[str, ...]
    evidence: Mapping[str, str]
    problems: tuple[str, ...]
    requests: int
    seconds: float
    date: str = ""
    version: str = __version__

    @property
    def named(self) -> tuple[str, ...]:
        """The rules that the case says it breaks."""
        return faults()[self.case.name].breaks if self.case.kind == "fault" else ()

    @property
    def missed(self) -> tuple[str, ...]:
        """The rules that should have failed, or warned, and did not."""
        return tuple(rule for rule in self.named if rule not in (*self.failed, *self.warned))

    @property
    def alarms(self) -> tuple[str, ...]:
        """The rules that failed, warned or stayed open although the case keeps them.

        A variant may leave SHOULD rules unheeded that it names. Beside a fault, only what failed counts: a rule that
        cannot be told on a broken server is no false alarm.
        """
        if self.case.kind == "fault":
            return tuple(rule for rule in self.failed if rule not in self.named)
        allowed = variants()[self.case.name].warns if self.case.kind == "variant" else ()
        warned = (rule for rule in self.warned if rule not in allowed)
        return (*self.failed, *warned, *self.inconclusive)

    @property
    def as_expected(self) -> bool:
        """True when the suite said of the case what is true of it, and nothing else."""
        return not self.missed and not self.alarms and (self.case.kind == "fault" or self.verdict == "conforms")

    def to_dict(self) -> dict[str, Any]:
        """Return the trial as plain values, for matrix.json; `from_dict` reads them."""
        plain = {**asdict(self.case), **asdict(self)}
        del plain["case"]
        return {
            **plain,
            "rules": sorted(self.case.rules),
            "named": self.named,
            "missed": self.missed,
            "alarms": self.alarms,
            "seconds": round(self.seconds, 1),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Trial:
        """Read a trial that `to_dict` wrote. Raises KeyError or TypeError for anything else."""
        case = Case(plain["kind"], plain["name"], plain["seed"], plain["profile"], frozenset(plain["rules"]))
        names = ("failed", "warned", "inconclusive", "passed", "problems")
        lists: dict[str, Any] = {name: tuple(plain[name]) for name in names}
        rest: dict[str, Any] = {name: plain[name] for name in ("verdict", "evidence", "requests", "seconds")}
        rest |= {name: plain[name] for name in ("date", "version") if name in plain}
        return cls(case=case, **lists, **rest)


def attempt(case: Case, progress: Progress | None = None) -> Trial:
    """Judge a case on a server of its own, in this process.

    Raises KeyError for a name that there is not, and KeyboardInterrupt where the run was interrupted: that is no trial.
    """
    with (
        _unheard(),
        embedded(
            fault=case.name if case.kind == "fault" else None, variant=case.name if case.kind == "variant" else None
        ) as server,
    ):
        (user, key), (other_user, other_key) = server.accounts
        settings = Settings(
            server.url, control_url=server.control_url, user=user, key=key, other_user=other_user, other_key=other_key,
            profile=case.profile, seed=case.seed, rules=case.rules or catalogue.select(()), job_timeout=_JOB_TIMEOUT,
        )  # fmt: skip
        result = judge_target(settings, lambda _: "", progress)
    if result.ending == "interrupted":
        raise KeyboardInterrupt
    return _trial(case, result)


@contextmanager
def _unheard() -> Iterator[None]:
    """Leave the server's log unwritten: that a broken one fails is what is wanted of it."""
    log = logging.getLogger("exportproof.reference")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)


def _trial(case: Case, result: Result) -> Trial:
    def with_status(status: str) -> tuple[str, ...]:
        return tuple(found.rule.id for found in result.rules if found.status == status)

    return Trial(
        case=case,
        verdict=result.verdict,
        failed=with_status("fail"),
        warned=with_status("warn"),
        inconclusive=with_status("inconclusive"),
        passed=with_status("pass"),
        evidence={
            found.rule.id: found.findings[0].message if found.findings else found.reason or ""
            for found in result.rules
            if found.status in ("fail", "warn", "inconclusive")
        },
        problems=result.problems,
        requests=result.stats.requests,
        seconds=result.stats.seconds,
        date=datetime.now(UTC).date().isoformat(),
    )
