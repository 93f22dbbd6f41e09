"""What holds of every page that a command writes: width, contrast and names, light and dark, and the site's links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

PAGES = (
    "broken/report.html",
    "honest/report.html",
    "matrix.html",
    "site/index.html",
    "site/api.html",
    "site/rules.html",
    "site/rules/window-any-change.html",
    "site/addresses.html",
    "site/readings.html",
    "site/control.html",
    "site/reports.html",
    "site/selftest.html",
)
# What is worse than a moderate nuisance, in the words of axe.
SERIOUS = ("serious", "critical")
OPEN_ALL = "for (const details of document.querySelectorAll('details')) details.open = true"


def serious(page: Page) -> list[str]:
    """What axe finds in a page, of its worse kinds."""
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{problem['id']}: {problem['help']}: {problem['nodes'][0]['html'][:200]}"
        for problem in found
        if problem["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 768])
def test_no_page_scrolls_sideways(name: str, width: int, pages: Path, visit: Callable[..., Any]) -> None:
    opened = visit(pages / name, viewport={"width": width, "height": 740})
    opened.page.evaluate(OPEN_ALL)
    assert opened.is_as_wide_as_the_screen()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(name: str, scheme: str, pages: Path, visit: Callable[..., Any]) -> None:
    # The pages' own policy keeps foreign scripts out, axe among them.
    page = visit(pages / name, color_scheme=scheme, bypass_csp=True).page
    page.evaluate(OPEN_ALL)
    assert serious(page) == []


def test_axe_finds_what_is_serious(pages: Path, visit: Callable[..., Any]) -> None:
    page = visit(pages / "site" / "index.html", bypass_csp=True).page
    page.evaluate("document.body.innerHTML = '<main><button></button></main>'")
    assert [told.partition(":")[0] for told in serious(page)] == ["button-name"]


@pytest.mark.parametrize("name", PAGES)
def test_dark_pages_are_dark(name: str, pages: Path, visit: Callable[..., Any]) -> None:
    ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    light, dark = (visit(pages / name, color_scheme=scheme).page.evaluate(ground) for scheme in ("light", "dark"))
    assert min(light) > 200
    assert max(dark) < 60


@pytest.mark.parametrize("name", PAGES)
def test_paper_is_light_and_holds_the_whole_width(name: str, pages: Path, visit: Callable[..., Any]) -> None:
    opened = visit(pages / name, color_scheme="dark", viewport={"width": 794, "height": 1123})
    opened.page.emulate_media(media="print")
    body = "getComputedStyle(document.body)"
    ink, ground = (
        opened.page.evaluate(f"{body}.{name}.match(/\\d+/g).map(Number)") for name in ("color", "backgroundColor")
    )
    assert max(ink[:3]) < 60
    assert min(ground[:3]) > 200
    assert opened.is_as_wide_as_the_screen()


@pytest.mark.slow
def test_every_link_of_the_site_leads_somewhere(pages: Path, visit: Callable[..., Any]) -> None:
    page = visit(pages / "site" / "index.html").page
    to_see, seen = {page.url}, set()
    while to_see:
        url = to_see.pop()
        seen.add(url)
        page.goto(url)
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            place, _, fragment = link.partition("#")
            if place == url and fragment:
                assert page.evaluate("id => !!document.getElementById(decodeURIComponent(id))", fragment), link
            elif place.startswith("file:") and place not in seen:
                to_see.add(place)
    assert len(seen) > 100


def test_a_report_links_each_rule_to_its_page(pages: Path, visit: Callable[..., Any]) -> None:
    page = visit(pages / "broken" / "report.html", "window/any-change").page
    page.locator("[id='window/any-change']").get_by_role("link", name="More about this rule").click()
    assert page.url == (pages / "site" / "rules" / "window-any-change.html").as_uri()
    page.get_by_role("link", name="counts-the-last-change-only").click()
    assert page.url.endswith("/site/selftest.html#fault-counts-the-last-change-only")
    row = page.locator("#fault-counts-the-last-change-only")
    page.wait_for_function("row => row.getBoundingClientRect().top > 0", arg=row.element_handle())
    box = row.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 900


def test_the_selftest_is_filtered_by_words_and_by_what_went_wrong(pages: Path, visit: Callable[..., Any]) -> None:
    page = visit(pages / "site" / "selftest.html").page
    rows = page.locator("tr.found")
    every = rows.count()
    assert page.locator("#shown").inner_text() == f"{every} of {every} rows shown"
    page.get_by_role("searchbox").fill("counts-the-last-change-only")
    assert page.locator("tr.found:visible").count() == 1
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Only what was not as it should be").check()
    assert page.locator("tr.found:visible").count() == page.locator("tr.amiss").count() < every
    page.evaluate("location.hash = '#rule-window-any-change'")
    page.wait_for_function("!document.getElementById('rule-window-any-change').hidden")
    assert not page.get_by_label("Only what was not as it should be").is_checked()


def test_the_selftest_can_be_read_without_its_script(pages: Path, visit: Callable[..., Any]) -> None:
    page = visit(pages / "site" / "selftest.html", java_script_enabled=False).page
    assert not page.locator("#filters").is_visible()
    assert page.locator("tr.found:visible").count() > 500


def test_heads_of_long_tables_stay_in_sight(pages: Path, visit: Callable[..., Any]) -> None:
    page = visit(pages / "site" / "selftest.html", viewport={"width": 390, "height": 844}).page
    region = page.get_by_role("region", name="Faults")
    region.evaluate("region => region.scrollTo(0, 5000)")
    boxes = region.bounding_box(), region.locator("thead th").first.bounding_box()
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert abs(boxes[1]["y"] - boxes[0]["y"]) < 3


def test_the_matrix_can_show_only_what_differs(pages: Path, visit: Callable[..., Any]) -> None:
    page = visit(pages / "matrix.html").page
    rows = page.locator("tr.same, tr.differs")
    assert rows.count() > 100
    page.get_by_label("Show only rules in which they differ").check()
    assert [row for row in page.locator("tr.same").all() if row.is_visible()] == []
    assert page.locator("[id='window/any-change']").is_visible()
    assert "worse" in page.locator("[id='window/any-change']").inner_text()


@pytest.mark.parametrize(("after", "old"), [(29, False), (31, True)])
def test_a_badge_turns_grey_by_itself_on_its_day(after: int, old: bool, pages: Path, visit: Callable[..., Any]) -> None:
    picture = pages / "badge.svg"
    page = visit(picture).page
    begun = page.evaluate("Date.parse(document.documentElement.dataset.started)")
    page.clock.set_fixed_time(begun / 1000 + after * 86_400)
    page.reload()
    assert page.evaluate("document.documentElement.classList.contains('old')") is old
    title = page.locator("title").text_content() or ""
    assert ("too old" in title) is old
