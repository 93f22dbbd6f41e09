"""Scenarios that nobody thought of: random histories and requests, and what Schemathesis makes of the document."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...spec.catalogue import document
from ...spec.offer import parse_instant
from ..observation import ProbeObservation
from ..session import ROUTE

if TYPE_CHECKING:
    from .stage import Stage

_BATCH = 6


def random_requests(stage: Stage) -> None:
    """Random valid requests over what the atlas holds, with windows that begin and end at its changes."""
    from ...generators.draw import draw_many  # noqa: PLC0415 - hypothesis is slow to import
    from ...generators.requests import valid_requests  # noqa: PLC0415

    session = stage.session
    items = [item for chapter in stage.chapters() for item in chapter.items]
    recent = session.now() - timedelta(days=88)
    instants = sorted({at for item in items if (at := parse_instant(item["at"])) > recent})
    ids = sorted({item["id"] for item in items})
    strategy = valid_requests(
        session.offer,
        session.now(),
        ids=stage.random.sample(ids, min(len(ids), 200)),
        instants=stage.random.sample(instants, min(len(instants), 200)),
        resource_types=tuple(stage.atlas.chapters) or tuple(session.offer.resources),
    )
    bodies: list[dict[str, Any]] = draw_many(strategy, stage.effort.explored_jobs, session.settings.seed)
    for first in range(0, len(bodies), _BATCH):
        session.export("a random request", *bodies[first : first + _BATCH])


def from_the_document(stage: Stage) -> None:
    """What Schemathesis generates from the OpenAPI document, right and wrong; the catalogue says which is which."""
    if not stage.effort.fuzzed_requests:
        return
    from ...generators.bridge import schemathesis_cases  # noqa: PLC0415 - schemathesis is slow to import

    session = stage.session
    cases = schemathesis_cases(
        document("openapi.yaml"), session.offer, session.now(), session.settings.seed, stage.effort.fuzzed_requests
    )
    for case in cases:
        if case.method != "POST":
            session.client.call("probe", case.method, case.path)
            continue
        exchange = session.client.call("probe", "POST", ROUTE, raw=case.body, content_type=case.content_type)
        rule, _, broken = case.classification.partition(":")
        kind = {"valid": "accepted", "invalid": "refused-400"}.get(rule, "either")
        if broken == "validation/resource-type-known":
            kind = "refused-4xx"
        judged_by = broken or ("validation/legal-accepted" if kind == "accepted" else "validation/odd-input")
        session.probes.append(ProbeObservation(judged_by, "generated from the document", kind, exchange))  # type: ignore[arg-type]
