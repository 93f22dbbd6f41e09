"""Where faults and variants are written down: subclasses of the behaviour, by name."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .behaviour import Behaviour

Kind = TypeVar("Kind", bound="type[Behaviour]")


@dataclass(frozen=True)
class Flavour:
    """One fault or variant. `does` is its docstring on one line.

    `breaks` are the ids of the rules that a fault breaks; `readings` are the values of the readings that a variant
    follows otherwise than the reference; `warns` are the ids of SHOULD rules that a variant leaves unheeded.
    """

    name: str
    does: str
    behaviour: type[Behaviour]
    breaks: tuple[str, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    warns: tuple[str, ...] = ()


class Registry:
    """The flavours of one package, a module a subject. They are imported when they are first asked for."""

    def __init__(self, package: str) -> None:
        """Remember the package whose modules register flavours."""
        self._package = package
        self._found: dict[str, Flavour] = {}
        self._complete = False

    def register(
        self, *breaks: str, readings: Mapping[str, str] | None = None, warns: tuple[str, ...] = ()
    ) -> Callable[[Kind], Kind]:
        """Register a class under its name in kebab case: LosesTheLastRow is loses-the-last-row."""

        def register(behaviour: Kind) -> Kind:
            name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", behaviour.__name__).lower()
            if name in self._found:
                raise ValueError(f"Two flavours are called {name}.")
            does = " ".join((inspect.getdoc(behaviour) or "").split())
            self._found[name] = Flavour(name, does, behaviour, breaks, tuple((readings or {}).items()), warns)
            return behaviour

        return register

    def all(self) -> Mapping[str, Flavour]:
        """Every flavour by name, in the order of the modules and of their lines."""
        if not self._complete:
            for module in sorted(info.name for info in iter_modules(import_module(self._package).__path__)):
                import_module(f"{self._package}.{module}")
            self._complete = True
        return self._found
