"""What a user asks of a run, checked once, before anything is sent."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from ..spec.catalogue import families, readings, select
from ..spec.catalogue import rules as catalogue
from ..spec.offer import LINK_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .known import KnownFailure

Profile = Literal["quick", "standard", "thorough"]
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST_LIFETIME = 3_650 * 86_400


class BadSettings(ValueError):  # noqa: N818 - it names what is bad, and is shown to users
    """The call's words are off; the message says which and what to write instead (exit status 4)."""


@dataclass(frozen=True)
class Settings:
    """One run's settings, as contract.md section 3 names them. Durations are in seconds.

    `keys` are the primary key columns that the user named, by resource type, and `custom_fields` the ids of custom
    fields, for a target without a control API that tells them. `resource_types` and `capabilities` are
    those that the user chose of what the target offers; None for all. `adapter` names what stands in for a control API.
    """

    target_url: str
    control_url: str | None = None
    adapter: str | None = None
    adapter_settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    user: str | None = None
    key: str | None = field(default=None, repr=False)
    other_user: str | None = None
    other_key: str | None = field(default=None, repr=False)
    profile: Profile = "standard"
    rules: frozenset[str] = field(default_factory=lambda: select(()))
    pinned: Mapping[str, str] = field(default_factory=dict)
    exit_first: bool = False
    seed: int = field(default_factory=lambda: random.SystemRandom().randrange(2**31))
    job_timeout: float = 60.0
    max_jobs: int | None = None
    max_requests: int | None = None
    link_lifetime: float = LINK_DAYS * 86_400.0
    keys: Mapping[str, str] = field(default_factory=dict)
    custom_fields: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    resource_types: frozenset[str] | None = None
    capabilities: frozenset[str] | None = None
    known: tuple[KnownFailure, ...] = ()
    fault: str | None = None
    variant: str | None = None

    @property
    def second_account(self) -> bool:
        """True when credentials of a second account were given."""
        return self.other_user is not None and self.other_key is not None


def check_url(url: str, what: str) -> str:
    """Return a usable base URL without its trailing slash; raises BadSettings."""
    try:
        parts = urlsplit(url)
        place_fits = (parts.port is None or parts.port > 0) and _is_host(parts.hostname or "")
    except ValueError:
        place_fits = False
    clean = url.isprintable() and " " not in url
    if not (place_fits and clean and parts.scheme in ("http", "https")) or parts.query or parts.fragment:
        raise BadSettings(
            f"{what} {_without_secrets(url)!r} is not a URL of an API root. "
            "Write it like http://127.0.0.1:8080/v4, with http or https, and without a query."
        )
    if parts.username or parts.password:
        raise BadSettings(f"{what} holds credentials. Take them out and give them with --user and --key.")
    return url.rstrip("/")


def _is_host(name: str) -> bool:
    """Tell whether a name can be looked up: no label of it is empty or longer than 63 characters."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return bool(name)


def _without_secrets(url: str) -> str:
    """Return the text of a URL, however malformed, without what may be a password or a token in it."""
    before, at, rest = url.partition("?")[0].rpartition("@")
    scheme = before.partition("//")[0] + "//" if "//" in before else ""
    return (f"{scheme}...@{rest}" if at else rest) + ("?..." if "?" in url else "")


def parse_duration(text: str) -> float:
    """Read 90s, 24h or 20d as seconds, at most ten years; raises BadSettings."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip(), re.ASCII)
    seconds = float(match[1]) * _UNITS[match[2]] if match is not None else 0.0
    if not 0 < seconds <= _LONGEST_LIFETIME:
        raise BadSettings(
            f"The link lifetime {text!r} is not a duration above zero, of ten years at most. "
            "Write a number and s, m, h or d, such as 90s, 24h or 20d."
        )
    return seconds


def parse_readings(pairs: Iterable[str]) -> dict[str, str]:
    """Read NAME=VALUE pairs against the readings that exist; raises BadSettings."""
    pinned: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if name not in readings():
            raise BadSettings(
                f"There is no reading {name!r}.{_perhaps(name, readings())} 'exportproof readings' lists every reading."
            )
        values = readings()[name].values
        if value not in values:
            wrong = f"The reading {name!r} has no value {value!r}." if equals else f"{pair!r} gives no value."
            raise BadSettings(f"{wrong} Write {' or '.join(f'{name}={known}' for known in values)}.")
        if pinned.setdefault(name, value) != value:
            raise BadSettings(f"The reading {name!r} is given twice, as {pinned[name]} and {value}. Give it once.")
    return pinned


def select_rules(patterns: Iterable[str]) -> frozenset[str]:
    """Return the ids of the rules that the patterns match; raises BadSettings for one that matches none."""
    try:
        return select(patterns)
    except LookupError as error:
        raise BadSettings(
            f"No rule matches {error.args[0]!r}.{_perhaps(error.args[0], (*_family_patterns(), *catalogue()))} "
            "Patterns look like 'split/*'; 'exportproof rules' lists every rule."
        ) from None


def _family_patterns() -> list[str]:
    return [f"{family}/*" for family in families()]


def _perhaps(word: str, known: Iterable[str]) -> str:
    """Return a question about the name that was likely meant, or nothing when none is close."""
    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
