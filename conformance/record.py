"""The record of a run, written as it goes: whatever is judged later, offline, is judged by it alone.

The format is in docs/record-format.md; `record_read` reads it. Secrets are concealed by what is handed in, since
what is secret is known to the reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .. import __version__
from ..spec.catalogue import rules as catalogue
from ..spec.offer import format_instant
from . import record_events as events
from .record_log import FOOTER, FORMAT, FORMAT_VERSION, HEADER, LogWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from ..spec.offer import Offer
    from .course import Course
    from .ledger import Ledger
    from .observation import (
        AccessObservation,
        Exchange,
        FileObservation,
        JobObservation,
        LinkObservation,
        ProbeObservation,
    )
    from .result import RuleResult, Stats
    from .settings import Settings

FOLDER = "record"
"""The folder of the record, inside the folder of the reports."""


class Concealer(Protocol):
    """Takes secrets out of what is written, so that rules find the same in it nevertheless."""

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return the exchange without its secrets."""

    def link(self, link: str) -> str:
        """Return a download link, the same for the same one, with stand-ins for what is secret in it."""

    def text(self, text: str) -> str:
        """Return a sentence without secrets."""

    def content(self, content: bytes) -> bytes:
        """Return a downloaded file without keys."""


class Observed(Protocol):
    """What a run observed so far; its lists grow, and an item of `jobs` may give way to a fuller one."""

    offer: Offer
    ledger: Ledger
    capabilities: set[str]
    jobs: list[JobObservation]
    probes: list[ProbeObservation]
    accesses: list[AccessObservation]
    links: list[LinkObservation]
    problems: list[str]

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """Every exchange so far."""


class Unrecorded:
    """Records nothing: what a run without a record has in the recorder's place."""

    problem: str | None = None
    """What broke the record off, in a sentence for the user; None while all is well."""

    def begin(self, settings: Settings, started: datetime, observed: Observed) -> None:
        """Begin a run. `observed` is what it will observe."""

    def catch_up(self) -> None:
        """Write whatever was observed since the last call. Whoever adds an exchange calls it."""

    def file(self, file: FileObservation, data: bytes) -> None:
        """Write a download, with the bytes that came."""

    def course(self, course: Course) -> None:
        """Write how the run has gone so far, if that is news."""

    def observed(self, course: Course) -> None:
        """Write that all is observed that is judged: from now on, exchanges look for smaller cases alone."""

    def shrunk(self, before: Sequence[RuleResult], after: Sequence[RuleResult]) -> None:
        """Write the smallest cases that were looked for: those of the results that are others than before."""

    def end(self, stats: Stats) -> None:
        """Write the footer."""

    def close(self) -> None:
        """Close the log, whether or not it has its footer."""


class Recorder(Unrecorded):
    """Writes one run's record. A folder that cannot be written to any more ends the record, never the run."""

    def __init__(self, directory: Path, conceal: Concealer) -> None:
        """Open a record in a folder, in place of the one that stands there. Raises OSError."""
        self._conceal = conceal
        self._log = LogWriter(directory)
        self._observed: Observed | None = None
        self._jobs: dict[str, JobObservation] = {}
        self._target: tuple[Offer | None, frozenset[str]] = (None, frozenset())
        self._course: Mapping[str, Any] | None = None
        self._ended = False

    def begin(self, settings: Settings, started: datetime, observed: Observed) -> None:
        """Write what is asked of the run."""
        self._observed = observed
        self._write([_header(settings, started, self._conceal)])

    def catch_up(self) -> None:
        """Write what is news."""
        if self._observed is not None:
            self._write(self._news(self._observed))

    def file(self, file: FileObservation, data: bytes) -> None:
        """Write a download, and keep its bytes."""
        self.catch_up()
        if not self._ended:
            self._write(self._file(file, data))

    def course(self, course: Course) -> None:
        """Write the course as it is now; the last one counts."""
        self.catch_up()
        written = course.serializable()
        if written != self._course:
            problems = [self._conceal.text(problem) for problem in course.problems]
            unheard = {rule: self._conceal.text(why) for rule, why in course.unheard.items()}
            self._write([{"type": "course", **written, "problems": problems, "unheard": unheard}])
            self._course = written

    def observed(self, course: Course) -> None:
        """Write the course, and the line between what is judged and what is not."""
        self.course(course)
        self._write([{"type": "observed"}])
        self._ended = True

    def shrunk(self, before: Sequence[RuleResult], after: Sequence[RuleResult]) -> None:
        """Write the finding that each such result now has first, with its smallest case if it has one."""
        self.catch_up()
        self._write(
            {
                "type": "shrunk",
                "rule": result.rule.id,
                "job": result.findings[0].job,
                "key": result.findings[0].key,
                "exchanges": list(result.findings[0].exchanges),
                "smallest": result.findings[0].details.get("smallest"),
            }
            for old, result in zip(before, after, strict=True)
            if result is not old and result.findings
        )

    def end(self, stats: Stats) -> None:
        """Write the footer: the sums of the record, and what the run cost."""
        self.catch_up()
        count, size = self._log.contents
        self._write(
            [
                {
                    "type": FOOTER,
                    "lines": self._log.lines,
                    "counts": dict(self._log.counts),
                    "contents": {"count": count, "bytes": size},
                    "seconds": round(stats.seconds, 3),
                    "bytesDownloaded": stats.bytes_downloaded,
                }
            ]
        )

    def close(self) -> None:
        """Close the log."""
        self._log.close()

    # --- what is news -------------------------------------------------------------------------------

    def _news(self, observed: Observed) -> Iterable[Mapping[str, Any]]:
        """Yield events that are not written yet, each after those that it names.

        What is written already is told by the log itself, so that a call which was broken off is made up for.
        """
        for exchange in observed.exchanges[self._count("exchange") :]:
            yield events.write_exchange(self._conceal.exchange(exchange), self._log.keep)
        if self._ended:
            return
        target = observed.offer, frozenset(observed.capabilities)
        if target != self._target:
            yield events.write_target(*target)
            self._target = target
        for happened in observed.ledger.events[self._count("ledger") :]:
            yield events.write_ledger(happened)
        for job in observed.jobs:
            if self._jobs.get(job.name) is not job:
                yield events.write_job(job)
                self._jobs[job.name] = job
        for probe in observed.probes[self._count("probe") :]:
            yield events.write_probe(probe)
        for access in observed.accesses[self._count("access") :]:
            yield events.write_access(access)
        for link in observed.links[self._count("link") :]:
            yield events.write_link(link)
        for problem in observed.problems[self._count("problem") :]:
            yield {"type": "problem", "text": self._conceal.text(problem)}

    def _count(self, kind: str) -> int:
        return self._log.counts.get(kind, 0)

    def _file(self, file: FileObservation, data: bytes) -> Iterable[Mapping[str, Any]]:
        link, content = self._conceal.link(file.link), None
        if file.table is not None:
            shown = self._conceal.content(data)
            content = self._log.keep(shown, file.sha256 if shown is data else None)
        yield events.write_file(file, link, content)

    def _write(self, news: Iterable[Mapping[str, Any]]) -> None:
        """Write events; the first one that cannot be written is the last one that is tried."""
        if self.problem is not None:
            return
        try:
            for event in news:
                self._log.write(event)
        except OSError as error:
            self.problem = f"The record of the run could not be written on: {error.strerror or error}."
        except Exception as error:  # noqa: BLE001 - a slip of the suite must not cost the run its report
            what = f"{type(error).__name__}: {error}"
            self.problem = f"The record of the run could not be written on, a fault of exportproof: {what}."


def _header(settings: Settings, started: datetime, conceal: Concealer) -> Mapping[str, Any]:
    """What was asked of the run, without credentials. The rules are None when all were chosen, known or not yet."""
    return {
        "type": HEADER,
        "format": FORMAT,
        "formatVersion": FORMAT_VERSION,
        "tool": {"name": "exportproof", "version": __version__},
        "started": format_instant(started, 6),
        "settings": {
            "targetUrl": conceal.text(settings.target_url),
            "controlUrl": None if settings.control_url is None else conceal.text(settings.control_url),
            "profile": settings.profile,
            "seed": settings.seed,
            "rules": None if settings.rules >= catalogue().keys() else sorted(settings.rules),
            "readings": dict(settings.pinned),
            "exitFirst": settings.exit_first,
            "jobTimeout": settings.job_timeout,
            "linkLifetime": settings.link_lifetime,
            "primaryKeys": dict(settings.keys),
            "adapter": settings.adapter,
            "resourceTypes": None if settings.resource_types is None else sorted(settings.resource_types),
            "capabilities": None if settings.capabilities is None else sorted(settings.capabilities),
            "knownFailures": [
                {name: conceal.text(text) for name, text in each.to_dict().items()} for each in settings.known
            ],
            "secondAccount": settings.second_account,
            "fault": settings.fault,
            "variant": settings.variant,
        },
    }
