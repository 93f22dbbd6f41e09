"""`exportproof run`: judge a target, or the embedded reference, and write a report."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .names import check_names, complete_faults, complete_profiles, complete_readings, complete_rules, complete_variants
from .outputs import docs_option, report_option
from .shape import CallError, Command, Option, call_errors, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ..conformance.settings import Settings

# What names or opens a target; without one it would be passed over in silence.
_ABOUT_TARGETS = ("control_url", "adapter", "adapter_settings", "user", "key", "other_user", "other_key",
                  "primary_keys", "custom_fields", "resource_types", "capabilities")  # fmt: skip
_SCHEME_AND_PLACE = "http://127.0.0.1/v4"
"""Stands for the embedded reference's URL until its port is known."""

EPILOG = """
\b
Examples:
  exportproof run
      judges the embedded reference implementation
  exportproof run --fault NAME
      the same, broken in one way: see what a violation looks like
  exportproof run http://127.0.0.1:8080/v4
      judges a server from outside; the credentials come from the environment
  exportproof run http://127.0.0.1:8080/v4 --control-url http://127.0.0.1:8080/_control
      judges every rule, with records and a clock that the suite sets
  exportproof run http://127.0.0.1:8080/v4 --adapter shop_adapter:ShopAdapter
      the same, where a Python class of yours reaches the records
  exportproof run http://127.0.0.1:8080/v4 --rules 'split/*' --rules 'csv/*' -x
      judges two families, and stops at the first violation
  exportproof run --report markdown=summary.md --report sarif=report.sarif --report badge-svg=badge.svg
      writes a summary for the page of a CI job, results for a code-scanning page, and a badge, too

\b
Exit status, the first that holds:
  2  interrupted
  3  the suite itself failed
  4  the words of the call are off; nothing was sent, no report is written
  1  the target violates at least one MUST
  5  undetermined: nothing could be judged, or a MUST that was tried stayed open
  0  the target conforms to all that was judged

Known failures of the settings file are told, but do not count until their day has passed. An entry that expired, or
whose rule passes or is gone, is a 1 itself.

An environment variable that is empty counts as unset. Keys are better given as environment variables: other
users of a machine can read the words of a command.
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Judge a target and write a report.")
@click.argument("target_url", metavar="[TARGET_URL]", required=False)
@click.option(
    "--control-url", metavar="URL", envvar="EXPORTPROOF_CONTROL_URL", show_envvar=True, cls=Option, section="Target",
    help="The target's control API. Without it, only what can be judged from outside is judged.",
)  # fmt: skip
@click.option(
    "--adapter", metavar="MODULE:CLASS", envvar="EXPORTPROOF_ADAPTER", show_envvar=True, cls=Option,
    section="Target",
    help="A Python class that does what a control API would, where the target has none; by its module, looked for in "
    "this folder first, or by the name of its entry point. See docs/adapter.md.",
)  # fmt: skip
@click.option(
    "--adapter-setting", "adapter_settings", metavar="NAME=VALUE", multiple=True, cls=Option, section="Target",
    help="A setting that the adapter is made with. Repeatable.",
)  # fmt: skip
@click.option(
    "--capability", "capabilities", metavar="NAME", multiple=True, cls=Option, section="Target",
    help="Use only these of what the control API or the adapter offers: changes, reset, clock, writes. Repeatable.",
)  # fmt: skip
@click.option(
    "--resource-type", "resource_types", metavar="TYPE", multiple=True, cls=Option, section="Target",
    help="Judge only these of the resource types that the target lists. Repeatable.",
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
    help="The user of a second account, to judge that accounts are kept apart.",
)  # fmt: skip
@click.option(
    "--other-key", metavar="KEY", envvar="EXPORTPROOF_OTHER_KEY", show_envvar=True, cls=Option, section="Target",
    help="The key of the second account.",
)  # fmt: skip
@click.option(
    "--link-lifetime", metavar="DURATION", cls=Option, section="Target",
    help="How long the target declares its download links to live, such as 90s, 24h or 20d.  [default: 20d]",
)  # fmt: skip
@click.option(
    "--primary-key", "primary_keys", metavar="TYPE=COLUMN", multiple=True, cls=Option, section="Target",
    help="The column of a resource type's primary key, where the target names it otherwise. Repeatable.",
)  # fmt: skip
@click.option(
    "--custom-field", "custom_fields", metavar="TYPE=ID", multiple=True, cls=Option, section="Target",
    help="A custom field of a resource type, where no control API tells them. Repeatable.",
)  # fmt: skip
@click.option(
    "--profile", metavar="quick|standard|thorough", envvar="EXPORTPROOF_PROFILE", show_envvar=True,
    shell_complete=complete_profiles, cls=Option, section="Judging", help="How hard to look.  [default: standard]",
)  # fmt: skip
@click.option(
    "--rules", metavar="PATTERN", multiple=True, shell_complete=complete_rules, cls=Option, section="Judging",
    help="Only rules whose id matches, such as 'split/*'. Repeatable; 'exportproof rules' lists them.",
)  # fmt: skip
@click.option(
    "--reading", "readings", metavar="NAME=VALUE", multiple=True, shell_complete=complete_readings,
    cls=Option, section="Judging",
    help="Hold the target to one reading. Repeatable; 'exportproof readings' lists them.",
)  # fmt: skip
@click.option(
    "-x", "--exitfirst", is_flag=True, cls=Option, section="Judging", help="Stop at the first violation."
)  # fmt: skip
@click.option(
    "--seed", metavar="INT", cls=Option, section="Judging",
    help="Ask for the same job bodies in the same order as an earlier run with this seed, profile and version.",
)  # fmt: skip
@click.option(
    "--job-timeout", metavar="SECONDS", cls=Option, section="Judging",
    help="The longest wait for one job.  [default: 60]",
)  # fmt: skip
@click.option(
    "--max-jobs", metavar="N", cls=Option, section="Judging",
    help="The most jobs to create; rules that would take more are not judged.",
)  # fmt: skip
@click.option(
    "--max-requests", metavar="N", cls=Option, section="Judging",
    help="The most requests to send; rules that would take more are not judged.",
)  # fmt: skip
@click.option(
    "--report-dir", metavar="DIR", type=click.Path(path_type=Path), default=Path("exportproof-report"),
    show_default=True, cls=Option, section="Output",
    help="Where report.json, report.html, junit.xml and the record of the run go.",
)  # fmt: skip
@report_option
@docs_option
@click.option(
    "--link-ledger", metavar="FILE", type=click.Path(path_type=Path), cls=Option, section="Output",
    help="Note the links that the run leaves behind, for 'exportproof recheck FILE' to look at them until they expire.",
)  # fmt: skip
@click.option(
    "-q", "--quiet", is_flag=True, cls=Option, section="Output", help="Print the verdict alone, and no progress."
)  # fmt: skip
@click.option(
    "--debug", is_flag=True, cls=Option, section="Output", help="Print a traceback when the suite itself fails."
)  # fmt: skip
@click.option(
    "--config", metavar="FILE", type=click.Path(path_type=Path), cls=Option, section="Judging",
    help="The settings file.  [default: exportproof.toml, or [tool.exportproof] of a pyproject.toml, in this folder]",
)  # fmt: skip
@click.option(
    "--fault", metavar="NAME", shell_complete=complete_faults, cls=Option, section="Embedded reference",
    help="Break the reference implementation in that way.",
)  # fmt: skip
@click.option(
    "--variant", metavar="NAME", shell_complete=complete_variants, cls=Option, section="Embedded reference",
    help="Let the reference implementation conform in that unusual way.",
)  # fmt: skip
@click.pass_context
def run(
    context: click.Context, /, *, report_dir: Path, reports: tuple[str, ...], link_ledger: Path | None, quiet: bool,
    debug: bool, config: Path | None, **words: Any,  # noqa: ANN401 - click's own words
) -> int:  # fmt: skip
    """Judge a target and write a report.

    TARGET_URL is the root of the target's API, such as http://127.0.0.1:8080/v4. Without it, the embedded
    reference implementation is started on a free port, judged, and stopped.
    """
    with call_errors():
        from .settings_file import find, merged  # noqa: PLC0415 - help must come at once

        found = find(config, Path.cwd())
        words = merged(words, found)
        docs_url = words.pop("docs_url", None)
        if found.path is not None and not quiet:
            say(f"Settings from {found.path}, where the call does not say otherwise", error=True)
        settings = settings_of(context, dict(words))
        from ..reports.kinds import parse_wanted  # noqa: PLC0415 - help must come at once
        from .judging import judge  # noqa: PLC0415
        from .telling import follow, tell  # noqa: PLC0415

        wanted = parse_wanted(reports)
        progress = follow(quiet=quiet)
        try:
            embedded = words["target_url"] is None
            if embedded and link_ledger is not None:
                raise CallError(
                    "--link-ledger is for a target that stays, and the embedded reference stops with its run. "
                    "Start 'exportproof serve' and give its URL."
                )
            judged = judge(
                settings,
                report_dir,
                progress,
                lambda: started(settings, embedded=embedded),
                link_ledger,
                wanted,
                docs_url,
            )
        finally:
            progress.close()
    if debug and judged.crash is not None:
        say(judged.crash, error=True)
    tell(judged, quiet=quiet)
    return judged.exit_status


def settings_of(context: click.Context, words: dict[str, Any]) -> Settings:
    """Check the words of the call and return the settings that they mean."""
    from ..conformance.words import Words  # noqa: PLC0415 - help must come at once

    if words["target_url"] is None:
        words = _without_target(context, words)
        check_names(words["fault"], words["variant"])
    else:
        for name in ("fault", "variant"):
            if words[name] is not None:
                raise CallError(f"--{name} is for the embedded reference only. Leave it or TARGET_URL out.")
    target_url = _SCHEME_AND_PLACE if words["target_url"] is None else words["target_url"]
    exit_first = words.pop("exitfirst")
    return Words(**{**words, "target_url": target_url, "exit_first": exit_first}).settings()


def _without_target(context: click.Context, words: dict[str, Any]) -> dict[str, Any]:
    """Return the words for the embedded reference, which brings its own accounts and control URL.

    An option about a target without a target is a slip, perhaps a variable that was empty: judging the
    embedded reference instead would look like a verdict about the target.
    """
    given = [name for name in _ABOUT_TARGETS if words[name] not in (None, (), {})]
    for name in given:
        if context.get_parameter_source(name) is not click.core.ParameterSource.ENVIRONMENT:
            option = next(option.opts[-1] for option in context.command.params if option.name == name)
            raise CallError(
                f"{option} is about a target of your own, but no TARGET_URL was given. "
                "Give the URL of its API root too, such as http://127.0.0.1:8080/v4."
            )
    if given:
        say(
            "No TARGET_URL was given: the embedded reference is judged, and the credentials and control URL "
            "of the environment play no part.",
            error=True,
        )
    return words | {
        name: type(words[name])() if isinstance(words[name], tuple | dict) else None for name in _ABOUT_TARGETS
    }


@contextmanager
def _embedded(settings: Settings) -> Iterator[Settings]:
    from ..reference import embedded  # noqa: PLC0415 - only this run needs it

    with embedded(fault=settings.fault, variant=settings.variant) as server:
        (user, key), (other_user, other_key) = server.accounts
        yield replace(
            settings, target_url=server.url, control_url=server.control_url,
            user=user, key=key, other_user=other_user, other_key=other_key,
        )  # fmt: skip


def started(settings: Settings, *, embedded: bool) -> AbstractContextManager[Settings]:
    """Open what a run needs, the embedded reference or nothing, and give the settings to judge it with."""
    return _embedded(settings) if embedded else nullcontext(settings)
