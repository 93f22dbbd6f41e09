"""One run: look at a target, play the scenarios, judge what was observed, and conclude."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING, Literal

from ..spec.catalogue import rules as catalogue
from .client import Stop
from .control import ControlError
from .membership import CODES_TYPE
from .progress import Progress, Silence
from .result import Result, Stats
from .scenarios import EFFORTS, SCENARIOS, Scenario, Stage
from .scenarios.atlas import Atlas
from .session import ROUTE, Session
from .shrink import shrink_results
from .verdict import Docket, verdict_of

if TYPE_CHECKING:
    from .observation import Exchange
    from .settings import Settings

CurlLine = Callable[["Exchange"], str]


class Unusable(Exception):  # noqa: N818 - it describes the target
    """Nothing can be judged at this address; the message says why, and what to do next."""


@dataclass
class _Course:
    """How a run went: what was played, what broke off, and how it ended."""

    problems: list[str] = field(default_factory=list)
    unheard: dict[str, str] = field(default_factory=dict)
    ending: Literal["interrupted", "suite-failed"] | None = None
    cut_short: bool = False
    nothing: bool = False
    unusable: bool = False


def judge_target(settings: Settings, curl: CurlLine, progress: Progress | None = None) -> Result:
    """Judge one target and return the result. Never raises for what a target does.

    `curl` writes the line that reproduces an exchange.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    session = Session(settings)
    course = _Course()
    try:
        _drive(session, course, progress or Silence())
    except KeyboardInterrupt:
        course.ending = "interrupted"
        course.problems.append("The run was interrupted; what it had observed until then is judged.")
    except (Unusable, ControlError) as reason:
        course.nothing = True
        course.unusable = isinstance(reason, Unusable)
        course.problems.append(str(reason))
    except Exception as error:  # noqa: BLE001 - a crash of the suite is told, never taken for the target's fault
        _suite_failed(course, "the suite", error)
    try:
        return _conclude(session, course, curl, started, clock)
    finally:
        session.client.close()


def _suite_failed(course: _Course, where: str, error: Exception) -> None:
    course.ending = "suite-failed"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    course.problems.append(
        f"The suite itself failed in {where} ({type(error).__name__} at {place}: {error}). "
        "This is a fault of exportproof, not of the target: please report it with this report."
    )


def _drive(session: Session, course: _Course, progress: Progress) -> None:
    _look(session, progress)
    settings = session.settings
    random = Random(settings.seed)  # noqa: S311 - a seeded run, no secret
    stage = Stage(session, EFFORTS[settings.profile], Atlas.around(session.now(), random), random, _texts())
    wanted = [s for s in SCENARIOS if session.capabilities >= s.needs and s.wanted(settings.rules)]
    for done, scenario in enumerate(wanted):
        progress.step(done, len(wanted), scenario.name)
        try:
            scenario.play(stage)
        except Stop as reason:
            course.cut_short = True
            course.problems.append(str(reason))
            return
        except ControlError as reason:
            _broke_off(course, scenario, str(reason))
        except Exception as error:  # noqa: BLE001 - one scenario's crash must not lose the others
            _suite_failed(course, f"the scenario '{scenario.name}'", error)
            _broke_off(course, scenario, "the suite itself failed while it tried this rule")
        if settings.exit_first and _violated(session):
            course.cut_short = True
            return
    progress.step(len(wanted), len(wanted), "judging")


def _texts() -> list[str]:
    from ..generators.values import interesting_texts  # noqa: PLC0415 - hypothesis is slow to import

    return interesting_texts(255)


def _broke_off(course: _Course, scenario: Scenario, why: str) -> None:
    course.problems.append(f"'{scenario.name}' broke off: {why}")
    for rule in catalogue():
        if any(fnmatchcase(rule, pattern) for pattern in scenario.serves if pattern != "*"):
            course.unheard.setdefault(rule, why)


def _violated(session: Session) -> bool:
    docket = Docket(session.run())
    docket.readings()
    results = docket.rule_results(session.settings.rules, {}, {})
    return any(result.status == "fail" for result in results)


def _look(session: Session, progress: Progress) -> None:
    """See whether there is something to judge, and what it offers. Raises Unusable or ControlError."""
    settings = session.settings
    first = session.client.call("resources", "GET", f"{ROUTE}/resources")
    _check_answer(first, settings, "--user and --key", settings.user)
    if first.status == 404:
        probe = session.client.call("probe", "POST", ROUTE, payload={})
        if probe.status == 404:
            raise Unusable(
                f"{settings.target_url} answers, but has no {ROUTE}: both GET {ROUTE}/resources and POST {ROUTE} "
                "give 404. Name the API root, which usually ends in /v4."
            )
    if settings.second_account:
        second = session.client.call("resources", "GET", f"{ROUTE}/resources", account="second")
        _check_answer(second, settings, "--other-user and --other-key", settings.other_user)
        session.capabilities.add("second-account")
    if session.control is not None:
        session.now("first")
        if settings.second_account:
            session.now("second")
        session.capabilities |= session.control.capabilities
    session.learn_offer()
    progress.note(
        f"{settings.target_url} lists {len(session.offer.resources)} resource types; "
        f"control API: {', '.join(sorted(session.capabilities)) or 'none'}"
    )


def _perhaps_tls(exchange: Exchange, url: str) -> str:
    """Name the other explanation of a connection that was opened and then closed without an answer in HTTP."""
    mute = exchange.error in ("disconnected", "malformed")
    return "; or use https:// if it speaks TLS" if mute and url.startswith("http://") else ""


def _check_answer(exchange: Exchange, settings: Settings, options: str, user: str | None) -> None:
    url = settings.target_url
    if exchange.error == "tls":
        raise Unusable(
            f"TLS failure at {url}: no trusted connection could be made. Check the certificate and its host name, "
            "or use http:// for a server without TLS."
        )
    if exchange.status is None:
        raise Unusable(
            f"No answer at {url} ({exchange.error}). Check the address and the port, and that the server is up"
            f"{_perhaps_tls(exchange, url)}."
        )
    if exchange.status in (401, 403):
        given = f"the credentials of {user!r}" if user else "a request without credentials"
        raise Unusable(
            f"{url} refuses {given} with status {exchange.status}. Give valid Basic credentials with {options}, "
            "or with the environment variables of the same names."
        )


def _not_offered(session: Session) -> dict[str, str]:
    """Skip reasons for rules that need a resource type or field which the target does not list."""
    resources = session.offer.resources
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
    return dict.fromkeys(missing, "not-offered")


def _conclude(session: Session, course: _Course, curl: CurlLine, started: datetime, clock: float) -> Result:
    run = session.run()
    # What does not answer as the API at all has broken none of its rules: the address is likelier to be wrong.
    docket = Docket(replace(run, exchanges=()) if course.unusable else run)
    readings = docket.readings()
    skips = _not_offered(session)
    if course.nothing or course.cut_short or course.ending is not None:
        skips = dict.fromkeys(catalogue(), "stopped-early") | ({} if course.nothing else skips)
    results = docket.rule_results(session.settings.rules, skips, course.unheard)
    if course.ending is None and not course.cut_short:
        try:
            results = shrink_results(session, results)
        except KeyboardInterrupt:
            # What was found is found: a violation is told with the case that showed it, large as it may be.
            course.ending = "interrupted"
            course.problems.append("The run was interrupted while it looked for the smallest case of a violation.")
        run = session.run()
    verdict, problems = verdict_of(results, (*course.problems, *session.problems))
    if docket.crashed and course.ending is None:
        course.ending = "suite-failed"
    if verdict == "conforms" and (course.ending is not None or course.nothing or course.cut_short):
        verdict = "undetermined"
    shown = {number for result in results for finding in result.findings for number in finding.exchanges}
    return Result(
        target_url=session.settings.target_url,
        verdict=verdict,
        rules=results,
        readings=readings,
        stats=Stats(len(run.exchanges), time.monotonic() - clock, session.client.bytes_downloaded, len(run.jobs)),
        started=started,
        profile=session.settings.profile,
        seed=session.settings.seed,
        capabilities=tuple(sorted(run.capabilities - {"second-account"})),
        curl={exchange.number: curl(exchange) for exchange in run.exchanges if exchange.number in shown},
        problems=problems,
        ending=course.ending,
        fault=session.settings.fault,
        variant=session.settings.variant,
        secrets=session.client.secrets,
        links=frozenset(session.client.links),
    )
