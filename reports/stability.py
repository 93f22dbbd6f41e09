"""How a target ends from run to run: the share of each status by rule, from the records of many runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .document import target_name
from .page import STATUS_WORDS
from .text import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Share:
    """How often one rule ended in each status. `messages` are what was found, a sentence for each distinct one."""

    rule: str
    level: str
    counts: Mapping[str, int]
    messages: tuple[str, ...]

    @property
    def steady(self) -> bool:
        """Whether every run that judged the rule said the same; that a run did not judge it is no contradiction."""
        return len(self.counts.keys() - {"skip"}) <= 1

    @property
    def judged_at_times(self) -> bool:
        """Whether some runs judged the rule and others did not."""
        return "skip" in self.counts and len(self.counts) > 1

    @property
    def told(self) -> str:
        """The counts in words, the gravest status first."""
        return ", ".join(f"{self.counts[name]} {word}" for name, word in STATUS_WORDS.items() if self.counts.get(name))


@dataclass(frozen=True)
class Stability:
    """Many runs of one target, in their order, as run records."""

    documents: Sequence[Mapping[str, Any]]

    @property
    def verdicts(self) -> Mapping[str, int]:
        """How many runs had each verdict."""
        return Counter(document["verdict"] for document in self.documents)

    @property
    def shares(self) -> tuple[Share, ...]:
        """Every rule, in the catalogue's order."""
        by_rule = zip(*(document["rules"] for document in self.documents), strict=True)
        return tuple(_share(rules) for rules in by_rule)

    @property
    def readings(self) -> Mapping[str, Mapping[str, int]]:
        """The readings of which different values were observed in different runs, with how often."""
        seen: dict[str, Counter[str]] = {}
        for document in self.documents:
            for name, reading in document["readings"].items():
                if reading["observed"] is not None:
                    seen.setdefault(name, Counter())[reading["observed"]] += 1
        return {name: counts for name, counts in seen.items() if len(counts) > 1}

    @property
    def steady(self) -> bool:
        """Whether all runs agree, in every rule, reading and verdict."""
        return len(self.verdicts) == 1 and not self.readings and all(share.steady for share in self.shares)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        runs = len(self.documents)
        return {
            "target": target_name(self.documents[0]),
            "runs": runs,
            "seeds": [document["seed"] for document in self.documents],
            "steady": self.steady,
            "verdicts": dict(self.verdicts),
            "rules": [
                {
                    "id": share.rule,
                    "level": share.level,
                    "steady": share.steady,
                    "counts": dict(share.counts),
                    "shares": {status: round(count / runs, 4) for status, count in share.counts.items()},
                }
                for share in self.shares
            ],
            "readings": {name: dict(counts) for name, counts in self.readings.items()},
        }

    def to_text(self) -> str:
        """Return it as people read it in a terminal."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        runs = len(self.documents)
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items()))
        shares = self.shares
        unsteady = [share for share in shares if not share.steady]
        told = "every rule that was judged ended the same in each" if not unsteady else f"{len(unsteady)} rules did not"
        if len(unsteady) == 1:
            told = "1 rule did not"
        yield from wrapped(f"{runs} {'run' if runs == 1 else 'runs'}: {verdicts}; {told}.")
        yield from self._of("Ended differently", unsteady)
        ill = [share for share in shares if share.steady and share.counts.keys() - {"pass", "skip"}]
        yield from self._of("The same each time, and no pass", ill)
        yield from self._of("Judged in some runs only", [s for s in shares if s.steady and s.judged_at_times])
        if self.readings:
            yield ""
            yield "Readings of which different values were observed:"
            for name, counts in self.readings.items():
                yield f"  {name}: {', '.join(f'{count} {value}' for value, count in counts.items())}"

    @staticmethod
    def _of(title: str, shares: Sequence[Share]) -> Iterator[str]:
        if not shares:
            return
        yield ""
        yield f"{title} ({len(shares)}):"
        for share in shares:
            yield from wrapped(f"{share.rule} ({share.level}): {share.told}", "  ", "      ")
            if share.messages:
                more = f" (and {len(share.messages) - 1} more)" if len(share.messages) > 1 else ""
                yield from wrapped(f"{share.messages[0]}{more}", "      ", "      ")


def _share(rules: Sequence[Mapping[str, Any]]) -> Share:
    """Return one rule's share from its entries in every run."""
    first = rules[0]
    messages = dict.fromkeys(
        rule["reason"] if rule["status"] == "inconclusive" else rule["evidence"][0]["message"]
        for rule in rules
        if rule["status"] in ("fail", "warn", "inconclusive")
    )
    return Share(first["id"], first["level"], Counter(rule["status"] for rule in rules), tuple(messages))
