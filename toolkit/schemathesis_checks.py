"""The catalogue's rules and the generators' bodies inside a plain `schemathesis run`.

    SCHEMATHESIS_HOOKS=exportproof.schemathesis schemathesis run openapi.yaml --url http://127.0.0.1:8080/v4 -a user:key

Schemathesis knows the schema alone. These hooks give its bodies a window, a type and fields that the target takes,
judge each answer by the catalogue and by this project's own document, and follow some of the jobs to their files.
Settings come from the environment: EXPORTPROOF_CONTROL_URL, which lets records be put in place first, and
EXPORTPROOF_FOLLOWED_JOBS, how many jobs are followed (default 12).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import strategies as st

from ..conformance.client import Stop
from ..conformance.control import ControlError
from ..conformance.observation import Exchange
from ..conformance.schema_judge import CREATE, operation_of
from ..conformance.settings import Settings
from ..generators.classify import VALID, classify_bytes
from ..generators.repair import Repair
from ..generators.stamps import on_grid, spellings
from ..spec import catalogue
from .answers import creation_remarks
from .har import COLLECTION
from .remark import BadInput
from .sample_records import sample_records
from .validate import response_remarks
from .workbench import Workbench

if TYPE_CHECKING:
    from ..spec.offer import Offer

FOLLOWED = "EXPORTPROOF_FOLLOWED_JOBS"
CONTROL = "EXPORTPROOF_CONTROL_URL"
_EXCUSED = (401, 403, 404, 413, 415, 429)
"""Refusals for another reason than what the body says: credentials, permission, size, media type and pace."""


@dataclass
class _Target:
    """What is known of one API root. `bench` is None where the target did not say what it offers."""

    bench: Workbench | None
    repair: Repair | None
    left: int
    told: set[tuple[str, str]] = field(default_factory=set)


_LOCK = threading.RLock()
_TARGETS: dict[tuple[str, str | None], _Target] = {}


def register() -> None:
    """Register the hooks and checks with Schemathesis, for this process."""
    schemathesis.hook("before_call")(before_call)
    schemathesis.hook("filter_failure")(filter_failure)
    for check in (exportproof_document, exportproof_validation, exportproof_export):
        schemathesis.check(check)
    stamps = st.integers(1, 80 * 86_400).map(lambda age: on_grid(datetime.fromtimestamp(_present() - age, UTC)))
    schemathesis.openapi.format("export-timestamp", stamps.flatmap(spellings))


def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:  # noqa: ANN401, ARG001 - Schemathesis' own
    """Repair a creation's body where no schema can say what is right; what breaks the schema stays as it is."""
    if (
        case.method.upper() != "POST"
        or not case.path.rstrip("/").endswith(COLLECTION)
        or not isinstance(case.body, dict)
    ):
        return
    target = _target(case, kwargs)
    if target is not None and target.repair is not None:
        with _LOCK:
            case.body = target.repair.body(case.body, thorough=True)


def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ANN401, ARG001
    """Drop what Schemathesis holds against a creation by the schema alone, where the documentation leaves it open.

    A null or an unknown property may well be taken, and a date may be refused for what no schema can say.
    """
    kind = type(failure).__name__
    if kind not in ("AcceptedNegativeData", "RejectedPositiveData"):
        return True
    target = _known(response, case)
    if target is None or target.bench is None:
        return True
    judged = classify_bytes(_exchange(response).request_body or b"", target.bench.offer, _now(case))
    return judged.startswith("invalid:") if kind == "AcceptedNegativeData" else judged == VALID


def exportproof_document(ctx: Any, response: Any, case: Any) -> None:  # noqa: ANN401, ARG001 - Schemathesis' own
    """The answer has the shape that this project's document gives it, whatever the tested one says."""
    exchange = _exchange(response)
    head, collection, _ = exchange.url.partition(COLLECTION)
    operation = operation_of(exchange.method, exchange.url, head)[0] if collection else None
    if operation is None:
        return
    errors = [one for one in response_remarks(exchange, head, operation, case.path) if one.level == "error"]
    if operation == CREATE:
        errors += [one for one in creation_remarks(exchange, _now(case), case.path) if one.code == "untrue-echo"]
    assert not errors, "\n".join(map(str, errors))  # noqa: S101 - that is how a check fails


def exportproof_validation(ctx: Any, response: Any, case: Any) -> None:  # noqa: ANN401, ARG001 - Schemathesis' own
    """What has to be refused is refused, and what has to be accepted is (the catalogue's family validation)."""
    target = _known(response, case)
    exchange = _exchange(response)
    if target is None or target.bench is None or exchange.status in _EXCUSED:
        return
    body = exchange.request_body or b""
    sent_as_json = exchange.request_headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    if not sent_as_json or exchange.status is None or exchange.status >= 500:
        return
    judged = classify_bytes(body, target.bench.offer, _now(case))
    refused = 400 <= exchange.status < 500
    if judged == VALID:
        told = exchange.body[:300].decode("utf-8", "replace")
        assert not refused, f"validation/legal-accepted: a valid request was answered {exchange.status}: {told}"  # noqa: S101
    elif judged.startswith("invalid:"):
        rule = judged.removeprefix("invalid:")
        title = catalogue.rules()[rule].title
        assert refused, f"{rule}: {title}, but it was answered {exchange.status}"  # noqa: S101


def exportproof_export(ctx: Any, response: Any, case: Any) -> None:  # noqa: ANN401, ARG001 - Schemathesis' own
    """Jobs end, and their files hold what they should: some exports are asked for again, downloaded and judged."""
    target = _known(response, case)
    if target is None or target.bench is None or response.status_code != 201:
        return
    raw = _exchange(response).request_body or b""
    with _LOCK:
        if target.left <= 0 or classify_bytes(raw, target.bench.offer, _now(case)) != VALID:
            return
        target.left -= 1
        try:
            target.bench.export(json.loads(raw), "a request of Schemathesis")
        except Stop as stop:
            target.left = 0
            raise AssertionError(f"states/completes: {stop}") from None
        new = [one for one in target.bench.failures() if (one.rule, one.key) not in target.told]
        target.told |= {(one.rule, one.key) for one in new}
    lines = [f"{one.rule}: {one.message}: expected {one.expected}, received {one.received}" for one in new]
    assert not lines, "\n".join(lines)  # noqa: S101 - that is how a check fails


# --- the target ------------------------------------------------------------------------------------------


def _known(response: Any, case: Any) -> _Target | None:  # noqa: ANN401 - Schemathesis' own
    """The target of a creation that was answered; None for any other request."""
    if case.method.upper() != "POST" or COLLECTION not in response.request.url:
        return None
    path = response.request.url.partition("?")[0].rstrip("/")
    if not path.endswith(COLLECTION):
        return None
    return _of(path.removesuffix(COLLECTION), response.request.headers.get("Authorization"))


def _target(case: Any, kwargs: dict[str, Any]) -> _Target | None:  # noqa: ANN401 - Schemathesis' own
    prepared = case.as_transport_kwargs(base_url=kwargs.get("base_url"), headers=kwargs.get("headers"))
    root = str(prepared["url"]).partition("?")[0].rstrip("/").removesuffix(COLLECTION)
    headers = {str(name).lower(): str(value) for name, value in (prepared.get("headers") or {}).items()}
    given = headers.get("authorization")
    auth = kwargs.get("auth") or prepared.get("auth")
    if given is None and isinstance(auth, tuple):
        given = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
    return _of(root, given)


def _of(root: str, authorization: str | None) -> _Target:
    """The target at an API root, asked once what it offers."""
    with _LOCK:
        key = (root, authorization)
        if key not in _TARGETS:
            _TARGETS[key] = _introduced(root, authorization)
        return _TARGETS[key]


def _introduced(root: str, authorization: str | None) -> _Target:
    user, password = _credentials(authorization)
    control = os.environ.get(CONTROL) or None
    try:
        bench = Workbench(Settings(root, control_url=control, user=user, key=password, seed=0))
        if bench.session.can("changes"):
            for name, changes in sample_records(bench.offer, bench.session.now()).items():
                bench.put(name, *changes)
    except (BadInput, ControlError, Stop):
        # Nothing can be said of a target that does not say what it has; Schemathesis' own checks go on.
        return _Target(None, None, 0)
    followed = os.environ.get(FOLLOWED, "")
    left = int(followed) if followed.isdigit() else 12
    return _Target(bench, _repair(bench.offer, bench.session.now()), left)


def _repair(offer: Offer, now: datetime) -> Repair:
    return Repair(catalogue.document("openapi.yaml"), offer, now, seed=0)


def _credentials(authorization: str | None) -> tuple[str | None, str | None]:
    scheme, _, encoded = (authorization or "").partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return (user, password) if scheme.lower() == "basic" and colon else (None, None)


def _now(case: Any) -> datetime:  # noqa: ANN401, ARG001 - Schemathesis' own
    """The target's present, as its last answer told it."""
    for target in _TARGETS.values():
        if target.bench is not None:
            return target.bench.session.now()
    return datetime.now(UTC)


def _present() -> float:
    return datetime.now(UTC).timestamp()


def _exchange(response: Any) -> Exchange:  # noqa: ANN401 - Schemathesis' own
    """A response of Schemathesis as an exchange."""
    request, now = response.request, datetime.now(UTC)
    body = request.body
    return Exchange(
        number=1, purpose="probe", method=str(request.method), url=str(request.url), started=now, ended=now,
        request_headers={name.lower(): str(value) for name, value in request.headers.items()},
        request_body=body.encode() if isinstance(body, str) else body, status=response.status_code,
        headers={name.lower(): ", ".join(map(str, value)) if isinstance(value, list) else str(value)
                 for name, value in response.headers.items()},
        body=response.content,
    )  # fmt: skip
