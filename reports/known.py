"""Known failures in a run record: which violations they excuse, and what is wrong with the list itself.

The verdict is the target's, and stays. What changes is the gate: the exit status, and how reports show a violation
that somebody has taken note of (docs/decisions/0018-known-failures.md). Every report tells it from the record alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..conformance.known import KnownFailure, excuse, outdated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


def marked(document: Mapping[str, Any], known: Sequence[KnownFailure], today: date) -> dict[str, Any]:
    """Return a run record with `known` on each excused rule, and with `knownFailures`, the list and what is off in it.

    Without an entry, the record is returned as it is.
    """
    if not known:
        return dict(document)
    entries = []
    for rule in document["rules"]:
        found = None
        if rule["status"] in ("fail", "warn"):
            found = excuse(known, rule["id"], [evidence["message"] for evidence in rule["evidence"]], today)
        entries.append(rule if found is None else {**rule, "known": found.to_dict()})
    statuses = {rule["id"]: rule["status"] for rule in entries}
    return {
        **document,
        "rules": entries,
        "knownFailures": {
            "day": today.isoformat(),
            "listed": [each.to_dict() for each in known],
            "outdated": [{"rule": rule, "message": told} for rule, told in outdated(known, statuses, today)],
        },
    }


def listed(document: Mapping[str, Any]) -> tuple[KnownFailure, ...]:
    """Return the known failures that a run record holds."""
    return tuple(KnownFailure.from_dict(each) for each in document.get("knownFailures", {}).get("listed", ()))


def outdated_of(document: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """What is wrong with the list: each `rule` and `message`."""
    return list(document.get("knownFailures", {}).get("outdated", ()))


def is_known(rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule's entry is a violation that is excused."""
    return rule.get("known") is not None


def told(rule: Mapping[str, Any]) -> str:
    """Say of an excused rule who knows of it, until when and why."""
    known = rule["known"]
    return f"known failure ({known['owner']}, until {known['expires']}): {known['reason']}"


def unknown_violations(document: Mapping[str, Any]) -> int:
    """How many MUST rules are violated and not excused."""
    return sum(rule["status"] == "fail" and not is_known(rule) for rule in document["rules"])


def excused(document: Mapping[str, Any]) -> bool:
    """Tell whether nothing is violated but what is known, by a list of which every entry holds."""
    return not unknown_violations(document) and not outdated_of(document)


def exit_status(document: Mapping[str, Any], of_run: int) -> int:
    """Return the exit status, where the run's own tells of violations or open questions alone (contract, section 3)."""
    if of_run not in (0, 1, 5):
        return of_run
    if not excused(document):
        return 1
    if of_run != 1:
        return of_run
    open_musts = any(rule["status"] == "inconclusive" and rule["level"] == "MUST" for rule in document["rules"])
    return 5 if open_musts else 0
