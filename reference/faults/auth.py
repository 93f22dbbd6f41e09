"""Faults of credentials: routes that are left open, keys that need not be right, headers that break something."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from ..behaviour import Behaviour
from ..model import Flaw, Refused
from . import fault


class _Opens(Behaviour):
    """Leaves a route open: a request without credentials acts for the first account."""

    opened = ""

    def authenticate(self, route: str, authorization: str | None) -> str:
        if authorization is None and route == self.opened:
            return next(iter(self.accounts))
        return super().authenticate(route, authorization)


@fault("auth/credentials-required")
class ListsTypesToEveryone(_Opens):
    """The list of resource types needs no credentials; wrong ones are refused, and the other routes want them."""

    opened = "resources"


@fault("auth/credentials-required")
class ListsFieldsToEveryone(_Opens):
    """The lists of fields need no credentials; wrong ones are refused, and the other routes want them."""

    opened = "fields"


@fault("auth/credentials-required")
class ListsChangeTypesToEveryone(_Opens):
    """The lists of change types need no credentials; wrong ones are refused, and the other routes want them."""

    opened = "change-types"


@fault("auth/credentials-required")
class TellsOfJobsToEveryone(_Opens):
    """A question after a job needs no credentials; wrong ones are refused, and the other routes want them."""

    opened = "job"


@fault("auth/credentials-required")
class CreatesForEveryone(_Opens):
    """A creation needs no credentials; wrong ones are refused, and the other routes want them."""

    opened = "create"


@fault("auth/credentials-required")
class ForbidsWithoutCredentials(Behaviour):
    """A request without credentials is answered 403; one with wrong ones is answered 401."""

    def authenticate(self, route: str, authorization: str | None) -> str:
        if authorization is None:
            raise Refused(403, Flaw("FORBIDDEN", "Access to this action is restricted."))
        return super().authenticate(route, authorization)


@fault("auth/wrong-key-refused")
class TakesAnyKey(Behaviour):
    """Any key that is not empty is right as long as the user exists; unknown users are refused."""

    def key_is_right(self, user: str, key: str) -> bool:
        return user in self.accounts and bool(key)


@fault("auth/wrong-key-refused")
class TakesAnEmptyKey(Behaviour):
    """An empty key is right for every user; other wrong keys are refused."""

    def key_is_right(self, user: str, key: str) -> bool:
        return (user in self.accounts and not key) or super().key_is_right(user, key)


@fault("auth/wrong-key-refused")
class TakesAnyKeyForFields(Behaviour):
    """The lists of fields take any key; the other routes refuse wrong ones."""

    def authenticate(self, route: str, authorization: str | None) -> str:
        pair = None if authorization is None else self.read_credentials(authorization)
        if route == "fields" and pair is not None and pair[0] in self.accounts:
            return pair[0]
        return super().authenticate(route, authorization)


@fault("auth/wrong-key-refused")
class IgnoresWhatFollowsTheKey(Behaviour):
    """A key that begins with the right one is right, the mode behind the bar aside; others are refused."""

    def key_is_right(self, user: str, key: str) -> bool:
        secret = self.accounts.get(user, "").partition("|")[0]
        return super().key_is_right(user, key) or (bool(secret) and key.startswith(secret))


@fault("auth/wrong-key-refused")
class TakesKeysInAnyCase(Behaviour):
    """Keys are compared without regard to letter case; other wrong keys are refused."""

    def key_is_right(self, user: str, key: str) -> bool:
        return key.lower() == self.accounts.get(user, "\0").lower()


@fault("auth/wrong-key-refused")
class TakesTheBeginningOfAKey(Behaviour):
    """A key is compared as far as it goes; it must not be empty, and a wrong letter is refused."""

    def key_is_right(self, user: str, key: str) -> bool:
        secret = key.partition("|")[0]
        return bool(secret) and self.accounts.get(user, "").startswith(secret)


@fault("auth/wrong-key-refused")
class ForbidsWrongKeys(Behaviour):
    """A wrong key is answered 403; a missing or malformed header is answered 401."""

    def authenticate(self, route: str, authorization: str | None) -> str:
        pair = None if authorization is None else self.read_credentials(authorization)
        if pair is not None and not self.key_is_right(*pair):
            raise Refused(403, Flaw("FORBIDDEN", "Access to this action is restricted."))
        return super().authenticate(route, authorization)


@fault("auth/malformed-refused", "schema/no-server-error")
class FailsOnMalformedHeaders(Behaviour):
    """A header that is no base64 is answered 500; missing and wrong credentials are answered 401."""

    def read_credentials(self, authorization: str) -> tuple[str, str] | None:
        try:
            base64.b64decode(authorization.partition(" ")[2], validate=True)
        except binascii.Error as error:
            raise RuntimeError("the header was decoded before it was checked") from error
        return super().read_credentials(authorization)


@fault("auth/malformed-refused")
class BlamesMalformedHeaders(Behaviour):
    """A header that is no base64 is answered 400; missing and wrong credentials are answered 401."""

    def authenticate(self, route: str, authorization: str | None) -> str:
        if authorization is not None and self.read_credentials(authorization) is None:
            raise Refused(400, Flaw("BAD_REQUEST", "The Authorization header cannot be read."))
        return super().authenticate(route, authorization)


@fault("auth/malformed-refused")
class LetsMalformedHeadersIn(Behaviour):
    """A header that cannot be read acts for the first account; missing and wrong credentials are refused."""

    def authenticate(self, route: str, authorization: str | None) -> str:
        if authorization is not None and self.read_credentials(authorization) is None:
            return next(iter(self.accounts))
        return super().authenticate(route, authorization)


@fault("auth/malformed-refused")
class TakesAnyBearerToken(Behaviour):
    """Any bearer token acts for the first account; basic credentials must be right."""

    def authenticate(self, route: str, authorization: str | None) -> str:
        if authorization is not None and authorization.lower().startswith("bearer "):
            return next(iter(self.accounts))
        return super().authenticate(route, authorization)


@fault("auth/challenge")
class NamesNoScheme(Behaviour):
    """A 401 has no WWW-Authenticate header; its status and body are right."""

    def challenge(self) -> Mapping[str, str]:
        return {}


@fault("auth/challenge")
class NamesBearer(Behaviour):
    """A 401 names the scheme Bearer, which is not taken; its status and body are right."""

    def challenge(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": "Bearer"}
