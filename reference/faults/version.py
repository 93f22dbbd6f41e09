"""Faults of the version: records that are shown as they were."""

from __future__ import annotations

from typing import Any

from ..behaviour import Behaviour
from ..model import Column, FilePart, Job, JobRequest, Record, Version
from . import fault


@fault("version/not-first")
class ShowsTheFirstVersion(Behaviour):
    """Every record is shown as it was created; which records come is right."""

    def shown_version(self, record: Record, request: JobRequest) -> Version:
        return record.first


@fault("version/not-snapshot")
class ShowsTheVersionOfTheEnd(Behaviour):
    """Every record is shown as it was at dateChangedTo; records that did not change since are right."""

    def shown_version(self, record: Record, request: JobRequest) -> Version:
        then = [version for version in record.versions if version.at <= request.end]
        return then[-1] if then else record.current


@fault("version/not-snapshot")
class ShowsInactiveOnesAsOfTheEnd(Behaviour):
    """Inactive records are shown as they were at dateChangedTo; active ones are right."""

    def shown_version(self, record: Record, request: JobRequest) -> Version:
        then = [version for version in record.versions if version.at <= request.end]
        return then[-1] if then and not record.current.active else record.current


@fault("version/current")
class ShowsTheVersionBeforeTheLast(Behaviour):
    """A record that changed at least twice is shown as it was before its last change; others are right."""

    def shown_version(self, record: Record, request: JobRequest) -> Version:
        return record.versions[-2] if len(record.versions) > 2 else record.current


@fault("version/current")
class MixesVersions(Behaviour):
    """One text column comes from the version before the last; the other columns are right."""

    def cell(self, column: Column, record: Record, version: Version, request: JobRequest) -> str:
        texts = [c for c in self.types[request.resource_type].columns if c.type == "T" and c.core]
        stale = len(record.versions) > 1 and texts and column is texts[0]
        return super().cell(column, record, record.versions[-2] if stale else version, request)


@fault("version/current")
class ShowsOldCustomValues(Behaviour):
    """Custom fields come from the version before the last; the other columns are right."""

    def value_of(self, column: Column, record: Record, version: Version) -> Any:  # noqa: ANN401
        stale = column.custom_id is not None and len(record.versions) > 1
        return super().value_of(column, record, record.versions[-2] if stale else version)


@fault("version/not-cached")
class AnswersLikeRequestsFromACache(Behaviour):
    """A request that was made before gets the files of then; every first request is right."""

    def export(self, job: Job) -> list[FilePart]:
        known: dict[tuple[str, str], list[FilePart]] = vars(self).setdefault("cache", {})
        key = job.account, job.request.to_json()
        if key not in known:
            known[key] = super().export(job)
        return known[key]

    def forget(self, account: str) -> None:
        vars(self).pop("cache", None)
        super().forget(account)


@fault("version/not-cached")
class CachesRowsById(Behaviour):
    """A record is shown as it was when it was first exported with the same columns; new ones are right."""

    def row(self, record: Record, columns: Any, request: JobRequest) -> bytes:  # noqa: ANN401 - as the base has it
        known: dict[Any, bytes] = vars(self).setdefault("cache", {})
        key = request.resource_type, record.id, record.first.content, tuple(column.name for column in columns)
        if key not in known:
            known[key] = super().row(record, columns, request)
        return known[key]

    def forget(self, account: str) -> None:
        vars(self).pop("cache", None)
        super().forget(account)
