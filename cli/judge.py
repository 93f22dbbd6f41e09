"""`exportproof judge`: judge a recorded run again, without its target."""

from __future__ import annotations

from pathlib import Path

import click

from .names import complete_readings, complete_rules
from .outputs import docs_option, report_option
from .shape import CallError, Command, Option, call_errors

EPILOG = """
\b
Examples:
  exportproof judge exportproof-report
      judges the last run in this folder again, by today's rules, and writes its reports anew
  exportproof judge exportproof-report --rules 'split/*' --report-dir elsewhere
      judges one family, and leaves the run's own reports as they are
  exportproof judge exportproof-report --reading window-ends=closed
      asks what the verdict would be if the target had promised that
  exportproof judge exportproof-report --report badge-svg=badge.svg
      writes the badge of the last run anew, which goes grey when that run is 30 days old

\b
Exit status, the first that holds:
  2  the run was interrupted when it was recorded
  3  the suite itself failed, now or then
  4  the words of the call are off, or there is no record that can be read: none there, one of another
     format version, or one that was altered
  1  the target violates at least one MUST
  5  undetermined: nothing could be judged, a MUST that was tried stayed open, or the record was cut short
  0  the target conforms to all that was judged

Known failures that the run's settings file listed are excused here, too, as long as their day has not passed.
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Judge a recorded run again, offline.")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--rules", metavar="PATTERN", multiple=True, shell_complete=complete_rules, cls=Option, section="Judging",
    help="Only rules whose id matches, such as 'split/*'. Repeatable. Without it, the run's own choice.",
)  # fmt: skip
@click.option(
    "--reading", "readings", metavar="NAME=VALUE", multiple=True, shell_complete=complete_readings,
    cls=Option, section="Judging",
    help="Hold the target to one reading, beside those that the run held it to. Repeatable.",
)  # fmt: skip
@click.option(
    "--report-dir", metavar="DIR", type=click.Path(path_type=Path), cls=Option, section="Output",
    help="Where report.json, report.html and junit.xml go.  [default: the folder that holds the record]",
)  # fmt: skip
@report_option
@docs_option
@click.option("-q", "--quiet", is_flag=True, cls=Option, section="Output", help="Print the verdict alone.")
@click.option(
    "--debug", is_flag=True, cls=Option, section="Output", help="Print a traceback when the suite itself fails."
)  # fmt: skip
def judge(*, directory: Path, rules: tuple[str, ...], readings: tuple[str, ...], report_dir: Path | None,
          reports: tuple[str, ...], docs_url: str | None, quiet: bool, debug: bool) -> int:  # fmt: skip  # noqa: ARG001 - main reads --debug from the words
    """Judge a recorded run again, offline, by the rules of this version.

    DIR is the folder that a run wrote its reports to. Every run leaves a record there, in the folder "record"; the
    same version gives the same verdict. Nothing is sent, and no credentials are needed.
    """
    from ..conformance.record_log import RecordError  # noqa: PLC0415 - help must come at once

    with call_errors():
        from ..reports.kinds import parse_wanted  # noqa: PLC0415
        from .judging import judge_again  # noqa: PLC0415
        from .telling import follow, tell  # noqa: PLC0415

        wanted = parse_wanted(reports)
        progress = follow(quiet=quiet)
        try:
            judged = judge_again(directory, rules, readings, progress, report_dir, wanted, docs_url)
        except RecordError as error:
            raise CallError(str(error)) from None
        finally:
            progress.close()
    tell(judged, quiet=quiet)
    return judged.exit_status
