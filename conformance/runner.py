"""One run: look at a target, play the scenarios, judge what was observed, and conclude."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING

from ..spec.catalogue import rules as catalogue
from .budget import Spent, estimate
from .client import Stop
from .conclude import CurlLine, conclude
from .control import ControlError
from .course import Course
from .known import excuse
from .progress import Progress, Silence
from .record import Unrecorded
from .result import Result, Stats
from .scenarios import EFFORTS, SCENARIOS, Scenario, Stage
from .scenarios.atlas import Atlas
from .scenarios.lifetime import leave_links
from .session import ROUTE, Session
from .shrink import shrink_results
from .verdict import Docket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .observation import Exchange, Run
    from .result import RuleResult
    from .settings import Settings


class Unusable(Exception):  # noqa: N818 - it describes the target
    """Nothing can be judged at this address; the message says why, and what to do next."""


@dataclass(frozen=True)
class _Live:
    """A run that has just ended, its target still there to look for smaller cases."""

    session: Session
    course: Course
    started: datetime
    clock: float
    recorder: Unrecorded

    @property
    def settings(self) -> Settings:
        return self.session.settings

    @property
    def exchanges(self) -> Sequence[Exchange]:
        return self.session.client.exchanges

    @property
    def stats(self) -> Stats:
        seconds = time.monotonic() - self.clock
        requests = sum(not exchange.adapted for exchange in self.exchanges)
        return Stats(requests, seconds, self.session.client.bytes_downloaded, len(self.session.jobs))

    @property
    def secrets(self) -> frozenset[str]:
        return self.session.client.secrets

    @property
    def links(self) -> frozenset[str]:
        return frozenset(self.session.client.links)

    def run(self) -> Run:
        return self.session.run()

    def smaller(self, results: tuple[RuleResult, ...]) -> tuple[tuple[RuleResult, ...], bool]:
        try:
            found = shrink_results(self.session, results)
        except KeyboardInterrupt:
            return results, True
        self.recorder.shrunk(results, found)
        return found, False


def judge_target(
    settings: Settings,
    curl: CurlLine,
    progress: Progress | None = None,
    recorder: Unrecorded | None = None,
    left: list[Run] | None = None,
) -> Result:
    """Judge one target and return the result. Never raises for what a target does.

    `curl` writes the line that reproduces an exchange; `recorder` is given what is observed as it comes. Into `left`,
    if it is given, goes what the run observed, with jobs whose links are left for a link ledger.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    recorder = recorder or Unrecorded()
    session = Session(settings, recorder=recorder)
    recorder.begin(settings, started, session)
    course, stage = Course(), None
    try:
        stage = _begin(session, progress or Silence())
        _play(stage, course, progress or Silence())
    except KeyboardInterrupt:
        course.ending = "interrupted"
        course.problems.append("The run was interrupted; what it had observed until then is judged.")
    except (Unusable, ControlError, Spent, Stop) as reason:
        course.nothing = True
        course.unusable = isinstance(reason, Unusable)
        course.problems.append(str(reason))
    except Exception as error:  # noqa: BLE001 - a crash of the suite is told, never taken for the target's fault
        _suite_failed(course, "the suite", error)
    try:
        recorder.observed(course)
        result = conclude(_Live(session, course, started, clock, recorder), curl)
        if left is not None:
            left.append(_left_behind(session, course, stage))
        recorder.course(course)
        recorder.end(result.stats)
    finally:
        session.client.close()
        recorder.close()
    return result if recorder.problem is None else replace(result, problems=(*result.problems, recorder.problem))


def _suite_failed(course: Course, where: str, error: Exception) -> None:
    course.ending = "suite-failed"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    course.problems.append(
        f"The suite itself failed in {where} ({type(error).__name__} at {place}: {error}). "
        "This is a fault of exportproof, not of the target: please report it with this report."
    )


def _left_behind(session: Session, course: Course, stage: Stage | None) -> Run:
    """Return what was observed; after a run that moved the clock or emptied accounts, with jobs made anew."""
    if stage is not None and session.control is not None and course.ending is None and not course.cut_short:
        try:
            leave_links(stage)
        except (Stop, ControlError, Spent):
            # What was judged is judged: a target that fails now has a ledger with fewer links, which tells so.
            return session.run()
    return session.run()


def _begin(session: Session, progress: Progress) -> Stage:
    """Look at the target, and set the stage. Raises Unusable or ControlError."""
    look_at(session, progress)
    settings = session.settings
    random = Random(settings.seed)  # noqa: S311 - a seeded run, no secret
    _tell_cost(session, progress)
    return Stage(session, EFFORTS[settings.profile], Atlas.around(session.now(), random), random, _texts())


def _tell_cost(session: Session, progress: Progress) -> None:
    """Say what the run is about to cost, before the first job."""
    settings = session.settings
    types = len(session.offer.resources)
    cost = estimate(settings.profile, types, control=session.can("changes"))
    limits = session.client.budget.told()
    limit = f"never more than {limits}" if limits else "--max-jobs and --max-requests set limits"
    sends = "" if session.can("changes") else "; nothing is sent but GETs and POSTs of export jobs"
    if sends and session.can("writes"):
        sends += ", and the adapter writes a few records of each type that it can"
    progress.note(f"a {settings.profile} run takes {cost} ({limit}){sends}")


def _play(stage: Stage, course: Course, progress: Progress) -> None:
    session = stage.session
    settings = session.settings
    wanted = [s for s in SCENARIOS if s.playable(session.capabilities) and s.wanted(settings.rules)]
    for done, scenario in enumerate(wanted):
        progress.step(done, len(wanted), scenario.name)
        try:
            scenario.play(stage)
        except Stop as reason:
            course.cut_short = True
            course.problems.append(str(reason))
            return
        except Spent as reason:
            course.spent = True
            course.problems.append(f"{reason} What was observed until then is judged.")
            break
        except ControlError as reason:
            _broke_off(course, scenario, str(reason))
        except Exception as error:  # noqa: BLE001 - one scenario's crash must not lose the others
            _suite_failed(course, f"the scenario '{scenario.name}'", error)
            _broke_off(course, scenario, "the suite itself failed while it tried this rule")
        session.recorder.course(course)
        if settings.exit_first and _violated(session):
            course.cut_short = True
            return
    progress.step(len(wanted), len(wanted), "judging")


_FAR = "Far beyond 255 characters. "


def _texts() -> list[str]:
    from ..generators.values import interesting_texts  # noqa: PLC0415 - hypothesis is slow to import

    # Of columns that hold more, too: whatever cuts at 255 characters or later must be seen, and what leaves them bare.
    return [*interesting_texts(255), *(_FAR * count + 'The "end",\r\nat last.' for count in (40, 145))]


def _broke_off(course: Course, scenario: Scenario, why: str) -> None:
    course.problems.append(f"'{scenario.name}' broke off: {why}")
    for rule in catalogue():
        if any(fnmatchcase(rule, pattern) for pattern in scenario.serves if pattern != "*"):
            course.unheard.setdefault(rule, why)


def _violated(session: Session) -> bool:
    docket = Docket(session.run())
    docket.readings()
    known, today = session.settings.known, datetime.now(UTC).date()
    return any(
        result.status == "fail"
        and excuse(known, result.rule.id, [finding.message for finding in result.findings], today) is None
        for result in docket.rule_results(session.settings.rules, {}, {})
    )


def look_at(session: Session, progress: Progress) -> None:
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
    session.learn_control()
    session.learn_offer()
    if settings.resource_types is not None and not session.offer.resources:
        raise Unusable(
            f"{settings.target_url} lists none of the resource types that the settings name: "
            f"{', '.join(sorted(settings.resource_types))}. "
            f"It lists: {', '.join(sorted(session.offer.unasked)) or 'none'}."
        )
    progress.note(
        f"{settings.target_url} lists {len(session.offer.resources)} resource types; "
        f"{'adapter' if settings.adapter else 'control API'}: {', '.join(sorted(session.capabilities)) or 'none'}"
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
