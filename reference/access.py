"""Who may ask: Basic credentials on every route, and jobs for their own account alone (auth.1)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from .core import Core
from .model import Flaw, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Job


class Access(Core):
    """Decides which account a request acts for, and whether it may see a job."""

    def authenticate(self, route: str, authorization: str | None) -> str:
        """Return the account of a request to a route, named by what it does (auth.1).

        Routes: create, job, resources, fields, change-types, control. Raises Refused with 401.
        """
        pair = None if authorization is None else self.read_credentials(authorization)
        if pair is None or not self.key_is_right(*pair):
            raise self.unauthorized(route)
        return pair[0]

    def read_credentials(self, authorization: str) -> tuple[str, str] | None:
        """Read user and key out of a Basic header; None when it is not well-formed (rfc9110)."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            decoded = base64.b64decode(encoded.strip(" "), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        user, colon, key = decoded.partition(":")
        return (user, key) if colon else None

    def key_is_right(self, user: str, key: str) -> bool:
        """Compare the key with the user's, in a time that does not tell where they differ."""
        expected = self.accounts.get(user)
        return hmac.compare_digest(key.encode(), (expected or "").encode()) and expected is not None

    def unauthorized(self, route: str) -> Refused:  # noqa: ARG002 - told for those who answer routes differently
        """What a request without valid credentials is answered."""
        flaw = Flaw("UNAUTHORIZED", "Valid credentials are required: the user and key of an account, as HTTP Basic.")
        return Refused(401, flaw, headers=self.challenge())

    def challenge(self) -> Mapping[str, str]:
        """The headers of a 401, which name the scheme to use (rfc9110)."""
        return {"WWW-Authenticate": 'Basic realm="exportproof reference", charset="UTF-8"'}

    def admit_download(self, authorization: str | None) -> None:
        """Let a download pass, or raise Refused. The link itself carries the right to read its file (facts:3.3)."""

    def find_job(self, job_id: int, account: str) -> Job:
        """Return the job of that id; another account's is as unknown as one that never was (facts:1).

        Raises Refused with 404.
        """
        job = self.store.job(job_id)
        if job is None or not self.may_see(job, account):
            raise Refused(404, Flaw("NOT_FOUND", "There is no such job."))
        return job

    def may_see(self, job: Job, account: str) -> bool:
        """Tell whether an account may see a job: its own only."""
        return job.account == account
