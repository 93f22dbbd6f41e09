"""`schema export`: the messages of the API as JSON Schemas, typed models and tables, made from spec/openapi.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..spec import catalogue
from .export_jsonschema import json_schema
from .export_markdown import markdown
from .export_pydantic import pydantic
from .export_typescript import typescript
from .remark import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MESSAGES: Mapping[str, str] = {
    "ExportJobRequest": "The body that creates a job.",
    "CreatedExportJob": "The answer to a creation.",
    "ExportJob": "The answer about a job.",
    "ResourceTypes": "The list of resource types.",
    "Fields": "The list of a type's fields.",
    "ChangeTypes": "The list of a type's change types.",
    "ErrorEnvelope": "The answer to what is refused.",
}
"""The messages by their name in the document."""

_WRITERS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "pydantic": ("changed_entity_export_jobs.py", pydantic),
    "typescript": ("changed-entity-export-jobs.ts", typescript),
    "markdown": ("changed-entity-export-jobs.md", lambda _: markdown(MESSAGES)),
}
FORMATS = ("jsonschema", *_WRITERS)


def export(format: str, message: str | None = None) -> str:  # noqa: A002 - as the option of the command line is called
    """Return the messages in a format: `jsonschema`, `pydantic`, `typescript` or `markdown`.

    JSON Schemas come as one document with a definition for each message, or, with `message`, as the self-contained
    schema of that one. Raises BadInput for a format or a message that there is not, and for a message in a format whose
    output is one file.
    """
    _check(format, message)
    if format == "jsonschema":
        return _text(json_schema(MESSAGES) if message is None else json_schema([message]))
    return _WRITERS[format][1](catalogue.document("openapi.yaml")["components"]["schemas"])


def write(format: str, directory: str | Path, message: str | None = None) -> list[Path]:  # noqa: A002
    """Write the messages into a folder, which is made if it is not there, and return the files.

    There is a JSON Schema a message; every other format is one file. Raises BadInput as `export` does, and when the
    folder cannot be written.
    """
    _check(format, message)
    if format == "jsonschema":
        texts = {f"{name}.schema.json": _text(json_schema([name])) for name in ([message] if message else MESSAGES)}
    else:
        texts = {_WRITERS[format][0]: export(format)}
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{directory} cannot be written: {reason}. Name a folder that you may write to.") from None
    return [folder / name for name in texts]


def _check(format: str, message: str | None) -> None:  # noqa: A002
    if format not in FORMATS:
        raise BadInput(f"There is no format {format!r}. Write one of: {', '.join(FORMATS)}.")
    if message is not None and message not in MESSAGES:
        raise BadInput(f"There is no message {message!r}. Write one of: {', '.join(MESSAGES)}.")
    if message is not None and format != "jsonschema":
        raise BadInput(f"A message can be chosen for jsonschema alone: {format} is one file with all of them.")


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
