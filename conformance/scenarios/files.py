"""Scenarios about files: exports that must be split, that just fit, and that just do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from ...spec.offer import DEFAULT_LIMIT_KB, format_instant, parse_instant
from ..membership import CODE_COLUMN, CONTACT_COLUMN
from .atlas import Kind, kinds_of
from .people import columns_of, fillable, text_room, version_values

if TYPE_CHECKING:
    from ...spec.offer import Field, Resource
    from ..observation import JobObservation
    from .stage import Stage

_ROW_BYTES = 700
# Where rows have no room for so many, exports are smaller than the profile wants, rather than of endless rows.
_LEAST_ROW_BYTES = 350
_HUGE_ROW_BYTES = 4_000
_MOST_HUGE_ROWS = 150_000
# Many a search engine or page ends at the ten thousandth row.
_FIVE_DIGITS = 10_050
_NEARLY = 0.985
_LIMIT_KB = 1_000
_ONE_INACTIVE_IN, _ONE_CHANGES_IN = 9, 67
_SHORT = 60
# Between a thousand kilobytes of either kind there is one size more: whoever counts a little less than there is seems
# to follow the one reading just above the limit, and the other one here.
_SIZES = (999_999, 1_000_001, 1_016_000, 1_024_001)
_LONG, _BRIEF = 1.6, 0.7
_OTHER_KB, _LEAST_ROOM, _MOST_OTHERS = 1_250, 200, 8
# What may stand at a split point: each of these in turn, so that every file begins and ends beside another.
_PIECES = (
    "plain words and 0012 ",
    "Grüße, ",
    'a "quoted" word ',
    "línea\r\nnueva ",
    "東京都 ",
    "naïve 🙂 ",
    "a, b, c ",
)


def roomy(stage: Stage) -> Resource | None:
    """The type whose text columns hold most: the one that big exports are made of."""
    resources = [r for r in stage.session.offer.resources.values() if r.key is not None]
    return max(resources, key=_room, default=None)


def _room(resource: Resource) -> int:
    """How many characters a row's texts can have, where columns that hold more are filled that far."""
    return sum(min(text_room(field), 4_000) for field in _texts(resource))


def _texts(resource: Resource) -> list[Field]:
    return [field for field in fillable(resource) if field.type == "T" and field.core]


def splits(stage: Stage) -> None:
    """A few megabytes of rows with every hazard in them, under several limits."""
    resource = roomy(stage)
    if resource is None:
        return
    session = stage.session
    start = stage.atlas.now - timedelta(days=20)
    per_row = max(_bytes_a_row(bulk(stage, resource, start, 45, _ROW_BYTES, uneven=True), resource), _LEAST_ROW_BYTES)
    # The inactive ones are in few of these exports.
    count = int(stage.effort.split_kb * 1000 / per_row * _ONE_INACTIVE_IN / (_ONE_INACTIVE_IN - 1))
    items = bulk(stage, resource, start, count, _ROW_BYTES, uneven=True)
    session.put(resource.name, items)
    session.put(resource.name, _second_versions(stage, resource, items))
    end = start + timedelta(hours=6)
    session.export(
        "megabytes, split at the smallest limit", session.body(resource.name, start, end, fileSizeKbLimit=_LIMIT_KB)
    )
    wide = [session.body(resource.name, start, end, fileSizeKbLimit=100_000), session.body(resource.name, start, end)]
    session.export("the same megabytes in one file", *wide)
    if stage.effort.split_kb > 4_000:
        third = start + timedelta(milliseconds=100 + 10 * (count // 3))
        before = start - timedelta(hours=2), start - timedelta(hours=1)
        session.export(
            "megabytes, split at other limits",
            session.body(resource.name, start, end, fileSizeKbLimit=4_000, **columns_of(resource)),
            session.body(resource.name, start, third, fileSizeKbLimit=1_001, includeInactive=True),
            # More ids than some databases take at once, of rows that take two files, over a window without any.
            session.body(resource.name, *before, fileSizeKbLimit=1_000, requestedIds=[i["id"] for i in items[:2_200]]),
        )
        _split_others(stage, resource, start)


def _split_others(stage: Stage, resource: Resource, start: datetime) -> None:
    """A little more than a megabyte of each other type; where its texts are short, of more rows."""
    session = stage.session
    known = session.offer.resources.values()
    others = [each for each in known if each is not resource and each.key is not None and _room(each) >= _LEAST_ROOM]
    bodies = []
    for other in stage.random.sample(others, min(len(others), _MOST_OTHERS)):
        row_bytes = min(_ROW_BYTES, _room(other))
        session.put(other.name, bulk(stage, other, start, _OTHER_KB * 1000 // row_bytes, row_bytes))
        bodies.append(session.body(other.name, start, start + timedelta(hours=6), fileSizeKbLimit=_LIMIT_KB))
    if bodies:
        session.export("more than a megabyte of each other type", *bodies)


def _second_versions(stage: Stage, resource: Resource, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One record in so many changes once more, so that old versions show past the first rows as well."""
    short = [{**item, "at": format_instant(stage.atlas.now - timedelta(days=19))} for item in items[::_ONE_CHANGES_IN]]
    for number, item in enumerate(short):
        fresh = version_values(resource, number + 5, stage.random)
        kept = {name for name, value in item["values"].items() if len(str(value)) > _SHORT or name not in fresh}
        kept |= {CONTACT_COLUMN, CODE_COLUMN}
        item["values"] = {name: value if name in kept else fresh[name] for name, value in item["values"].items()}
    return short


def bulk(
    stage: Stage, resource: Resource, start: datetime, count: int, row_bytes: int, *, uneven: bool = False
) -> list[dict[str, Any]]:
    """Records with long texts, one each 10 ms from `start` on; about `row_bytes` a row.

    `uneven` makes the first third of the rows longer than the others, so that as many rows are not as many bytes.
    """
    kind = next(iter(kinds_of(resource, stage.atlas.chapters.get("Contacts"))), Kind())
    texts = _texts(resource)
    # The short columns repeat after a while; the long ones, and so the rows, are all different.
    short = [{**version_values(resource, number, stage.random), **kind.fixed} for number in range(min(count, 64))]
    items = []
    for number, identifier in enumerate(stage.atlas.fresh_ids(count, gap=1)):
        values = dict(short[number % len(short)])
        left = wanted = int(row_bytes * (_LONG if number < count // 3 else _BRIEF)) if uneven else row_bytes
        for place, field in enumerate(texts):
            share = left if place == len(texts) - 1 else min(left, wanted // 2 if text_room(field) > 200 else 60)
            values[field.name] = text = long_text(field, share, number + place)
            left = max(left - len(text.encode()), 1)
        item: dict[str, Any] = {
            "id": identifier,
            "at": format_instant(start + timedelta(milliseconds=100 + 10 * number)),
            "active": number % _ONE_INACTIVE_IN != _ONE_INACTIVE_IN - 1,
            "values": values,
        }
        if kind.contact_mode is not None:
            item["contactMode"] = 1 + number % 2
        items.append(item)
    return items


def _bytes_a_row(items: list[dict[str, Any]], resource: Resource) -> float:
    """About how many bytes a row of these has, on average, where only core fields are exported; 1 for its end."""
    core = {field.name for field in resource.core}
    cells = (value for item in items for name, value in item["values"].items() if name in core)
    return 1 + sum(len(str(value).encode()) + 1 for value in cells) / len(items)


def long_text(field: Field, wanted: int, salt: int) -> str:
    """A text of about that many bytes, as far as the column has room, with hazards at seeded places."""
    room = text_room(field)
    start = f"{salt} "
    # Of a hundred characters of the pieces one counts twice in UTF-16, and some are longer than a byte.
    most = min(int((room - len(start)) * 0.97), int(wanted * 0.86))
    return (start + _endless(salt % len(_PIECES))[: max(most, 0)]).strip()[:room]


@cache
def _endless(turn: int) -> str:
    """The pieces over and over, beginning with one of them, longer than any column."""
    return "".join(_PIECES[turn:] + _PIECES[:turn]) * (100_000 // len("".join(_PIECES)))


def exact_sizes(stage: Stage) -> None:
    """Make exports of exactly one byte less and one byte more than a limit, by measuring and padding."""
    resource = roomy(stage)
    if resource is None or not stage.effort.broad or not _texts(resource):
        return
    session = stage.session
    start = stage.atlas.now - timedelta(days=18)
    end = start + timedelta(hours=6)
    column = max(_texts(resource), key=text_room)
    room = min(text_room(column), 1_000)
    growth = _SIZES[-1] - _SIZES[0] + 60_000
    pads = bulk(stage, resource, start + timedelta(hours=3), growth // (room - 1) + 2, 1)
    rows = bulk(stage, resource, start, 940_000 // _ROW_BYTES, _ROW_BYTES)
    for item in pads:
        item["values"][column.name] = "x"
    for item in (*pads, *rows):
        item["active"] = True
    session.put(resource.name, pads)
    first = rows[:100]
    session.put(resource.name, first)
    sample = _measure(stage, resource, start, end)
    if sample is None:
        return
    # The first hundred rows tell how many more there is room for below the smallest of the sizes.
    per_row = max(sample[1], 1)
    session.put(resource.name, rows[100 : 100 + max(0, int((_SIZES[0] - 40_000 - sample[0]) / per_row))])
    for size in _SIZES:
        measured = _measure(stage, resource, start, end)
        if measured is None or not _pad(stage, resource, pads, column.name, room, size - measured[0]):
            session.problems.append(f"An export of exactly {size} bytes could not be arranged.")
            return
        body = session.body(resource.name, start, end, fileSizeKbLimit=_LIMIT_KB)
        session.export(f"an export of {size} bytes in all", body)


def _measure(stage: Stage, resource: Resource, start: datetime, end: datetime) -> tuple[int, float] | None:
    """The size of the window's export as one file, and of a row of it; None when there is no such file."""
    body = stage.session.body(resource.name, start, end, fileSizeKbLimit=100_000)
    job: JobObservation = stage.session.export("measuring an export", body)[0]
    if not job.delivered or len(job.files) != 1 or not job.tables[0].rows:
        return None
    rows = [row for row in job.tables[0].rows if len(",".join(row)) > _ROW_BYTES // 2]
    average = sum(len(",".join(row).encode()) + 8 for row in rows) / len(rows) if rows else 1.0
    return job.files[0].size, average


def _pad(stage: Stage, resource: Resource, pads: list[dict[str, Any]], column: str, room: int, needed: int) -> bool:
    """Lengthen plain texts by that many characters, each one byte more in any CSV; False if there is no room."""
    changed = []
    at = stage.session.now()
    for item in pads:
        text = item["values"][column]
        more = min(room - len(text), needed)
        if more > 0:
            item["values"] = {**item["values"], column: text + "x" * more}
            changed.append({**item, "at": format_instant(at - timedelta(microseconds=at.microsecond % 10_000))})
            needed -= more
    stage.session.put(resource.name, changed)
    return needed == 0


def numerous(stage: Stage) -> None:
    """As many short rows as the profile wants in one export: more than 16 bits count, where it wants any."""
    resources = [each for each in stage.session.offer.resources.values() if each.key is not None]
    if not stage.effort.many_rows or not resources:
        return
    session, start = stage.session, stage.atlas.now - timedelta(days=12)
    resource = min(resources, key=_room)
    session.put(resource.name, bulk(stage, resource, start, stage.effort.many_rows, 1))
    body = session.body(resource.name, start, start + timedelta(hours=6), includeInactive=True)
    session.export(f"{stage.effort.many_rows:,} rows", body)


def huge(stage: Stage) -> None:
    """More than the default limit: one export that must be split although no limit was asked for."""
    resource = roomy(stage)
    if resource is None or not stage.effort.huge_kb:
        return
    session = stage.session
    start = stage.atlas.now - timedelta(days=15)
    per_row = _bytes_a_row(bulk(stage, resource, start, 20, _HUGE_ROW_BYTES), resource)
    count = max(int(stage.effort.huge_kb * 1000 / per_row), _FIVE_DIGITS)
    if count > _MOST_HUGE_ROWS:
        session.problems.append(
            f"{resource.name} has room for {per_row:.0f} bytes a row, too little to go beyond the default limit."
        )
        return
    rows = bulk(stage, resource, start, count, _HUGE_ROW_BYTES)
    for item in rows:
        item["active"] = True
    session.put(resource.name, rows)
    job = session.export(
        "more than the default limit", session.body(resource.name, start, start + timedelta(hours=12))
    )[0]
    size = sum(file.size for file in job.files)
    if not job.delivered or size < DEFAULT_LIMIT_KB * 1000:
        session.problems.append(f"An export of {size:,} bytes is all there was to go beyond the default limit.")
        return
    # All rows are of much the same length, so that a part of the time is that part of the bytes.
    fitting = rows[int(len(rows) * _NEARLY * DEFAULT_LIMIT_KB * 1000 / size)]["at"]
    session.export("just less than the default limit", session.body(resource.name, start, parse_instant(fitting)))
