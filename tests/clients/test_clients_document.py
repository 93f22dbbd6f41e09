"""The lines of docs/clients.md that point a client at the reference do so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.tests.clients.conftest import Place

DOCUMENT = Path(__file__).parents[2] / "docs" / "clients.md"
SNIPPETS = dict(re.findall(r"```python\n(?=from (\w+))(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL))
"""The lines of each client, by the package that they import."""


@pytest.mark.parametrize("client", ["parsons", "everyaction"])
def test_the_lines_reach_the_reference(
    request: pytest.FixtureRequest, reference: Callable[..., Place], client: str
) -> None:
    request.getfixturevalue(client)
    place = reference()
    place.contacts({"FirstName": "Ann"})
    changes = {"http://127.0.0.1:8080/v4": place.url, "2026-11-20T00:00:00.00Z": place.since, '"demo"': '"default"'}
    code = SNIPPETS[client]
    for old, new in changes.items():
        code = code.replace(old, new)
    said: dict[str, Any] = {}
    exec(compile(code, DOCUMENT.name, "exec"), said)  # noqa: S102 - the lines are the document's own
    assert [row["FirstName"] for row in said["rows"]] == ["Ann"]
    if client == "everyaction":
        said["client"].close()
