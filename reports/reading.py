"""Reads report.json back, from any version of this project or from another tool that keeps to the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ..spec import catalogue
from .document import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "report.json"
_LONGEST = 300


class BadReportError(Exception):
    """A file is no report that can be read; the message says which, why and what to do (exit status 4)."""


def read_report(place: str | Path) -> Mapping[str, Any]:
    """Return the run record of a report.json, or of the one in a folder, checked against its JSON Schema.

    Only what the schema demands is sure to be there. Raises BadReportError.
    """
    path = Path(place)
    path = path / NAME if path.is_dir() else path
    try:
        document = json.loads(path.read_bytes(), parse_constant=_no_number)
    except FileNotFoundError:
        where = "in that folder there is no report.json" if path != Path(place) else "there is no such file"
        raise BadReportError(
            f"No report can be read from {str(place)!r}: {where}. "
            "Give a report.json, or the folder that 'exportproof run' wrote it into."
        ) from None
    except OSError as error:
        raise BadReportError(f"{str(path)!r} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        raise BadReportError(
            f"{str(path)!r} is no JSON, or was cut short: {error}. Give the report.json that a run wrote."
        ) from None
    _check(path, document)
    found: Mapping[str, Any] = document
    return found


def _check(path: Path, document: Any) -> None:  # noqa: ANN401 - whatever stood in the file
    version = document.get("schemaVersion") if isinstance(document, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise BadReportError(
            f"{str(path)!r} has the schema version {version}, and this version of exportproof reads {SCHEMA_VERSION}. "
            "Read it with the version that wrote it, or a later one."
        )
    error = best_match(Draft202012Validator(catalogue.document("report.schema.json")).iter_errors(document))
    if error is not None:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        said = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]} ..."
        raise BadReportError(
            f"{str(path)!r} is no report of exportproof: at {where.lstrip('.') or 'its root'}, {said}. "
            "Give the report.json that a run wrote."
        )
    ids = [rule["id"] for rule in document["rules"]]
    twice = next((rule_id for rule_id in ids if ids.count(rule_id) > 1), None)
    if twice is not None:
        raise BadReportError(f"{str(path)!r} is no report of exportproof: it has the rule {twice} twice.")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")
