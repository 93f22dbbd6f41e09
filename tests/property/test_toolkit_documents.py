"""No OpenAPI document, however odd, breaks the linter: it is judged, or refused in a sentence."""

from __future__ import annotations

import json
import warnings
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exportproof.spec import catalogue
from exportproof.toolkit import BadInput, lint
from exportproof.toolkit.located import load

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 5, -1.5, "", "x", [], ["a"], [None], {}, {"a": 1}, {"$ref": "#/nowhere"}, {"$ref": 7}, {"type": 7},
     {"$ref": "#/components/schemas/ExportJob"}, {"allOf": 3}, {"anyOf": [{}, None]}, [{"$ref": "#"}],
     {"$ref": "other.yaml"}]
)  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value in a document, the whole of it apart."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for step, below in steps for found in ((*path, step), *places(below, (*path, step)))]


DOCUMENT = catalogue.document("openapi.yaml")
PLACES = places(DOCUMENT)


def changed(edits: list[tuple[tuple[str | int, ...], Any]]) -> Any:
    """The document with values replaced; what an earlier edit took away is passed over."""
    document = deepcopy(DOCUMENT)
    for path, value in edits:
        at = document
        try:
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    return document


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=3), st.sampled_from(["3.0.3", "3.1.0"]))
def test_an_odd_document_is_judged_or_refused(edits: list[tuple[tuple[str | int, ...], Any]], version: str) -> None:
    document = changed(edits)
    if isinstance(document, dict):
        document["openapi"] = version
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "x.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        try:
            linted = lint(path)
        except BadInput as error:
            refused = str(error)
        else:
            refused = str(path)
            assert all(remark.line for remark in linted.remarks)
        assert str(path) in refused


TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.sampled_from([None, 1, "\t"]))
def test_every_value_of_a_json_text_has_its_line(value: dict[str, Any], indent: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_text(text, encoding="utf-8")
        document = load(path)
    assert document.root == value
    wanted = ["".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path) for path in places(value)]
    assert set(wanted) <= set(document.lines)
    lines = [document.lines[pointer] for pointer in wanted]
    assert lines == sorted(lines)
