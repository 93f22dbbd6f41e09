"""A recorded run, read back: the same observations, and what it takes to conclude from them again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from ..spec.catalogue import select
from ..spec.offer import Offer, parse_instant
from . import record_events as events
from .course import Course
from .known import KnownFailure
from .ledger import Ledger
from .observation import Run
from .record import FOLDER
from .record_log import FOOTER, LOG, RecordError, read_log
from .result import Stats
from .settings import Settings
from .table import Table, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from .observation import (
        AccessObservation,
        Exchange,
        FileObservation,
        JobObservation,
        LinkObservation,
        ProbeObservation,
    )
    from .record_log import Log
    from .result import RuleResult


@dataclass(frozen=True)
class Recorded:
    """A recorded run. `course` is as of the end of the observation, `ending` how it ended after all.

    `cut` tells where the record breaks off, None when it is whole.
    """

    settings: Settings
    started: datetime
    observed: Run
    course: Course
    stats: Stats
    exchanges: tuple[Exchange, ...]
    links: frozenset[str]
    cut: str | None
    interrupted: bool
    _shrunk: Sequence[Mapping[str, Any]] = ()
    secrets: frozenset[str] = frozenset()

    def run(self) -> Run:
        """What was observed."""
        return self.observed

    def smaller(self, results: tuple[RuleResult, ...]) -> tuple[tuple[RuleResult, ...], bool]:
        """Give violations the smallest cases that were found then; tell whether looking for them was interrupted."""
        for event in self._shrunk:
            results = tuple(_with_smallest(result, event) for result in results)
        return results, self.interrupted


def _with_smallest(result: RuleResult, event: Mapping[str, Any]) -> RuleResult:
    """Put the finding that a smallest case was looked for first, with the case if there is one."""
    found = next((f for f in result.findings if (f.job, f.key) == (event["job"], event["key"])), None)
    if result.rule.id != event["rule"] or result.status not in ("fail", "warn") or found is None:
        return result
    others = tuple(finding for finding in result.findings if finding is not found)
    if event["smallest"] is not None:
        details = {**found.details, "smallest": event["smallest"]}
        found = replace(found, exchanges=tuple(event["exchanges"]), details=details)
    return replace(result, findings=(found, *others))


def find_record(directory: Path) -> Path:
    """Return the folder of the record: the one given, or the one inside a folder of reports."""
    return directory if (directory / LOG).exists() else directory / FOLDER


def read_record(directory: Path) -> Recorded:
    """Read a recorded run from its own folder.

    Raises RecordError when there is none that can be read, and AlteredRecordError when it is not what was written.
    """
    log = read_log(directory)
    try:
        return _Reader(log).recorded()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordError(
            f"The record in {str(directory)!r} does not obey its format ({type(error).__name__}: {error}), "
            "so it was not written by exportproof, or exportproof is at fault."
        ) from error


@dataclass
class _Reader:
    """Goes through a log once, event by event."""

    log: Log
    offer: Offer = field(default_factory=Offer)
    capabilities: frozenset[str] = frozenset()
    ledger: Ledger = field(default_factory=Ledger)
    exchanges: dict[int, Exchange] = field(default_factory=dict)
    judged: int = 0
    files: dict[int, FileObservation] = field(default_factory=dict)
    jobs: dict[str, JobObservation] = field(default_factory=dict)
    probes: list[ProbeObservation] = field(default_factory=list)
    accesses: list[AccessObservation] = field(default_factory=list)
    links: list[LinkObservation] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    course: Course = field(default_factory=Course)
    after: Course | None = None
    observed: bool = False
    shrunk: list[Mapping[str, Any]] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)

    def recorded(self) -> Recorded:
        """Return the run that the log tells of."""
        steps: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "target": self._target,
            "exchange": self._exchange,
            "file": self._file,
            "ledger": lambda event: events.apply_ledger(event, self.ledger, self.exchanges),
            "job": self._job,
            "probe": lambda event: self.probes.append(events.read_probe(event, self.exchanges)),
            "access": lambda event: self.accesses.append(events.read_access(event, self.exchanges)),
            "link": lambda event: self.links.append(events.read_link(event, self.files)),
            "problem": lambda event: self.problems.append(event["text"]),
            "course": self._course,
            "observed": self._observed,
            "shrunk": self.shrunk.append,
        }
        for event in self.log.events:
            # Types that are not known come from a later version, which keeps what is known as it is.
            steps.get(event["type"], _pass_over)(event)
        return self._whole()

    def _target(self, event: Mapping[str, Any]) -> None:
        self.offer, self.capabilities = events.read_target(event)

    def _exchange(self, event: Mapping[str, Any]) -> None:
        self.exchanges[event["number"]] = events.read_exchange(event, self.log.content)

    def _file(self, event: Mapping[str, Any]) -> None:
        self.files[event["exchange"]] = events.read_file(event, self.exchanges, self._table)

    def _table(self, content: str) -> Table:
        if content not in self.tables:
            self.tables[content] = parse(self.log.content(content))
        return self.tables[content]

    def _job(self, event: Mapping[str, Any]) -> None:
        self.jobs[event["name"]] = events.read_job(event, self.offer, self.exchanges, self.files)

    def _course(self, event: Mapping[str, Any]) -> None:
        if self.observed:
            self.after = Course.from_dict(event)
        else:
            self.course = Course.from_dict(event)

    def _observed(self, _: Mapping[str, Any]) -> None:
        self.observed, self.judged = True, len(self.exchanges)

    def _whole(self) -> Recorded:
        header, last = self.log.events[0], self.log.events[-1]
        asked = header["settings"]
        exchanges = tuple(self.exchanges.values())
        footer = last if last["type"] == FOOTER else {}
        downloaded = sum(file.size for file in self.files.values() if file.table is not None)
        spent = (exchanges[-1].ended - exchanges[0].started).total_seconds() if exchanges else 0.0
        if self.log.cut is not None:
            self.course.cut_short = True
            self.course.problems.append(
                f"The record was cut short: {self.log.cut}. What it holds is judged; what came after is lost."
            )
        return Recorded(
            settings=_settings(asked),
            started=parse_instant(header["started"]),
            observed=Run(
                offer=self.offer,
                ledger=self.ledger,
                exchanges=exchanges[: self.judged] if self.observed else exchanges,
                jobs=tuple(self.jobs.values()),
                probes=tuple(self.probes),
                accesses=tuple(self.accesses),
                links=tuple(self.links),
                capabilities=self.capabilities,
                pinned=asked["readings"],
                link_lifetime_seconds=asked["linkLifetime"],
                second_account=asked["secondAccount"],
                problems=tuple(self.problems),
            ),
            course=self.course,
            stats=Stats(
                requests=sum(not exchange.adapted for exchange in exchanges),
                seconds=footer.get("seconds", spent),
                bytes_downloaded=footer.get("bytesDownloaded", downloaded),
                jobs=len(self.jobs),
            ),
            exchanges=exchanges,
            links=self._shown_links(),
            cut=self.log.cut,
            interrupted=self.after is not None and self.after.ending == "interrupted",
            _shrunk=tuple(self.shrunk),
        )

    def _shown_links(self) -> frozenset[str]:
        """Every link that was followed, redirections included: no report shows what may be secret in them."""
        links = {file.link for file in self.files.values()}
        for exchange in self.exchanges.values():
            if exchange.purpose == "download":
                links.add(exchange.url)
                links.update(_onward(exchange))
        return frozenset(links)


def _onward(exchange: Exchange) -> Iterator[str]:
    """Where an answer redirects to, if anywhere."""
    if "location" in exchange.headers:
        with suppress(ValueError):
            yield urljoin(exchange.url, exchange.headers["location"])


def _pass_over(_: Mapping[str, Any]) -> None:
    """Do nothing with an event."""


def _chosen(names: Sequence[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _settings(asked: Mapping[str, Any]) -> Settings:
    """Return the settings of the run, without its credentials."""
    return Settings(
        target_url=asked["targetUrl"],
        control_url=asked["controlUrl"],
        profile=asked["profile"],
        rules=select(()) if asked["rules"] is None else frozenset(asked["rules"]),
        pinned=asked["readings"],
        exit_first=asked["exitFirst"],
        seed=asked["seed"],
        job_timeout=asked["jobTimeout"],
        link_lifetime=asked["linkLifetime"],
        keys=asked["primaryKeys"],
        # Records of earlier versions say nothing of these.
        adapter=asked.get("adapter"),
        resource_types=_chosen(asked.get("resourceTypes")),
        capabilities=_chosen(asked.get("capabilities")),
        known=tuple(KnownFailure.from_dict(each) for each in asked.get("knownFailures", ())),
        fault=asked["fault"],
        variant=asked["variant"],
    )
