"""The catalogue of rules and readings: it obeys its schemas, and everything that it names is there."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from exportproof.spec import catalogue

NEEDS = {"changes", "clock", "reset", "second-account"}


class UniqueKeys(yaml.SafeLoader):
    """Refuses a mapping that has a key twice, which YAML readers let the later one win."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        twice = [key for key, times in Counter(key.value for key, _ in node.value).items() if times > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"keys that come twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def addresses_of_the_seed() -> list[str]:
    return catalogue.read_text("addresses.txt").split()


@pytest.mark.parametrize(
    ("name", "schema"),
    [("rules.yaml", "catalogue.schema.json"), ("readings.yaml", "readings.schema.json")],
)
def test_it_obeys_its_schema(name: str, schema: str) -> None:
    Draft202012Validator.check_schema(catalogue.document(schema))
    problems = [
        f"spec/{name}: {error.json_path}: {error.message}"
        for error in Draft202012Validator(catalogue.document(schema)).iter_errors(catalogue.document(name))
    ]
    assert problems == []


@pytest.mark.parametrize("name", ["rules.yaml", "readings.yaml", "openapi.yaml", "control.yaml"])
def test_no_key_comes_twice(name: str) -> None:
    yaml.load(catalogue.read_text(name), Loader=UniqueKeys)  # noqa: S506 - it derives from the safe loader


def test_a_key_that_comes_twice_is_seen() -> None:
    with pytest.raises(yaml.constructor.ConstructorError, match="keys that come twice"):
        yaml.load("a: 1\na: 2\n", Loader=UniqueKeys)  # noqa: S506


def test_ids_are_unique() -> None:
    ids = [raw["id"] for raw in catalogue.document("rules.yaml")["rules"]]
    names = [raw["name"] for raw in catalogue.document("readings.yaml")["readings"]]
    titles = [raw["title"] for raw in catalogue.document("rules.yaml")["rules"]]
    twice = [item for item, times in Counter(ids + names + titles).items() if times > 1]
    assert twice == [], "spec/rules.yaml or spec/readings.yaml has these more than once"


def test_families_are_listed_and_used_and_stand_together() -> None:
    order = list(dict.fromkeys(rule.family for rule in catalogue.rules().values()))
    changes = sum(
        before.family != after.family
        for before, after in zip(
            list(catalogue.rules().values())[:-1], list(catalogue.rules().values())[1:], strict=True
        )
    )
    assert order == list(catalogue.families()), "`families` of spec/rules.yaml are those of its rules, in their order"
    assert changes == len(order) - 1, "the rules of a family stand together in spec/rules.yaml"


def test_every_address_stands_in_the_catalogue_in_order() -> None:
    listed = addresses_of_the_seed()
    assert listed == list(catalogue.addresses()), "spec/addresses.txt and `addresses` of spec/rules.yaml differ"
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("address", catalogue.addresses().values(), ids=lambda address: address.id)
def test_every_address_makes_a_rule_or_demands_nothing(address: catalogue.Address) -> None:
    made = [rule.id for rule in catalogue.rules_at(address.id)]
    if address.demands_nothing is None:
        assert made, (
            f"spec/rules.yaml: no rule has {address.id} as its source; write one, or say why in demands-nothing"
        )
    else:
        assert made == [], f"spec/rules.yaml: {address.id} demands nothing, yet these rules rest on it"


def test_sources_exist_and_every_reference_is_used() -> None:
    known = {*catalogue.addresses(), *catalogue.references()}
    used = {source for rule in catalogue.rules().values() for source in rule.source}
    used |= {source for reading in catalogue.readings().values() for source in reading.source}
    assert used - known == set(), "sources in spec/ that are neither an address nor a reference of spec/rules.yaml"
    assert set(catalogue.references()) - used == set(), "references of spec/rules.yaml that nothing rests on"


def test_needs_are_what_a_target_can_offer() -> None:
    assert {need for rule in catalogue.rules().values() for need in rule.needs} <= NEEDS


def test_a_rule_lists_its_readings_and_the_reverse() -> None:
    by_rule = {
        rule.id: {reading.name for reading in catalogue.readings().values() if reading.rule == rule.id}
        for rule in catalogue.rules().values()
    }
    unknown = {reading.rule for reading in catalogue.readings().values()} - set(catalogue.rules())
    assert unknown == set(), "spec/readings.yaml names rules that spec/rules.yaml has not"
    for rule in catalogue.rules().values():
        assert set(rule.readings) <= set(catalogue.readings()), f"{rule.id} lists readings that do not exist"
        assert by_rule[rule.id] <= set(rule.readings), f"{rule.id} must list the readings that name it as their rule"


@pytest.mark.parametrize("reading", catalogue.readings().values(), ids=lambda reading: reading.name)
def test_the_reference_follows_a_value_that_exists(reading: catalogue.Reading) -> None:
    assert reading.reference in reading.values


@pytest.mark.parametrize("rule", catalogue.rules().values(), ids=lambda rule: rule.id)
def test_words_of_a_rule(rule: catalogue.Rule) -> None:
    assert rule.id.startswith(f"{rule.family}/")
    assert not rule.title.endswith("."), f"{rule.id}: a title has no full stop"
    assert rule.demand.endswith("."), f"{rule.id}: a demand is a sentence"
    assert rule.fix.endswith("."), f"{rule.id}: a fix is a sentence"
    assert len(rule.title) <= 80, f"{rule.id}: a title fits a line of a report"
    assert rule.passes != rule.fails


@pytest.mark.parametrize("word", ["securevan", "everyaction", "ngp"])
def test_vendor_names_stand_in_links_alone(word: str) -> None:
    text = re.sub(r"https://\S+", "", catalogue.read_text("rules.yaml") + catalogue.read_text("readings.yaml"))
    assert word not in text.lower()


def test_selection_by_pattern() -> None:
    assert catalogue.select(["split/*"]) == {rule_id for rule_id in catalogue.rules() if rule_id.startswith("split/")}
    assert catalogue.select([]) == frozenset(catalogue.rules())
    assert catalogue.select(["split/each-once", "csv/utf-?"]) == {"split/each-once", "csv/utf-8"}
    with pytest.raises(LookupError, match="nothing/at-all"):
        catalogue.select(["split/*", "nothing/at-all"])
    with pytest.raises(LookupError, match="Split"):
        catalogue.select(["Split/*"])
