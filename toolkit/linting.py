"""`schema lint`: an OpenAPI document of this API that somebody wrote, against the standard and against ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from .lint_examples import examples
from .lint_shapes import Comparison
from .lint_standard import standard
from .openapi import At, Operation, Spec, load_spec, our_spec
from .remark import BadInput, Remark, in_order, is_valid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .remark import Level

_COLLECTION = "/changedEntityExportJobs"
_ROUTES: Mapping[tuple[str, str], str] = {
    ("post", ""): "createChangedEntityExportJob",
    ("get", "/{}"): "getChangedEntityExportJob",
    ("get", "/resources"): "listChangedEntityResources",
    ("get", "/fields/{}"): "listChangedEntityFields",
    ("get", "/changetypes/{}"): "listChangedEntityChangeTypes",
}
_RULES: Mapping[str, str] = {
    "createChangedEntityExportJob": "schema/create",
    "getChangedEntityExportJob": "schema/job",
    "listChangedEntityResources": "schema/resources",
    "listChangedEntityFields": "schema/fields",
    "listChangedEntityChangeTypes": "schema/change-types",
}
_NEEDED = frozenset({"createChangedEntityExportJob", "getChangedEntityExportJob"})
_JSON = "application/json"
_REFUSALS: Mapping[str, tuple[str, ...]] = {
    "createChangedEntityExportJob": ("400", "401"),
    "getChangedEntityExportJob": ("401", "404"),
}
_PLACE = re.compile(r"^(?P<prefix>.*?)(?P<collection>/changedEntityExportJobs)(?P<tail>/.*)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Linted:
    """What was judged, in words, and what is to be said of it."""

    judged: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def valid(self) -> bool:
        """True when nothing is an error."""
        return is_valid(self.remarks)


@dataclass(frozen=True)
class _Pair:
    """An operation of theirs with ours of the same meaning."""

    id: str
    ours: Operation
    theirs: Operation


def lint(path: str | Path) -> Linted:
    """Judge an OpenAPI 3 document of this API: by the standard, by its own examples, and by spec/openapi.yaml.

    Operations are found by the end of their path, whatever stands before it and whatever they are called. Raises
    BadInput when the file is no OpenAPI 3 document, or describes none of this API's operations.
    """
    theirs, ours = load_spec(path), our_spec()
    pairs = _pairs(ours, theirs)
    if not pairs:
        raise BadInput(_of_another_api(theirs))
    remarks = [*standard(theirs), *_missing_operations(theirs, pairs)]
    for pair in pairs:
        remarks += _operation(pair, ours, theirs)
        remarks += examples(pair.ours, pair.theirs, ours, theirs)
    found = ", ".join(pair.theirs.name for pair in pairs)
    return Linted((f"{path}, {len(pairs)} of 5 operations: {found}",), in_order(_once(remarks)))


def _once(remarks: list[Remark]) -> Iterator[Remark]:
    """One remark a place and kind: schemas that several operations share are told of once."""
    seen: set[tuple[str | None, ...]] = set()
    for remark in remarks:
        what = remark.expected if remark.code == "example-against-api" else remark.message
        key = (remark.code, remark.pointer, what)
        if key not in seen:
            seen.add(key)
            yield remark


def _route(operation: Operation) -> tuple[str, str] | None:
    match = _PLACE.match(operation.shape[1])
    if match is None:
        return None
    tail = (match["tail"] or "").lower()
    return operation.method, tail


def describes_this_api(spec: Spec) -> bool:
    """Tell whether a document has any of this API's five operations."""
    return any(_route(operation) in _ROUTES for operation in spec.operations())


def _pairs(ours: Spec, theirs: Spec) -> list[_Pair]:
    own = {_ROUTES[route]: one for one in ours.operations() if (route := _route(one)) is not None}
    pairs: dict[str, _Pair] = {}
    for one in theirs.operations():
        route = _route(one)
        if route is not None and route in _ROUTES:
            operation_id = _ROUTES[route]
            pairs.setdefault(operation_id, _Pair(operation_id, own[operation_id], one))
    return [pairs[name] for name in _ROUTES.values() if name in pairs]


def _of_another_api(theirs: Spec) -> str:
    paths = [operation.path for operation in theirs.operations()]
    if not paths:
        return f"{theirs.path} describes no operation: its paths are empty. Name a document with the API's paths."
    tails = {path.rpartition("/")[2] for path in paths}
    close = get_close_matches("changedEntityExportJobs", tails, n=1, cutoff=0.7)
    hint = f" {close[0]} comes closest." if close else ""
    return (
        f"{theirs.path} describes another API: none of its {len(paths)} operations has a path that ends in "
        f"{_COLLECTION}, as creating a job does, or in one of the routes below it.{hint}"
    )


def _missing_operations(theirs: Spec, pairs: list[_Pair]) -> Iterator[Remark]:
    found = {pair.id for pair in pairs}
    for (method, tail), name in _ROUTES.items():
        if name not in found:
            level: Level = "error" if name in _NEEDED else "warning"
            path = f"{_COLLECTION}{tail.replace('/changetypes', '/changeTypes').replace('{}', '{…}')}"
            yield Remark(
                "missing-operation", level, f"{method.upper()} {path} is not described", theirs.path,
                theirs.line("/paths"), pointer="/paths", expected=name, received="no such operation",
                advice="Describe it; 'exportproof docs' shows how.",
            )  # fmt: skip


def _operation(pair: _Pair, ours: Spec, theirs: Spec) -> Iterator[Remark]:
    def say(code: str, level: Level, message: str, pointer: str, advice: str, rule: str | None = None) -> Remark:
        line = theirs.line(pointer)
        return Remark(code, level, message, theirs.path, line, pointer=pointer, advice=advice, rule=rule)

    yield from _path(pair, theirs)
    yield from _security(pair, theirs)
    yield from _parameters(pair, ours, theirs)
    if pair.ours.method == "post":
        body = theirs.resolve(pair.theirs.at.get("requestBody"))
        media = theirs.json_media(body)
        if media is None:
            yield say("missing-request-body", "error", f"{pair.theirs.name} takes no JSON body", body.pointer,
                      f"Write requestBody with required: true and content: {_JSON}.")  # fmt: skip
        else:
            if body.value.get("required") is not True:
                yield say("optional-request-body", "warning", f"{pair.theirs.name} cannot do without its body",
                          body.pointer, "Write required: true.")  # fmt: skip
            wanted = ours.content(pair.ours.at.get("requestBody"))[_JSON].get("schema")
            yield from Comparison(ours, theirs, "request").compare([wanted], [media.get("schema")], "")
    yield from _responses(pair, ours, theirs)


def _path(pair: _Pair, theirs: Spec) -> Iterator[Remark]:
    match = _PLACE.match(pair.theirs.path)
    wanted = re.sub(r"\{.*", "", pair.ours.path)
    if match and not pair.theirs.path[len(match["prefix"]) :].startswith(wanted):
        yield Remark(
            "path-case", "warning", f"{pair.theirs.name} spells the path otherwise", theirs.path,
            theirs.line(pair.theirs.at.pointer), pointer=pair.theirs.at.pointer.rpartition("/")[0], expected=wanted,
            received=pair.theirs.path, advice=f"Write {wanted}: paths are told apart by letter case.",
        )  # fmt: skip


def _security(pair: _Pair, theirs: Spec) -> Iterator[Remark]:
    """Requests carry Basic credentials (auth.1)."""
    own = pair.theirs.at.get("security")
    where = own if own.value is not None else theirs.root.get("security")
    schemes = theirs.root.get("components", "securitySchemes")
    listed = where.value if isinstance(where.value, list) else []
    advice = "Write a security scheme of type: http and scheme: basic, and name it in security."
    rule = "auth/credentials-required"
    pointer = own.pointer if own.value is not None else where.pointer if listed else "/openapi"

    def say(code: str, level: Level, message: str) -> Remark:
        line = theirs.line(pointer)
        return Remark(code, level, message, theirs.path, line, pointer=pointer, advice=advice, rule=rule)

    if not any(isinstance(one, dict) and one for one in listed):
        yield say("missing-security", "error", "requests need no credentials, as it stands here")
        return
    named = {name for one in listed if isinstance(one, dict) for name in one}
    kinds = {}
    for name in named:
        scheme = theirs.resolve(schemes.get(name)).value
        kinds[name] = scheme if isinstance(scheme, dict) else {}
    basic = [n for n, s in kinds.items() if s.get("type") == "http" and str(s.get("scheme")).lower() == "basic"]
    if not basic:
        yield say("wrong-security", "error", "the credentials are of another kind than HTTP Basic")
    elif {} in listed:
        yield say("optional-security", "warning", "the credentials are optional here")


def _parameters(pair: _Pair, ours: Spec, theirs: Spec) -> Iterator[Remark]:
    """The placeholder in the path, whatever it is called."""
    wanted = [at for (place, _), at in ours.parameters(pair.ours).items() if place == "path"]
    last = re.findall(r"\{([^}/]*)\}", pair.theirs.path)[-1:]
    given = theirs.parameters(pair.theirs).get(("path", last[0])) if last else None
    if wanted and given is not None:
        comparison = Comparison(ours, theirs, "path")
        yield from comparison.compare([wanted[0].get("schema")], [given.get("schema")], str(wanted[0].value["name"]))


def _responses(pair: _Pair, ours: Spec, theirs: Spec) -> Iterator[Remark]:
    wanted = {status: at for status, at in pair.ours.at.get("responses").items() if status.startswith("2")}
    (success, described), *_ = wanted.items()
    responses = pair.theirs.at.get("responses")
    given = {str(status).upper(): theirs.resolve(at) for status, at in responses.items()}
    covering = next((given[name] for name in (success, "2XX", "DEFAULT") if name in given), None)

    def say(code: str, level: Level, message: str, pointer: str, advice: str, rule: str | None = None) -> Remark:
        line = theirs.line(pointer)
        return Remark(code, level, message, theirs.path, line, pointer=pointer, advice=advice, rule=rule)

    others = [status for status in given if status.startswith("2") and status not in (success, "2XX")]
    if success not in given and "2XX" not in given:
        what = f"{pair.theirs.name} is answered {success}, which is not described"
        instead = f"; {' and '.join(others)} is" if others else ""
        yield say("missing-status", "error", f"{what}{instead}", responses.pointer, f"Describe the status {success}.",
                  "creation/accepted" if success == "201" else None)  # fmt: skip
        covering = covering or next((given[status] for status in others), None)
    for status in others:
        yield say("unknown-status", "warning", f"{pair.theirs.name} is never answered {status}",
                  given[status].pointer, f"Leave {status} out: a success is {success}.")  # fmt: skip
    if covering is not None and isinstance(covering.value, dict):
        media = theirs.json_media(covering)
        if media is None or media.get("schema").value in (None, {}, True):
            yield say("missing-response-body", "error", f"the {success} answer to {pair.theirs.name} has no schema",
                      covering.pointer if media is None else media.pointer,
                      f"Describe its body as {_JSON}.")  # fmt: skip
        else:
            schema = ours.content(described)[_JSON].get("schema")
            comparison = Comparison(ours, theirs, "response", rule=_RULES[pair.id])
            yield from comparison.compare([schema], [media.get("schema")], "")
    yield from _refusals(pair, ours, theirs, given, responses)


def _refusals(pair: _Pair, ours: Spec, theirs: Spec, given: Mapping[str, At], responses: At) -> Iterator[Remark]:
    missing = [status for status in _REFUSALS.get(pair.id, ("401",)) if not {status, "4XX", "DEFAULT"} & set(given)]
    if missing:
        pointer = responses.pointer
        yield Remark(
            "missing-status", "warning", f"{pair.theirs.name} can be refused with {' and '.join(missing)}, and nothing "
            "says so", theirs.path, theirs.line(pointer), pointer=pointer, expected=", ".join(missing),
            received=", ".join(given) or "no status", advice=f"Describe {' and '.join(missing)}, or 4XX.",
        )  # fmt: skip
    envelope = At(ours.root.get("components", "schemas", "ErrorEnvelope").value, "/components/schemas/ErrorEnvelope")
    for status, at in given.items():
        if not status.startswith("4"):
            continue
        media = theirs.json_media(at)
        if media is None or media.get("schema").value in (None, {}, True):
            yield Remark(
                "missing-response-body", "warning", f"the {status} answer to {pair.theirs.name} has no schema",
                theirs.path, theirs.line(at.pointer), pointer=at.pointer, rule="schema/error-envelope",
                advice=f"Describe its body as {_JSON}: an object whose errors have a code and a text.",
            )  # fmt: skip
        else:
            comparison = Comparison(ours, theirs, "response", most="warning", rule="schema/error-envelope")
            yield from comparison.compare([envelope], [media.get("schema")], "")
