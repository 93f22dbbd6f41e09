"""The proof of many trials, and the file that is published of it: `published.json`, a part of the package.

`exportproof selftest --publish` writes it, and the page that is rendered from it, into the checkout.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..reference.faults import faults
from ..reference.variants import variants
from ..reports.proof import Broken, Conforming, Measured, Proof
from ..reports.proof_text import to_markdown
from ..spec import catalogue
from .trial import PLAIN, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE = "published.json"
PAGE = "docs/selftest.md"
ROOT = Path(__file__).parents[1]
"""The package's folder, which in a checkout is the repository's."""


class NotPublished(ValueError):  # noqa: N818 - it names what happened, and is shown to users
    """Nothing can be published; the message says why, and what to do."""


@cache
def published() -> Proof:
    """Return the proof that was published with this version."""
    return read((files(__package__) / FILE).read_text(encoding="utf-8"))


def read(text: str) -> Proof:
    """Return the proof that a published file holds."""
    return Proof.from_dict(json.loads(text), _does())


def write(proof: Proof) -> str:
    """Return a proof as the text of the published file: a line a fault or server, so that differences can be read."""
    plain = proof.to_dict()
    lines = [f'"schemaVersion": {plain.pop("schemaVersion")}']
    for name, values in plain.items():
        entries = ",\n".join(f"  {json.dumps(value, ensure_ascii=False)}" for value in values)
        lines.append(f'"{name}": [\n{entries}\n]' if entries else f'"{name}": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def proof_of(trials: Sequence[Trial]) -> Proof:
    """Count trials; of several of one case the last one stands, and of several of one fault as well."""
    does = _does()
    broken: dict[str, Broken] = {}
    calm: dict[tuple[str, str], dict[int, Trial]] = defaultdict(dict)
    for trial in trials:
        case = trial.case
        if case.kind == "fault":
            told = (*trial.failed, *(rule for rule in trial.warned if rule in trial.named))
            scope = "families" if case.rules else "all"
            broken[case.name] = Broken(
                case.name, trial.named, told, case.seed, scope, _measured([trial]), does.get(case.name, "")
            )
        else:
            calm[case.name, case.profile][case.seed] = trial
    conforming = []
    for (name, _profile), by_seed in calm.items():
        verdicts: dict[str, tuple[int, ...]] = {}
        for seed, trial in sorted(by_seed.items()):
            verdicts[trial.verdict] = (*verdicts.get(trial.verdict, ()), seed)
        alarms = {seed: trial.alarms for seed, trial in sorted(by_seed.items()) if trial.alarms}
        conforming.append(Conforming(name, verdicts, alarms, _measured(list(by_seed.values())), does.get(name, "")))
    return Proof(tuple(catalogue.rules()), tuple(broken.values()), tuple(conforming))


def publish(trials: Sequence[Trial], before: Proof) -> dict[str, str]:
    """Return the files to write by their paths in a checkout.

    What the trials say takes the place of what was published `before` of the same faults and servers. Raises
    NotPublished while something was never measured.
    """
    breaks = {name: flavour.breaks for name, flavour in faults().items()}
    proof = before.renewed(proof_of(trials)).of(breaks, servers(), catalogue.rules())
    missing = missing_from(proof)
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise NotPublished(
            f"Nothing was published, since these were never measured: {shown}. Measure them, such as with "
            f"'exportproof selftest {_option(missing[0])} --own-families --out DIR', and name that folder too."
        )
    return {f"selftest/{FILE}": write(proof), PAGE: to_markdown(proof)}


def servers() -> tuple[str, ...]:
    """The names of everything that conforms: the reference as it is, then its variants."""
    return (PLAIN, *variants())


def missing_from(proof: Proof) -> tuple[str, ...]:
    """The faults and conforming servers that a proof does not have."""
    there = {one.name for one in proof.everything}
    return tuple(name for name in (*faults(), *servers()) if name not in there)


def _option(name: str) -> str:
    return f"--faults {name}" if name in faults() else f"--variants {'*' if name == PLAIN else name}"


def _does() -> Mapping[str, str]:
    told = {flavour.name: flavour.does for flavour in (*faults().values(), *variants().values())}
    return {PLAIN: "The reference implementation as it is.", **told}


def _measured(trials: Iterable[Trial]) -> Measured:
    """What trials of one profile took together; the day and the version are those of the last one."""
    every = sorted(trials, key=lambda trial: trial.date)
    last = every[-1]
    return Measured(
        last.case.profile,
        last.date,
        last.version,
        sum(one.requests for one in every),
        sum(one.seconds for one in every),
    )


def trials_in(folder: Path, name: str) -> list[Trial]:
    """Read the trials of a folder; a line without a day has that of its file.

    A line that was cut short, as by an interruption, is passed over, and so is one about what is gone.
    """
    path = folder / name
    if not path.is_file():
        return []
    return [trial for line in path.read_text(encoding="utf-8").splitlines() if (trial := _trial(line, path))]


def _trial(line: str, path: Path) -> Trial | None:
    try:
        plain: Any = json.loads(line)
        plain.setdefault("date", datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat())
        trial = Trial.from_dict(plain)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return trial if trial.case.name in _does() else None
