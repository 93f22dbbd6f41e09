"""An OpenAPI document against the standard itself, with openapi-spec-validator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .located import escape
from .remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .openapi import Spec

_SHOWN = 120


def standard(spec: Spec) -> Iterator[Remark]:
    """What breaks OpenAPI, and names that come twice in one object."""
    for pointer in spec.document.repeated:
        yield Remark(
            "repeated-name", "error", f"{pointer.rpartition('/')[2]} comes twice here, and one of the two is lost",
            spec.path, spec.line(pointer), pointer=pointer, advice="Take one of them out.",
        )  # fmt: skip
    from openapi_spec_validator import (  # noqa: PLC0415 - slow to import
        OpenAPIV30SpecValidator,
        OpenAPIV31SpecValidator,
        OpenAPIV32SpecValidator,
    )

    version = str(spec.document.root["openapi"])
    kinds = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
    validator = kinds.get(version[:3], OpenAPIV32SpecValidator)(spec.document.root)
    try:
        # Sorted by place, so that what is said does not depend on how the validator walks.
        errors = sorted(validator.iter_errors(), key=lambda error: list(map(str, error.absolute_path)))
    except Exception as error:  # noqa: BLE001 - it fails in many ways on references that lead nowhere
        yield Remark(
            "openapi", "error", f"the document breaks OpenAPI: {_short(error)}", spec.path, 1, pointer="",
            advice="Mend the reference or the part that it names, and lint again.",
        )  # fmt: skip
        return
    for failure in errors:
        yield from _told(spec, failure)


def _told(spec: Spec, failure: Any) -> Iterator[Remark]:  # noqa: ANN401 - the validator's own kinds of error
    # Of alternatives that all fail (a reference or an object), the one that came closest tells what is wrong.
    while failure.context:
        failure = max(failure.context, key=lambda below: (len(below.absolute_path), below.validator != "required"))
    pointer = "".join(f"/{escape(step)}" for step in failure.absolute_path)
    yield Remark(
        "openapi", "error", f"the document breaks OpenAPI: {_short(failure.message)}", spec.path, spec.line(pointer),
        pointer=pointer, advice="See the OpenAPI Specification for what may stand here.",
    )  # fmt: skip


def _short(error: object) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
