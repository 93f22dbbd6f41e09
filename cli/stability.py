"""`exportproof stability`: judge a target many times, and tell what does not end the same each time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .run import run, settings_of, started
from .shape import Command, Option, call_errors, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..conformance.progress import Progress
    from ..conformance.settings import Settings

EPILOG = """
\b
Examples:
  exportproof stability --runs 3 --profile quick
      judges the embedded reference three times
  exportproof stability http://127.0.0.1:8080/v4 --runs 10 --rules 'states/*'
      judges one family of a server's rules ten times, with the same requests
  exportproof stability http://127.0.0.1:8080/v4 --runs 10 --vary-seed
      asks for something else each time, so that what is rare shows as well

\b
Each run writes its reports into a folder of its own: run-1, run-2 and so on. Beside them stand stability.json, with
the share of each status by rule, and matrix.html, with all runs side by side.

\b
Exit status, the first that holds:
  2  interrupted; what was judged until then is told
  3  the suite itself failed
  4  the words of the call are off; nothing was sent, no report is written
  1  a run violates at least one MUST, or two runs contradict each other
  5  undetermined: a run could not tell
  0  every run conforms, and all say the same
"""

# The words that mean the same here as for a single run.
_SHARED = ("target_url", "control_url", "adapter", "adapter_settings", "capabilities", "resource_types", "user", "key",
           "other_user", "other_key", "link_lifetime", "primary_keys", "custom_fields", "profile", "rules", "readings",
           "seed", "job_timeout", "config", "docs_url", "fault", "variant")  # fmt: skip
_GRAVEST_FIRST = (2, 3, 1, 5, 0)


@click.command(cls=Command, epilog=EPILOG, short_help="Judge a target many times, and tell what varies.")
@click.option(
    "--runs", "count", metavar="N", type=click.IntRange(2, 1000), default=5, show_default=True, cls=Option,
    section="Judging", help="Judge the target so many times, one after the other.",
)  # fmt: skip
@click.option(
    "--vary-seed", is_flag=True, cls=Option, section="Judging",
    help="Ask for something else in each run: the seed, the seed and one, and so on.",
)  # fmt: skip
@click.option(
    "--report-dir", metavar="DIR", type=click.Path(path_type=Path), default=Path("exportproof-stability"),
    show_default=True, cls=Option, section="Output", help="Where the folders of the runs go, and what sums them up.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, cls=Option, section="Output", help="Show no progress.")
@click.pass_context
def stability(
    context: click.Context, /, *, count: int, vary_seed: bool, report_dir: Path, quiet: bool,
    config: Path | None, docs_url: str | None, **words: Any,  # noqa: ANN401 - click's own words
) -> int:  # fmt: skip
    """Judge a target many times, and tell the share of each status by rule.

    TARGET_URL is the root of the target's API. Without it, the embedded reference implementation is judged, started
    anew for each run. The same requests are made in each run, up to shifted instants and ids.
    """
    with call_errors():
        from ..reports.docs_link import docs_base  # noqa: PLC0415 - help must come at once
        from ..reports.stability import Stability  # noqa: PLC0415
        from ..reports.write import check_writable  # noqa: PLC0415
        from .settings_file import find, merged  # noqa: PLC0415
        from .telling import follow  # noqa: PLC0415

        found = find(config, Path.cwd())
        words = merged({**words, "docs_url": docs_url}, found)
        if found.path is not None and not quiet:
            say(f"Settings from {found.path}, where the call does not say otherwise", error=True)
        docs_url, embedded = words.pop("docs_url"), words["target_url"] is None
        settings = settings_of(context, {**words, "exitfirst": False})
        docs_base(docs_url, report_dir / "run-1")
        check_writable(report_dir)
        progress = follow(quiet=quiet)
        documents, statuses = [], []
        try:
            for number in range(count):
                seeded = replace(settings, seed=settings.seed + number) if vary_seed else settings
                progress.note(f"Run {number + 1} of {count}, seed {seeded.seed}")
                document, status = _judge(
                    seeded, report_dir / f"run-{number + 1}", progress, docs_url, embedded=embedded
                )
                documents.append(document)
                statuses.append(status)
                if status in (2, 3):
                    break
        finally:
            progress.close()
        judged = Stability(documents)
        say(judged.to_text(), newline=False)
        for path in _write(judged, report_dir):
            say(f"Report: {path}")
    statuses.append(0 if judged.steady else 1)
    return next(status for status in _GRAVEST_FIRST if status in statuses)


stability.params = [*stability.params, *(word for word in run.params if word.name in _SHARED)]


def _judge(
    settings: Settings, directory: Path, progress: Progress, docs: str | None, *, embedded: bool
) -> tuple[Mapping[str, Any], int]:
    """Judge the target once; return the run record and the exit status that the run alone would have."""
    from .judging import judge  # noqa: PLC0415 - help must come at once

    judged = judge(settings, directory, progress, lambda: started(settings, embedded=embedded), docs=docs)
    return judged.document, judged.exit_status


def _write(found: Any, directory: Path) -> list[Path]:  # noqa: ANN401 - a Stability, which is imported when needed
    from ..reports.matrix import Column, to_matrix  # noqa: PLC0415
    from ..reports.write import write_texts  # noqa: PLC0415

    columns = [Column(f"run {number}", document) for number, document in enumerate(found.documents, 1)]
    return write_texts(
        directory,
        {
            "stability.json": json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n",
            "matrix.html": to_matrix(columns),
        },
    )
