"""The run record as JUnit XML, for the build servers that read it: one test case a rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from .docs_link import address_of
from .known import is_known, outdated_of, told

if TYPE_CHECKING:
    from collections.abc import Mapping

# What XML 1.0, section 2.2, has no place for.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(document: Mapping[str, Any]) -> str:
    """Return the JUnit XML of a run record.

    A violated MUST is a failure, a MUST that stayed inconclusive an error, a rule that was not judged is
    skipped with its reason. A violated SHOULD passes and tells so in its output. A known failure is skipped and tells
    all that was found; what is out of date in the list of known failures is a failure of its own.
    """
    cases = [_case(document, rule) for rule in document["rules"]]
    cases += [_outdated(each) for each in outdated_of(document)]
    totals = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{document['stats']['seconds']:.3f}",
    }
    root = ET.Element("testsuites", {"name": "exportproof", **totals})
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "name": "exportproof",
            **totals,
            "timestamp": document["started"].split(".")[0].rstrip("Z"),
            "hostname": "-",
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("target", document["target"]["url"]),
        ("verdict", document["verdict"]),
        ("headline", document["headline"]),
        ("profile", document["profile"]),
        ("seed", document["seed"]),
        ("version", document["tool"]["version"]),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": _legal(str(value))})
    suite.extend(cases)
    _output(suite, "\n".join([document["headline"], *document["problems"]]))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(document: Mapping[str, Any], rule: Mapping[str, Any]) -> ET.Element:
    """Return the test case of one rule. Its time is not known: one exchange serves many rules."""
    case = ET.Element("testcase", {"classname": f"exportproof.{rule['family']}", "name": rule["id"], "time": "0"})
    status, must = rule["status"], rule["level"] == "MUST"
    page = address_of(document, rule["id"])
    first = rule["evidence"][0]["message"] if rule["evidence"] else rule["title"]
    if is_known(rule):
        _child(case, "skipped", told(rule), "exportproof.known")
        _output(case, _story(rule, page))
    elif status == "fail":
        _child(case, "failure", first, f"violated {rule['level']}", _story(rule, page))
    elif status == "inconclusive" and must:
        _child(case, "error", rule["reason"] or first, "inconclusive", _story(rule, page))
    elif status == "inconclusive":
        _child(case, "skipped", f"inconclusive: {rule['reason'] or first}", "inconclusive")
    elif status == "skip":
        _child(case, "skipped", rule["reason"] or "", "exportproof.skip")
    elif status == "warn":
        _output(case, f"warning: {_story(rule, page)}")
    return case


def _outdated(each: Mapping[str, str]) -> ET.Element:
    """Return a test case that fails for an entry of the list of known failures which does not hold any more."""
    case = ET.Element("testcase", {"classname": "exportproof.known-failures", "name": each["rule"], "time": "0"})
    _child(case, "failure", each["message"], "out of date")
    return case


def _story(rule: Mapping[str, Any], page: str | None) -> str:
    """Return all that is known about one rule, as text."""
    lines = [f"{rule['level']} {rule['id']}: {rule['demand']}", f"Source: {', '.join(rule['source'])}"]
    for evidence in rule["evidence"]:
        lines += ["", evidence["message"]]
        lines += [f"expected: {evidence['expected']}"] if evidence["expected"] else []
        lines += [f"received: {evidence['received']}"] if evidence["received"] else []
        lines += [f"$ {request}" for request in evidence["requests"]]
    if rule["fix"]:
        lines += ["", f"Look first: {rule['fix']}"]
    if page is not None:
        lines += [f"Read more: {page}"]
    return "\n".join(lines)


def _child(case: ET.Element, tag: str, message: str, kind: str, text: str | None = None) -> None:
    child = ET.SubElement(case, tag, {"message": _legal(message), "type": kind})
    child.text = _legal(text) if text else None


def _output(parent: ET.Element, text: str) -> None:
    ET.SubElement(parent, "system-out").text = _legal(text)


def _legal(text: str) -> str:
    """Return the text without the characters that XML 1.0 forbids."""
    return _ILLEGAL.sub("", text)
