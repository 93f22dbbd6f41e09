"""The formats that the OpenAPI documents name and JSON Schema leaves to its users.

Each check takes any JSON value and is true for what is not text: a format binds strings alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .offer import parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def is_export_timestamp(value: object) -> bool:
    """Tell whether a text is a timestamp with Z or an offset (dateChangedFrom.1).

    One space may stand before the offset, as in the documented grammar. Up to nine fraction digits are taken,
    since servers answer with seven.
    """
    if not isinstance(value, str):
        return True
    try:
        parse_instant(value)
    except (ValueError, OverflowError):
        return False
    return True


def is_web_address(value: object) -> bool:
    """Tell whether a text is an absolute http or https URL without blanks, so that a client can fetch it."""
    if not isinstance(value, str):
        return True
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return False
    blank = any(character.isspace() or not character.isprintable() for character in value)
    return parts.scheme in ("http", "https") and has_host and not blank


FORMATS: Mapping[str, Callable[[object], bool]] = {
    "export-timestamp": is_export_timestamp,
    "uri": is_web_address,
}
"""Every such format by name, as openapi-core takes them as extra_format_validators."""
