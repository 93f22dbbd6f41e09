"""The auth family: every route wants valid credentials, and a refusal names the scheme (auth.1, rfc9110)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..finding import Finding, judges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..observation import AccessObservation, Exchange, Run

_REFUSALS = ("auth/credentials-required", "auth/wrong-key-refused", "auth/malformed-refused")
# A challenge's scheme stands at its start; a comma parts it from the one before (rfc9110, section 11.6.1).
_BASIC = re.compile(r"(?:^|,)\s*basic(?=[\s,]|$)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SHOWN_CHARACTERS = 200


@judges(*_REFUSALS)
def refused(run: Run) -> Iterator[Finding]:
    """Each of the five routes answers 401 without credentials, with a wrong key and with a malformed header."""
    for access in run.accesses:
        if access.rule not in _REFUSALS:
            continue
        if access.rule != "auth/credentials-required" and not _has_credentials(access.exchange):
            # Without credentials of its own, a run has no key to send wrongly.
            continue
        yield judged_by_status(access)


def _has_credentials(exchange: Exchange) -> bool:
    return any(name.lower() == "authorization" for name in exchange.request_headers)


def judged_by_status(access: AccessObservation) -> Finding:
    """What the status of a request that was made for it says of its rule: it is the one expected, or it is not.

    An answer that never came, and a 429 that waiting did not end, are doubt.
    """
    exchange, wanted = access.exchange, access.expected_status
    if exchange.status is None or exchange.status == 429:
        received = (
            f"no answer ({exchange.error})" if exchange.status is None else "status 429, for longer than is waited"
        )
        return Finding(
            access.rule,
            "doubt",
            message=f"how {access.label} is answered could not be told: {received}",
            exchanges=(exchange.number,),
            key="no-answer",
        )
    if exchange.status == wanted:
        return Finding(access.rule, "pass", exchanges=(exchange.number,))
    return Finding(
        access.rule,
        "fail",
        message=f"{access.label} was answered with status {exchange.status}{_meaning(exchange.status)}",
        expected=f"status {wanted}",
        received=f"status {exchange.status}",
        exchanges=(exchange.number,),
        key=f"{access.label}:{exchange.status}",
    )


def _meaning(status: int) -> str:
    if status in range(200, 300):
        return ", so that the request was granted"
    return ", so that the server failed" if status >= 500 else ""


@judges("auth/challenge")
def challenge(run: Run) -> Iterator[Finding]:
    """Every 401 of the API has a WWW-Authenticate header that names Basic (rfc9110, sections 11.6.1 and 15.5.2).

    What a file server says of a link is not the API's.
    """
    rule = "auth/challenge"
    for exchange in run.exchanges:
        if exchange.status != 401 or exchange.purpose in ("download", "control"):
            continue
        header = exchange.headers.get("www-authenticate")
        if header is not None and _BASIC.search(_QUOTED.sub('""', header)):
            yield Finding(rule, "pass", exchanges=(exchange.number,))
            continue
        yield Finding(
            rule,
            "fail",
            message=f"{exchange.method} ({exchange.purpose}) was answered 401 without naming the scheme Basic",
            expected='a header such as WWW-Authenticate: Basic realm="api"',
            received="no WWW-Authenticate header"
            if header is None
            else f"WWW-Authenticate: {header}"[:_SHOWN_CHARACTERS],
            exchanges=(exchange.number,),
            key="absent" if header is None else "other-scheme",
        )
