"""Variants of how fast jobs go, and through which states."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from ..behaviour import Behaviour
from ..model import FilePart, Job
from . import variant


@variant()
class CompleteAtOnce(Behaviour):
    """A job runs before its creation is answered, and is Complete in that answer."""

    def schedule(self, job: Job) -> None:
        self.run_job(job.id)


@variant()
class NeverInProcess(Behaviour):
    """A job is Pending until it is Complete."""

    def status_word(self, job: Job) -> str:
        return "Pending" if job.status == "InProcess" else super().status_word(job)


@variant()
class NeverPending(Behaviour):
    """A job is InProcess from its creation on."""

    def status_word(self, job: Job) -> str:
        return "InProcess" if job.status == "Pending" else super().status_word(job)


@variant()
class SlowAtTimes(Behaviour):
    """Every job takes a moment, and one in twelve more than a second."""

    def export(self, job: Job) -> list[FilePart]:
        parts = super().export(job)
        threading.Event().wait(1.2 if job.id % 12 == 0 else 0.05)
        return parts


@variant(readings={"lifetime-from": "creation"})
class LinksLiveFromTheCreation(SlowAtTimes):
    """The 20 days of a link count from the job's creation, and jobs take a while at times."""

    def lifetime_begins(self, job: Job) -> datetime:
        return job.created


@variant()
class WorksWhenItIsAsked(Behaviour):
    """A job waits until somebody asks after it, and is InProcess for one answer more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the reference
        super().__init__(*args, **kwargs)
        self._one_at_a_time = threading.Lock()

    def schedule(self, job: Job) -> None:
        pass

    def find_job(self, job_id: int, account: str) -> Job:
        with self._one_at_a_time:
            job = super().find_job(job_id, account)
            if job.status == "Pending":
                self.store.begin_job(job.id)
            elif job.status == "InProcess":
                self.run_job(job.id)
        return job
