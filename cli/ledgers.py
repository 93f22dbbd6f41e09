"""The link ledger of a run: checked before anything is sent, and filled when the run has ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..conformance.link_entries import add_run
from ..conformance.link_ledger import LedgerRun, LinkLedger
from ..conformance.link_ledger_file import LedgerError, check_target, in_use, read_ledger, write_ledger
from ..conformance.link_seal import VARIABLE, SealError, seal_of_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..conformance.link_seal import Seal
    from ..conformance.observation import Run
    from ..conformance.progress import Progress
    from ..conformance.settings import Settings


def check_ledger(path: Path, target_url: str) -> None:
    """Raise LedgerError or SealError when a run of that target could not add its links to a ledger."""
    with in_use(path, lambda text: None):  # noqa: ARG005 - whoever uses it is waited for, in silence
        _opened(path, target_url)


def keep_links(
    path: Path, settings: Settings, document: Mapping[str, Any], left: Sequence[Run], progress: Progress
) -> str:
    """Add the links that a run left behind to a ledger, and return a sentence about it. Never raises."""
    try:
        with in_use(path, progress.note):
            ledger, seal = _opened(path, settings.target_url)
            run = run_of_document(document, settings.link_lifetime)
            for observed in left:
                ledger = add_run(ledger, observed, run, seal)
            write_ledger(path, ledger)
    except (LedgerError, SealError) as error:
        return f"Link ledger: nothing was noted. {error}"
    except OSError as error:
        return f"Link ledger: nothing was noted, since {path} could not be written: {error.strerror or error}."
    added = sum(link.run == run.name for link in ledger.links)
    if not added:
        return f"Link ledger: {path}. The run left no link that could be followed."
    kept = "" if seal is not None else f" Set {VARIABLE} to keep the links themselves, encrypted."
    return f"Link ledger: {path}, with {links_told(added)} of this run. {next_look_told(ledger)}{kept}"


def run_of_document(document: Mapping[str, Any], lifetime: float) -> LedgerRun:
    """Return what a ledger keeps of a run: of its report, statuses and figures alone."""
    return LedgerRun(
        started=document["started"],
        profile=document["profile"],
        seed=document["seed"],
        lifetime=lifetime,
        verdict=document["verdict"],
        ending=document["ending"],
        capabilities=tuple(document["target"]["capabilities"]),
        rules={
            rule["id"]: (rule["status"], rule["reason"] if rule["status"] == "skip" else None, rule["judged"])
            for rule in document["rules"]
            if rule["reason"] != "not-selected"
        },
        readings={name: (said["observed"], said["pinned"]) for name, said in document["readings"].items()},
        stats=document["stats"],
    )


def links_told(count: int) -> str:
    """Return a count of links in words."""
    return f"{count:,} link{'' if count == 1 else 's'}"


def next_look_told(ledger: LinkLedger) -> str:
    """Return when the next look is due, as a sentence."""
    due = ledger.next_due
    if due is None:
        return "Every link is settled." if ledger.links else "It holds no links."
    seconds = (due - datetime.now(UTC)).total_seconds()
    if seconds <= 0:
        return "The next look is due now."
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"The next look is due {due:%Y-%m-%d %H:%M} UTC, in {seconds / length:.0f} {unit}."
    return f"The next look is due {due:%Y-%m-%d %H:%M:%S} UTC, in {seconds:.0f} seconds."


def _opened(path: Path, target_url: str) -> tuple[LinkLedger, Seal | None]:
    """Return a ledger that links can be added to, new where there is none, and the seal for them."""
    ledger = read_ledger(path) if path.exists() else LinkLedger(target_url)
    check_target(ledger, target_url, path)
    return ledger, seal_of_environment(ledger.lock)
