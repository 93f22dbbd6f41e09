"""Ask again, in turns, where exports of live data disagree: what others changed meanwhile will then agree."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..change_times import ChangeTimes
from ..sightings import looks_of
from ..suspicions import suspicions

if TYPE_CHECKING:
    from ..suspicions import Suspicion
    from .stage import Stage

_MOST_PAIRS, _MOST_A_RULE = 6, 2


def look_again(stage: Stage) -> None:
    """Repeat the pairs of requests that look most wrong, each in turns until what is said of a record is settled."""
    session = stage.session
    found: dict[tuple[str, str, str], list[Suspicion]] = defaultdict(list)
    for looks in looks_of(session.run()).values():
        for each in suspicions(ChangeTimes(looks)):
            found[each.rule, each.premises[0].body, each.breaches[0].body].append(each)
    pairs = 0
    tried: dict[str, int] = defaultdict(int)
    for (rule, _, _), alike in sorted(found.items(), key=lambda item: -len(item[1])):
        if pairs == _MOST_PAIRS or tried[rule] == _MOST_A_RULE or any(each.settled for each in alike):
            continue
        premise, breach = alike[0].premises[0].job, alike[0].breaches[0].job
        for job in (premise, breach, premise, breach, premise):
            session.export("once more, as others may have changed records", job.body, account=job.account)
        tried[rule] += 1
        pairs += 1
