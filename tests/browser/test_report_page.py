"""report.html in a browser: open, filter, search, follow a link, print, on a desk and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

VIOLATED = "window/any-change"


@pytest.fixture
def report(pages: Path) -> Path:
    """The report of the broken server."""
    return pages / "broken" / "report.html"


def shown(page: Page) -> list[str]:
    """The ids of the rules that can be seen."""
    found: list[str] = page.eval_on_selector_all(
        "details.rule", "rules => rules.filter(rule => rule.offsetParent !== null).map(rule => rule.id)"
    )
    return found


def is_open(page: Page, rule: str) -> bool:
    """Whether a rule is folded out."""
    found: bool = page.evaluate("id => document.getElementById(id).open", rule)
    return found


def test_it_opens_with_the_verdict_and_what_was_violated(report: Path, visit: Callable[..., Any]) -> None:
    opened = visit(report)
    page = opened.page
    assert page.title().startswith("Violates: ")
    assert page.locator("h1").inner_text() == "Violates"
    assert "The target violates 1 MUST rule." in page.locator("#headline").inner_text()
    assert page.locator("section:has(#violated) h3").all_inner_texts() == [
        "A record that changed again after the window still belongs to it"
    ]
    assert opened.asked == [report.as_uri()]


def test_buttons_the_family_and_words_choose_rules(report: Path, visit: Callable[..., Any]) -> None:
    page = visit(report).page
    everything = shown(page)
    assert len(everything) > 100
    page.get_by_role("button", name="violated").click()
    assert shown(page) == [VIOLATED]
    assert page.locator("#shown").inner_text() == f"1 of {len(everything)} rules shown"
    page.get_by_role("button", name="violated").click()
    page.get_by_label("Family").select_option("links")
    links = shown(page)
    assert links
    assert {rule.partition("/")[0] for rule in links} == {"links"}
    page.get_by_role("searchbox").fill("Expiry Announced")
    assert "links/expiry-announced" in shown(page)
    assert len(shown(page)) < len(links)
    page.get_by_role("searchbox").fill("no such words at all")
    assert shown(page) == []


def test_a_deep_link_opens_its_rule_and_goes_there(report: Path, visit: Callable[..., Any]) -> None:
    page = visit(report, "split/within-limit").page
    assert is_open(page, "split/within-limit")
    box = page.locator("[id='split/within-limit']").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900
    page.wait_for_function("document.activeElement.parentElement?.id === 'split/within-limit'")


def test_a_link_to_a_rule_that_is_filtered_away_shows_it(report: Path, visit: Callable[..., Any]) -> None:
    page = visit(report).page
    page.get_by_role("searchbox").fill("no such words at all")
    page.locator("section:has(#violated) h3 a").click()
    assert VIOLATED in shown(page)
    assert page.get_by_role("searchbox").input_value() == ""


def test_the_keyboard_is_enough(report: Path, visit: Callable[..., Any]) -> None:
    page = visit(report).page
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "To the content"
    summary = page.locator("[id='links/work'] > summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert is_open(page, "links/work")
    # A page hears of what was unfolded a moment later.
    page.wait_for_function("location.hash === '#links/work'")


def test_pictures_have_words_and_a_rule_its_smallest_case(report: Path, visit: Callable[..., Any]) -> None:
    page = visit(report).page
    pictures = page.locator("svg.picture")
    assert pictures.count() >= 4
    for picture in pictures.all():
        assert len(picture.get_attribute("aria-label") or "") > 40
    rule = page.locator(f"[id='{VIOLATED}']")
    assert rule.get_by_text("The smallest case that shows it").is_visible()
    card = page.locator(".violation")
    assert card.get_by_text("The smallest case that shows it").is_visible()
    assert card.locator(".copy code").first.is_visible()
    lines = [line for line in rule.locator(".copy code").all_inner_texts() if line.startswith("curl")]
    assert ["--data-raw" in lines[0], "/changedEntityExportJobs/" in lines[1], "export.csv" in lines[2]] == [True] * 3


def test_it_can_be_read_without_its_script(report: Path, visit: Callable[..., Any]) -> None:
    page = visit(report, java_script_enabled=False).page
    assert page.get_by_role("heading", name="Violates", exact=True).is_visible()
    assert not page.locator("#filters").is_visible()
    page.locator("[id='links/work'] > summary").click()
    assert page.locator("[id='links/work'] .body").is_visible()


def test_paper_has_everything_and_no_buttons(report: Path, visit: Callable[..., Any]) -> None:
    page = visit(report).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.rule:not([open])").count() == 0
    assert not page.locator("#filters").is_visible()
    assert page.locator("[id='links/work'] .body").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.rule[open]").count() == 1
    assert page.pdf().startswith(b"%PDF-")
