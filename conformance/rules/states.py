"""The states family: a job moves forward through the documented states, completes, and then stays (facts:1.2).

states/apart is the oracle's, since only rows tell jobs apart. What moves about a link's expiry is
links/expiry-steady's, and a state that changes after the end is states/forward's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..data import row_count
from ..finding import Finding, judges
from ..seams import unreadable
from ..target_clock import TargetClock, instant_of
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from ..observation import Exchange, FileObservation, JobObservation, Run

_RANK = {"Pending": 0, "InProcess": 1, "Complete": 2, "Error": 2}
_ENDS = ("Complete", "Error")
_WORDS = ", ".join(_RANK)
_SHOWN_CHARACTERS = 200
# A server may write an instant once with its fraction of a second and once without.
_STEADY = timedelta(seconds=1)
_LONG, _TIMES_THE_SLOWEST, _ENOUGH_JOBS = timedelta(seconds=40), 20, 10


@judges("states/documented")
def documented(run: Run) -> Iterator[Finding]:
    """Every answer that tells a job's state uses one of the four words, spelled exactly so (facts:1.2).

    A creation need not tell any state. A state that is no text is the schema family's.
    """
    rule = "states/documented"
    for exchange in run.exchanges:
        if exchange.purpose not in ("create", "job", "probe") or exchange.status not in (200, 201):
            continue
        word = exchange.object.get("jobStatus")
        if not isinstance(word, str):
            continue
        if word in _RANK:
            yield Finding(rule, "pass", exchanges=(exchange.number,))
        else:
            yield Finding(
                rule,
                "fail",
                message=f"an answer to {exchange.method} ({exchange.purpose}) tells a state that is not documented",
                expected=f"one of {_WORDS}",
                received=f"jobStatus {word!r}"[:_SHOWN_CHARACTERS],
                exchanges=(exchange.number,),
                key=f"word:{word}"[:_SHOWN_CHARACTERS],
            )


@judges("states/forward")
def forward(run: Run) -> Iterator[Finding]:
    """No answer tells of an earlier state than the one before it, nor of another end (facts:1.2)."""
    rule = "states/forward"
    for job in run.jobs:
        told = [(exchange, word) for exchange in job.answers if (word := _state(exchange)) in _RANK]
        if len(told) < 2:
            continue
        back = next(((a, b) for a, b in pairwise(told) if _goes_back(a[1], b[1])), None)
        if back is None:
            yield Finding(rule, "pass", job=job.name)
            continue
        (before, first), (after, second) = back
        yield Finding(
            rule,
            "fail",
            message=f"{_told(job)} was {first}, and in the next answer {second}",
            expected=f"{first} in every later answer" if first in _ENDS else f"{first}, or a later state",
            received=second,
            job=job.name,
            exchanges=tuple(dict.fromkeys((job.create.number, before.number, after.number))),
            key=f"{first}-{second}",
            details={"states": [word for _, word in told]},
        )


def _state(exchange: Exchange) -> str:
    word = exchange.object.get("jobStatus")
    return word if isinstance(word, str) else ""


def _goes_back(first: str, second: str) -> bool:
    return _RANK[second] < _RANK[first] or (_RANK[first] == _RANK[second] and first != second)


@judges("states/completes")
def completes(run: Run) -> Iterator[Finding]:
    """A job whose request was accepted ends as Complete (job.1, window.1).

    A job that did not end in the time that it was given may still do so: that is doubt, unless it was waited for many
    times as long as any of the others took.
    """
    rule = "states/completes"
    usual = _UsualTime.of(run.jobs)
    for job in run.jobs:
        if job.complete:
            yield Finding(rule, "pass", job=job.name)
        elif job.final is not None:
            said = [job.final.get("code"), job.final.get("message")]
            why = "; ".join(str(text) for text in said if text not in (None, ""))
            yield Finding(
                rule,
                "fail",
                message=f"the request of {_told(job)} was accepted, but the job ended as Error",
                expected="jobStatus Complete",
                received=f"jobStatus Error ({why})"[:_SHOWN_CHARACTERS] if why else "jobStatus Error",
                job=job.name,
                exchanges=reproduction(job),
                key="error",
            )
        elif usual.is_long_over(job):
            yield Finding(
                rule,
                "fail",
                message=f"the request of {_told(job)} was accepted, but the job does not end",
                expected=f"jobStatus Complete: {usual.jobs} other jobs took {usual.most.total_seconds():.1f} s at most",
                received=f"jobStatus {_state(job.answers[-1])} after {_age(job).total_seconds():.0f} s",
                job=job.name,
                exchanges=(job.create.number, job.answers[-1].number),
                key="endless",
            )
        elif (kept := _unended(job)) is not None:
            message = f"whether {_told(job)} completes could not be told: {kept}"
            yield Finding(rule, "doubt", message=message, job=job.name, exchanges=reproduction(job), key="not-ended")


@dataclass(frozen=True)
class _UsualTime:
    """How many jobs of a run ended, with none beside them that did not, and how long the slowest of them took."""

    jobs: int
    most: timedelta

    @classmethod
    def of(cls, jobs: Sequence[JobObservation]) -> _UsualTime:
        # Beside a job that did not end others were asked after late, and seem slow.
        over = {job.name for job in jobs if job.timed_out}
        ages = [_age(job) for job in jobs if job.final is not None and over.isdisjoint(job.in_flight)]
        return cls(len(ages), max(ages, default=timedelta(0)))

    def is_long_over(self, job: JobObservation) -> bool:
        """True when a job can no longer be taken for a slow one, nor the server for a busy one."""
        last = job.polls[-1] if job.timed_out and job.polls else None
        if last is None or last.status != 200 or _state(last) not in ("Pending", "InProcess"):
            return False
        if self.jobs < _ENOUGH_JOBS:
            return False
        return _age(job) >= max(_LONG, _TIMES_THE_SLOWEST * self.most)


def _age(job: JobObservation) -> timedelta:
    """How old a job was when it was last asked after before its end, or found to have ended."""
    return (job.polls[-1] if job.polls else job.create).ended - job.create.ended


def _unended(job: JobObservation) -> str | None:
    """Why a job was not seen to end; None where that is another rule's (it was refused, or could not be found)."""
    if job.timed_out:
        last = next((word for exchange in reversed(job.answers) if (word := _state(exchange))), "without a state")
        return f"when its time was up it was still {last}; --job-timeout allows more"
    last_poll = job.polls[-1] if job.polls else None
    if last_poll is not None and last_poll.status in (None, 429):
        return f"no answer ({last_poll.error})" if last_poll.status is None else "status 429"
    return None


@judges("states/final")
def final(run: Run) -> Iterator[Finding]:
    """Once a job is Complete, its window, count and files do not change (window.1, facts:1.3).

    Links may be signed anew. A file that was short at first and grew is states/whole-at-completion's.
    """
    rule = "states/final"
    clock, lifetime = TargetClock(run.exchanges), timedelta(seconds=run.link_lifetime_seconds)
    for job in run.jobs:
        # What becomes of a job whose links are dead is nobody's rule.
        alive = {e.number for e in (*job.answers, *job.later) if clock.is_within(lifetime, job.create, e)}
        answers = [e for e in job.answers if _state(e) == "Complete" and e.number in alive]
        gone = _gone(job, run, alive) if answers else None
        if len(answers) < 2 and gone is None:
            continue
        changes = [change for later in answers[1:] for change in _changes(answers[0], later)]
        if gone is not None:
            changes.append(
                _Change("gone", "it could not be found", "status 200, as before", f"status {gone.status}", gone)
            )
        for change in changes:
            yield Finding(
                rule,
                "fail",
                message=f"{_told(job)} was Complete, and later on {change.what}",
                expected=change.before,
                received=change.after,
                job=job.name,
                exchanges=tuple(dict.fromkeys((job.create.number, answers[0].number, change.seen.number))),
                key=change.key,
            )
        others = [pair for pair in _other_files(job) if not _was_short(job, *pair)]
        if others:
            yield _other_bytes(job, *others[0])
        elif not changes:
            yield Finding(rule, "pass", job=job.name)


@dataclass(frozen=True)
class _Change:
    """Something that a later answer tells otherwise than the first Complete one."""

    key: str
    what: str
    before: str
    after: str
    seen: Exchange


def _changes(first: Exchange, later: Exchange) -> Iterator[_Change]:
    """What differs in a later answer about a Complete job.

    Only what both answers tell, readably, is compared: instants as instants, and so whatever their offset. Whether
    the answer to the creation and those about the job tell the same window is for creation/window-kept to say.
    """
    before, after = first.object, later.object
    for name in ("dateChangedFrom", "dateChangedTo") if first.method == later.method else ():
        then, now = instant_of(before.get(name)), instant_of(after.get(name))
        if then is not None and now is not None and abs(then - now) >= _STEADY:
            yield _Change(name, f"its {name} had changed", f"{name} {before[name]}", f"{name} {after[name]}", later)
    name = "exportedRecordCount"
    if _is_number(before.get(name)) and _is_number(after.get(name)) and before[name] != after[name]:
        yield _Change(name, "its record count had changed", f"{name} {before[name]}", f"{name} {after[name]}", later)
    listed, relisted = before.get("files"), after.get("files")
    if isinstance(listed, list) and isinstance(relisted, list) and len(listed) != len(relisted):
        yield _Change(
            "files", "the number of its files had changed", f"{len(listed)} files", f"{len(relisted)} files", later
        )


def _gone(job: JobObservation, run: Run, alive: AbstractSet[int]) -> Exchange | None:
    """The later answer by which a Complete job is not found any more, unless the run itself cleared it away."""
    resets = [e.number for e in run.exchanges if e.purpose == "control" and e.url.endswith("/state")]
    for exchange in job.later:
        cleared = any(job.create.number < reset < exchange.number for reset in resets)
        if exchange.status in (404, 410) and exchange.number in alive and not cleared:
            return exchange
    return None


def _is_number(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, int) and not isinstance(value, bool)


def _other_bytes(job: JobObservation, first: FileObservation, second: FileObservation) -> Finding:
    return Finding(
        "states/final",
        "fail",
        message=f"file {first.index + 1} of {_told(job)} has other bytes than when the job was first Complete",
        expected=f"{first.size:,} bytes with SHA-256 {first.sha256[:16]}…",
        received=f"{second.size:,} bytes with SHA-256 {second.sha256[:16]}…",
        job=job.name,
        exchanges=_numbers(job, first, second),
        key="bytes",
    )


@judges("states/whole-at-completion")
def whole_at_completion(run: Run) -> Iterator[Finding]:
    """A file that was fetched as soon as its job was Complete has every byte that it has later (files.1, files.2)."""
    rule = "states/whole-at-completion"
    for job in run.jobs:
        if not job.complete:
            continue
        grown = [pair for pair in _other_files(job) if _was_short(job, *pair)]
        if grown:
            first, second = grown[0]
            yield Finding(
                rule,
                "fail",
                message=f"file {first.index + 1} of {_told(job)} was not whole yet when the job was told Complete",
                expected=f"{second.size:,} bytes, as later",
                received=f"{first.size:,} bytes",
                job=job.name,
                exchanges=_numbers(job, first, second),
                key="short",
                details={"files": [pair[0].index + 1 for pair in grown]},
            )
        elif any(file.size for file in job.files) and any(_matched(job, seen) for seen in _rounds(job.again)):
            yield Finding(rule, "pass", job=job.name)


def _other_files(job: JobObservation) -> list[tuple[FileObservation, FileObservation]]:
    """The files whose bytes were others later on, first and later download, of the first round that shows any."""
    for seen in _rounds(job.again):
        pairs = [(a, b) for a, b in _matched(job, seen) or () if a.sha256 != b.sha256]
        if pairs:
            return pairs
    return []


def _rounds(again: Sequence[FileObservation]) -> list[list[FileObservation]]:
    """Later downloads, one list a time that all files of the job were fetched again."""
    rounds: list[list[FileObservation]] = []
    for file in again:
        if not rounds or file.index <= rounds[-1][-1].index:
            rounds.append([])
        rounds[-1].append(file)
    return rounds


def _matched(
    job: JobObservation, later: Sequence[FileObservation]
) -> list[tuple[FileObservation, FileObservation]] | None:
    """Each file with its later download; None unless all of both were delivered.

    Files are the same by their link. Links may be signed anew and be listed in another order, so what is left is
    matched by its bytes, and only then by its place.
    """
    if not job.delivered or len(later) != len(job.files) or not all(file.delivered for file in later):
        return None
    left, pairs = list(later), []
    unmatched: list[FileObservation] = list(job.files)
    for same in (_same_link, _same_bytes, _any):
        rest = []
        for first in unmatched:
            second = next((candidate for candidate in left if same(first, candidate)), None)
            if second is None:
                rest.append(first)
            else:
                left.remove(second)
                pairs.append((first, second))
        unmatched = rest
    return sorted(pairs, key=lambda pair: pair[0].index)


def _same_link(first: FileObservation, second: FileObservation) -> bool:
    return first.link == second.link


def _same_bytes(first: FileObservation, second: FileObservation) -> bool:
    return first.sha256 == second.sha256


def _any(first: FileObservation, second: FileObservation) -> bool:  # noqa: ARG001 - one of three ways to match
    return True


def _was_short(job: JobObservation, first: FileObservation, second: FileObservation) -> bool:
    """True when the later download goes on where the first broke off, and the first was not whole by itself.

    A whole export to which rows were added afterwards was whole, and has changed.
    """
    before, after = first.table, second.table
    if before is None or after is None or second.size <= first.size:
        return False
    count = (job.final or {}).get("exportedRecordCount")
    cut = (after.ends_with_line_break and not before.ends_with_line_break) or (
        unreadable(before) and not unreadable(after)
    )
    if row_count(job) == count and not cut:
        return False
    earlier, since = (before.header, *before.rows), (after.header, *after.rows)
    # The last record may have been cut.
    return earlier[:-1] == since[: len(earlier) - 1]


def _numbers(job: JobObservation, first: FileObservation, second: FileObservation) -> tuple[int, ...]:
    """What reproduces a finding about two downloads: how the job was made, and both of them."""
    downloads = {file.exchange.number for file in job.files}
    made = [number for number in reproduction(job) if number not in downloads]
    return (*made, first.exchange.number, second.exchange.number)


def _told(job: JobObservation) -> str:
    return job.purpose or job.name
