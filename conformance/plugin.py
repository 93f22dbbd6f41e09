"""The pytest plugin: `pytest --pyargs exportproof.conformance --target-url URL` judges a target.

Every pytest run of an environment loads this module, so it imports next to nothing, and without `--target-url`
it does nothing, save that tests can ask for the fixtures of the toolkit. It is a way in, as the command line is: the
layers below know nothing of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..toolkit.fixtures import export_job, exportproof_settings, exportproof_workbench, ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["export_job", "exportproof_settings", "exportproof_workbench", "ledger"]

HERE = Path(__file__).parent
TARGET_URL = "exportproof_target_url"

# Name, metavar, whether it can be repeated, environment variable, meaning. Other plugins own the short names.
OPTIONS: Sequence[tuple[str, str, bool, str | None, str]] = (
    ("control-url", "URL", False, "EXPORTPROOF_CONTROL_URL", "the target's control API"),
    ("adapter", "MODULE:CLASS", False, "EXPORTPROOF_ADAPTER", "a Python class in place of a control API"),
    ("adapter-setting", "NAME=VALUE", True, None, "a setting that the adapter is made with; repeatable"),
    ("capability", "NAME", True, None, "use only these of changes, reset, clock and writes; repeatable"),
    ("resource-type", "TYPE", True, None, "judge only these resource types; repeatable"),
    ("config", "FILE", False, None, "the settings file (default: exportproof.toml or pyproject.toml here)"),
    ("user", "NAME", False, "EXPORTPROOF_USER", "the user of the Basic credentials"),
    ("key", "KEY", False, "EXPORTPROOF_KEY", "the key of the Basic credentials"),
    ("other-user", "NAME", False, "EXPORTPROOF_OTHER_USER", "the user of a second account"),
    ("other-key", "KEY", False, "EXPORTPROOF_OTHER_KEY", "the key of the second account"),
    ("profile", "quick|standard|thorough", False, "EXPORTPROOF_PROFILE", "how hard to look (default: standard)"),
    ("rules", "PATTERN", True, None, "only rules whose id matches; repeatable"),
    ("reading", "NAME=VALUE", True, None, "hold the target to one reading; repeatable"),
    ("primary-key", "TYPE=COLUMN", True, None, "the column of a type's primary key; repeatable"),
    ("custom-field", "TYPE=ID", True, None, "a custom field of a type, where no control API tells; repeatable"),
    ("seed", "INT", False, None, "ask for the same as an earlier run with this seed"),
    ("report-dir", "DIR", False, None, "where the reports go (default: exportproof-report)"),
    ("report", "KIND=PATH", True, None, "one more report, such as sarif=report.sarif; repeatable"),
    ("docs", "URL|DIR", False, "EXPORTPROOF_DOCS", "where the pages of 'exportproof docs' are, to link to"),
    ("job-timeout", "SECONDS", False, None, "the longest wait for one job (default: 60)"),
    ("max-jobs", "N", False, None, "the most jobs that the run may create"),
    ("max-requests", "N", False, None, "the most requests that the run may send"),
    ("link-lifetime", "DURATION", False, None, "how long links live, such as 24h or 20d (default: 20d)"),
    ("link-ledger", "FILE", False, None, "note the links that are left behind, for 'exportproof recheck FILE'"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--target-url`, and the other options of a run with a prefix."""
    group = parser.getgroup("exportproof", "exportproof: conformance of Changed Entity Export Jobs")
    group.addoption(
        "--target-url",
        dest=TARGET_URL,
        metavar="URL",
        help="judge the target with this API root; use it with --pyargs exportproof.conformance",
    )
    for name, metavar, repeatable, variable, meaning in OPTIONS:
        group.addoption(
            f"--exportproof-{name}",
            dest=f"exportproof_{name.replace('-', '_')}",
            metavar=metavar,
            action="append" if repeatable else "store",
            help=f"{meaning} [env: {variable}]" if variable else meaning,
        )


def pytest_configure(config: pytest.Config) -> None:
    """Check the words of the call, and get ready to drive the target; without a target, do nothing."""
    if config.getoption(TARGET_URL) is None:
        return
    from .driver import driver  # noqa: PLC0415 - other people's runs must not pay for it

    config.pluginmanager.register(driver(config), "exportproof-driver")


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect this package as rules instead of files, and its parent without importing it by path."""
    if path == HERE:
        from .suite import NODE_ID, Suite, Unasked  # noqa: PLC0415

        # Right under the session: the folders above have no say in where the package was installed.
        kind = Unasked if parent.config.getoption(TARGET_URL) is None else Suite
        return kind.from_parent(parent.session, path=path, name=NODE_ID, nodeid=NODE_ID)
    if path == HERE.parent:
        return pytest.Dir.from_parent(parent, path=path)
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why nothing ran when the suite was asked for without a target."""
    config = terminalreporter.config
    if config.getoption(TARGET_URL) is None and any(_is_suite(argument, config) for argument in config.args):
        terminalreporter.write_sep("=", "exportproof")
        terminalreporter.write_line(
            "Nothing was judged: the suite needs a target. Give the URL of its API root, such as "
            "--target-url http://127.0.0.1:8080/v4."
        )


def _is_suite(argument: str, config: pytest.Config) -> bool:
    """Tell whether an argument of the command line names this package, by its name or by its folder."""
    name = argument.partition("::")[0]
    if config.option.pyargs and name == __package__:
        return True
    return config.invocation_params.dir / name == HERE
