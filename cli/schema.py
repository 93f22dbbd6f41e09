"""`exportproof schema`: the document and the catalogue as tools, without a target."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .shape import CallError, Command, Group, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..toolkit.remark import Remark

    _F = TypeVar("_F", bound=Callable[..., Any])

INVALID = 1
"""The exit status when what was judged has an error."""

STATUSES = "Exit status: 0 valid (warnings leave it so), 1 invalid, 4 it could not be judged."


@click.group(
    cls=Group,
    short_help="Check a document, a message or a download; export the schemas.",
    epilog=f"{STATUSES} Each command explains itself: 'exportproof schema lint --help'.",
)
def schema() -> None:
    """Use the API's document and rules without a target.

    They check OpenAPI documents of this API, the messages of a client or a server, and files that were downloaded, and
    they become schemas, models and tables for code of your own.
    """


@contextmanager
def bad_input() -> Iterator[None]:
    """Turn what the toolkit says of bad input into CallError."""
    from ..toolkit.remark import BadInput  # noqa: PLC0415 - help must come at once

    try:
        yield
    except BadInput as error:
        raise CallError(str(error)) from None


def _file(name: str, **more: Any) -> Callable[[_F], _F]:  # noqa: ANN401 - click's own words
    return click.argument(name, type=click.Path(path_type=Path), **more)


def _as_json() -> Callable[[_F], _F]:
    return click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON.")


def tell(judged: Sequence[str], remarks: Sequence[Remark], *, as_json: bool, cut: bool = False) -> int:
    """Print remarks and what they amount to; return the exit status.

    `cut` says that a file was cut short, so that nothing more than the remarks can be said.
    """
    errors = sum(remark.level == "error" for remark in remarks)
    if as_json:
        found = [remark.serializable() for remark in remarks]
        say(
            json.dumps(
                {"valid": not errors and not cut, "judged": list(judged), "remarks": found},
                indent=2,
                ensure_ascii=False,
            )
        )
        return INVALID if errors else 0
    for remark in remarks:
        say(str(remark))
    for line in judged:
        say(f"Judged: {line}")
    warnings = len(remarks) - errors
    counts = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
    say(f"{'Cut short' if cut else 'Invalid' if errors else 'Valid'}: {counts}.")
    return INVALID if errors else 0


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@schema.group(cls=Group, short_help="Check the body of a request or an answer, or a recording.")
def validate() -> None:
    """Check one body, or the bodies of a recording (HAR), against the document and the rules."""


_NOW = click.option(
    "--now", metavar="INSTANT",
    help="The server's present, such as 2026-11-23T08:00:00Z.  [default: the present; in a HAR file, when each request "
    "was recorded]",
)  # fmt: skip


@validate.command(cls=Command, epilog=STATUSES, short_help="Check a creation request.")
@_file("file", metavar="FILE")
@_NOW
@_as_json()
def request(*, file: Path, now: str | None, as_json: bool) -> int:
    """Check FILE, the JSON body of a creation request or a HAR file of recorded requests.

    Each error names the place as a JSON pointer, the value there, what is allowed, and the rule. Rules that no schema
    can hold are checked as well: that the window lies in the last 90 days, ends after it starts and not in the future.
    """
    from ..toolkit.validate import parse_now, validate_request  # noqa: PLC0415 - help must come at once

    with bad_input():
        report = validate_request(file, now=None if now is None else parse_now(now))
    return tell(report.judged, report.remarks, as_json=as_json)


@validate.command(cls=Command, epilog=STATUSES, short_help="Check an answer.")
@_file("file", metavar="FILE")
@click.option(
    "--operation", metavar="NAME",
    help="What was asked: create, job, resources, fields, changeTypes, or an operationId.  [default: guessed]",
)  # fmt: skip
@click.option(
    "--status", metavar="CODE", type=click.IntRange(100, 599), help="The answer's status.  [default: guessed]"
)
@_NOW
@_as_json()
def response(*, file: Path, operation: str | None, status: int | None, now: str | None, as_json: bool) -> int:
    """Check FILE, the JSON body of an answer or a HAR file of recorded answers.

    Without --operation the body shows what it answers: a list of names, fields or change types, a job, a creation or an
    error. In a HAR file each answer is judged by its own request, and a creation that should have been refused is told.
    """
    from ..toolkit.validate import parse_now, validate_response  # noqa: PLC0415 - help must come at once

    with bad_input():
        present = None if now is None else parse_now(now)
        report = validate_response(file, operation=operation, status=status, now=present)
    return tell(report.judged, report.remarks, as_json=as_json)


@schema.command(cls=Command, epilog=STATUSES, short_help="Check files that were downloaded.")
@_file("job", metavar="JOB.json")
@_file("files", metavar="FILE.csv...", nargs=-1, required=True)
@click.option(
    "--request", metavar="FILE",  type=click.Path(path_type=Path),
    help="The JSON body that created the job: it tells the type, the limit, and what was asked for.",
)  # fmt: skip
@click.option("--limit", "limit_kb", metavar="KB", type=int, help="The size limit in kilobytes that was asked for.")
@click.option("--resource-type", metavar="TYPE", help="The type that was exported.  [default: as the columns show]")
@click.option("--primary-key", metavar="COLUMN", help="The column of the primary key, where a server has another one.")
@_as_json()
def verify(
    *, job: Path, files: tuple[Path, ...], request: Path | None, limit_kb: int | None, resource_type: str | None,
    primary_key: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Check the CSV files of a job that were downloaded earlier, in the order in which the job lists them.

    JOB.json is what the server answered about the job once it was Complete. The files may be of any size: they are read
    once, in little memory. Judged are sizes, headers, records that come twice or are cut in two, the announced count,
    quoting and UTF-8.
    """
    from ..toolkit.verifying import verify as verify_files  # noqa: PLC0415 - help must come at once

    with bad_input():
        found = verify_files(
            job, files, request=request, limit_kb=limit_kb, resource_type=resource_type, primary_key=primary_key,
            progress=_progress(len(files)),
        )  # fmt: skip
    status = tell(found.judged, found.remarks, as_json=as_json, cut=found.cut is not None)
    if found.cut is not None:
        raise CallError(found.cut)
    return status


def _progress(files: int) -> Callable[[int, int, int], None] | None:
    """Show on a terminal how far reading is; None elsewhere, where nobody looks on."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None

    def show(index: int, done: int, size: int) -> None:
        last = index == files - 1 and done >= size
        text = f"\rfile {index + 1} of {files}: {done // 10**6:,} of {size // 10**6:,} MB"
        say(f"{text:<60}" if not last else f"\r{'':<60}\r", error=True, newline=False)

    return show


@schema.command(cls=Command, epilog=STATUSES, short_help="Check an OpenAPI document of this API.")
@_file("file", metavar="FILE")
@_as_json()
def lint(*, file: Path, as_json: bool) -> int:
    """Check FILE, an OpenAPI 3 document of this API in YAML or JSON, whoever wrote it.

    It is held against the standard, its examples against its schemas, and all of it against this project's own document
    by meaning: operations are found by the end of their path, and schemas compared by what they allow. Each finding has
    its line, a code that stays, and what to write instead.
    """
    from ..toolkit.linting import lint as lint_file  # noqa: PLC0415 - help must come at once

    with bad_input():
        found = lint_file(file)
    return tell(found.judged, found.remarks, as_json=as_json)


@schema.command(
    cls=Command, short_help="Tell breaking changes of a document from harmless ones.",
    epilog="Exit status: 0 nothing breaks, 1 something does, 4 it could not be judged.",
)  # fmt: skip
@_file("old", metavar="OLD")
@_file("new", metavar="NEW")
@_as_json()
def diff(*, old: Path, new: Path, as_json: bool) -> int:
    """Compare two versions of an OpenAPI 3 document: what changed, and what of it breaks clients.

    What a server no longer takes breaks those who send it, and what it may newly answer breaks those who read it. What
    only moved inside the document, or was written in other words, is no change.
    """
    from ..toolkit.diffing import diff as diff_files  # noqa: PLC0415 - help must come at once

    with bad_input():
        found = diff_files(old, new)
    breaking = sum(change.breaking for change in found.changes)
    if as_json:
        changes = [change.serializable() for change in found.changes]
        say(json.dumps({"breaking": found.breaking, "changes": changes}, indent=2, ensure_ascii=False))
        return INVALID if breaking else 0
    for change in found.changes:
        say(str(change))
    harmless = len(found.changes) - breaking
    say(f"{_counted(breaking, 'breaking change')}, {_counted(harmless, 'harmless change')}.")
    return INVALID if breaking else 0


@schema.command(cls=Command, short_help="Write the messages as schemas, models or tables.")
@click.option(
    "--format", "format_", metavar="FORMAT", required=True,
    help="jsonschema (draft 2020-12), pydantic (version 2), typescript, or markdown.",
)  # fmt: skip
@click.option(
    "--out", "directory", metavar="DIR", type=click.Path(path_type=Path),
    help="Write into this folder instead, for jsonschema a file for each message.",
)  # fmt: skip
@click.option("--message", metavar="NAME", help="Only this message, such as ExportJobRequest. For jsonschema alone.")
def export(*, format_: str, directory: Path | None, message: str | None) -> None:
    """Write the API's messages in another form: JSON Schemas, typed models, or tables. They go to standard output.

    Each output stands alone: nothing in it refers to this project or to another file.
    """
    from ..toolkit.exporting import export as exported  # noqa: PLC0415 - help must come at once
    from ..toolkit.exporting import write  # noqa: PLC0415

    with bad_input():
        if directory is None:
            say(exported(format_, message), newline=False)
            return
        for path in write(format_, directory, message):
            say(f"Written: {path}")
