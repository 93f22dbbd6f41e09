"""What the body of a creation may say, and what is refused: one method a property (job.1).

Where the documentation leaves room, this follows the values of spec/readings.yaml that are marked `reference`.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import INT32_MAX, MAX_LIMIT_KB, MIN_LIMIT_KB, WINDOW_DAYS, parse_instant
from .core import Core
from .model import Flaw, JobRequest, Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from .model import ResourceType

    Body = Mapping[str, Any]

FROM, TO = "dateChangedFrom", "dateChangedTo"


class Bodies(Core):
    """Turns the body of a POST into a request for a job, or refuses it."""

    def read_body(self, raw: bytes, media_type: str, received: datetime) -> JobRequest:
        """Return the request that a body asks for. `received` is the instant at which it came.

        Raises Refused with everything that is wrong with it.
        """
        self.check_media_type(media_type)
        return self.read_request(self.without_nulls(self.read_object(raw)), received)

    def check_media_type(self, media_type: str) -> None:
        """Take JSON only (odd-content-type)."""
        if media_type.partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, Flaw("BAD_REQUEST", "Send the body as application/json."))

    def read_object(self, raw: bytes) -> Body:
        """Read the body as a JSON object; raises Refused when it is something else."""
        try:
            body = json.loads(raw, parse_constant=refuse_constant)
        except (ValueError, RecursionError):
            raise Refused(400, Flaw("BAD_REQUEST", "The body is not JSON.")) from None
        if not isinstance(body, dict):
            raise Refused(400, Flaw("BAD_REQUEST", "The body is not a JSON object."))
        return body

    def without_nulls(self, body: Body) -> Body:
        """Let null count as absent (facts:4.1)."""
        return {name: value for name, value in body.items() if value is not None}

    def read_request(self, body: Body, received: datetime) -> JobRequest:
        """Read every property, and collect what is wrong with each. Unknown properties are passed over (facts:2)."""
        flaws: list[Flaw] = []

        def read(reader: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the property is
            try:
                return reader()
            except Refused as refusal:
                flaws.extend(refusal.flaws)
                return None

        kind: ResourceType | None = read(lambda: self.read_type(body))
        start: datetime | None = read(lambda: self.read_start(body, received))
        end: datetime | None = read(lambda: self.read_end(body, received, start))
        options = {
            "ids": read(lambda: self.read_ids(body, "requestedIds")),
            "fields": read(lambda: self.read_fields(body, kind)),
            "custom_field_ids": read(lambda: self.read_custom_fields(body, kind)),
            "limit_kb": read(lambda: self.read_limit(body)),
            "include_inactive": read(lambda: self.read_switch(body, "includeInactive")),
            "contact_mode": read(lambda: self.read_mode(body)),
            "activist_codes": read(lambda: self.read_codes(body, kind)),
            "exclude_self": read(lambda: self.read_switch(body, "excludeChangesFromSelf")),
            "start_text": body.get(FROM),
            "end_text": body.get(TO),
        }
        if flaws or kind is None or start is None or end is None:
            raise Refused(400, *flaws)
        return JobRequest(kind.name, start, end, **options)

    # --- the window --------------------------------------------------------------------------------

    def read_start(self, body: Body, received: datetime) -> datetime:
        """Read dateChangedFrom: it has to be given, and to lie in the last 90 days."""
        if FROM not in body:
            raise invalid(f"{FROM} is missing.", FROM)
        start = self.read_instant(body[FROM], FROM)
        if start < self.earliest_start(received):
            raise invalid(f"{FROM} must lie in the last {WINDOW_DAYS} days.", FROM)
        return start

    def earliest_start(self, received: datetime) -> datetime:
        """How far back a window reaches: 90 times 24 hours (dateChangedFrom.2)."""
        return received - timedelta(days=WINDOW_DAYS)

    def read_end(self, body: Body, received: datetime, start: datetime | None) -> datetime:
        """Read dateChangedTo: later than the start and not in the future, or the instant of the request."""
        if TO not in body:
            return self.default_end(received)
        end = self.read_instant(body[TO], TO)
        if end > self.latest_end(received):
            raise invalid(f"{TO} must not lie in the future.", TO)
        if start is not None and not self.is_in_order(start, end):
            raise invalid(f"{TO} must be later than {FROM}.", FROM, TO)
        return end

    def default_end(self, received: datetime) -> datetime:
        """Where a window without an end stops: at the instant of the request (dateChangedTo.3)."""
        return received

    def latest_end(self, received: datetime) -> datetime:
        """How late a window may end: at the present, with a minute for clocks that differ (dateChangedTo.2)."""
        return received + timedelta(minutes=1)

    def is_in_order(self, start: datetime, end: datetime) -> bool:
        """Tell whether the end comes after the start, as instants; the same instant does not (dateChangedTo.2)."""
        return start < end

    def read_instant(self, value: object, name: str) -> datetime:
        """Read a timestamp: RFC 3339 with Z or an offset, perhaps a space before it (dateChangedFrom.1)."""
        if isinstance(value, str):
            try:
                return parse_instant(value)
            except (ValueError, OverflowError):
                pass
        raise invalid(f"{name} is no timestamp such as 2026-11-01T08:00:00.00Z, with Z or an offset.", name)

    # --- what is exported --------------------------------------------------------------------------

    def read_type(self, body: Body) -> ResourceType:
        """Read resourceType: one of the listed names, letter by letter (resourceType.1)."""
        if "resourceType" not in body:
            raise invalid("resourceType is missing.", "resourceType")
        name = body["resourceType"]
        kind = self.types.get(name) if isinstance(name, str) else None
        if kind is None:
            raise invalid("resourceType is none of those that the resources route lists.", "resourceType")
        return kind

    def read_ids(self, body: Body, name: str) -> tuple[int, ...] | None:
        """Read an array of 32-bit integers, in the order given; None without it."""
        items = self.read_array(body, name)
        return None if items is None else tuple(self.read_int32(v, f"{name}[{i}]") for i, v in enumerate(items))

    def read_array(self, body: Body, name: str) -> list[Any] | None:
        """Read an array of anything; None without it."""
        if name not in body:
            return None
        if not isinstance(body[name], list):
            raise invalid(f"{name} is not an array.", name)
        return list(body[name])

    def read_int32(self, value: object, name: str) -> int:
        """Read a whole number of 32 bits; 1000.0 is one (JSON Schema's integer)."""
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        if not whole or not -INT32_MAX - 1 <= value <= INT32_MAX:  # type: ignore[operator]
            raise invalid(f"{name} is no whole number of 32 bits.", name)
        return int(value)  # type: ignore[call-overload,no-any-return]

    def read_fields(self, body: Body, kind: ResourceType | None) -> tuple[str, ...] | None:
        """Read requestedFields. Names that the type does not have are dropped, and so not echoed (facts:1.2)."""
        items = self.read_array(body, "requestedFields")
        if items is None:
            return None
        for index, item in enumerate(items):
            if not isinstance(item, str):
                raise invalid(f"requestedFields[{index}] is no text.", f"requestedFields[{index}]")
        return tuple(name for name in items if kind is not None and name in kind.by_name)

    def read_custom_fields(self, body: Body, kind: ResourceType | None) -> tuple[int, ...] | None:
        """Read requestedCustomFieldIds. Ids that the type does not have are dropped, and so not echoed."""
        ids = self.read_ids(body, "requestedCustomFieldIds")
        return None if ids is None else tuple(i for i in ids if kind is not None and i in kind.by_custom_id)

    def read_limit(self, body: Body) -> int | None:
        """Read fileSizeKbLimit, from 1000 to 100000 (fileSizeKbLimit.1); None without it."""
        name = "fileSizeKbLimit"
        if name not in body:
            return None
        limit = self.read_int32(body[name], name)
        least, most = self.limit_bounds()
        if not least <= limit <= most:
            raise invalid(f"{name} must be from {least} to {most}.", name)
        return limit

    def limit_bounds(self) -> tuple[int, int]:
        """The smallest and the largest fileSizeKbLimit."""
        return MIN_LIMIT_KB, MAX_LIMIT_KB

    def read_switch(self, body: Body, name: str) -> bool | None:
        """Read true or false; None without it."""
        value = body.get(name)
        if value is not None and not isinstance(value, bool):
            raise invalid(f"{name} is neither true nor false.", name)
        return value

    def read_mode(self, body: Body) -> int | None:
        """Read contactMode: 1, 2 or 3 (contactMode.1 to contactMode.4); None without it."""
        name = "contactMode"
        if name not in body:
            return None
        mode = self.read_int32(body[name], name)
        if mode not in (1, 2, 3):
            raise invalid(f"{name} must be 1 (people), 2 (organizations) or 3 (both).", name)
        return mode

    def read_codes(self, body: Body, kind: ResourceType | None) -> tuple[int, ...] | None:
        """Read requestedActivistCodeIds; for other types than ContactsActivistCodes it is passed over."""
        if kind is not None and not self.has_activist_codes(kind):
            return None
        return self.read_ids(body, "requestedActivistCodeIds")

    def has_activist_codes(self, kind: ResourceType) -> bool:
        """Tell whether the activist-code filter means something for a type (requestedActivistCodeIds.2)."""
        return kind.name == "ContactsActivistCodes"


def refuse_constant(name: str) -> Any:  # noqa: ANN401 - it never returns
    """Refuse NaN and Infinity, which Python reads and JSON has not."""
    raise ValueError(f"{name} is no JSON")
