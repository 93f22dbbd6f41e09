"""The documentation site: every rule, fault and address has its place, and nothing of the documents is passed over."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reports.apidoc import SHOWN_KEYWORDS
from exportproof.reports.docs import pages
from exportproof.reports.docs_link import rule_page
from exportproof.reports.page import asset, digest
from exportproof.selftest.publish import published
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What needs no showing: remarks for machines, and what the reference shows by other means.
SILENT: set[str] = set()
SCHEMA_PLACES = ("properties", "patternProperties", "schemas")


@pytest.fixture(scope="module")
def site() -> Mapping[str, str]:
    return pages(published())


def schemas(node: Any, *, is_schema: bool = False) -> Iterator[Mapping[str, Any]]:
    """Every schema of a document: what stands under `schema`, in `components.schemas`, and what those hold."""
    if isinstance(node, dict):
        if is_schema:
            yield node
        for name, value in node.items():
            if name in ("examples", "example", "default", "const", "enum"):
                continue
            if name in SCHEMA_PLACES and isinstance(value, dict):
                for each in value.values():
                    yield from schemas(each, is_schema=True)
            else:
                inner = name in ("schema", "items", "additionalProperties", "propertyNames", "if", "then", "not")
                yield from schemas(value, is_schema=inner or (is_schema and isinstance(value, list)))
    elif isinstance(node, list):
        for each in node:
            yield from schemas(each, is_schema=is_schema)


@pytest.mark.parametrize("name", ["openapi.yaml", "control.yaml"])
def test_every_keyword_of_a_schema_is_shown(name: str) -> None:
    found = list(schemas(catalogue.document(name)))
    assert len(found) > 10
    unknown = {keyword for schema in found for keyword in schema} - SHOWN_KEYWORDS - SILENT
    assert unknown == set(), f"reports/apidoc.py passes over these of spec/{name}: show them"


def test_every_rule_has_a_page_that_says_what_the_catalogue_says(site: Mapping[str, str]) -> None:
    assert len([name for name in site if name.startswith("rules/")]) == len(catalogue.rules())
    for rule in catalogue.rules().values():
        page = site[rule_page(rule.id)]
        assert f"exportproof run URL --rules {rule.id}" in page
        assert all(f"addresses.html#{source.replace(':', '-')}" in page for source in rule.source)


def test_a_rule_page_names_the_faults_that_show_it(site: Mapping[str, str]) -> None:
    for rule, names in published().catches.items():
        found = re.findall(r'selftest\.html#fault-([\w-]+)"', site[rule_page(rule)])
        assert found == list(names)


def test_the_selftest_page_has_every_fault_server_and_rule(site: Mapping[str, str]) -> None:
    page, proof = site["selftest.html"], published()
    ids = set(re.findall(r' id="((?:fault|rule|server)-[^"]+)"', page))
    assert ids == {
        *(f"fault-{fault.name}" for fault in proof.faults),
        *(f"rule-{rule.replace('/', '-')}" for rule in proof.rules),
        *(f"server-{one.name}-{one.measured.profile}" for one in proof.conforming),
    }
    figures = proof.figures()
    assert f'<b class="figure">{figures["faultsCaught"]}</b> of {figures["faults"]}' in page
    assert page.count(' class="found amiss"') == sum(not fault.exact for fault in proof.faults) + sum(
        not names for names in proof.catches.values()
    ) + sum(bool(one.false_alarms) for one in proof.conforming)


def test_only_the_selftest_page_has_a_script_and_its_policy_names_it(site: Mapping[str, str]) -> None:
    assert [name for name, text in site.items() if "<script" in text] == ["selftest.html"]
    assert f"script-src {digest(asset('selftest.js'))};" in unescape(site["selftest.html"])
    policies = {re.findall('Content-Security-Policy" content="([^"]*)"', text)[0][:18] for name, text in site.items()
                if name.endswith(".html")}  # fmt: skip
    assert policies == {"default-src 'none'"}
