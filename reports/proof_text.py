"""The proof of the suite in words: its figures as sentences, and the page in Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from textwrap import fill
from typing import TYPE_CHECKING

from .proof import level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .proof import Proof

_INTRO = """\
What the suite says of its own reference implementation, broken in named ways and conforming in unusual ones. A fault
is *caught* when a rule that it breaks fails; a *false alarm* is anything but a pass about a server that conforms."""


def sentences(proof: Proof) -> Iterator[str]:
    """Yield the figures as sentences, without a full stop."""
    figures = proof.figures()
    if figures["faults"]:
        yield (
            f"{figures['faultsCaught']} of {figures['faults']} faults caught; {figures['faultsExact']} of them by "
            "exactly the rules that they break"
        )
        idle = figures["rulesThatCatchNothing"]
        catching = f"{figures['rulesThatCatch']} of {figures['rules']} rules catch a fault"
        yield f"{catching}; these catch nothing: {', '.join(idle)}" if idle else catching
    if figures["conformingRuns"]:
        alarms, runs = number(figures["falseAlarms"], "false alarm"), number(figures["conformingRuns"], "run")
        servers, seeds = figures["conformingServers"], figures["seeds"]
        yield f"{alarms} in {runs} over {number(servers, 'conforming server')}, with {number(seeds, 'seed')}"
    yield f"{figures['requests']:,} requests in {figures['seconds']:,} s of judging"


def how_measured(proof: Proof) -> Iterator[str]:
    """Yield how it was measured, in sentences: when, by which version and profiles, and what that leaves unseen."""
    if proof.dates is not None:
        first, last = proof.dates
        when = f"on {first}" if first == last else f"from {first} to {last}"
        yield f"Measured {when}, by version {', '.join(proof.versions)} of the suite."
    by_profile = Counter(fault.measured.profile for fault in proof.faults)
    if by_profile:
        split = " and ".join(f"{count} by the {profile} profile" for profile, count in sorted(by_profile.items()))
        yield f"Each fault was judged under one seed: {split}."
    narrow = sum(fault.scope == "families" for fault in proof.faults)
    if narrow:
        which = "Each" if narrow == len(proof.faults) else f"{narrow} of them"
        yield (
            f"{which} was judged by the families of the rules that it breaks alone (`--own-families`), "
            "which is blind to a rule of another family that fails as well."
        )
    for profile in sorted({one.measured.profile for one in proof.conforming}):
        these = [one for one in proof.conforming if one.measured.profile == profile]
        seeds = {seed for one in these for seed in one.seeds}
        yield (
            f"{number(len(these), 'conforming server')} {'was' if len(these) == 1 else 'were'} judged by every rule of "
            f"the {profile} profile, under {'seed' if len(seeds) == 1 else 'the seeds'} {spans(seeds)}."
        )


def to_markdown(proof: Proof) -> str:
    """Return the page in Markdown: figures, how they were measured, and the tables of rules, faults and servers."""
    return (
        "\n".join(
            [
                "# Selftest",
                "",
                _INTRO,
                "",
                *(f"- {line}." for line in sentences(proof)),
                "",
                fill(" ".join(how_measured(proof)), 118),
                "",
                *_section(
                    "Rules",
                    "*Caught alone* are the faults for which no other rule that was judged failed.",
                    ("rule", "level", "faults caught", "caught alone"),
                    (
                        (f"`{rule}`", level(rule), str(len(names)), str(len(proof.alone[rule])))
                        for rule, names in proof.catches.items()
                    ),
                ),
                *_section(
                    "Faults", "By the rules that failed for them.", ("rules that failed", "faults"), _faults(proof)
                ),
                *_section(
                    "Conforming servers",
                    "The reference as it is, and its variants.",
                    ("profile", "seeds", "said of them", "servers"),
                    _servers(proof),
                ),
            ]
        ).rstrip()
        + "\n"
    )


def _faults(proof: Proof) -> Iterator[tuple[str, ...]]:
    """Yield a row for each set of rules that failed, those that were to fail and did not told beside them."""
    found: dict[str, list[str]] = defaultdict(list)
    for fault in proof.faults:
        told = [f"`{rule}`{' (unexpected)' if rule in fault.unexpected else ''}" for rule in fault.told]
        missed = [f"missed: {', '.join(f'`{rule}`' for rule in fault.missed)}"] if fault.missed else []
        found["; ".join([", ".join(told) or "none", *missed])].append(f"`{fault.name}`")
    for rules, names in found.items():
        yield rules, ", ".join(names)


def _servers(proof: Proof) -> Iterator[tuple[str, ...]]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in proof.conforming:
        calm = [seed for seed in one.verdicts.get("conforms", ()) if seed not in one.alarms]
        if calm:
            found[one.measured.profile, spans(calm), "conforms"].append(f"`{one.name}`")
        for seed in one.false_alarms:
            verdict = next(verdict for verdict, seeds in one.verdicts.items() if seed in seeds)
            rules = ", ".join(f"`{rule}`" for rule in one.alarms.get(seed, ()))
            found[one.measured.profile, str(seed), f"FALSE ALARM: {rules or verdict}"].append(f"`{one.name}`")
    for key, names in found.items():
        yield *key, ", ".join(names)


def _section(title: str, text: str, heads: Sequence[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    found = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    if not found:
        return []
    return [f"## {title}", "", text, "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *found, ""]


def spans(numbers: Iterable[int]) -> str:
    """Return whole numbers as people write many of them: `1 to 20, 31`."""
    runs: list[list[int]] = []
    for value in sorted(set(numbers)):
        if runs and value == runs[-1][-1] + 1:
            runs[-1][1:] = [value]
        else:
            runs.append([value])
    return ", ".join(" to ".join(map(str, run)) for run in runs)


def number(count: int, noun: str) -> str:
    """Return a count with its noun: `1 run`, `2 runs`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
