"""How a run went, beside what it observed: what broke off, and how it ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Ending = Literal["interrupted", "suite-failed"]


@dataclass
class Course:
    """The course of a run, as far as it went.

    `problems` are sentences for the user. `unheard` tells, by rule id, what kept the suite from trying a rule
    that it set out to try. `cut_short`: the run stopped before its end, by itself. `nothing`: nothing could be
    judged at this address; `unusable`, moreover, what answers there is not the API. `spent`: the budget was used up
    before the end.
    """

    problems: list[str] = field(default_factory=list)
    unheard: dict[str, str] = field(default_factory=dict)
    ending: Ending | None = None
    cut_short: bool = False
    nothing: bool = False
    unusable: bool = False
    spent: bool = False

    def serializable(self) -> dict[str, Any]:
        """Return the course as a JSON object."""
        values = asdict(self)
        return {"cutShort": values.pop("cut_short"), **values}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Course:
        """Read what `serializable` wrote; raises KeyError."""
        return cls(
            problems=list(values["problems"]),
            unheard=dict(values["unheard"]),
            ending=values["ending"],
            cut_short=values["cutShort"],
            spent=values.get("spent", False),
            nothing=values["nothing"],
            unusable=values["unusable"],
        )
