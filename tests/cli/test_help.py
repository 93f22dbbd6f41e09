"""What --help says, word for word, and that it comes at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from exportproof.cli import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@pytest.mark.parametrize("command", ["", *commands.commands])
def test_help(command: str, call: Callable[..., Any], golden: Callable[[str, str], None]) -> None:
    words = [command, "--help"] if command else ["--help"]
    ended = call(*words)
    assert (ended.status, ended.err) == (0, "")
    golden(f"help-{command or 'exportproof'}.txt", ended.out)


def test_without_a_word_the_help_is_shown_as_an_error(call: Callable[..., Any]) -> None:
    ended = call()
    assert (ended.status, ended.out) == (4, "")
    assert "Commands:" in ended.err


def test_every_option_of_the_contract_is_there(call: Callable[..., Any]) -> None:
    shown = call("run", "--help").out
    options = (
        "--control-url --user --key --other-user --other-key --profile --rules --reading -x --exitfirst --seed "
        "--report-dir --job-timeout --link-lifetime --fault --variant"
    )
    assert [option for option in options.split() if option not in shown] == []
    variables = "CONTROL_URL USER KEY OTHER_USER OTHER_KEY PROFILE"
    assert [name for name in variables.split() if f"EXPORTPROOF_{name}" not in shown] == []


def test_help_imports_nothing_that_is_slow() -> None:
    slow = ("hypothesis", "schemathesis", "httpx", "jsonschema", "uvicorn", "pytest", "yaml")
    script = f"import sys, exportproof.cli; print([name for name in {slow!r} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"
