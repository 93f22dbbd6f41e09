"""The schema toolkit: what `exportproof schema` does, as functions.

Each function judges files that a user names, and raises `BadInput` with one clear sentence for what cannot be judged.
"""

from .diff import Diffed, diff
from .export import export
from .lint import Linted, lint
from .remark import BadInput, Remark
from .validate import Report, validate_request, validate_response
from .verify import Verified, verify

__all__ = [
    "BadInput",
    "Diffed",
    "Linted",
    "Remark",
    "Report",
    "Verified",
    "diff",
    "export",
    "lint",
    "validate_request",
    "validate_response",
    "verify",
]
