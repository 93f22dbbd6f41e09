"""Links from reports to the documentation: only where somebody said where it is, and never a dead one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from exportproof.conformance.settings import BadSettings
from exportproof.reports.docs import write_docs
from exportproof.reports.docs_link import docs_base, moved, rule_page
from exportproof.reports.document import to_document
from exportproof.reports.kinds import RENDERERS, Wanted
from exportproof.reports.redact import Redactor
from exportproof.reports.write import write_reports
from exportproof.selftest.publish import published
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from exportproof.conformance.result import Result

URL = "https://docs.example.org/exportproof"
RULE = next(iter(catalogue.rules()))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "a site"
    write_docs(folder, published())
    return folder


@pytest.fixture
def document(whole_catalogue_result: Callable[[], Result]) -> dict[str, Any]:
    """A run record in which the first rule of the catalogue is violated."""
    found = to_document(whole_catalogue_result(), Redactor((), ()))
    rule = found["rules"][0]
    nothing = dict.fromkeys(("request", "expected", "received", "job"))
    evidence: dict[str, Any] = {"message": "it is so", "requests": [], "details": {}, **nothing}
    return found | {"rules": [rule | {"status": "fail", "reason": None, "evidence": [evidence]}, *found["rules"][1:]]}


def test_nothing_named_is_no_link(tmp_path: Path, document: dict[str, Any]) -> None:
    assert docs_base(None, tmp_path) is None
    assert docs_base("", tmp_path) is None
    for kind, render in RENDERERS.items():
        text = render(document)
        assert rule_page(RULE) not in text, kind
        assert "helpUri" not in text


@pytest.mark.parametrize("word", [URL, f"{URL}/", f"{URL}/index.html"])
def test_an_address_is_taken_as_it_is(word: str, tmp_path: Path) -> None:
    assert docs_base(word, tmp_path) == URL


@pytest.mark.parametrize(
    "word", ["ftp://docs.example.org", "https://ann:hidden@docs.example.org", "https://docs.example.org/?token=hidden"]
)
def test_an_address_that_is_none_is_told_and_not_shown(word: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="no URL that a report can link to") as told:
        docs_base(word, tmp_path)
    assert "hidden" not in str(told.value)


def test_a_folder_that_holds_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"There is no documentation in .*'exportproof docs --out DIR'"):
        docs_base(str(tmp_path), tmp_path)


def test_a_folder_is_linked_to_from_where_the_report_is(site: Path, tmp_path: Path, document: dict[str, Any]) -> None:
    reports, elsewhere = tmp_path / "reports", tmp_path / "deep" / "er" / "again.html"
    base = docs_base(str(site), reports)
    write_reports(document | {"docs": base}, reports, [Wanted("html", elsewhere)])
    for page in (reports / "report.html", elsewhere):
        links = re.findall(r'<a href="([^"]+)">More about this rule</a>', page.read_text(encoding="utf-8"))
        assert len(links) == len(document["rules"])
        assert all((page.parent / link).resolve().is_file() for link in links)
        assert (page.parent / links[0]).resolve() == (site / rule_page(RULE)).resolve()


def test_only_an_address_goes_into_what_is_read_elsewhere(document: dict[str, Any]) -> None:
    near = document | {"docs": "../site"}
    assert all(rule_page(RULE) not in RENDERERS[kind](near) for kind in ("sarif", "junit", "markdown"))
    far = document | {"docs": URL}
    page = f"{URL}/{rule_page(RULE)}"
    rules = json.loads(RENDERERS["sarif"](far))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["helpUri"] for rule in rules] == [f"{URL}/{rule_page(rule['id'])}" for rule in document["rules"]]
    failure = ET.fromstring(RENDERERS["junit"](far)).find(".//failure")  # noqa: S314 - what this very test rendered
    assert failure is not None
    assert f"Read more: {page}" in (failure.text or "")
    assert f"[What it demands, and how to meet it]({page})" in RENDERERS["markdown"](far)


def test_an_address_is_moved_nowhere(tmp_path: Path) -> None:
    assert moved({"docs": URL}, tmp_path, tmp_path / "x") == {"docs": URL}
    assert moved({"docs": "../site"}, tmp_path / "a", tmp_path / "b" / "c") == {"docs": "../../site"}
    assert moved({}, tmp_path, tmp_path / "x") == {}
