"""Reads a YAML or JSON document and keeps the line of everything in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from .reading import read_text
from .remark import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DEEPEST = 200
_TOKEN = re.compile(
    r'[ \t\r\n]*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[\[\]{}:,])|(?P<other>[^\s\[\]{}:,"]+))', re.DOTALL
)


@dataclass(frozen=True)
class Document:
    """A document as plain values, and the line (from 1) of every value by its JSON pointer."""

    path: str
    root: Any
    lines: Mapping[str, int] = field(repr=False)
    repeated: tuple[str, ...] = ()
    """Pointers of the properties whose name comes twice in their object; the last one counts."""

    def line(self, pointer: str) -> int | None:
        """The line of a value, or of the nearest thing around it that is there."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)


def escape(step: str | int) -> str:
    """Write one step of a JSON pointer (rfc6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """Read one step of a JSON pointer."""
    return step.replace("~1", "/").replace("~0", "~")


def load(path: str | Path) -> Document:
    """Read a document. Raises BadInput that names the line where it is neither YAML nor JSON."""
    text = read_text(path)
    name = str(path)
    if not text.strip():
        raise BadInput(f"{name} is empty. Name an OpenAPI document, as YAML or JSON.")
    if text.lstrip().startswith(("{", "[")):
        try:
            root = json.loads(text)
        except json.JSONDecodeError as error:
            # Flow style in YAML begins the same way, so YAML gets its turn; if it fails too, JSON was meant.
            try:
                if not name.lower().endswith(".json"):
                    return _from_yaml(text, name)
            except BadInput:
                pass
            raise BadInput(f"{name}:{error.lineno}:{error.colno} is no JSON: {error.msg}.") from None
        except RecursionError:
            raise BadInput(f"{name} is nested too deeply to be read.") from None
        lines, repeated = _json_lines(text)
        return Document(name, root, lines, repeated)
    return _from_yaml(text, name)


# --- YAML ------------------------------------------------------------------------------------------------


_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in C, where PyYAML was built with it


class _Loader(_Safe):  # type: ignore[misc] # one of two classes
    """YAML as OpenAPI wants it: what JSON has, so that dates are text and `no` is a word."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _starts in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_starts))


def _from_yaml(text: str, name: str) -> Document:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise BadInput(f"{place} is no YAML: {error.problem or error.context}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"{name} is no YAML: {' '.join(str(error).split())}.") from None
    finally:
        loader.dispose()
    lines: dict[str, int] = {}
    repeated: list[str] = []
    return Document(name, _Builder(loader, name, lines, repeated).value(node, "", 0), lines, tuple(repeated))


@dataclass
class _Builder:
    """Makes plain values of YAML's nodes, and notes where each stands."""

    loader: _Loader
    name: str
    lines: dict[str, int]
    repeated: list[str]

    def value(self, node: yaml.Node | None, pointer: str, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        if node is None:
            return None
        if depth > _DEEPEST:
            raise BadInput(f"{self.name}:{node.start_mark.line + 1} is nested too deeply to be read.")
        self.lines.setdefault(pointer, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, f"{pointer}/{at}", depth + 1) for at, item in enumerate(node.value)]
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return node.value

    def _mapping(self, node: yaml.MappingNode, pointer: str, depth: int) -> dict[str, Any]:
        own = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        self.repeated += [
            f"{pointer}/{escape(key)}" for key in dict.fromkeys(own) if own.count(key) > 1 and key != "<<"
        ]
        self.loader.flatten_mapping(node)
        found: dict[str, Any] = {}
        for key, item in node.value:
            # Names are text in JSON: a status 200 without quotes is "200".
            name = key.value if isinstance(key, yaml.ScalarNode) else str(key.value)
            below = f"{pointer}/{escape(name)}"
            self.lines[below] = key.start_mark.line + 1
            found[name] = self.value(item, below, depth + 1)
        return found


# --- JSON ------------------------------------------------------------------------------------------------


def _json_lines(text: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """The line of every value of a JSON text that was read already, and the names that come twice."""
    lines: dict[str, int] = {}
    repeated: list[str] = []
    # One entry an open bracket: its pointer, and the index of the next item or None in an object.
    open_: list[tuple[str, int | None]] = []
    line, last, name, expects_name = 1, 0, "", False
    pointer = ""
    for match in _TOKEN.finditer(text):
        start = match.start(match.lastgroup or 0)
        line, last = line + text.count("\n", last, start), start
        word = match[match.lastgroup or 0]
        if expects_name and match["string"] is not None:
            name, expects_name = json.loads(word), False
            pointer = f"{open_[-1][0]}/{escape(name)}"
            if pointer in lines:
                repeated.append(pointer)
            lines[pointer] = line
        elif word in ("{", "["):
            lines.setdefault(pointer, line)
            open_.append((pointer, 0 if word == "[" else None))
            expects_name = word == "{"
            pointer = f"{pointer}/0" if word == "[" else pointer
        elif word in ("}", "]"):
            expects_name = False
            open_.pop()
        elif word == ",":
            above, index = open_[-1]
            expects_name = index is None
            if index is not None:
                open_[-1] = (above, index + 1)
                pointer = f"{above}/{index + 1}"
        elif word != ":":
            lines.setdefault(pointer, line)
    return lines, tuple(repeated)
