"""What generators of creation bodies make, by the catalogue's judgement. Decision 0003 rests on this.

    python benchmarks/generators.py [COUNT]

hypothesis-jsonschema takes part where it is installed. The present is a year after the dates of the document's own
examples, which Schemathesis reuses: with time, they all lie too far back.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from exportproof.generators.bridge import schemathesis_cases
from exportproof.generators.classify import classify
from exportproof.generators.draw import draw_many, in_private
from exportproof.generators.requests import valid_requests
from exportproof.spec.catalogue import document
from exportproof.spec.offer import Field, Offer, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NOW = datetime(2027, 11, 24, 10, tzinfo=UTC)
FIELDS = (Field("VanID", "N", core=True), Field("Prefix", "T", core=False))
OFFER = Offer({"Contacts": Resource("Contacts", "VanID", FIELDS, (157, 205))})


def own(count: int) -> Iterable[str]:
    """Our own strategy of valid bodies."""
    strategy = valid_requests(OFFER, NOW, ids=(1,), instants=(), resource_types=("Contacts",))
    return [classify(body, OFFER, NOW) for body in draw_many(strategy, count, 1)]


def schemathesis_alone(count: int) -> Iterable[str]:
    """What Schemathesis takes for valid, knowing the schema alone."""
    import schemathesis  # noqa: PLC0415 - so that each way pays for its own imports

    with in_private(1):
        operation = schemathesis.openapi.from_dict(document("openapi.yaml"))["/changedEntityExportJobs"]["POST"]
        strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
        return [classify(case.body, OFFER, NOW) for case in draw_many(strategy, count, 1)]


def bridge(count: int) -> Iterable[str]:
    """Schemathesis, valid and invalid, with what no schema can say repaired."""
    cases = schemathesis_cases(document("openapi.yaml"), OFFER, NOW, 1, count)
    return [case.classification for case in cases if case.method == "POST"]


def hypothesis_jsonschema(count: int) -> Iterable[str]:
    """The same schema by hypothesis-jsonschema."""
    from hypothesis_jsonschema import from_schema  # type: ignore[import-not-found]  # noqa: PLC0415

    openapi: Any = document("openapi.yaml")
    schema = {**openapi["components"]["schemas"]["ExportJobRequest"], "components": openapi["components"]}
    return [classify(body, OFFER, NOW) for body in draw_many(from_schema(schema), count, 1)]


WAYS: tuple[Callable[[int], Iterable[str]], ...] = (own, schemathesis_alone, bridge, hypothesis_jsonschema)


def main() -> None:
    """Print, for each way, what came of it and how long it took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for way in WAYS:
        started = time.perf_counter()
        try:
            found = Counter(way(count))
        except (ImportError, AttributeError) as problem:
            print(f"{way.__name__}: {type(problem).__name__}: {problem}")
            continue
        seconds = time.perf_counter() - started
        shares = ", ".join(f"{number} {kind}" for kind, number in found.most_common())
        print(f"{way.__name__}: {sum(found.values())} bodies in {seconds:.1f} s: {shares}")


if __name__ == "__main__":
    main()
