"""No rule cries wolf: servers that conform in unusual ways pass, and the readings seen are those that they follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from exportproof.conformance.runner import judge_target
from exportproof.conformance.settings import Settings
from exportproof.reference import embedded
from exportproof.reference.behaviour import Behaviour
from exportproof.reference.variants import variants
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exportproof.conformance.settings import Profile

# Each of them is unusual in another part of the suite.
FEW = ("leaves-out-the-end", "links-that-redirect-elsewhere", "busy-and-tells-in-words")
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Judged:
    """What the suite said of a variant: rules that failed, warned or stayed open, with why; and readings."""

    told: Mapping[str, str]
    warned: frozenset[str]
    readings: Mapping[str, str | None]


def judged(name: str, profile: Profile, seed: int) -> Judged:
    """Judge one variant."""
    with embedded(variant=name) as server:
        (user, key), (other_user, other_key) = server.accounts
        settings = Settings(
            server.url, control_url=server.control_url, user=user, key=key, other_user=other_user, other_key=other_key,
            profile=profile, seed=seed,
        )  # fmt: skip
        result = judge_target(settings, lambda _: "")
    told = {
        found.rule.id: found.findings[0].message if found.findings else str(found.reason)
        for found in result.rules
        if found.status in ("fail", "inconclusive") or (found.status == "warn" and found.rule.id not in warns(name))
    }
    warned = frozenset(found.rule.id for found in result.rules if found.status == "warn")
    return Judged(told, warned, {reading.name: reading.observed for reading in result.readings})


def warns(name: str) -> frozenset[str]:
    return frozenset(variants()[name].warns)


def wrong_readings(name: str, seen: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the readings that were seen otherwise than the variant follows them."""
    follows = {reading.name: reading.reference for reading in catalogue.readings().values()}
    follows.update(variants()[name].readings)
    return {reading: value for reading, value in seen.items() if value not in (None, follows[reading])}


# --- what is said of them ------------------------------------------------------------------------------------


def test_there_are_many() -> None:
    assert len(variants()) >= 90


@pytest.mark.parametrize("name", variants())
def test_a_variant_is_described(name: str) -> None:
    flavour = variants()[name]
    assert flavour.does.endswith(".")
    assert flavour.does != " ".join((Behaviour.__doc__ or "").split())
    assert len(flavour.does) <= 160
    assert flavour.breaks == (), "a variant conforms; what breaks a rule is a fault"
    for rule in flavour.warns:
        assert catalogue.rules()[rule].level == "SHOULD"
    for reading, value in flavour.readings:
        assert value in catalogue.readings()[reading].values
        assert value != catalogue.readings()[reading].reference, "the reference follows it itself"


def test_every_value_of_every_reading_is_followed_by_somebody() -> None:
    followed = {pair for flavour in variants().values() for pair in flavour.readings}
    followed |= {(reading.name, reading.reference) for reading in catalogue.readings().values()}
    every = {(reading.name, value) for reading in catalogue.readings().values() for value in reading.values}
    assert every - followed == set(), "add a variant to reference/variants/ that follows it"


def test_every_should_is_left_unheeded_by_somebody() -> None:
    shoulds = {rule.id for rule in catalogue.rules().values() if rule.level == "SHOULD"}
    heeded = shoulds - {rule for flavour in variants().values() for rule in flavour.warns}
    assert heeded == set(), "add a variant to reference/variants/ that warns"


# --- what the suite says of them -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FEW else pytest.mark.slow) for name in variants()]
)
def test_the_quick_profile_passes(name: str) -> None:
    found = judged(name, "quick", 1)
    assert found.told == {}
    assert found.warned == warns(name)
    assert wrong_readings(name, found.readings) == {}


@pytest.mark.night
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", variants())
def test_the_standard_profile_passes(name: str, seed: int) -> None:
    found = judged(name, "standard", seed)
    assert found.told == {}
    assert found.warned == warns(name)
    assert wrong_readings(name, found.readings) == {}
    # Whether a link lives from the creation or the completion shows only when minutes lie between the two.
    unseen = [reading for reading, _ in variants()[name].readings if found.readings[reading] is None]
    assert set(unseen) <= {"lifetime-from"}, "the suite did not find out which reading it follows"
