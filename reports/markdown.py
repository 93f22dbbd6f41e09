"""The run record as Markdown, for the page of a CI job: what a reviewer wants to know before opening the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .docs_link import address_of
from .document import again, left_out, other_problems, target_name
from .known import excused, is_known, outdated_of, told
from .text import megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVIDENCE_SHOWN = 3
"""Pieces of evidence that are shown of one rule; report.json has them all."""
LONGEST = 2_000
"""Characters of one text that are shown: job pages take a megabyte at most."""

_ALL_KNOWN = "🟡 Violates what is known"
_VERDICTS = {"conforms": "✅ Conforms", "violates": "❌ Violates", "undetermined": "❔ Undetermined"}
# A backslash does not keep these from being a tag, a mention, or a link that is made of a bare address.
_SHOWN = {"&": "&amp;", "<": "&lt;", "@": "&#64;", "://": "&#58;//"}
_SECTIONS = (("fail", "Violated"), ("warn", "Warnings"))


def to_markdown(document: Mapping[str, Any]) -> str:
    """Return the summary of a run record in GitHub-flavoured Markdown.

    Whatever a target said stands escaped or in code blocks, so that it is shown and never obeyed.
    """
    blocks = [
        f"## {_verdict(document)}: {escaped(target_name(document))}",
        escaped(document["headline"]),
        *(f"- {escaped(problem)}" for problem in other_problems(document)),
        *(f"- ⚠️ {escaped(each['message'])}" for each in outdated_of(document)),
        _table(document),
        *(block for status, title in _SECTIONS for block in _rules(document, title, status)),
        *_rules(document, "Known failures", "fail", "warn", known=True),
        *_doubts(document),
        *_skips(document),
        *_readings(document),
        _figures(document),
    ]
    return "\n\n".join(blocks) + "\n"


def _verdict(document: Mapping[str, Any]) -> str:
    """Return the verdict with its sign, which is no alarm where every violation is known."""
    return _ALL_KNOWN if document["verdict"] == "violates" and excused(document) else _VERDICTS[document["verdict"]]


def escaped(text: str, longest: int = LONGEST) -> str:
    """Return a text of one line that Markdown shows as it is: no markup, no link, no mention of anybody."""
    shown = text if len(text) <= longest else f"{text[:longest]} ..."
    line = " ".join(shown.split())
    return re.sub(r"://|[\\`*_{}\[\]()#|~!>&<@]", lambda match: _SHOWN.get(match[0], f"\\{match[0]}"), line)


def fenced(text: str, kind: str = "text", longest: int = LONGEST) -> str:
    """Return a code block that the text cannot close: its fence is longer than any in the text."""
    shown = text if len(text) <= longest else f"{text[:longest]} ..."
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}{kind}\n{shown}\n{fence}"


def _table(document: Mapping[str, Any]) -> str:
    counts = document["counts"]
    names = {
        "fail": "violated",
        "warn": "warned",
        "inconclusive": "inconclusive",
        "pass": "passed",
        "skip": "not judged",
    }
    return "\n".join(
        (
            f"| {' | '.join(names.values())} |",
            f"|{' ---: |' * len(names)}",
            f"| {' | '.join(str(counts[name]) for name in names)} |",
        )
    )


def _rules(document: Mapping[str, Any], title: str, *statuses: str, known: bool = False) -> Iterator[str]:
    """Yield the rules of these statuses, each with its demand, what was found and how to see it again."""
    rules = [rule for rule in document["rules"] if rule["status"] in statuses and is_known(rule) is known]
    if not rules:
        return
    yield f"### {title} ({len(rules)})"
    for rule in rules:
        first = rule["evidence"][0]["message"] if rule["evidence"] else ""
        yield f"**`{rule['id']}`** ({rule['level']}): {escaped(rule['title'])}"
        if known:
            yield escaped(told(rule))
        if first:
            yield f"> {escaped(first)}"
        yield f"<details><summary>What was found ({len(rule['evidence'])})</summary>"
        yield escaped(rule["demand"])
        for evidence in rule["evidence"][:EVIDENCE_SHOWN]:
            yield from _evidence(evidence)
        page = address_of(document, rule["id"])
        more = "" if page is None else f". [What it demands, and how to meet it]({page})"
        yield f"Source: {escaped(', '.join(rule['source']))}{more}"
        yield "The line that judges this rule again:"
        yield fenced(again(document, rule["id"]), "sh")
        yield "</details>"


def _evidence(evidence: Mapping[str, Any]) -> Iterator[str]:
    lines = [evidence["message"]]
    lines += [f"{name}: {evidence[name]}" for name in ("expected", "received") if evidence[name]]
    yield fenced("\n".join(lines))
    if evidence["requests"]:
        yield fenced("\n".join(evidence["requests"]), "sh", 2 * LONGEST)


def _doubts(document: Mapping[str, Any]) -> Iterator[str]:
    doubts = [rule for rule in document["rules"] if rule["status"] == "inconclusive"]
    if doubts:
        yield f"### Tried, but could not be told ({len(doubts)})"
        yield "\n".join(f"- `{rule['id']}` ({rule['level']}): {escaped(rule['reason'], 300)}" for rule in doubts)


def _skips(document: Mapping[str, Any]) -> Iterator[str]:
    reasons = left_out(document["rules"])
    if reasons:
        yield f"### Not judged ({sum(count for *_, count in reasons)})"
        yield "\n".join(f"- {count}: {words} (`{reason}`)" for reason, words, count in reasons)


def _readings(document: Mapping[str, Any]) -> Iterator[str]:
    seen = {name: reading for name, reading in document["readings"].items() if reading["observed"] is not None}
    if not seen:
        return
    yield f"<details><summary>Readings that the target follows ({len(seen)})</summary>"
    rows = [f"| `{name}` | `{found['observed']}` | {escaped(found['meaning'] or '')} |" for name, found in seen.items()]
    yield "\n".join(("| reading | observed | meaning |", "| --- | --- | --- |", *rows))
    yield "</details>"


def _figures(document: Mapping[str, Any]) -> str:
    stats = document["stats"]
    return (
        f"exportproof {document['tool']['version']}, profile {document['profile']}, seed {document['seed']}: "
        f"{stats['requests']} requests, {stats['jobs']} jobs, {megabytes(stats['bytesDownloaded'])} downloaded, "
        f"{stats['seconds']:.1f} s, started {document['started']}."
    )
