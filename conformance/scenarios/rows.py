"""Scenarios about which records an export holds, and in which version."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import product
from typing import TYPE_CHECKING, Any

from ...spec.offer import INT32_MAX, format_instant
from ..membership import CODES_TYPE, CONTACT_COLUMN
from .atlas import ACTIVIST_CODES, STEP, Kind, Turn, kinds_of
from .people import columns_of, version_values

if TYPE_CHECKING:
    from .atlas import Chapter
    from .stage import Stage

_ROW_BATCH = 6


def windows(stage: Stage) -> None:
    """Export every type's window, with and without inactive records."""
    atlas, session = stage.atlas, stage.session
    for chapter in stage.chapters():
        name = chapter.resource.name
        bodies = [session.body(name, atlas.start, atlas.end)]
        # The other types are asked for their inactive records together with their other fields, further down.
        if name in ("Contacts", CODES_TYPE) or not stage.effort.broad:
            bodies.append(session.body(name, atlas.start, atlas.end, includeInactive=True))
        if name == "Contacts":
            bodies.append(session.body(name, atlas.start, atlas.end, includeInactive=False))
        session.export(f"the window of {name}", *bodies)
    main = stage.main
    if main is None:
        return
    # They end an hour ago, and are a little longer than what they are called after.
    spans = (timedelta(hours=26), timedelta(days=31), timedelta(days=88, hours=8))
    session.export(
        "windows of a day, a month and 88 days",
        *(session.body(main.name, atlas.now - span, atlas.now - timedelta(hours=1)) for span in spans),
    )


def window_ends(stage: Stage) -> None:
    """Windows that meet, windows that begin or end just beside a change, and none at all in the window."""
    atlas, session, main = stage.atlas, stage.session, stage.main
    if main is None:
        return
    session.export(
        "windows that meet at an instant",
        session.body(main.name, atlas.start, atlas.middle),
        session.body(main.name, atlas.middle, atlas.end),
    )
    step = timedelta(milliseconds=10)
    session.export(
        "windows a hundredth of a second beside a change",
        session.body(main.name, atlas.start + step, atlas.end - step),
        session.body(main.name, atlas.start - step, atlas.end + step),
        session.body(main.name, atlas.middle - 25 * step, atlas.middle + 25 * step),
    )
    empty = atlas.now - timedelta(days=88), atlas.now - timedelta(days=87)
    session.export("a window without changes", session.body(main.name, *empty))


def grammar(stage: Stage) -> None:
    """The same window written with offsets, and windows with fractions of a second."""
    atlas, session, main = stage.atlas, stage.session, stage.main
    if main is None:
        return
    offsets = (
        timedelta(hours=5, minutes=30),
        timedelta(hours=-8),
        timedelta(hours=13),
        timedelta(hours=-3, minutes=-30),
    )
    session.export(
        "a window written with offsets",
        *(
            session.body(main.name, written(atlas.start, first), written(atlas.end, second))
            for first, second in zip(offsets, (*offsets[1:], timedelta(0)), strict=True)
        ),
    )
    half = timedelta(milliseconds=500)
    session.export(
        "a window with fractions of a second",
        session.body(main.name, fraction(atlas.start + half), fraction(atlas.end + half)),
        session.body(main.name, fraction(atlas.start - half), fraction(atlas.end - half)),
        session.body(main.name, fraction(atlas.start + half), written(atlas.end + half, timedelta(hours=-5))),
    )


def written(instant: datetime, offset: timedelta) -> str:
    """Write an instant with an offset, and with hundredths of a second where it has any."""
    local = instant.astimezone(timezone(offset))
    shown = f".{local.microsecond // 10_000:02}" if local.microsecond else ""
    return f"{local:%Y-%m-%dT%H:%M:%S}{shown}{local:%z}"[:-2] + f":{f'{local:%z}'[-2:]}"


def fraction(instant: datetime) -> str:
    """Write an instant in UTC with hundredths of a second, as the documentation does; what is finer is cut."""
    return format_instant(instant, 2)


def to_absent(stage: Stage) -> None:
    """Change a record just now, and export without dateChangedTo."""
    atlas, session, main = stage.atlas, stage.session, stage.main
    if main is None:
        return
    chapter = atlas.chapters.get(main.name)
    if chapter is not None and session.can("changes"):
        session.put(main.name, _change_now(stage, chapter, [None] * 4))
    start = session.now() - timedelta(hours=1)
    session.export("a window without an end", session.body(main.name, start))
    # Where the target itself tells its clock, a window may be short: some seconds ago is within the last 90 days. An
    # adapter may only have the system's clock.
    short = start if session.settings.control_url is None else session.now() - timedelta(seconds=20)
    session.export(
        "a window without an end, inactive records too", session.body(main.name, short, includeInactive=True)
    )


def _change_now(stage: Stage, chapter: Chapter, identifiers: list[int | None]) -> list[dict[str, Any]]:
    """Write one more version of each record at the target's present; a new record where the id is None."""
    now = stage.session.now()
    now -= timedelta(microseconds=now.microsecond % 10_000)
    kind = next(iter(kinds_of(chapter.resource, stage.atlas.chapters.get("Contacts"))), Kind())
    before = len(chapter.items)
    for identifier in identifiers:
        known = [item for item in chapter.items if item["id"] == identifier]
        mode = known[-1].get("contactMode") if known else kind.contact_mode
        fixed = {k: v for k, v in known[-1]["values"].items() if k in kind.fixed} if known else kind.fixed
        version = len(known) + 10
        stage.atlas.record(chapter, "now", Kind(mode, fixed), [Turn(now)], stage.random, identifier=identifier)
        values = version_values(chapter.resource, version, stage.random)
        chapter.items[-1]["values"].update({k: v for k, v in values.items() if k not in fixed})
    return chapter.items[before:]


def versions(stage: Stage) -> None:
    """Export, change what was exported, and export the same again."""
    atlas, session = stage.atlas, stage.session
    for chapter in stage.chapters()[: 1 if stage.effort.copies == 1 else 3]:
        name = chapter.resource.name
        body = session.body(name, atlas.start, atlas.end)
        session.export("a window, before a change", body)
        changed = [*chapter.of("I")[:2], *chapter.of("BI")[:2], *chapter.of("IA")[:2]]
        session.put(name, _change_now(stage, chapter, list(changed)))
        session.export("the same window, after a change", body)


def modes(stage: Stage) -> None:
    """contactMode with and without inactive records, for Contacts and for other types."""
    atlas, session = stage.atlas, stage.session
    for chapter in stage.chapters("Contacts"):
        bodies = [
            session.body("Contacts", atlas.start, atlas.end, contactMode=mode, **extra)
            for mode, extra in product((1, 2, 3), ({}, {"includeInactive": True}))
        ]
        # The first alone: of jobs side by side, one that holds the rows of another may be mixed up with it.
        session.export(f"contactMode over {chapter.resource.name}", bodies[0])
        session.export(f"contactMode over {chapter.resource.name}", *bodies[1:])
    # A type without contacts cannot show what the filter does there.
    others = sorted(_others(stage, "Contacts"), key=lambda chapter: chapter.resource.field(CONTACT_COLUMN) is None)
    for chapter in others[:2]:
        name = chapter.resource.name
        bodies = [session.body(name, atlas.start, atlas.end, contactMode=mode) for mode in (1, 2)]
        session.export(f"contactMode over {name}", *bodies)


def _others(stage: Stage, *without: str) -> list[Chapter]:
    return [chapter for chapter in stage.chapters() if chapter.resource.name not in without]


def codes(stage: Stage) -> None:
    """The activist-code filter, for ContactsActivistCodes and elsewhere."""
    atlas, session = stage.atlas, stage.session
    first, second, unused = ACTIVIST_CODES
    # Codes that begin as the used ones do, and one that is used behind a crowd of others.
    alike, crowd = [first // 10, first * 10], [*range(first + 1_000, first + 1_150), second]
    # One that is used lies between the first and the unused one.
    choices: list[list[int]] = [[first], [first, unused], [unused, *alike], crowd, [INT32_MAX], []]
    for _ in stage.chapters(CODES_TYPE):
        bodies = [
            session.body(CODES_TYPE, atlas.start, atlas.end, requestedActivistCodeIds=chosen) for chosen in choices
        ]
        twice = [first, unused, first]
        bodies.append(
            session.body(CODES_TYPE, atlas.start, atlas.end, requestedActivistCodeIds=twice, includeInactive=True)
        )
        session.export("the activist-code filter", bodies[0])
        session.export("the activist-code filter", *bodies[1:])
    for chapter in _others(stage, CODES_TYPE)[:3]:
        body = session.body(chapter.resource.name, atlas.start, atlas.end, requestedActivistCodeIds=[first])
        session.export(f"the activist-code filter over {chapter.resource.name}", body)


def isolation(stage: Stage) -> None:
    """Export the second account's window in several ways, and ask there for the first one's records by id."""
    atlas, session = stage.atlas, stage.session
    shared = [chapter for chapter in stage.chapters()[:3] if session.lists(chapter.resource.name, "second")]
    for number, chapter in enumerate(shared):
        resource = chapter.resource
        wanted = chapter.of("I", "B", "Bb")[:6]
        window = atlas.start, atlas.end
        west = written(atlas.start, timedelta(hours=-7)), written(atlas.end, timedelta(hours=5, minutes=30))
        bodies = [
            session.body(resource.name, *window),
            session.body(resource.name, *window, requestedIds=wanted, includeInactive=True),
            session.body(resource.name, *west, **columns_of(resource)),
        ]
        if number == 0:
            bodies += [session.body(resource.name, *window, contactMode=mode, fileSizeKbLimit=1000) for mode in (1, 2)]
            bodies.append(
                session.body(resource.name, atlas.now - timedelta(days=80), requestedIds=_own(stage, chapter))
            )
            close = _close_around(stage, chapter)
            bodies += [session.body(resource.name, *ends) for ends in close]
        session.export(f"the second account's {resource.name}", *bodies, account="second")


def _own(stage: Stage, chapter: Chapter) -> list[int]:
    """Some ids of the second account's records."""
    return sorted(stage.session.ledger.now.of("second", chapter.resource.name))[:5]


def _close_around(stage: Stage, chapter: Chapter) -> list[tuple[datetime, datetime]]:
    """A window that begins less than a second before one of the second account's changes and ends so after another.

    It begins and ends with whole seconds, and the records are active: what is lost then was not lost for fractions.
    """
    atlas, second = stage.atlas, timedelta(seconds=1)
    records = stage.session.ledger.now.of("second", chapter.resource.name).values()
    instants = [version.at for record in records if record.current.active for version in record.versions]
    inside = sorted(at for at in instants if atlas.start < at < atlas.end)
    if not inside:
        return []
    first, last = inside[0] - STEP, inside[-1] + STEP
    return [(first.replace(microsecond=0), last.replace(microsecond=0) + second)]


def fields(stage: Stage) -> None:
    """Ask for non-core fields, custom fields, core fields again, a field twice, and inactive records as well."""
    atlas, session = stage.atlas, stage.session
    for chapter in stage.chapters():
        resource = chapter.resource
        extra = [field.name for field in resource.extra]
        customs = list(resource.custom_fields)
        asked: list[dict[str, Any]] = [{"requestedFields": extra, "includeInactive": True}] if extra else []
        asked.extend({"requestedCustomFieldIds": [identifier]} for identifier in customs)
        if len(customs) > 1:
            # In another order than they are listed in.
            asked.append({"requestedCustomFieldIds": customs[::-1], "requestedFields": extra[::-1]})
        if resource.name in (CODES_TYPE, stage.main.name if stage.main else ""):
            # A target may refuse these, so that nothing else hangs on them.
            core = [field.name for field in resource.core]
            again = [*core[:1], *extra[:1], *extra, *core[1:2]]
            asked.append({"requestedFields": again, "requestedCustomFieldIds": [*customs[:1], *customs[:1]]})
        bodies = [
            session.body(resource.name, atlas.start, atlas.end, **{k: v for k, v in options.items() if v != []})
            for options in asked
        ]
        for first in range(0, len(bodies), _ROW_BATCH):
            session.export(f"requested fields of {resource.name}", *bodies[first : first + _ROW_BATCH])


def pairs(stage: Stage) -> None:
    """Options together: inactive records, modes, ids, codes, fields and limits, two and more at once."""
    atlas, session = stage.atlas, stage.session
    if not stage.effort.broad:
        return
    for chapter in stage.chapters("Contacts", CODES_TYPE):
        resource = chapter.resource
        ids = [*chapter.of("B", "Bb", "A")[:6], *atlas.fresh_ids(1)]
        choices: dict[str, tuple[Any, ...]] = {
            # False is what its absence means, which the other scenarios are about.
            "includeInactive": (False, True),
            "contactMode": (None, 1, 2, 3) if resource.name == "Contacts" else (None, 1, 2),
            "requestedIds": (None, ids),
            "requestedActivistCodeIds": (None, list(ACTIVIST_CODES[:1])),
            "requestedFields": (None, [field.name for field in resource.extra]),
            "requestedCustomFieldIds": (None, *([list(resource.custom_fields)] if resource.custom_fields else ())),
            "fileSizeKbLimit": (None, 1000),
        }
        bodies = [
            session.body(resource.name, atlas.start, atlas.end, **{k: v for k, v in chosen.items() if v is not None})
            for chosen in pairwise(choices, stage.random)
        ]
        for first in range(0, len(bodies), _ROW_BATCH):
            session.export(f"options together, over {resource.name}", *bodies[first : first + _ROW_BATCH])


def pairwise(choices: dict[str, tuple[Any, ...]], random: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Combinations in which every pair of two options' values comes at least once (greedy, seeded)."""
    names = list(choices)
    indexed = {name: range(len(choices[name])) for name in names}
    left = {
        (a, x, b, y) for i, a in enumerate(names) for b in names[i + 1 :] for x, y in product(indexed[a], indexed[b])
    }
    found: list[dict[str, Any]] = []
    while left:
        best: tuple[int, dict[str, int]] = (-1, {})
        for _ in range(100):
            row = {name: random.choice(indexed[name]) for name in names}
            a, x, b, y = min(left)
            row[a], row[b] = x, y
            covered = sum(row[a] == x and row[b] == y for a, x, b, y in left)
            best = max(best, (covered, row), key=lambda pair: pair[0])
        row = best[1]
        left = {(a, x, b, y) for a, x, b, y in left if not (row[a] == x and row[b] == y)}
        found.append({name: choices[name][row[name]] for name in names})
    return found
