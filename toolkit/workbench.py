"""A target at hand: put records in place, export, and let the rules judge what came. For tests of one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..conformance.session import Session
from ..conformance.verdict import Docket
from ..spec import catalogue
from ..spec.offer import format_instant
from .remark import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from ..conformance.finding import Finding
    from ..conformance.ledger import Ledger
    from ..conformance.observation import JobObservation
    from ..conformance.settings import Settings
    from ..spec.offer import Offer

_WINDOW = timedelta(days=7)


class Workbench:
    """A session with a target, asked what it offers as soon as it is opened. Use it in a `with` block.

    Raises BadInput when the target lists no resource type, and ControlError when its control API does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        """Ask the target what it offers, and its control API, if there is one, what it can do."""
        self.session = Session(settings)
        self.session.learn_control()
        self.session.learn_offer()
        if not self.offer.resources:
            last = self.session.exchanges[-1]
            self.close()
            raise BadInput(
                f"{settings.target_url} lists no resource type: GET {last.url} gives "
                f"{last.error or f'status {last.status}'}. Check the URL of the API root, the user and the key."
            )

    def __enter__(self) -> Workbench:  # noqa: PYI034 - it is not made to be inherited from
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.session.client.close()

    @property
    def offer(self) -> Offer:
        """What the target lists: its resource types and their fields."""
        return self.session.offer

    @property
    def ledger(self) -> Ledger:
        """Every change that was put in place."""
        return self.session.ledger

    def put(self, resource_type: str, *changes: Mapping[str, Any]) -> None:
        """Put changes in place through the control API; one without `at` happened a second ago, by the target's clock.

        Raises BadInput without a control API, and ControlError when it refuses.
        """
        if self.session.control is None:
            raise BadInput("Records can be put in place through a control API alone, and no control URL was given.")
        moment = format_instant(self.session.now() - timedelta(seconds=1))
        self.session.put(resource_type, [{"at": moment, **change} for change in changes])

    def body(self, resource_type: str | None = None, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        """A body that asks for what changed in the last seven days; a property of None is left out."""
        start = format_instant(self.session.now() - _WINDOW)
        body = {"resourceType": resource_type or next(iter(self.offer.resources)), "dateChangedFrom": start, **options}
        return {name: value for name, value in body.items() if value is not None}

    def export(self, body: Mapping[str, Any], purpose: str = "export") -> JobObservation:
        """Create a job with a valid body, wait for it, and download its files. Raises KeyError for an unlisted type."""
        (job,) = self.session.export(purpose, body)
        return job

    def failures(self, rules: Iterable[str] | None = None) -> list[Finding]:
        """What the rules hold against everything that was seen so far: violations of a MUST, of these rules or any."""
        docket = Docket(self.session.run())
        docket.readings()
        wanted = set(catalogue.rules()) if rules is None else set(rules)
        musts = {rule.id for rule in catalogue.rules().values() if rule.level == "MUST"}
        return [
            finding
            for rule_id in sorted(wanted & musts)
            for finding in docket.findings[rule_id]
            if finding.outcome == "fail"
        ]
