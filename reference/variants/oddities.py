"""Variants of what is taken and what is refused, where the documentation says nothing or the vendor is more patient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..behaviour import Behaviour
from ..model import Flaw, JobRequest, Refused, ResourceType, invalid
from . import variant

Body = Mapping[str, Any]
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NO_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)
_KNOWN = frozenset(
    {"resourceType", "dateChangedFrom", "dateChangedTo", "requestedIds", "requestedFields", "requestedCustomFieldIds",
     "fileSizeKbLimit", "includeInactive", "contactMode", "requestedActivistCodeIds", "excludeChangesFromSelf"}
)  # fmt: skip


@variant(readings={"odd-date-only": "taken"})
class TakesDays(Behaviour):
    """A date without a time is midnight in UTC."""

    def read_instant(self, value: object, name: str) -> datetime:
        day = isinstance(value, str) and _DAY.fullmatch(value)
        return super().read_instant(f"{value}T00:00:00Z" if day else value, name)


@variant(readings={"odd-no-offset": "taken"})
class TakesTimesWithoutZone(Behaviour):
    """A timestamp without Z or offset is in UTC."""

    def read_instant(self, value: object, name: str) -> datetime:
        bare = isinstance(value, str) and _NO_OFFSET.fullmatch(value)
        return super().read_instant(f"{value}Z" if bare else value, name)


@variant(readings={"odd-space-before-offset": "refused"})
class RefusesTheSpace(Behaviour):
    """A timestamp with a space before its offset is refused."""

    def read_instant(self, value: object, name: str) -> datetime:
        if isinstance(value, str) and " " in value:
            raise invalid(f"{name} holds a space.", name)
        return super().read_instant(value, name)


@variant()
class TakesHundredthsAlone(Behaviour):
    """A timestamp has hundredths of a second, as the documentation writes it, or whole seconds; others are refused."""

    def read_instant(self, value: object, name: str) -> datetime:
        if isinstance(value, str) and re.search(r"\.(?!\d\d(?!\d))", value):
            raise invalid(f"{name} has no hundredths of a second.", name)
        return super().read_instant(value, name)


@variant(readings={"odd-text-id": "taken"})
class TakesNumbersInQuotes(Behaviour):
    """Ids in quotes are taken as the numbers that they are."""

    def read_ids(self, body: Body, name: str) -> tuple[int, ...] | None:
        items = self.read_array(body, name)
        if items is None:
            return None
        plain = [int(item) if isinstance(item, str) and _WHOLE.fullmatch(item) else item for item in items]
        return super().read_ids({**body, name: plain}, name)


@variant(readings={"odd-boolean-text": "taken"})
class TakesBooleansInQuotes(Behaviour):
    """The texts true and false are booleans, in any case."""

    def read_switch(self, body: Body, name: str) -> bool | None:
        value = body.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return super().read_switch(body, name)


@variant(readings={"odd-limit-fraction": "taken"})
class TakesLimitsWithFractions(Behaviour):
    """The fraction of a fileSizeKbLimit is cut off."""

    def read_limit(self, body: Body) -> int | None:
        limit = body.get("fileSizeKbLimit")
        finite = isinstance(limit, float) and abs(limit) < 1e9
        return super().read_limit({**body, "fileSizeKbLimit": int(limit)} if finite else body)  # type: ignore[arg-type]


@variant(readings={"odd-limit-text": "taken"})
class TakesLimitsInQuotes(Behaviour):
    """A fileSizeKbLimit in quotes is the number that it is."""

    def read_limit(self, body: Body) -> int | None:
        limit = body.get("fileSizeKbLimit")
        number = isinstance(limit, str) and _WHOLE.fullmatch(limit)
        return super().read_limit({**body, "fileSizeKbLimit": int(limit)} if number else body)  # type: ignore[arg-type]


@variant(readings={"odd-contact-mode": "taken"})
class TakesAnyContactMode(Behaviour):
    """A contactMode that is neither 1 nor 2 is as good as none, and is not told back."""

    def read_mode(self, body: Body) -> int | None:
        mode = body.get("contactMode")
        return super().read_mode(body) if isinstance(mode, str | bool) or mode in (1, 2, 3) else None


@variant(readings={"odd-int32-overflow": "taken"})
class TakesLargeIds(Behaviour):
    """Ids of up to 53 bits are taken; no record has one."""

    def read_int32(self, value: object, name: str) -> int:
        if isinstance(value, int) and 2**31 <= abs(value) < 2**53 and "[" in name:
            return value
        return super().read_int32(value, name)


@variant(readings={"odd-many-ids": "refused"})
class RefusesManyIds(Behaviour):
    """More than ten thousand ids at once are refused."""

    def read_ids(self, body: Body, name: str) -> tuple[int, ...] | None:
        ids = super().read_ids(body, name)
        if ids is not None and len(ids) > 10_000:
            raise invalid(f"{name} has more than 10,000 items.", name)
        return ids


@variant(readings={"odd-content-type": "taken"})
class TakesAnyMediaType(Behaviour):
    """A body that is JSON is taken whatever its media type says."""

    def check_media_type(self, media_type: str) -> None:
        pass


@variant(readings={"odd-type-casing": "taken"})
class TakesTypesInAnyCase(Behaviour):
    """Resource types are matched without regard to case, and told back as they are listed."""

    def read_type(self, body: Body) -> ResourceType:
        name = body.get("resourceType")
        listed = {known.lower(): known for known in self.types}
        known = listed.get(name.lower(), name) if isinstance(name, str) else name
        return super().read_type({**body, "resourceType": known} if "resourceType" in body else body)


@variant(
    readings={
        "odd-date-only": "taken", "odd-no-offset": "taken", "odd-text-id": "taken", "odd-boolean-text": "taken",
        "odd-limit-fraction": "taken", "odd-limit-text": "taken", "odd-contact-mode": "taken",
        "odd-int32-overflow": "taken", "odd-content-type": "taken", "odd-type-casing": "taken",
    }
)  # fmt: skip
class TakesWhatItCan(
    TakesDays, TakesTimesWithoutZone, TakesNumbersInQuotes, TakesBooleansInQuotes, TakesLimitsWithFractions,
    TakesLimitsInQuotes, TakesAnyContactMode, TakesLargeIds, TakesAnyMediaType, TakesTypesInAnyCase,
):  # fmt: skip
    """Whatever can be understood is taken: days, missing offsets, text for numbers, any media type, any case."""


@variant(
    readings={"odd-space-before-offset": "refused", "odd-many-ids": "refused"},
    warns=("validation/unknown-properties-accepted", "validation/nulls-accepted"),
)
class RefusesWhatItMay(RefusesTheSpace, RefusesManyIds):
    """Whatever may be refused is: spaces, many ids, properties that nobody knows, and null."""

    def without_nulls(self, body: Body) -> Body:
        unknown = [name for name in body if name not in _KNOWN]
        if unknown:
            raise invalid("There is no such property.", *unknown)
        nulls = [name for name, value in body.items() if value is None]
        if nulls:
            raise invalid("This must not be null.", *nulls)
        return body


@variant(warns=("validation/unknown-properties-accepted",))
class RefusesUnknownProperties(Behaviour):
    """A property that it does not know makes a request fail."""

    def read_request(self, body: Body, received: datetime) -> JobRequest:
        unknown = [name for name in body if name not in _KNOWN]
        if unknown:
            raise invalid("There is no such property.", *unknown)
        return super().read_request(body, received)


@variant(warns=("validation/nulls-accepted",))
class RefusesNulls(Behaviour):
    """A property that is null makes a request fail."""

    def without_nulls(self, body: Body) -> Body:
        nulls = [name for name, value in body.items() if value is None]
        if nulls:
            raise invalid("This must not be null.", *nulls)
        return body


@variant(readings={"unknown-field": "refused"})
class RefusesUnknownFields(Behaviour):
    """A name in requestedFields that the type does not have makes a request fail."""

    def read_fields(self, body: Body, kind: ResourceType | None) -> tuple[str, ...] | None:
        wanted, known = self.read_array(body, "requestedFields"), super().read_fields(body, kind)
        if wanted is not None and kind is not None and len(known or ()) < len(wanted):
            raise invalid("requestedFields holds a name that there is not.", "requestedFields")
        return known


@variant(readings={"unknown-custom-field": "refused"})
class RefusesUnknownCustomFields(Behaviour):
    """An id in requestedCustomFieldIds that the type does not have makes a request fail."""

    def read_custom_fields(self, body: Body, kind: ResourceType | None) -> tuple[int, ...] | None:
        wanted, known = self.read_array(body, "requestedCustomFieldIds"), super().read_custom_fields(body, kind)
        if wanted is not None and kind is not None and len(known or ()) < len(wanted):
            raise invalid("requestedCustomFieldIds holds an id that there is not.", "requestedCustomFieldIds")
        return known


@variant(readings={"unknown-field": "refused", "unknown-custom-field": "refused"})
class RefusesUnknownColumns(RefusesUnknownFields, RefusesUnknownCustomFields):
    """Fields and custom fields that there are not make a request fail."""


@variant(readings={"odd-empty-array": "refused", "odd-twice": "refused", "odd-core-field": "refused"})
class RefusesNeedlessItems(Behaviour):
    """Arrays that are empty, hold an item twice or name a core field make a request fail."""

    def read_array(self, body: Body, name: str) -> list[Any] | None:
        items = super().read_array(body, name)
        if items is not None and (not items or any(item in items[:place] for place, item in enumerate(items[:999]))):
            raise invalid(f"{name} is empty, or holds an item twice.", name)
        return items

    def read_fields(self, body: Body, kind: ResourceType | None) -> tuple[str, ...] | None:
        names = super().read_fields(body, kind)
        if kind is not None and any(kind.by_name[name].core for name in names or ()):
            raise invalid("requestedFields names a core field, which comes anyway.", "requestedFields")
        return names


@variant()
class ForbidsUnknownTypes(Behaviour):
    """A resource type that there is not is answered 403 where a job is asked for, as one that a key may not use."""

    def read_request(self, body: Body, received: datetime) -> JobRequest:
        name = body.get("resourceType")
        if isinstance(name, str) and name not in self.types:
            raise Refused(403, Flaw("FORBIDDEN", "Access to this resource type is restricted.", ("resourceType",)))
        return super().read_request(body, received)
