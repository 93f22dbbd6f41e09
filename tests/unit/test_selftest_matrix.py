"""The figures of a matrix, from literal trials."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exportproof.reference.faults import faults
from exportproof.reports.proof_text import to_markdown
from exportproof.selftest.matrix import Matrix
from exportproof.selftest.pool import NothingMatches, attempt_all, cases
from exportproof.selftest.trial import Case, Trial

NAME = "window-ends-a-day-late"
(BROKEN,) = faults()[NAME].breaks


def trial(case: Case, failed: tuple[str, ...] = (), **more: object) -> Trial:
    whole: dict[str, Any] = {
        "verdict": "violates" if failed else "conforms", "warned": (), "inconclusive": (), "passed": (),
        "evidence": dict.fromkeys(failed, "because"), "problems": (), "requests": 10, "seconds": 1.25,
    }  # fmt: skip
    return Trial(case=case, failed=failed, **{**whole, **more})


FAULT, PLAIN = Case("fault", NAME, 1), Case("reference", "reference", 1)


def test_a_fault_that_fails_its_rule_alone_is_as_expected() -> None:
    matrix = Matrix((trial(FAULT, (BROKEN,)), trial(PLAIN)))
    assert matrix.as_expected
    assert matrix.proof.catches[BROKEN] == (NAME,)
    figures = matrix.proof.figures()
    assert (figures["faults"], figures["faultsCaught"], figures["faultsExact"]) == (1, 1, 1)
    assert (figures["conformingRuns"], figures["falseAlarms"], figures["requests"]) == (1, 0, 20)
    assert "1 of 1 faults caught" in matrix.to_text()


def test_a_fault_that_nothing_fails_is_missed() -> None:
    matrix = Matrix((trial(FAULT),))
    assert not matrix.as_expected
    assert matrix.proof.idle == (BROKEN,)
    assert matrix.proof.figures()["faultsCaught"] == 0
    assert f"missed: {BROKEN}" in matrix.to_text()


def test_another_rule_that_fails_beside_a_fault_is_told() -> None:
    matrix = Matrix((trial(FAULT, (BROKEN, "csv/utf-8")),))
    figures = matrix.proof.figures()
    assert (figures["faultsCaught"], figures["faultsExact"]) == (1, 0)
    assert "not expected: csv/utf-8: because" in matrix.to_text()
    assert "`csv/utf-8` (unexpected)" in to_markdown(matrix.proof)


@pytest.mark.parametrize("status", ["warned", "inconclusive"])
def test_whatever_is_told_of_a_conforming_server_is_a_false_alarm(status: str) -> None:
    matrix = Matrix((trial(PLAIN, **{status: ("links/unguessable",)}),))
    assert matrix.proof.figures()["falseAlarms"] == 1
    assert not matrix.as_expected


def test_an_undetermined_verdict_on_a_conforming_server_is_a_false_alarm() -> None:
    assert Matrix((trial(PLAIN, verdict="undetermined"),)).proof.figures()["falseAlarms"] == 1


def test_no_trial_at_all_proves_nothing() -> None:
    assert not Matrix(()).as_expected


def test_the_matrix_is_plain_json() -> None:
    plain = json.loads(json.dumps(Matrix((trial(FAULT, (BROKEN,)),)).to_dict()))
    (told,) = plain["trials"]
    assert (told["name"], told["failed"], told["seconds"]) == (NAME, [BROKEN], 1.2)


def test_cases_are_all_faults_and_every_seed_of_the_rest() -> None:
    chosen = cases((), (), seeds=2)
    assert sum(case.kind == "fault" for case in chosen) == len(faults())
    assert [case.seed for case in chosen if case.kind == "reference"] == [1, 2]


def test_seeds_may_go_on_where_earlier_ones_ended() -> None:
    chosen = cases((), ("takes-days",), seeds=2, first_seed=5)
    assert [(case.name, case.seed) for case in chosen if case.kind == "variant"] == [
        ("takes-days", 5),
        ("takes-days", 6),
    ]


def test_patterns_of_faults_leave_variants_out() -> None:
    chosen = cases(("window-ends-*",), ())
    assert {case.kind for case in chosen} == {"fault", "reference"}
    assert all(case.name.startswith("window-ends-") for case in chosen if case.kind == "fault")


def test_a_pattern_that_matches_nothing_is_named() -> None:
    with pytest.raises(NothingMatches, match="no-such-fault"):
        cases(("no-such-fault",), ())


def test_own_families_are_those_of_the_broken_rules() -> None:
    (case, _) = cases((NAME,), (), own_families=True)
    assert {rule.partition("/")[0] for rule in case.rules} == {BROKEN.partition("/")[0]}


def test_a_trial_is_read_as_it_was_written() -> None:
    written = trial(FAULT, (BROKEN,), warned=("auth/challenge",), seconds=1.5)
    assert Trial.from_dict(json.loads(json.dumps(written.to_dict()))) == written


def test_what_is_known_is_not_tried_again() -> None:
    known = [trial(FAULT, (BROKEN,)), trial(PLAIN), trial(Case("fault", NAME, 2))]
    heard: list[int] = []
    assert attempt_all([PLAIN, FAULT], 1, lambda done, _trial: heard.append(done), known) == (known[1], known[0])
    assert heard == []
