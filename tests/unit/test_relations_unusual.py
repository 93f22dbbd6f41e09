"""Relations between exports of live data that look broken, and are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from exportproof.conformance.literals import THEN, job, run
from exportproof.conformance.rules.relations import RELATION_RULES
from exportproof.conformance.verdict import Docket
from exportproof.spec.offer import Field, Offer, Resource, format_instant

if TYPE_CHECKING:
    from exportproof.conformance.observation import JobObservation, Run

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def contacts(*more: str, type_: str = "D") -> Resource:
    return Resource("Contacts", "VanID", (Field("VanID", "N", core=True), *(Field(n, type_, core=True) for n in more)))


def look(minute: int, resource: Resource, start: datetime, end: datetime, rows: list[str]) -> JobObservation:
    """A job that ran for a second at that minute, over a window, with all records that changed in it."""
    header = ",".join(field.name for field in resource.fields)
    window: dict[str, Any] = {"dateChangedFrom": format_instant(start), "dateChangedTo": format_instant(end)}
    made = job(
        "\r\n".join([header, *rows]) + "\r\n", name=f"job {minute}", identifier=minute + 1, number=100 * minute + 1,
        resource=resource, includeInactive=True, **window,
    )  # fmt: skip
    began = THEN + timedelta(minutes=minute)
    polls = tuple(replace(poll, started=began, ended=began + timedelta(seconds=1)) for poll in made.polls)
    return replace(made, create=replace(made.create, started=began, ended=began), polls=polls)


def failed(observed: Run) -> set[str]:
    docket = Docket(observed)
    docket.readings()
    return {rule for rule in RELATION_RULES if any(f.outcome == "fail" for f in docket.findings.get(rule, ()))}


def test_stamps_may_be_finer_than_windows_are() -> None:
    """A target that keeps windows apart by hundredths shows when records changed in microseconds."""
    resource = contacts("DateCreated", "LastUpdatedOn")
    lives = {
        i: (FIRST + timedelta(hours=20 * i, milliseconds=i * 137 % 1000, microseconds=i * 389 % 1000), i % 2 * 5)
        for i in range(1, 36)
    }

    def floor(instant: datetime) -> datetime:
        return instant.replace(microsecond=instant.microsecond // 10_000 * 10_000)

    def export(minute: int, start: datetime, end: datetime) -> JobObservation:
        rows = []
        for i, (created, hours) in lives.items():
            changed = created + timedelta(hours=hours)
            if any(floor(start) < floor(at) <= floor(end) for at in (created, changed)):
                rows.append(f"{i},{format_instant(created, digits=6)},{format_instant(changed, digits=6)}")
        return look(minute, resource, floor(start), floor(end), rows)

    changes = sorted(created + timedelta(hours=hours) for created, hours in lives.values())
    middle = [at for at in changes if at.microsecond % 10_000 > 7_000][5]
    start, end = FIRST - DAY, FIRST + 31 * DAY
    jobs = (export(1, start, end), export(2, start, middle), export(3, middle, end), export(4, start, end))
    assert failed(run(*jobs, offer=Offer({"Contacts": resource}))) == set()


def test_the_kind_of_change_may_be_that_of_the_last_one_in_the_window() -> None:
    resource = contacts("ChangeTypeID", type_="N")
    windows = ((FIRST, FIRST + 30 * DAY, 1), (FIRST + 10 * DAY, FIRST + 20 * DAY, 2))
    jobs = [
        look(minute, resource, *windows[minute % 2][:2], [f"{i},{windows[minute % 2][2]}" for i in range(1, 30)])
        for minute in range(8)
    ]
    assert failed(run(*jobs, offer=Offer({"Contacts": resource}))) == set()
