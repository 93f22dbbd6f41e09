"""How the command line looks: help with its options in groups, errors in one sentence, exit statuses."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INTERRUPTED, SUITE_FAILED, CALL_IS_OFF = 2, 3, 4
"""The exit statuses that no verdict gives (contract, section 3)."""

_KEY_OPTIONS = frozenset({"--key", "--other-key"})
_KEY_VARIABLES = ("EXPORTPROOF_KEY", "EXPORTPROOF_OTHER_KEY")

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class CallError(click.ClickException):
    """The call's words are off. The message is whole: it says what to do next."""

    exit_code = CALL_IS_OFF

    def __init__(self, message: str) -> None:
        """Take the sentence, and note the command that it is about."""
        super().__init__(message)
        self.ctx = click.get_current_context(silent=True)


class Option(click.Option):
    """An option with the section of the help that it belongs to."""

    def __init__(self, *args: Any, section: str = "Other", **kwargs: Any) -> None:  # noqa: ANN401 - click's own words
        """Take click's arguments, and the section's title."""
        super().__init__(*args, **kwargs)
        self.section = section


class Command(click.Command):
    """A command whose help shows its options by section, in the order in which they were declared."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words; an error tells which command it is about, as click's own parser does not always."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one definition list a section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        # The arguments are explained in the text; --help itself is no option of the matter, and comes last.
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Other"), []).append(record)
        for title, records in sorted(sections.items(), key=lambda section: section[0] == "Other"):
            with formatter.section(title):
                formatter.write_dl(records)


class Group(click.Group):
    """A group that lists its commands in the order in which they were added: the main one first."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Return the commands' names."""
        return list(self.commands)


@contextmanager
def call_errors() -> Iterator[None]:
    """Turn what the suite, the reports and the reference say of bad words into CallError."""
    from ..conformance.link_ledger_file import LedgerError  # noqa: PLC0415 - help must come at once
    from ..conformance.link_seal import SealError  # noqa: PLC0415
    from ..conformance.settings import BadSettings  # noqa: PLC0415
    from ..reports.write import ReportError  # noqa: PLC0415

    try:
        yield
    except (BadSettings, ReportError, LedgerError, SealError) as error:
        raise CallError(str(error)) from None


def show_error(error: click.ClickException, words: Sequence[str]) -> None:
    """Write a call's error as one sentence, with the place where help stands if it does not say it itself."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = error.ctx if isinstance(error, click.UsageError | CallError) else None
    path = context.command_path if context is not None else "exportproof"
    say(f"{path}: {strike(error.format_message(), words)}", error=True)
    if not isinstance(error, CallError):
        say(f"'{path} --help' lists what can be written.", error=True)


def strike(text: str, words: Sequence[str]) -> str:
    """Return a text without the keys that the call's words or the environment hold, and without passwords in URLs.

    What goes wrong before a run has settings, and so before anything else knows what is secret, is told through here.
    """
    from ..reports.redact import Redactor  # noqa: PLC0415 - help must come at once

    given = {after for word, after in pairwise(words) if word in _KEY_OPTIONS}
    given |= {word.partition("=")[2] for word in words if word.partition("=")[0] in _KEY_OPTIONS}
    given |= {os.environ.get(name, "") for name in _KEY_VARIABLES}
    return Redactor(given).strike(text)


def say(text: str, *, error: bool = False, newline: bool = True) -> None:
    """Write a text; a reader that has gone away (`exportproof rules | head`) is no failure."""
    stream = sys.stderr if error else sys.stdout
    if stream is None:  # a caller that closed it wants to hear nothing
        return
    try:
        click.echo(text, file=stream, nl=newline)
        stream.flush()
    except OSError:
        let_go(stream)


def let_go(stream: TextIO) -> None:
    """Let whatever is written to a stream from now on, also by the interpreter when it ends, go nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
