"""Drives the target for pytest: once, in one process, for the rules that pytest selected.

Without pytest-xdist that is before the first test runs. With it, the controlling process drives the target when
the first worker has told which tests it collected; the workers, which get no test before that, read what was
found from a file and tell it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .plugin import OPTIONS, TARGET_URL
from .settings import BadSettings
from .suite import NODE_ID, OUTCOME, RuleItem, describe
from .watching import Lines, Live
from .words import DEFAULT_REPORT_DIR, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..cli.judging import Judged
    from .settings import Settings

_SHARED = "exportproof_outcome"
_OURS = re.compile(rf"--(?={'|'.join(name for name, *_ in OPTIONS)}\b)")
# Where several exit statuses hold, the first of these is told (contract, section 3).
_GRAVEST_FIRST = (2, 3, 4, 1, 5, 0)


def driver(config: pytest.Config) -> Driver | Worker:
    """Return the plugin for this process: one that drives, or a worker of pytest-xdist that tells.

    Raises pytest.UsageError when the call's words are off.
    """
    shared = getattr(config, "workerinput", {}).get(_SHARED)
    if shared is not None:
        return Worker(Path(shared))
    from ..cli.ledgers import check_ledger  # noqa: PLC0415 - a worker writes neither ledgers nor reports
    from ..cli.settings_file import find, merged  # noqa: PLC0415
    from ..reports.docs_link import docs_base  # noqa: PLC0415
    from ..reports.write import ReportError, check_wanted, check_writable  # noqa: PLC0415
    from .link_ledger_file import LedgerError  # noqa: PLC0415
    from .link_seal import SealError  # noqa: PLC0415

    try:
        here, named = config.invocation_params.dir, config.getoption("exportproof_config")
        file = find(None if named is None else here / named, here)
        words = merged(_given(config), file)
        found = Driver(config, _words(words).settings(), file.path, words)
        if not config.option.collectonly:
            check_writable(found.directory)
            check_wanted(found.wanted, found.directory)
            docs_base(found.docs, found.directory)
            if found.ledger is not None:
                check_ledger(found.ledger, found.settings.target_url)
    except (BadSettings, ReportError, LedgerError, SealError) as error:
        raise pytest.UsageError(_in_pytest_words(str(error))) from None
    return found


class Worker:
    """In a worker of pytest-xdist: reads what the controlling process found."""

    def __init__(self, shared: Path) -> None:
        """Take the file that the controlling process writes before it hands out the first test."""
        self._shared = shared

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Read the outcome before the first rule is told."""
        if isinstance(item, RuleItem) and OUTCOME not in item.session.stash:
            item.session.stash[OUTCOME] = json.loads(self._shared.read_text(encoding="utf-8"))


class Driver:
    """In the process that drives the target."""

    def __init__(self, config: pytest.Config, settings: Settings, file: Path | None, words: Mapping[str, Any]) -> None:
        """Take checked settings, the settings file that they are from, and the words of the call and of that file.

        Nothing is sent yet. Raises BadSettings for reports that there are not.
        """
        from ..reports.kinds import parse_wanted  # noqa: PLC0415 - a worker never writes reports

        self._config = config
        self.settings = settings
        directory = config.getoption("exportproof_report_dir") or DEFAULT_REPORT_DIR
        self.directory = config.invocation_params.dir / directory
        self.wanted = parse_wanted(config.getoption("exportproof_report") or (), config.invocation_params.dir)
        ledger = config.getoption("exportproof_link_ledger")
        self.ledger = None if ledger is None else config.invocation_params.dir / ledger
        self.docs = _docs(config, words["docs_url"])
        self.file = file
        self._judged: Judged | None = None
        self._told: set[str] = set()
        self._stopped_at_failure = False
        self._folder: Path | None = None

    def pytest_report_header(self) -> str:
        """Tell what is judged, and how to ask for the same again."""
        settings = self.settings
        read = "" if self.file is None else f", settings from {self.file}"
        return f"exportproof: judges {settings.target_url}, profile {settings.profile}, seed {settings.seed}{read}"

    # --- driving ------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Drive the target for the rules that were selected, unless pytest will not run any test."""
        broken = session.testsfailed and not session.config.option.continue_on_collection_errors
        rules = {item.name for item in session.items if isinstance(item, RuleItem)}
        if rules and not broken and not session.config.option.collectonly:
            session.stash[OUTCOME] = self._drive(rules)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - a class of pytest-xdist
        """Tell a worker, before it starts, where it will find what was found."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="exportproof-"))
        node.workerinput[_SHARED] = str(self._folder / "outcome.json")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Drive the target when the first worker has collected; no test is handed out before this returns."""
        prefix = f"{NODE_ID}::"
        rules = {node_id.removeprefix(prefix) for node_id in ids if node_id.startswith(prefix)}
        if rules and self._judged is None and self._folder is not None:
            outcome = self._drive(rules)
            (self._folder / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")

    def _drive(self, rules: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """Judge the target by these rules, write the reports, and return each rule's entry."""
        from ..cli.judging import judge  # noqa: PLC0415 - not before there is something to judge
        from ..reports.document import SKIP_REASONS  # noqa: PLC0415
        from ..reports.known import is_known, outdated_of, told  # noqa: PLC0415

        chosen = self.settings.rules & frozenset(rules)
        if not chosen:
            raise pytest.UsageError("pytest's selection and --exportproof-rules have no rule in common. Widen one.")
        settings = replace(self.settings, rules=chosen)
        progress = self._progress()
        try:
            self._judged = judge(
                settings,
                self.directory,
                progress,
                lambda: nullcontext(settings),
                self.ledger,
                self.wanted,
                self.docs,
            )
        finally:
            progress.close()
        if self._judged.result.ending == "interrupted":
            raise pytest.Session.Interrupted("the run was interrupted; what it found is in its report")
        off = {each["rule"]: each["message"] for each in outdated_of(self._judged.document)}
        return {
            rule["id"]: {
                **rule,
                "because": SKIP_REASONS.get(rule["reason"] or ""),
                "told": told(rule) if is_known(rule) else None,
                "outdated": off.get(rule["id"]),
            }
            for rule in self._judged.document["rules"]
        }

    def _progress(self) -> Lines | Live:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None or self._config.get_verbosity() < 0:
            return Lines(lambda line: None)  # noqa: ARG005 - nobody listens
        terminal.ensure_newline()
        if terminal.isatty and os.environ.get("TERM") != "dumb":
            return Live(lambda text: terminal.write(text, flush=True), lambda: shutil.get_terminal_size().columns)
        return Lines(terminal.write_line)

    # --- telling ------------------------------------------------------------------------------------

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the failures that only tell what the verdict tells anyway."""
        rule_id = report.nodeid.removeprefix(f"{NODE_ID}::")
        if report.failed and self._judged is not None:
            statuses = {rule["id"]: rule["status"] for rule in self._judged.document["rules"]}
            if statuses.get(rule_id) in ("fail", "inconclusive"):
                self._told.add(rule_id)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tell the end that pytest-xdist gives a run with -x from a user's interruption."""
        self._stopped_at_failure = str(excinfo.value).startswith("stopping after")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Set the exit status by the verdict; failures of other tests count beside it."""
        if self._judged is None:
            return
        own = 1 if exitstatus == pytest.ExitCode.INTERRUPTED and self._stopped_at_failure else int(exitstatus)
        if own == 1 and session.testsfailed <= len(self._told):
            own = 0
        found = {own, self._judged.exit_status}
        session.exitstatus = next((status for status in _GRAVEST_FIRST if status in found), own)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell the verdict and where the reports are."""
        if self._judged is None:
            return
        from ..reports.document import other_problems  # noqa: PLC0415 - loaded by now
        from ..reports.known import is_known, outdated_of  # noqa: PLC0415

        document = self._judged.document
        terminalreporter.write_sep("=", "exportproof")
        terminalreporter.write_line(_in_pytest_words(document["headline"]))
        for problem in (*other_problems(document), *(each["message"] for each in outdated_of(document))):
            terminalreporter.write_line(f"! {_in_pytest_words(problem)}")
        for rule in document["rules"]:
            # With -x pytest may have stopped before it came to the violation at which the run stopped.
            if rule["status"] == "fail" and rule["id"] not in self._told and not is_known(rule):
                terminalreporter.write_line(describe(rule))
        for path in self._judged.reports:
            terminalreporter.write_line(f"Report: {path}")
        for note in self._judged.notes:
            terminalreporter.write_line(_in_pytest_words(note))

    def pytest_unconfigure(self) -> None:
        """Take away what was kept for the workers."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


# What the options are called in the words of a call, where that is another name.
_WORDS = {
    "reading": "readings", "primary_key": "primary_keys", "custom_field": "custom_fields",
    "adapter_setting": "adapter_settings", "capability": "capabilities", "resource_type": "resource_types",
    "docs": "docs_url",
}  # fmt: skip
# What says where something goes or comes from, and nothing of how the target is judged.
_PLACES = ("report_dir", "report", "link_ledger", "config")


def _given(config: pytest.Config) -> dict[str, Any]:
    """Return the words of the call: options first, then environment variables that are not empty."""
    given: dict[str, Any] = {"target_url": config.getoption(TARGET_URL)}
    for option, _, repeatable, variable, _ in OPTIONS:
        name = option.replace("-", "_")
        value = config.getoption(f"exportproof_{name}")
        if value is None and variable is not None:
            value = os.environ.get(variable) or None
        if name not in _PLACES:
            given[_WORDS.get(name, name)] = tuple(value or ()) if repeatable else value
    return given | {"exit_first": config.getoption("maxfail") == 1}


def _words(words: Mapping[str, Any]) -> Words:
    return Words(**{name: word for name, word in words.items() if name != "docs_url"})


def _docs(config: pytest.Config, word: str | None) -> str | None:
    """Return where the documentation is, a folder relative to that of the call made absolute."""
    return word if not word or "://" in word else str(config.invocation_params.dir / word)


def _in_pytest_words(message: str) -> str:
    """Return a message about the command line's options with the names that they have here."""
    return _OURS.sub("--exportproof-", message)
