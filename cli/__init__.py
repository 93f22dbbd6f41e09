"""The command line: `exportproof run`, `recheck`, `judge`, `serve`, `docs`, and lists of what the project knows.

What is slow to import is imported by the command that needs it, so that help comes at once.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from typing import TYPE_CHECKING

import click

from .. import __version__
from .compare import diff, matrix
from .init import init
from .judge import judge
from .lists import docs, faults, readings, rules, variants
from .recheck import recheck
from .run import run
from .schema import schema
from .selftest import selftest
from .serve import serve
from .shape import CALL_IS_OFF, INTERRUPTED, SETTINGS, SUITE_FAILED, Group, let_go, say, show_error, strike
from .stability import stability

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.group(
    cls=Group,
    context_settings=SETTINGS,
    epilog="Start with 'exportproof run', which judges the embedded reference implementation, then give it the "
    "URL of a server of yours. Each command explains itself: 'exportproof run --help'.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Judge servers that offer Changed Entity Export Jobs.

    A run drives a server over HTTP, holds what it answers and exports against a catalogue of rules, and writes a
    report with the evidence: as a page, as JSON and as JUnit XML.
    """


for command in (
    run,
    init,
    recheck,
    judge,
    diff,
    matrix,
    stability,
    serve,
    schema,
    rules,
    readings,
    faults,
    variants,
    selftest,
    docs,
):
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status (contract, section 3).

    `arguments` are the words after the program's name; those of the process when absent.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "_EXPORTPROOF_COMPLETE" in os.environ:
        from . import completion  # noqa: F401, PLC0415 - it adds itself to click's, and only a shell that asks needs it
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a log without a character shows it as an escape: that is no reason to stop.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = commands.main(args=words, prog_name="exportproof", standalone_mode=False)
    except click.ClickException as error:
        show_error(error, words)
        return CALL_IS_OFF
    except (click.Abort, KeyboardInterrupt):
        say("exportproof: interrupted.", error=True)
        return INTERRUPTED
    except BrokenPipeError:
        # click writes help by itself; a reader that has gone away (`exportproof --help | head`) is no failure.
        let_go(sys.stdout)
        return 0
    except Exception as error:  # noqa: BLE001 - a user gets a sentence, and the traceback only when asked for
        if "--debug" in words:
            say(strike(traceback.format_exc(), words), error=True)
        say(
            f"exportproof itself failed: {type(error).__name__}: {strike(str(error), words)}. "
            "Please report it to the project, with what --debug prints.",
            error=True,
        )
        return SUITE_FAILED
    return status if isinstance(status, int) else 0
