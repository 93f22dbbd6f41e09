"""Variants: the reference implementation, conforming in one unusual way each, to prove that no rule cries wolf.

`register` is told which readings a variant follows otherwise, and which SHOULD rules it leaves unheeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import Flavour, Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

_registry = Registry(__name__)
variant = _registry.register


def variants() -> Mapping[str, Flavour]:
    """Every variant by name."""
    return _registry.all()


def names() -> Mapping[str, str]:
    """What each variant does, by name."""
    return {name: flavour.does for name, flavour in variants().items()}
