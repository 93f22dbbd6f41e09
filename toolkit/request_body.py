"""Judges one creation body: against the schema, and against what no schema can say, as the catalogue has it."""

from __future__ import annotations

import json
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from ..conformance.schema_judge import explain
from ..generators.cases import OLDEST_SURE, YOUNGEST_REFUSED
from ..generators.classify import classify
from ..generators.stamps import on_grid, write_stamp
from ..spec import catalogue
from ..spec.offer import PRIMARY_KEYS, Offer, Resource, format_instant, parse_instant
from .remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from jsonschema import Draft202012Validator

_RULES: Mapping[tuple[str, str], str] = {
    ("/dateChangedFrom", "required"): "validation/from-required",
    ("/resourceType", "required"): "validation/resource-type-required",
    ("/fileSizeKbLimit", "minimum"): "validation/limit-minimum",
    ("/fileSizeKbLimit", "maximum"): "validation/limit-maximum",
}
_OPEN = "validation/odd-input"
"""What the documentation forbids without saying what a server does about it."""
_CODES_TYPE, _CONTACT_TYPES = "ContactsActivistCodes", "Contacts"
_CUSTOM_FIELD_TYPES = ("Contacts", "Contributions")
_KINDS = {
    "required": "missing-property",
    "type": "wrong-type",
    "format": "wrong-format",
    "minimum": "out-of-bounds",
    "maximum": "out-of-bounds",
    "enum": "not-allowed",
    "minLength": "too-short",
}
_ANY = Offer({"Any": Resource("Any", None, ())})


def judge_text(text: str, now: datetime, file: str = "") -> list[Remark]:
    """Judge a creation body as it is sent, in any JSON text. `now` is the server's present."""
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice.extend(name for name in dict.fromkeys(names) if names.count(name) > 1)
        return dict(pairs)

    try:
        body = json.loads(text, object_pairs_hook=once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return [
            Remark("not-json", "error", "the body is no JSON", file, pointer="", expected="a JSON object",
                   received=f"{text[:60]!r} ({error})" if text else "nothing", rule="validation/json-well-formed")
        ]  # fmt: skip
    repeated = [
        Remark("repeated-property", "warning", f"{name} comes twice, and readers differ over which one counts", file,
               pointer=f"/{_escaped(name)}", rule=_OPEN)
        for name in twice
    ]  # fmt: skip
    return [*repeated, *judge_body(body, now, file)]


def judge_body(body: Any, now: datetime, file: str = "") -> list[Remark]:  # noqa: ANN401 - any JSON value
    """Judge a creation body as json.loads returns it. `now` is the server's present, an aware datetime."""
    if not isinstance(body, dict):
        return [
            Remark("not-an-object", "error", "the body is no object", file, pointer="", expected="a JSON object",
                   received=json.dumps(body)[:60], rule="validation/body-is-object")
        ]  # fmt: skip
    schema = _schema()
    remarks = list(_nulls(body, schema, file))
    given = {name: value for name, value in body.items() if value is not None}
    remarks += _breaches(given, now, file)
    broken = {remark.pointer for remark in remarks if remark.level == "error"}
    remarks += _window(given, now, file, broken)
    remarks += _names(given, schema, file)
    remarks += _without_effect(given, file)
    return remarks


def _refuse(constant: str) -> Any:  # noqa: ANN401 - it never returns
    raise ValueError(f"{constant} is not JSON")


def _schema() -> Mapping[str, Any]:
    schema: Mapping[str, Any] = catalogue.document("openapi.yaml")["components"]["schemas"]["ExportJobRequest"]
    return schema


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - slow to import

    from ..spec.formats import FORMATS  # noqa: PLC0415

    checker = FormatChecker(formats=())
    for name, check in FORMATS.items():
        checker.checks(name)(check)
    components = catalogue.document("openapi.yaml")["components"]
    return Draft202012Validator({**_schema(), "components": components}, format_checker=checker)


def _nulls(body: Mapping[str, Any], schema: Mapping[str, Any], file: str) -> Iterator[Remark]:
    for name, value in body.items():
        if value is None and name in schema["properties"] and name not in schema["required"]:
            yield Remark(
                "null-property", "warning", f"{name} is null, which counts as absent; some servers refuse it", file,
                pointer=f"/{name}", expected="no such property", received="null", rule="validation/nulls-accepted",
            )  # fmt: skip


def _breaches(given: Mapping[str, Any], now: datetime, file: str) -> Iterator[Remark]:
    """What breaks the schema."""
    for error in sorted(_validator().iter_errors(dict(given)), key=lambda found: list(map(str, found.absolute_path))):
        problem = explain(error, "request", "body")
        keyword, pointer = str(error.validator), problem.pointer
        message = {"required": "a required property is missing", "type": "the type is another one"}.get(
            keyword, "the value is not one that is allowed"
        )
        if keyword == "required":
            pointer = f"{pointer}/{problem.key.rpartition('/')[2]}"
        rule = _RULES.get((pointer, keyword), _OPEN)
        if keyword == "format":
            rule = _rule_of_dates(pointer.removeprefix("/"), given, now) or _OPEN
            message = "the timestamp does not have the documented grammar"
        yield Remark(
            _KINDS.get(keyword, "not-allowed"), "error", message, file, pointer=pointer,
            expected=problem.expected, received=problem.received, rule=rule,
        )  # fmt: skip


def _rule_of_dates(name: str, given: Mapping[str, Any], now: datetime) -> str | None:
    """The rule that the catalogue says a date breaks by itself, in a body that is right otherwise."""
    start = write_stamp(on_grid(now) - OLDEST_SURE + timedelta(days=1), digits=2)
    verdict = classify({"resourceType": "Any", "dateChangedFrom": start, name: given[name]}, _ANY, now)
    return verdict.removeprefix("invalid:") if verdict.startswith("invalid:") else None


def _window(given: Mapping[str, Any], now: datetime, file: str, broken: set[str | None]) -> Iterator[Remark]:
    """What binds the dates to the present and to each other (dateChangedFrom.2, dateChangedTo.2)."""
    instants = {
        name: parse_instant(given[name])
        for name in ("dateChangedFrom", "dateChangedTo")
        if name in given and f"/{name}" not in broken
    }
    start, end = instants.get("dateChangedFrom"), instants.get("dateChangedTo")
    present = format_instant(now)
    if start is not None:
        yield from _age(start, given["dateChangedFrom"], now, file)
    if start is not None and end is not None and end <= start:
        yield Remark(
            "window-order", "error", "the window does not end after it starts", file, pointer="/dateChangedTo",
            expected=f"an instant later than dateChangedFrom, {given['dateChangedFrom']}",
            received=json.dumps(given["dateChangedTo"]), rule="validation/to-after-from",
        )  # fmt: skip
    if end is None or end <= now:
        return
    sure = _rule_of_dates("dateChangedTo", given, now) == "validation/to-not-in-future"
    yield Remark(
        "window-in-future", "error" if sure else "warning",
        "the window ends in the future" if sure else "the window ends a little ahead of the present", file,
        pointer="/dateChangedTo", expected=f"an instant no later than the present, {present}",
        received=json.dumps(given["dateChangedTo"]), rule="validation/to-not-in-future",
    )  # fmt: skip


def _age(start: datetime, text: str, now: datetime, file: str) -> Iterator[Remark]:
    age = now - start
    if age > OLDEST_SURE:
        sure = age >= YOUNGEST_REFUSED
        oldest = format_instant(now - timedelta(days=90))
        yield Remark(
            "window-too-old", "error" if sure else "warning",
            "the window starts more than 90 days ago" if sure
            else "the window starts within a day of 90 days ago, an edge that servers draw differently", file,
            pointer="/dateChangedFrom", expected=f"an instant of the last 90 days, from {oldest} on",
            received=json.dumps(text), rule="validation/from-within-90-days",
        )  # fmt: skip
    elif start > now:
        yield Remark(
            "window-in-future", "error" if age <= -timedelta(minutes=5) else "warning",
            "the window starts in the future", file, pointer="/dateChangedFrom",
            expected=f"an instant of the last 90 days, up to {format_instant(now)}", received=json.dumps(text),
            rule="validation/from-within-90-days",
        )  # fmt: skip


def _names(given: Mapping[str, Any], schema: Mapping[str, Any], file: str) -> Iterator[Remark]:
    """Properties and types that are not among the documented ones. A server may know more, so these are warnings."""
    for name in given:
        if name not in schema["properties"]:
            close = get_close_matches(name, schema["properties"], n=1)
            hint = f"; {close[0]} may be meant" if close else ""
            yield Remark(
                "unknown-property", "warning", f"{name} is not documented, and servers pass over it{hint}", file,
                pointer=f"/{_escaped(name)}", rule="validation/unknown-properties-accepted",
            )  # fmt: skip
    kind = given.get("resourceType")
    if isinstance(kind, str) and kind and kind not in PRIMARY_KEYS:
        close = get_close_matches(kind.strip().title(), PRIMARY_KEYS, n=1, cutoff=0.5) or get_close_matches(
            kind, PRIMARY_KEYS, n=1
        )
        hint = f"; {close[0]} may be meant" if close else ""
        yield Remark(
            "unknown-type", "warning", f"{kind} is none of the ten types that are known in public{hint}", file,
            pointer="/resourceType", expected="a type that the server lists at /changedEntityExportJobs/resources",
            received=json.dumps(kind), rule="validation/resource-type-known",
        )  # fmt: skip


def _without_effect(given: Mapping[str, Any], file: str) -> Iterator[Remark]:
    """Properties that do nothing for the type that is exported."""
    kind = given.get("resourceType")
    if not isinstance(kind, str) or kind not in PRIMARY_KEYS:
        return
    for name, types, rule in (
        ("requestedActivistCodeIds", (_CODES_TYPE,), "codes/ignored-elsewhere"),
        ("contactMode", (_CONTACT_TYPES,), "mode/elsewhere"),
        ("requestedCustomFieldIds", _CUSTOM_FIELD_TYPES, None),
    ):
        if given.get(name) and kind not in types:
            means = "" if name == "requestedActivistCodeIds" else ", as far as the documentation tells"
            yield Remark(
                "without-effect", "warning", f"{name} is meant for {' and '.join(types)} and does nothing for "
                f"{kind}{means}", file, pointer=f"/{name}", rule=rule,
            )  # fmt: skip


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
