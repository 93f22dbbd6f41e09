"""Scenarios over live data: pairs of exports whose relation is known although the data are not.

They ask for windows that are over, so that what others change meanwhile moves no record into or out of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..membership import CODES_TYPE
from ..sightings import contact_of
from .answers import UNKNOWN_CUSTOM_FIELD
from .rows import fraction, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from .census import Census
    from .stage import Stage

_BATCH = 6
_STEP = timedelta(milliseconds=10)
_MOST_IDS, _A_FEW, _HOLES, _MADE_UP = 1_100, 12, 400, 5
_MOST_CUSTOM = 3
_LARGEST_ID = 2**31 - 1
_MOST_WIDE = 4
# The ids of the documentation's own example: what many a target has (requestedCustomFieldIds.1).
_EXAMPLE_CUSTOM_FIELDS = (157, 205, 206)


def divided_windows(stage: Stage) -> None:
    """Divide each type's window at instants of changes: the parts make the whole, with and without inactive records."""
    for number, census in enumerate(stage.censuses()):
        start, first, second, end = census.start, census.first, census.second, census.end
        parts = [(start, first), (first, second), (second, end)]
        wanted = parts if number < _wide(stage) else parts[1:2]
        bodies = [_body(stage, census, *part, includeInactive=True) for part in wanted]
        # The requests that nothing but the window tells apart are what the others are held against.
        bodies += [_body(stage, census, start, end), _body(stage, census, first, second)]
        if number < _wide(stage):
            bodies.append(_body(stage, census, start, end, includeInactive=False, fileSizeKbLimit=2_000))
            bodies.append(_body(stage, census, second, end))
        _export(stage, f"parts of the window of {census.resource.name}", bodies)


def one_instant_written_otherwise(stage: Stage) -> None:
    """The same window with offsets, and windows that begin or end a hundredth of a second beside a change."""
    for number, census in enumerate(stage.censuses()[:2]):
        first, second = _whole(census.first), _whole(census.second)
        bodies = [_body(stage, census, first, second, includeInactive=True)]
        offsets = [
            (timedelta(hours=5, minutes=30), timedelta(hours=-8)),
            (timedelta(hours=-3, minutes=-30), timedelta(hours=13)),
        ]
        for one, other in offsets[: 2 - number]:
            bodies.append(_body(stage, census, written(first, one), written(second, other), includeInactive=True))
        for turn, at in enumerate(_instants_with_fractions(census)[: 2 - number]):
            before, after = at - timedelta(days=3), at + timedelta(days=3)
            near, far = (at + _STEP, at - _STEP) if turn == 0 else (at - _STEP, at + _STEP)
            bodies.append(_body(stage, census, fraction(near), fraction(after), includeInactive=True))
            bodies.append(_body(stage, census, fraction(before), fraction(far), includeInactive=True))
            if turn == 0:
                bodies.append(_body(stage, census, fraction(far), fraction(near), includeInactive=True))
                east = written(at + 2 * _STEP, timedelta(hours=2)), written(after, timedelta(hours=2))
                bodies.append(_body(stage, census, *east, includeInactive=True))
        _export(stage, f"instants of {census.resource.name} written otherwise", bodies)


def _wide(stage: Stage) -> int:
    """How many types are looked at from every side; the others are looked at once."""
    return _MOST_WIDE if stage.effort.broad else 1


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _instants_with_fractions(census: Census) -> list[datetime]:
    """Instants of changes in the middle of the window: one early in its second, and one late in it."""
    around = census.changes[len(census.changes) // 4 : -len(census.changes) // 4]
    # Of a record that changed once, it is known that it did not change before either.
    middle = [change for change in around if change[1] in census.once] or list(around)
    early = [at for at, _ in middle if 50_000 <= at.microsecond <= 450_000]
    late = [at for at, _ in middle if 550_000 <= at.microsecond <= 950_000]
    return [found[len(found) // 2] for found in (early, late) if found]


def kinds_of_contacts(stage: Stage) -> None:
    """contactMode over contacts, where 1 and 2 divide what 3 holds, and over other types, where it does one thing."""
    for census in stage.censuses("Contacts"):
        whole = census.start, census.end
        modes = [_body(stage, census, *whole, includeInactive=True, contactMode=mode) for mode in (1, 2, 3)]
        _export(stage, "contactMode over everything", modes)
        parts = [_body(stage, census, *whole, contactMode=mode) for mode in (1, 2, 3)]
        limited = _body(
            stage, census, census.first, census.end, includeInactive=True, contactMode=2, fileSizeKbLimit=1_000
        )
        _export(stage, "contactMode over active contacts", [*parts, limited])
    for census in [c for c in stage.censuses() if c.resource.name != "Contacts"][:2]:
        bodies = [_body(stage, census, census.start, census.end, includeInactive=True, contactMode=m) for m in (1, 2)]
        _export(stage, f"contactMode over {census.resource.name}", bodies)


def activist_codes(stage: Stage) -> None:
    """The activist-code filter equals filtering afterwards, and does nothing elsewhere."""
    chosen: list[int] = []
    for census in stage.censuses(CODES_TYPE):
        codes = census.codes()
        if not codes:
            continue
        chosen = codes[:1]
        unused = [code for code in range(1, 2_000) if code not in codes]
        # The smallest code that begins another one, or any; codes far apart; and one behind a crowd of unused ones.
        texts = sorted(map(str, codes), key=len)
        prefix = next((int(t) for t in texts if any(o != t and o.startswith(t) for o in texts)), codes[-1])
        choices = [chosen, [prefix], [min(codes), max(codes)], [*unused[:150], *codes[1:2]]]
        whole = census.start, census.end
        bodies = [_body(stage, census, *whole, includeInactive=True, requestedActivistCodeIds=each) for each in choices]
        bodies.append(_body(stage, census, *whole, requestedActivistCodeIds=chosen))
        bodies.append(_body(stage, census, census.first, census.second, requestedActivistCodeIds=codes[1:2] or chosen))
        _export(stage, "the activist-code filter", bodies)
    for census in [c for c in stage.censuses() if c.resource.name != CODES_TYPE][: _wide(stage)]:
        body = _body(
            stage, census, census.start, census.end, includeInactive=True, requestedActivistCodeIds=chosen or [1]
        )
        _export(stage, f"the activist-code filter over {census.resource.name}", [body])


def ids_of_live_records(stage: Stage) -> None:
    """Request records by id that no window of the request holds, inactive ones, made-up ones, and many."""
    for number, census in enumerate(stage.censuses()):
        known = census.ids
        inactive = _inactive(stage, census)
        inside = _rows_of(stage, census, census.first, census.second)
        outside = [identifier for identifier in known if identifier not in inside]
        made_up = _made_up(stage, known)
        people = _contacts_of(census, outside) if census.resource.name != "Contacts" else []
        few = [
            *_some(stage, outside, _A_FEW), *_some(stage, inactive, _A_FEW), *made_up[:2], *_some(stage, inside, 4),
            *_some(stage, outside, 3), *_some(stage, people, 4),
        ]  # fmt: skip
        window = census.first, census.second
        bodies = [_body(stage, census, *window, requestedIds=few), _body(stage, census, *window, requestedIds=made_up)]
        if number < _wide(stage):
            bodies.append(_body(stage, census, *window, requestedIds=_holes(stage, known), includeInactive=True))
            bodies.append(_body(stage, census, *window, requestedIds=[*few, *made_up], includeInactive=True))
        if number == 0:
            bodies.append(_body(stage, census, *window, requestedIds=_some(stage, outside, _MOST_IDS)))
            both = _some(stage, known, 60)
            bodies += [_body(stage, census, *window, requestedIds=both, contactMode=m) for m in (1, 2)]
        if census.resource.name == CODES_TYPE and census.codes():
            both = _some(stage, known, 60)
            bodies.append(_body(stage, census, *window, requestedIds=both, requestedActivistCodeIds=census.codes()[:1]))
        _export(stage, f"requested ids of {census.resource.name}", bodies)


def _contacts_of(census: Census, records: list[int]) -> list[int]:
    """The contacts of some records, as far as they are no keys of such records themselves."""
    places = (census.look.rows[each][0] for each in records if each in census.look.rows)
    found = {contact for place in places if (contact := contact_of(place)) is not None}
    return sorted(found - census.look.rows.keys())


def _inactive(stage: Stage, census: Census) -> list[int]:
    """Records that the window's export holds only when inactive ones are asked for."""
    active = _rows_of(stage, census, census.start, census.end)
    return [identifier for identifier in census.ids if active and identifier not in active]


def _rows_of(stage: Stage, census: Census, start: datetime, end: datetime) -> list[int]:
    """The ids of the plain export of a window, as far as it was made."""
    body = _body(stage, census, start, end)
    for look in stage.looks(census.resource.name):
        if look.job.body == body:
            return sorted(look.rows)
    return []


def _made_up(stage: Stage, known: Iterable[int]) -> list[int]:
    """Ids that hardly any target has: drawn from the upper half of what an id may be."""
    taken = set(known)
    drawn = [stage.random.randrange(_LARGEST_ID // 2, _LARGEST_ID) for _ in range(_MADE_UP)]
    return [identifier for identifier in drawn if identifier not in taken]


def _holes(stage: Stage, known: list[int]) -> list[int]:
    """Ids between known ones: of records that changed long ago, or that exports wrongly leave out."""
    start = stage.random.choice(known[: max(1, len(known) // 2)])
    taken = set(known)
    holes = [
        identifier
        for identifier in range(max(start, 1), min(start + 20 * _HOLES, _LARGEST_ID))
        if identifier not in taken
    ]
    return holes[:_HOLES]


def _some(stage: Stage, found: list[int], count: int) -> list[int]:
    return stage.random.sample(found, min(count, len(found)))


def columns_of_live_records(stage: Stage) -> None:
    """Requested fields in several orders: each adds its column, and leaves the others alone."""
    for number, census in enumerate(stage.censuses()):
        extra = [field.name for field in census.resource.extra]
        core = [field.name for field in census.resource.core]
        if not extra:
            continue
        whole = census.start, census.end
        bodies = [_bare(stage, census, *whole, includeInactive=True, requestedFields=extra)]
        if number < _wide(stage):
            bodies.append(_bare(stage, census, *whole, includeInactive=True))
            bodies.append(_bare(stage, census, *whole, includeInactive=True, requestedFields=[*extra[::-1], *core[:1]]))
            bodies.append(_bare(stage, census, *whole, requestedFields=extra[: max(1, len(extra) // 2)]))
        _export(stage, f"requested fields of {census.resource.name}", bodies)


def custom_fields_of_live_records(stage: Stage) -> None:
    """Custom fields, one by one and together, in several windows: each adds its column, and leaves the others alone."""
    session = stage.session
    for number, census in enumerate(stage.censuses()):
        name = census.resource.name
        if name == "Contacts" and not session.offer.resources[name].custom_fields:
            session.learn_custom_fields(name, _found_custom_fields(stage, census))
        known = list(session.offer.resources[name].custom_fields)
        if not known:
            continue
        wide = number < _wide(stage) and stage.effort.broad
        whole = census.start, census.end
        bodies = [
            _bare(stage, census, *whole, includeInactive=True, requestedCustomFieldIds=[each])
            for each in (known[:_MOST_CUSTOM] if wide else known[:1])
        ]
        every: dict[str, Any] = {"requestedCustomFieldIds": [*known[::-1], known[0]]}
        extra = [field.name for field in census.resource.extra]
        bodies.append(_bare(stage, census, *whole, includeInactive=True, **every))
        if wide:
            bodies.append(_bare(stage, census, census.first, census.second, requestedFields=extra[:2], **every))
            bodies.append(_bare(stage, census, *whole, includeInactive=True, fileSizeKbLimit=1_000, **every))
        _export(stage, f"custom fields of {name}", bodies)


def _found_custom_fields(stage: Stage, census: Census) -> list[int]:
    """Those of the example's custom fields that the target tells back as accepted.

    Of a target that refuses a made-up id, or tells nothing back of it, what it does tell back is taken at its word.
    """
    session, rule = stage.session, "fields/unaccepted-not-echoed"
    name, window = census.resource.name, (census.first, census.second)

    def ask(label: str, ids: list[int], reading: str | None = None) -> list[int]:
        body = session.body(name, *window, requestedCustomFieldIds=ids)
        probe = session.probe(rule, label, "either", body, reading=reading)
        echo = probe.exchange.object.get("requestedCustomFieldIds") if probe.exchange.status == 201 else None
        return [each for each in ids if isinstance(echo, list) and each in echo]

    if ask("an unknown id in requestedCustomFieldIds", [UNKNOWN_CUSTOM_FIELD], "unknown-custom-field"):
        return []
    return ask("the example's ids in requestedCustomFieldIds", list(_EXAMPLE_CUSTOM_FIELDS))


def sizes_of_live_exports(stage: Stage) -> None:
    """The same rows under a small limit and under the largest: the files differ, the rows do not."""
    censuses = sorted(stage.censuses(), key=_bytes, reverse=True)
    for census in censuses[:2]:
        every = [field.name for field in census.resource.extra]
        whole = census.start, census.end
        bodies = [
            _bare(stage, census, *whole, includeInactive=True, requestedFields=every, fileSizeKbLimit=limit)
            for limit in (1_000, 100_000)
        ]
        bodies.append(_bare(stage, census, *whole, requestedFields=every, fileSizeKbLimit=1_000))
        _export(stage, f"{census.resource.name} under several limits", bodies)


def _bytes(census: Census) -> int:
    return sum(file.size for file in census.look.job.files)


def open_windows(stage: Stage) -> None:
    """Windows without an end hold what those with one hold, and the census once more what it held."""
    for number, census in enumerate(stage.censuses()):
        bodies = [dict(census.look.job.body)]
        if number < _wide(stage):
            bodies.append(_body(stage, census, census.second, None, includeInactive=True))
        if number == 0:
            bodies.append(_body(stage, census, census.first, None))
        _export(stage, f"windows of {census.resource.name} without an end", bodies)


def _export(stage: Stage, purpose: str, bodies: list[dict[str, Any]]) -> None:
    for first in range(0, len(bodies), _BATCH):
        stage.session.export(purpose, *bodies[first : first + _BATCH])


def _body(
    stage: Stage,
    census: Census,
    start: datetime | str,
    end: datetime | str | None,
    **options: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """A request with the columns that tell when records changed."""
    stamps: Mapping[str, Any] = {"requestedFields": census.stamps} if census.stamps else {}
    return _bare(stage, census, start, end, **stamps, **options)


def _bare(
    stage: Stage,
    census: Census,
    start: datetime | str,
    end: datetime | str | None,
    **options: Any,  # noqa: ANN401
) -> dict[str, Any]:
    return stage.session.body(census.resource.name, start, end, **options)
