"""Known failures, and the settings file that lists them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.cli.settings_file import find, merged
from exportproof.conformance.known import KnownFailure
from exportproof.conformance.settings import BadSettings
from exportproof.reports.known import exit_status, marked, outdated_of

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 23)
ENTRY = {"rule": "counts/zero", "owner": "ann", "reason": "ticket 12", "expires": date(2026, 12, 1)}
HEADLESS = 'owner = "ann"\nreason = "ticket 12"\nexpires = 2026-12-01\n'


def report(**statuses: str) -> dict[str, Any]:
    """A report of MUST rules, each with a message when it fails."""
    ids = {"zero": "counts/zero", "core": "fields/core"}
    return {
        "rules": [
            {
                "id": ids[name],
                "level": "MUST",
                "status": status,
                "evidence": [{"message": f"{name} is off"}] if status == "fail" else [],
            }
            for name, status in statuses.items()
        ]
    }


@pytest.mark.parametrize(
    ("statuses", "changes", "of_run", "status"),
    [
        ({"zero": "fail"}, {}, 1, 0),
        ({"zero": "fail"}, {"message": "zero*"}, 1, 0),
        ({"zero": "fail"}, {"message": "another*"}, 1, 1),
        ({"zero": "fail", "core": "fail"}, {}, 1, 1),
        ({"zero": "fail", "core": "inconclusive"}, {}, 1, 5),
        ({"zero": "fail"}, {"expires": date(2026, 11, 23)}, 1, 0),
        ({"zero": "fail"}, {"expires": date(2026, 11, 22)}, 1, 1),
        ({"zero": "pass"}, {}, 0, 1),
        ({"zero": "skip"}, {}, 0, 0),
        ({"zero": "skip"}, {"rule": "counts/gone"}, 0, 1),
        ({"zero": "skip", "core": "inconclusive"}, {}, 5, 5),
        ({"zero": "fail"}, {}, 2, 2),
        ({"zero": "fail"}, {}, 3, 3),
    ],
)
def test_the_gate(statuses: dict[str, str], changes: dict[str, Any], of_run: int, status: int) -> None:
    known = [KnownFailure.from_dict({**ENTRY, **changes})]
    assert exit_status(marked(report(**statuses), known, TODAY), of_run) == status


def test_what_is_excused_is_marked_and_what_is_out_of_date_is_told() -> None:
    known = KnownFailure.from_dict(ENTRY)
    rule = marked(report(zero="fail"), [known], TODAY)["rules"][0]
    assert KnownFailure.from_dict(rule["known"]) == known
    assert rule["status"] == "fail", "the verdict is the target's"
    late = marked(report(zero="fail"), [replace(known, expires=date(2026, 1, 1))], TODAY)
    assert "known" not in late["rules"][0]
    assert "expired on 2026-01-01" in outdated_of(late)[0]["message"]


def test_a_report_without_a_list_is_left_as_it_is() -> None:
    assert marked(report(zero="fail"), [], TODAY) == report(zero="fail")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"expires": None}, "has no expires"),
        ({"owner": ""}, "has no owner"),
        ({"expires": "soon"}, "which is no day"),
        ({"why": "x"}, "'why', which means nothing"),
        ({"reason": 3}, "a reason that is no text"),
    ],
)
def test_an_entry_that_is_off_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(BadSettings, match=told):
        KnownFailure.from_dict({**ENTRY, **changes})


def test_a_settings_file_fills_in_what_the_call_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "exportproof.toml").write_text(
        'target = "http://127.0.0.1:9/v4"\nprofile = "quick"\nmax-jobs = 40\nrules = ["split/*"]\n'
        "[custom-fields]\nContacts = [157, 205]\n"
        f'[readings]\nkilobyte = 1024\n[[known-failures]]\nrule = "counts/zero"\n{HEADLESS}'
    )
    found = find(None, tmp_path)
    words = merged({"target_url": None, "profile": "standard", "rules": (), "readings": (), "max_jobs": None}, found)
    assert words == {
        "target_url": "http://127.0.0.1:9/v4",
        "profile": "standard",
        "rules": ("split/*",),
        "readings": ("kilobyte=1024",),
        "custom_fields": ("Contacts=157", "Contacts=205"),
        "max_jobs": "40",
        "adapter_settings": {},
        "known": found.known,
    }
    assert [each.rule for each in found.known] == ["counts/zero"]


def test_a_pyproject_may_hold_the_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.exportproof]\nuser = "ann"\n')
    assert find(None, tmp_path).words == {"user": "ann"}
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert find(None, tmp_path).path is None


def test_a_netrc_gives_the_key_of_the_user_whom_the_file_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password hidden|1\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "exportproof.toml").write_text('target = "http://127.0.0.1:9/v4"\nuser = "ann"\n')
    found = find(None, tmp_path)
    assert merged({"target_url": None, "user": None, "key": None}, found)["key"] == "hidden|1"
    assert merged({"target_url": None, "user": "bea", "key": None}, found)["key"] is None
    assert merged({"target_url": "http://localhost/v4", "user": None, "key": None}, found)["key"] is None


def test_the_embedded_reference_is_no_matter_of_a_settings_file(tmp_path: Path) -> None:
    (tmp_path / "exportproof.toml").write_text('target = "http://127.0.0.1:9/v4"\n')
    words = {"target_url": None, "fault": "x", "variant": None}
    assert merged(words, find(None, tmp_path)) == {**words, "adapter_settings": {}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('key = "hidden|1"', "where others read it"),
        ('pofile = "quick"', "Did you mean 'profile'"),
        ("target = 7", "Write a text in quotes"),
        ('max-jobs = "many"', "Write a number"),
        ('rules = "split/*"', "Write a list"),
        ("custom-fields = [157]", "Write a table"),
        ("[custom-fields]\nContacts = 157", "Write a list of ids"),
        ("target = ", "is no TOML"),
        ("[known-failures]", "is no list"),
    ],
)
def test_a_settings_file_that_is_off_is_told_and_no_secret_is_shown(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "exportproof.toml"
    path.write_text(text)
    with pytest.raises(BadSettings, match=told) as caught:
        find(path, tmp_path)
    assert "hidden" not in str(caught.value)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        find(tmp_path / "none.toml", tmp_path)
