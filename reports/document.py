"""The run record: one JSON-able value that holds all that reports tell.

Its shape is that of report.json (contract, section 3) with more properties beside. Every other report is
rendered from it alone, so what is struck out here is struck out everywhere.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, get_args

from .. import __version__
from ..conformance.known import KnownFailure
from ..conformance.result import SkipReason, Status
from ..spec import catalogue
from ..spec.offer import format_instant
from .known import is_known, marked, outdated_of, unknown_violations

if TYPE_CHECKING:
    from ..conformance.finding import Finding
    from ..conformance.result import Result, RuleResult
    from .redact import Redactor

SCHEMA_VERSION = 1
SKIP_REASONS: Mapping[str, str] = {
    "no-control": "no control API was given, and live data alone cannot show it",
    "no-clock": "the target's clock cannot be moved",
    "no-reset": "the target cannot be emptied",
    "no-second-account": "no second account was given",
    "not-offered": "the target lists no such resource type or field",
    "no-data": "the target's data hold no such case",
    "not-selected": "the run was told to leave it out",
    "budget": "the profile's requests were spent",
    "stopped-early": "the run stopped before it",
}
"""Each skip reason in words that follow "skipped, since"."""


def to_document(result: Result, redactor: Redactor, today: date | None = None) -> dict[str, Any]:
    """Return the run record of a judged run, with every secret struck out.

    Known failures are held against the day, by default the present one in UTC.

    What comes from the target, from the user or from a rule's message goes through the redactor. The
    catalogue's own texts and the closed vocabularies do not: they are the same in every run.
    """
    observed = redactor.strike_tree(plain(_observed(result)))
    rules = [
        _catalogued(rule_result) | words for rule_result, words in zip(result.rules, observed["rules"], strict=True)
    ]
    judged, total = result.musts
    counts = {status: result.count(status) for status in get_args(Status)}
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": "exportproof", "version": __version__},
        "target": observed["target"] | {"capabilities": sorted(result.capabilities)},
        "verdict": result.verdict,
        "headline": "",
        "profile": result.profile,
        "seed": result.seed,
        "started": format_instant(result.started),
        "ending": result.ending,
        "problems": observed["problems"],
        "counts": counts,
        "musts": {"judged": judged, "total": total, "violated": counts["fail"]},
        "rules": rules,
        "readings": {
            reading.name: _reading(reading.name, reading.observed, reading.pinned) for reading in result.readings
        },
        "stats": {
            "requests": result.stats.requests,
            "seconds": round(result.stats.seconds, 3),
            "bytesDownloaded": result.stats.bytes_downloaded,
            "jobs": result.stats.jobs,
        },
        "families": {name: text for name, text in catalogue.families().items() if _has_family(result, name)},
        "sources": _sources(result),
        "sights": observed["sights"],
    }
    if observed["rechecks"] is not None:
        document["rechecks"] = observed["rechecks"]
    if result.chosen:
        document["chosen"] = {name: list(names) for name, names in result.chosen.items()}
    known = [KnownFailure.from_dict(redactor.strike_tree(each.to_dict())) for each in result.known]
    document = marked(document, known, today or datetime.now(UTC).date())
    return document | {"headline": headline(document)}


def headline(document: Mapping[str, Any]) -> str:
    """Return the verdict of a run record as one or two sentences."""
    musts = document["musts"]
    judged, total, violated = musts["judged"], musts["total"], musts["violated"]
    scope = f"{judged} of {total} MUST rules were judged"
    if document["verdict"] == "violates":
        first = f"The target violates {violated} MUST {_plural(violated, 'rule')}{_known_among(document)}."
    elif document["verdict"] == "conforms":
        first = "The target conforms to every MUST rule that was judged."
    else:
        first = f"Undetermined: {_why_undetermined(document)}."
    ending = {"interrupted": " The run was interrupted.", "suite-failed": " The suite itself failed."}
    cut = "" if document["verdict"] == "undetermined" else ending.get(document["ending"] or "", "")
    outdated = len(outdated_of(document))
    off = f" The list of known failures is out of date in {outdated} {_plural(outdated, 'place')}." if outdated else ""
    return f"{first} {scope}{_chosen(document)}.{cut}{off}"


def _known_among(document: Mapping[str, Any]) -> str:
    """Say how many of the violated rules are known, in words that follow their number."""
    violated, left = document["musts"]["violated"], unknown_violations(document)
    known = sum(is_known(rule) for rule in document["rules"] if rule["status"] == "fail")
    if not known:
        return ""
    if not left:
        return ", which is known" if violated == 1 else ", all of them known"
    return f", {known} of them known"


def _chosen(document: Mapping[str, Any]) -> str:
    types = document.get("chosen", {}).get("resourceTypes")
    return f", on {', '.join(types)} alone" if types else ""


def again(document: Mapping[str, Any], rule_id: str) -> str:
    """Return the command line that judges one rule of a run again, with the run's profile and seed.

    With the embedded reference broken or unusual on purpose, it is named instead of its address, which no
    longer answers. Credentials come from the environment, as in curl lines.
    """
    target = document["target"]
    words = ["exportproof", "run"]
    embedded = [word for name in ("fault", "variant") if name in target for word in (f"--{name}", target[name])]
    words += embedded or [target["url"]]
    line = " ".join(shlex.quote(word) for word in words)
    if "adapter" in target:
        line += f" --adapter {shlex.quote(target['adapter'])}"
    elif target["capabilities"] and not embedded:
        line += ' --control-url "$EXPORTPROOF_CONTROL_URL"'
    chosen = document.get("chosen", {})
    for name, option in (("resourceTypes", "--resource-type"), ("capabilities", "--capability")):
        line += "".join(f" {option} {shlex.quote(each)}" for each in chosen.get(name, ()))
    pins = [f"{name}={reading['pinned']}" for name, reading in document["readings"].items() if reading["pinned"]]
    line += "".join(f" --reading {shlex.quote(pin)}" for pin in pins)
    return f"{line} --rules {rule_id} --profile {document['profile']} --seed {document['seed']}"


def target_name(document: Mapping[str, Any]) -> str:
    """Return what was judged, by a name that is the same in each run.

    That is its URL; the embedded reference, broken or unusual on purpose, is named by what was done to it.
    """
    target = document["target"]
    kinds = [f"{name} {target[name]}" for name in ("fault", "variant") if name in target]
    return f"embedded reference, {' and '.join(kinds)}" if kinds else str(target["url"])


def left_out(rules: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Return why rules were not judged: each reason, in words, and of how many, the most frequent first."""
    reasons = Counter(rule["reason"] for rule in rules if rule["status"] == "skip")
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return [(reason, SKIP_REASONS.get(reason, reason), count) for reason, count in ordered]


def other_problems(document: Mapping[str, Any]) -> list[str]:
    """Return the problems that the headline does not already tell."""
    return [problem for problem in document["problems"] if problem.rstrip(".") not in document["headline"]]


def plain(value: Any) -> Any:  # noqa: ANN401 - any value in, any JSON value out
    """Return a value as JSON can hold it: instants as RFC 3339, sets sorted, bytes and anything else as text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)  # noqa: PLR0124 - NaN
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, datetime):
        return format_instant(value, 6) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(item) for name, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=lambda item: (str(type(item)), item))
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return plain(str(value))


def _observed(result: Result) -> dict[str, Any]:
    """Return the part of the record that can hold a secret."""
    target = {"url": result.target_url}
    ways = (("fault", result.fault), ("variant", result.variant), ("adapter", result.adapter))
    target |= {name: value for name, value in ways if value}
    return {
        "target": target,
        "problems": result.problems,
        "rechecks": result.rechecks,
        "sights": result.sights,
        "rules": [
            {
                "reason": _reason(rule_result),
                "evidence": [_evidence(finding, result.curl) for finding in rule_result.findings],
            }
            for rule_result in result.rules
        ],
    }


def _catalogued(result: RuleResult) -> dict[str, Any]:
    """Return the part of a rule's entry that the catalogue and the closed vocabularies give."""
    rule = result.rule
    return {
        "id": rule.id,
        "level": rule.level,
        "title": rule.title,
        "source": list(rule.source),
        "status": result.status,
        "family": rule.family,
        "demand": rule.demand,
        "fix": rule.fix,
        "readings": list(rule.readings),
        "judged": result.judged,
    }


def _reason(result: RuleResult) -> str | None:
    if result.status not in ("skip", "inconclusive"):
        return None
    if result.reason is None and result.status == "inconclusive":
        return next((finding.message for finding in result.findings if finding.message), "it could not be told")
    return result.reason


def _evidence(finding: Finding, curl: Mapping[int, str]) -> dict[str, Any]:
    """Return one finding: its requests are the whole chain, and `request` is the one that starts it."""
    requests = [curl[number] for number in finding.exchanges if number in curl]
    # What went through an adapter is a comment, which reproduces nothing by itself.
    first = next((line for line in requests if not line.startswith("#")), None)
    return {
        "message": finding.message,
        "request": first,
        "requests": requests,
        "expected": finding.expected,
        "received": finding.received,
        "job": finding.job,
        "details": dict(finding.details),
    }


def _reading(name: str, observed: str | None, pinned: str | None) -> dict[str, Any]:
    """Return one reading's entry; `meaning` is that of the observed value."""
    reading = catalogue.readings()[name]
    return {
        "observed": observed,
        "pinned": pinned,
        "question": reading.question,
        "meaning": reading.values.get(observed) if observed is not None else None,
        "values": dict(reading.values),
        "rule": reading.rule,
    }


def _sources(result: Result) -> dict[str, dict[str, str | None]]:
    """Return what the reports say of every address and reference that the rules rest on."""
    used = dict.fromkeys(source for rule_result in result.rules for source in rule_result.rule.source)
    return {source: source_entry(source) for source in used}


def source_entry(source: str) -> dict[str, str | None]:
    """Return one address or reference: what it says in the project's words, and the page to read."""
    address = catalogue.addresses().get(source)
    if address is not None:
        return {"says": address.paraphrase, "url": catalogue.document("rules.yaml")["vendorPage"]}
    return {"says": source, "url": None}


def _has_family(result: Result, name: str) -> bool:
    return any(rule_result.rule.family == name for rule_result in result.rules)


def _why_undetermined(document: Mapping[str, Any]) -> str:
    if document["ending"] is not None:
        return {"interrupted": "the run was interrupted", "suite-failed": "the suite itself failed"}[document["ending"]]
    if document["problems"]:
        return str(document["problems"][0]).rstrip(".")
    open_musts = sum(rule["level"] == "MUST" and rule["status"] == "inconclusive" for rule in document["rules"])
    if open_musts:
        tried = "that was tried" if open_musts == 1 else "that were tried"
        return f"{open_musts} MUST {_plural(open_musts, 'rule')} {tried} stayed open"
    return "nothing could be judged"


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


if set(SKIP_REASONS) != set(get_args(SkipReason)):  # pragma: no cover - a slip of the programmer
    raise RuntimeError("reports/document.py: SKIP_REASONS must have exactly the skip reasons of conformance/result.py")
