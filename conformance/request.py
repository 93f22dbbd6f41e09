"""The meaning of a creation body: what a job was asked to export, as instants, sets and switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..spec.offer import DEFAULT_LIMIT_KB, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True)
class JobRequest:
    """A valid creation body, understood. None and absent are the same (facts, section 4.1).

    `ids`, `codes`: None when absent, else the set asked for (perhaps empty). `limit_kb` is in kilobytes.
    """

    resource_type: str
    start: datetime
    end: datetime | None = None
    ids: frozenset[int] | None = None
    fields: tuple[str, ...] = ()
    custom_fields: tuple[int, ...] = ()
    limit_kb: int = DEFAULT_LIMIT_KB
    limit_given: bool = False
    include_inactive: bool = False
    contact_mode: int | None = None
    codes: frozenset[int] | None = None

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> JobRequest:
        """Read a valid body; raises KeyError, ValueError or TypeError when it is not one."""
        ids, codes, end = body.get("requestedIds"), body.get("requestedActivistCodeIds"), body.get("dateChangedTo")
        limit = body.get("fileSizeKbLimit")
        return cls(
            resource_type=body["resourceType"],
            start=parse_instant(body["dateChangedFrom"]),
            end=None if end is None else parse_instant(end),
            ids=None if ids is None else frozenset(ids),
            fields=tuple(body.get("requestedFields") or ()),
            custom_fields=tuple(body.get("requestedCustomFieldIds") or ()),
            limit_kb=DEFAULT_LIMIT_KB if limit is None else limit,
            limit_given=limit is not None,
            include_inactive=bool(body.get("includeInactive") or False),
            contact_mode=body.get("contactMode"),
            codes=None if codes is None else frozenset(codes),
        )
