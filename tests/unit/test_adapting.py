"""Adapters: found by their name, told apart from what is none, and what they do wrong is told as theirs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.conformance.adapter import Adapter
from exportproof.conformance.adapting import GROUP, Adapted, find_adapter
from exportproof.conformance.client import Stop
from exportproof.conformance.control import ControlError
from exportproof.conformance.runner import judge_target
from exportproof.conformance.session import Session
from exportproof.conformance.settings import BadSettings, Settings
from exportproof.conformance.words import Words
from exportproof.reports.curl import curl_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AT = "2026-11-20T10:00:00.00Z"
HEAD = "from exportproof.conformance.adapter import Adapter\n"
WHOLE = """
class Shop(Adapter):
    def __init__(self, target, *, database="memory"):
        super().__init__(target)
        self.database, self.done = database, []

    def change(self, account, resource_type, changes):
        self.done.append((account, resource_type, changes))
        if changes[0].id == 13:
            raise ValueError(f"{account.key} is refused")

    def reset(self, account):
        self.done.append((account, None, ()))
"""
_NUMBERS = count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes a module into the folder of the call, and returns its name, which no other has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(text: str) -> str:
        name = f"own_adapter_{next(_NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(HEAD + text, encoding="utf-8")
        return name

    return write


@pytest.fixture
def session(module: Callable[[str], str]) -> Callable[..., Session]:
    """Begins a session with an adapter of that text."""

    def begin(text: str = WHOLE, **more: Any) -> Session:
        settings = Settings("http://127.0.0.1:9/v4", user="ann", key="a-key|1", adapter=f"{module(text)}:Shop", **more)
        return Session(settings)

    return begin


def test_an_adapter_is_found_by_its_module_and_class(module: Callable[[str], str]) -> None:
    found = find_adapter(f"{module(WHOLE)}:Shop", {"database": "x"})
    assert issubclass(found, Adapter)


def test_an_adapter_is_found_by_the_name_of_its_entry_point(
    module: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = module(WHOLE)
    installed = tmp_path / "own_adapter-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: own-adapter\nVersion: 1.0\n", encoding="utf-8")
    (installed / "entry_points.txt").write_text(f"[{GROUP}]\nshop = {name}:Shop\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_adapter("shop", {}).__module__ == name
    with pytest.raises(BadSettings, match=r"no adapter .ship. under the entry points .* Published are: shop"):
        find_adapter("ship", {})


@pytest.mark.parametrize(
    ("text", "name", "settings", "told"),
    [
        (WHOLE, "no_such_module:Shop", {}, "no module 'no_such_module' in .* Check the name"),
        (WHOLE, "{}:Ship", {}, "has no 'Ship'. Did you mean 'Shop'"),
        (WHOLE, "{}:", {}, "names no adapter. Write MODULE:CLASS"),
        (WHOLE, "shop", {}, "No installed package has any. Or write MODULE:CLASS"),
        ("import no_such_thing\n", "{}:Shop", {}, "needs the module 'no_such_thing', which is not installed"),
        ("\n1 / 0\n", "{}:Shop", {}, "cannot be imported: ZeroDivisionError: division by zero at own_adapter"),
        ("class Shop:\n    pass\n", "{}:Shop", {}, "no subclass of exportproof.conformance.adapter.Adapter"),
        ("Shop = Adapter(None)\n", "{}:Shop", {}, "no subclass of"),
        ("class Shop(Adapter):\n    def freeze(self, at): ...\n", "{}:Shop", {}, r"has freeze\(\) without release\(\)"),
        (WHOLE, "{}:Shop", {"pace": 3}, "cannot be made with these settings: .*'pace'"),
    ],
)
def test_what_is_no_adapter_is_told(
    module: Callable[[str], str], text: str, name: str, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadSettings, match=told):
        find_adapter(name.format(module(text)), settings)


def test_the_folder_of_the_call_hides_no_module_afterwards(module: Callable[[str], str], tmp_path: Path) -> None:
    find_adapter(f"{module(WHOLE)}:Shop", {})
    assert sys.path[-1] == str(tmp_path)


def test_a_control_api_and_an_adapter_are_one_too_many(module: Callable[[str], str]) -> None:
    with pytest.raises(BadSettings, match="both given"):
        Words("http://127.0.0.1:9/v4", "http://127.0.0.1:9/c", adapter=f"{module(WHOLE)}:Shop").settings()


def test_what_is_written_is_what_is_offered(session: Callable[..., Session]) -> None:
    begun = session()
    begun.learn_control()
    assert begun.capabilities == {"changes", "reset"}
    assert begun.problems == []
    assert abs(begun.now() - datetime.now(UTC)).total_seconds() < 60
    assert all(exchange.adapted for exchange in begun.exchanges)
    assert "Authorization" not in begun.exchanges[0].request_headers


def test_what_the_user_leaves_out_is_not_used_and_what_is_missing_is_told(session: Callable[..., Session]) -> None:
    begun = session(capabilities=frozenset({"changes", "clock"}))
    begun.learn_control()
    assert begun.capabilities == {"changes"}
    assert begun.problems[0].startswith("The settings name the capability clock, but it is not offered")


def test_changes_reach_the_adapter_and_the_ledger(session: Callable[..., Session]) -> None:
    begun = session(adapter_settings={"database": "there"})
    begun.learn_control()
    assert begun.control is not None
    begun.control.reset("first")
    begun.put("Contacts", [{"id": 7, "at": AT, "active": False, "values": {"FirstName": "Ann"}}])
    adapter = begun.client._control._adapter  # type: ignore[union-attr]
    (account, nothing, _), (_, kind, changes) = adapter.done
    assert (account.name, account.user, account.key, nothing, kind) == ("first", "ann", "a-key|1", None, "Contacts")
    assert "a-key" not in repr(account)
    assert adapter.database == "there"
    assert changes == [*begun.ledger.events[-1].changes]
    assert (changes[0].id, changes[0].active, changes[0].contact_mode) == (7, False, 1)
    assert begun.exchanges[-1].object == {"accepted": 1}
    assert curl_line(begun.exchanges[-1]).startswith(f"# the adapter {begun.settings.adapter}, account first: POST /ch")


def test_a_change_that_fails_ends_the_run_and_is_not_in_the_ledger(session: Callable[..., Session]) -> None:
    begun = session()
    begun.learn_control()
    with pytest.raises(
        Stop, match=r"change\(\) of Contacts raised ValueError: .* at own_adapter_\d+.py:11.*the adapter"
    ):
        begun.put("Contacts", [{"id": 13, "at": AT}])
    assert begun.ledger.position == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "def __init__(self, target): raise OSError('no database')",
            "its constructor raised OSError: no database at own",
        ),
        ("def now(self, account): return 3", r"now\(\) returns 3, which is no datetime"),
        ("def capabilities(self): return ['seeding']", "tells of 'seeding'; there are changes, reset, clock"),
        ("def custom_field_ids(self, account): return 3", r"custom_field_ids\(\) raised AttributeError"),
        ("def now(self, account): raise SystemExit(3)", r"now\(\) raised SystemExit: 3"),
    ],
)
def test_one_that_fails_at_first_leaves_the_target_unjudged(
    session: Callable[..., Session], text: str, told: str
) -> None:
    begun = session(f"class Shop(Adapter):\n    {text}\n")
    with pytest.raises(ControlError, match=told):
        begun.learn_control()


def test_what_closing_raises_is_passed_over(session: Callable[..., Session]) -> None:
    begun = session("class Shop(Adapter):\n    def close(self): raise OSError\n")
    begun.learn_control()
    begun.client.close()


def test_a_run_without_a_server_says_so_before_the_adapter_is_made(module: Callable[[str], str]) -> None:
    name = (
        f"{module('class Shop(Adapter):' + chr(10) + '    def __init__(self, target): raise OSError' + chr(10))}:Shop"
    )
    result = judge_target(Settings("http://127.0.0.1:9/v4", adapter=name), curl_line)
    assert result.verdict == "undetermined"
    assert result.problems[0].startswith("No answer at")
    assert result.adapter == name


def test_an_adapter_is_asked_first_what_it_can_do(session: Callable[..., Session]) -> None:
    begun = session()
    assert begun.control is not None
    with pytest.raises(ControlError, match="before it was asked"):
        begun.control.reset("first")
    assert isinstance(begun.client._control, Adapted)
