"""Scenarios about answers: what is refused, what is taken, and who may ask."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from ..observation import ProbeObservation
from ..session import ROUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..observation import Credentials, Expectation
    from .stage import Stage

# What is sent to the five routes in turn: a key may be compared by its beginning, or without regard to letter case.
_UNWELCOME: tuple[tuple[str, tuple[Credentials, ...]], ...] = (
    ("auth/credentials-required", ("none",)),
    ("auth/wrong-key-refused", ("wrong-key", "longer-key", "shorter-key", "other-case-key", "unknown-user")),
    ("auth/wrong-key-refused", ("empty-key",)),
    ("auth/malformed-refused", ("malformed", "bearer")),
)
_HOW: dict[Credentials, str] = {
    "none": "without credentials",
    "wrong-key": "with a wrong key",
    "longer-key": "with a letter too many behind the key",
    "shorter-key": "without the key's last letter",
    "other-case-key": "with the key in other letter case",
    "empty-key": "with an empty key",
    "unknown-user": "of a user that nobody knows, with a wrong key",
    "malformed": "with a malformed Authorization header",
    "bearer": "with a bearer token that nobody gave out",
}
_UNKNOWN_FIELD = "NoSuchFieldAnywhere"
UNKNOWN_CUSTOM_FIELD = 2_000_000_011
_BATCH = 6
_FEW_FILES = 12
_MOST_UNFINISHED = 3
_WINDOWS_A_COPY, _ODDITIES_A_COPY, _ODDITIES_FROM_OUTSIDE, _AGAIN_A_COPY = 2, 22, 15, 3


def refusals(stage: Stage) -> None:
    """Break each constraint of the body alone, in several ways."""
    from ...generators.requests import invalid_requests  # noqa: PLC0415 - hypothesis is slow to import

    session = stage.session
    for case in invalid_requests(session.offer, session.now()):
        expectation: Expectation = "refused-4xx" if case.rule == "validation/resource-type-known" else "refused-400"
        session.probe(
            case.judged_by, case.label, expectation, case.body, raw=case.raw, content_type=case.content_type
        )  # fmt: skip
    # It lacks both properties that there must be; a target that has a default for each of them shows only here.
    session.probe("validation/from-required", "an object without any property", "refused-400", {})


def oddities(stage: Stage) -> None:
    """Send what the documentation leaves open, and see whether it is refused or taken."""
    from ...generators.requests import odd_requests  # noqa: PLC0415 - hypothesis is slow to import

    session = stage.session
    cases = odd_requests(session.offer, session.now())
    # From outside there are more exports to pay for, which tell more.
    few = _ODDITIES_A_COPY if session.can("changes") else _ODDITIES_FROM_OUTSIDE
    others = stage.sample([case for case in cases if case.reading is None], few)
    chosen = [case for case in cases if case.reading is not None or case in others]
    for case in stage.some(chosen, key=lambda case: case.reading or case.label):
        session.probe(
            case.judged_by, case.label, "either", case.body,
            raw=case.raw, content_type=case.content_type, reading=case.reading,
        )  # fmt: skip


def odd_questions(stage: Stage) -> None:
    """Ask after jobs and types that cannot be: any refusal will do, but no failure."""
    session = stage.session
    # The last one is no type either, though every object of some languages has a property of that name.
    numbers = ("0", "-1", "99999999999999999999", "1.5", "9" * 3_000)
    for last in ("none", *numbers, "fields/NoSuchType", "changeTypes/NoSuchType", "fields/constructor"):
        session.client.call("probe", "GET", f"{ROUTE}/{last}")


def ninety_days(stage: Stage) -> None:
    """Look where exactly the last 90 days begin."""
    session, main = stage.session, stage.main
    if main is not None:
        now = session.now()
        body = session.body(main.name, now - timedelta(days=90, hours=1), now - timedelta(days=1))
        session.probe(
            "validation/from-within-90-days", "a dateChangedFrom of 90 days and an hour ago", "either", body,
            reading="ninety-days",
        )  # fmt: skip


def unknown_names(stage: Stage) -> None:
    """Ask for a field, and for a custom field, that nobody has."""
    session, main = stage.session, stage.main
    if main is None:
        return
    rule = "fields/unaccepted-not-echoed"
    known = [field.name for field in main.extra[:1]]
    window = stage.atlas.start, stage.atlas.end
    session.probe(
        rule, "an unknown name in requestedFields", "either",
        session.body(main.name, *window, requestedFields=[*known, _UNKNOWN_FIELD]), reading="unknown-field",
    )  # fmt: skip
    if main.custom_fields:
        customs = [main.custom_fields[0], UNKNOWN_CUSTOM_FIELD]
        body = session.body(main.name, *window, requestedCustomFieldIds=customs)
        session.probe(
            rule, "an unknown id in requestedCustomFieldIds", "either", body, reading="unknown-custom-field"
        )  # fmt: skip


def legal_values(stage: Stage) -> None:
    """Send every edge that is still legal; some windows as jobs like any other, the rest for the answer alone."""
    from ...generators.requests import edge_requests  # noqa: PLC0415 - hypothesis is slow to import

    session = stage.session
    cases = edge_requests(session.offer, session.now())
    windows = [(case, case.body) for case in cases if case.body is not None and _is_window(case.body)]
    windows = (
        stage.random.sample(windows, min(len(windows), _WINDOWS_A_COPY * stage.effort.copies))
        if stage.effort.broad
        else []
    )
    chosen = [case for case, _ in windows]
    for case in cases:
        if case not in chosen:
            session.probe(case.judged_by, case.label, "accepted", case.body)
    for first in range(0, len(windows), _BATCH):
        batch = windows[first : first + _BATCH]
        jobs = session.export("legal edges", *(body for _, body in batch))
        for (case, body), job in zip(batch, jobs, strict=True):
            _note(stage, case.judged_by, case.label, job.create, body)


def _is_window(body: Mapping[str, Any]) -> bool:
    """Tell whether a body is about a window and nothing else."""
    return body.keys() <= {"resourceType", "dateChangedFrom", "dateChangedTo"} and None not in body.values()


def _note(stage: Stage, rule: str, label: str, exchange: Any, body: Any) -> None:  # noqa: ANN401
    stage.session.probes.append(ProbeObservation(rule, label, "accepted", exchange, None, body))


def listed_types(stage: Stage) -> None:
    """See that a job was created for every type that the target lists; create those that nobody asked for yet."""
    session, atlas = stage.session, stage.atlas
    asked = {job.resource.name for job in session.jobs if job.account == "first"}
    left = [name for name in session.offer.resources if name not in asked]
    for first in range(0, len(left), _BATCH):
        batch = [session.body(name, atlas.start, atlas.middle) for name in left[first : first + _BATCH]]
        session.export("every listed type", *batch)
    mine = [job for job in reversed(session.jobs) if job.account == "first"]
    # One that was taken is enough: what else was wrong with the others is for other rules to tell.
    seen = {job.resource.name: job for job in sorted(mine, key=lambda job: job.create.status == 201)}
    rule = "validation/listed-types-accepted"
    for name, job in seen.items():
        _note(stage, rule, f"resourceType {name}", job.create, job.body)
    wanted = session.settings.resource_types
    # A type whose fields could not be read is listed all the same.
    for name in dict.fromkeys(_listed(stage)):
        if name not in session.offer and (wanted is None or name in wanted):
            session.probe(rule, f"resourceType {name}", "accepted", session.body(name, atlas.start, atlas.middle))


def _listed(stage: Stage) -> list[str]:
    """The names that the target lists, whether or not it tells their fields."""
    listed = next((e.json for e in stage.session.client.exchanges if e.purpose == "resources" and e.status == 200), ())
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


def _is_wrong(kind: Credentials, key: str | None) -> bool:
    """Tell whether a kind of credentials is surely none of the account's own: its key may be empty, or a number."""
    secret = (key or "").partition("|")[0]
    if kind == "other-case-key":
        # A GUID, and any other number to the base of 16, is the same one in other letters.
        return not set(secret.lower()) <= set("0123456789abcdef-{}")
    return bool(secret) or kind not in ("empty-key", "shorter-key")


def credentials(stage: Stage) -> None:
    """Ask every route without credentials, with wrong ones and with malformed ones."""
    session, main = stage.session, stage.main
    name = main.name if main else "Contacts"
    body = session.body(name, stage.atlas.start, stage.atlas.end)
    known = next((job.id for job in session.jobs if job.id is not None), 1)
    routes = (
        ("POST", ROUTE, body),
        ("GET", f"{ROUTE}/{known}", None),
        ("GET", f"{ROUTE}/resources", None),
        ("GET", f"{ROUTE}/fields/{name}", None),
        ("GET", f"{ROUTE}/changeTypes/{name}", None),
    )
    for rule, turns in _UNWELCOME:
        for (method, path, payload), kind in zip(routes, islice(cycle(turns), len(routes)), strict=True):
            if not _is_wrong(kind, session.settings.key):
                continue
            how = _HOW[kind]
            route = path.replace(f"/{known}", "/{exportJobId}") if method == "GET" else path
            session.access(
                rule, f"{method} {route} {how}", 401, path, method=method, credentials=kind, payload=payload
            )  # fmt: skip


def strangers(stage: Stage) -> None:
    """Ask for a job that was never given out, and for the other account's jobs."""
    session = stage.session
    ids = [job.id for job in session.jobs if job.id is not None]
    never = _beside(max(ids, default=0))
    session.access("isolation/unknown-job", "GET of a job id that was never given out", 404, f"{ROUTE}/{never}")
    if not session.can("second-account"):
        return
    for account, asker in (("first", "second"), ("second", "first")):
        job = next((j for j in reversed(session.jobs) if j.account == account and j.complete), None)
        if job is not None:
            session.access(
                "isolation/jobs", f"GET of the {account} account's job by the {asker}", 404, f"{ROUTE}/{job.id}",
                account="second" if asker == "second" else "first",
            )  # fmt: skip


def _beside(identifier: int) -> int:
    """A job id far from one that was given out, and no longer where ids are of 32 or 64 bits."""
    further = identifier + 7_654_321
    return identifier - 7_654_321 if any(identifier < most <= further for most in (2**31, 2**63)) else further


def unfinished_jobs(stage: Stage) -> None:
    """Ask once more after jobs whose time was up, until they are twice as old: whether they ever end."""
    stage.session.outwait(2 * stage.session.settings.job_timeout, _MOST_UNFINISHED)


def finished_jobs(stage: Stage) -> None:
    """Look at finished jobs again, and download their files again."""
    session = stage.session
    complete = [job for job in session.jobs if job.complete and not job.again]
    several = [job for job in complete if len(job.files) > 1 and sum(f.size for f in job.files) < 2 * 10**7]
    # Of the latest, those of few files: each of them is downloaded again.
    several.reverse()
    several.sort(key=lambda job: max(len(job.files), _FEW_FILES))
    recent = stage.sample([job for job in complete if len(job.files) <= _FEW_FILES], _AGAIN_A_COPY)
    for job in {job.name: job for job in (*several[:2], *complete[:1], *recent)}.values():
        session.look_again(job)
