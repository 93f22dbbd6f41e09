"""Adding a rule touches its row in the catalogue, its function and its fault; what is missing is named here."""

from __future__ import annotations

from exportproof.conformance.finding import registered
from exportproof.conformance.verdict import load_rules
from exportproof.spec import catalogue


def judged() -> set[str]:
    """The ids of the rules that some function judges."""
    load_rules()
    return {rule_id for rule_id, functions in registered().items() if functions}


def test_every_judge_judges_a_rule_of_the_catalogue() -> None:
    unknown = sorted(judged() - set(catalogue.rules()))
    assert unknown == [], "conformance/rules/ has functions for ids that spec/rules.yaml has not"


def test_every_judge_says_what_it_judges() -> None:
    load_rules()
    silent = {
        f"{function.__module__}.{function.__qualname__}"
        for all_of in registered().values()
        for function in all_of
        if not function.__doc__
    }
    assert silent == set(), "give these functions of conformance/rules/ a docstring"
