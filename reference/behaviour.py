"""The whole behaviour of the server, apart from HTTP: one method a call, each of them a few lines.

What is honest stands in the classes that this one joins, a subject each. A fault or a variant is a subclass that
answers one of their questions otherwise.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .access import Access
from .answers import Answer, Answers
from .bodies import Bodies, refuse_constant
from .control import Control
from .jobs import Jobs
from .model import Flaw, Refused, invalid

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from .model import ResourceType


class Behaviour(Access, Bodies, Jobs, Answers, Control):
    """The reference implementation. Each method answers one call, or raises Refused."""

    def served(self, app: ASGIApp) -> ASGIApp:
        """The application as it is served: as it is. Variants of the transport wrap it."""
        return app

    # --- the API -----------------------------------------------------------------------------------

    def post_job(self, account: str, raw: bytes, media_type: str, root: str) -> Answer:
        """POST /changedEntityExportJobs: create a job (endpoint.2)."""
        received = self.clock.now()
        request = self.read_body(raw, media_type, received)
        return self.creation_answer(self.create(account, request, received), root)

    def get_job(self, account: str, job_id: str, root: str) -> Answer:
        """GET /changedEntityExportJobs/{exportJobId}: tell how far a job is."""
        number = int(job_id) if job_id.isascii() and job_id.isdecimal() and len(job_id) < 19 else 0
        return self.job_answer(self.find_job(number, account), root)

    def get_resources(self, account: str) -> Answer:  # noqa: ARG002 - every account has the same types
        """GET /changedEntityExportJobs/resources."""
        return self.resources_answer()

    def get_fields(self, account: str, resource_type: str) -> Answer:  # noqa: ARG002 - as above
        """GET /changedEntityExportJobs/fields/{resourceType}."""
        return self.fields_answer(self._listed(resource_type))

    def get_change_types(self, account: str, resource_type: str) -> Answer:  # noqa: ARG002 - as above
        """GET /changedEntityExportJobs/changeTypes/{resourceType}."""
        return self.change_types_answer(self._listed(resource_type))

    def get_file(self, token: str, wanted: str | None, authorization: str | None = None) -> Answer:
        """GET of a download link; `wanted` is its Range header."""
        self.admit_download(authorization)
        return self.download(token, wanted)

    def _listed(self, name: str) -> ResourceType:
        kind = self.types.get(name)
        if kind is None:
            raise Refused(404, Flaw("NOT_FOUND", "There is no such resource type.", ("resourceType",)))
        return kind

    # --- the control API ---------------------------------------------------------------------------

    def call_control(self, account: str, method: str, path: str, raw: bytes) -> Answer:
        """Answer a call of the control API; `path` is what follows its base URL."""
        match method, path, {"changes": "changes", "state": "reset", "clock": "clock"}.get(path.strip("/")):
            case "GET", "" | "/", _:
                return Answer(200, self.describe_control())
            case "DELETE", "/state", need if need in self.capabilities:
                self.forget(account)
                return Answer(204)
            case "POST", "/changes", need if need in self.capabilities:
                return Answer(200, {"accepted": self.apply_changes(account, _json(raw))})
            case "PUT", "/clock", need if need in self.capabilities:
                return Answer(200, {"now": self.instant(self.freeze(_json(raw)))})
            case "DELETE", "/clock", need if need in self.capabilities:
                self.clock.release()
                return Answer(204)
        raise Refused(404, Flaw("NOT_FOUND", "The control API has no such call, or this server does not offer it."))


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise invalid("The body is not JSON.") from None
