"""What of a run is worth a picture: the window and the changes of records that went wrong, file sizes, links, states.

Taken from the observations alone, as plain values that JSON can hold, and bounded: a picture of a thousand bars shows
nothing. Instants are text by RFC 3339; durations are in seconds, sizes in bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..spec.offer import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from .ledger import Record
    from .observation import JobObservation, Run
    from .result import RuleResult

MOST_JOBS, MOST_FILES, MOST_RECORDS, MOST_CHANGES = 10, 24, 5, 40
_LONGEST_WORD = 40


def sights(run: Run, results: tuple[RuleResult, ...]) -> dict[str, Any]:
    """Return what there is to see of a run: `windows` by job, `files`, `links` and `jobs`, the most telling first.

    `windows` holds the jobs that findings about rows name, with the records that they name.
    """
    return {
        "windows": dict(_windows(run, results)),
        "files": _files(run),
        "links": {"lifetime": run.link_lifetime_seconds, "jobs": list(_links(run))},
        "jobs": _jobs(run),
    }


def _windows(run: Run, results: tuple[RuleResult, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the window of each job of which rows went wrong, with the changes of those records."""
    wanted: dict[str, list[int]] = {}
    for result in results:
        for finding in result.findings:
            rows = finding.details.get("rows", ())
            ids = [row["id"] for row in rows if isinstance(row, dict) and "id" in row]
            if finding.job is not None and ids:
                wanted.setdefault(finding.job, []).extend(ids)
    for job in run.jobs:
        if job.name in wanted:
            known = run.ledger.at(job.ledger_after).of(job.account, job.resource.name)
            # An open window ends when the server says so, which is the POST at the earliest.
            end = job.request.end or job.target_after
            yield (
                job.name,
                {
                    "from": format_instant(job.request.start),
                    "to": None if end is None else format_instant(end),
                    "open": job.request.end is None,
                    "records": {str(i): _changes(known[i]) for i in dict.fromkeys(wanted[job.name]) if i in known},
                },
            )


def _changes(record: Record) -> list[dict[str, Any]]:
    versions = record.versions[-MOST_CHANGES:]
    return [{"at": format_instant(version.at), "active": version.active} for version in versions]


def _files(run: Run) -> list[dict[str, Any]]:
    """Return the jobs whose files come nearest to their limit, or over it."""
    jobs = [job for job in run.jobs if any(file.size for file in job.files)]
    jobs.sort(key=lambda job: (-_largest(job) / job.request.limit_kb, -len(job.files)))
    return [
        {
            "job": job.name,
            "limitKb": job.request.limit_kb,
            "given": job.request.limit_given,
            "count": len(job.files),
            "sizes": [file.size for file in job.files[:MOST_FILES]],
        }
        for job in jobs[:MOST_JOBS]
    ]


def _largest(job: JobObservation) -> int:
    return max(file.size for file in job.files)


def _links(run: Run) -> Iterator[dict[str, Any]]:
    """Yield each job of which links were tried again under another time, with what each look met."""
    by_job: dict[str, list[dict[str, Any]]] = {}
    announced: dict[str, float | None] = {}
    for seen in run.links:
        expires = None if seen.expires is None else (seen.expires - seen.created).total_seconds()
        announced.setdefault(seen.job, expires)
        looks = by_job.setdefault(seen.job, [])
        looks.append(
            {
                "after": round((seen.target_now - seen.created).total_seconds(), 3),
                "status": seen.file.exchange.status,
                "works": seen.file.exchange.status in (200, 206),
            }
        )
    for job, looks in list(by_job.items())[:MOST_JOBS]:
        ordered = sorted(looks, key=lambda look: float(look["after"]))
        yield {"job": job, "announced": announced[job], "looks": ordered[:MOST_CHANGES]}


def _jobs(run: Run) -> list[dict[str, Any]]:
    """Return the jobs that were seen in the most states, and took longest: those that show how jobs move."""
    told = [(job, list(_states(job))) for job in run.jobs if job.create.status == 201]
    told.sort(key=lambda pair: (-len({state["state"] for state in pair[1]}), -float(pair[1][-1]["until"])))
    return [{"job": job.name, "timedOut": job.timed_out, "states": states} for job, states in told[:MOST_JOBS]]


def _states(job: JobObservation) -> Iterator[dict[str, Any]]:
    """Yield each state in which a job was seen, with when it was first and last seen so, since its creation."""
    begun = job.create.started
    state: dict[str, Any] | None = None
    for answer in (job.create, *job.polls):
        word = answer.object.get("jobStatus") if answer.status in (200, 201) else None
        if word is None:
            continue
        name = str(word)[:_LONGEST_WORD]
        if state is None or state["state"] != name:
            if state is not None:
                yield state
            state = {"state": name, "from": _since(begun, answer.ended), "until": 0.0}
        state["until"] = _since(begun, answer.ended)
    yield state or {"state": "no state told", "from": 0.0, "until": _since(begun, job.create.ended)}


def _since(begun: datetime, now: datetime) -> float:
    return round(max((now - begun).total_seconds(), 0.0), 3)
