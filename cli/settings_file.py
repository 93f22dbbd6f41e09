"""The settings file of a project: what a call would otherwise have to say each time, and its known failures.

Both ways in read it, the command and the pytest plugin. It is `exportproof.toml`, or the table `[tool.exportproof]` of
a `pyproject.toml`, in the folder of the call, unless another file is named. It never holds keys: those come from the
environment, or from a `.netrc`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from netrc import NetrcParseError, netrc
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..conformance.known import KnownFailure
from ..conformance.settings import BadSettings
from ..conformance.words import parse_adapter_settings
from .names import SETTINGS_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TEXTS = {
    "target": "target_url", "control-url": "control_url", "adapter": "adapter", "user": "user",
    "other-user": "other_user", "profile": "profile", "link-lifetime": "link_lifetime", "docs": "docs_url",
}  # fmt: skip
_NUMBERS = {"seed": "seed", "job-timeout": "job_timeout", "max-jobs": "max_jobs", "max-requests": "max_requests"}
_TABLES = {"readings": "readings", "primary-keys": "primary_keys"}
_LISTS = {
    "rules": ("rules", "['split/*']"),
    "resource-types": ("resource_types", "['Contacts']"),
    "capabilities": ("capabilities", "['changes', 'reset']"),
}
_SECRETS = ("key", "other-key", "password", "api-key", "other-password")
_KNOWN = (*_TEXTS, *_NUMBERS, *_LISTS, *_TABLES, "custom-fields", "adapter-settings", "known-failures")
# What names a secret at its end, wherever it stands.
_SECRET_ENDS = ("password", "secret", "token", "api-key", "api_key", "apikey")


_SHOWN = "stands in a settings file, where others read it. Take it out, and change it where it was shown;"


@dataclass(frozen=True)
class SettingsFile:
    """A settings file, read: words by the names that a call's words have, and known failures."""

    path: Path | None
    words: Mapping[str, Any]
    known: tuple[KnownFailure, ...] = ()


def find(named: Path | None, folder: Path) -> SettingsFile:
    """Read the named file, or the one that stands in the folder; raises BadSettings. Without any, all is empty."""
    if named is not None:
        return _read(named)
    for path in (folder / SETTINGS_NAME, folder / "pyproject.toml"):
        if path.is_file():
            found = _read(path)
            if found.words or found.known:
                return found
    return SettingsFile(None, {})


def _read(path: Path) -> SettingsFile:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"The settings file {path} cannot be read: {error.strerror}. Check --config.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"The settings file {path} is no TOML: {error}.") from None
    if path.name == "pyproject.toml":
        values = values.get("tool", {}).get("exportproof", {})
    try:
        return SettingsFile(path, _words(values), _known(values))
    except BadSettings as error:
        raise BadSettings(f"In {path}: {error}") from None


def _known(values: Mapping[str, Any]) -> tuple[KnownFailure, ...]:
    listed = values.get("known-failures", [])
    if not isinstance(listed, list):
        raise BadSettings("known-failures is no list. Begin each with [[known-failures]].")
    return tuple(KnownFailure.from_dict(each) for each in listed)


def _words(values: Mapping[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for name, value in values.items():
        if name in _SECRETS:
            raise BadSettings(
                f"{name!r} {_SHOWN} give EXPORTPROOF_KEY and EXPORTPROOF_OTHER_KEY in the environment, or use a .netrc."
            )
        if name not in _KNOWN:
            close = get_close_matches(name, _KNOWN, n=1)
            perhaps = f" Did you mean {close[0]!r}?" if close else ""
            raise BadSettings(f"{name!r} means nothing there.{perhaps} It may say: {', '.join(_KNOWN)}.")
        if name in _TEXTS:
            words[_TEXTS[name]] = _typed(name, value, str, "a text in quotes")
        elif name in _NUMBERS:
            words[_NUMBERS[name]] = str(_typed(name, value, int | float, "a number"))
        elif name in _TABLES:
            table = _typed(name, value, dict, f"a table, such as [{name}]")
            words[_TABLES[name]] = tuple(f"{key}={each}" for key, each in table.items())
        elif name == "custom-fields":
            lists = _typed(name, value, dict, f"a table, such as [{name}]").items()
            words["custom_fields"] = tuple(
                f"{key}={each}" for key, ids in lists for each in _typed(key, ids, list, "a list of ids, such as [157]")
            )
        elif name in _LISTS:
            word, example = _LISTS[name]
            words[word] = tuple(map(str, _typed(name, value, list, f"a list, such as {example}")))
        elif name == "adapter-settings":
            words["adapter_settings"] = _adapter_settings(_typed(name, value, dict, f"a table: [{name}]"))
    return words


def _adapter_settings(table: Mapping[str, Any]) -> dict[str, Any]:
    """What the adapter is made with: any values, by names that are keywords."""
    for name in table:
        if name in _SECRETS or name.lower().endswith(_SECRET_ENDS):
            raise BadSettings(f"{name!r} of adapter-settings {_SHOWN} let the adapter read it from the environment.")
    return {name.replace("-", "_"): value for name, value in table.items()}


def _typed(name: str, value: Any, kind: Any, wanted: str) -> Any:  # noqa: ANN401 - any TOML value
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadSettings(f"{name} is {value!r}. Write {wanted}.")
    return value


def merged(words: Mapping[str, Any], found: SettingsFile) -> dict[str, Any]:
    """The words of the call, and those of the file where the call is silent; keys by a .netrc where neither has one.

    With --fault or --variant the call is about the embedded reference, of which a settings file says nothing.
    """
    whole = {**words, "adapter_settings": parse_adapter_settings(words.get("adapter_settings") or ())}
    if words.get("fault") is not None or words.get("variant") is not None:
        return whole
    whole["known"] = found.known
    passed_over = _passed_over(whole, found.words)
    for name, value in found.words.items():
        if name == "adapter_settings" and name not in passed_over:
            whole[name] = {**value, **whole[name]}
        elif whole.get(name) in (None, ()) and name not in passed_over:
            whole[name] = value
    if whole.get("target_url") is not None:
        for user, key in (("user", "key"), ("other_user", "other_key")):
            if whole.get(key) is None:
                _from_netrc(whole, user, key, named=user in found.words)
    return whole


def _passed_over(words: Mapping[str, Any], of_file: Mapping[str, Any]) -> frozenset[str]:
    """The words of the file that the call makes void: it names another way to put records in place."""
    adapter = words.get("adapter")
    if words.get("control_url") is not None:
        return frozenset({"adapter", "adapter_settings"})
    if adapter is None:
        return frozenset()
    same = adapter == of_file.get("adapter", adapter)
    return frozenset({"control_url"} if same else {"control_url", "adapter_settings"})


def _from_netrc(words: dict[str, Any], user: str, key: str, *, named: bool) -> None:
    """Take the key of a user whom the settings file names from the .netrc of the one who calls."""
    if not named:
        return
    try:
        entries = netrc()
        host = urlsplit(words["target_url"]).hostname or ""
        entry = entries.hosts.get(host)
    except (OSError, NetrcParseError, ValueError):
        return
    if entry is not None and entry[0] == words[user] and entry[2]:
        words[key] = entry[2]
