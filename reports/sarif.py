"""The run record as SARIF 2.1.0 (OASIS Standard), for the code-scanning pages that read it: one result a rule."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ..spec import catalogue
from .docs_link import address_of
from .document import target_name
from .known import exit_status, is_known, outdated_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
CATALOGUE = "spec/rules.yaml"
"""Where the rules stand, relative to the root of exportproof's own tree (`BASE`)."""
BASE = "EXPORTPROOF"

# SARIF 2.1.0, section 3.27.10: whatever is no failure has the level "none".
_KINDS = {"fail": ("fail", "error"), "warn": ("fail", "warning"), "inconclusive": ("open", "none")}
_LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
_EXITS = {"violates": 1, "undetermined": 5, "conforms": 0}
# SARIF 2.1.0, section 3.27.23: of all results of a run this is told, or of none.
_NOT_SUPPRESSED: dict[str, Any] = {"suppressions": []}


def to_sarif(document: Mapping[str, Any]) -> str:
    """Return the SARIF log of a run record.

    A violated rule is a failure with the level that its own level gives, a rule that stayed inconclusive is open.
    Each points at the line of the catalogue where the rule stands, since a target's own source is not known.
    """
    results = [
        _result(document, number, rule) for number, rule in enumerate(document["rules"]) if rule["status"] in _KINDS
    ]
    tool = document["tool"]
    run = {
        "tool": {
            "driver": {
                "name": tool["name"],
                "version": tool["version"],
                "rules": [_descriptor(document, rule) for rule in document["rules"]],
            }
        },
        "automationDetails": {"id": f"exportproof/{target_name(document)}/{document['started']}"},
        "originalUriBaseIds": {BASE: {"description": {"text": "The root of exportproof's own source tree."}}},
        "invocations": [_invocation(document)],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "properties": {name: document[name] for name in ("verdict", "headline", "profile", "seed", "counts", "musts")},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _descriptor(document: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return one rule of the catalogue as SARIF describes rules; with its page, where the documentation has a URL."""
    page = address_of(document, rule["id"])
    return {
        "id": rule["id"],
        **({} if page is None else {"helpUri": page}),
        "shortDescription": {"text": rule["title"]},
        "fullDescription": {"text": rule["demand"]},
        "help": {"text": f"{rule['demand']}\n\nLook first: {rule['fix']}"},
        "defaultConfiguration": {"level": _LEVELS[rule["level"]]},
        "properties": {"tags": [rule["family"], rule["level"]], "source": rule["source"]},
    }


def _result(document: Mapping[str, Any], number: int, rule: Mapping[str, Any]) -> dict[str, Any]:
    kind, level = _KINDS[rule["status"]]
    if rule["status"] == "warn":
        level = _LEVELS[rule["level"]]
    identity = hashlib.sha256(f"{target_name(document)} {rule['id']}".encode()).hexdigest()
    return {
        "ruleId": rule["id"],
        "ruleIndex": number,
        "kind": kind,
        "level": level,
        "message": {"text": "\n".join(_told(rule))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": CATALOGUE, "uriBaseId": BASE},
                    "region": {"startLine": catalogue.rule_lines().get(rule["id"], 1)},
                },
                "logicalLocations": [{"fullyQualifiedName": target_name(document), "kind": "resource"}],
            }
        ],
        **(_suppressed(rule) if "knownFailures" in document else {}),
        # The same rule of the same target is the same result in every run, whatever was found this time.
        "partialFingerprints": {"exportproof/v1": identity},
        "properties": {
            "requests": [line for evidence in rule["evidence"][:1] for line in evidence["requests"]],
            "evidence": len(rule["evidence"]),
        },
    }


def _suppressed(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the suppression of a known failure (SARIF 2.1.0, section 3.35): agreed upon elsewhere."""
    if not is_known(rule):
        return _NOT_SUPPRESSED
    known = rule["known"]
    properties = {"owner": known["owner"], "expires": known["expires"]}
    return {
        "suppressions": [
            {"kind": "external", "status": "accepted", "justification": told(rule), "properties": properties}
        ]
    }


def _told(rule: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a result's message: its first line stands alone where there is room for one only."""
    first = rule["evidence"][0] if rule["evidence"] else None
    yield rule["reason"] or (first["message"] if first else rule["title"])
    if first is None or rule["status"] == "inconclusive":
        return
    for name in ("expected", "received"):
        if first[name]:
            yield f"{name}: {first[name]}"
    if len(rule["evidence"]) > 1:
        yield f"and {len(rule['evidence']) - 1} more in report.json"


def _invocation(document: Mapping[str, Any]) -> dict[str, Any]:
    ending = document["ending"]
    problems = [*document["problems"], *(each["message"] for each in outdated_of(document))]
    own = {"interrupted": 2, "suite-failed": 3}.get(ending)
    notes = [{"level": "warning", "message": {"text": problem}} for problem in problems]
    return {
        "executionSuccessful": ending is None,
        "exitCode": own or exit_status(document, _EXITS[document["verdict"]]),
        "startTimeUtc": document["started"],
        "toolExecutionNotifications": notes,
    }
