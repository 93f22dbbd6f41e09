"""One trial of the selftest: what counts as one, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from exportproof.conformance import runner
from exportproof.selftest.trial import Case, attempt


def test_a_run_that_was_interrupted_is_no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "_play", interrupted)
    with pytest.raises(KeyboardInterrupt):
        attempt(Case("reference", "reference", 1, "quick"))
