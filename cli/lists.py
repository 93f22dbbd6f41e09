"""`exportproof rules`, `readings` and `docs`: what the catalogue holds, without a target."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import click

from .names import complete_rules
from .shape import CallError, Command, call_errors, say


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


@click.command(cls=Command, short_help="Write the API reference, and a page for each rule.")
@click.option("--out", "directory", metavar="DIR", type=click.Path(path_type=Path), required=True,
              help="The folder to write into; it is made if it is not there.")  # fmt: skip
def docs(*, directory: Path) -> None:
    """Write the API reference and a page for each rule, as a site that opens from disk."""
    from ..reports.docs import write_docs  # noqa: PLC0415 - help must come at once

    with call_errors():
        try:
            write_docs(directory)
        except OSError as error:
            raise CallError(
                f"The folder {directory} cannot be written ({error.strerror}). Give another one with --out."
            ) from None
    say(f"Documentation: {directory / 'index.html'}")
