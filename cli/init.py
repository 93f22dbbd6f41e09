"""`exportproof init`: look at a target, and write a settings file for it with a word on each setting."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .names import SETTINGS_NAME
from .shape import CallError, Command, Option, call_errors, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..conformance.session import Session

EPILOG = """
\b
Example:
  exportproof init http://127.0.0.1:8080/v4
      asks the target for its resource types and fields, creates no job, and writes exportproof.toml;
      then 'exportproof run' in this folder judges that target

The credentials come from the environment (EXPORTPROOF_USER, EXPORTPROOF_KEY). The file names the users and never
holds a key.
"""
_EXPIRES_IN = timedelta(days=30)


@click.command(cls=Command, epilog=EPILOG, short_help="Write a settings file for a target.")
@click.argument("target_url", metavar="TARGET_URL")
@click.option(
    "--control-url", metavar="URL", envvar="EXPORTPROOF_CONTROL_URL", show_envvar=True, cls=Option, section="Target",
    help="The target's control API, if it has one.",
)  # fmt: skip
@click.option(
    "--adapter", metavar="MODULE:CLASS", envvar="EXPORTPROOF_ADAPTER", show_envvar=True, cls=Option, section="Target",
    help="A Python class that does what a control API would, where the target has none. See docs/adapter.md.",
)  # fmt: skip
@click.option(
    "--adapter-setting", "adapter_settings", metavar="NAME=VALUE", multiple=True, cls=Option, section="Target",
    help="A setting that the adapter is made with, which is written down. Repeatable.",
)  # fmt: skip
@click.option(
    "--user", metavar="NAME", envvar="EXPORTPROOF_USER", show_envvar=True, cls=Option, section="Target",
    help="The user of the Basic credentials.",
)  # fmt: skip
@click.option(
    "--key", metavar="KEY", envvar="EXPORTPROOF_KEY", show_envvar=True, cls=Option, section="Target",
    help="The key of the Basic credentials. It is not written anywhere.",
)  # fmt: skip
@click.option(
    "--other-user", metavar="NAME", envvar="EXPORTPROOF_OTHER_USER", show_envvar=True, cls=Option, section="Target",
    help="The user of a second account.",
)  # fmt: skip
@click.option(
    "--other-key", metavar="KEY", envvar="EXPORTPROOF_OTHER_KEY", show_envvar=True, cls=Option, section="Target",
    help="The key of the second account. It is not written anywhere.",
)  # fmt: skip
@click.option(
    "--output", metavar="FILE", type=click.Path(path_type=Path), default=Path(SETTINGS_NAME), show_default=True,
    cls=Option, section="Output", help="The file to write.",
)  # fmt: skip
@click.option("--force", is_flag=True, cls=Option, section="Output", help="Write over a file that is there.")
def init(output: Path, *, force: bool, adapter_settings: tuple[str, ...], **words: Any) -> int:  # noqa: ANN401 - click's
    """Look at a target, and write a settings file for it.

    TARGET_URL is the root of the target's API. It is asked for its resource types and their fields; no job is created.
    """
    from ..conformance.control import ControlError  # noqa: PLC0415 - help must come at once
    from ..conformance.progress import Silence  # noqa: PLC0415
    from ..conformance.runner import Unusable, look_at  # noqa: PLC0415
    from ..conformance.session import Session  # noqa: PLC0415
    from ..conformance.words import Words, parse_adapter_settings  # noqa: PLC0415

    if output.exists() and not force:
        raise CallError(f"{output} is there already. Name another file with --output, or write over it with --force.")
    with call_errors():
        made_with = parse_adapter_settings(adapter_settings)
        session = Session(Words(**words, adapter_settings=made_with).settings())
    try:
        look_at(session, Silence())
    except (Unusable, ControlError) as reason:
        say(f"{reason} Nothing was written.", error=True)
        return 5
    finally:
        session.client.close()
    try:
        output.write_text("\n".join(lines(session, datetime.now(UTC))) + "\n", encoding="utf-8")
    except OSError as error:
        raise CallError(f"{output} cannot be written: {error.strerror}. Name another file with --output.") from None
    say(f"Wrote {output}. Read it, then call 'exportproof run' in its folder.")
    return 0


def lines(session: Session, now: datetime) -> Iterator[str]:
    """The settings file for a target that was looked at, line by line."""
    settings = session.settings
    yield "# Settings of exportproof for one target. 'exportproof run' in this folder reads them; what a call says"
    yield "# itself goes first. Keys never stand here: EXPORTPROOF_KEY and EXPORTPROOF_OTHER_KEY do, or a .netrc."
    yield ""
    yield f"target = {_text(settings.target_url)}"
    yield from _perhaps("control-url", settings.control_url, "http://127.0.0.1:8080/_control", "the control API")
    yield from _perhaps("user", settings.user, "NAME", "the account to judge with")
    yield from _perhaps(
        "other-user", settings.other_user, "NAME", "a second account, to see that accounts are kept apart"
    )
    yield from _control(session)
    yield ""
    yield from _costs(session)
    yield ""
    yield from _types(session)
    yield ""
    yield from _custom_fields(session)
    yield ""
    yield "# Hold the target to one way of understanding what is left open; 'exportproof readings' lists them."
    yield "[readings]"
    yield '# window-ends = "closed"'
    yield ""
    yield "# What the adapter is made with. Secrets stay in the environment, where it can read them itself."
    given = [f"{name} = {json.dumps(value)}" for name, value in settings.adapter_settings.items()]
    yield from ("[adapter-settings]", *given) if given else ("# [adapter-settings]", '# database = "shop.sqlite3"')
    yield ""
    yield "# Violations that are known: they are judged and told all the same, but do not fail the run until their day"
    yield "# is over. One whose rule passes fails it, so that the list stays true."
    yield "# [[known-failures]]"
    yield '# rule = "csv/utf-8"'
    yield '# message = "*"'
    yield '# owner = "who mends it"'
    yield '# reason = "where that is kept track of"'
    yield f"# expires = {(now + _EXPIRES_IN).date()}"


def _perhaps(name: str, value: str | None, example: str, meaning: str) -> Iterator[str]:
    if value is None:
        yield f"# {name} = {_text(example)}  # {meaning}"
    else:
        yield f"{name} = {_text(value)}"


def _control(session: Session) -> Iterator[str]:
    from ..conformance.words import CAPABILITIES  # noqa: PLC0415 - help must come at once

    settings = session.settings
    yield "# Without a control API, a Python class of yours may put the records in place (docs/adapter.md)."
    yield from _perhaps("adapter", settings.adapter, "shop_adapter:ShopAdapter", "looked for in this folder first")
    offered = sorted(session.capabilities & set(CAPABILITIES))
    told = ", ".join(offered) or "none, so live data are judged by what holds of any data"
    yield f"# Capabilities that were offered when this was written: {told}."
    yield f"# capabilities = {_list(offered or CAPABILITIES)}  # use these alone"
    yield ""
    yield "# Judge these resource types alone; without this line, all that the target lists, which are:"
    yield f"# resource-types = {_list(session.offer.resources)}"


def _costs(session: Session) -> Iterator[str]:
    from ..conformance.budget import estimate  # noqa: PLC0415 - help must come at once

    types = len(session.offer.resources)
    cost = estimate("standard", types, control=session.can("changes"))
    yield f"# How hard to look: quick, standard or thorough. A standard run of this target takes {cost}."
    yield 'profile = "standard"'
    yield "# What a run may cost at the most."
    yield "# max-jobs = 200"
    yield "# max-requests = 1000"
    yield "# Only these rules; 'exportproof rules' lists them all."
    yield "# rules = ['window/*', 'split/*']"
    yield '# link-lifetime = "20d"  # how long the target says that its links live'


def _types(session: Session) -> Iterator[str]:
    yield "# The primary key's column of each resource type. Rows of a type without one cannot be told apart, so"
    yield "# little is judged of it."
    yield "[primary-keys]"
    for name, resource in session.offer.resources.items():
        if resource.key is not None:
            yield f"{_text(name)} = {_text(resource.key)}"
        else:
            columns = ", ".join(field.name for field in resource.fields[:4])
            yield f"# {_text(name)} = {_text('?')}  # not known; its first columns are {columns}"


def _custom_fields(session: Session) -> Iterator[str]:
    yield "# The ids of custom fields by resource type, where no control API tells them. Without them, those of the"
    yield "# documentation's example are tried."
    told = [
        f"{_text(name)} = {list(resource.custom_fields)}"
        for name, resource in session.offer.resources.items()
        if resource.custom_fields
    ]
    yield "# [custom-fields]"
    yield from (f"# {line}" for line in told or ("Contacts = [157, 205, 206]",))


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are among those of TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
