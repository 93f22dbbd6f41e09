"""Variants of download links: where they lead, what they are made of, and how a dead one is refused."""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.types import ASGIApp, Receive, Scope, Send

from ..answers import Answer
from ..behaviour import Behaviour
from ..model import Flaw, Job, Refused, StoredFile
from . import variant


class _Dead(Behaviour):
    """An expired link is refused with another status."""

    status: int

    def refusal_of_dead_link(self) -> Refused:
        return Refused(self.status, *super().refusal_of_dead_link().flaws)


@variant(readings={"dead-link": "403"})
class DeadLinksAreForbidden(_Dead):
    """An expired link is answered 403, as signed links of a store for files are."""

    status = 403


@variant(readings={"dead-link": "404"})
class DeadLinksAreNotFound(_Dead):
    """An expired link is answered 404, as one that never was."""

    status = 404


@variant(readings={"dead-link": "other"})
class DeadLinksAreBadRequests(_Dead):
    """An expired link is answered 400."""

    status = 400


@variant()
class DeadLinksInXml(Behaviour):
    """An expired link is answered 410 with a body in XML, as a store for files would."""

    def get_file(self, token: str, wanted: str | None, authorization: str | None = None) -> Answer:
        try:
            return super().get_file(token, wanted, authorization)
        except Refused as refused:
            body = b"<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code></Error>"
            return Answer(refused.status, body, {"Content-Type": "application/xml"})


@variant()
class LinksOnAnotherHost(Behaviour):
    """Links lead to localhost, where the API is at 127.0.0.1."""

    def link(self, job: Job, file: StoredFile, root: str) -> str:
        return super().link(job, file, root).replace("//127.0.0.1", "//localhost", 1)


class _Hop(Behaviour):
    """Links lead to a redirect. `status` is that of the redirect, `elsewhere` tells whether it leaves the host."""

    status = 302
    elsewhere = False
    _host = ""

    def link(self, job: Job, file: StoredFile, root: str) -> str:
        straight = super().link(job, file, root)
        place, _, token = straight.rpartition("/")
        self._host = place.replace("//127.0.0.1", "//localhost", 1) if self.elsewhere else ""
        return f"{place}/hop-{token}"

    def get_file(self, token: str, wanted: str | None, authorization: str | None = None) -> Answer:
        if not token.startswith("hop-"):
            return super().get_file(token, wanted, authorization)
        target = f"{self._host or '/files'}/{token.removeprefix('hop-')}.csv"
        return Answer(self.status, b"", {"Location": target})


@variant()
class LinksThatRedirect(_Hop):
    """A link is answered 302 and leads on to another path of the same host."""


@variant()
class LinksThatRedirectElsewhere(_Hop):
    """A link is answered 307 and leads on to another host."""

    status = 307
    elsewhere = True


@variant()
class LinksSignedAnew(Behaviour):
    """Each answer about a job has other links to the same files; all of them work."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the reference
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}

    def link(self, job: Job, file: StoredFile, root: str) -> str:
        alias = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[alias] = file.token
        return super().link(job, file, root).replace(file.token, alias)

    def get_file(self, token: str, wanted: str | None, authorization: str | None = None) -> Answer:
        return super().get_file(self._tokens.get(token, ""), wanted, authorization)


@variant()
class LinksSignedInTheQuery(Behaviour):
    """A link has a query with a signature, whose escaped characters have to come back as they were, and an instant."""

    def link(self, job: Job, file: StoredFile, root: str) -> str:
        place = super().link(job, file, root).rpartition("/")[0]
        expiry = quote(self.instant(self.expiry(job, file)), safe="")
        return f"{place}/export%20of%20job%20{job.id}.csv?se={expiry}&sig={quote(self._signature(file.token), safe='')}"

    def _signature(self, token: str) -> str:
        return f"{token}+/{hashlib.sha256(token.encode()).hexdigest()[:8]}=="

    def served(self, app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].startswith("/files/"):
                query = scope["query_string"].decode("latin-1")
                signature = parse_qs(query).get("sig", [""])[0]
                token = signature.partition("+/")[0]
                # Letter by letter, as stores for files compare: a client must not write a link anew.
                whole = token and query.endswith(f"sig={quote(self._signature(token), safe='')}")
                path = f"/files/{token if whole else 'none'}.csv"
                scope = {**scope, "path": path, "raw_path": path.encode()}
            await app(scope, receive, send)

        return wrapped


@variant(warns=("links/without-credentials",))
class LinksThatNeedCredentials(Behaviour):
    """A link works with credentials of the API alone."""

    def admit_download(self, authorization: str | None) -> None:
        self.authenticate("file", authorization)


@variant(warns=("links/unguessable",))
class LinksOfIdsAndNumbers(Behaviour):
    """A link is made of the job's id and the number of the file."""

    def token(self, job_id: int, number: int) -> str:
        return f"{job_id}-{number}"


@variant(warns=("links/unguessable",))
class LinksThatCount(Behaviour):
    """A link is a number, one more for each file that is ever made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the reference
        super().__init__(*args, **kwargs)
        self._lock, self._last = threading.Lock(), 4_711_000

    def token(self, job_id: int, number: int) -> str:
        with self._lock:
            self._last += 1
            return str(self._last)


@variant()
class LinksThatLinger(Behaviour):
    """A link works for half a minute longer than it announces."""

    def is_expired(self, job: Job, file: StoredFile, wanted: str | None) -> bool:
        return self.clock.now() >= self.expiry(job, file) + timedelta(seconds=30)


@variant()
class FilesWithoutRanges(Behaviour):
    """A file always comes as a whole, as bytes to be saved, with a name."""

    def deliver(self, content: bytes, wanted: str | None) -> Answer:
        name = {"Content-Disposition": 'attachment; filename="export.csv"'}
        return Answer(200, content, {"Content-Type": "application/octet-stream", **name})


@variant()
class FilesOfSpreadsheets(Behaviour):
    """A file comes as application/vnd.ms-excel."""

    def deliver(self, content: bytes, wanted: str | None) -> Answer:
        return Answer(200, content, {"Content-Type": "application/vnd.ms-excel"})


@variant()
class FilesOfPlainCsv(Behaviour):
    """A file comes as text/csv, without a word on its characters."""

    def deliver(self, content: bytes, wanted: str | None) -> Answer:
        return Answer(200, content, {"Content-Type": "text/csv"})


@variant(warns=("schema/error-envelope",))
class ErrorsOfItsOwn(Behaviour):
    """Errors are told as a problem in JSON, in no envelope."""

    def envelope(self, flaws: object) -> dict[str, Any]:
        del flaws
        return {"title": "The request cannot be answered.", "detail": None}


@variant(warns=("schema/error-envelope",))
class ErrorsInHtml(Behaviour):
    """Errors are told as pages."""

    def refusal(self, refused: Refused) -> Answer:
        page = f"<!doctype html><title>{refused.status}</title><h1>It went wrong</h1>".encode()
        return Answer(refused.status, page, {**refused.headers, "Content-Type": "text/html; charset=utf-8"})


@variant(warns=("auth/challenge",))
class NoChallenge(Behaviour):
    """A 401 does not name the scheme to use."""

    def challenge(self) -> dict[str, str]:
        return {}


@variant()
class ListsAreForTheKnown(Behaviour):
    """Fields and change types of a type that there is not are answered 400."""

    def get_fields(self, account: str, resource_type: str) -> Answer:
        self._check(resource_type)
        return super().get_fields(account, resource_type)

    def get_change_types(self, account: str, resource_type: str) -> Answer:
        self._check(resource_type)
        return super().get_change_types(account, resource_type)

    def _check(self, name: str) -> None:
        if name not in self.types:
            raise Refused(400, Flaw("INVALID_PARAMETER", "There is no such resource type.", ("resourceType",)))
