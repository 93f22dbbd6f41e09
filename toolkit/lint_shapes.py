"""Compares a schema that somebody wrote with ours, by what both allow, and says what to write instead."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from .remark import Remark
from .shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .openapi import At, Spec
    from .remark import Level
    from .shape import Alternatives, Shape

    Parts = Iterable[At | Alternatives]

Direction = Literal["request", "response", "path"]

_TIMESTAMP = "export-timestamp"
_DOCUMENTED_NULLS = frozenset({"code", "maxTextboxCharacters", "availableValues"})
"""Properties that the documentation says are null at times (facts:1.2, facts:1.4); others may be, and need not."""
_NEVER_NULL = frozenset({"exportJobId", "jobStatus"})
_NOT_MISSED = frozenset({"excludeChangesFromSelf", "ChangeTypeID", "ChangeTypeName", "Description", "bulkImportFields"})
"""What is documented on other pages only, or is another spelling: a document may do without."""
_JOB_ID = "exportJobId"
_OPEN_ENUM = "resourceType"
_RULES = {
    "dateChangedFrom": "validation/from-readable",
    "dateChangedTo": "validation/to-readable",
    "resourceType": "validation/resource-type-known",
    "jobStatus": "states/documented",
}
_REQUIRED_RULES = {
    "dateChangedFrom": "validation/from-required",
    "resourceType": "validation/resource-type-required",
}
_RULES_OF_BOUNDS = {"minimum": "validation/limit-minimum", "maximum": "validation/limit-maximum"}
_DEEPEST = 8


@dataclass(frozen=True)
class Comparison:
    """Two documents, and which way the messages go whose schemas are compared.

    `most` is the highest level there is: what the API only should do is never more than a warning. `rule` is the rule
    that a message of another shape breaks, where no other one is nearer.
    """

    ours: Spec
    theirs: Spec
    direction: Direction
    most: Level = "error"
    rule: str | None = None

    def compare(self, ours: Parts, theirs: Parts, name: str, depth: int = 0) -> Iterator[Remark]:
        """Everything in which their schema says something else than ours. `name` is the place in the message."""
        mine, other = shape_of(self.ours, ours), shape_of(self.theirs, theirs)
        if depth > _DEEPEST:
            return
        wrong = list(self._types(mine, other, name))
        yield from wrong
        if any(remark.code == "wrong-type" for remark in wrong):
            return
        yield from self._format(mine, other, name)
        yield from self._bounds(mine, other, name)
        yield from self._choices(mine, other, name)
        yield from self._default(mine, other, name)
        if mine.properties:
            yield from self._required(mine, other, name)
            yield from self._properties(mine, other, name, depth)
        if mine.items and other.items:
            yield from self.compare(mine.items, other.items, f"{name}[]", depth + 1)
        elif mine.items and other.values == frozenset({"array"}):
            items = _type_text(shape_of(self.ours, mine.items).values)
            yield self._say("missing-items", "error", f"{name} does not say what its items are", other.at,
                            advice=f"Write items with type: {items}.")  # fmt: skip

    def _say(
        self, code: str, level: Level, message: str, pointer: str, *, expected: str | None = None,
        received: str | None = None, advice: str = "", rule: str | None = None,
    ) -> Remark:  # fmt: skip
        least: Level = "warning" if self.most == "warning" else level
        return Remark(
            code, least, message, self.theirs.path, self.theirs.line(pointer), pointer=pointer, expected=expected,
            received=received, advice=advice, rule=rule or self.rule,
        )  # fmt: skip

    def _types(self, mine: Shape, other: Shape, name: str) -> Iterator[Remark]:
        wanted, given = mine.values, other.values
        if not wanted:
            return
        rule = _RULES.get(_last(name))
        if other.types is None:
            yield self._say("missing-type", "error", f"{name} has no type, so that anything is allowed", other.at,
                            expected=_type_text(wanted), received="no type", rule=rule,
                            advice=f"Write type: {_type_text(wanted)}.")  # fmt: skip
        elif not given <= wanted:  # type: ignore[operator] # it is there, as other.types is
            yield self._say("wrong-type", "error", f"{name} has another type", other.mark("type"),
                            expected=_type_text(wanted), received=_type_text(given),
                            advice=f"Write type: {_type_text(wanted)}.", rule=rule)  # fmt: skip
        elif given != wanted and self.direction == "response" and "string" not in (given or ()):
            # Samples show text where a number or a boolean is meant, so one who reads those alone may stumble.
            yield self._say("narrow-type", "warning", f"{name} comes in another type as well", other.mark("type"),
                            expected=_type_text(wanted), received=_type_text(given),
                            advice=f"Write {self._types_text(sorted(wanted))}: both are in use.")  # fmt: skip
        yield from self._null(mine, other, name)

    def _null(self, mine: Shape, other: Shape, name: str) -> Iterator[Remark]:
        last = _last(name)
        if self.direction != "response" or other.types is None:
            return
        if last in _DOCUMENTED_NULLS and mine.nullable and not other.nullable:
            yield self._say("missing-null", "error", f"{name} is null at times, which is not allowed here",
                            other.mark("type"), expected=f"{_type_text(mine.values)} or null",
                            received=_type_text(other.values),
                            advice=f"Write {self._types_text([*sorted(mine.values or ()), 'null'])}.",
                            rule=self.rule)  # fmt: skip
        elif last in _NEVER_NULL and other.nullable:
            yield self._say("extra-null", "warning", f"{name} is never null", other.mark("type"),
                            expected=_type_text(mine.values), received=f"{_type_text(other.values)} or null",
                            advice="Take null out.")  # fmt: skip

    def _types_text(self, names: list[str]) -> str:
        if self.theirs.is_3_0:
            null = " and nullable: true" if "null" in names else ""
            real = [name for name in names if name != "null"]
            either = ", ".join(f"{{type: {name}}}" for name in real)
            return (f"type: {real[0]}" if len(real) == 1 else f"anyOf: [{either}]") + null
        return f"type: {json.dumps(names)}"

    def _format(self, mine: Shape, other: Shape, name: str) -> Iterator[Remark]:
        last, given = _last(name), other.format
        if mine.format == _TIMESTAMP and given not in ("date-time", _TIMESTAMP):
            cut = " Generated clients cut the time of day off a date." if given == "date" else ""
            yield self._say(
                "missing-format" if given is None else "wrong-format", "warning" if given is None else "error",
                f"{name} is a timestamp with a time of day and an offset", other.mark("format"),
                expected="format: date-time", received=f"format: {given}" if given else "no format",
                advice=f"Write format: date-time.{cut}", rule=_RULES.get(last),
            )  # fmt: skip
        elif last == _JOB_ID and (given == "int32" or (other.high is not None and other.high < 2**53 - 1)):
            yield self._say(
                "int32-job-id", "error", f"{name} can exceed 32 bits", other.mark("format"), expected="format: int64",
                received="format: int32" if given == "int32" else f"maximum: {other.high}",
                advice="Write format: int64, and no maximum.", rule="schema/create",
            )  # fmt: skip
        elif mine.format == "int64" and given is None:
            yield self._say(
                "missing-format", "warning", f"{name} can exceed 32 bits, which nothing tells code generators",
                other.at, expected="format: int64", received="no format", advice="Write format: int64.",
            )  # fmt: skip
        elif mine.format == "int32" and given != "int32" and not (other.low is not None and other.high is not None):
            yield self._say(
                "missing-format" if given is None else "wrong-format", "warning",
                f"{name} is a whole number of 32 bits", other.mark("format"), expected="format: int32",
                received=f"format: {given}" if given else "no format", advice="Write format: int32.",
            )  # fmt: skip

    def _bounds(self, mine: Shape, other: Shape, name: str) -> Iterator[Remark]:
        # What format: int32 says by itself is no bound that anybody has to write.
        if mine.low is None or self.direction == "path" or (mine.format == "int32" and mine.high == 2**31 - 1):
            return
        pairs = (("minimum", mine.low, other.low), ("maximum", mine.high, other.high))
        if mine.choices is not None:
            return
        for keyword, bound, given in pairs:
            if bound is None or bound == given:
                continue
            rule = _RULES_OF_BOUNDS[keyword] if self.direction == "request" else None
            level: Level = "error" if self.direction == "request" else "warning"
            yield self._say(
                f"missing-{keyword}" if given is None else f"wrong-{keyword}", level,
                f"{name} has {'no' if given is None else 'another'} {keyword}", other.mark(keyword),
                expected=f"{keyword}: {bound}", received="none" if given is None else f"{keyword}: {given}",
                advice=f"Write {keyword}: {bound}.", rule=rule,
            )  # fmt: skip

    def _choices(self, mine: Shape, other: Shape, name: str) -> Iterator[Remark]:
        last = _last(name)
        if mine.choices is None:
            if last == _OPEN_ENUM and other.choices is not None:
                yield self._say(
                    "closed-enum", "warning", f"{name} differs from account to account, and here it is a fixed list",
                    other.mark("enum"), advice="Leave enum out, and name the types as examples: what an account may "
                    "export is what /changedEntityExportJobs/resources lists.", rule="validation/resource-type-known",
                )  # fmt: skip
            return
        listed = ", ".join(sorted(mine.choices))
        if other.choices is None:
            yield self._say(
                "missing-enum", "error", f"{name} has no enum", other.at, expected=f"one of {listed}",
                received="any value", advice=f"Write enum: [{listed}].", rule=_RULES.get(last),
            )  # fmt: skip
        elif other.choices != mine.choices:
            missing, extra = sorted(mine.choices - other.choices), sorted(other.choices - mine.choices)
            difference = [f"without {', '.join(missing)}"] if missing else []
            difference += [f"with {', '.join(extra)} as well"] if extra else []
            narrow = bool(missing) or self.direction == "request"
            yield self._say(
                "wrong-enum", "error" if narrow else "warning", f"{name} has another enum", other.mark("enum"),
                expected=f"one of {listed}", received=" and ".join(difference), advice=f"Write enum: [{listed}].",
                rule=_RULES.get(last),
            )  # fmt: skip

    def _default(self, mine: Shape, other: Shape, name: str) -> Iterator[Remark]:
        if self.direction != "request":
            return
        if mine.default and other.default != mine.default:
            text = json.dumps(mine.default[0])
            if other.default:
                yield self._say("wrong-default", "error", f"{name} has another default", other.mark("default"),
                                expected=f"default: {text}", received=f"default: {json.dumps(other.default[0])}",
                                advice=f"Write default: {text}.")  # fmt: skip
            elif _last(name) != "contactMode":
                yield self._say("missing-default", "warning", f"{name} has no default", other.at,
                                expected=f"default: {text}", received="none",
                                advice=f"Write default: {text}.")  # fmt: skip
        elif other.default and not mine.default and other.default[0] is not None:
            yield self._say(
                "sample-as-default", "warning", f"{name} has no default: what stands here is a sample",
                other.mark("default"),
                expected="no default", received=f"default: {json.dumps(other.default[0])[:80]}",
                advice="Write it as an example.", rule=_RULES.get(_last(name)),
            )  # fmt: skip

    def _required(self, mine: Shape, other: Shape, name: str) -> Iterator[Remark]:
        place = name or "the body"
        for missing in sorted(mine.required - other.required):
            if missing in other.properties or not other.properties:
                yield self._say(
                    "missing-required", "error", f"{_joined(name, missing)} is required in {place}, and optional here",
                    other.mark("required"), expected=f"required: [{', '.join(sorted(mine.required))}]",
                    received=f"required: [{', '.join(sorted(other.required))}]" if other.required else "no required",
                    advice=f"Add {missing} to required.", rule=_REQUIRED_RULES.get(missing),
                )  # fmt: skip
        if self.direction == "request":
            for extra in sorted((other.required & set(mine.properties)) - mine.required):
                yield self._say(
                    "extra-required", "error", f"{_joined(name, extra)} is optional, and required here",
                    other.mark("required"), expected=f"required: [{', '.join(sorted(mine.required))}]",
                    received=f"required: [{', '.join(sorted(other.required))}]",
                    advice=f"Take {extra} out of required.", rule="validation/legal-accepted",
                )  # fmt: skip

    def _properties(self, mine: Shape, other: Shape, name: str, depth: int) -> Iterator[Remark]:
        unknown = [wanted for wanted in other.properties if wanted not in mine.properties]
        absent = []
        for wanted, parts in mine.properties.items():
            if wanted in other.properties:
                yield from self.compare(parts, other.properties[wanted], _joined(name, wanted), depth + 1)
            elif self.direction == "request" or wanted in mine.required:
                if wanted not in _NOT_MISSED:
                    yield self._missing(mine, other, name, wanted, unknown)
            elif wanted not in _NOT_MISSED and not _spelled_otherwise(wanted, other):
                absent.append(wanted)
        if absent and self.most == "error":
            yield self._say(
                "missing-property", "warning", f"{name or 'the body'} lacks properties that servers answer with",
                other.mark("properties"), expected=f"{', '.join(absent)} as well",
                received=", ".join(other.properties) or "no property", advice=f"Add {', '.join(absent)}.",
            )  # fmt: skip
        for extra in unknown:
            if self.direction == "request" and extra not in _NOT_MISSED:
                yield self._say(
                    "unknown-property", "warning", f"{_joined(name, extra)} is not documented",
                    other.properties_at(extra), rule="validation/unknown-properties-accepted",
                    advice="Take it out, or see that the server knows it: servers pass over what they do not know.",
                )  # fmt: skip
        if other.closed:
            request = self.direction == "request"
            said = "pass over properties that they do not know" if request else "answer with more than is documented"
            yield self._say(
                "closed-object", "warning", f"{name or 'the body'} allows for no other properties",
                other.mark("additionalProperties"), expected="additional properties",
                received="additionalProperties: false",
                advice=f"Leave additionalProperties out: servers {said}.",
                rule="validation/unknown-properties-accepted" if request else None,
            )  # fmt: skip

    def _missing(self, mine: Shape, other: Shape, name: str, wanted: str, unknown: list[str]) -> Remark:
        close = get_close_matches(wanted.lower(), [one.lower() for one in unknown], n=1, cutoff=0.8)
        found = next((one for one in unknown if one.lower() == close[0]), None) if close else None
        kind = shape_of(self.ours, mine.properties[wanted])
        hint = f" {found} is spelled otherwise." if found else ""
        return self._say(
            "missing-property", "error", f"{_joined(name, wanted)} is not described", other.mark("properties"),
            expected=f"a property {wanted}", received=f"a property {found}" if found else "no such property",
            advice=f"Add {wanted} with type: {_type_text(kind.values)}.{hint}", rule=_REQUIRED_RULES.get(wanted),
        )  # fmt: skip


def _spelled_otherwise(wanted: str, other: Shape) -> bool:
    """Change types come in two spellings of the same names (facts:1.5); either will do."""
    pairs = {"changeTypeID": "ChangeTypeID", "changeTypeName": "ChangeTypeName", "description": "Description"}
    return pairs.get(wanted) in other.properties


def _joined(name: str, below: str) -> str:
    return f"{name}.{below}" if name else below


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _type_text(types: frozenset[str] | None) -> str:
    return " or ".join(sorted(types)) if types else "any type"
