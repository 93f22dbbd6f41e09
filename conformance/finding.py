"""What rules say: findings, and the registry of the functions that make them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .observation import Run

Outcome = Literal["pass", "fail", "doubt"]


@dataclass(frozen=True)
class Finding:
    """What one rule says of one observation.

    `job` names the job; `exchanges` are the numbers of the exchanges that reproduce it, in order.
    `key` is the finding's identity apart from its text: findings of one rule with one key fold into one.
    """

    rule: str
    outcome: Outcome
    message: str = ""
    expected: str | None = None
    received: str | None = None
    job: str | None = None
    exchanges: tuple[int, ...] = ()
    key: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Vote:
    """One job or probe showed which value of a reading the target follows."""

    reading: str
    values: frozenset[str]
    message: str
    job: str | None = None
    exchanges: tuple[int, ...] = ()


Judge = "Callable[[Run], Iterable[Finding | Vote]]"
_judges: dict[str, list[Callable[[Run], Iterable[Finding | Vote]]]] = defaultdict(list)


def judges(*rule_ids: str) -> Callable[[Any], Any]:
    """Register a function from a Run to findings as the judge of these rules.

    A rule that yields nothing was not tried; a rule passes when it yielded at least one pass and no failure.
    """

    def register(function: Any) -> Any:  # noqa: ANN401
        for rule_id in rule_ids:
            _judges[rule_id].append(function)
        return function

    return register


def registered() -> Mapping[str, list[Callable[[Run], Iterable[Finding | Vote]]]]:
    """The judging functions by rule id."""
    return _judges
