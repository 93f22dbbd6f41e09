"""What is published of trials, on literal ones: counting, renewing, and what is refused."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reference.faults import faults
from exportproof.reference.variants import variants
from exportproof.reports.proof import Proof
from exportproof.reports.proof_text import how_measured, spans, to_markdown
from exportproof.selftest.publish import NotPublished, proof_of, publish, published, read, servers, trials_in, write
from exportproof.selftest.trial import PLAIN, Case, Trial

if TYPE_CHECKING:
    from pathlib import Path

NAME = "window-ends-a-day-late"
(BROKEN,) = faults()[NAME].breaks


def trial(case: Case, failed: tuple[str, ...] = (), **more: object) -> Trial:
    whole: dict[str, Any] = {
        "verdict": "violates" if failed else "conforms", "warned": (), "inconclusive": (), "passed": (),
        "evidence": {}, "problems": (), "requests": 10, "seconds": 1.25, "date": "2026-11-20",
    }  # fmt: skip
    return Trial(case=case, failed=failed, **{**whole, **more})


def plain(seed: int, **more: object) -> Trial:
    return trial(Case("reference", PLAIN, seed), **more)


FAULT = trial(Case("fault", NAME, 1, "quick", frozenset({BROKEN})), (BROKEN,))


def test_a_fault_is_told_with_how_it_was_judged() -> None:
    (fault,) = proof_of([FAULT]).faults
    assert (fault.caught, fault.exact, fault.scope) == (True, True, "families")
    assert (fault.measured.profile, fault.measured.date, fault.measured.requests) == ("quick", "2026-11-20", 10)
    assert fault.does


def test_a_rule_catches_alone_what_no_other_rule_fails_for() -> None:
    both = trial(Case("fault", NAME, 1), (BROKEN, "csv/utf-8"))
    assert proof_of([FAULT]).alone[BROKEN] == (NAME,)
    assert proof_of([both]).alone[BROKEN] == ()
    assert proof_of([both]).catches[BROKEN] == (NAME,)
    assert proof_of([both]).catches["csv/utf-8"] == ()


def test_seeds_of_a_server_are_one_entry_with_what_was_said_under_each() -> None:
    alarmed = trial(Case("reference", PLAIN, 3), ("csv/utf-8",))
    (server,) = proof_of([plain(2), plain(1, date="2026-11-21"), alarmed]).conforming
    assert server.verdicts == {"conforms": (1, 2), "violates": (3,)}
    assert server.alarms == {3: ("csv/utf-8",)}
    assert (server.seeds, server.false_alarms) == ((1, 2, 3), (3,))
    assert (server.measured.requests, server.measured.date) == (30, "2026-11-21")


def test_the_last_trial_of_a_case_stands() -> None:
    proof = proof_of([trial(Case("fault", NAME, 1, "quick")), FAULT, plain(1, verdict="undetermined"), plain(1)])
    assert proof.figures()["faultsCaught"] == 1
    assert proof.figures()["falseAlarms"] == 0


def test_a_proof_is_read_as_it_was_written() -> None:
    proof = proof_of([FAULT, plain(1), trial(Case("reference", PLAIN, 2), ("csv/utf-8",))])
    text = write(proof)
    assert read(text) == proof
    assert read(text).faults[0].does == proof.faults[0].does
    assert read(write(Proof((), (), ()))) == Proof((), (), ())
    assert sum('"name"' in line for line in text.splitlines()) == 2, "a line a fault or server"


def test_what_is_measured_anew_takes_the_place_of_what_was() -> None:
    missed = trial(Case("fault", NAME, 1))
    texts = publish([missed, *(plain(seed) for seed in range(1, 4))], published())
    assert sorted(texts) == ["docs/selftest.md", "selftest/published.json"]
    now = read(texts["selftest/published.json"])
    before = {fault.name: fault for fault in published().faults}
    assert [fault.name for fault in now.faults] == list(faults())
    assert [fault.name for fault in now.faults if fault != before[fault.name]] == [NAME]
    assert next(fault for fault in now.faults if fault.name == NAME).missed == (BROKEN,)
    assert now.conforming[0].seeds == (1, 2, 3)
    assert texts["docs/selftest.md"] == to_markdown(now)


def test_other_seeds_of_a_server_join_those_that_were_published() -> None:
    before = proof_of([plain(1), plain(2)])
    alarmed = trial(Case("reference", PLAIN, 3), ("csv/utf-8",))
    (server,) = before.renewed(proof_of([alarmed, plain(4)])).conforming
    assert server.verdicts == {"conforms": (1, 2, 4), "violates": (3,)}
    assert (server.alarms, server.measured.requests) == ({3: ("csv/utf-8",)}, 40)
    (again,) = before.renewed(proof_of([plain(2), plain(3)])).conforming
    assert again.seeds == (2, 3), "what was said before of a seed cannot be told from the rest"


def test_a_variant_leaves_the_fault_of_its_name_alone() -> None:
    shared = next(name for name in faults() if name in variants())
    both = proof_of([trial(Case("fault", shared, 1)), trial(Case("variant", shared, 1))])
    renewed = both.renewed(proof_of([trial(Case("variant", shared, 2))]))
    assert ([one.name for one in renewed.faults], renewed.conforming[0].seeds) == ([shared], (1, 2))


def test_what_was_never_measured_is_named() -> None:
    with pytest.raises(NotPublished, match=rf"never measured: {next(iter(faults()))}, .* and \d+ more") as told:
        publish([FAULT], Proof((), (), ()))
    assert f"--faults {next(iter(faults()))} " in str(told.value)
    without = Proof(published().rules, published().faults, published().conforming[1:])
    with pytest.raises(NotPublished, match=rf"never measured: {PLAIN}\. .*'exportproof selftest --variants \*"):
        publish([FAULT], without)


def test_trials_are_read_whatever_else_stands_there(tmp_path: Path) -> None:
    written = FAULT.to_dict()
    old = {name: value for name, value in written.items() if name not in ("date", "version")}
    gone = written | {"name": "a-fault-that-is-gone"}
    lines = [json.dumps(written), json.dumps(old), json.dumps(gone), '{"kind": "fault", "na', "[]", ""]
    (tmp_path / "trials.jsonl").write_text("\n".join(lines), encoding="utf-8")
    os.utime(tmp_path / "trials.jsonl", (1_763_000_000, 1_763_000_000))
    assert [found.date for found in trials_in(tmp_path, "trials.jsonl")] == ["2026-11-20", "2025-11-13"]
    assert trials_in(tmp_path, "other.jsonl") == []


def test_how_it_was_measured_is_told() -> None:
    told = " ".join(how_measured(proof_of([FAULT, plain(1), plain(2, date="2026-11-22")])))
    assert "from 2026-11-20 to 2026-11-22" in told
    assert "1 by the quick profile" in told
    assert "(`--own-families`)" in told
    assert "under the seeds 1 to 2." in told
    assert list(how_measured(Proof((), (), ()))) == []


def test_a_false_alarm_stands_in_the_page() -> None:
    page = to_markdown(proof_of([plain(1), trial(Case("reference", PLAIN, 7), ("csv/utf-8",))]))
    assert "| standard | 1 | conforms | `reference` |" in page
    assert "| standard | 7 | FALSE ALARM: `csv/utf-8` | `reference` |" in page


def test_a_missed_rule_stands_in_the_page() -> None:
    page = to_markdown(proof_of([trial(Case("fault", NAME, 1))]))
    assert f"| none; missed: `{BROKEN}` | `{NAME}` |" in page


def test_spans() -> None:
    assert spans([3, 1, 2, 7, 9, 10]) == "1 to 3, 7, 9 to 10"
    assert spans([]) == ""


def test_everything_that_conforms_is_named_once() -> None:
    assert servers()[0] == PLAIN
    assert len(set(servers())) == len(servers())
