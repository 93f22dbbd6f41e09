"""What proves the suite: the rules that each fault of the reference failed, and what was said of conforming servers.

It is counted from judged trials, or read from the file that was published of them; the page of the documentation and
the page in Markdown are rendered from it alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Measured:
    """How a trial was made: the profile, when (a date in UTC), by which version, and what it took (seconds)."""

    profile: str
    date: str
    version: str
    requests: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; the last entries of a line of the published file."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Measured:
        """Read it from the line that it is part of."""
        return cls(**{name: plain[name] for name in ("profile", "date", "version", "requests", "seconds")})


@dataclass(frozen=True)
class Broken:
    """A fault that was judged: what it does, the rules that it breaks, and those that failed, or warned, for it.

    `scope` tells by which rules it was judged: `all`, or `families`, those of the rules that it breaks.
    """

    name: str
    breaks: tuple[str, ...]
    told: tuple[str, ...]
    seed: int
    scope: str
    measured: Measured
    does: str = field(default="", compare=False)

    @property
    def missed(self) -> tuple[str, ...]:
        """The rules that it breaks and that did not fail."""
        return tuple(rule for rule in self.breaks if rule not in self.told)

    @property
    def unexpected(self) -> tuple[str, ...]:
        """The rules that failed although it does not say that it breaks them."""
        return tuple(rule for rule in self.told if rule not in self.breaks)

    @property
    def caught(self) -> bool:
        """Whether any rule that it breaks failed."""
        return len(self.missed) < len(self.breaks)

    @property
    def exact(self) -> bool:
        """Whether the rules that it breaks failed, and no other."""
        return not self.missed and not self.unexpected


@dataclass(frozen=True)
class Conforming:
    """The honest reference, or a variant, judged by one profile under many seeds.

    `verdicts` are the seeds of each verdict; `alarms` the rules that failed, warned or stayed open, by seed.
    """

    name: str
    verdicts: Mapping[str, tuple[int, ...]]
    alarms: Mapping[int, tuple[str, ...]]
    measured: Measured
    does: str = field(default="", compare=False)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Every seed that it was judged under, in order."""
        return tuple(sorted(seed for seeds in self.verdicts.values() for seed in seeds))

    @property
    def false_alarms(self) -> tuple[int, ...]:
        """The seeds under which anything but a pass was told."""
        calm = self.verdicts.get("conforms", ())
        return tuple(seed for seed in self.seeds if seed in self.alarms or seed not in calm)

    def beside(self, before: Conforming | None) -> Conforming:
        """Return this with what was said before; of seeds that are in both, this alone stands, and nothing before."""
        if before is None or set(self.seeds) & set(before.seeds):
            return self
        told = {verdict: before.verdicts.get(verdict, ()) for verdict in (*before.verdicts, *self.verdicts)}
        now, then = self.measured, before.measured
        sums = replace(now, requests=now.requests + then.requests, seconds=now.seconds + then.seconds)
        return replace(
            self,
            verdicts={verdict: tuple(sorted((*told[verdict], *self.verdicts.get(verdict, ())))) for verdict in told},
            alarms=dict(sorted({**before.alarms, **self.alarms}.items())),
            measured=sums,
        )


@dataclass(frozen=True)
class Proof:
    """Everything that was judged. `rules` are the ids of the catalogue at that time."""

    rules: tuple[str, ...]
    faults: tuple[Broken, ...]
    conforming: tuple[Conforming, ...]

    @property
    def everything(self) -> tuple[Broken | Conforming, ...]:
        """The faults, then the servers that conform."""
        return (*self.faults, *self.conforming)

    @cached_property
    def catches(self) -> Mapping[str, tuple[str, ...]]:
        """The faults that each rule caught, among those that say that they break it."""
        found: dict[str, list[str]] = defaultdict(list)
        for fault in self.faults:
            for rule in fault.breaks:
                if rule in fault.told:
                    found[rule].append(fault.name)
        return {rule: tuple(found[rule]) for rule in self.rules}

    @cached_property
    def alone(self) -> Mapping[str, tuple[str, ...]]:
        """The faults that each rule was the only one to fail for, of those that were judged."""
        found: dict[str, list[str]] = {rule: [] for rule in self.rules}
        for fault in self.faults:
            if len(fault.told) == 1 and fault.told[0] in fault.breaks:
                found[fault.told[0]].append(fault.name)
        return {rule: tuple(names) for rule, names in found.items()}

    @property
    def idle(self) -> tuple[str, ...]:
        """The rules that catch nothing, of those that a fault which was tried says that it breaks."""
        tried = {rule for fault in self.faults for rule in fault.breaks}
        return tuple(rule for rule, names in self.catches.items() if rule in tried and not names)

    @property
    def dates(self) -> tuple[str, str] | None:
        """The first and the last day on which anything was measured."""
        days = sorted(one.measured.date for one in self.everything)
        return (days[0], days[-1]) if days else None

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the suite that measured."""
        return tuple(sorted({one.measured.version for one in self.everything}))

    def figures(self) -> dict[str, Any]:
        """The figures, all of them counted."""
        return {
            "faults": len(self.faults),
            "faultsCaught": sum(fault.caught for fault in self.faults),
            "faultsExact": sum(fault.exact for fault in self.faults),
            "rulesThatCatch": sum(bool(names) for names in self.catches.values()),
            "rules": len(self.catches),
            "rulesThatCatchNothing": list(self.idle),
            "conformingServers": len({one.name for one in self.conforming}),
            "conformingRuns": sum(len(one.seeds) for one in self.conforming),
            "seeds": len({seed for one in self.conforming for seed in one.seeds}),
            "falseAlarms": sum(len(one.false_alarms) for one in self.conforming),
            "requests": sum(one.measured.requests for one in self.everything),
            "seconds": round(sum(one.measured.seconds for one in self.everything)),
        }

    def renewed(self, other: Proof) -> Proof:
        """Return this proof with what the other has measured of a fault or server in place of what this one says.

        What was said of a server under other seeds, by the same profile, stands beside it.
        """
        # A fault and a variant may have one name: what is a warning may be meant or not.
        faults, servers = {one.name for one in other.faults}, {one.name for one in other.conforming}
        before = {(one.name, one.measured.profile): one for one in self.conforming}
        renewed = (one.beside(before.get((one.name, one.measured.profile))) for one in other.conforming)
        return Proof(
            other.rules,
            (*(fault for fault in self.faults if fault.name not in faults), *other.faults),
            (*(one for one in self.conforming if one.name not in servers), *renewed),
        )

    def of(self, faults: Mapping[str, tuple[str, ...]], servers: Iterable[str], rules: Iterable[str]) -> Proof:
        """Return the proof of these faults, by what they break now, and these servers, in the order given.

        What was measured stands; a fault or server of which nothing was is not there.
        """
        broken = {fault.name: fault for fault in self.faults}
        kept = [[one for one in self.conforming if one.name == name] for name in servers]
        return Proof(
            tuple(rules),
            tuple(replace(broken[name], breaks=breaks) for name, breaks in faults.items() if name in broken),
            tuple(one for found in kept for one in sorted(found, key=lambda one: one.measured.profile)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, which `from_dict` reads; what a fault or variant does is not among them."""
        return {
            "schemaVersion": SCHEMA_VERSION,
            "rules": list(self.rules),
            "faults": [
                {"name": one.name, "breaks": list(one.breaks), "told": list(one.told), "seed": one.seed,
                 "scope": one.scope, **one.measured.to_dict()}
                for one in self.faults
            ],
            "conforming": [
                {"name": one.name, "verdicts": {verdict: list(seeds) for verdict, seeds in one.verdicts.items()},
                 "alarms": {str(seed): list(rules) for seed, rules in one.alarms.items()}, **one.measured.to_dict()}
                for one in self.conforming
            ],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], does: Mapping[str, str]) -> Proof:
        """Read what `to_dict` wrote; `does` tells what each fault and variant does."""
        return cls(
            tuple(plain["rules"]),
            tuple(
                Broken(one["name"], tuple(one["breaks"]), tuple(one["told"]), one["seed"], one["scope"],
                       Measured.from_dict(one), does.get(one["name"], ""))
                for one in plain["faults"]
            ),
            tuple(
                Conforming(one["name"], {verdict: tuple(seeds) for verdict, seeds in one["verdicts"].items()},
                           {int(seed): tuple(rules) for seed, rules in one["alarms"].items()},
                           Measured.from_dict(one), does.get(one["name"], ""))
                for one in plain["conforming"]
            ),
        )  # fmt: skip


def level(rule: str) -> str:
    """Return the level of a rule, or nothing for one that the catalogue has not."""
    found = catalogue.rules().get(rule)
    return found.level if found is not None else ""
