"""Faults: the reference implementation, broken in one named way each, to prove that a rule can fail.

Each is a few lines on top of the honest behaviour. Its docstring tells the defect and what stays right; `register`
is told the rules that it breaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import Flavour, Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

_registry = Registry(__name__)
fault = _registry.register


def faults() -> Mapping[str, Flavour]:
    """Every fault by name."""
    return _registry.all()


def names() -> Mapping[str, str]:
    """What each fault does, by name."""
    return {name: flavour.does for name, flavour in faults().items()}
