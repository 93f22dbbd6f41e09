"""Known failures: violations that a project has taken note of, each with an owner, a reason and an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..spec.catalogue import rules as catalogue
from .settings import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_NEEDED = ("rule", "owner", "reason", "expires")


@dataclass(frozen=True)
class KnownFailure:
    """One rule that is known to fail. `message` is a shell pattern that every message of the rule must match.

    `expires` is the last day on which it is excused.
    """

    rule: str
    owner: str
    reason: str
    expires: date
    message: str = "*"

    @classmethod
    def from_dict(cls, values: Any) -> KnownFailure:  # noqa: ANN401 - whatever a settings file holds
        """Read one entry of a settings file; raises BadSettings that says what is missing or off."""
        if not isinstance(values, dict):
            raise BadSettings("An entry of known-failures is no table. Begin each with [[known-failures]].")
        named = f"The known failure of {values['rule']!r}" if "rule" in values else "A known failure"
        missing = [name for name in _NEEDED if not values.get(name)]
        if missing:
            raise BadSettings(f"{named} has no {', no '.join(missing)}. Each needs {', '.join(_NEEDED)}.")
        strange = sorted(values.keys() - {*_NEEDED, "message"})
        if strange:
            raise BadSettings(
                f"{named} has {strange[0]!r}, which means nothing. It takes {', '.join(_NEEDED)}, message."
            )
        expires = _day(values["expires"])
        if expires is None:
            raise BadSettings(
                f"{named} expires at {values['expires']!r}, which is no day. Write one such as 2027-01-31."
            )
        texts = {name: values.get(name, "*") for name in ("rule", "owner", "reason", "message")}
        wrong = next((name for name, text in texts.items() if not isinstance(text, str)), None)
        if wrong is not None:
            raise BadSettings(f"{named} has a {wrong} that is no text. Put it in quotes.")
        return cls(expires=expires, **texts)

    def to_dict(self) -> dict[str, str]:
        """Return the entry as a record and a report hold it; `from_dict` reads it."""
        return {
            "rule": self.rule,
            "message": self.message,
            "owner": self.owner,
            "reason": self.reason,
            "expires": self.expires.isoformat(),
        }

    def covers(self, rule_id: str, messages: Iterable[str]) -> bool:
        """Tell whether a rule that failed with these messages is this failure, and nothing beside it."""
        return rule_id == self.rule and all(fnmatchcase(message, self.message) for message in messages)


def excuse(known: Iterable[KnownFailure], rule_id: str, messages: Sequence[str], today: date) -> KnownFailure | None:
    """Return the entry that excuses a rule which failed with these messages, of those whose day has not passed."""
    return next((each for each in known if each.expires >= today and each.covers(rule_id, messages)), None)


def outdated(known: Iterable[KnownFailure], statuses: Mapping[str, str], today: date) -> Iterator[tuple[str, str]]:
    """What is wrong with the list itself, each as the entry's rule and a sentence; `statuses` are those of the rules.

    An entry is off when its day has passed, when its rule is no longer in the catalogue, and when its rule passed.
    """
    for each in known:
        entry = f"The known failure of {each.rule} ({each.owner})"
        if each.rule not in catalogue():
            yield each.rule, f"{entry} names a rule that is not in the catalogue (any more). Take the entry out."
        elif each.expires < today:
            yield each.rule, f"{entry} expired on {each.expires}. Mend the target, or agree on a new day."
        elif statuses.get(each.rule) == "pass":
            yield each.rule, f"{entry} is none any more: the rule passes. Take the entry out."


def _day(value: Any) -> date | None:  # noqa: ANN401 - whatever a settings file or a record holds
    """Read a day, which TOML has as a value of its own and JSON as a text; None for anything else."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
