"""Names that a user can write, offered by shell completion and checked before a run."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from .shape import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click


SETTINGS_NAME = "exportproof.toml"
"""What a settings file is called."""


def complete_reports(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer the kinds of reports, and files after the sign."""
    from ..reports.kinds import RENDERERS  # noqa: PLC0415

    if "=" in incomplete:
        return [CompletionItem(incomplete.partition("=")[2], type="file")]
    return [CompletionItem(f"{kind}=") for kind in RENDERERS if f"{kind}=".startswith(incomplete)]


def complete_named_files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer files, also after a name of the user's and a sign."""
    return [CompletionItem(incomplete.rpartition("=")[2], type="file")]


def complete_folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer folders, where no address is being written."""
    return [] if "://" in incomplete else [CompletionItem(incomplete, type="dir")]


def complete_profiles(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer the profiles."""
    from ..conformance.words import PROFILES  # noqa: PLC0415

    return [CompletionItem(name) for name in PROFILES if name.startswith(incomplete)]


def complete_rules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer rule ids, and a pattern for each family."""
    from ..spec import catalogue  # noqa: PLC0415

    patterns = [CompletionItem(f"{name}/*", help=text) for name, text in catalogue.families().items()]
    ids = [CompletionItem(rule.id, help=rule.title) for rule in catalogue.rules().values()]
    return [item for item in (*patterns, *ids) if item.value.startswith(incomplete)]


def complete_readings(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer every value of every reading."""
    from ..spec import catalogue  # noqa: PLC0415

    return [
        CompletionItem(f"{reading.name}={value}", help=meaning)
        for reading in catalogue.readings().values()
        for value, meaning in reading.values.items()
        if f"{reading.name}={value}".startswith(incomplete)
    ]


def complete_faults(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer the faults of the reference implementation."""
    return _offer(fault_names(), incomplete)


def complete_variants(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Offer the variants of the reference implementation."""
    return _offer(variant_names(), incomplete)


def check_names(fault: str | None, variant: str | None) -> None:
    """Raise CallError for a fault or variant that the reference implementation does not have."""
    for kind, name, known in (("fault", fault, fault_names), ("variant", variant, variant_names)):
        if name is not None and name not in known():
            close = get_close_matches(name, known(), n=3)
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            raise CallError(f"There is no {kind} {name!r}.{hint} 'exportproof {kind}s' lists every {kind}.")


def _offer(names: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=text) for name, text in names.items() if name.startswith(incomplete)]


def fault_names() -> Mapping[str, str]:
    """Return the faults by name, each with what it does."""
    from ..reference import faults  # noqa: PLC0415

    return faults.names()


def variant_names() -> Mapping[str, str]:
    """Return the variants by name, each with what they do."""
    from ..reference import variants  # noqa: PLC0415

    return variants.names()
