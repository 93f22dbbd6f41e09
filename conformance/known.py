"""Known failures: violations that a project has taken note of, each with an owner, a reason and an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..spec.catalogue import rules as catalogue
from .settings import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
        expires = values["expires"]
        if not isinstance(expires, date) or not hasattr(expires, "isoformat") or hasattr(expires, "hour"):
            raise BadSettings(f"{named} expires at {expires!r}, which is no day. Write one such as 2027-01-31.")
        texts = {name: values.get(name, "*") for name in ("rule", "owner", "reason", "message")}
        wrong = next((name for name, text in texts.items() if not isinstance(text, str)), None)
        if wrong is not None:
            raise BadSettings(f"{named} has a {wrong} that is no text. Put it in quotes.")
        return cls(expires=expires, **texts)

    def covers(self, rule: Mapping[str, Any]) -> bool:
        """Tell whether a rule's entry of a report is this failure, and nothing beside it."""
        messages = [str(each["message"]) for each in rule["evidence"]]
        return rule["id"] == self.rule and all(fnmatchcase(message, self.message) for message in messages)


@dataclass(frozen=True)
class Gate:
    """What known failures make of a run: what was excused, and what is wrong with the list itself."""

    excused: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    violated: bool = False
    open: bool = False

    def status(self, of_run: int) -> int:
        """The exit status, where the run's own tells of violations or of open questions alone (contract, section 3)."""
        if of_run not in (0, 1, 5):
            return of_run
        if self.wrong or self.violated:
            return 1
        return of_run if of_run != 1 else 5 if self.open else 0


def gate(document: Mapping[str, Any], known: Sequence[KnownFailure], today: date) -> Gate:
    """Hold a report against the list: what it excuses, and which entries fail the gate themselves.

    An entry fails it when its day has passed, when its rule is no longer in the catalogue, and when its rule passed.
    """
    entries = {rule["id"]: rule for rule in document["rules"]}
    musts = [rule for rule in entries.values() if rule["level"] == "MUST"]
    valid = [each for each in known if each.expires >= today]
    excused = {
        rule["id"]: each
        for rule in entries.values()
        for each in valid
        if rule["status"] in ("fail", "warn") and each.covers(rule)
    }
    return Gate(
        tuple(
            f"Known failure: {rule_id} ({each.owner}, until {each.expires}): {each.reason}"
            for rule_id, each in excused.items()
        ),
        tuple(_wrong(entries, known, today)),
        any(rule["status"] == "fail" and rule["id"] not in excused for rule in musts),
        any(rule["status"] == "inconclusive" for rule in musts),
    )


def _wrong(entries: Mapping[str, Any], known: Sequence[KnownFailure], today: date) -> Iterator[str]:
    for each in known:
        entry = f"The known failure of {each.rule} ({each.owner})"
        if each.rule not in catalogue():
            yield f"{entry} names a rule that is not in the catalogue (any more). Take the entry out."
        elif each.expires < today:
            yield f"{entry} expired on {each.expires}. Mend the target, or agree on a new day."
        elif entries[each.rule]["status"] == "pass":
            yield f"{entry} is none any more: the rule passes. Take the entry out."
