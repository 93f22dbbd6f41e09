"""`exportproof recheck`: look again at the links of a ledger, until each is known to have died in time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .outputs import docs_option, report_option
from .shape import Command, Option, call_errors, say

EPILOG = """
\b
Examples:
  exportproof run http://127.0.0.1:8080/v4 --link-ledger links.json
      judges a server, and notes the links that it gave out
  exportproof recheck links.json
      tries every link that is due: daily by cron, or on a schedule of a CI
  exportproof recheck links.json --report markdown=summary.md
      tells for the page of a CI job as well what the run and all looks found

\b
Exit status, the first that holds:
  2  interrupted; what was looked at until then is noted
  3  the suite itself failed
  4  the words of the call are off, or the ledger cannot be used: it is not there, was cut short, has another
     version, belongs to another target, or was sealed with another key. The file is left as it was
  1  a link broke its promise: now, or at an earlier look
  5  a link that was due could not be tried, such as when the target does not answer
  0  every link did what it had to so far; also when nothing is due

A link that the ledger does not keep, since EXPORTPROOF_LEDGER_KEY was not set when it was made, is fetched again
through its job, which takes the credentials.
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Look again at the links of earlier runs.")
@click.argument("ledger", metavar="LEDGER", type=click.Path(path_type=Path))
@click.option(
    "--target-url", metavar="URL", cls=Option, section="Target",
    help="The target that the ledger has to belong to, as a check. Without it, whichever it belongs to.",
)  # fmt: skip
@click.option(
    "--user", metavar="NAME", envvar="EXPORTPROOF_USER", show_envvar=True, cls=Option, section="Target",
    help="The user of the Basic credentials.",
)  # fmt: skip
@click.option(
    "--key", metavar="KEY", envvar="EXPORTPROOF_KEY", show_envvar=True, cls=Option, section="Target",
    help="The key of the Basic credentials.",
)  # fmt: skip
@click.option(
    "--other-user", metavar="NAME", envvar="EXPORTPROOF_OTHER_USER", show_envvar=True, cls=Option, section="Target",
    help="The user of the second account.",
)  # fmt: skip
@click.option(
    "--other-key", metavar="KEY", envvar="EXPORTPROOF_OTHER_KEY", show_envvar=True, cls=Option, section="Target",
    help="The key of the second account.",
)  # fmt: skip
@click.option(
    "--link-lifetime", metavar="DURATION", cls=Option, section="Target",
    help="How long the target declares its download links to live.  [default: as in the run that noted them]",
)  # fmt: skip
@click.option(
    "--report-dir", metavar="DIR", type=click.Path(path_type=Path), default=Path("exportproof-report"),
    show_default=True, cls=Option, section="Output",
    help="The folder of the run's report, which what is found is joined to. The ledger has its outline if it is gone.",
)  # fmt: skip
@report_option
@docs_option
@click.option("-q", "--quiet", is_flag=True, cls=Option, section="Output", help="Print one line, and no progress.")
@click.option(
    "--debug", is_flag=True, cls=Option, section="Output", help="Print a traceback when the suite itself fails."
)  # fmt: skip
def recheck(
    *, ledger: Path, target_url: str | None, report_dir: Path, reports: tuple[str, ...], docs_url: str | None,
    quiet: bool, debug: bool,  # noqa: ARG001 - main reads --debug from the words
    **words: Any,  # noqa: ANN401 - click's own words
) -> int:  # fmt: skip
    """Look again at the download links that earlier runs left in a link ledger.

    LEDGER is the file that 'exportproof run --link-ledger' wrote. Each link that is due is tried: before its end it has
    to deliver the bytes that it did at first, after its end it has to be refused. Each is settled once; what every look
    found stays in the file. Calling this more often than needed does no harm, and finds early deaths sooner.
    """
    with call_errors():
        from ..reports.kinds import parse_wanted  # noqa: PLC0415 - help must come at once
        from .rechecking import recheck_ledger  # noqa: PLC0415
        from .telling import follow  # noqa: PLC0415

        wanted = parse_wanted(reports)
        progress = follow(quiet=quiet)
        try:
            found = recheck_ledger(ledger, target_url, words, report_dir, progress, wanted, docs_url)
        finally:
            progress.close()
    for line in found.lines[:1] if quiet else found.lines:
        say(line)
    return found.exit_status
