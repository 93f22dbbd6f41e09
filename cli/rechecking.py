"""Recheck a link ledger: open it, look, note what was found, and join it to the report of the run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..conformance.client import Client
from ..conformance.link_judging import Judged, Untried, judge_looks
from ..conformance.link_ledger_file import LedgerError, check_target, in_use, read_ledger, write_ledger
from ..conformance.link_recheck import Recheck
from ..conformance.link_seal import seal_of_environment
from ..conformance.words import Words
from ..reports.docs_link import docs_base
from ..reports.document import to_document
from ..reports.joined import OtherReportError, first_report, join
from ..reports.redact import Redactor
from ..reports.write import check_wanted, check_writable, write_reports
from ..spec.offer import format_instant
from .ledgers import links_told, next_look_told
from .shape import INTERRUPTED, CallError
from .signals import interruptible, undisturbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..conformance.link_ledger import LinkLedger
    from ..conformance.observation import Account
    from ..conformance.progress import Progress
    from ..conformance.result import Result
    from ..conformance.settings import Settings
    from ..reports.kinds import Wanted

_MOST_TOLD = 8


@dataclass(frozen=True)
class Rechecked:
    """A recheck that ended: what to tell, the most important line first, and the exit status."""

    lines: tuple[str, ...]
    exit_status: int


def recheck_ledger(
    path: Path,
    target_url: str | None,
    words: Mapping[str, Any],
    directory: Path,
    progress: Progress,
    wanted: Sequence[Wanted] = (),
    docs: str | None = None,
) -> Rechecked:
    """Look at every link of a ledger that is due, note it there, and write the joined report.

    `words` are those of the call, by the names of `Words`; `wanted` are more reports, and `docs` says where the
    documentation is. Raises LedgerError, SealError, BadSettings, ReportError and CallError before anything is sent.
    """
    known = read_ledger(path)
    settings = Words(target_url=known.target, **words).settings()
    if target_url is not None:
        check_target(known, target_url.rstrip("/"), path)
    base = docs_base(docs, directory)
    check_writable(directory)
    check_wanted(wanted, directory)
    with in_use(path, progress.note):
        ledger = read_ledger(path)
        seal = None if ledger.lock is None else seal_of_environment(ledger.lock)
        try:
            first = first_report(ledger, directory)
        except OtherReportError as error:
            raise CallError(str(error)) from None
        client = Client(ledger.target, _accounts(settings))
        lifetime = settings.link_lifetime if words.get("link_lifetime") is not None else None
        work = Recheck(ledger, client, seal, lambda news: _save(path, news), progress, lifetime)
        interrupted = False
        try:
            with interruptible():
                work.run(datetime.now(UTC))
        except KeyboardInterrupt:
            interrupted = True
        finally:
            client.close()
        with undisturbed():
            redactor = Redactor(client.secrets, client.links)
            judged = judge_looks(work.ledger, work.untried, lifetime)
            reports: tuple[str, ...] = ()
            if first is not None:
                document = to_document(_joined(first, judged, work), redactor) | {"docs": base}
                reports = _reported(first, document, write_reports(document, directory, wanted))
    status = INTERRUPTED if interrupted else judged.exit_status
    return Rechecked(
        tuple(redactor.strike(line) for line in (*_told(work, judged, interrupted=interrupted), *reports)), status
    )


def _accounts(settings: Settings) -> dict[Account, tuple[str, str]]:
    accounts: dict[Account, tuple[str, str]] = {}
    if settings.user is not None:
        accounts["first"] = (settings.user, settings.key or "")
    if settings.other_user is not None:
        accounts["second"] = (settings.other_user, settings.other_key or "")
    return accounts


def _save(path: Path, ledger: LinkLedger) -> None:
    try:
        write_ledger(path, ledger)
    except OSError as error:
        raise LedgerError(
            f"The link ledger {str(path)!r} cannot be written: {error.strerror or error}. It is left as it was; "
            "give it a place where you may write."
        ) from None


def _joined(first: Result, judged: Judged, work: Recheck) -> Result:
    """The run's result with what all looks found."""
    due = work.ledger.next_due
    kinds = Counter(link.settled or "open" for link in work.ledger.links)
    rechecks = {"links": dict(sorted(kinds.items())), "nextLook": None if due is None else format_instant(due)}
    return join(first, judged, tuple(_problems(work.untried)), rechecks)


def _reported(first: Result, document: Mapping[str, Any], paths: Sequence[Path]) -> tuple[str, ...]:
    return (
        f"With the run of {first.started:%Y-%m-%d %H:%M} UTC: {document['headline']}",
        *(f"Report: {path}" for path in paths),
    )


def _problems(untried: list[Untried]) -> Iterator[str]:
    """Tell why links could not be tried, once for each reason."""
    for why, count in Counter(gap.why for gap in untried).items():
        was = "was" if count == 1 else "were"
        yield f"{links_told(count)} that {was} due could not be tried: {why}."


def _told(work: Recheck, judged: Judged, *, interrupted: bool) -> Iterator[str]:
    """Tell what was looked at and what was found; the first line alone says the most important."""
    total = links_told(len(work.ledger.links))
    cut = "Interrupted. " if interrupted else ""
    looked = f"{work.tried:,} of {total} of {work.ledger.target} looked at"
    if work.put_off:
        looked += f"; {work.put_off:,} put off, too near to the end"
    if not work.tried and not work.untried and not work.put_off:
        looked = f"Nothing is due: {total} of {work.ledger.target} noted"
    findings = [finding for result in judged.results.values() for finding in result.findings if result.status == "fail"]
    kinds = Counter(link.settled for link in work.ledger.links if link.settled is not None)
    told = [f"{count:,} {kind}" for kind, count in sorted(kinds.items())]
    state = f"; settled: {', '.join(told)}" if told else ""
    gaps = f"; {len(work.untried):,} could not be tried" if work.untried else ""
    yield f"{cut}{looked}{gaps}{state}. {next_look_told(work.ledger)}"
    for finding in findings[:_MOST_TOLD]:
        times = finding.details.get("times", 1)
        yield f"VIOLATED {finding.rule}: {finding.message}{f' (and {times - 1:,} more)' if times > 1 else ''}"
    for problem in _problems(work.untried):
        yield f"! {problem}"
