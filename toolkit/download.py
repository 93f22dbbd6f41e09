"""A finished job and the files that were downloaded of it, as a user names them: read, and told apart from others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..spec.offer import DEFAULT_LIMIT_KB, MAX_LIMIT_KB, MIN_LIMIT_KB, PRIMARY_KEYS
from .reading import read_json
from .remark import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_NOT_CSV = {
    b"\x1f\x8b": "is compressed with gzip. Unpack it first",
    b"PK\x03\x04": "is a ZIP archive. Unpack it first",
    b"PAR1": "is a Parquet file, and no CSV file of an export",
    b"%PDF": "is a PDF file, and no CSV file of an export",
}
_MARKUP = (b"<!doctype", b"<html", b"<?xml")
# A column that is a key wherever it stands, with the columns beside which it is one of another type's.
_TELLING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ContactsActivistCodeID", ()),
    ("ContactsSurveyResponseID", ()),
    ("ContributionAdjustmentID", ()),
    ("EventTicketTransactionGuestID", ()),
    ("ContactsContactID", ("ContactsSurveyResponseID",)),
    ("ActivistCodeID", ("VanID",)),
    ("ContributionID", ("ContributionAdjustmentID", "EventTicketTransactionGuestID")),
    ("RecurringContributionID", ("ContributionID",)),
    ("ContactsOnlineFormID", ("ContributionID",)),
)


@dataclass(frozen=True)
class Job:
    """What is known of the job. `limit_kb` is None where nobody said it, and so are `resource_type` and `key`."""

    body: Mapping[str, Any]
    limit_kb: int | None
    resource_type: str | None
    key: str | None
    ids: frozenset[int]
    fields: tuple[str, ...]

    def key_among(self, names: Sequence[str]) -> str | None:
        """The primary key's column in a file with these columns; None where nothing tells which one it is."""
        if self.key is not None:
            return self.key
        if self.resource_type is None:
            return telling_key(names)
        likely = f"{self.resource_type.rstrip('s')}ID".lower()
        return next((name for name in names if name.strip().lower() == likely), None)

    @property
    def count(self) -> int | None:
        """The announced number of records, or None."""
        count = self.body.get("exportedRecordCount")
        return count if isinstance(count, int) and not isinstance(count, bool) else None

    @property
    def listed(self) -> int | None:
        """How many files the job lists, or None."""
        files = self.body.get("files")
        return len(files) if isinstance(files, list) else None


def read_job(
    path: str | Path, *, request: str | Path | None, limit_kb: int | None, resource_type: str | None, key: str | None
) -> Job:
    """Read the answer about a finished job, and the request where there is one.

    Raises BadInput when they are none, when the job is not Complete, or when the options contradict the API's bounds.
    """
    body = read_json(path)
    if not isinstance(body, dict) or "jobStatus" not in body:
        raise BadInput(
            f"{path} is no answer about a job: it is no object with a jobStatus. "
            "Save what GET /changedEntityExportJobs/{exportJobId} answers once the job is Complete."
        )
    if body["jobStatus"] != "Complete":
        raise BadInput(
            f"{path} tells of a job that is {str(body['jobStatus'])[:40]!r}, not 'Complete', so its files are not "
            "final. Ask after the job again, and save that answer."
        )
    sent = {} if request is None else read_json(request)
    if not isinstance(sent, dict):
        raise BadInput(f"{request} is no creation request: it is no JSON object.")
    known = {**body, **{name: value for name, value in sent.items() if value is not None}}
    kind = resource_type or known.get("resourceType")
    return Job(
        body=body,
        limit_kb=_limit(limit_kb, known, request_given=request is not None),
        resource_type=kind if isinstance(kind, str) else None,
        key=key or PRIMARY_KEYS.get(str(kind)),
        ids=frozenset(one for one in _list(known, "requestedIds") if isinstance(one, int)),
        fields=tuple(str(name) for name in _list(sent, "requestedFields")),
    )


def _list(values: Mapping[str, Any], name: str) -> list[Any]:
    found = values.get(name)
    return found if isinstance(found, list) else []


def _limit(given: int | None, known: Mapping[str, Any], *, request_given: bool) -> int | None:
    if given is not None:
        if not MIN_LIMIT_KB <= given <= MAX_LIMIT_KB:
            raise BadInput(f"The limit {given} lies outside of {MIN_LIMIT_KB} to {MAX_LIMIT_KB}, which the API allows.")
        return given
    told = known.get("fileSizeKbLimit")
    if isinstance(told, int) and not isinstance(told, bool):
        return told
    return DEFAULT_LIMIT_KB if request_given else None


def check_csv(path: Path) -> None:
    """Raise BadInput when a file cannot be read, or is surely something else than CSV."""
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder. Name the CSV files in it.")
        with path.open("rb") as file:
            start = file.read(4096)
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}. Check its name and the folder that you are in.") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    for mark, what in _NOT_CSV.items():
        if start.startswith(mark):
            raise BadInput(f"{path} {what}.")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise BadInput(
            f"{path} is an HTML or XML page, and no CSV file: perhaps what the server answers for a link that has "
            "expired. Download the file again."
        )
    if start.lstrip().startswith((b'{"', b"{\n", b"[{")):
        raise BadInput(f"{path} is JSON, and no CSV file. The job's answer comes first, and its CSV files after it.")


def telling_key(names: Sequence[str]) -> str | None:
    """The key column of the type that a header shows; None where it could be of several types, or of an unknown one."""
    there = {name.strip().lower(): name for name in names}
    for column, others in _TELLING:
        if column.lower() in there and not any(other.lower() in there for other in others):
            return there[column.lower()]
    ids = [name for name in there if name.endswith("id")]
    # A table that starts with another id, and has the contact's further on, is about something else than contacts.
    return there["vanid"] if ids[:1] == ["vanid"] and not any(c.lower() in there for c, _ in _TELLING) else None
