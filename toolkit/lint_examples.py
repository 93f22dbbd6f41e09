"""Examples and defaults in an OpenAPI document: whether they obey their own schema, and ours."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .openapi import At
from .remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .openapi import Operation, Spec

_SHOWN = 80
_DEEPEST = 40


def examples(ours_at: Operation, theirs_at: Operation, ours: Spec, theirs: Spec) -> Iterator[Remark]:
    """Every example of an operation that does not validate."""
    body = theirs.json_media(theirs_at.at.get("requestBody"))
    own = ours.json_media(ours_at.at.get("requestBody"))
    if body is not None:
        yield from _of_media(theirs, ours, body, own)
    for at in theirs.parameters(theirs_at).values():
        yield from _of_media(theirs, ours, at, None)
    wanted = dict(ours_at.at.get("responses").items())
    success = next(status for status in wanted if status.startswith("2"))
    for status, at in theirs_at.at.get("responses").items():
        media = theirs.json_media(at)
        if media is None:
            continue
        # A success is ours under the status that it should have; refusals share one envelope, which is no must.
        counterpart = ours.json_media(wanted[success]) if str(status).startswith(("2", "def")) else None
        yield from _of_media(theirs, ours, media, counterpart)


def _of_media(theirs: Spec, ours: Spec, media: At, own: At | None) -> Iterator[Remark]:
    schema = media.get("schema")
    for value, pointer in _given(theirs, media):
        yield from _judge(theirs, schema, value, pointer)
        if own is not None:
            yield from _against_ours(theirs, ours, own.get("schema"), value, pointer)
    yield from _below(theirs, schema, set(), 0)


def _given(spec: Spec, at: At) -> Iterator[tuple[Any, str]]:
    """`example`, and `examples` as a media type or a parameter has them."""
    if isinstance(at.value, dict) and "example" in at.value:
        yield at.value["example"], at.get("example").pointer
    for example in at.get("examples").values():
        one = spec.resolve(example)
        if isinstance(one.value, dict) and "value" in one.value:
            yield one.value["value"], one.get("value").pointer


def _below(spec: Spec, at: At, seen: set[str], depth: int) -> Iterator[Remark]:
    """Examples and defaults inside a schema."""
    at = spec.resolve(at)
    if not isinstance(at.value, dict) or at.pointer in seen or depth > _DEEPEST:
        return
    seen.add(at.pointer)
    if "example" in at.value:
        yield from _judge(spec, at, at.value["example"], at.get("example").pointer)
    if isinstance(at.value.get("examples"), list):
        for index, value in enumerate(at.value["examples"]):
            yield from _judge(spec, at, value, f"{at.pointer}/examples/{index}")
    if "default" in at.value:
        yield from _judge(spec, at, at.value["default"], at.get("default").pointer, what="default")
    for keyword in ("items", "additionalProperties", "not", "if", "then", "else"):
        yield from _below(spec, at.get(keyword), seen, depth + 1)
    for one in at.get("properties").values():
        yield from _below(spec, one, seen, depth + 1)
    for keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
        branches = at.value.get(keyword)
        for index, one in enumerate(branches if isinstance(branches, list) else ()):
            yield from _below(spec, At(one, f"{at.pointer}/{keyword}/{index}"), seen, depth + 1)


def _judge(spec: Spec, schema: At, value: Any, pointer: str, *, what: str = "example") -> Iterator[Remark]:  # noqa: ANN401
    """Judge a value by the schema that it stands beside."""
    for message, place in _errors(spec, schema, value):
        where = f"{pointer}{place}"
        yield Remark(
            f"{what}-invalid", "error", f"the {what} does not obey its own schema: {message}", spec.path,
            spec.line(where), pointer=where, received=None,
            advice=f"Mend the {what}, or the schema if the {what} is right.",
        )  # fmt: skip


def _against_ours(theirs: Spec, ours: Spec, schema: At, value: Any, pointer: str) -> Iterator[Remark]:  # noqa: ANN401
    for message, place in _errors(ours, schema, value):
        where = f"{pointer}{place}"
        yield Remark(
            "example-against-api", "error", "the example is not what the API takes or answers", theirs.path,
            theirs.line(where), pointer=where, expected=message, received=_shown(value, place),
            advice="Write an example that a server could answer, or a client send.",
        )  # fmt: skip


def _errors(spec: Spec, schema: At, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """What is wrong with a value, and where below it. A schema that cannot be worked with says nothing."""
    if not isinstance(schema.value, dict):
        return
    validator = _validator(spec, json.dumps(schema.value, default=str))
    try:
        found = list(validator.iter_errors(value))
    except Exception:  # noqa: BLE001 - references that lead nowhere are told of by the standard's part
        return
    seen = set()
    for error in found:
        place = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in error.absolute_path)
        text = " ".join(error.message.split())
        message = text if len(text) <= _SHOWN * 2 else f"{text[: _SHOWN * 2]}…"
        if (message, place) not in seen:
            seen.add((message, place))
            yield message, place


@lru_cache(maxsize=512)
def _validator(spec: Spec, schema: str) -> Any:  # noqa: ANN401 - one of two kinds of validator
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - slow to import
    from openapi_schema_validator import OAS30Validator  # noqa: PLC0415

    from ..spec.formats import FORMATS, is_export_timestamp  # noqa: PLC0415

    # Of the formats only those that bind what this API exchanges are checked.
    checker = FormatChecker(formats=())
    for name, check in {**FORMATS, "date-time": is_export_timestamp}.items():
        checker.checks(name)(check)
    root = {name: value for name, value in spec.document.root.items() if name in ("components", "paths")}
    if spec.is_3_0:
        return OAS30Validator({"allOf": [json.loads(schema)], **root}, format_checker=checker)
    return Draft202012Validator({"allOf": [json.loads(schema)], **root}, format_checker=checker)


def _shown(value: Any, place: str) -> str:  # noqa: ANN401 - any JSON value
    for step in place.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
