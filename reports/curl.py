"""A line for a shell that sends a recorded request again.

Credentials stand as variables of the environment, the ones that the command line itself reads, so that a
line can be copied from a report as it is. What was wrong with them on purpose is shown as it was sent.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..conformance.observation import Exchange

BODY_LIMIT = 4096
"""Bytes of a body that a line shows; a longer one is cut, with a note."""

_OWN_HEADERS = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host",
     "transfer-encoding", "user-agent"}
)  # fmt: skip


def curl_line(exchange: Exchange) -> str:
    """Return the curl line that repeats an exchange's request, quoted for a POSIX shell.

    The body is given byte for byte up to `BODY_LIMIT`. Links are shown whole: the redactor of the report
    strikes out their signed parts.
    """
    if exchange.adapted:
        return _adapted(exchange)
    words = ["curl", "--silent", "--show-error"]
    words += ["--location", "--output", "export.csv"] if exchange.purpose == "download" else ["--include"]
    body = exchange.request_body
    if exchange.method not in ("GET", "POST") or (exchange.method == "POST") != (body is not None):
        words += ["--request", shlex.quote(exchange.method)]
    words += _credentials(exchange)
    words += _headers(exchange)
    words.append(shlex.quote(exchange.url))
    if body is None:
        return " ".join(words)
    shown = body[:BODY_LIMIT]
    note = f" # the body is cut: {BODY_LIMIT} of {len(body)} bytes ..." if len(body) > BODY_LIMIT else ""
    text = _text(shown, cut=bool(note))
    if text is None:
        octal = "".join(f"\\{byte:03o}" for byte in shown)
        return f"printf '{octal}' | {' '.join(words)} --data-binary @-{note}"
    return f"{' '.join(words)} --data-raw {shlex.quote(text)}{note}"


def _adapted(exchange: Exchange) -> str:
    """Return a comment for a shell on what an adapter was asked to do: no request does the same."""
    body = (exchange.request_body or b"").decode("utf-8")
    shown = body if len(body) <= BODY_LIMIT else f"{body[:BODY_LIMIT]} ..."
    name, _, path = exchange.url.removeprefix("adapter:").rpartition("/")
    return f"# the adapter {name}, account {exchange.account}: {exchange.method} /{path} {shown}".rstrip()


def _text(body: bytes, *, cut: bool) -> str | None:
    """Return a body as text that a shell's word can hold, or None; a character that was cut in two is left out."""
    try:
        text = body.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if not cut or error.start < len(body) - 3:
            return None
        text = body[: error.start].decode("utf-8")
    return None if "\0" in text else text


def _credentials(exchange: Exchange) -> list[str]:
    """Return the words that send the credentials, by the names of their variables."""
    prefix = "EXPORTPROOF_OTHER" if exchange.account == "second" else "EXPORTPROOF"
    user, key = f"${prefix}_USER", f"${prefix}_KEY"
    sent = _sent(exchange).get("authorization")
    if exchange.credentials in ("malformed", "bearer"):
        return ["--header", shlex.quote(f"Authorization: {sent or 'Basic !!!not-base64!!!'}")]
    if exchange.purpose == "download":
        # A link is tried without credentials first, and with them only where it asks for them.
        pair = f"{user}:{key}" if sent else None
    else:
        pair = {
            "valid": f"{user}:{key}",
            "none": None,
            "wrong-key": f"{user}:a-wrong-key",
            "longer-key": f"{user}:a-key-that-goes-on-behind-the-right-one",
            "shorter-key": f"{user}:a-key-without-its-last-letter",
            "other-case-key": f"{user}:a-key-in-other-letter-case",
            "empty-key": f"{user}:",
            "unknown-user": "an-unknown-user:no-such-key",
        }[exchange.credentials]
    return ["--user", f'"{pair}"'] if pair else []


def _headers(exchange: Exchange) -> list[str]:
    """Return the words for the media type, and for headers that a client does not send by itself."""
    sent = _sent(exchange)
    media_type = sent.get("content-type", "application/json" if exchange.request_body is not None else None)
    headers = {} if media_type is None else {"Content-Type": media_type}
    headers |= {name: value for name, value in sent.items() if name not in _OWN_HEADERS}
    return [word for name, value in headers.items() for word in ("--header", shlex.quote(f"{name}: {value}"))]


def _sent(exchange: Exchange) -> dict[str, str]:
    """Return the headers that were sent, by their names in lower case."""
    return {name.lower(): value for name, value in exchange.request_headers.items()}
