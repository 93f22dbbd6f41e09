"""Fixtures for a project's own tests: `export_job` asks a target for an export, and `ledger` puts records in place.

pytest knows them wherever exportproof is installed, and nothing is started or imported before a test asks for one.
Where the target is, the environment tells (EXPORTPROOF_TARGET_URL, EXPORTPROOF_CONTROL_URL, EXPORTPROOF_USER,
EXPORTPROOF_KEY), or the project's own fixture `exportproof_settings`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..conformance.ledger import Record
    from ..conformance.observation import JobObservation
    from ..conformance.settings import Settings
    from .workbench import Workbench

TARGET_URL = "EXPORTPROOF_TARGET_URL"


@dataclass(frozen=True)
class Exported:
    """An export that was asked for: everything that was seen of it, and its rows."""

    seen: JobObservation

    @property
    def answer(self) -> Mapping[str, Any]:
        """The answer in which the job was finished; empty when it never was."""
        return self.seen.final or {}

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The rows over all files, each as its values by column; every value is text."""
        from ..conformance.data import data_rows  # noqa: PLC0415 - other people's runs must not pay for it

        return [dict(zip(header, cells, strict=False)) for _, _, header, cells in data_rows(self.seen)]


class ExportJob:
    """What the fixture `export_job` is: call it to have an export made, downloaded and judged."""

    def __init__(self, bench: Workbench) -> None:
        """Take the target."""
        self._bench = bench
        self._told: set[tuple[str, str]] = set()

    def __call__(
        self,
        resource_type: str | None = None,
        *,
        judge: bool = True,
        **options: Any,  # noqa: ANN401 - any JSON value
    ) -> Exported:
        """Ask for an export; `options` are properties of the body, and one of None is left out.

        Without them it is what changed in the last seven days of the first type that is listed. Fails the test when a
        rule of the catalogue is violated, by this export or by what led to it, unless `judge` is False.
        """
        seen = self._bench.export(self._bench.body(resource_type, **options))
        if judge:
            new = [one for one in self._bench.failures() if (one.rule, one.key) not in self._told]
            self._told |= {(one.rule, one.key) for one in new}
            if new:
                lines = [f"{one.rule}: {one.message}: expected {one.expected}, received {one.received}" for one in new]
                pytest.fail("\n".join(lines), pytrace=False)
        return Exported(seen)


class RecordLedger:
    """What the fixture `ledger` is: it puts records in place through the control API, and remembers them."""

    def __init__(self, bench: Workbench) -> None:
        """Take the target."""
        self._bench = bench

    def put(self, resource_type: str, *changes: Mapping[str, Any]) -> None:
        """Apply changes as the control API takes them; one without `at` happened a second ago.

        Raises BadInput without a control API, and ControlError when it refuses.
        """
        self._bench.put(resource_type, *changes)

    def records(self, resource_type: str) -> Mapping[int, Record]:
        """The records that were put in place, with all their versions, by id."""
        return self._bench.ledger.at(self._bench.ledger.position).of("first", resource_type)

    def reset(self) -> None:
        """Let the target forget all of the account's records and jobs. Raises BadInput where it does not offer to."""
        from .remark import BadInput  # noqa: PLC0415

        control = self._bench.session.control
        if control is None or not self._bench.session.can("reset"):
            raise BadInput("The target does not offer to be emptied: its control API has no capability reset.")
        control.reset("first")


@pytest.fixture(scope="session")
def exportproof_settings() -> Settings:
    """Where the target is and who asks; a project can have a fixture of its own under this name."""
    from ..conformance.words import Words  # noqa: PLC0415

    url = os.environ.get(TARGET_URL)
    if not url:
        pytest.fail(
            f"The target is not known. Set {TARGET_URL} to the URL of its API root, such as http://127.0.0.1:8080/v4, "
            "or write a fixture exportproof_settings that returns exportproof.conformance.settings.Settings.",
            pytrace=False,
        )
    names = ("control_url", "adapter", "user", "key")
    given: dict[str, Any] = {name: os.environ.get(f"EXPORTPROOF_{name.upper()}") or None for name in names}
    return Words(url, **given).settings()


@pytest.fixture
def exportproof_workbench(exportproof_settings: Settings) -> Iterator[Workbench]:
    """A session with the target for one test."""
    from .workbench import Workbench  # noqa: PLC0415

    with Workbench(exportproof_settings) as bench:
        yield bench


@pytest.fixture
def export_job(exportproof_workbench: Workbench) -> ExportJob:
    """Has exports made by the target, downloaded, and judged by the rules."""
    return ExportJob(exportproof_workbench)


@pytest.fixture
def ledger(exportproof_workbench: Workbench) -> RecordLedger:
    """Puts records in place through the target's control API."""
    return RecordLedger(exportproof_workbench)
