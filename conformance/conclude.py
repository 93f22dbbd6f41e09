"""From what was observed to a result: the same for a run that just ended and for a recorded one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from ..spec.catalogue import rules as catalogue
from .membership import CODES_TYPE
from .result import Result
from .sights import sights
from .verdict import SKIP_FOR_NEED, Docket, verdict_of
from .words import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .course import Course
    from .observation import Exchange, Run
    from .result import RuleResult, Stats
    from .settings import Settings

CurlLine = Callable[["Exchange"], str]


class Source(Protocol):
    """A run that has ended: what it observed, how it went, and what it cost."""

    @property
    def settings(self) -> Settings:
        """What was asked of the run."""

    @property
    def started(self) -> datetime:
        """When it began, by the suite's clock."""

    @property
    def course(self) -> Course:
        """How it went; what is concluded is added to it."""

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """Every exchange, those included that looked for a smaller case."""

    @property
    def stats(self) -> Stats:
        """What it cost, from beginning to end."""

    @property
    def secrets(self) -> frozenset[str]:
        """What no report may show."""

    @property
    def links(self) -> frozenset[str]:
        """Download links, whose signed parts no report may show."""

    def run(self) -> Run:
        """Return what was observed."""

    def smaller(self, results: tuple[RuleResult, ...]) -> tuple[tuple[RuleResult, ...], bool]:
        """Look for the smallest cases of violations; tell whether that was interrupted."""


def conclude(source: Source, curl: CurlLine) -> Result:
    """Judge what was observed, and conclude. `curl` writes the line that reproduces an exchange."""
    run, course, settings = source.run(), source.course, source.settings
    # What does not answer as the API at all has broken none of its rules: the address is likelier to be wrong.
    docket = Docket(replace(run, exchanges=()) if course.unusable else run)
    readings = docket.readings()
    skips = _not_offered(run, settings)
    if course.nothing or course.cut_short or course.ending is not None:
        skips = dict.fromkeys(catalogue(), "stopped-early") | ({} if course.nothing else skips)
    elif course.spent:
        skips = dict.fromkeys(catalogue(), "budget") | skips
    results = docket.rule_results(settings.rules, skips, course.unheard)
    if course.ending is None and not course.cut_short:
        results, interrupted = source.smaller(results)
        if interrupted:
            # What was found is found: a violation is told with the case that showed it, large as it may be.
            course.ending = "interrupted"
            course.problems.append("The run was interrupted while it looked for the smallest case of a violation.")
    verdict, problems = verdict_of(results, (*course.problems, *run.problems))
    if settings.capabilities is not None and (settings.control_url or settings.adapter):
        results = tuple(_left_out(result, settings.capabilities) for result in results)
    if docket.crashed and course.ending is None:
        course.ending = "suite-failed"
    if verdict == "conforms" and (course.ending is not None or course.nothing or course.cut_short):
        verdict = "undetermined"
    shown = {number for result in results for finding in result.findings for number in finding.exchanges}
    return Result(
        target_url=settings.target_url,
        verdict=verdict,
        rules=results,
        readings=readings,
        stats=source.stats,
        started=source.started,
        profile=settings.profile,
        seed=settings.seed,
        capabilities=tuple(sorted(run.capabilities - {"second-account"})),
        curl={exchange.number: curl(exchange) for exchange in source.exchanges if exchange.number in shown},
        problems=problems,
        ending=course.ending,
        fault=settings.fault,
        variant=settings.variant,
        adapter=settings.adapter,
        chosen=_chosen(settings),
        known=settings.known,
        sights=sights(run, results),
        secrets=source.secrets,
        links=source.links,
    )


def _chosen(settings: Settings) -> dict[str, tuple[str, ...]]:
    chosen = {"resourceTypes": settings.resource_types, "capabilities": settings.capabilities}
    return {name: tuple(sorted(names)) for name, names in chosen.items() if names is not None}


def _left_out(result: RuleResult, chosen: frozenset[str]) -> RuleResult:
    """Tell of a rule that takes a capability which the user left out that it was not selected."""
    need = next((need for need, reason in SKIP_FOR_NEED.items() if reason == result.reason), None)
    if result.status != "skip" or need not in CAPABILITIES or need in chosen:
        return result
    return replace(result, reason="not-selected")


def _not_offered(run: Run, settings: Settings) -> dict[str, str]:
    """Skip reasons for rules that need a resource type or field which is not listed, or which the user left out."""
    resources = run.offer.resources
    missing: list[str] = []
    if "Contacts" not in resources:
        missing += ["mode/persons", "mode/organizations", "mode/both"]
    if CODES_TYPE not in resources:
        missing += ["codes/matching", "codes/nothing-else"]
    if not any(resource.custom_fields for resource in resources.values()):
        missing += ["fields/custom"]
    if not any(resource.extra for resource in resources.values()):
        missing += ["fields/requested"]
    if len(resources) < 2:
        missing += ["mode/elsewhere", "codes/ignored-elsewhere"]
    return dict.fromkeys(missing, "not-offered" if settings.resource_types is None else "not-selected")
