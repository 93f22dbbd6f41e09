"""The published selftest is about the code that stands: every fault, conforming server and rule, and none that is gone.

Whoever adds a fault, a variant or a rule measures it and publishes what was measured; nobody writes these files.
What is gone, and how the page is laid out, takes no measuring: `EXPORTPROOF_WRITE_GOLDEN=1` writes both files anew from
what was measured.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from exportproof.reference.faults import faults
from exportproof.reports.proof_text import to_markdown
from exportproof.selftest.publish import FILE, PAGE, publish, published, read, servers, write
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from pathlib import Path

ADVICE = (
    "measure these with `exportproof selftest --faults NAME --own-families --profile quick --deepen --out DIR` "
    "(for a variant, --variants NAME), then call `exportproof selftest --publish DIR`"
)
ANEW = "call `EXPORTPROOF_WRITE_GOLDEN=1 pytest tests/repo/test_published_selftest.py`, which writes both files anew"


@pytest.fixture(scope="module", autouse=True)
def written(root: Path) -> None:
    """Write both files anew from what was measured, if that was asked for."""
    if os.environ.get("EXPORTPROOF_WRITE_GOLDEN"):
        for name, text in publish([], published()).items():
            (root / name).write_text(text, encoding="utf-8")
        published.cache_clear()


def test_every_fault_is_there_and_none_that_is_gone() -> None:
    there, known = {fault.name for fault in published().faults}, set(faults())
    assert sorted(known - there) == [], f"selftest/{FILE} lacks faults: {ADVICE}"
    assert sorted(there - known) == [], f"selftest/{FILE} has faults that are gone: {ANEW}"


def test_every_conforming_server_is_there_and_none_that_is_gone() -> None:
    there, known = {one.name for one in published().conforming}, set(servers())
    assert sorted(known - there) == [], f"selftest/{FILE} lacks variants: {ADVICE}"
    assert sorted(there - known) == [], f"selftest/{FILE} has variants that are gone: {ANEW}"


def test_the_rules_are_those_of_the_catalogue() -> None:
    assert list(published().rules) == list(catalogue.rules()), f"rules came or went: {ANEW}"


def test_a_fault_breaks_what_it_says_that_it_breaks() -> None:
    known = faults()
    changed = [one.name for one in published().faults if one.name in known and one.breaks != known[one.name].breaks]
    assert changed == [], f"these break other rules now: {ADVICE}"


def test_the_page_is_what_is_rendered_from_the_file(root: Path) -> None:
    assert (root / PAGE).read_text(encoding="utf-8") == to_markdown(published()), f"{PAGE} is stale: {ANEW}"


def test_the_file_is_as_it_is_written(root: Path) -> None:
    text = (root / "selftest" / FILE).read_text(encoding="utf-8")
    assert write(read(text)) == text
    assert len(text) < 400_000, "keep the published file small: it is a part of every installation"


@pytest.mark.parametrize("field", ["date", "version", "profile"])
def test_everything_says_how_it_was_measured(field: str) -> None:
    silent = [one.name for one in published().everything if not getattr(one.measured, field)]
    assert silent == []
