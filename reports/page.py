"""What the report and the documentation site share: the template environment, the stylesheet, the words."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from .document import SKIP_REASONS
from .text import megabytes

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_WORDS: Mapping[str, str] = {
    "fail": "violated",
    "warn": "warned",
    "inconclusive": "inconclusive",
    "pass": "passed",
    "skip": "not judged",
}
"""What people read for each status, the worst first."""


def asset(name: str) -> str:
    """Return a stylesheet or script of the templates folder as text."""
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The template environment: everything is escaped, and a name that does not exist is an error."""
    env = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "prose": prose,
        "breakable": breakable,
        "as_json": as_json,
        "megabytes": megabytes,
        "instant": instant,
        "begun": begun,
        "sentence": sentence,
    }
    env.globals |= {"STATUS_WORDS": STATUS_WORDS, "SKIP_REASONS": SKIP_REASONS}
    return env


def render(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Render a template of the templates folder."""
    return environment().get_template(template).render(**values)


def prose(text: str) -> Markup:
    """Return text with `code` between backticks marked up, and everything else escaped."""
    pieces = re.split(r"`([^`]+)`", text)
    return Markup().join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )


def instant(text: object) -> str:
    """Return an instant by RFC 3339 as people read it: `2026-11-23 08:00:00.25 UTC`; any other text as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d*?)?0*Z", str(text))
    return str(text) if match is None else f"{match[1]} {match[2]}{(match[3] or '').rstrip('.')} UTC"


def sentence(text: str) -> str:
    """Return a phrase as a sentence: with a capital, unless a name begins it, and a full stop."""
    return begun(text) if text.endswith((".", "!", "?")) else f"{begun(text)}."


def begun(text: str) -> str:
    """Return a phrase that begins with a capital, unless it begins with a name or a number."""
    first = text.partition(" ")[0].rstrip(",:;")
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text


def breakable(text: object) -> Markup:
    """Return a long name or path that a narrow screen may break after its separators and before its capitals."""
    marked = re.sub(r"(?<=[/._-])(?=\w)|(?<=[a-z])(?=[A-Z])", "\0", str(text))
    return Markup("<wbr>").join(escape(piece) for piece in marked.split("\0"))


def as_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a JSON value as people read it. Not safe in a script; templates escape it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def digest(text: str) -> str:
    """Return a script's or stylesheet's hash as a content security policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
