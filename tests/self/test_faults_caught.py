"""A fault of each family, judged by the quick profile: its rule fails, for that reason. The whole matrix is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exportproof.reference.faults import faults
from exportproof.selftest.matrix import Matrix
from exportproof.selftest.pool import attempt_all, attempt_deeper, cases, rules_of_families
from exportproof.selftest.trial import Case, attempt
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exportproof.selftest.trial import Trial

ONE_A_FAMILY = (
    "writes-core-as-text", "echoes-inactive-as-false", "takes-one-kilobyte-less", "lists-types-to-everyone",
    "counts-looks-as-records", "counts-the-last-change-only", "shows-the-version-of-the-end",
    "takes-five-hundred-ids", "judges-activity-at-the-end", "takes-three-for-people", "takes-the-first-code-only",
    "forgets-fields-beside-custom-fields", "loses-the-row-at-the-split", "trims-text",
    "counts-the-headers-of-later-files", "dies-two-minutes-late", "tells-that-a-job-is-not-yours", "names-no-scheme",
)  # fmt: skip


@pytest.fixture(scope="module")
def trials() -> Mapping[str, Trial]:
    """The trials of all of them, two at a time."""
    chosen = [Case("fault", name, 7, "quick", rules_of_families(name)) for name in ONE_A_FAMILY]
    return {trial.case.name: trial for trial in attempt_all(chosen, 2, lambda _done, _trial: None)}


def test_there_is_one_a_family() -> None:
    families = {rule.partition("/")[0] for name in ONE_A_FAMILY for rule in faults()[name].breaks}
    assert families == set(catalogue.families())


@pytest.mark.parametrize("name", ONE_A_FAMILY)
def test_the_quick_profile_catches(name: str, trials: Mapping[str, Trial]) -> None:
    trial = trials[name]
    assert trial.missed == (), f"{name} was not caught: {trial.problems}"
    assert trial.alarms == (), f"{name} also failed {[trial.evidence[rule] for rule in trial.alarms]}"
    level = catalogue.rules()[trial.named[0]].level
    assert trial.verdict == ("violates" if level == "MUST" else "conforms")
    assert trial.evidence[trial.named[0]]


@pytest.mark.slow
@pytest.mark.parametrize("name", faults())
def test_every_fault_is_caught(name: str) -> None:
    """By its own families, which takes a third of the time; else by every rule, and by the standard profile last.

    Every rule, since a few faults are put down to the right one only where the others are judged as well.
    """
    trial = attempt(Case("fault", name, 1, "quick", rules_of_families(name)))
    if not _caught(trial):
        trial = attempt_deeper(Case("fault", name, 1, "quick"))
    assert _caught(trial), f"{name} was not caught: failed {trial.failed}, {trial.problems}"


def _caught(trial: Trial) -> bool:
    return bool(set(trial.named) - set(trial.missed))


@pytest.mark.night
def test_the_whole_matrix() -> None:
    """Every fault under the standard profile fails the rules that it breaks and leaves the other MUSTs green."""
    matrix = Matrix(attempt_all(cases(("*",), ()), 2, lambda _done, _trial: None))
    assert matrix.as_expected, matrix.to_text()
    assert matrix.proof.idle == ()
    assert set(matrix.proof.catches) == set(catalogue.rules())
