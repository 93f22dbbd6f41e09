"""What the browser tests share: a headless Chromium, pages that were written by the commands, and watched visits.

Chromium is the system's, or the one that `EXPORTPROOF_CHROMIUM` names, or the one that Playwright installed. Where
there is none, these tests are skipped and say so.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from exportproof.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NONE_FOUND = (
    "no Chromium was found: install one, such as Debian's package chromium, or name it with EXPORTPROOF_CHROMIUM"
)
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Visit:
    """A page that was opened, and what the browser said and asked for meanwhile."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen from the beginning."""
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def is_as_wide_as_the_screen(self) -> bool:
        """Tell whether the page itself, unlike regions in it, never scrolls sideways."""
        root = "document.documentElement"
        wide: bool = self.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
        return wide


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Of a module, since Playwright's loop must not run beside other tests' own loops."""
    named = os.environ.get("EXPORTPROOF_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        installed = playwright.chromium.executable_path
        if found is None and not Path(installed).exists():
            pytest.skip(NONE_FOUND)
        # Containers rarely let Chromium make its own sandbox, and the pages are this project's.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a file, with the network cut, in a window of its own; options are those of a browser's context.

    However the test ends, nothing may have been said on the console, and no request may have left the disk.
    """
    contexts = []
    visits: list[Visit] = []

    def visit(path: Path, fragment: str = "", **options: Any) -> Visit:
        context = chromium.new_context(**{"viewport": DESKTOP, "offline": True, **options})
        contexts.append(context)
        opened = Visit(context.new_page())
        visits.append(opened)
        opened.page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))
        return opened

    yield visit
    for context in contexts:
        context.close()
    assert [text for opened in visits for text in opened.said] == []
    assert [url for opened in visits for url in opened.asked if not url.startswith(("file:", "data:"))] == []


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages of every command that writes some: two reports, a matrix, a badge and the site."""
    folder = tmp_path_factory.mktemp("pages")
    narrow = (
        "-q",
        "--rules",
        "window/*",
        "--rules",
        "links/*",
        "--rules",
        "split/*",
        "--profile",
        "quick",
        "--seed",
        "7",
    )
    badge = ("--report", f"badge-svg={folder / 'badge.svg'}")
    fault = ("--fault", "counts-the-last-change-only", "--docs", str(folder / "site"))
    assert main(("docs", "--out", str(folder / "site"))) == 0
    assert main(("run", *narrow, *fault, *badge, "--report-dir", str(folder / "broken"))) == 1
    assert main(("run", *narrow, "--report-dir", str(folder / "honest"))) == 0
    columns = [f"{name}={folder / name}" for name in ("honest", "broken")]
    assert main(("matrix", *columns, "--out", str(folder / "matrix.html"))) == 0
    return folder
