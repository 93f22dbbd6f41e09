"""Faults of accounts: jobs and records of one that another sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..answers import Answer
from ..behaviour import Behaviour
from ..model import Flaw, Job, JobRequest, Record, Refused
from ..store import History
from . import fault


@fault("isolation/unknown-job")
class AnswersForUnknownJobs(Behaviour):
    """A job that was never given out is answered 200 with a Pending job; another account's is not found."""

    def find_job(self, job_id: int, account: str) -> Job:
        if self.store.job(job_id) is None:
            now = self.clock.now()
            return Job(job_id, account, "Pending", JobRequest("Contacts", now, now), now)
        return super().find_job(job_id, account)


@fault("isolation/unknown-job")
class BlamesQuestionsAfterUnknownJobs(Behaviour):
    """A job that was never given out is answered 400; another account's is not found."""

    def find_job(self, job_id: int, account: str) -> Job:
        if self.store.job(job_id) is None:
            raise Refused(400, Flaw("INVALID_PARAMETER", "There is no such job."))
        return super().find_job(job_id, account)


@fault("isolation/jobs")
class ShowsJobsToEveryAccount(Behaviour):
    """Another account's job is answered like one's own; unknown ones are not found."""

    def may_see(self, job: Job, account: str) -> bool:
        return True


@fault("isolation/jobs")
class ShowsJobsToTheFirstAccount(Behaviour):
    """The first account sees the jobs of all; the others see their own."""

    def may_see(self, job: Job, account: str) -> bool:
        return super().may_see(job, account) or account == next(iter(self.accounts))


@fault("isolation/jobs")
class TellsThatAJobIsNotYours(Behaviour):
    """Another account's job is answered 403, which tells that it exists; unknown ones are not found."""

    def find_job(self, job_id: int, account: str) -> Job:
        job = self.store.job(job_id)
        if job is not None and not self.may_see(job, account):
            raise Refused(403, Flaw("FORBIDDEN", "Access to this job is restricted."))
        return super().find_job(job_id, account)


def _others(behaviour: Behaviour, account: str) -> list[str]:
    return [name for name in behaviour.accounts if name != account]


class _Leaks(Behaviour):
    """Exports records of other accounts as well, unless the account has one of the same id."""

    def leaked(self, history: History, request: JobRequest) -> list[int]:
        """Ids of the records that come along."""
        raise NotImplementedError

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        own = set(history.all_ids())
        yield from super().select(history, request)
        for account in _others(self, history.account):
            other = history.of(history.resource_type, account)
            for record in other.records(set(self.leaked(other, request)) - own):
                if self.is_shown(record, request) and self.passes_filters(record, request, other, requested=False):
                    yield record


@fault("isolation/records")
class ExportsRecordsOfAllAccounts(_Leaks):
    """Records of every account that changed in the window are exported; jobs are kept apart."""

    def leaked(self, history: History, request: JobRequest) -> list[int]:
        return history.changed_between(*self.window(request))


@fault("isolation/records")
class ExportsContributionsOfAllAccounts(_Leaks):
    """Contributions of every account that changed in the window are exported; the other types are kept apart."""

    def leaked(self, history: History, request: JobRequest) -> list[int]:
        drawn = request.resource_type == "Contributions"
        return history.changed_between(*self.window(request)) if drawn else []


# Where a type has no texts by which the other's row could be known, it is one row too many.
@fault("isolation/records", "window/once")
class JoinsRecordsOfAllAccountsById(Behaviour):
    """A record whose id another account has too brings that account's record along; all others are right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        for record in super().select(history, request):
            yield record
            for account in _others(self, history.account):
                namesake = history.of(history.resource_type, account).record(record.id)
                if namesake is not None:
                    yield namesake


@fault("isolation/records")
class ExportsTheFirstAccountsRecordsToTheSecond(_Leaks):
    """The second account gets the first one's records of the window as well; the first gets its own."""

    def leaked(self, history: History, request: JobRequest) -> list[int]:
        first = history.account == next(iter(self.accounts))
        return history.changed_between(*self.window(request)) if first else []


@fault("isolation/records")
class LeaksInactiveRecordsOnly(_Leaks):
    """With includeInactive, other accounts' records of the window come along; without it, accounts are apart."""

    def leaked(self, history: History, request: JobRequest) -> list[int]:
        return history.changed_between(*self.window(request)) if request.include_inactive else []


@fault("isolation/ids")
class ExportsRequestedIdsOfAllAccounts(_Leaks):
    """A requested id that only another account has is exported; the window is kept apart."""

    def leaked(self, history: History, request: JobRequest) -> list[int]:
        return history.existing(request.ids or ())


@fault("isolation/ids")
class ExportsRequestedActivistCodesOfAllAccounts(_Leaks):
    """Requested ids of ContactsActivistCodes are looked up in all accounts; those of other types are right."""

    def leaked(self, history: History, request: JobRequest) -> list[int]:
        return history.existing(request.ids or ()) if request.resource_type == "ContactsActivistCodes" else []


# A row of a record that both accounts have shows values that this account's never had.
@fault("csv/text-exact", "csv/typed-values", "csv/unicode", "csv/empty-values")
class ShowsAnotherAccountsValues(Behaviour):
    """A record whose id both accounts have is shown with the first one's values; all others are right."""

    def select(self, history: History, request: JobRequest) -> Iterator[Record]:
        first = history.of(history.resource_type, next(iter(self.accounts)))
        for record in super().select(history, request):
            namesake = first.record(record.id)
            yield record if namesake is None else _with_values(record, namesake)


def _with_values(record: Record, other: Record) -> Record:
    return replace(record, versions=(*record.versions[:-1], replace(record.current, content=other.current.content)))


@fault("isolation/jobs", "schema/job")
class HidesJobsBehindAnEmptyAnswer(Behaviour):
    """Another account's job is answered 200 with its id alone; unknown ones are not found."""

    def get_job(self, account: str, job_id: str, root: str) -> Answer:
        job = self.store.job(int(job_id)) if job_id.isdecimal() and len(job_id) < 19 else None
        if job is not None and not self.may_see(job, account):
            return Answer(200, {"exportJobId": job.id})
        return super().get_job(account, job_id, root)
