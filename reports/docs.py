"""The documentation as a folder of pages that open from disk: no network, and no script that they need.

The API reference comes from `spec/openapi.yaml` and `spec/control.yaml`, what the selftest found from its published
file, and everything else from the catalogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import __version__
from ..spec import catalogue
from .apidoc import Reader
from .docs_link import rule_page
from .document import source_entry
from .page import asset, digest, render
from .proof_text import how_measured, spans
from .write import write_texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..spec.catalogue import Rule
    from .proof import Proof

_PAGES = {
    "index.html": "Overview",
    "api.html": "API",
    "rules.html": "Rules",
    "addresses.html": "Addresses",
    "readings.html": "Readings",
    "control.html": "Control API",
    "reports.html": "Reading a report",
    "selftest.html": "Selftest",
}


def write_docs(directory: str | Path, proof: Proof) -> list[Path]:
    """Write the documentation site into a folder, which is made if need be, and return the files' paths.

    `proof` is what the selftest found. Raises ReportFolderError when the folder cannot be written.
    """
    return write_texts(directory, pages(proof))


def pages(proof: Proof) -> dict[str, str]:
    """Return every file of the site by its path relative to the site's folder."""
    rules = catalogue.rules()
    by_family = [
        (name, text, [rule for rule in rules.values() if rule.family == name])
        for name, text in catalogue.families().items()
    ]
    addresses = [
        (address, [rule for rule in rules.values() if address.id in rule.source])
        for address in catalogue.addresses().values()
    ]
    site = {"style.css": asset("style.css")}
    site["index.html"] = _page("index.html", "docs-index.html", by_family=by_family)
    site["rules.html"] = _page("rules.html", "docs-rules.html", by_family=by_family)
    site["addresses.html"] = _page(
        "addresses.html", "docs-addresses.html", addresses=addresses, references=_references(rules)
    )
    site["readings.html"] = _page("readings.html", "docs-readings.html", readings=catalogue.readings())
    site["reports.html"] = _page("reports.html", "docs-reports.html")
    script = asset("selftest.js")
    site["selftest.html"] = _page(
        "selftest.html",
        "docs-selftest.html",
        proof=proof,
        how=list(how_measured(proof)),
        spans=spans,
        levels={rule.id: rule.level for rule in rules.values()},
        script=script,
        script_source=digest(script),
    )
    does = {fault.name: fault.does for fault in proof.faults}
    for name in ("api.html", "control.html"):
        source = {"api.html": "openapi.yaml", "control.html": "control.yaml"}[name]
        site[name] = _page(name, "docs-api.html", api=Reader(catalogue.document(source)).api(), file=source)
    for rule in rules.values():
        site[rule_page(rule.id)] = _page(
            "rules.html",
            "docs-rule.html",
            up="../",
            rule=rule,
            sources={name: source_entry(name) for name in rule.source},
            readings={name: catalogue.readings()[name] for name in rule.readings},
            siblings=[other for other in rules.values() if other.family == rule.family and other.id != rule.id],
            family_text=catalogue.families()[rule.family],
            caught=[(name, does[name]) for name in proof.catches.get(rule.id, ())],
        )
    return site


def anchor(source: str) -> str:
    """Return the fragment under which the addresses' page has an address or reference."""
    return source.replace(":", "-")


def _page(current: str, template: str, *, up: str = "", **values: Any) -> str:  # noqa: ANN401
    return render(
        template,
        current=current,
        pages=_PAGES,
        up=up,
        version=__version__,
        vendor_page=catalogue.document("rules.yaml")["vendorPage"],
        rule_page=rule_page,
        anchor=anchor,
        titles={rule.id: rule.title for rule in catalogue.rules().values()},
        **values,
    )


def _references(rules: Mapping[str, Rule]) -> list[tuple[str, dict[str, str | None], list[Rule]]]:
    """Return what rules rest on beside the addresses, each with its rules."""
    names = sorted({name for rule in rules.values() for name in rule.source} - set(catalogue.addresses()))
    return [(name, source_entry(name), [rule for rule in rules.values() if name in rule.source]) for name in names]
