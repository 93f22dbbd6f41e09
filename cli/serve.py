"""`exportproof serve`: the reference implementation alone."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import click

from .names import check_names, complete_faults, complete_variants
from .shape import CallError, Command, Option, call_errors, say
from .signals import interruptible


class _Port(click.IntRange):
    """A port number; click names its type in messages."""

    name = "port number"


DEFAULT_ACCOUNTS = (("demo", "demo-key|1"), ("other", "other-key|1"))

EPILOG = """
\b
Examples:
  exportproof serve
      then, elsewhere: exportproof run http://127.0.0.1:8080/v4 --user demo --key 'demo-key|1' \\
                           --control-url http://127.0.0.1:8080/_control
  exportproof serve --port 0 --fault NAME
      on a free port, broken in one way

It stops on SIGINT (Ctrl+C) and SIGTERM.
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Start the reference implementation.")
@click.option(
    "--host", metavar="HOST", default="127.0.0.1", show_default=True, cls=Option, section="Server",
    help="The address to listen at.",
)  # fmt: skip
@click.option(
    "--port", metavar="PORT", type=_Port(0, 65_535), default=8080, show_default=True,
    cls=Option, section="Server", help="The port to listen at; 0 takes a free one.",
)  # fmt: skip
@click.option(
    "--store", metavar="PATH", type=click.Path(path_type=Path), cls=Option, section="Server",
    help="Keep records, jobs and files there; in memory without it.",
)  # fmt: skip
@click.option(
    "--rate-limit", metavar="PER_SECOND", type=click.FloatRange(min=0, min_open=True), cls=Option, section="Server",
    help="Answer 429 to more requests of an account than that.",
)  # fmt: skip
@click.option(
    "--link-lifetime", metavar="DURATION", default="20d", show_default=True, cls=Option, section="Server",
    help="Let download links live that long, such as 90s, to watch them expire.",
)  # fmt: skip
@click.option(
    "--user", metavar="NAME", default="demo", show_default=True, cls=Option, section="Accounts",
    help="The first account's user.",
)  # fmt: skip
@click.option(
    "--key", metavar="KEY", cls=Option, section="Accounts", help="The first account's key.  [default: demo-key|1]"
)  # fmt: skip
@click.option(
    "--other-user", metavar="NAME", default="other", show_default=True, cls=Option, section="Accounts",
    help="The second account's user.",
)  # fmt: skip
@click.option(
    "--other-key", metavar="KEY", cls=Option, section="Accounts",
    help="The second account's key.  [default: other-key|1]",
)  # fmt: skip
@click.option(
    "--fault", metavar="NAME", shell_complete=complete_faults, cls=Option, section="Behaviour",
    help="Be broken in that way.",
)  # fmt: skip
@click.option(
    "--variant", metavar="NAME", shell_complete=complete_variants, cls=Option, section="Behaviour",
    help="Conform in that unusual way.",
)  # fmt: skip
def serve(  # noqa: PLR0913 - one parameter an option
    *, host: str, port: int, store: Path | None, rate_limit: float | None, link_lifetime: str, user: str,
    key: str | None, other_user: str, other_key: str | None, fault: str | None, variant: str | None,
) -> int:  # fmt: skip
    """Start the reference implementation: API root /v4, control API /_control.

    It is a whole server, for trying the suite, a client, or one's own understanding of the API.
    """
    check_names(fault, variant)
    accounts = ((user, key or DEFAULT_ACCOUNTS[0][1]), (other_user, other_key or DEFAULT_ACCOUNTS[1][1]))
    if ":" in user or ":" in other_user:
        raise CallError("A user holds a colon, which Basic credentials cannot carry in a user name. Give another one.")
    if user == other_user:
        raise CallError("Both accounts have the same user. Give --user and --other-user different names.")
    with call_errors():
        from ..conformance.settings import parse_duration  # noqa: PLC0415 - help must come at once

        lifetime = parse_duration(link_lifetime)
    _check_address(host, port)
    from ..reference import StoreError  # noqa: PLC0415
    from ..reference import serve as serve_reference  # noqa: PLC0415

    # An interruption, by SIGTERM as by SIGINT, is the way to stop a server, and no failure.
    try:
        with suppress(KeyboardInterrupt), interruptible():
            serve_reference(
                host=host, port=port, store=store, fault=fault, variant=variant, rate_limit=rate_limit,
                accounts=accounts, lifetime_seconds=lifetime, announce=say,
            )  # fmt: skip
    except StoreError as error:
        raise CallError(f"{error} Give another path with --store.") from None
    return 0


def _check_address(host: str, port: int) -> None:
    """Raise CallError when nothing can listen there, before the server says it in its own, longer way."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server will: a port that was in use a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CallError(
            f"Nothing can listen at {host} port {port}: {error.strerror}. Give another one with --host or --port."
        ) from None
