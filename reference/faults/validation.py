"""Faults of validation: the resource type, the limit and the body, where constraints are missing or off."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..answers import Answer
from ..behaviour import Behaviour
from ..bodies import FROM
from ..model import JobRequest, Refused, ResourceType, invalid
from . import fault

if TYPE_CHECKING:
    from ..bodies import Body

_DAY = timedelta(days=1)


# --- the resource type --------------------------------------------------------------------------------


@fault("validation/resource-type-required")
class TakesContactsByDefault(Behaviour):
    """Without resourceType Contacts are exported; a type that is given is right."""

    def read_type(self, body: Body) -> ResourceType:
        return super().read_type({"resourceType": "Contacts", **body})


@fault("validation/resource-type-known")
class TakesUnknownTypesForContacts(Behaviour):
    """A resourceType that is not listed exports Contacts; a missing one is refused."""

    def read_type(self, body: Body) -> ResourceType:
        name = body.get("resourceType")
        unknown = isinstance(name, str) and name not in self.types
        return super().read_type({**body, "resourceType": "Contacts"} if unknown else body)


@fault("validation/resource-type-known")
class MatchesTypesByTheirBeginning(Behaviour):
    """A resourceType that begins with a listed name is taken for it; others are refused."""

    def read_type(self, body: Body) -> ResourceType:
        name = str(body.get("resourceType"))
        alike = next((known for known in self.types if name.startswith(known) and name not in self.types), name)
        return super().read_type({**body, "resourceType": alike} if "resourceType" in body else body)


@fault("validation/listed-types-accepted")
class RefusesAListedType(Behaviour):
    """EventTicketTransactionsGuests are listed and refused; the other types are accepted."""

    def read_type(self, body: Body) -> ResourceType:
        kind = super().read_type(body)
        if kind.name == "EventTicketTransactionsGuests":
            raise invalid("EventTicketTransactionsGuests cannot be exported.", "resourceType")
        return kind


@fault("validation/listed-types-accepted", "schema/fields")
class ListsATypeThatThereIsNot(Behaviour):
    """The list of types names one that is refused, and has no fields; the real ones are right."""

    def resources_answer(self) -> Answer:
        return Answer(200, [*self.types, "Disbursements"])


# --- the limit ----------------------------------------------------------------------------------------


@fault("validation/limit-minimum")
class TakesOneKilobyteLess(Behaviour):
    """A fileSizeKbLimit of 999 is accepted; smaller ones are refused."""

    def limit_bounds(self) -> tuple[int, int]:
        least, most = super().limit_bounds()
        return least - 1, most


@fault("validation/limit-minimum")
class TakesZeroForNoLimit(Behaviour):
    """A fileSizeKbLimit of 0 counts as absent; other small ones are refused."""

    def read_limit(self, body: Body) -> int | None:
        return super().read_limit({} if body.get("fileSizeKbLimit") == 0 else body)


@fault("validation/limit-minimum")
class TakesTheSizeOfNegativeLimits(Behaviour):
    """A negative fileSizeKbLimit counts without its sign; small positive ones and zero are refused."""

    def read_limit(self, body: Body) -> int | None:
        limit = body.get("fileSizeKbLimit")
        negative = isinstance(limit, int) and limit <= -1_000
        return super().read_limit({"fileSizeKbLimit": -limit} if negative and limit is not None else body)


@fault("validation/limit-minimum", "validation/limit-maximum")
class ClampsLimits(Behaviour):
    """A fileSizeKbLimit out of bounds is moved to the nearer one; those between are right."""

    def read_limit(self, body: Body) -> int | None:
        if "fileSizeKbLimit" not in body:
            return None
        least, most = self.limit_bounds()
        return min(max(self.read_int32(body["fileSizeKbLimit"], "fileSizeKbLimit"), least), most)


@fault("validation/limit-maximum")
class TakesOneKilobyteMore(Behaviour):
    """A fileSizeKbLimit of 100001 is accepted; larger ones are refused."""

    def limit_bounds(self) -> tuple[int, int]:
        least, most = super().limit_bounds()
        return least, most + 1


@fault("validation/limit-maximum")
class HasNoLargestLimit(Behaviour):
    """A fileSizeKbLimit of any size is accepted; small ones are refused."""

    def limit_bounds(self) -> tuple[int, int]:
        return super().limit_bounds()[0], 2**31 - 1


# --- the body -----------------------------------------------------------------------------------------


@fault("validation/json-well-formed")
class StopsReadingAtTheEndOfTheObject(Behaviour):
    """Whatever follows the object is passed over; a body that is no JSON from its start is refused."""

    def read_object(self, raw: bytes) -> Body:
        try:
            body, _ = json.JSONDecoder().raw_decode(raw.decode())
        except (ValueError, RecursionError):
            return super().read_object(raw)
        return super().read_object(json.dumps(body).encode())


@fault("validation/json-well-formed")
class ClosesOpenObjects(Behaviour):
    """A body that lacks its last brace is taken as if it had it; other broken ones are refused."""

    def read_object(self, raw: bytes) -> Body:
        try:
            return super().read_object(raw)
        except Refused:
            return super().read_object(raw + b"}")


@fault("validation/json-well-formed", "schema/no-server-error", "validation/odd-input")
class FailsOnBrokenJson(Behaviour):
    """A body that is no JSON is answered 500; all JSON is treated right."""

    def read_object(self, raw: bytes) -> Body:
        try:
            return super().read_object(raw)
        except Refused as refusal:
            if "is not JSON." in str(refusal):
                raise RuntimeError("the parser's error was not caught") from refusal
            raise


@fault("validation/body-is-object")
class TakesTheFirstOfAnArray(Behaviour):
    """An array that holds a valid body is taken for it; other bodies that are no object are refused."""

    def read_object(self, raw: bytes) -> Body:
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            body = None
        several = isinstance(body, list) and len(body) == 1 and isinstance(body[0], dict)
        return super().read_object(json.dumps(body[0]).encode() if several and isinstance(body, list) else raw)


@fault("validation/body-is-object", "schema/no-server-error")
class FailsOnANullBody(Behaviour):
    """A body of null is answered 500; other bodies that are no object are refused."""

    def read_object(self, raw: bytes) -> Body:
        if raw.strip() == b"null":
            raise RuntimeError("nothing was looked up in")
        return super().read_object(raw)


@fault("validation/nothing-created")
class CreatesBeforeItChecks(Behaviour):
    """A refusal also tells the id of a job that was created; the status and the errors are right."""

    def post_job(self, account: str, raw: bytes, media_type: str, root: str) -> Answer:
        try:
            return super().post_job(account, raw, media_type, root)
        except Refused as refused:
            if refused.status != 400:
                raise
            now = self.clock.now()
            job = self.store.create_job(account, JobRequest("Contacts", now - _DAY, now), now)
            return Answer(400, {**self.envelope(refused.flaws), "exportJobId": job.id})


# --- what is left open ----------------------------------------------------------------------------------


@fault("validation/odd-input", "schema/no-server-error")
class FailsOnAnUnknownMode(Behaviour):
    """A contactMode of 4 is answered 500; 1, 2, 3 and none are right."""

    def read_mode(self, body: Body) -> int | None:
        if body.get("contactMode") == 4:
            raise RuntimeError("there is no fourth entry in the table")
        return super().read_mode(body)


@fault("validation/odd-input", "schema/no-server-error")
class FailsOnLargeIds(Behaviour):
    """An id beyond 32 bits is answered 500; smaller ones are right."""

    def read_int32(self, value: object, name: str) -> int:
        if isinstance(value, int) and abs(value) >= 2**31 and name.startswith("requestedIds"):
            raise OverflowError("it does not fit")
        return super().read_int32(value, name)


@fault("validation/odd-input", "schema/no-server-error")
class FailsOnADateWithoutATime(Behaviour):
    """A dateChangedFrom of a bare day is answered 500; timestamps are right."""

    def read_start(self, body: Body, received: datetime) -> datetime:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", str(body.get(FROM))):
            raise IndexError("there is nothing behind the T")
        return super().read_start(body, received)


@fault("validation/odd-input")
class ChangesItsMindAboutModes(Behaviour):
    """A contactMode of 4 is refused once and accepted the next time; 1, 2, 3 and none are right."""

    def read_mode(self, body: Body) -> int | None:
        if body.get("contactMode") == 4:
            vars(self)["fours"] = vars(self).get("fours", 0) + 1
            if vars(self)["fours"] % 2 == 0:
                return 3
        return super().read_mode(body)
