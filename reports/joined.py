"""Joins what looks at links found later to the report of the run that the links are from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ..conformance.finding import Finding
from ..conformance.link_ledger import RECHECKED
from ..conformance.result import ReadingResult, Result, RuleResult, Stats
from ..conformance.verdict import verdict_of
from ..spec import catalogue
from ..spec.offer import parse_instant
from .curl import curl_line
from .known import listed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..conformance.link_judging import Judged
    from ..conformance.link_ledger import LedgerRun, LinkLedger
    from ..conformance.result import Status

OTHER_REPORT = (
    "The report in {directory!r} is not of a run whose links are in this ledger, and is left as it was. "
    "Name the folder of that run, or a new one, with --report-dir."
)


class OtherReportError(Exception):
    """A folder holds the report of another run; the message is for the user (exit status 4)."""


def first_report(ledger: LinkLedger, directory: Path) -> Result | None:
    """Return the result of the run that later looks are joined to, without what earlier rechecks added to it.

    That is the run whose report stands in the folder, or the ledger's latest one where none does; None for a ledger
    without runs. Raises OtherReportError when the report there is of a run that the ledger does not know.
    """
    try:
        document = json.loads((directory / "report.json").read_bytes())
    except (OSError, ValueError):
        document = None
    if not isinstance(document, dict):
        return _from_ledger(ledger, ledger.runs[-1]) if ledger.runs else None
    name = f"{document.get('started')}#{document.get('seed')}"
    run = next((run for run in ledger.runs if run.name == name), None)
    try:
        if run is not None and document["target"]["url"] == ledger.target:
            return _from_document(document, run)
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise OtherReportError(OTHER_REPORT.format(directory=str(directory)))


def join(first: Result, judged: Judged, problems: tuple[str, ...], rechecks: Mapping[str, Any]) -> Result:
    """Return the run's result with the rules about links judged by the later looks as well."""
    numbers = {number: number + 1 + max(first.curl, default=0) for number in judged.exchanges}
    results = tuple(_joined(result, judged.results.get(result.rule.id), numbers) for result in first.rules)
    was, _ = verdict_of(first.rules, ())
    verdict, told = verdict_of(results, (*first.problems, *problems))
    if verdict == "conforms" and first.verdict == "undetermined" and was == "conforms":
        # What kept the run itself from a verdict is none of the rules', and still holds.
        verdict = "undetermined"
    shown = {numbers[number]: curl_line(exchange) for number, exchange in judged.exchanges.items()}
    return replace(
        first,
        verdict=verdict,
        rules=results,
        readings=tuple(_observed(reading, judged.readings.get(reading.name)) for reading in first.readings),
        curl={**first.curl, **shown},
        problems=tuple(dict.fromkeys(told)),
        rechecks={**rechecks, "runProblems": list(first.problems)},
    )


def _joined(first: RuleResult, later: RuleResult | None, numbers: Mapping[int, int]) -> RuleResult:
    """Return one rule's result from both: a violation stays one, and so does doubt."""
    if later is None or later.status == "skip":
        return first
    found = tuple(
        replace(finding, exchanges=tuple(dict.fromkeys(numbers[number] for number in finding.exchanges)))
        for finding in later.findings
    )
    judged = first.judged + later.judged
    statuses = (first.status, later.status)
    for status in ("fail", "warn", "inconclusive"):
        if status in statuses:
            worst = cast("Status", status)
            findings = tuple(
                finding
                for result, said in ((first, first.findings), (later, found))
                for finding in said
                if result.status == worst
            )
            reason = next((r.reason for r in (first, later) if r.status == worst), None)
            return RuleResult(first.rule, worst, reason, findings, judged)
    return RuleResult(first.rule, "pass", None, (), judged)


def _observed(first: ReadingResult, later: ReadingResult | None) -> ReadingResult:
    return first if later is None or first.observed is not None else replace(first, observed=later.observed)


def _from_document(document: Mapping[str, Any], run: LedgerRun) -> Result:
    """Read a report back; raises KeyError, TypeError or ValueError when it is none of this version."""
    curl: dict[int, str] = {}
    results = []
    for entry in document["rules"]:
        rule = catalogue.rules().get(entry["id"])
        if rule is None:
            continue
        status, reason, judged = entry["status"], entry["reason"], entry["judged"]
        if rule.id in RECHECKED:
            status, reason, judged = _at_first(run, rule.id)
        findings = tuple(
            _finding(rule.id, status, said, curl) for said in entry["evidence"] if "recheck" not in said["details"]
        )
        if status == "inconclusive" and reason is None:
            reason = findings[0].message if findings else _untold(run)
        results.append(RuleResult(rule, status, reason, findings, judged))
    stats = document["stats"]
    return Result(
        target_url=document["target"]["url"],
        verdict=cast("Any", run.verdict),
        rules=tuple(results),
        readings=tuple(
            ReadingResult(name, *run.readings.get(name, (said["observed"], said["pinned"])))
            for name, said in document["readings"].items()
            if name in catalogue.readings()
        ),
        stats=Stats(stats["requests"], stats["seconds"], stats["bytesDownloaded"], stats.get("jobs", 0)),
        started=parse_instant(document["started"]),
        profile=document["profile"],
        seed=document["seed"],
        capabilities=tuple(document["target"]["capabilities"]),
        curl=curl,
        problems=tuple(document.get("rechecks", {}).get("runProblems", document["problems"])),
        ending=document["ending"],
        adapter=document["target"].get("adapter"),
        chosen={name: tuple(names) for name, names in document.get("chosen", {}).items()},
        known=listed(document),
        sights=document.get("sights", {}),
    )


def _finding(rule: str, status: str, said: Mapping[str, Any], curl: dict[int, str]) -> Finding:
    numbers = []
    for line in said["requests"]:
        numbers.append(len(curl) + 1)
        curl[numbers[-1]] = line
    return Finding(
        rule,
        "doubt" if status == "inconclusive" else "fail",
        message=said["message"],
        expected=said["expected"],
        received=said["received"],
        job=said["job"],
        exchanges=tuple(numbers),
        details=said["details"],
    )


def _from_ledger(ledger: LinkLedger, run: LedgerRun) -> Result:
    """Return what the ledger keeps of a run: the statuses alone, since evidence may hold exported data."""
    results = []
    for rule in catalogue.rules().values():
        status, reason, judged = _at_first(run, rule.id)
        findings: tuple[Finding, ...] = ()
        if status in ("fail", "warn"):
            message = f"the run of {run.started} found this; the report that it wrote has the evidence"
            findings = (Finding(rule.id, "fail", message=message),)
        if status == "inconclusive":
            reason = _untold(run)
        results.append(RuleResult(rule, status, reason, findings, judged))
    kept = {name: run.readings.get(name, (None, None)) for name in catalogue.readings()}
    return Result(
        target_url=ledger.target,
        verdict=cast("Any", run.verdict),
        rules=tuple(results),
        readings=tuple(ReadingResult(name, *said) for name, said in kept.items()),
        stats=Stats(
            int(run.stats.get("requests", 0)), run.stats.get("seconds", 0.0),
            int(run.stats.get("bytesDownloaded", 0)), int(run.stats.get("jobs", 0)),
        ),
        started=parse_instant(run.started),
        profile=run.profile,
        seed=run.seed,
        capabilities=run.capabilities,
        ending=cast("Any", run.ending),
    )  # fmt: skip


def _at_first(run: LedgerRun, rule: str) -> tuple[Status, str | None, int]:
    """What the run said of a rule by itself."""
    return cast("tuple[Status, str | None, int]", run.rules.get(rule, ("skip", "not-selected", 0)))


def _untold(run: LedgerRun) -> str:
    return f"the run of {run.started} could not tell; the report that it wrote says why"
