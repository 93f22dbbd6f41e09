"""The events of a record: each as it is written, and as it is read back, in pairs.

docs/record-format.md describes them, spec/record.schema.json is their schema. Exchanges are named by their
numbers, downloads by those of their exchanges, jobs and resource types by their names.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..spec.offer import Field, Offer, Resource, format_instant, parse_instant
from .control import change_of
from .observation import (
    AccessObservation,
    Exchange,
    FileObservation,
    JobObservation,
    LinkObservation,
    ProbeObservation,
)
from .request import JobRequest

if TYPE_CHECKING:
    from datetime import datetime

    from .ledger import Change, Event, Ledger
    from .table import Table

LONGEST_BODY = 4096
"""Bytes of a body that stand in the log itself; longer ones are contents beside it."""

Written = dict[str, Any]
Read = Mapping[str, Any]
Keep = Callable[[bytes], str]
"""Keeps a content beside the log, and returns its name."""
Fetch = Callable[[str], bytes]
"""Returns a content by its name."""


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant, 6)


def _parsed(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


# --- what a target offers --------------------------------------------------------------------------------


def write_target(offer: Offer, capabilities: frozenset[str]) -> Written:
    """What the target can do, and the resource types that it lists."""
    resources = [
        {
            "name": resource.name,
            "key": resource.key,
            "fields": [
                {"name": f.name, "type": f.type, "core": f.core, "maxCharacters": f.max_characters}
                for f in resource.fields
            ],
            "customFields": list(resource.custom_fields),
        }
        for resource in offer.resources.values()
    ]
    return {
        "type": "target",
        "capabilities": sorted(capabilities),
        "resources": resources,
        "unasked": sorted(offer.unasked),
    }


def read_target(event: Read) -> tuple[Offer, frozenset[str]]:
    """Return the offer and the capabilities."""
    resources = {
        item["name"]: Resource(
            item["name"],
            item["key"],
            tuple(Field(f["name"], f["type"], f["core"], f["maxCharacters"]) for f in item["fields"]),
            tuple(item["customFields"]),
        )
        for item in event["resources"]
    }
    return Offer(resources, frozenset(event.get("unasked", ()))), frozenset(event["capabilities"])


# --- exchanges and downloads -----------------------------------------------------------------------------


def write_exchange(exchange: Exchange, keep: Keep) -> Written:
    """One request and its answer."""
    return {
        "type": "exchange",
        "number": exchange.number,
        "purpose": exchange.purpose,
        "method": exchange.method,
        "url": exchange.url,
        "started": _instant(exchange.started),
        "ended": _instant(exchange.ended),
        "account": exchange.account,
        "credentials": exchange.credentials,
        "request": {"headers": dict(exchange.request_headers), "body": _write_body(exchange.request_body, keep)},
        "status": exchange.status,
        "headers": dict(exchange.headers),
        "body": _write_body(exchange.body, keep),
        "error": exchange.error,
    }


def read_exchange(event: Read, fetch: Fetch) -> Exchange:
    """Return the exchange."""
    return Exchange(
        number=event["number"],
        purpose=event["purpose"],
        method=event["method"],
        url=event["url"],
        started=parse_instant(event["started"]),
        ended=parse_instant(event["ended"]),
        account=event["account"],
        credentials=event["credentials"],
        request_headers=event["request"]["headers"],
        request_body=_read_body(event["request"]["body"], fetch),
        status=event["status"],
        headers=event["headers"],
        body=_read_body(event["body"], fetch) or b"",
        error=event["error"],
    )


def _write_body(body: bytes | None, keep: Keep) -> Written | None:
    """Return a body as text where it is text, in base64 otherwise, and by its content's name when it is long."""
    if body is None:
        return None
    if len(body) > LONGEST_BODY:
        return {"content": keep(body)}
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _read_body(value: Read | None, fetch: Fetch) -> bytes | None:
    if value is None:
        return None
    if "content" in value:
        return fetch(value["content"])
    return value["text"].encode() if "text" in value else base64.b64decode(value["base64"])


def write_file(file: FileObservation, link: str, content: str | None) -> Written:
    """One download. `link` is the link as it may be shown; `content` names what was downloaded, if anything."""
    return {
        "type": "file",
        "exchange": file.exchange.number,
        "error": file.exchange.error,
        "index": file.index,
        "link": link,
        "size": file.size,
        "sha256": file.sha256,
        "content": content,
        "authorized": file.authorized,
    }


def read_file(event: Read, exchanges: Mapping[int, Exchange], table_of: Callable[[str], Table]) -> FileObservation:
    """Return the download. `table_of` parses a content, by its name."""
    exchange = exchanges[event["exchange"]]
    if exchange.error != event["error"]:
        # A download that was redirected without end is told so, which none of its exchanges is.
        exchange = replace(exchange, error=event["error"])
    return FileObservation(
        index=event["index"],
        link=event["link"],
        exchange=exchange,
        size=event["size"],
        sha256=event["sha256"],
        table=None if event["content"] is None else table_of(event["content"]),
        authorized=event["authorized"],
    )


# --- the ledger ------------------------------------------------------------------------------------------


def write_ledger(event: Event) -> Written:
    """One event of the ledger; changes that an exchange carried are left to that exchange's body."""
    carried = event.exchange is not None
    return {
        "type": "ledger",
        "account": event.account,
        "resourceType": event.resource_type,
        "exchange": event.exchange,
        "changes": None if carried or event.resource_type is None else [_write_change(c) for c in event.changes],
    }


def _write_change(change: Change) -> Written:
    return {
        "id": change.id,
        "at": _instant(change.at),
        "active": change.active,
        "values": dict(change.values),
        "customFields": dict(change.custom_fields),
        "contactMode": change.contact_mode,
    }


def apply_ledger(event: Read, ledger: Ledger, exchanges: Mapping[int, Exchange]) -> None:
    """Let a ledger go through the event again."""
    resource_type, number = event["resourceType"], event["exchange"]
    if resource_type is None:
        ledger.reset(event["account"])
        return
    if number is None:
        changes = [_read_change(resource_type, item) for item in event["changes"]]
    else:
        carried = json.loads(exchanges[number].request_body or b"")
        changes = [change_of(resource_type, item) for item in carried["changes"]]
    ledger.apply(event["account"], resource_type, changes, number)


def _read_change(resource_type: str, item: Read) -> Change:
    return replace(change_of(resource_type, item), contact_mode=item["contactMode"])


# --- jobs, probes, accesses and links --------------------------------------------------------------------


def write_job(job: JobObservation) -> Written:
    """One job as far as it was observed; a later event of the same name takes its place."""
    return {
        "type": "job",
        "name": job.name,
        "account": job.account,
        "resourceType": job.resource.name,
        "body": _write_json(job.body),
        "create": job.create.number,
        "polls": [exchange.number for exchange in job.polls],
        "files": [file.exchange.number for file in job.files],
        "again": [file.exchange.number for file in job.again],
        "later": [exchange.number for exchange in job.later],
        "ledgerBefore": job.ledger_before,
        "ledgerAfter": job.ledger_after,
        "targetBefore": _instant(job.target_before),
        "targetAfter": _instant(job.target_after),
        "inFlight": sorted(job.in_flight),
        "timedOut": job.timed_out,
        "purpose": job.purpose,
    }


def read_job(
    event: Read, offer: Offer, exchanges: Mapping[int, Exchange], files: Mapping[int, FileObservation]
) -> JobObservation:
    """Return the job."""
    body = _read_json(event["body"])
    return JobObservation(
        name=event["name"],
        account=event["account"],
        resource=offer.resources[event["resourceType"]],
        body=body,
        request=JobRequest.from_body(body),
        create=exchanges[event["create"]],
        polls=tuple(exchanges[number] for number in event["polls"]),
        files=tuple(files[number] for number in event["files"]),
        again=tuple(files[number] for number in event["again"]),
        later=tuple(exchanges[number] for number in event["later"]),
        ledger_before=event["ledgerBefore"],
        ledger_after=event["ledgerAfter"],
        target_before=_parsed(event["targetBefore"]),
        target_after=_parsed(event["targetAfter"]),
        in_flight=frozenset(event["inFlight"]),
        timed_out=event["timedOut"],
        purpose=event["purpose"],
    )


def write_probe(probe: ProbeObservation) -> Written:
    """One creation request that was made for its answer alone."""
    return {
        "type": "probe",
        "rule": probe.rule,
        "label": probe.label,
        "expectation": probe.expectation,
        "exchange": probe.exchange.number,
        "reading": probe.reading,
        "body": None if probe.body is None else _write_json(probe.body),
    }


def read_probe(event: Read, exchanges: Mapping[int, Exchange]) -> ProbeObservation:
    """Return the probe."""
    return ProbeObservation(
        rule=event["rule"],
        label=event["label"],
        expectation=event["expectation"],
        exchange=exchanges[event["exchange"]],
        reading=event["reading"],
        body=None if event["body"] is None else _read_json(event["body"]),
    )


def write_access(access: AccessObservation) -> Written:
    """One request that was made for its status."""
    return {
        "type": "access",
        "rule": access.rule,
        "label": access.label,
        "expectedStatus": access.expected_status,
        "exchange": access.exchange.number,
    }


def read_access(event: Read, exchanges: Mapping[int, Exchange]) -> AccessObservation:
    """Return the access."""
    return AccessObservation(event["rule"], event["label"], event["expectedStatus"], exchanges[event["exchange"]])


def write_link(link: LinkObservation) -> Written:
    """One link that was tried again under a moved clock."""
    return {
        "type": "link",
        "job": link.job,
        "file": link.file.exchange.number,
        "first": link.first.exchange.number,
        "targetNow": _instant(link.target_now),
        "expires": _instant(link.expires),
        "created": _instant(link.created),
        "completed": _instant(link.completed),
        "ranged": link.ranged,
    }


def read_link(event: Read, files: Mapping[int, FileObservation]) -> LinkObservation:
    """Return the link."""
    return LinkObservation(
        job=event["job"],
        file=files[event["file"]],
        first=files[event["first"]],
        target_now=parse_instant(event["targetNow"]),
        expires=_parsed(event["expires"]),
        created=parse_instant(event["created"]),
        completed=parse_instant(event["completed"]),
        ranged=event["ranged"],
    )


def _write_json(value: Any) -> Written:  # noqa: ANN401 - what a suite sends may be any JSON, and worse
    """Return a value as JSON, or as text where it holds a number that JSON does not have, such as NaN."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return {"text": json.dumps(value)}
    return {"json": value}


def _read_json(value: Read) -> Any:  # noqa: ANN401
    return value["json"] if "json" in value else json.loads(value["text"])
