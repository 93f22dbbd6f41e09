"""The settings file and its known failures, as the command and the pytest plugin read them: the same."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

KEY = "a-key-for-ann|1"
BROKEN = "isolation/unknown-job"
ADAPTER = """
from exportproof.conformance.adapter import Adapter

class Nothing(Adapter):
    def __init__(self, target, *, told):
        super().__init__(target)
        open(told, "a").write(target.url)

    def change(self, account, resource_type, changes):
        pass
"""


@pytest.fixture
def ways(
    spawn: Callable[..., Any], no_files: Any, serve: Callable[..., str], answer: Callable[..., Any], tmp_path: Path
) -> Callable[..., Any]:
    """Judges a server that knows every job, both ways, by a settings file; gives how both ended, and their reports."""

    def knows_all(asked: Any) -> Any:
        given = no_files(asked)
        unknown = not no_files.honest and given.status == 404 and asked.path.rsplit("/", 1)[-1].isdecimal()
        return answer(200, {"exportJobId": 1, "jobStatus": "Pending"}) if unknown else given

    no_files.honest = False
    url = serve(knows_all)

    def judge(text: str, *words: str, rules: str = BROKEN) -> tuple[Any, Any, list[dict[str, Any]]]:
        path = tmp_path / "exportproof.toml"
        no_files.control = "capabilities" in text
        control = f'control-url = "{url}/control"\n' if no_files.control else ""
        path.write_text(
            f'target = "{url}"\n{control}user = "ann"\nprofile = "quick"\nseed = 1\nrules = ["{rules}"]\n{text}',
            encoding="utf-8",
        )
        ran = spawn("exportproof", "run", "--report-dir", "one", *words, EXPORTPROOF_KEY=KEY)
        tested = spawn(
            "pytest", "--pyargs", "exportproof.conformance", "--target-url", url, "-rA",
            "--exportproof-report-dir", "two",
            *(word.replace("--", "--exportproof-", 1) for word in words), EXPORTPROOF_KEY=KEY,
        )  # fmt: skip
        documents = [tmp_path / folder / "report.json" for folder in ("one", "two")]
        return ran, tested, [json.loads(path.read_text(encoding="utf-8")) for path in documents if path.exists()]

    return judge


def known(rule: str = BROKEN, expires: str = "2999-12-31", message: str = "*") -> str:
    """An entry of the list."""
    return (
        f'[[known-failures]]\nrule = "{rule}"\nmessage = "{message}"\nowner = "ann"\nreason = "ticket 12"\n'
        f"expires = {expires}\n"
    )


def rule_of(document: dict[str, Any], rule_id: str = BROKEN) -> dict[str, Any]:
    """One rule's entry of a report."""
    return next(rule for rule in document["rules"] if rule["id"] == rule_id)


def test_a_known_failure_is_told_and_does_not_fail_the_run(ways: Callable[..., Any], tmp_path: Path) -> None:
    ran, tested, documents = ways(known())
    assert (ran.status, tested.status) == (0, 0), ran.said + tested.said
    assert all(rule_of(document)["status"] == "fail" for document in documents)
    assert all(rule_of(document)["known"]["owner"] == "ann" for document in documents)
    assert "known failure (ann, until 2999-12-31): ticket 12" in " ".join(ran.out.split())
    assert re.search(r"1 xfailed", tested.out)
    assert f"XFAIL exportproof.conformance::{BROKEN} - known failure (ann, until 2999-12-31): ticket 12" in tested.out
    assert f"settings from {tmp_path / 'exportproof.toml'}" in tested.out.replace("\n", "")


def test_the_record_holds_the_list_so_that_judge_excuses_too(
    ways: Callable[..., Any], call: Callable[..., Any], tmp_path: Path
) -> None:
    _, _, documents = ways(known())
    again = call("judge", "one", "-q")
    assert again.status == 0
    assert "which is known" in again.out
    rejudged = json.loads((tmp_path / "one" / "report.json").read_text(encoding="utf-8"))
    assert rejudged["knownFailures"]["listed"] == documents[0]["knownFailures"]["listed"]


@pytest.mark.parametrize(
    ("text", "honest", "told"),
    [
        (known(expires="2026-01-01"), False, "expired on 2026-01-01"),
        (known(message="another thing*"), False, ""),
        (known(), True, "is none any more: the rule passes"),
        (known("window/gone"), True, "names a rule that is not in the catalogue"),
    ],
)
def test_what_is_not_excused_fails_both_ways(
    ways: Callable[..., Any], no_files: Any, text: str, honest: bool, told: str
) -> None:
    no_files.honest = honest
    ran, tested, documents = ways(text)
    assert (ran.status, tested.status) == (1, 1), ran.said + tested.said
    assert len(documents) == 2
    assert told in " ".join(ran.out.split())
    assert told in " ".join(tested.out.split())


def test_a_known_failure_does_not_stop_a_run_at_the_first_violation(ways: Callable[..., Any]) -> None:
    ran, tested, documents = ways(known(), "--exitfirst")
    assert ran.status == 0, ran.said
    assert tested.status == 4, "pytest has -x of its own"
    assert documents[0]["problems"] == []


def test_chosen_types_and_capabilities(ways: Callable[..., Any]) -> None:
    text = 'capabilities = ["changes"]\nresource-types = ["Contacts", "Nothing"]\n[custom-fields]\nContact = [157]\n'
    ran, tested, documents = ways(text, rules='isolation/unknown-job", "links/dead-after-expiry')
    assert (ran.status, tested.status) == (1, 1), ran.said + tested.said
    for document in documents:
        assert document["target"]["capabilities"] == ["changes"]
        assert document["chosen"] == {"capabilities": ["changes"], "resourceTypes": ["Contacts", "Nothing"]}
        assert "The settings name the resource type Nothing, which the target does not list." in document["problems"]
        assert (
            "The settings name custom fields of the resource type Contact, which the target does not list."
            in document["problems"]
        )
        assert "on Contacts, Nothing alone" in document["headline"]
        assert rule_of(document, "links/dead-after-expiry")["reason"] == "not-selected"


def test_types_of_which_none_is_listed_leave_the_target_unjudged(ways: Callable[..., Any]) -> None:
    ran, tested, _ = ways('resource-types = ["Nothing"]\n')
    assert (ran.status, tested.status) == (5, 5), ran.said + tested.said
    assert "lists none of the resource types that the settings name: Nothing. It lists: Contacts." in " ".join(
        ran.out.split()
    )


def test_an_adapter_of_the_file_both_ways(ways: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "own_adapter_of_a_file.py").write_text(ADAPTER, encoding="utf-8")
    text = 'adapter = "own_adapter_of_a_file:Nothing"\n[adapter-settings]\ntold = "told.txt"\n'
    ran, tested, documents = ways(text)
    assert (ran.status, tested.status) == (1, 1), ran.said + tested.said
    urls = (tmp_path / "told.txt").read_text(encoding="utf-8")
    assert urls == 2 * documents[0]["target"]["url"]
    for document in documents:
        assert document["target"]["adapter"] == "own_adapter_of_a_file:Nothing"
        assert document["target"]["capabilities"] == ["changes"]
        assert rule_of(document)["status"] == "fail"


def test_an_adapter_that_is_not_there_is_told_both_ways(ways: Callable[..., Any]) -> None:
    ran, tested, documents = ways('adapter = "no_such_adapter:Shop"\n')
    assert (ran.status, tested.status, documents) == (4, 4, [])
    for ended in (ran, tested):
        assert "no module 'no_such_adapter'" in " ".join(ended.err.split())


def test_an_adapter_without_a_target_is_a_slip(call: Callable[..., Any]) -> None:
    ended = call("run", "--adapter", "shop:Shop")
    assert ended.status == 4
    assert "--adapter is about a target of your own, but no TARGET_URL was given" in " ".join(ended.err.split())
