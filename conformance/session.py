"""The driver: does things to a target and records what it saw. It judges nothing."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ..spec.offer import Offer, Resource, format_instant, resource_from_answer
from .adapting import Adapted
from .budget import Budget
from .client import Client, Stop
from .control import Control
from .ledger import Ledger
from .observation import AccessObservation, JobObservation, LinkObservation, ProbeObservation, Run
from .patience import Patience, Rounds
from .record import Unrecorded
from .request import JobRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .observation import Account, Credentials, Exchange, Expectation, FileObservation
    from .settings import Settings

ROUTE = "/changedEntityExportJobs"
# A creation, a poll or two, and a download: what a job is expected to cost.
REQUESTS_A_JOB = 4
_LONG_PAUSE = 5.0
# No answer, and being told to come back, say nothing of the job: it is asked after again.
_STILL_WAITING = (200, None, 408, 429)


class Session:
    """One run against one target: what was offered, what was put there, and everything observed so far."""

    def __init__(
        self, settings: Settings, sleep: Callable[[float], None] = time.sleep, recorder: Unrecorded | None = None
    ) -> None:
        """Prepare a session; nothing is sent yet. `recorder` is given what is observed as it comes."""
        self.settings = settings
        self.recorder = recorder or Unrecorded()
        accounts: dict[Account, tuple[str, str]] = {}
        if settings.user is not None:
            accounts["first"] = (settings.user, settings.key or "")
        if settings.second_account:
            accounts["second"] = (settings.other_user or "", settings.other_key or "")
        self.client = Client(
            settings.target_url,
            accounts,
            control_root=settings.control_url,
            control=None if settings.adapter is None else Adapted(settings),
            sleep=sleep,
            watcher=self.recorder,
            budget=Budget(settings.max_jobs, settings.max_requests),
        )
        self.ledger = Ledger()
        self.control = Control(self.client, self.ledger) if settings.control_url or settings.adapter else None
        self.random = random.Random(settings.seed)  # noqa: S311 - a seeded run, no secret
        self.offer = Offer()
        self.base = datetime.now(UTC)
        self.jobs: list[JobObservation] = []
        self.probes: list[ProbeObservation] = []
        self.accesses: list[AccessObservation] = []
        self.links: list[LinkObservation] = []
        self.problems: list[str] = []
        self.capabilities: set[str] = set()
        self.unfinished = 0
        self._sleep = sleep
        self._patience = Patience()

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """Every exchange so far."""
        return self.client.exchanges

    # --- what the target is ------------------------------------------------------------------------

    def can(self, *capabilities: str) -> bool:
        """Tell whether the target offers all of these (changes, reset, clock, second-account)."""
        return self.capabilities.issuperset(capabilities)

    def now(self, account: Account = "first") -> datetime:
        """The target's present: from the control API, else from its last Date header, else the suite's own."""
        if self.control is not None:
            return self.control.now(account)
        dated = next((e for e in reversed(self.client.exchanges) if "date" in e.headers), None)
        if dated is None:
            return datetime.now(UTC)
        try:
            there = parsedate_to_datetime(dated.headers["date"]).astimezone(UTC)
        except ValueError:
            return datetime.now(UTC)
        return there + (datetime.now(UTC) - dated.ended)

    def learn_control(self) -> None:
        """Ask the control API of each account what it can do; what the user left out is not used of it.

        Raises ControlError when there is no control API there.
        """
        if self.control is None:
            return
        self.control.describe("first")
        if self.settings.second_account:
            self.control.describe("second")
        offered, wanted = self.control.capabilities, self.settings.capabilities
        self.capabilities |= offered if wanted is None else offered & wanted
        self.problems.extend(
            f"The settings name the capability {name}, but it is not offered here; what takes it is not judged."
            for name in sorted((wanted or frozenset()) - offered)
        )

    def learn_offer(self) -> None:
        """Ask for the resource types, and for the fields and change types of each; all, or those the user chose."""
        listed = self.client.call("resources", "GET", f"{ROUTE}/resources").json
        names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
        wanted = self.settings.resource_types
        resources: dict[str, Resource] = {}
        customs = self.control.custom_fields if self.control else {}
        for name in names:
            if wanted is not None and name not in wanted:
                continue
            fields = self.client.call("fields", "GET", f"{ROUTE}/fields/{name}").json
            self.client.call("changeTypes", "GET", f"{ROUTE}/changeTypes/{name}")
            if isinstance(fields, list):
                key = self.settings.keys.get(name)
                own = customs.get(name) or self.settings.custom_fields.get(name, ())
                resources[name] = resource_from_answer(name, fields, own, key)
        self.offer = Offer(resources, frozenset(names) - resources.keys())
        named = {
            "": wanted or (),
            "the primary key of ": self.settings.keys,
            "custom fields of ": self.settings.custom_fields,
        }
        self.problems.extend(
            f"The settings name {what}the resource type {name}, which the target does not list."
            for what, types in named.items()
            for name in sorted(set(types) - set(names))
        )

    def lists(self, name: str, account: Account) -> bool:
        """Tell whether the target lists a resource type to an account; one may be let at fewer than the other."""
        asked = (e.json for e in self.client.exchanges if e.purpose == "resources" and e.account == account)
        return any(isinstance(listed, list) and name in listed for listed in asked)

    def learn_custom_fields(self, name: str, ids: Sequence[int]) -> None:
        """Remember custom fields of a resource type that the target has shown that it has."""
        resource = replace(self.offer.resources[name], custom_fields=tuple(ids))
        self.offer = replace(self.offer, resources={**self.offer.resources, name: resource})

    # --- what is done to it ------------------------------------------------------------------------

    def put(self, resource_type: str, items: list[dict[str, Any]], account: Account = "first") -> None:
        """Put changes in place through the control API; raises ControlError."""
        if self.control is not None and items:
            self.control.put(account, resource_type, items)

    def pause(self, seconds: float) -> None:
        """Let time pass, so that what comes is surely later than what was, by clocks that keep whole seconds too."""
        self._sleep(seconds)

    def body(
        self,
        resource_type: str,
        start: datetime | str,
        end: datetime | str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        """Write a creation body; instants are written in UTC with hundredths of a second, texts as they are."""
        body: dict[str, Any] = {"resourceType": resource_type, "dateChangedFrom": _text(start)}
        if end is not None:
            body["dateChangedTo"] = _text(end)
        return {**body, **options}

    def export(self, purpose: str, *bodies: Mapping[str, Any], account: Account = "first") -> list[JobObservation]:
        """Create jobs with valid bodies, side by side, wait for them, and download what they made.

        Raises Spent, with nothing sent, when the budget has no room for all of it.
        """
        self.client.budget.check(jobs=len(bodies), requests=REQUESTS_A_JOB * len(bodies))
        started = [self._create(body, purpose, account) for body in bodies]
        names = frozenset(job.name for job in started)
        finished = self._wait([replace(job, in_flight=names - {job.name}) for job in started])
        self.jobs.extend(finished)
        return finished

    def _create(self, body: Mapping[str, Any], purpose: str, account: Account) -> JobObservation:
        request = JobRequest.from_body(body)
        resource = self.offer.resources[request.resource_type]
        # Only a window without an end depends on the instant of the request, so only then is the clock read.
        control = self.control if request.end is None else None
        before = None if control is None else control.now(account)
        position = self.ledger.position
        create = self.client.call("create", "POST", ROUTE, account=account, payload=dict(body))
        after = None if control is None else control.latest(account)
        return JobObservation(
            name=f"{purpose}#{create.number}",
            account=account,
            resource=resource,
            body=dict(body),
            request=request,
            create=create,
            ledger_before=position,
            ledger_after=position,
            target_before=before,
            target_after=after,
            purpose=purpose,
        )

    def _wait(self, jobs: Sequence[JobObservation], *, fetch: bool = True) -> list[JobObservation]:
        """Poll until every job is finished or its time is up, downloading each as soon as it is Complete."""
        done: dict[str, JobObservation] = {}
        waiting = {job.name: job for job in jobs if job.create.status == 201 and job.id is not None}
        allowed = self._patience.allowed(self.settings.job_timeout)
        deadline = time.monotonic() + allowed
        late = False
        rounds = Rounds(self._patience)
        self._sleep(rounds.wait)
        while waiting and not late:
            before, late = len(waiting), time.monotonic() > deadline
            for name, job in list(waiting.items()):
                polled = replace(job, polls=(*job.polls, self._ask(job)))
                waiting[name] = polled
                if polled.final is not None or polled.polls[-1].status not in _STILL_WAITING:
                    done[name] = self._fetch(polled) if fetch else polled
                    del waiting[name]
                    # The time that the user gives is for one job, and others may have had to wait for this one.
                    deadline = time.monotonic() + allowed
                elif (job.polls or not rounds.early) and not late:
                    # Jobs end in about the order in which they came: those behind this one need no question yet.
                    break
            pause = rounds.pause(before - len(waiting), len(waiting), time.monotonic())
            if waiting and not late:
                self._sleep(pause)
        if waiting:
            self._patience.give_up()
        else:
            # Beside a job that does not end the others are asked after late, and seem slow.
            self._patience.ended(max(map(_age, done.values()), default=0.0))
        done.update({name: replace(job, timed_out=True) for name, job in waiting.items()})
        results = [done.get(job.name, job) for job in jobs]
        self.unfinished = self.unfinished + 1 if all(j.timed_out for j in results) else 0
        if self.unfinished >= 2 and not any(job.complete for job in self.jobs):
            self.jobs.extend(results)
            raise Stop(f"No job completed within {self.settings.job_timeout:g} s; --job-timeout allows more.")
        return [replace(job, ledger_after=self.ledger.position) for job in results]

    def _ask(self, job: JobObservation) -> Exchange:
        return self.client.call("job", "GET", f"{ROUTE}/{job.id}", account=job.account)

    def _fetch(self, job: JobObservation) -> JobObservation:
        return replace(job, files=tuple(self._download(job, job.final)))

    def _download(self, job: JobObservation, answer: Mapping[str, Any] | None) -> list[FileObservation]:
        listed = (answer or {}).get("files")
        links = [f.get("downloadUrl") for f in listed if isinstance(f, dict)] if isinstance(listed, list) else []
        return [
            self.client.download(link, index, job.account)
            for index, link in enumerate(links)
            if isinstance(link, str) and link
        ]

    def outwait(self, seconds: float, most: int) -> None:
        """Ask after jobs whose time was up until each has ended or is so many seconds old: so many jobs at most."""
        waiting = [place for place, job in enumerate(self.jobs) if job.timed_out][:most]
        while waiting:
            for place in list(waiting):
                job = self.jobs[place]
                job = replace(job, polls=(*job.polls, self._ask(job)))
                if job.final is not None:
                    job = replace(self._fetch(job), timed_out=False, ledger_after=self.ledger.position)
                self.jobs[place] = job
                if job.final is not None or _age(job) >= seconds:
                    waiting.remove(place)
            if waiting:
                self._sleep(_LONG_PAUSE)

    def ask_again(self, job: JobObservation) -> None:
        """Ask about a finished job once more, under a clock that was moved; how long it is kept is nobody's rule."""
        place = next((number for number, known in enumerate(self.jobs) if known.name == job.name), None)
        asked = self._ask(job)
        if place is not None and asked.status == 200:
            self.jobs[place] = replace(self.jobs[place], later=(*self.jobs[place].later, asked))

    def leave_unread(self, purpose: str, body: Mapping[str, Any]) -> JobObservation:
        """Create a job with a valid body and wait for it, but download nothing; it is not among the jobs."""
        (job,) = self._wait([self._create(body, purpose, "first")], fetch=False)
        return job

    def look_again(self, job: JobObservation) -> JobObservation:
        """Ask about a finished job once more and download its files again; replaces it among the jobs."""
        asked = self._ask(job)
        answer = asked.object if asked.status == 200 else job.final
        again = self._download(job, answer)
        seen = replace(job, later=(*job.later, asked), again=(*job.again, *again))
        self.jobs[next(i for i, known in enumerate(self.jobs) if known.name == job.name)] = seen
        return seen

    def probe(
        self,
        rule: str,
        label: str,
        expectation: Expectation,
        body: Mapping[str, Any] | None = None,
        *,
        raw: bytes | None = None,
        content_type: str | None = None,
        reading: str | None = None,
    ) -> ProbeObservation:
        """Send one creation request for its answer alone."""
        payload = None if raw is not None else dict(body or {})
        self.client.budget.check(jobs=1)
        exchange = self.client.call("probe", "POST", ROUTE, payload=payload, raw=raw, content_type=content_type)
        probe = ProbeObservation(rule, label, expectation, exchange, reading, body)
        self.probes.append(probe)
        return probe

    def access(
        self,
        rule: str,
        label: str,
        expected: int,
        path: str,
        *,
        method: str = "GET",
        account: Account = "first",
        credentials: Credentials = "valid",
        payload: Any = None,  # noqa: ANN401 - any JSON value
    ) -> AccessObservation:
        """Send one request for its status alone."""
        exchange = self.client.call("probe", method, path, account=account, credentials=credentials, payload=payload)
        access = AccessObservation(rule, label, expected, exchange)
        self.accesses.append(access)
        return access

    # --- what is handed to the rules ---------------------------------------------------------------

    def run(self) -> Run:
        """Freeze everything observed so far."""
        return Run(
            offer=self.offer,
            ledger=self.ledger,
            exchanges=tuple(self.client.exchanges),
            jobs=tuple(self.jobs),
            probes=tuple(self.probes),
            accesses=tuple(self.accesses),
            links=tuple(self.links),
            capabilities=frozenset(self.capabilities),
            pinned=dict(self.settings.pinned),
            link_lifetime_seconds=self.settings.link_lifetime,
            second_account=self.settings.second_account,
            problems=tuple(self.problems),
        )


def _age(job: JobObservation) -> float:
    """How old a job was when it was asked after last, in seconds."""
    return (job.polls[-1].ended - job.create.ended).total_seconds()


def _text(instant: datetime | str) -> str:
    # In the very grammar of the documentation: whoever reads that alone takes it (dateChangedFrom.1).
    return instant if isinstance(instant, str) else format_instant(instant, 2)
