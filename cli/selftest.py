"""`exportproof selftest`: prove the suite by the faults that it catches and the servers that it lets pass."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .names import complete_faults, complete_variants
from .shape import CallError, Command, Option, call_errors, say

if TYPE_CHECKING:
    from ..selftest.matrix import Matrix
    from ..selftest.trial import Case, Trial

TRIALS = "trials.jsonl"
EPILOG = """
\b
Examples:
  exportproof selftest --faults 'window-*' --profile quick
      some faults, quickly
  exportproof selftest --own-families
      every fault, variant and rule once, in a fraction of the time
  exportproof selftest --seeds 20 --out matrix
      the whole proof, for the night
  exportproof selftest --publish matrix
      in a checkout: publishes it, as selftest/published.json and docs/selftest.md

\b
Exit status:
  0  every fault was caught by exactly the rules that it breaks, and there was no false alarm
  1  something was missed, or told without cause
  2  interrupted
  3  the suite itself failed
  4  the words of the call are off
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Prove the suite: rules x faults x variants.")
@click.option(
    "--faults", "fault_patterns", metavar="PATTERN", multiple=True, shell_complete=complete_faults, cls=Option,
    section="Cases", help="Only faults whose name matches, and no variants unless asked for. Repeatable.",
)  # fmt: skip
@click.option(
    "--variants", "variant_patterns", metavar="PATTERN", multiple=True, shell_complete=complete_variants, cls=Option,
    section="Cases", help="Only variants whose name matches, and no faults unless asked for. Repeatable.",
)  # fmt: skip
@click.option(
    "--seeds", metavar="N", type=click.IntRange(1, 1_000), default=1, cls=Option, section="Cases",
    help="Judge the plain reference and each variant so many times, each time with another seed.  [default: 1]",
)  # fmt: skip
@click.option(
    "--first-seed", metavar="N", type=click.IntRange(0), default=1, show_default=True, cls=Option, section="Cases",
    help="The first of these seeds. What is published of a server gains seeds that it was not judged under yet.",
)  # fmt: skip
@click.option(
    "--profile", type=click.Choice(["quick", "standard", "thorough"]), metavar="quick|standard|thorough",
    default="standard", show_default=True, cls=Option, section="Judging", help="How hard to look.",
)  # fmt: skip
@click.option(
    "--deepen", is_flag=True, cls=Option, section="Judging",
    help="Judge by the standard profile what the quick one missed.",
)  # fmt: skip
@click.option(
    "--own-families", is_flag=True, cls=Option, section="Judging",
    help="Judge each fault by the families of the rules that it breaks alone: quicker, and blind to other rules.",
)  # fmt: skip
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1, 64), default=lambda: os.cpu_count() or 1, cls=Option,
    section="Judging", help="Judge so many at a time, each in a process of its own.  [default: one a processor]",
)  # fmt: skip
@click.option(
    "--out", "directory", metavar="DIR", type=click.Path(path_type=Path), cls=Option, section="Output",
    help="Write matrix.json and matrix.md into this folder as well, and each trial into trials.jsonl as it ends.",
)  # fmt: skip
@click.option(
    "--resume", is_flag=True, cls=Option, section="Output",
    help="Go on where an earlier call with the same --out was interrupted: what is in trials.jsonl is kept.",
)  # fmt: skip
@click.option(
    "--publish", "folders", metavar="DIR", multiple=True, type=click.Path(path_type=Path), cls=Option,
    section="Output",
    help="Judge nothing: in this checkout, put what earlier calls wrote with --out DIR in place of what is published "
    "of the same faults and servers. Repeatable.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, cls=Option, section="Output", help="Show no progress.")
@click.pass_context
def selftest(  # noqa: PLR0913 - one an option
    context: click.Context,
    /,
    *,
    fault_patterns: tuple[str, ...],
    variant_patterns: tuple[str, ...],
    seeds: int,
    first_seed: int,
    profile: str,
    deepen: bool,
    own_families: bool,
    jobs: int,
    directory: Path | None,
    resume: bool,
    folders: tuple[Path, ...],
    quiet: bool,
) -> int:
    """Judge the reference implementation, honest, broken in named ways and conforming in unusual ones.

    Each fault has to fail the rules that it breaks and to leave the other MUSTs green; the honest reference and each
    variant have to pass. Prints the matrix and its figures.
    """
    from ..reports.write import check_writable  # noqa: PLC0415 - help must come at once
    from ..selftest.matrix import Matrix  # noqa: PLC0415
    from ..selftest.pool import NothingMatches, cases  # noqa: PLC0415
    from ..selftest.publish import trials_in  # noqa: PLC0415

    if folders:
        return _publish(context, folders)
    if directory is not None:
        with call_errors():
            check_writable(directory)
    elif resume:
        raise CallError("--resume goes on with what is in a folder. Name the one of the earlier call with --out.")
    try:
        chosen = cases(
            fault_patterns, variant_patterns, seeds=seeds, first_seed=first_seed, profile=profile,  # type: ignore[arg-type]
            own_families=own_families,
        )  # fmt: skip
    except NothingMatches as error:
        raise CallError(str(error)) from None
    log = None if directory is None else directory / TRIALS
    known = trials_in(directory, TRIALS) if directory is not None and resume else []
    matrix = Matrix(_attempt(chosen, min(jobs, len(chosen)), known, log, deepen=deepen, quiet=quiet))
    say(matrix.to_text())
    if directory is not None:
        for path in _write(matrix, directory):
            say(f"Matrix: {path}")
    return 0 if matrix.as_expected else 1


def _attempt(
    chosen: list[Case], jobs: int, known: list[Trial], log: Path | None, *, deepen: bool, quiet: bool
) -> tuple[Trial, ...]:  # fmt: skip
    from ..selftest.pool import attempt_all  # noqa: PLC0415 - help must come at once
    from .signals import interruptible  # noqa: PLC0415
    from .telling import follow  # noqa: PLC0415

    progress = follow(quiet=quiet)
    lines = [_line(trial) for trial in known]

    def heard(done: int, trial: Trial) -> None:
        if log is not None:
            with log.open("a", encoding="utf-8") as written:
                written.write(_line(trial))
        progress.step(done, len(chosen), f"{trial.case.name}: {trial.verdict}")
        if not trial.as_expected:
            told = [*(f"missed {rule}" for rule in trial.missed), *(f"told {rule}" for rule in trial.alarms)]
            progress.note(f"{trial.case.name} (seed {trial.case.seed}): {', '.join(told) or trial.verdict}")

    if log is not None:
        log.write_text("".join(lines), encoding="utf-8")
    progress.step(0, len(chosen), f"{jobs} at a time")
    try:
        with interruptible():
            return attempt_all(chosen, jobs, heard, known, deepen=deepen)
    finally:
        progress.close()


def _line(trial: Trial) -> str:
    return json.dumps(trial.to_dict(), ensure_ascii=False) + "\n"


def _publish(context: click.Context, folders: tuple[Path, ...]) -> int:
    """Put what earlier calls measured in place of what is published, in the checkout that this runs from."""
    from ..reports.write import write_texts  # noqa: PLC0415 - help must come at once
    from ..selftest.publish import ROOT, NotPublished, publish, published, trials_in  # noqa: PLC0415

    others = [
        option.opts[-1]
        for option in context.command.params
        if option.name not in ("folders", "quiet")
        and context.get_parameter_source(str(option.name)) is click.core.ParameterSource.COMMANDLINE
    ]
    if others:
        raise CallError(f"--publish judges nothing, so that {others[0]} has no meaning beside it. Leave it out.")
    if not (ROOT / "pyproject.toml").is_file():
        raise CallError(
            "--publish writes into the checkout that exportproof runs from, and this one is installed from a wheel. "
            "Call it in a checkout, where 'pip install -e .' was called."
        )
    trials = []
    for folder in folders:
        found = trials_in(folder, TRIALS)
        if not found:
            raise CallError(
                f"There are no trials in {str(folder)!r}. Give the folder that 'exportproof selftest --out' wrote to."
            )
        trials += found
    try:
        texts = publish(trials, published())
    except NotPublished as error:
        raise CallError(str(error)) from None
    with call_errors():
        write_texts(ROOT, texts)
    for name in texts:
        say(f"Published: {name}")
    return 0


def _write(matrix: Matrix, directory: Path) -> list[Path]:
    from ..reports.proof_text import to_markdown  # noqa: PLC0415 - help must come at once
    from ..reports.write import write_texts  # noqa: PLC0415 - help must come at once

    with call_errors():
        return write_texts(
            directory,
            {
                "matrix.json": json.dumps(matrix.to_dict(), indent=2, ensure_ascii=False) + "\n",
                "matrix.md": to_markdown(matrix.proof),
            },
        )
