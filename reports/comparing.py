"""What changed from one report to another: rule by rule, and the readings that the target follows.

Rules are told apart by their ids, which never change. Only what report.json is sure to have is looked at.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from .document import SKIP_REASONS, target_name
from .known import excused, is_known

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["worse", "better", "new", "vanished"]
KINDS: Mapping[Kind, str] = {
    "worse": "Worse",
    "better": "Better",
    "new": "New",
    "vanished": "Vanished",
}
"""The kinds of change, the one that matters most first, as headings."""

# Reasons to skip that are the target's doing: it offers less than it did. Of what the control API gives that holds
# only while there is one: a run from outside has no clock either.
_OFFERS_LESS = frozenset({"no-clock", "no-reset", "not-offered"})
_OF_CONTROL = frozenset({"no-clock", "no-reset"})
_WORDS = {"pass": "passed", "fail": "violated", "warn": "warned"}
_GRAVITY = {"conforms": 0, "undetermined": 1, "violates": 2}


@dataclass(frozen=True)
class Change:
    """One rule of which the two reports say something different. `before` and `after` are in words."""

    rule: str
    level: str
    title: str
    kind: Kind
    before: str
    after: str
    message: str | None
    """What the later report found, where that is a violation, a warning or a doubt."""
    known: bool = False
    """True where the later report excuses it as a known failure: it is shown, and is no reason to stop."""


@dataclass(frozen=True)
class ReadingChange:
    """A reading that the target follows in another way than before; None where it was not observed."""

    name: str
    before: str | None
    after: str | None

    @property
    def moved(self) -> bool:
        """Whether the target was seen to follow one value, and then another: more than one run knowing less."""
        return self.before is not None and self.after is not None


@dataclass(frozen=True)
class Comparison:
    """All that changed between two reports."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    changes: tuple[Change, ...]
    readings: tuple[ReadingChange, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)

    @property
    def verdict_is_worse(self) -> bool:
        """Whether the verdict itself is graver than it was."""
        return _GRAVITY[self.after["verdict"]] > _GRAVITY[self.before["verdict"]]

    @property
    def worse(self) -> bool:
        """Whether anything is, a rule or the verdict, that the later report does not excuse as known."""
        graver = self.verdict_is_worse and not (self.after["verdict"] == "violates" and excused(self.after))
        return graver or any(not change.known for change in self.of("worse"))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the two runs did not have in common, so that a difference may come from there."""
        pairs = (
            ("targets", target_name(self.before), target_name(self.after)),
            ("versions of exportproof", self.before["tool"]["version"], self.after["tool"]["version"]),
            ("profiles", self.before.get("profile"), self.after.get("profile")),
            ("capabilities", _listed(self.before), _listed(self.after)),
        )
        return tuple(f"different {what}: {was}, then {now}" for what, was, now in pairs if was != now)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON can hold it."""
        return {
            "verdict": {"before": self.before["verdict"], "after": self.after["verdict"]},
            "worse": self.worse,
            "changes": [asdict(change) for change in self.changes],
            "readings": [asdict(reading) for reading in self.readings],
            "notes": list(self.notes),
        }


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Return what changed from one run record to another.

    Worse is whatever is a violation, a warning or a doubt and was none, and what cannot be judged any more since the
    target offers less. Better is what passes now and did not. New is a rule, or a judgement, that was not there;
    vanished is one that is there no more. A violation that was not there is worse, even of a rule that is new.
    """
    old = {rule["id"]: rule for rule in before["rules"]}
    new = {rule["id"]: rule for rule in after["rules"]}
    less = _OFFERS_LESS if after["target"]["capabilities"] else _OFFERS_LESS - _OF_CONTROL
    found = (_change(old.get(rule_id), new.get(rule_id), less) for rule_id in {**new, **old})
    changes = sorted((change for change in found if change), key=lambda change: list(KINDS).index(change.kind))
    names = {**after["readings"], **before["readings"]}
    seen = ((name, _observed(before, name), _observed(after, name)) for name in names)
    readings = tuple(ReadingChange(name, was, now) for name, was, now in seen if was != now)
    return Comparison(before, after, tuple(changes), readings)


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, less: frozenset[str]) -> Change | None:
    rule = new or old
    kind = _kind(old, new, less)
    if rule is None or kind is None:
        return None
    message = None
    if new is not None and new["status"] in ("fail", "warn", "inconclusive"):
        message = new["reason"] or (new["evidence"][0]["message"] if new["evidence"] else None)
    known = new is not None and is_known(new)
    return Change(rule["id"], rule["level"], rule["title"], kind, status_words(old), status_words(new), message, known)


def _kind(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, less: frozenset[str]) -> Kind | None:
    """Tell what became of a rule. A rule that is in no report stands as a status of None.

    `less` are the reasons to skip which say that the target offers less than it did.
    """
    was = None if old is None else old["status"]
    now = None if new is None else new["status"]
    if was == now:
        return None
    if now == "fail" or (now == "warn" and was != "fail") or (now == "inconclusive" and was == "pass"):
        return "worse"
    if was in (None, "skip"):
        return "new"
    if now in ("pass", "warn"):
        return "better"
    if new is not None and was == "pass" and new["reason"] in less:
        return "worse"
    return "vanished"


def status_words(rule: Mapping[str, Any] | None) -> str:
    """Return what a report says of a rule, in words; None is a rule that it does not have."""
    if rule is None:
        return "not in the report"
    if rule["status"] == "skip":
        return f"not judged: {SKIP_REASONS.get(rule['reason'], rule['reason'])}"
    words = _WORDS.get(rule["status"], str(rule["status"]))
    return f"{words}, which is known" if is_known(rule) else words


def _observed(document: Mapping[str, Any], name: str) -> str | None:
    value: str | None = document["readings"].get(name, {}).get("observed")
    return value


def _listed(document: Mapping[str, Any]) -> str:
    return ", ".join(document["target"]["capabilities"]) or "none"
