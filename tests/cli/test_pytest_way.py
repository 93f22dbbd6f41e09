"""The suite as pytest runs it: items, statuses, options of pytest beside it, and other people's plugins."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from exportproof.spec import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SUITE = ("pytest", "--pyargs", "exportproof.conformance")
PROFILE = ("--exportproof-profile", "quick", "--exportproof-seed", "1", "--exportproof-user", "ann")
KEY = "a-key-for-ann|1"
# A pytest.ini as strict as they come.
STRICT = """[pytest]
addopts = --strict-markers --strict-config
filterwarnings = error
xfail_strict = true
"""


@pytest.fixture
def judge(spawn: Callable[..., Any]) -> Callable[..., Any]:
    """Judges a target by some rules with pytest, in a process of its own."""

    def judge(url: str | None, *words: str, rules: str = "isolation/unknown-job", **more: Any) -> Any:
        target = () if url is None else ("--target-url", url, *PROFILE, "--exportproof-rules", rules)
        return spawn(*SUITE, *target, *words, **{"EXPORTPROOF_KEY": KEY, **more} if url else more)

    return judge


@pytest.fixture
def controlled(no_files: Any, serve: Callable[..., str]) -> tuple[str, str, str]:
    """A server that loses every record: its URL, and the option with its control URL."""
    no_files.control = True
    url = serve(no_files)
    return url, "--exportproof-control-url", f"{url}/control"


def outcomes(ended: Any) -> dict[str, int]:
    """Return the counts of pytest's last line."""
    last = [line for line in ended.out.splitlines() if re.search(r" in \d+\.\d+s", line)][-1]
    return {word.rstrip("s"): int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", last)}


def report(folder: Path) -> dict[str, Any]:
    """Return the report that was written."""
    found: dict[str, Any] = json.loads((folder / "exportproof-report" / "report.json").read_text(encoding="utf-8"))
    return found


# --- without a target ------------------------------------------------------------------------------------


def test_without_a_target_nothing_is_judged_and_the_reason_is_told(judge: Callable[..., Any], tmp_path: Path) -> None:
    ended = judge(None, "-p", "no:cacheprovider", PYTHONDONTWRITEBYTECODE="1")
    assert ended.status == 5
    assert "Nothing was judged" in ended.out
    assert "--target-url http://127.0.0.1:8080/v4" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_other_peoples_runs_are_left_alone(spawn: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n", encoding="utf-8")
    # Settings of a target in the environment are not a wish to judge it.
    ended = spawn("pytest", "-q", "-W", "error", EXPORTPROOF_USER="ann", EXPORTPROOF_PROFILE="no-such-profile")
    assert (ended.status, outcomes(ended)) == (0, {"passed": 1})
    assert "exportproof" not in ended.out.replace("exportproof-", "").partition("\n")[2]
    assert not (tmp_path / "exportproof-report").exists()


def test_other_peoples_runs_do_not_pay_for_it(spawn: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import sys\n\ndef test_own():\n"
        "    assert 'exportproof.conformance.plugin' in sys.modules\n"
        "    slow = {'conformance.driver', 'conformance.runner', 'spec.catalogue', 'cli'}\n"
        "    assert {f'exportproof.{name}' for name in slow}.isdisjoint(sys.modules)\n",
        encoding="utf-8",
    )
    ended = spawn("pytest", "-q", "-p", "no:schemathesis")
    assert ended.status == 0, ended.said


def test_the_options_are_explained(spawn: Callable[..., Any]) -> None:
    ended = spawn("pytest", "--help")
    text = " ".join(ended.out.split())
    assert ended.status == 0
    for option in (
        "--target-url=URL",
        "--exportproof-control-url=URL",
        "--exportproof-profile=quick|standard|thorough",
    ):
        assert option in text
    assert "[env: EXPORTPROOF_KEY]" in text


# --- one item a rule -------------------------------------------------------------------------------------


def test_every_rule_is_an_item(judge: Callable[..., Any], no_files: Any, serve: Callable[..., str]) -> None:
    ended = judge(serve(no_files), "--collect-only", "-q")
    named = [line for line in ended.out.splitlines() if "::" in line]
    assert named == [f"exportproof.conformance::{rule_id}" for rule_id in catalogue.rules()]
    assert (ended.status, no_files.asked) == (0, [])


def test_statuses_in_pytests_words(judge: Callable[..., Any], controlled: tuple[str, ...], tmp_path: Path) -> None:
    ended = judge(*controlled, "-rA", "--junitxml", "own.xml", rules="[sw]*/*")
    statuses = {rule["id"]: (rule["level"], rule["status"], rule["reason"]) for rule in report(tmp_path)["rules"]}
    assert statuses["window/complete"][1] == "fail"
    assert statuses["schema/error-envelope"][:2] == ("SHOULD", "warn")
    assert statuses["schema/create"][1] == "pass"
    assert statuses["auth/challenge"][1:] == ("skip", "not-selected")
    assert ended.status == 1
    for rule_id, word in (
        ("window/complete", "FAILED"), ("schema/error-envelope", "PASSED"), ("schema/create", "PASSED"),
    ):  # fmt: skip
        assert f"{word} exportproof.conformance::{rule_id}" in ended.out
    warned = ended.out.partition("warnings summary")[2]
    assert "ConformanceWarning: schema/error-envelope (SHOULD): " in warned
    assert "not-selected: the run was told to leave it out" in ended.out
    counted = outcomes(ended)
    kinds = [status for _, status, _ in statuses.values()]
    assert counted["failed"] == kinds.count("fail")
    assert counted["skipped"] == kinds.count("skip")
    assert counted["warning"] == kinds.count("warn")
    told = {case.get("name"): [child.tag for child in case] for case in ET.parse(tmp_path / "own.xml").iter("testcase")}
    assert len(told) == len(catalogue.rules())
    assert told["window/complete"] == ["failure"]
    assert told["auth/challenge"] == ["skipped"]


def test_a_failure_tells_what_a_reader_needs_and_no_line_of_the_suite(
    judge: Callable[..., Any], controlled: tuple[str, ...]
) -> None:
    ended = judge(*controlled, "--showlocals", "--full-trace", rules="window/complete")
    failure = ended.out.partition("FAILURES")[2]
    for piece in ("window/complete (MUST): ", "expected: ", "received: ", "$ curl ", "demand: ", "source: window.1"):
        assert piece in failure
    assert '"$EXPORTPROOF_USER:$EXPORTPROOF_KEY"' in failure
    assert "def runtest" not in ended.out
    assert KEY not in ended.said


def test_a_must_that_could_not_be_told_is_an_error(
    judge: Callable[..., Any], no_files: Any, serve: Callable[..., str], answer: Callable[..., Any], tmp_path: Path
) -> None:
    def never_done(asked: Any) -> Any:
        given = no_files(asked)
        if isinstance(given.body, dict) and "jobStatus" in given.body:
            return answer(given.status, {**given.body, "jobStatus": "Pending"})
        return given

    url = serve(never_done)
    ended = judge(url, "--exportproof-job-timeout", "0.2", rules="states/completes")
    entry = next(rule for rule in report(tmp_path)["rules"] if rule["id"] == "states/completes")
    assert entry["status"] in ("fail", "inconclusive", "skip")
    if entry["status"] == "inconclusive":
        assert (ended.status, outcomes(ended)["error"]) == (5, 1)
    assert ended.status == {"violates": 1, "undetermined": 5}[report(tmp_path)["verdict"]]


# --- exit status -----------------------------------------------------------------------------------------


def test_a_warning_leaves_the_verdict_alone_even_where_warnings_are_errors(
    judge: Callable[..., Any], no_files: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text(STRICT, encoding="utf-8")
    ended = judge(serve(no_files), "-W", "error", rules="schema/*")
    assert report(tmp_path)["counts"]["warn"] >= 1
    assert report(tmp_path)["verdict"] == "conforms"
    counted = outcomes(ended)
    assert (ended.status, counted["warning"]) == (0, report(tmp_path)["counts"]["warn"])
    assert "failed" not in counted
    assert "ConformanceWarning: schema/error-envelope" in ended.out


def test_warnings_can_be_hidden(judge: Callable[..., Any], no_files: Any, serve: Callable[..., str]) -> None:
    ended = judge(serve(no_files), "-W", "ignore::exportproof.conformance.suite.ConformanceWarning")
    assert ended.status == 0
    assert "ConformanceWarning" not in ended.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--exportproof-profile", "fast"), "There is no profile 'fast'"),
        (("--exportproof-rules", "splitt/*"), "No rule matches 'splitt/*'"),
        (("--exportproof-seed", "x"), "The seed 'x' is not a whole number"),
        (("--exportproof-reading", "window-ends=open"), "Write window-ends=closed"),
        (("--exportproof-job-timeout", "0"), "The job timeout '0'"),
        (("--exportproof-link-lifetime", "20"), "The link lifetime '20'"),
        (("--exportproof-other-user", "b"), "--exportproof-other-user was given without --exportproof-other-key"),
        (("--exportproof-control-url", "x"), "The control URL 'x'"),
        (("--exportproof-docs", "nowhere"), "--exportproof-docs takes a URL, or a folder"),
        (("--exportproof-primary-key", "x"), "'x' names no primary key"),
        (("--exportproof-custom-field", "x=y"), "'x=y' names no custom field"),
        (
            ("--exportproof-report-dir", "pytest.ini"),
            "Give a folder that you may write to with --exportproof-report-dir",
        ),
        (("--exportproof-report-dir", "pytest.ini", "-n", "2"), "a file stands in its place"),
        (("--exportproof-contol-url", "x"), "unrecognized arguments: --exportproof-contol-url"),
        (("--target-url", "http://ann:hidden@127.0.0.1/v4"), "holds credentials"),
    ],
)
def test_slips_end_with_status_4(
    words: tuple[str, ...], message: str, judge: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    ended = judge("http://127.0.0.1:9/v4", *words)
    assert ended.status == 4, ended.said
    assert message in " ".join(ended.err.split())
    assert "Traceback" not in ended.said
    assert "hidden" not in ended.said


def test_rules_and_pytests_selection_without_a_rule_in_common(judge: Callable[..., Any]) -> None:
    ended = judge("http://127.0.0.1:9/v4", "-k", "split", rules="auth/*")
    assert ended.status == 4
    assert "have no rule in common" in ended.err


def test_nothing_listens_there(judge: Callable[..., Any], tmp_path: Path) -> None:
    ended = judge("http://127.0.0.1:9/v4")
    assert ended.status == 5
    assert "No answer at http://127.0.0.1:9/v4" in " ".join(ended.out.split())
    assert report(tmp_path)["verdict"] == "undetermined"


def test_failures_of_tests_beside_the_suite_count(
    judge: Callable[..., Any], no_files: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "test_own.py").write_text("def test_own():\n    assert False\n", encoding="utf-8")
    ended = judge(serve(no_files), "test_own.py")
    assert (ended.status, outcomes(ended)["failed"]) == (1, 1)
    assert report(tmp_path)["verdict"] == "conforms"


# --- pytest's own options ----------------------------------------------------------------------------------


def test_k_selects_rules_for_the_run_itself(
    judge: Callable[..., Any], no_files: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    ended = judge(serve(no_files), "-k", "schema and not fields", rules="*")
    run = {rule["id"] for rule in report(tmp_path)["rules"] if rule["reason"] != "not-selected"}
    wanted = {rule_id for rule_id in catalogue.rules() if rule_id.startswith("schema/") and "fields" not in rule_id}
    assert (ended.status, run) == (0, wanted)
    assert outcomes(ended)["deselected"] == len(catalogue.rules()) - len(wanted)


@pytest.mark.parametrize("words", [("-x",), ("--maxfail=1",), ("-x", "-n", "2")])
def test_x_stops_the_run_at_the_first_violation(
    words: tuple[str, ...], judge: Callable[..., Any], controlled: tuple[str, ...], tmp_path: Path
) -> None:
    ended = judge(*controlled, *words, rules="*")
    document = report(tmp_path)
    assert (ended.status, document["verdict"]) == (1, "violates"), ended.said
    assert "stopped-early" in {rule["reason"] for rule in document["rules"]}
    violated = [rule["id"] for rule in document["rules"] if rule["status"] == "fail"]
    assert violated
    assert all(rule_id in ended.out for rule_id in violated)


def test_with_xdist_one_process_drives(
    judge: Callable[..., Any], no_files: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    ended = judge(serve(no_files), "-n", "2", "-v")
    assert ended.status == 0, ended.said
    assert "[gw1]" in ended.out
    looks = [asked for asked in no_files.asked if asked.path.endswith("/changeTypes/Contacts")]
    assert len(looks) == 1, "the target was looked at more than once"
    assert sorted(path.name for path in (tmp_path / "exportproof-report").iterdir()) == [
        "junit.xml", "record", "report.html", "report.json",
    ]  # fmt: skip
    assert outcomes(ended)["passed"] == report(tmp_path)["counts"]["pass"] + report(tmp_path)["counts"]["warn"]
    assert "The target conforms" in ended.out


def test_q_is_quiet(judge: Callable[..., Any], no_files: Any, serve: Callable[..., str]) -> None:
    ended = judge(serve(no_files), "-q")
    assert ended.status == 0
    assert "lists 1 resource types" not in ended.out
    assert "The target conforms" in ended.out


@pytest.mark.parametrize(
    "words",
    [
        ("-p", "no:cacheprovider"), ("-p", "no:terminal"), ("-p", "no:warnings"), ("--profile",), ("--lf",),
        ("--cov=exportproof", "--cov-report="), ("--import-mode=importlib",), ("--rootdir=deep/root",),
        ("--durations=3", "-vv"), ("--stepwise",), ("-s",), ("--color=yes",), ("--no-header", "--no-summary"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_beside_other_options_and_plugins(
    words: tuple[str, ...], judge: Callable[..., Any], no_files: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text(STRICT, encoding="utf-8")
    (tmp_path / "deep" / "root").mkdir(parents=True)
    ended = judge(serve(no_files), *words)
    assert ended.status == 0, ended.said
    assert "INTERNALERROR" not in ended.said
    assert report(tmp_path)["verdict"] == "conforms"


def test_from_inside_the_checkout(
    judge: Callable[..., Any], no_files: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    root = tmp_path / "exportproof-report"
    inside = next(path for path in __import__("pathlib").Path(__file__).parents if (path / "pyproject.toml").exists())
    ended = judge(serve(no_files), "--exportproof-report-dir", str(root), "-p", "no:cacheprovider", folder=inside)
    assert ended.status == 0, ended.said
    assert report(tmp_path)["verdict"] == "conforms"
    assert outcomes(ended)["passed"] == report(tmp_path)["counts"]["pass"] + report(tmp_path)["counts"]["warn"]
