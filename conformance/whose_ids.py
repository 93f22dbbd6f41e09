"""Whose ids a target takes requestedIds for, where it exports records that are no contacts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from .data import rows_by_id
from .membership import IdsOf, View, due, has_contacts, understandings

if TYPE_CHECKING:
    from .observation import Run


def ids_of_other_types(run: Run) -> IdsOf | None:
    """Which reading of requested ids explains every job of other types than Contacts; None where none does, or both.

    That ids are contacts' explains a run only as a whole: whoever loses some requested records does not follow it.
    """
    jobs = [job for job in run.jobs if job.delivered and job.request.ids and has_contacts(job.resource)]
    values: tuple[IdsOf, ...] = get_args(IdsOf)
    fitting = [value for value in values if all(_explains(View.of(job, run, value)) for job in jobs)]
    return fitting[0] if len(fitting) == 1 else None


def _explains(view: View) -> bool:
    """Tell whether there is an understanding under which a job holds the records that are due, and no others."""
    job = view.job
    there = rows_by_id(job).keys()
    terms = list(understandings(job))
    for record in view.records().values():
        if record.id not in there and view.is_clear_of(record):
            continue
        facts = view.facts(record)
        if not facts.unsure:
            terms = [term for term in terms if due(facts, job, term) in (None, record.id in there)]
            if not terms:
                return False
    return True
