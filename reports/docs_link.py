"""Where the pages of `exportproof docs` are, as a report links to them: only where somebody said so.

A report has no link to pages that nobody named: it may be read where there is no network, and years later. A folder is
named relative to the report's own, so that both can be moved together.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..conformance.settings import BadSettings, check_url

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_PAGE = "index.html"
_NEEDED = (_FIRST_PAGE, "rules.html", "style.css")


def docs_base(word: str | None, folder: Path) -> str | None:
    """Return the base of the links for reports in a folder: a URL as it is, a folder as a relative path.

    `word` is what the user named; None or nothing for no links. Raises BadSettings for what is neither a URL nor a
    folder that `exportproof docs` wrote.
    """
    if not word:
        return None
    if "://" in word:
        try:
            return check_url(word.removesuffix(_FIRST_PAGE), "The address of the documentation")
        except BadSettings:
            raise BadSettings(
                "The address of the documentation is no URL that a report can link to. Give --docs the http or "
                "https address where the pages of 'exportproof docs' are, without a query and without credentials, "
                "or the folder that it wrote."
            ) from None
    site = Path(word)
    if not all((site / name).is_file() for name in _NEEDED):
        raise BadSettings(
            f"There is no documentation in {word!r}: --docs takes a URL, or a folder that 'exportproof docs --out "
            "DIR' wrote. Write it first, or leave the option out."
        )
    try:
        return Path(os.path.relpath(site.resolve(), folder.resolve())).as_posix()
    except ValueError:
        raise BadSettings(
            f"The documentation in {word!r} is on another drive than the reports, which cannot link to it. "
            "Write it beside them."
        ) from None


def rule_page(rule_id: str) -> str:
    """Return the path of a rule's page, relative to the site's folder."""
    return f"rules/{rule_id.replace('/', '-')}.html"


def page_of(document: Mapping[str, Any], rule_id: str) -> str | None:
    """Return the link from a report to a rule's page: a URL or a relative path, or None where none was named."""
    base = document.get("docs")
    return f"{base}/{rule_page(rule_id)}" if base else None


def address_of(document: Mapping[str, Any], rule_id: str) -> str | None:
    """Return the URL of a rule's page, for reports that are read elsewhere than they were written; None without one."""
    page = page_of(document, rule_id)
    return page if page is not None and "://" in page else None


def moved(document: Mapping[str, Any], before: Path, after: Path) -> Mapping[str, Any]:
    """Return a run record whose links hold in another folder than the one that they were made for."""
    base = document.get("docs")
    if not base or "://" in base or before.resolve() == after.resolve():
        return document
    try:
        base = Path(os.path.relpath(before.resolve() / base, after.resolve())).as_posix()
    except ValueError:
        base = None
    return {**document, "docs": base}
