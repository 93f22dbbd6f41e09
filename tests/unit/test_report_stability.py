"""What many runs of one target say together."""

from __future__ import annotations

from typing import Any

from exportproof.reports.stability import Stability


def run(seed: int, *statuses: str, reading: str | None = None) -> dict[str, Any]:
    """As much of a run record as is looked at: rules x/0, x/1 and so on that ended so."""
    rules = [
        {
            "id": f"x/{number}", "level": "MUST", "status": status,
            "reason": "it never came" if status == "inconclusive" else None,
            "evidence": [{"message": f"found in {seed}"}] if status == "fail" else [],
        }
        for number, status in enumerate(statuses)
    ]  # fmt: skip
    verdict = "violates" if "fail" in statuses else "undetermined" if "inconclusive" in statuses else "conforms"
    return {
        "target": {"url": "http://127.0.0.1:9/v4"}, "seed": seed, "verdict": verdict, "rules": rules,
        "readings": {"window-ends": {"observed": reading}},
    }  # fmt: skip


def test_runs_that_agree_are_steady() -> None:
    found = Stability([run(1, "pass", "skip"), run(2, "pass", "skip")])
    assert found.steady
    assert found.to_text() == "2 runs: 2 conforms; every rule that was judged ended the same in each.\n"


def test_the_share_of_each_status_is_told_by_rule() -> None:
    found = Stability(
        [run(1, "pass", "fail"), run(2, "fail", "fail"), run(3, "inconclusive", "fail"), run(4, "pass", "fail")]
    )
    assert not found.steady
    first, second = found.to_dict()["rules"]
    assert first["shares"] == {"pass": 0.5, "fail": 0.25, "inconclusive": 0.25}
    assert (first["steady"], second["steady"], second["counts"]) == (False, True, {"fail": 4})
    text = found.to_text()
    assert text.startswith("4 runs: 4 violates; 1 rule did not.\n")
    assert "  x/0 (MUST): 1 violated, 1 inconclusive, 2 passed\n      found in 2 (and 1 more)\n" in text
    assert "The same each time, and no pass (1):\n  x/1 (MUST): 4 violated\n      found in 1 (and 3 more)\n" in text


def test_what_was_not_judged_contradicts_nothing_and_is_told() -> None:
    found = Stability([run(1, "pass"), run(2, "skip")])
    assert found.steady
    assert "Judged in some runs only (1):\n  x/0 (MUST): 1 passed, 1 not judged\n" in found.to_text()


def test_two_readings_of_one_target_contradict_each_other() -> None:
    found = Stability([run(1, "pass", reading="open"), run(2, "pass", reading="closed"), run(3, "pass")])
    assert not found.steady
    assert "  window-ends: 1 open, 1 closed\n" in found.to_text()
