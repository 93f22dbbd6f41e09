"""The faults as they are written down: names, docstrings, and the rules that they break."""

from __future__ import annotations

import inspect
from collections import Counter

import pytest

from exportproof.reference.faults import faults
from exportproof.spec import catalogue

LEAST, LEAST_OF_A_LARGE_FAMILY = 100, 3
LARGE = ("window", "version", "ids", "inactive", "mode", "codes", "fields", "split", "csv", "counts", "links")
KNOWN = faults()


def test_there_are_many() -> None:
    assert len(KNOWN) >= LEAST


def test_every_rule_is_broken_by_a_fault() -> None:
    broken = {rule for fault in KNOWN.values() for rule in fault.breaks}
    idle = sorted(catalogue.rules().keys() - broken)
    assert idle == [], "write a fault that breaks each of these, in reference/faults/"


@pytest.mark.parametrize("family", LARGE)
def test_large_families_are_broken_in_several_ways(family: str) -> None:
    broken = Counter(rule.partition("/")[0] for fault in KNOWN.values() for rule in fault.breaks)
    assert broken[family] >= LEAST_OF_A_LARGE_FAMILY, f"write more faults of {family} in reference/faults/"


@pytest.mark.parametrize("name", KNOWN)
def test_a_fault_is_described(name: str) -> None:
    fault = KNOWN[name]
    place = inspect.getsourcefile(fault.behaviour)
    assert fault.breaks, f"tell @fault in {place} which rules {name} breaks"
    unknown = [rule for rule in fault.breaks if rule not in catalogue.rules()]
    assert unknown == [], f"the catalogue has no such rules: correct {name} in {place}"
    assert len(set(fault.breaks)) == len(fault.breaks)
    # What stays right is told behind a semicolon, a comma or in a second sentence: one clause alone tells the defect.
    assert fault.does.endswith("."), f"end the docstring of {name} in {place} with a full stop"
    assert any(mark in fault.does[:-1] for mark in ";.,"), f"tell what stays right of {name} in {place}"
    assert inspect.getdoc(fault.behaviour) == fault.behaviour.__doc__, f"{name} in {place} has only inherited its words"


def test_no_two_faults_do_the_same() -> None:
    words = Counter(fault.does for fault in KNOWN.values())
    assert [does for does, count in words.items() if count > 1] == []
