"""Faults of the columns: core fields, requested ones, custom ones, and what is told of unknown ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..behaviour import Behaviour
from ..model import Column, JobRequest, Record, ResourceType, Version
from . import fault

if TYPE_CHECKING:
    from ..bodies import Body


@fault("fields/core")
class PutsRequestedFieldsInPlaceOfCoreOnes(Behaviour):
    """With requestedFields, the key is the only core column that stays; without it, all are there."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        kept = [c for c in super().columns(request) if c.computed == "key" or not c.core or not request.fields]
        return tuple(kept)


@fault("fields/core")
class LosesTheLastCoreColumnWithCustomFields(Behaviour):
    """With requestedCustomFieldIds, the last core column is missing; without it, all are there."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        columns = super().columns(request)
        last = [column for column in columns if column.core][-1]
        return tuple(column for column in columns if column is not last or not request.custom_field_ids)


@fault("fields/core")
class ListsACoreFieldThatIsNotExported(Behaviour):
    """ContributionAdjustments never have their last core column; the other types are right."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        columns = super().columns(request)
        last = [column for column in columns if column.core][-1]
        return tuple(c for c in columns if c is not last or request.resource_type != "ContributionAdjustments")


@fault("fields/requested")
class LeavesRequestedColumnsEmpty(Behaviour):
    """Requested columns are there and empty; core and custom columns are right."""

    def value_of(self, column: Column, record: Record, version: Version) -> Any:  # noqa: ANN401
        empty = not column.core and column.custom_id is None
        return None if empty else super().value_of(column, record, version)


@fault("fields/requested")
class ForgetsRequestedFields(Behaviour):
    """requestedFields is echoed and adds no column; core and custom columns are right."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        return super().columns(replace(request, fields=None))


@fault("fields/requested")
class ForgetsFieldsBesideCustomFields(Behaviour):
    """requestedFields adds no column when custom fields are asked for as well; either alone is right."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        return super().columns(replace(request, fields=None) if request.custom_field_ids else request)


@fault("fields/requested", "fields/custom")
class LeavesRequestedIdsBare(Behaviour):
    """Records that came for their id alone have core columns only, and empty ones beside; the window's are right."""

    def row(self, record: Record, columns: Sequence[Column], request: JobRequest) -> bytes:
        version = self.shown_version(record, request)
        alone = record.id in (request.ids or ()) and not self.is_changed(record, request)
        return self.line(
            ["" if alone and not column.core else self.cell(column, record, version, request) for column in columns]
        )


@fault("fields/requested")
class TakesFiveRequestedFields(Behaviour):
    """Names in requestedFields after the fifth add no column; shorter lists are right."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        return super().columns(replace(request, fields=(request.fields or ())[:5]))


@fault("fields/custom")
class LeavesCustomColumnsEmpty(Behaviour):
    """Custom columns are there and empty; core and requested columns are right."""

    def value_of(self, column: Column, record: Record, version: Version) -> Any:  # noqa: ANN401
        return None if column.custom_id is not None else super().value_of(column, record, version)


@fault("fields/custom")
class FillsCustomColumnsInTheirOwnOrder(Behaviour):
    """Several custom fields get each other's values; one alone is right."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        columns = super().columns(request)
        customs = [column for column in columns if column.custom_id is not None]
        turned = iter([*customs[1:], *customs[:1]])
        return tuple(
            replace(column, custom_id=next(turned).custom_id) if column.custom_id is not None else column
            for column in columns
        )


@fault("fields/custom")
class ForgetsCustomFieldsOfContributions(Behaviour):
    """Custom fields of Contributions are echoed and add no column; those of Contacts are right."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        gone = request.resource_type == "Contributions"
        return super().columns(replace(request, custom_field_ids=None) if gone else request)


@fault("fields/custom")
class CutsCustomFieldsAtTwo(Behaviour):
    """Of more than two custom fields only two come; shorter lists are right."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        return super().columns(replace(request, custom_field_ids=(request.custom_field_ids or ())[:2]))


@fault("csv/text-exact")
class TrimsCustomTexts(Behaviour):
    """Spaces around the text of a custom field are cut off; the other texts are kept."""

    def write_text(self, value: str, column: Column) -> str:
        return value if column.custom_id is None else value.strip(" ")


@fault("csv/empty-values")
class WritesZeroForEmptyCustomFields(Behaviour):
    """A custom field that holds nothing comes as 0; those that hold something are right."""

    def text_of(self, column: Column, value: Any) -> str:  # noqa: ANN401
        return "0" if column.custom_id is not None and value in (None, "") else super().text_of(column, value)


@fault("fields/no-second-column")
class RepeatsCoreColumns(Behaviour):
    """A core field that is asked for again makes a second column; its values are right in both."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        again = [self.types[request.resource_type].by_name[name] for name in dict.fromkeys(request.fields or ())]
        return (*super().columns(request), *(column for column in again if column.core))


@fault("fields/no-second-column")
class RepeatsFieldsNamedTwice(Behaviour):
    """A non-core field that is named twice makes two columns; core fields asked for again make none."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        columns, names = super().columns(request), request.fields or ()
        return (*columns, *(c for c in columns if not c.core and names.count(c.name) > 1))


@fault("fields/no-second-column")
class RepeatsCustomFieldsNamedTwice(Behaviour):
    """A custom field that is named twice makes two columns; all others make one."""

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        columns, ids = super().columns(request), request.custom_field_ids or ()
        return (*columns, *(c for c in columns if c.custom_id is not None and ids.count(c.custom_id) > 1))


@fault("fields/unaccepted-not-echoed")
class EchoesUnknownFields(Behaviour):
    """Names that no field has are told back, and make no column; known ones are right."""

    def read_fields(self, body: Body, kind: ResourceType | None) -> tuple[str, ...] | None:
        super().read_fields(body, kind)
        return None if "requestedFields" not in body else tuple(body["requestedFields"])

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        known = self.types[request.resource_type].by_name
        return super().columns(replace(request, fields=tuple(n for n in request.fields or () if n in known)))


@fault("fields/unaccepted-not-echoed")
class EchoesUnknownCustomFields(Behaviour):
    """Custom field ids that the type does not have are told back, and make no column; known ones are right."""

    def read_custom_fields(self, body: Body, kind: ResourceType | None) -> tuple[int, ...] | None:
        return self.read_ids(body, "requestedCustomFieldIds")

    def columns(self, request: JobRequest) -> tuple[Column, ...]:
        known = self.types[request.resource_type].by_custom_id
        ids = tuple(i for i in request.custom_field_ids or () if i in known)
        return super().columns(replace(request, custom_field_ids=ids))


@fault("fields/requested")
class ShiftsRequestedValues(Behaviour):
    """The values of requested columns stand one column to the right of their names; the others are right."""

    def row(self, record: Record, columns: Sequence[Column], request: JobRequest) -> bytes:
        asked = [column for column in columns if not column.core and column.custom_id is None]
        turned = iter([*asked[-1:], *asked[:-1]])
        return super().row(record, [next(turned) if column in asked else column for column in columns], request)
