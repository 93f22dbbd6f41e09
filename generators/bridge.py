"""What Schemathesis generates from the OpenAPI document, made telling, and judged by the catalogue.

Schemathesis knows the schema alone. It cannot know that a window has to lie in the last 90 days, in order, or which
types and fields a target lists, so nearly every body that it makes is refused for such a reason, and a bound that is
tried inside one proves nothing. So what no schema can say is repaired, and what breaks the schema is left as it is.
Which of the results are valid and which break what is decided by `classify`, never by the mode that made them.
"""

from __future__ import annotations

import json
import re
import warnings
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from .cases import JSON
from .classify import ODD, VALID, classify_bytes
from .draw import draw_many, in_private
from .repair import Repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from schemathesis import Case
    from schemathesis.schemas import APIOperation

    from ..spec.offer import Offer

    SchemathesisCase = Case[Any]
    Operation = APIOperation[Any, Any, Any, Any]

ROUTE = "/changedEntityExportJobs"
_ROUTES_OF_THE_SAME_DEPTH = frozenset({"resources", "fields", "changeTypes"})
_LONGEST_SEGMENT = 300
_GETS_IN = 4
"""One request in so many is a GET; the others create jobs."""
_MOST_BYTES = 200_000
_SPARE = 5
_BOUNDS_FROM = 24
"""The coverage phase takes a second to start, too long for a run that sends fewer requests than this."""
_FREE_TEXT = "resourceType"


@dataclass(frozen=True)
class GeneratedCase:
    """One request to send. `path` begins after the API root and is percent-encoded; `body` is None for a GET.

    `classification` is "valid", "invalid:" with the id of the one rule that it breaks, or "odd". A GET of a job that
    may or may not exist is odd.
    """

    method: str
    path: str
    body: bytes | None
    content_type: str | None
    classification: str


def schemathesis_cases(
    openapi: Mapping[str, Any], offer: Offer, now: datetime, seed: int, count: int
) -> list[GeneratedCase]:
    """Generate `count` requests to all operations of the document, the same for the same arguments.

    Most create jobs. From two dozen on, the bounds that Schemathesis' coverage phase tries are among them. Nothing is
    loaded from a network. A few less come back where the document leaves less to generate.
    """
    if count <= 0:
        return []
    operations = _operations(openapi)
    gets = count // _GETS_IN
    with in_private(seed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        posts = _distinct(_posts(operations, Repair(openapi, offer, now, seed), seed, count), offer, now)
        created = list(islice(_dealt(posts), count - gets))
        read = list(islice(_gets(operations, offer, seed, gets), gets))
    return _mixed(created, read)


def _mixed(created: list[GeneratedCase], read: list[GeneratedCase]) -> list[GeneratedCase]:
    """Spread the GETs evenly between the others."""
    reads = iter(read)
    cases: list[GeneratedCase] = []
    for number, case in enumerate(created, start=1):
        cases.append(case)
        if number % (_GETS_IN - 1) == 0:
            cases.extend(islice(reads, 1))
    return [*cases, *reads]


def _operations(openapi: Mapping[str, Any]) -> dict[tuple[str, str], Operation]:
    """Every operation by method and path. Credentials are the suite's own business, and so are left out."""
    import schemathesis  # noqa: PLC0415 - slow to import, and needed here alone
    from schemathesis.core.result import Ok  # noqa: PLC0415

    document = deepcopy({name: value for name, value in openapi.items() if name not in ("security", "servers")})
    schema = schemathesis.openapi.from_dict(document)
    schema.config.phases.coverage.unexpected_methods = set()
    # To find out what a codec can write takes Hypothesis a second, and JSON escapes what UTF-8 cannot write.
    schema.config.generation.codec = None
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {(operation.method.upper(), operation.path): operation for operation in found}


def _posts(
    operations: Mapping[tuple[str, str], Operation], repair: Repair, seed: int, count: int
) -> Iterator[tuple[bytes, str]]:
    """Bodies and their media types: first the bounds, then what is drawn, right and wrong in turn."""
    from schemathesis import GenerationMode  # noqa: PLC0415 - slow to import

    operation = operations["POST", ROUTE]
    positive, negative = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    bounds = list(_coverage(operation, [positive, negative])) if count >= _BOUNDS_FROM else []
    # Each seed begins elsewhere, and where there is room all of them come.
    first = seed % max(len(bounds), 1)
    for case in (*bounds[first:], *bounds[:first]):
        yield _written(case, repair, thorough=True)
    drawn = count // 2 + _SPARE
    right = draw_many(operation.as_strategy(generation_mode=positive), drawn, seed)
    wrong = draw_many(operation.as_strategy(generation_mode=negative), drawn, seed + 1)
    for number, case in enumerate(case for pair in zip(right, wrong, strict=False) for case in pair):
        yield _written(case, repair, thorough=number % 4 != 1)


def _coverage(operation: Operation, modes: list[Any]) -> Iterator[SchemathesisCase]:
    schema = operation.schema
    cases = schema.iter_coverage_cases(
        operation, generation_modes=modes, generation_config=schema.config.generation_for(operation=operation)
    )
    return (case for case in cases if case.method.upper() == operation.method.upper())


def _written(case: SchemathesisCase, repair: Repair, *, thorough: bool) -> tuple[bytes, str]:
    from schemathesis.core import NOT_SET  # noqa: PLC0415 - slow to import

    media_type = case.media_type or JSON
    if case.body is NOT_SET:
        return b"", media_type
    if isinstance(case.body, bytes):
        return case.body, media_type
    body = repair.body(case.body, thorough=thorough) if isinstance(case.body, dict) else case.body
    return json.dumps(body, default=str).encode(), media_type


def _distinct(bodies: Iterable[tuple[bytes, str]], offer: Offer, now: datetime) -> Iterator[GeneratedCase]:
    """The requests without repetitions, and without bodies too large to be worth their transfer."""
    seen: set[tuple[bytes, str]] = set()
    for raw, media_type in bodies:
        if (raw, media_type) in seen or len(raw) > _MOST_BYTES:
            continue
        seen.add((raw, media_type))
        judged = classify_bytes(raw, offer, now) if media_type == JSON else ODD
        yield GeneratedCase("POST", ROUTE, raw, media_type, judged)


def _dealt(cases: Iterable[GeneratedCase]) -> Iterator[GeneratedCase]:
    """One case of each classification in turn, so that a few show as much as possible; valid ones come twice."""
    piles: dict[str, list[GeneratedCase]] = {VALID: []}
    for case in cases:
        piles.setdefault(case.classification, []).append(case)
    half = len(piles[VALID]) // 2
    turns = [piles.pop(VALID)]
    turns = [turns[0][:half], turns[0][half:], *piles.values()]
    for cases_of_a_turn in zip_longest(*turns):
        yield from (case for case in cases_of_a_turn if case is not None)


def _gets(
    operations: Mapping[tuple[str, str], Operation], offer: Offer, seed: int, count: int
) -> Iterator[GeneratedCase]:
    """Reads of all other operations in turn, with generated ids and types, and with listed types now and then."""
    from schemathesis import GenerationMode  # noqa: PLC0415 - slow to import

    reads = [(operation, path) for (method, path), operation in operations.items() if method == "GET"]
    share = count // max(len(reads), 1) + 1
    sources = [_reads(operation, path, offer, seed, share, GenerationMode) for operation, path in reads]
    yield from _distinct_reads(case for cases in zip_longest(*sources) for case in cases if case is not None)


def _reads(
    operation: Operation,
    path: str,
    offer: Offer,
    seed: int,
    count: int,
    modes: Any,  # noqa: ANN401
) -> Iterator[GeneratedCase]:
    names = re.findall(r"\{(\w+)\}", path)
    if not names:
        yield GeneratedCase("GET", path, None, None, VALID)
        return
    right = draw_many(operation.as_strategy(generation_mode=modes.POSITIVE), count, seed)
    # Any text may stand for a type, so there is no wrong one to generate.
    wrong: list[SchemathesisCase] = []
    if names != [_FREE_TEXT]:
        wrong += islice(_coverage(operation, [modes.NEGATIVE]), count)
        wrong += draw_many(operation.as_strategy(generation_mode=modes.NEGATIVE), count, seed + 1)
    listed = iter([*offer.resources] if names == [_FREE_TEXT] else [])
    for good, bad in zip_longest(right, wrong):
        if (name := next(listed, None)) is not None:
            yield GeneratedCase("GET", _filled(path, {"resourceType": name}), None, None, VALID)
        for case in (good, bad):
            if case is not None and (filled := _path_of(case, path, names)) is not None:
                known = names == [_FREE_TEXT] and unquote(filled.rsplit("/", 1)[-1]) in offer.resources
                yield GeneratedCase("GET", filled, None, None, VALID if known else ODD)


def _path_of(case: SchemathesisCase, path: str, names: list[str]) -> str | None:
    """The path of a case, or None where its values would lead to another route or to none."""
    values = {name: unquote(str(case.path_parameters.get(name, ""))) for name in names}
    for value in values.values():
        if not value.strip() or value in (".", "..") or value in _ROUTES_OF_THE_SAME_DEPTH or "/" in value:
            return None
        if len(value) > _LONGEST_SEGMENT:
            return None
    return _filled(path, values)


def _filled(path: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: quote(values[match[1]].encode("utf-8", "replace"), safe=""), path)


def _distinct_reads(cases: Iterable[GeneratedCase]) -> Iterator[GeneratedCase]:
    seen: set[str] = set()
    for case in cases:
        if case.path not in seen:
            seen.add(case.path)
            yield case
