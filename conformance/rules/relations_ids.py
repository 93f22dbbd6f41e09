"""Requested ids over live data: known records come whatever the window says, made-up ones do not (requestedIds.2)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..blame import MANY_IDS
from ..finding import Finding, Vote
from ..membership import CODES_TYPE, has_contacts
from ..sightings import contact_of
from ..suspicions import Held, code_of
from .relations_elsewhere import modes_of
from .rows import reproduction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..change_times import ChangeTimes
    from ..membership import IdsOf
    from ..sightings import Look

ID_RULES = (
    "ids/exported", "ids/inactive", "ids/many", "ids/unknown-absent", "ids/add-or-replace", "ids/filters",
)  # fmt: skip
_SHOWN, _FABRICATED, _ENOUGH = 5, 3, 3


def whose_ids(groups: Iterable[Sequence[Look]]) -> Vote | None:
    """Whose the requested ids of types with contacts are: by rows that their windows alone do not bring.

    `groups` are the looks by account and type.
    """
    found: dict[IdsOf, int] = {"key": 0, "contact": 0}
    for looks in groups:
        for look in looks:
            alone = [one for one in looks if look.request.ids and _same_window(one, look)]
            if alone and has_contacts(look.job.resource):
                for value in _brought(look, alone):
                    found[value] += 1
    most: IdsOf = max(found, key=lambda value: found[value])
    if found[most] < _ENOUGH or min(found.values()):
        return None
    message = f"{found[most]} rows of other types than Contacts came by the id of their {most}"
    return Vote("ids-of-other-types", frozenset({most}), message)


def _brought(look: Look, alone: Sequence[Look]) -> Iterator[IdsOf]:
    """What brought each row that looks at the window alone do not have: its own id, or that of its contact."""
    asked = look.request.ids or frozenset()
    for identifier, places in look.rows.items():
        if all(identifier not in one.rows for one in alone):
            own, contact = identifier in asked, contact_of(places[0]) in asked
            if own != contact:
                yield "key" if own else "contact"


def requested_ids(times: ChangeTimes) -> Iterator[Finding | Vote]:
    """Judge every export with requested ids by what the others show of the records."""
    looks = [look for look in times.looks if look.request.ids]
    if not looks:
        return
    held = Held(times)
    inactive = _inactive(times)
    for look in looks:
        yield from _exported(times, look, inactive)
        yield from _made_up(times, look)
        yield from _add_or_replace(times, look, held, inactive)
        yield from _filters(times, look)


def _known_throughout(times: ChangeTimes, look: Look) -> set[int]:
    """The requested records that were there before this job began, and were seen after it was over."""
    seen = {i for one in times.looks if one is not look for i in one.rows} & (look.request.ids or frozenset())
    return {i for i in seen if times.exists_after(i, look) and times.exists_before(i, look)}


def _inactive(times: ChangeTimes) -> set[int]:
    """Records that the widest plain export leaves out, each time, though an export of all records holds them."""
    plain = [one for one in times.looks if not one.request.include_inactive and not one.filtered and one.whole]
    found: set[int] = set()
    for one in plain:
        alike = [each for each in times.looks if each.shows_all and each.window == one.window]
        if one.request.ids is None and one.rows and alike:
            found |= set.intersection(*(set(each.rows) for each in alike)) - one.rows.keys()
    return found - {i for one in plain if one.request.ids is None for i in one.rows}


def _exported(times: ChangeTimes, look: Look, inactive: set[int]) -> Iterator[Finding]:
    if look.filtered or not look.whole:
        return
    asked = look.request.ids or frozenset()
    known = _known_throughout(times, look)
    lost = known - look.rows.keys()
    many = len(asked) > MANY_IDS
    ordinary = "ids/many" if many else "ids/exported"
    outside = {
        i for i in known if any(one.rows.keys().isdisjoint({i}) for one in times.looks if _same_window(one, look))
    }
    for rule, wrong, due in (
        ("ids/inactive", lost & inactive, known & inactive if not look.request.include_inactive else set()),
        (ordinary, lost - inactive, outside - inactive),
    ):
        if wrong:
            yield Finding(
                rule,
                "fail",
                message=f"{len(wrong)} of {len(asked)} requested records are missing from {look.job.name}, "
                f"{min(wrong)} first; other jobs before and after it hold them",
                expected="one row",
                received="no row",
                job=look.job.name,
                exchanges=reproduction(look.job),
                key=f"{look.job.resource.name}:lost",
                details={"ids": sorted(wrong)[:_SHOWN], "records": len(wrong)},
            )
        elif due:
            yield Finding(rule, "pass", job=look.job.name)


def _same_window(one: Look, look: Look) -> bool:
    return one.request.ids is None and one.shows_all and one.window == look.window


def _made_up(times: ChangeTimes, look: Look) -> Iterator[Finding]:
    """Ids drawn at random from all that an id may be: that one of them exists is chance, that most do is not."""
    asked = look.request.ids or frozenset()
    others = {i for one in times.looks if not one.request.ids for i in one.rows}
    drawn = {identifier for identifier in asked - others if identifier >= 2**30}
    if len(drawn) < _FABRICATED or not others or max(others) >= 2**30:
        return
    came = drawn & look.rows.keys()
    if len(came) >= _FABRICATED:
        yield Finding(
            "ids/unknown-absent",
            "fail",
            message=f"{len(came)} of {len(drawn)} made-up ids have rows in {look.job.name}, {min(came)} first",
            expected="no row",
            received="a row",
            job=look.job.name,
            exchanges=reproduction(look.job),
            key="made up",
            details={"ids": sorted(came)[:_SHOWN]},
        )
    elif not came:
        yield Finding("ids/unknown-absent", "pass", job=look.job.name)


def _add_or_replace(times: ChangeTimes, look: Look, held: Held, inactive: set[int]) -> Iterator[Finding | Vote]:
    """Records of the window that nobody requested are all there, or none is; or all but the inactive ones."""
    request = look.request
    if look.filtered or not look.whole:
        return
    own = {i for i in look.rows if i not in (request.ids or ())}
    due = {i for i in held.by(look) if i not in (request.ids or ()) and times.exists_after(i, look)}
    plain = [
        one for one in times.looks
        if not one.request.include_inactive and one.request.ids is None and not one.filtered and one.whole
    ]  # fmt: skip
    before, after = ([one for one in plain if one.ended < look.began], [one for one in plain if one.began > look.ended])
    active = {i for one in before for i in one.rows} & {i for one in after for i in one.rows}
    if not request.include_inactive:
        due &= active
    told = f"{look.job.name}, which requests {len(request.ids or ())} ids"
    numbers = reproduction(look.job)
    missing = due - own
    unseen = inactive & due
    # Others may have made a record inactive meanwhile: it is missing with those that were all the time.
    void = unseen <= missing and not missing & active
    if own and request.include_inactive and len(unseen) >= _ENOUGH and (void or not unseen & missing):
        value = "void" if void else "kept"
        message = f"{told}, {'leaves out' if void else 'holds'} the inactive records of its window"
        yield Vote("ids-include-inactive", frozenset({value}), message, look.job.name, numbers)
        missing = set() if void else missing
    if own and len(missing) >= _ENOUGH and request.include_inactive:
        yield Finding(
            "ids/add-or-replace",
            "fail",
            message=f"{told}, holds {len(own)} records of its window that nobody requested, but lacks {len(missing)}",
            expected="all records of the window beside the requested ones, or none",
            received=f"{len(own)} of {len(own | due)}",
            job=look.job.name,
            exchanges=numbers,
            key=f"{look.job.resource.name}:some",
            details={"ids": sorted(missing)[:_SHOWN]},
        )
    elif own and not missing:
        yield Vote("requested-ids", frozenset({"add"}), f"{told}, holds the window's as well", look.job.name, numbers)
    elif not own and len(due) >= _ENOUGH:
        yield Vote("requested-ids", frozenset({"replace"}), f"{told}, holds no other", look.job.name, numbers)


def _filters(times: ChangeTimes, look: Look) -> Iterator[Finding | Vote]:
    """Whether contactMode and the activist codes bind requested records; those that fit come in any case."""
    known = _known_throughout(times, look)
    name = look.job.resource.name
    fits: dict[int, bool] = {}
    if name == "Contacts" and look.mode is not None:
        modes = modes_of([one for one in times.looks if one is not look])
        fits = {i: modes[i] == look.mode for i in known if i in modes}
        reading = "ids-contact-mode"
    elif name == CODES_TYPE and look.request.codes:
        codes = _codes_throughout(times)
        fits = {i: codes[i] in look.request.codes for i in known if i in codes}
        reading = "ids-activist-codes"
    strangers = {i for i, fit in fits.items() if not fit}
    if len(strangers) < _ENOUGH:
        return
    there = strangers & look.rows.keys()
    numbers = reproduction(look.job)
    if len(there) in (0, len(strangers)):
        value = "exempt" if there else "filtered"
        message = f"{look.job.name} {'holds' if there else 'leaves out'} requested records that do not fit its filter"
        yield Vote(reading, frozenset({value}), message, look.job.name, numbers)
    elif min(len(there), len(strangers) - len(there)) >= _ENOUGH:
        yield Finding(
            "ids/filters",
            "fail",
            message=f"{look.job.name} holds {len(there)} of {len(strangers)} requested records that do not fit it",
            expected="all of them, or none",
            received=f"{len(there)}",
            job=look.job.name,
            exchanges=numbers,
            key=reading,
            details={"ids": sorted(there)[:_SHOWN]},
        )


def _codes_throughout(times: ChangeTimes) -> dict[int, int]:
    """The activist code of each record that had one code throughout."""
    found: dict[int, set[int | None]] = defaultdict(set)
    for look in times.looks:
        for identifier, places in look.rows.items():
            found[identifier].add(code_of(places[0]))
    return {i: code for i, codes in found.items() if len(codes) == 1 and (code := next(iter(codes))) is not None}
