"""The schema toolkit: what `exportproof schema` does, as functions.

Each function judges files that a user names, and raises `BadInput` with one clear sentence for what cannot be judged.
What is asked for is imported then: pytest loads a part of this package in every run of an environment.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .change import Change
    from .diffing import Diffed, diff
    from .exporting import export
    from .linting import Linted, lint
    from .middleware import ASGIValidation, WSGIValidation
    from .remark import BadInput, Remark
    from .validate import Report, validate_request, validate_response
    from .verifying import Verified, verify
    from .workbench import Workbench

__all__ = [
    "ASGIValidation",
    "BadInput",
    "Change",
    "Diffed",
    "Linted",
    "Remark",
    "Report",
    "Verified",
    "WSGIValidation",
    "Workbench",
    "diff",
    "export",
    "lint",
    "validate_request",
    "validate_response",
    "verify",
]

_MODULES = {
    "change": ("Change",),
    "diffing": ("Diffed", "diff"),
    "exporting": ("export",),
    "linting": ("Linted", "lint"),
    "middleware": ("ASGIValidation", "WSGIValidation"),
    "remark": ("BadInput", "Remark"),
    "validate": ("Report", "validate_request", "validate_response"),
    "verifying": ("Verified", "verify"),
    "workbench": ("Workbench",),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Import what is asked for by name."""
    for module, names in _MODULES.items():
        if name in names:
            # Kept, so that it is looked up once.
            found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
