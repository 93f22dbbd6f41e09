"""`exportproof diff` and `exportproof matrix`: reports beside each other, without a target."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .names import complete_named_files
from .outputs import docs_option
from .shape import CallError, Command, Option, call_errors, say

if TYPE_CHECKING:
    from collections.abc import Mapping

DIFF_EPILOG = """
\b
Examples:
  exportproof diff main/report.json branch/report.json
      tells what a change made worse or better, and ends with 1 if anything is worse
  exportproof diff last-night this-night --format markdown
      the same for the page of a CI job; a folder stands for the report.json in it

\b
Worse is a violation, a warning or a doubt that was not there, a rule that cannot be judged any more since the
target offers less, and a graver verdict. Better is what passes now and did not. New is a rule or a judgement that
was not there, vanished one that is there no more. A reading that changed is told, and is not worse by itself; nor is
a violation that B excuses as a known failure.

\b
Exit status:
  4  the words of the call are off, or one of the two is no report that can be read
  1  something is worse
  0  nothing is worse
"""

MATRIX_EPILOG = """
\b
Examples:
  exportproof matrix ours theirs --out matrix.html
      two implementations side by side; a folder stands for the report.json in it
  exportproof matrix v1=old/report.json v2=new/report.json --out matrix.html
      two versions of one, with names of your own for the columns

\b
Exit status:
  4  the words of the call are off, a report cannot be read, or the page cannot be written
  0  the page was written, whatever the reports say
"""


@click.command(cls=Command, epilog=DIFF_EPILOG, short_help="Tell what changed from one report to another.")
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--format", "shape", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True,
    cls=Option, section="Output", help="How to tell it.",
)  # fmt: skip
def diff(*, before: Path, after: Path, shape: str) -> int:
    """Tell what got worse, better, new and vanished from report A to report B.

    A and B are files like report.json, or folders that hold one. Nothing is sent.
    """
    from ..reports.compared_text import to_markdown, to_text  # noqa: PLC0415 - help must come at once
    from ..reports.comparing import compare  # noqa: PLC0415

    found = compare(_read(before), _read(after))
    if shape == "json":
        say(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        say((to_markdown if shape == "markdown" else to_text)(found), newline=False)
    return 1 if found.worse else 0


@click.command(cls=Command, epilog=MATRIX_EPILOG, short_help="Put many reports side by side in one page.")
@click.argument("reports", metavar="[NAME=]REPORT...", nargs=-1, required=True, shell_complete=complete_named_files)
@click.option(
    "--out", metavar="FILE.html", type=click.Path(path_type=Path), required=True, cls=Option, section="Output",
    help="The page to write. It holds all it needs, and opens from disk.",
)  # fmt: skip
@docs_option
def matrix(*, reports: tuple[str, ...], out: Path, docs_url: str | None) -> None:
    """Put many reports side by side: rules by targets, their readings, and what changed from each to the next.

    REPORT is a file like report.json, or a folder that holds one; the columns stand in the order given. NAME is what
    the column is called, instead of the path.
    """
    from ..reports.docs_link import docs_base  # noqa: PLC0415 - help must come at once
    from ..reports.matrix import Column, to_matrix  # noqa: PLC0415
    from ..reports.write import ReportFolderError, write_texts  # noqa: PLC0415

    named = [_named(word) for word in reports]
    names = [name for name, _ in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CallError(f"Two columns would be called {twice!r}. Give each a name of its own: NAME=REPORT.")
    columns = [Column(name, _read(path)) for name, path in named]
    if out.is_dir():
        raise CallError(f"The page cannot be written to {str(out)!r}: it is a folder. Give a file with --out.")
    with call_errors():
        docs = docs_base(docs_url, out.parent)
    try:
        write_texts(out.parent, {out.name: to_matrix(columns, docs)})
    except ReportFolderError as error:
        raise CallError(
            f"The page cannot be written to {str(out)!r}: {error.reason}. Give a file that you may write to with --out."
        ) from None
    say(f"Matrix: {out}")


def _named(word: str) -> tuple[str, Path]:
    """Split NAME=REPORT; a path that exists as it stands has no name before it."""
    name, equals, place = word.partition("=")
    if not equals or not name or not place or Path(word).exists():
        return word, Path(word)
    return name, Path(place)


def _read(place: Path) -> Mapping[str, Any]:
    from ..reports.reading import BadReportError, read_report  # noqa: PLC0415 - help must come at once

    try:
        return read_report(place)
    except BadReportError as error:
        raise CallError(str(error)) from None
