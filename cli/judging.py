"""Judge a target and write its reports: what both ways in, the command and the pytest plugin, have in common."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ..conformance.conclude import conclude
from ..conformance.record import FOLDER, Recorder
from ..conformance.record_read import find_record, read_record
from ..conformance.result import ReadingResult, Result, RuleResult, Stats
from ..conformance.runner import judge_target
from ..conformance.settings import BadSettings, parse_readings, select_rules
from ..reports.curl import curl_line
from ..reports.docs_link import docs_base
from ..reports.document import to_document
from ..reports.known import exit_status
from ..reports.redact import Redactor
from ..reports.stand_ins import StandIns
from ..reports.write import ReportError, ReportFolderError, check_wanted, check_writable, write_reports
from ..spec import catalogue
from .ledgers import check_ledger, keep_links
from .signals import interruptible, undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ..conformance.observation import Run
    from ..conformance.progress import Progress
    from ..conformance.settings import Settings
    from ..reports.kinds import Wanted

SUITE_FAILED = (
    "exportproof itself failed, which says nothing about the target: {error}. "
    "Please report it to the project, with what --debug prints."
)


@dataclass(frozen=True)
class Judged:
    """A judged target: the result, its document (as in report.json, secrets struck out), and the files written."""

    result: Result
    document: Mapping[str, Any]
    reports: tuple[Path, ...]
    crash: str | None = None
    """The traceback of a failure of the suite outside the run itself, secrets struck out."""
    notes: tuple[str, ...] = ()
    """Sentences for the user about what was written beside the reports."""

    @property
    def exit_status(self) -> int:
        """The exit status of the run, once known failures are excused and their list is held against it."""
        return exit_status(self.document, self.result.exit_status)


def judge(
    settings: Settings,
    directory: Path,
    progress: Progress,
    start: Callable[[], AbstractContextManager[Settings]],
    ledger: Path | None = None,
    wanted: Sequence[Wanted] = (),
    docs: str | None = None,
) -> Judged:
    """Judge the target that `start` gives the settings of, and write its reports into `directory` and where `wanted`.

    `start` opens whatever the run needs, such as the embedded reference, and closes it after. Raises
    ReportError before anything is sent when the directory, or a file that is wanted, cannot be written. An
    interruption or a failure of the suite gives a result that says so: there is always a report. The links that the run
    leaves behind go into the link ledger, if one is named; raises LedgerError or SealError before anything is sent when
    it cannot be used. `docs` says where the documentation is that the reports link to; raises BadSettings when it is
    not there.
    """
    base = docs_base(docs, directory)
    check_writable(directory)
    check_wanted(wanted, directory)
    if ledger is not None:
        check_ledger(ledger, settings.target_url)
    result, crash = None, None
    left: list[Run] = []
    try:
        with interruptible(), start() as started:
            result = judge_target(
                started, curl_line, progress, _recorder(started, directory), left if ledger is not None else None
            )
    except (BadSettings, ReportError):
        raise
    except KeyboardInterrupt:
        # A run that is interrupted itself tells so in its result; this is before it, or while all is put away.
        result = result or never_ended(settings, "interrupted", "The run was interrupted before anything was judged.")
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a report that says so
        crash = traceback.format_exc()
        problem = SUITE_FAILED.format(error=_named(error))
        result = result or never_ended(settings, "suite-failed", problem)
    with undisturbed():
        redactor = Redactor(result.secrets, result.links)
        document = to_document(result, redactor) | {"docs": base}
        reports = tuple(write_reports(document, directory, wanted))
        notes = () if ledger is None else (keep_links(ledger, settings, document, left, progress),)
    return Judged(result, document, reports, None if crash is None else redactor.strike(crash), notes)


def judge_again(
    directory: Path,
    rules: Sequence[str],
    readings: Sequence[str],
    progress: Progress,
    report_directory: Path | None = None,
    wanted: Sequence[Wanted] = (),
    docs: str | None = None,
) -> Judged:
    """Judge a recorded run again, and write its reports: beside its record unless another folder is named.

    `rules` are patterns, and `readings` are pins beside the run's own; `docs` is as for `judge`. Raises
    RecordError, BadSettings and ReportError.
    """
    chosen, pinned = select_rules(rules), parse_readings(readings)
    record = find_record(directory)
    recorded = read_record(record)
    pins = {**recorded.settings.pinned, **pinned}
    settings = replace(recorded.settings, pinned=pins, rules=chosen if rules else recorded.settings.rules)
    recorded = replace(recorded, settings=settings, observed=replace(recorded.observed, pinned=pins))
    directory = report_directory or (record.parent if record.name == FOLDER else record)
    base = docs_base(docs, directory)
    check_writable(directory)
    check_wanted(wanted, directory)
    progress.note(f"Judging {len(recorded.observed.exchanges):,} exchanges of {recorded.started:%Y-%m-%d %H:%M} UTC")
    result = conclude(recorded, curl_line)
    document = to_document(result, Redactor(result.secrets, result.links)) | {"docs": base}
    return Judged(result, document, tuple(write_reports(document, directory, wanted)))


def _recorder(settings: Settings, directory: Path) -> Recorder:
    """Open the record of a run in the folder of its reports. Raises ReportFolderError."""
    keys = [key for key in (settings.key, settings.other_key) if key]
    roots = [url for url in (settings.target_url, settings.control_url) if url]
    try:
        return Recorder(directory / FOLDER, StandIns(keys, roots))
    except OSError as error:
        raise ReportFolderError(directory / FOLDER, error) from error


def never_ended(settings: Settings, ending: Literal["interrupted", "suite-failed"], problem: str) -> Result:
    """Return the result of a run in which nothing was judged: every rule skipped, the verdict undetermined."""
    return Result(
        target_url=settings.target_url,
        verdict="undetermined",
        rules=tuple(
            RuleResult(rule, "skip", "stopped-early" if rule.id in settings.rules else "not-selected")
            for rule in catalogue.rules().values()
        ),
        readings=tuple(ReadingResult(name, None, settings.pinned.get(name)) for name in catalogue.readings()),
        stats=Stats(),
        started=datetime.now(UTC),
        profile=settings.profile,
        seed=settings.seed,
        problems=(problem,),
        ending=ending,
        fault=settings.fault,
        variant=settings.variant,
        adapter=settings.adapter,
        known=settings.known,
        secrets=frozenset(key for key in (settings.key, settings.other_key) if key),
    )


def _named(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(": ").rstrip(".")
