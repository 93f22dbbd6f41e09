"""The options that every command that writes reports has: more kinds of report, and where the documentation is."""

from __future__ import annotations

import click

from .names import complete_folders, complete_reports
from .shape import Option

REPORT_HELP = (
    "One more report: json, html, junit, sarif, markdown (a summary for the page of a CI job), badge (what shields.io "
    "reads) or badge-svg, such as sarif=report.sarif. Repeatable."
)

report_option = click.option(
    "--report", "reports", metavar="KIND=PATH", multiple=True, shell_complete=complete_reports,
    cls=Option, section="Output",
    help=REPORT_HELP,
)  # fmt: skip

docs_option = click.option(
    "--docs", "docs_url", metavar="URL|DIR", envvar="EXPORTPROOF_DOCS", show_envvar=True,
    shell_complete=complete_folders, cls=Option, section="Output",
    help="Where the pages of 'exportproof docs' are: an address, or the folder that it wrote. The reports then link "
    "each rule to its page.",
)  # fmt: skip
