"""The words of a call, as both ways in take them: read once, checked, and made into settings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast, get_args
from unicodedata import category

from ..spec.offer import INT32_MAX
from .settings import BadSettings, Profile, Settings, check_url, parse_duration, parse_readings, select_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .known import KnownFailure

CAPABILITIES = ("changes", "reset", "clock", "writes")
PROFILES: tuple[str, ...] = get_args(Profile)
DEFAULT_REPORT_DIR = "exportproof-report"


@dataclass(frozen=True)
class Words:
    """What a user wrote, still as text: the options of a run, whichever way in was taken. None means not given.

    `rules` are shell patterns, `readings` are NAME=VALUE, `primary_keys` are TYPE=COLUMN, `custom_fields` TYPE=ID.
    `adapter_settings` are what the adapter is made with, by name; `known` failures come from a settings file alone.
    """

    target_url: str
    control_url: str | None = None
    adapter: str | None = None
    user: str | None = None
    key: str | None = field(default=None, repr=False)
    other_user: str | None = None
    other_key: str | None = field(default=None, repr=False)
    profile: str | None = None
    rules: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    primary_keys: tuple[str, ...] = ()
    custom_fields: tuple[str, ...] = ()
    resource_types: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    adapter_settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    known: tuple[KnownFailure, ...] = ()
    exit_first: bool = False
    seed: str | None = None
    job_timeout: str | None = None
    max_jobs: str | None = None
    max_requests: str | None = None
    link_lifetime: str | None = None
    fault: str | None = None
    variant: str | None = None

    def settings(self) -> Settings:
        """Return the settings that the words mean; raises BadSettings that names the word that is off."""
        # What was not given keeps the default that Settings has for it.
        given: dict[str, Any] = {}
        if self.profile is not None:
            given["profile"] = _profile(self.profile)
        if self.seed is not None:
            given["seed"] = _seed(self.seed)
        if self.job_timeout is not None:
            given["job_timeout"] = _seconds(self.job_timeout)
        if self.max_jobs is not None:
            given["max_jobs"] = _most(self.max_jobs, "--max-jobs", "jobs")
        if self.max_requests is not None:
            given["max_requests"] = _most(self.max_requests, "--max-requests", "requests")
        if self.link_lifetime is not None:
            given["link_lifetime"] = parse_duration(self.link_lifetime)
        return Settings(
            target_url=check_url(self.target_url, "The target's URL"),
            control_url=None if self.control_url is None else check_url(self.control_url, "The control URL"),
            adapter=self._adapter(),
            adapter_settings=dict(self.adapter_settings),
            resource_types=frozenset(self.resource_types) or None,
            capabilities=_capabilities(self.capabilities),
            known=self.known,
            rules=select_rules(self.rules),
            pinned=parse_readings(self.readings),
            exit_first=self.exit_first,
            keys=_primary_keys(self.primary_keys),
            custom_fields=_custom_fields(self.custom_fields),
            fault=self.fault,
            variant=self.variant,
            **self._credentials(),
            **given,
        )

    def _adapter(self) -> str | None:
        """Return the adapter's name, once it is certain that it can be made; what it does is seen when it runs."""
        if self.adapter is None:
            return None
        if self.control_url is not None:
            raise BadSettings(
                "--control-url and --adapter were both given, and each is a way to the same. Leave one out."
            )
        from .adapting import find_adapter  # noqa: PLC0415 - most runs have none

        find_adapter(self.adapter, self.adapter_settings)
        return self.adapter

    def _credentials(self) -> dict[str, Any]:
        first = _pair(self.user, self.key, "--user", "--key")
        other = _pair(self.other_user, self.other_key, "--other-user", "--other-key")
        if other is not None and first is None:
            raise BadSettings("A second account was given but no first one. Give --user and --key too.")
        if other is not None and other == first:
            raise BadSettings(
                "The second account is the first one again, so nothing would be kept apart. "
                "Give --other-user and --other-key of another account, or leave both out."
            )
        user, key = first or (None, None)
        other_user, other_key = other or (None, None)
        return {"user": user, "key": key, "other_user": other_user, "other_key": other_key}


def _pair(user: str | None, key: str | None, user_option: str, key_option: str) -> tuple[str, str] | None:
    """Return complete Basic credentials, or None when neither half was given."""
    if user is None and key is None:
        return None
    if user is None or key is None:
        given, missing = (user_option, key_option) if key is None else (key_option, user_option)
        raise BadSettings(f"{given} was given without {missing}. Basic credentials need both.")
    if ":" in user:
        raise BadSettings(
            f"{user_option} holds a colon, which Basic credentials cannot carry in a user name. Check what was given."
        )
    for option, text in ((user_option, user), (key_option, key)):
        # Bytes of the environment that are not UTF-8 come as surrogates (Cs).
        if any(category(character) in ("Cc", "Cs") for character in text):
            raise BadSettings(
                f"{option} holds a line break, another control character, or bytes that are not UTF-8. "
                "Check how it was copied; nothing of it is shown here."
            )
    return user, key


def parse_adapter_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """Read NAME=VALUE pairs, dashes of a name made underscores; raises BadSettings."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BadSettings(f"{pair!r} is no setting of an adapter. Write NAME=VALUE, such as database=shop.sqlite3.")
        found[name.strip().replace("-", "_")] = value
    return found


def _capabilities(names: Iterable[str]) -> frozenset[str] | None:
    for name in names:
        if name not in CAPABILITIES:
            raise BadSettings(f"There is no capability {name!r}. Write one of: {', '.join(CAPABILITIES)}.")
    return frozenset(names) or None


def _profile(text: str) -> Profile:
    if text not in PROFILES:
        raise BadSettings(f"There is no profile {text!r}. Write one of: {', '.join(PROFILES)}.")
    return cast("Profile", text)


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadSettings(f"The seed {text!r} is not a whole number. Write one such as 7.") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise BadSettings(f"The job timeout {text!r} is not a number of seconds above zero. Write one such as 60.")
    return seconds


def _most(text: str, option: str, what: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit() and int(text) > 0):
        raise BadSettings(f"{option} {text!r} is not a number of {what} above zero. Write one such as 200.")
    return int(text)


def _primary_keys(pairs: Iterable[str]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for pair in pairs:
        resource, _, column = pair.partition("=")
        if not resource.strip() or not column.strip():
            raise BadSettings(f"{pair!r} names no primary key. Write TYPE=COLUMN, such as Contacts=VanID.")
        keys[resource.strip()] = column.strip()
    return keys


def _custom_fields(pairs: Iterable[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for pair in pairs:
        resource, _, text = pair.partition("=")
        digits = text.strip()
        if not resource.strip() or not (digits.isascii() and digits.isdigit() and 0 < int(digits) <= INT32_MAX):
            raise BadSettings(f"{pair!r} names no custom field. Write TYPE=ID, such as Contacts=157.")
        known = found.get(resource.strip(), ())
        found[resource.strip()] = tuple(dict.fromkeys((*known, int(digits))))
    return found
