"""Repairs generated bodies where the schema cannot say what is right, and leaves alone what breaks the schema."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from ..spec.offer import INT32_MAX
from .cases import full_body
from .draw import draw_many
from .requests import valid_requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..spec.offer import Offer, Resource

_WINDOWS = 50
_REQUIRED = ("dateChangedFrom", "resourceType")
_DATES = ("dateChangedFrom", "dateChangedTo")
_KEPT_IN = 3


class Repair:
    """Gives generated bodies a window, a type, ids and fields that a target has to accept.

    A property whose value breaks its schema stays as it was generated, and a required one that is missing stays
    missing: that is the one thing that the body is about. Where several are broken, one is kept.
    """

    def __init__(self, openapi: Mapping[str, Any], offer: Offer, now: datetime, seed: int) -> None:
        """Draw the windows that bodies will get; the same for the same seed."""
        self._offer, self._now = offer, now
        self._random = Random(seed)
        names = tuple(offer.resources)
        valid = valid_requests(offer, now, ids=(), instants=(), resource_types=names)
        self._windows = draw_many(valid, _WINDOWS, seed)
        schema = openapi["components"]["schemas"]["ExportJobRequest"]
        self._validators = {
            name: Draft202012Validator({**schema["properties"][name], "components": openapi["components"]})
            for name in schema["properties"]
        }

    def body(self, generated: Mapping[str, Any], *, thorough: bool) -> dict[str, Any]:
        """Repair one body. `thorough` also takes away what the documentation does not know, and mends whole floats."""
        if not self._windows:
            return dict(generated)
        broken = sorted(self._broken(generated))
        kept = self._random.choice(broken) if broken else None
        donor = self._random.choice(self._windows)
        resource = self._offer.resources[donor["resourceType"]]
        body = {name: donor[name] for name in _DATES if name in donor}
        body["resourceType"] = resource.name
        unknown = {} if thorough else {name: one for name, one in generated.items() if name not in self._validators}
        body.update(unknown)
        for name in self._validators:
            if name in generated and name not in (*_DATES, "resourceType", "excludeChangesFromSelf"):
                body[name] = self._mended(name, generated[name], resource) if name not in broken else generated[name]
                if body[name] == [] and name not in broken:
                    # Whether an array may be empty is the target's to say, and tried elsewhere.
                    del body[name]
        self._keep(body, generated, kept, broken)
        if kept is None and not thorough and not self._random.randrange(_KEPT_IN):
            # A text is a text to the schema, whatever it says: now and then it stands where an instant should.
            name = self._random.choice(_DATES)
            if isinstance(generated.get(name), str):
                body[name] = generated[name]
        return body

    def _keep(self, body: dict[str, Any], generated: Mapping[str, Any], kept: str | None, broken: list[str]) -> None:
        """Leave one broken property as it is; the other ones go, or are right."""
        for name in broken:
            if name != kept and name not in _REQUIRED:
                body.pop(name, None)
        if kept is None:
            return
        if kept in generated:
            body[kept] = generated[kept]
        else:
            body.pop(kept, None)

    def _broken(self, generated: Mapping[str, Any]) -> set[str]:
        wrong = {name for name, one in generated.items() if not self._obeys(name, one)}
        return wrong | {name for name in _REQUIRED if name not in generated}

    def _obeys(self, name: str, value: Any) -> bool:  # noqa: ANN401 - any JSON value
        validator = self._validators.get(name)
        try:
            return validator is None or bool(validator.is_valid(value))
        except (RecursionError, OverflowError, ValueError):
            return False

    def _mended(self, name: str, value: Any, resource: Resource) -> Any:  # noqa: ANN401 - any JSON value
        """What obeys the schema, in the form and in the range that every target takes."""
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if name == "requestedFields":
            return full_body(resource, self._now).get("requestedFields", [])[: len(value)]
        if name == "requestedCustomFieldIds":
            return list(resource.custom_fields[: len(value)])
        if isinstance(value, list):
            return [*dict.fromkeys(max(1, min(abs(int(one)), INT32_MAX)) for one in value)]
        return value
