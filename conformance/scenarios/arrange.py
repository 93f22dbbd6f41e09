"""Put the atlas in place: empty both accounts where that is possible, and write every story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..membership import CODE_COLUMN, CODES_TYPE
from .atlas import ACTIVIST_CODES, Chapter, Kind, Turn, kinds_of

if TYPE_CHECKING:
    from ..observation import Account
    from .stage import Stage

_SHARED_TYPES = 3
_FIRST_TYPES = ("Contacts", "ContactsActivistCodes")


def arrange(stage: Stage) -> None:
    """Tell every story in both accounts; the second account has records of its own and some ids in common."""
    session, atlas = stage.session, stage.atlas
    accounts: list[Account] = ["first"]
    if session.can("second-account"):
        accounts.append("second")
    if session.control is not None and session.can("reset"):
        for account in accounts:
            session.control.reset(account)
    # Without its primary key's column nothing can be said of a type's rows.
    known = [name for name, resource in session.offer.resources.items() if resource.key is not None]
    names = sorted(known, key=lambda name: name not in _FIRST_TYPES)[: stage.effort.types]
    for number, name in enumerate(names):
        shared = stage.effort.broad or number < _SHARED_TYPES
        if "second" in accounts and shared and session.lists(name, "second"):
            _foreign(stage, name)
        chapter = atlas.chapters.setdefault(name, Chapter(session.offer.resources[name]))
        texts = list(stage.texts) if name == names[0] else list(stage.texts)[: 4 * stage.effort.copies]
        atlas.tell(chapter, stage.random, copies=stage.effort.copies, texts=texts)
        if name == CODES_TYPE and session.can("reset"):
            _named_like_a_code(stage, chapter)
        if name != names[0]:
            _namesakes(stage, chapter, atlas.chapters[names[0]])
        session.put(name, sorted(chapter.items, key=lambda item: item["at"]))


def _named_like_a_code(stage: Stage, chapter: Chapter) -> None:
    """A record whose own id is an activist code that it does not have."""
    first, second, _ = ACTIVIST_CODES
    for kind in kinds_of(chapter.resource, stage.atlas.chapters.get("Contacts")):
        if kind.fixed.get(CODE_COLUMN) == second and first not in chapter.all_ids:
            turn = Turn(stage.atlas.moment("i", stage.random))
            stage.atlas.record(chapter, "named like a code", kind, [turn], stage.random, identifier=first)


def _namesakes(stage: Stage, chapter: Chapter, other: Chapter) -> None:
    """Records with the ids of another type's records, and with other lives: neither has to do with the other."""
    kind = next(iter(kinds_of(chapter.resource, stage.atlas.chapters.get("Contacts"))), Kind())
    for theirs, own in (("B", "I"), ("I", "B"), ("A", "I"), ("I", "i"), ("Bb", "I")):
        for identifier in other.of(theirs)[-1:]:
            if identifier not in chapter.all_ids:
                turn = Turn(stage.atlas.moment(own, stage.random), own.isupper())
                stage.atlas.record(chapter, "namesake", kind, [turn], stage.random, identifier=identifier)


def _foreign(stage: Stage, name: str) -> None:
    """Records of the second account: some with ids of their own, some with ids that the first will have too."""
    session, atlas = stage.session, stage.atlas
    chapter = Chapter(session.offer.resources[name])
    kind = next(iter(kinds_of(chapter.resource, None)), Kind())
    for story in ("B", "I", "BI", "IA", "i", "A", "I", "B"):
        turns = [Turn(atlas.moment(letter, stage.random), letter.isupper()) for letter in story]
        atlas.record(chapter, story, kind, turns, stage.random)
    # The first account's records begin at one of the second's last ids, and so share some with it.
    atlas.next_id = sorted(chapter.all_ids)[-2]
    session.put(name, sorted(chapter.items, key=lambda item: item["at"]), "second")
