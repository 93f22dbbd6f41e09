"""How jobs come to their end: created at once, run in the background, Complete with all their files in one step."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING

from .files import Files
from .model import ExportFailed, StoredFile
from .rows import Rows
from .selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .model import FilePart, Job, JobRequest
    from .store import History

_LOG = logging.getLogger(__name__)


class Jobs(Selection, Rows, Files):
    """Creates jobs and runs them. `enqueue` hands a job's id to whoever runs it in the background."""

    enqueue: Callable[[int], None]

    def create(self, account: str, request: JobRequest, received: datetime) -> Job:
        """Store a new job and see that it is run."""
        job = self.store.create_job(account, request, received)
        self.schedule(job)
        return self.store.job(job.id) or job

    def schedule(self, job: Job) -> None:
        """See that a job is run: in the background, so that its creation is answered at once."""
        self.enqueue(job.id)

    def run_job(self, job_id: int) -> None:
        """Run a job to its end. Nothing happens when it was forgotten, or has ended already."""
        job = self.store.job(job_id)
        if job is None or job.status not in ("Pending", "InProcess"):
            return
        self.store.begin_job(job_id)
        try:
            parts = self.export(job)
        except ExportFailed as failure:
            self.store.fail_job(job_id, self.clock.now(), failure.code, str(failure))
        except Exception:  # noqa: BLE001 - whatever it is, the job ends
            _LOG.exception("job %s failed", job_id)
            self.store.fail_job(job_id, self.clock.now(), "INTERNAL_SERVER_ERROR", "The export could not be made.")
        else:
            self.complete(job, parts)

    def export(self, job: Job) -> list[FilePart]:
        """Make the files of a job, from the records as they are at this moment (version.1)."""
        request = job.request
        history = self.snapshot(job)
        columns = self.columns(request)
        rows = (self.row(record, columns, request) for record in self.select(history, request))
        return self.lay_out(self.header(columns), rows, request)

    def snapshot(self, job: Job) -> History:
        """The records that a job sees."""
        return self.store.history(job.account, job.request.resource_type)

    def complete(self, job: Job, parts: list[FilePart]) -> None:
        """Let a job be Complete, with its files and their links."""
        files = [
            (StoredFile(self.token(job.id, part.number), part.number, part.size, part.rows), bytes(part.content))
            for part in parts
        ]
        self.store.complete_job(job.id, self.clock.now(), self.count(parts, job.request), files)


class Workers:
    """Threads that run jobs, one each at a time, in the order in which they came."""

    def __init__(self, run: Callable[[int], None], count: int = 2) -> None:
        """Start `count` threads that call `run` with the ids that are put."""
        self._run = run
        self._waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._work, name=f"export-{n}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def put(self, job_id: int) -> None:
        """Let a job be run when a thread is free."""
        self._waiting.put(job_id)

    def close(self) -> None:
        """Let every thread end after the job that it is running; what still waits is left for the next server."""
        self._closing.set()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job_id := self._waiting.get()) is not None and not self._closing.is_set():
            self._run(job_id)
