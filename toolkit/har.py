"""Reads recorded HTTP traffic (HAR 1.2): the exchanges with this API that a HAR file holds.

The format: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..conformance.observation import Exchange
from ..conformance.schema_judge import CHANGE_TYPES, CREATE, FIELDS, JOB, RESOURCES, operation_of
from ..spec.offer import parse_instant
from .remark import BadInput

if TYPE_CHECKING:
    from ..conformance.observation import Purpose

COLLECTION = "/changedEntityExportJobs"
_PURPOSES: dict[str | None, Purpose] = {
    CREATE: "create", JOB: "job", RESOURCES: "resources", FIELDS: "fields", CHANGE_TYPES: "changeTypes",
}  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """One exchange of a HAR file. `number` counts the file's entries from 1.

    A body that was sent but is not in the file, because the recorder left it out, is marked as not recorded.
    """

    number: int
    exchange: Exchange
    operation: str
    api_root: str
    request_recorded: bool
    response_recorded: bool

    @property
    def name(self) -> str:
        """The exchange in words: its number, method and path."""
        return f"entry {self.number}, {self.exchange.method} {urlsplit(self.exchange.url).path}"


def is_har(value: object) -> bool:
    """Tell whether a JSON value is a HAR file's: an object whose `log` holds a list of entries."""
    if not isinstance(value, dict) or not isinstance(value.get("log"), dict):
        return False
    return isinstance(value["log"].get("entries"), list)


def recorded(value: dict[str, Any], path: str) -> list[Recorded]:
    """The exchanges with the five routes, in order. Raises BadInput where there are none, or an entry is no entry."""
    entries = value["log"]["entries"]
    found = []
    for number, entry in enumerate(entries, start=1):
        one = _entry(number, entry, path)
        if one is not None:
            found.append(one)
    if not found:
        raise BadInput(
            f"{path} is a HAR file of {len(entries)} entries, none of which is of this API: no URL has "
            f"{COLLECTION} as one of its five routes do. Record the calls of a client of Changed Entity Export Jobs."
        )
    return found


def _entry(number: int, entry: Any, path: str) -> Recorded | None:  # noqa: ANN401 - any JSON value
    try:
        request, response = entry["request"], entry["response"]
        method, url = str(request["method"]).upper(), str(request["url"])
        headers = _headers(response)
        status = int(response.get("status") or 0) or None
        sent, sent_recorded = _sent(request, method)
        body, body_recorded = _received(response)
        started = _instant(entry.get("startedDateTime"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            f"{path}: entry {number} of the HAR file is incomplete ({type(error).__name__}: {error}). "
            "Record it anew, with the recorder's own export."
        ) from None
    head, collection, _ = url.partition(COLLECTION)
    if not collection:
        return None
    operation, _ = operation_of(method, url, head)
    if operation is None:
        return None
    content = response.get("content")
    mime = content.get("mimeType") if isinstance(content, dict) else None
    if "content-type" not in headers and mime:
        headers["content-type"] = str(mime)
    exchange = Exchange(
        number=number, purpose=_PURPOSES[operation], method=method, url=url, started=started,
        ended=started + timedelta(milliseconds=_milliseconds(entry.get("time"))),
        request_headers=_headers(request) | _mime(request), request_body=sent,
        status=status, headers=headers, body=body,
    )  # fmt: skip
    return Recorded(number, exchange, operation, head, sent_recorded, body_recorded)


def _headers(message: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON value
    return {str(item["name"]).lower(): str(item["value"]) for item in message.get("headers") or ()}


def _mime(request: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON value
    data = request.get("postData")
    return {"content-type": str(data["mimeType"])} if isinstance(data, dict) and data.get("mimeType") else {}


def _sent(request: Any, method: str) -> tuple[bytes | None, bool]:  # noqa: ANN401 - any JSON value
    """The request's body, and whether the file tells it. A POST that says it sent no byte has an empty one."""
    data = request.get("postData")
    if isinstance(data, dict) and isinstance(data.get("text"), str):
        text = data["text"]
        return (_decoded(text) if data.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")), True
    if method in ("GET", "HEAD"):
        return None, True
    return b"", request.get("bodySize") == 0


def _received(response: Any) -> tuple[bytes, bool]:  # noqa: ANN401 - any JSON value
    content = response.get("content")
    if isinstance(content, dict) and isinstance(content.get("text"), str):
        text = content["text"]
        return (_decoded(text) if content.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")), True
    return b"", isinstance(content, dict) and content.get("size") == 0 and response.get("bodySize") == 0


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _instant(value: object) -> datetime:
    """When an entry was recorded; the present where it does not say so legibly."""
    try:
        return parse_instant(str(value))
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def _milliseconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e12 else 0.0
