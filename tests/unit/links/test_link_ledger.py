"""The link ledger as values and as a file: written, read back, refused, replaced, and when it wants to be looked at."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from exportproof.conformance.link_entries import add_run, kept_jobs
from exportproof.conformance.link_judging import judge_looks
from exportproof.conformance.link_ledger import LinkLedger, next_look
from exportproof.conformance.link_ledger_file import LedgerError, check_target, in_use, read_ledger, write_ledger
from exportproof.conformance.link_life import LinkLife, margin_of
from exportproof.conformance.link_seal import VARIABLE, Seal, SealError, seal_of_environment
from exportproof.conformance.literals import ROOT, THEN, exchange, file, job, run
from exportproof.spec import catalogue

from .conftest import DAY, END, HOUR, LIFE, MINUTE, ONE, RUN, SECOND, TWO, ledger, link, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path

KEY = "a key of some length"
FULL = ledger(
    link(
        history=(look("alive", THEN + DAY, size=24, sha256="0" * 64), look("dead", END + DAY, status=410, ranged=True))
    ),
    link(2, sealed="gAAAA", expires=None, due=None, settled="dead", account="second", authorized=True),
    link(3, history=(look("moved", END, expires=END + DAY, via="job"), look("unlisted", END, status=404))),
    lock={"salt": "c2FsdA==", "check": "gAAAA"},
)


# --- values ----------------------------------------------------------------------------------------------


def test_a_ledger_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write_ledger(tmp_path / "links.json", FULL)
    assert read_ledger(tmp_path / "links.json") == FULL
    assert FULL.next_due == THEN
    assert ledger(link(due=None)).next_due is None


def test_a_ledger_obeys_its_schema() -> None:
    schema = Draft202012Validator(catalogue.document("link-ledger.schema.json"))
    for written in (FULL, LinkLedger(ROOT), add_run(LinkLedger(ROOT), run(job(ONE)), RUN, Seal(KEY))):
        assert [error.message for error in schema.iter_errors(written.serializable())] == []
    assert list(schema.iter_errors({**FULL.serializable(), "lock": {}})) != []


def test_one_link_is_one_line(tmp_path: Path) -> None:
    write_ledger(tmp_path / "links.json", FULL)
    lines = (tmp_path / "links.json").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if '"sha256"' in line]) == len(FULL.links)
    write_ledger(tmp_path / "links.json", LinkLedger(ROOT))
    assert read_ledger(tmp_path / "links.json") == LinkLedger(ROOT)


@pytest.mark.parametrize(
    ("lifetime", "margin"),
    [(LIFE, MINUTE), (10 * MINUTE, MINUTE), (90 * SECOND, 9 * SECOND), (20 * SECOND, 2 * SECOND), (SECOND, 2 * SECOND)],
)
def test_the_margin_is_a_minute_and_less_for_short_lives(lifetime: timedelta, margin: timedelta) -> None:
    assert margin_of(lifetime) == margin


def test_a_life_ends_as_announced_where_that_is_right() -> None:
    right = LinkLife(THEN, THEN + HOUR, END + HOUR / 2, LIFE)
    assert (right.alive_until, right.dead_from) == (END + HOUR / 2 - MINUTE, END + HOUR / 2 + MINUTE)
    wrong = LinkLife(THEN, THEN + HOUR, END + DAY, LIFE)
    assert (wrong.alive_until, wrong.dead_from) == (END - MINUTE, END + DAY + MINUTE)
    silent = LinkLife(THEN, THEN, None, LIFE)
    assert (silent.alive_until, silent.dead_from) == (END - DAY, END + DAY)


def test_looks_come_closer_together_towards_the_end() -> None:
    life = LinkLife(THEN, THEN, END, LIFE)
    assert next_look(life, THEN, first=True) == THEN + DAY
    seen = [THEN + DAY]
    while seen[-1] < life.dead_from:
        seen.append(next_look(life, seen[-1]))
    assert seen[1] == THEN + 6 * DAY
    assert seen[-1] == life.dead_from
    assert seen[-2] <= life.alive_until
    assert life.alive_until - seen[-2] <= MINUTE
    assert sorted(set(seen)) == seen
    assert len(seen) < 25
    assert next_look(life, END + DAY) == END + DAY


# --- files -----------------------------------------------------------------------------------------------


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    values = FULL.serializable()
    change(values)
    return json.dumps(values).encode()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "cut short or damaged"),
        (json.dumps(FULL.serializable()).encode()[:-1], "cut short or damaged"),
        (b"\xff\xfe", "cut short or damaged"),
        (b"[" * 100_000, "cut short or damaged"),
        (b"[]", "is no link ledger"),
        (b'{"schemaVersion": 1}', "is no link ledger"),
        (changed(lambda values: values.update(formatVersion=2, tool={"version": "9.1"})), "use exportproof 9.1"),
        (changed(lambda values: values.update(formatVersion=None, tool=3)), "of the version that wrote it"),
        (changed(lambda values: values.pop("links")), "does not obey its format"),
        (changed(lambda values: values.update(runs=[])), "does not obey its format"),
        (changed(lambda values: values["links"][0].update(created="yesterday")), "does not obey its format"),
        (changed(lambda values: values["links"][0].update(settled="buried")), "does not obey its format"),
        (changed(lambda values: values["links"][0]["history"][0].update(outcome=1)), "does not obey its format"),
        (changed(lambda values: values.update(links={"a": 1})), "does not obey its format"),
    ],
)
def test_a_file_that_is_no_whole_ledger_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "links.json"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=told):
        read_ledger(path)
    assert path.read_bytes() == content


def test_every_cut_of_a_ledger_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "links.json"
    write_ledger(path, FULL)
    whole = path.read_bytes().rstrip()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(LedgerError):
            read_ledger(path)


def test_a_ledger_that_is_not_there_or_of_another_target_is_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="makes one"):
        read_ledger(tmp_path / "links.json")
    with pytest.raises(LedgerError, match="cannot be read"):
        read_ledger(tmp_path)
    check_target(FULL, ROOT, tmp_path)
    with pytest.raises(LedgerError, match="not of http://elsewhere/v4"):
        check_target(FULL, "http://elsewhere/v4", tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "links.json"
    write_ledger(path, FULL)

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_ledger(path, ledger())
    assert read_ledger(path) == FULL
    assert [found.name for found in tmp_path.iterdir()] == ["links.json"]


def test_a_link_to_a_ledger_stays_one_and_its_mode_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, path = tmp_path / "there" / "real.json", tmp_path / "links.json"
    write_ledger(real, ledger())
    real.chmod(0o640)
    path.symlink_to(real)
    write_ledger(path, FULL)
    assert path.is_symlink()
    assert read_ledger(real) == FULL
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="folder does not exist"), in_use(tmp_path / "no" / "links.json", print):
        pytest.fail("it was used")


# --- seals -----------------------------------------------------------------------------------------------


def test_a_seal_opens_what_it_closed_and_another_key_does_not() -> None:
    seal = Seal(KEY)
    sealed = seal.close("http://h/a?sig=ü")
    assert "sig" not in sealed
    assert Seal(KEY, seal.lock).open(sealed) == "http://h/a?sig=ü"
    with pytest.raises(SealError, match="does not open this ledger"):
        Seal(f"{KEY}!", seal.lock)
    with pytest.raises(SealError, match="altered"):
        seal.open(sealed[:-4])
    with pytest.raises(SealError, match="fewer than 8"):
        Seal("1234567")
    for lock in ({}, {"salt": "?", "check": "?"}, {"salt": "c2FsdA==", "check": None}):
        with pytest.raises(SealError, match="does not open"):
            Seal(KEY, lock)


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert seal_of_environment(None) is None
    monkeypatch.setenv(VARIABLE, "")
    assert seal_of_environment(None) is None
    monkeypatch.setenv(VARIABLE, KEY)
    assert seal_of_environment(None) is not None


# --- what goes in ----------------------------------------------------------------------------------------


def test_a_run_leaves_its_links_and_nothing_that_it_exported() -> None:
    seal = Seal(KEY)
    observed = run(job(ONE, TWO, expires=[END, None], identifier=2**40))
    noted = add_run(LinkLedger(ROOT), observed, RUN, seal)
    assert [(item.job, item.file, item.files) for item in noted.links] == [(2**40, 1, 2), (2**40, 2, 2)]
    assert [item.expires for item in noted.links] == [END, None]
    assert [item.size for item in noted.links] == [len(ONE), len(TWO)]
    assert seal.open(noted.links[0].sealed or "") == observed.jobs[0].files[0].link
    text = json.dumps(noted.serializable())
    assert "1,Ann" not in text
    assert all(found.link not in text for found in observed.jobs[0].files)
    unsealed = add_run(noted, observed, replace(RUN, seed=8), None)
    assert [item.sealed for item in unsealed.links[2:]] == [None, None]
    assert unsealed.links[:2] == noted.links
    assert unsealed.lock == noted.lock


def test_what_was_not_delivered_or_has_no_file_is_not_noted() -> None:
    broken = job(file(None, status=404))
    noted = add_run(LinkLedger(ROOT), run(broken, job()), RUN, None)
    assert noted == LinkLedger(ROOT, runs=(RUN,))
    assert judge_looks(noted).exit_status == 0


def test_links_older_than_a_clock_that_moved_or_a_reset_are_not_noted() -> None:
    old, new = job(ONE, number=2), job(ONE, number=30, identifier=2, name="new")
    for method, path in (("DELETE", "/state"), ("DELETE", "/clock")):
        moved = exchange("control", None, 204, number=20, method=method, path=path)
        assert [found.name for found in kept_jobs(run(old, new, exchanges=(moved,)))] == ["new"]
    frozen = exchange("control", {}, number=20, method="PUT")
    assert kept_jobs(run(old, new, exchanges=(frozen,))) == []
    asked = exchange("control", {}, number=40)
    assert len(kept_jobs(run(old, new, exchanges=(asked,)))) == 2


def test_a_job_was_made_by_the_targets_clock() -> None:
    (plain,) = add_run(LinkLedger(ROOT), run(job(ONE)), RUN, None).links
    assert (plain.created, plain.completed) == (THEN, THEN)
    told = exchange("control", {"now": (THEN + 3 * HOUR).isoformat()}, number=0)
    (known,) = add_run(LinkLedger(ROOT), run(job(ONE), exchanges=(told,)), RUN, None).links
    assert (known.created, known.completed) == (THEN + 3 * HOUR, THEN + 3 * HOUR)
