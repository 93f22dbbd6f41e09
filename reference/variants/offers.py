"""Variants of what a server offers: fewer types and fields, types of its own, and less of the control API."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

from ...spec.offer import parse_instant
from ..behaviour import Behaviour
from ..model import Column, ResourceType
from . import variant


class _Offers(Behaviour):
    """Offers some of the types; `names` are theirs."""

    names: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the reference
        super().__init__(*args, **kwargs)
        self.types = self.offered()

    def offered(self) -> dict[str, ResourceType]:
        return {name: self.types[name] for name in self.names}


@variant()
class OffersContactsAlone(_Offers):
    """There is one resource type, Contacts."""

    names = ("Contacts",)


@variant()
class OffersNoContacts(_Offers):
    """There are a few resource types, and Contacts is none of them."""

    names = ("ActivistCodes", "Contributions")


@variant()
class OffersCodesOfContacts(_Offers):
    """There are contacts and their activist codes, in this order turned round."""

    names = ("ContactsActivistCodes", "Contacts")


@variant()
class OffersTypesBackwards(_Offers):
    """The types are listed in another order."""

    def offered(self) -> dict[str, ResourceType]:
        return dict(reversed(list(self.types.items())))


@variant()
class OffersATypeOfItsOwn(_Offers):
    """There is a type that no document names, beside the others."""

    def offered(self) -> dict[str, ResourceType]:
        codes = self.types["ActivistCodes"]
        columns = (
            Column("DisbursementID", "N", core=True, computed="key"),
            Column("Payee", "T", core=True, max_characters=90),
            Column("Amount", "M", core=True),
            Column("PaidOn", "D"),
            Column("Memo", "T", max_characters=200),
        )
        own = ResourceType("Disbursements", "DisbursementID", columns, change_types=codes.change_types)
        return {"Disbursements": own, **self.types}


@variant()
class OffersCoreFieldsAlone(_Offers):
    """No type has fields or custom fields beyond its core."""

    def offered(self) -> dict[str, ResourceType]:
        return {
            name: replace(kind, columns=tuple(c for c in kind.columns if c.core), custom_columns=())
            for name, kind in self.types.items()
        }


@variant()
class OffersShortText(_Offers):
    """No text may have more than 60 characters."""

    def offered(self) -> dict[str, ResourceType]:
        def shorter(columns: tuple[Column, ...]) -> tuple[Column, ...]:
            return tuple(replace(c, max_characters=60) if (c.max_characters or 0) > 60 else c for c in columns)

        return {
            name: replace(kind, columns=shorter(kind.columns), custom_columns=shorter(kind.custom_columns))
            for name, kind in self.types.items()
        }


@variant()
class TextWithoutBounds(_Offers):
    """No field tells how much text it takes."""

    def offered(self) -> dict[str, ResourceType]:
        return {
            name: replace(
                kind,
                columns=tuple(replace(c, max_characters=None) for c in kind.columns),
                custom_columns=tuple(replace(c, max_characters=None) for c in kind.custom_columns),
            )
            for name, kind in self.types.items()
        }


@variant()
class TellsLittleOfFields(TextWithoutBounds):
    """A field is described by its name, its type and whether it is a core field."""

    def field_item(self, column: Column) -> dict[str, Any]:
        item = super().field_item(column)
        return {name: item[name] for name in ("fieldName", "fieldType", "isCoreField")}


@variant()
class NoCapabilityButChanges(Behaviour):
    """The control API takes changes; it can neither forget nor move the clock."""

    capabilities = ("changes",)


@variant()
class NoReset(Behaviour):
    """The control API takes changes and moves the clock; it cannot forget."""

    capabilities = ("changes", "clock")


@variant()
class NoClock(Behaviour):
    """The control API takes changes and can forget; it cannot move the clock."""

    capabilities = ("changes", "reset")


@variant()
class ControlWithoutCustomFields(Behaviour):
    """The control API tells of no custom fields, and tells its present with an offset and seven digits."""

    def describe_control(self) -> dict[str, Any]:
        told = super().describe_control()
        del told["customFieldIds"]
        now = parse_instant(told["now"]).astimezone(timezone(timedelta(hours=-5)))
        return {**told, "now": f"{now:%Y-%m-%dT%H:%M:%S.%f}0-05:00", "server": {"name": "some"}}
