"""What can be told of rows whose file is broken in form: the csv, split and fields rules judge that, and that alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .data import names_key, parts
from .seams import torn, unreadable

if TYPE_CHECKING:
    from .data import Place
    from .observation import JobObservation
    from .oracle import Analysis

_WHOLE = "split/whole-records"


class Garbled:
    """Rows whose values cannot be told, since the form of their file is broken: the csv rules judge that alone."""

    def __init__(self, job: JobObservation) -> None:
        """Look for files that are broken in form."""
        tables = [(file.index + 1, file.table) for file in job.files if file.table is not None]
        names = [part.header for part in parts(job)]
        self._otherwise = {part.file.index + 1 for part in parts(job) if part.header != names[0]}
        self._unreadable = {number for number, table in tables if unreadable(table)}
        self._undecoded = {n for n, table in tables if any(p.kind == "not-utf-8" for p in table.problems)}

    def holds(self, place: Place) -> bool:
        """Tell whether the values of a row cannot be told."""
        lost = place.file in self._undecoded and any("\N{REPLACEMENT CHARACTER}" in cell for cell in place.cells)
        # Where a later header differs, nobody can tell whether it or the row under it is wrong: split/same-header does.
        return lost or place.file in self._unreadable or place.file in self._otherwise


def keyless(job: JobObservation) -> bool:
    """True when no header names the column of the key: nobody can tell which records the rows are of."""
    headers = [part.header for part in parts(job) if part.header]
    return bool(headers) and not any(names_key(header, job.resource.key) for header in headers)


def settle_broken_files(analysis: Analysis) -> None:
    """Hold the form of a file, and nothing else, against records that it makes unreadable.

    A record that was cut where files meet is lost, and its parts may look like others. Behind quoting that is broken
    rows cannot be told apart.
    """
    if any(unreadable(table) for table in analysis.job.tables):
        analysis.faults[:] = [fault for fault in analysis.faults if fault.kind not in ("lost", "unexpected")]
        return
    seams = len(torn(analysis.job))
    for kind, most in (("lost", seams), ("unexpected", 2 * seams)):
        places = [place for place, fault in enumerate(analysis.faults) if fault.kind == kind]
        for place in places if len(places) <= most else ():
            analysis.faults[place] = replace(analysis.faults[place], rule=_WHOLE, rules=(_WHOLE,))
