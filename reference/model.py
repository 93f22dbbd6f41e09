"""What the reference implementation speaks of: columns and types, records and their versions, requests and jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Literal["Pending", "InProcess", "Complete", "Error"]
Computed = Literal["key", "change-type", "deleted", "first-change", "last-change"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Return an instant as microseconds since 1970 in UTC, the form in which it is stored."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the instant of so many microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


@dataclass(frozen=True)
class Column:
    """One column of an export. `type` is B, T, D, N or M; `max_characters` bounds a text.

    `computed` says what the server fills the column with: the key always, the others when a change does not.
    `custom_id` is the id of a custom field, None for the fields that every account has.
    """

    name: str
    type: str
    core: bool = False
    max_characters: int | None = None
    available_values: tuple[tuple[str, str], ...] = ()
    computed: Computed | None = None
    custom_id: int | None = None


@dataclass(frozen=True)
class ResourceType:
    """One resource type: its primary key's column, its fields, its custom fields and its kinds of change."""

    name: str
    key: str
    columns: tuple[Column, ...]
    custom_columns: tuple[Column, ...] = ()
    change_types: tuple[tuple[int, str, str], ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Its fields by name, custom fields aside."""
        return {column.name: column for column in self.columns}

    @cached_property
    def by_custom_id(self) -> Mapping[int, Column]:
        """Its custom fields by id."""
        return {column.custom_id: column for column in self.custom_columns if column.custom_id is not None}


@dataclass(frozen=True)
class Version:
    """A record from one change on, until the next one. `contact_mode` is 1 or 2 for Contacts, else None.

    `content` is JSON of the values by column and the custom values by id; most versions are never looked into.
    """

    at: datetime
    active: bool
    contact_mode: int | None
    content: str

    @property
    def values(self) -> Mapping[str, Any]:
        """The values that were put in place, by column."""
        return _parsed(self.content)["values"]

    @property
    def custom_values(self) -> Mapping[str, Any]:
        """The values of custom fields, by the id as text."""
        return _parsed(self.content)["customFields"]


# A record's values come again in every export that holds it.
@lru_cache(maxsize=5_000)
def _parsed(content: str) -> Mapping[str, Mapping[str, Any]]:
    parsed: Mapping[str, Mapping[str, Any]] = json.loads(content)
    return parsed


@dataclass(frozen=True)
class Record:
    """A record with all its versions, the oldest first. There is at least one."""

    id: int
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        """The version that holds now."""
        return self.versions[-1]

    @property
    def first(self) -> Version:
        """The version that the record was created with."""
        return self.versions[0]


@dataclass(frozen=True)
class Change:
    """A change to be stored: one record's new version."""

    id: int
    at: datetime
    active: bool
    contact_mode: int | None
    content: str


@dataclass(frozen=True)
class JobRequest:
    """A request that was accepted. None stands for what was not sent.

    `end` is always known: it is the instant of the request when none was sent (dateChangedTo.3).
    `fields` and `custom_field_ids` hold the accepted ones only. `start_text` and `end_text` are both ends as they
    were written.
    """

    resource_type: str
    start: datetime
    end: datetime
    ids: tuple[int, ...] | None = None
    fields: tuple[str, ...] | None = None
    custom_field_ids: tuple[int, ...] | None = None
    limit_kb: int | None = None
    include_inactive: bool | None = None
    contact_mode: int | None = None
    activist_codes: tuple[int, ...] | None = None
    exclude_self: bool | None = None
    start_text: str | None = None
    end_text: str | None = None

    @cached_property
    def id_set(self) -> frozenset[int]:
        """The requested ids, for looking one up."""
        return frozenset(self.ids or ())

    def to_json(self) -> str:
        """Return the request as the store keeps it."""
        plain = {name: value for name, value in vars(self).items() if name in self.__dataclass_fields__}
        return json.dumps({**plain, "start": to_micros(self.start), "end": to_micros(self.end)})

    @classmethod
    def from_json(cls, text: str) -> JobRequest:
        """Read a request that `to_json` wrote."""
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
        }
        return cls(**{**plain, "start": from_micros(plain["start"]), "end": from_micros(plain["end"])})


@dataclass(frozen=True)
class StoredFile:
    """One file of a Complete job. `number` counts from 1, `size` is in bytes, `token` is what its link holds."""

    token: str
    number: int
    size: int
    rows: int


@dataclass(frozen=True)
class Job:
    """A job as it stands. `completed` is the instant at which it became Complete or Error."""

    id: int
    account: str
    status: Status
    request: JobRequest
    created: datetime
    completed: datetime | None = None
    count: int = 0
    code: str | None = None
    message: str | None = None
    files: tuple[StoredFile, ...] = ()


@dataclass
class FilePart:
    """A file while it is written. `number` counts from 1, `content` is what it holds so far, `rows` its records."""

    number: int
    content: bytearray = field(default_factory=bytearray)
    rows: int = 0

    @property
    def size(self) -> int:
        """Its bytes so far, header and all."""
        return len(self.content)


class ExportFailed(Exception):  # noqa: N818 - an ending of a job, told to the client
    """An export cannot be made as it was asked for; the job ends as Error with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        """Keep what the job's answer tells: a code for the help desk and a message for people."""
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with a request, as one error of the envelope (facts:2)."""

    code: str
    text: str
    properties: tuple[str, ...] = ()


class Refused(Exception):  # noqa: N818 - an answer, not an accident
    """A request is refused with a status from 400 on and everything that is wrong with it."""

    def __init__(self, status: int, *flaws: Flaw, headers: Mapping[str, str] | None = None) -> None:
        """Keep the status, what is wrong, and headers that the answer needs."""
        super().__init__("; ".join(flaw.text for flaw in flaws))
        self.status, self.flaws, self.headers = status, flaws, dict(headers or {})


def invalid(text: str, *properties: str) -> Refused:
    """Return a refusal with 400 for one property, or several that do not go together."""
    return Refused(400, Flaw("INVALID_PARAMETER", text, properties))
