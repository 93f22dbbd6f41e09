"""An OpenAPI document as somebody wrote it: its operations, with references followed and places kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..spec import catalogue
from .located import Document, escape, load, unescape
from .remark import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PLACEHOLDER = re.compile(r"\{[^}/]*\}")
_MOST_REFERENCES = 50


@dataclass(frozen=True)
class At:
    """A value of the document with its JSON pointer."""

    value: Any
    pointer: str

    def get(self, *steps: str) -> At:
        """The value below these names; None at the pointer where it would stand."""
        value, pointer = self.value, self.pointer
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
            pointer = f"{pointer}/{escape(step)}"
        return At(value, pointer)

    def items(self) -> Iterator[tuple[str, At]]:
        """The properties of an object, or nothing."""
        if isinstance(self.value, dict):
            yield from ((name, self.get(name)) for name in self.value)

    def values(self) -> Iterator[At]:
        """The values of an object's properties, or nothing."""
        yield from (at for _, at in self.items())


@dataclass(frozen=True)
class Operation:
    """One operation: its method in small letters, its path with the server's own in front, and where it is."""

    method: str
    path: str
    at: At
    item: At

    @property
    def shape(self) -> tuple[str, str]:
        """What identifies an operation, whatever its placeholders are called."""
        return self.method, _PLACEHOLDER.sub("{}", self.path.rstrip("/") or "/")

    @property
    def name(self) -> str:
        """The operation in words."""
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, eq=False)
class Spec:
    """An OpenAPI document. `version` is 3.0 or 3.1; what later versions add is passed over."""

    document: Document

    @property
    def path(self) -> str:
        """The file's name as the user wrote it."""
        return self.document.path

    @property
    def root(self) -> At:
        """The whole document."""
        return At(self.document.root, "")

    @cached_property
    def is_3_0(self) -> bool:
        """True for OpenAPI 3.0, whose schemas are of another dialect."""
        return str(self.document.root.get("openapi", "")).startswith("3.0")

    def line(self, pointer: str) -> int | None:
        """The line of a place, or of the nearest place around it."""
        return self.document.line(pointer)

    def resolve(self, at: At) -> At:
        """Follow references within the document. What leads nowhere, or in circles, is returned as None."""
        for _ in range(_MOST_REFERENCES):
            reference = at.value.get("$ref") if isinstance(at.value, dict) else None
            if not isinstance(reference, str):
                return at
            at = self._target(reference) or At(None, at.pointer)
        return At(None, at.pointer)

    def _target(self, reference: str) -> At | None:
        if not reference.startswith("#"):
            return None
        value, pointer = self.document.root, ""
        for step in unquote(reference[1:]).split("/")[1:]:
            key = unescape(step)
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                return None
            pointer = f"{pointer}/{escape(key)}"
        return At(value, pointer)

    def operations(self) -> Iterator[Operation]:
        """Every operation of the document, in its order."""
        prefix = self._server_path()
        for path, raw in self.root.get("paths").items():
            item = self.resolve(raw)
            for method in METHODS:
                at = item.get(method)
                if isinstance(at.value, dict) and path.startswith("/"):
                    yield Operation(method, f"{prefix}{path}", at, item)

    def _server_path(self) -> str:
        servers = self.document.root.get("servers")
        url = servers[0].get("url") if isinstance(servers, list) and servers and isinstance(servers[0], dict) else ""
        try:
            path = urlsplit(str(url)).path.rstrip("/")
        except ValueError:
            return ""
        return path if path.startswith("/") else ""

    def parameters(self, operation: Operation) -> Mapping[tuple[str, str], At]:
        """The parameters of an operation by place and name, with those of its path."""
        found: dict[tuple[str, str], At] = {}
        for owner in (operation.item, operation.at):
            listed = owner.get("parameters")
            for index in range(len(listed.value) if isinstance(listed.value, list) else 0):
                at = self.resolve(At(listed.value[index], f"{listed.pointer}/{index}"))
                if isinstance(at.value, dict):
                    found[str(at.value.get("in")), str(at.value.get("name"))] = at
        return found

    def content(self, at: At) -> Mapping[str, At]:
        """The media types of a body by their name in small letters, without parameters."""
        return {name.split(";")[0].strip().lower(): media for name, media in self.resolve(at).get("content").items()}

    def json_media(self, at: At) -> At | None:
        """The media type of a body under which JSON is described: its own or a range that holds it; None without."""
        content = self.content(at)
        names = ("application/json", "application/*", "*/*", *(name for name in content if name.endswith("+json")))
        return next((content[name] for name in names if name in content), None)


def load_spec(path: str | Path) -> Spec:
    """Read an OpenAPI document of version 3. Raises BadInput when it is none, with the line where that shows."""
    document = load(path)
    root = document.root
    if not isinstance(root, dict):
        raise BadInput(
            f"{path} is no OpenAPI document: it is {_kind(root)}, not an object with openapi, info and paths."
        )
    if "swagger" in root:
        raise BadInput(
            f"{path}:{document.line('/swagger')} is Swagger {root['swagger']}, which came before OpenAPI 3. "
            "Convert it to OpenAPI 3, which most editors of OpenAPI do, and name the result."
        )
    version = root.get("openapi")
    if version is None:
        raise BadInput(
            f"{path} is no OpenAPI document: it has no property openapi that tells the version, such as 3.1.0."
        )
    if not re.match(r"3\.\d+(\.|$)", str(version)):
        line = document.line("/openapi")
        raise BadInput(f"{path}:{line} has the OpenAPI version {version!r}; versions from 3.0 to 3.x are understood.")
    return Spec(document)


def our_spec() -> Spec:
    """spec/openapi.yaml in the same form; its lines are not known, since nobody asks for them."""
    return Spec(Document("spec/openapi.yaml", catalogue.document("openapi.yaml"), {}))


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "a boolean", type(None): "empty"}
    return names.get(type(value), "something else")
