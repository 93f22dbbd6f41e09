"""`exportproof rules`, `readings`, `faults`, `variants` and `docs`: what the project knows, without a target."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .names import complete_rules, fault_names, variant_names
from .shape import CallError, Command, call_errors, say

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(cls=Command, short_help="List the rules that a target is judged by.")
@click.option(
    "--rules", "patterns", metavar="PATTERN", multiple=True, shell_complete=complete_rules,
    help="Only rules whose id matches, such as 'split/*'. Repeatable.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything that the catalogue says of them, as JSON.")
def rules(*, patterns: tuple[str, ...], as_json: bool) -> None:
    """List the rules: id, level and title."""
    from ..conformance.settings import select_rules  # noqa: PLC0415 - help must come at once
    from ..spec import catalogue  # noqa: PLC0415

    with call_errors():
        chosen = select_rules(patterns)
    found = [rule for rule in catalogue.rules().values() if rule.id in chosen]
    if as_json:
        entries = [
            {
                "id": rule.id,
                "level": rule.level,
                "title": rule.title,
                "demand": rule.demand,
                "fix": rule.fix,
                "source": list(rule.source),
                "needs": sorted(rule.needs),
                "readings": list(rule.readings),
            }
            for rule in found
        ]
        say(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    width = max(len(rule.id) for rule in found)
    say("\n".join(f"{rule.id:<{width}}  {rule.level:<6}  {rule.title}" for rule in found))


@click.command(cls=Command, short_help="List what the documentation leaves open.")
@click.option("--json", "as_json", is_flag=True, help="Print everything that is known of them, as JSON.")
def readings(*, as_json: bool) -> None:
    """List the readings: what the documentation leaves open, and the values that a run can be held to."""
    from ..spec import catalogue  # noqa: PLC0415 - help must come at once

    if as_json:
        entries = [
            {
                "name": reading.name,
                "question": reading.question,
                "values": dict(reading.values),
                "source": list(reading.source),
                "rule": reading.rule,
            }
            for reading in catalogue.readings().values()
        ]
        say(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    for reading in catalogue.readings().values():
        say(reading.name)
        say(textwrap.fill(reading.question, 98, initial_indent="  ", subsequent_indent="  "))
        for value, meaning in reading.values.items():
            line = f"{reading.name}={value}: {meaning}"
            say(textwrap.fill(line, 98, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False))


@click.command(cls=Command, short_help="List the ways in which the reference can be broken.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def faults(*, as_json: bool) -> None:
    """List the faults of the reference implementation: names for --fault, and what each does wrong."""
    _list_names(fault_names(), as_json=as_json)


@click.command(cls=Command, short_help="List the unusual ways in which the reference can conform.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def variants(*, as_json: bool) -> None:
    """List the variants of the reference implementation: names for --variant, and what each does."""
    _list_names(variant_names(), as_json=as_json)


def _list_names(names: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps([{"name": name, "does": text} for name, text in names.items()], indent=2, ensure_ascii=False))
        return
    for name, text in names.items():
        say(name)
        say(textwrap.fill(text, 98, initial_indent="  ", subsequent_indent="  "))


DOCS_EPILOG = """
\b
Examples:
  exportproof docs --out site
      writes the site; open site/index.html
  exportproof run http://127.0.0.1:8080/v4 --docs site
      judges a server, and links each rule of the report to its page

\b
Exit status:
  4  the words of the call are off, or the folder cannot be written
  0  the site was written
"""


@click.command(cls=Command, epilog=DOCS_EPILOG, short_help="Write the API reference, and a page for each rule.")
@click.option("--out", "directory", metavar="DIR", type=click.Path(path_type=Path), required=True,
              help="The folder to write into; it is made if it is not there.")  # fmt: skip
def docs(*, directory: Path) -> None:
    """Write the API reference and a page for each rule, as a site that opens from disk.

    Beside them stand what the documentation of the API says, address by address, the readings, the control API, how to
    read a report, and what the selftest measured. The pages load nothing and need no network.
    """
    from ..reports.docs import write_docs  # noqa: PLC0415 - help must come at once
    from ..reports.write import ReportFolderError  # noqa: PLC0415
    from ..selftest.publish import published  # noqa: PLC0415

    try:
        write_docs(directory, published())
    except ReportFolderError as error:
        raise CallError(
            f"The documentation cannot be written to {str(directory)!r}: {error.reason}. "
            "Give a folder that you may write to with --out."
        ) from None
    say(f"Documentation: {directory / 'index.html'}")
