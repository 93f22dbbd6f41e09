"""`schema verify`: downloaded files, whole and broken in one way each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.spec import catalogue
from exportproof.toolkit import BadInput, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from exportproof.toolkit import Verified

HEADER = "VanID,FirstName,LastName\r\n"
LINK = {"downloadUrl": "https://files.example.org/1.csv", "dateExpired": "2026-11-28T00:00:00Z"}


def rows(first: int, count: int, *, line: str = '{},Ann,"O\'Neil, ""Jr."""\r\n') -> str:
    return "".join(line.format(number) for number in range(first, first + count))


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Verified]:
    """Writes files, and a job that lists them, and judges them."""

    def judge(*texts: str | bytes, count: int | None = None, job: Any = None, **options: Any) -> Verified:
        paths = []
        for number, text in enumerate(texts, start=1):
            path = tmp_path / f"{number}.csv"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(path)
        announced = {
            "exportJobId": 1, "jobStatus": "Complete", "dateChangedFrom": "2026-11-01T00:00:00Z",
            "dateChangedTo": "2026-11-08T00:00:00Z", "exportedRecordCount": count, "files": [LINK] * len(texts),
        }  # fmt: skip
        (tmp_path / "job.json").write_text(json.dumps(announced | (job or {})), encoding="utf-8")
        if isinstance(options.get("request"), dict):
            (tmp_path / "request.json").write_text(json.dumps(options["request"]), encoding="utf-8")
            options["request"] = tmp_path / "request.json"
        return verify(tmp_path / "job.json", paths, **options)

    return judge


BIG = 400_000
"""A file of so many bytes, and two more, are more than 1000 kilobytes."""


def big(first: int) -> str:
    line = "{},Ann," + "x" * 500 + "\r\n"
    return HEADER + rows(first, BIG // 505, line=line)


def test_a_whole_download_is_valid(judge: Callable[..., Verified]) -> None:
    found = judge(HEADER + rows(1, 3), count=3)
    assert (found.valid, found.remarks, found.rows) == (True, (), 3)
    assert "duplicates by the column VanID" in found.judged


def test_a_split_download_is_valid(judge: Callable[..., Verified]) -> None:
    each = BIG // 505
    found = judge(big(1), big(10_000), big(20_000), count=3 * each, limit_kb=1000)
    assert (found.valid, found.remarks) == (True, ())


@pytest.mark.parametrize(
    "text",
    [
        HEADER,
        HEADER.strip(),
        "\ufeff" + HEADER,
        HEADER.replace("\r\n", "\n") + "1,Zo\u00eb,\n\n",
        '"VanID","FirstName"\r1,',
    ],
)
def test_unusual_files_are_valid(text: str, judge: Callable[..., Verified]) -> None:
    count = 1 if "1," in text else 0
    assert judge(text, count=count).remarks == ()


BROKEN: dict[str, tuple[tuple[str | bytes, ...], dict[str, Any], str, str, str]] = {
    "over the limit": ((HEADER + rows(1, 1) + "2,Ann," + "x" * 1_030_000,), {"count": 2, "limit_kb": 1000},
        "over-limit", "split/within-limit", "1,024,000 bytes"),
    "split for nothing": ((HEADER + rows(1, 1), HEADER + rows(2, 1)), {"count": 2}, "needless-split",
        "split/one-file", "one file"),
    "a record twice": ((HEADER + rows(1, 2) + rows(1, 1),), {"count": 3}, "duplicate", "window/once", "once"),
    "a record twice, asked for": ((HEADER + rows(1, 2) + rows(1, 1),), {"count": 3, "job": {"requestedIds": [1]}},
        "duplicate", "ids/once", "once"),
    "a record in two files": ((big(1), big(10_000), big(20_000) + rows(5, 1)),
        {"count": 3 * (BIG // 505) + 1, "limit_kb": 1000}, "duplicate", "split/each-once", "once"),
    "fewer rows than announced": ((HEADER + rows(1, 2),), {"count": 3}, "wrong-count", "counts/equals-rows", "2"),
    "fewer rows over all files": ((big(1), big(10_000), big(20_000)), {"count": 9, "limit_kb": 1000}, "wrong-count",
        "counts/all-files", ""),
    "Latin-1": ((HEADER.encode() + b"1,Zo\xeb,x\r\n",), {"count": 1}, "not-utf-8", "csv/utf-8", "UTF-8"),
    "a stray quote": ((HEADER + '1,5" pipe,x\r\n',), {"count": 1}, "bad-quoting", "csv/well-formed", "quotes"),
    "a quote never closed": ((HEADER + '1,"Ann,x\r\n' + rows(2, 2, line="{},Bob,x\r\n"),), {"count": 3},
        "bad-quoting", "csv/well-formed", "quotes"),
    "a row too long": ((HEADER + "1,Ann,x,y\r\n" + rows(2, 1),), {"count": 2}, "row-width", "csv/row-width",
        "3 fields"),
    "an empty line": ((HEADER + rows(1, 1) + "\r\n" + rows(2, 1),), {"count": 2}, "empty-line", "csv/row-width",
        "3 fields"),
    "no header": ((rows(1, 2),), {"count": 2, "resource_type": "Contacts"}, "no-header", "csv/header", "VanID"),
    "nothing at all": (("",), {"count": 0}, "no-header", "csv/header", "names"),
    "a column twice": (("VanID,a,A\r\n1,2,3\r\n",), {"count": 1}, "column-twice", "fields/no-second-column", "once"),
    "another header": ((big(1), big(10_000).replace("LastName", "Surname", 1), big(20_000)),
        {"count": 3 * (BIG // 505), "limit_kb": 1000}, "other-header", "split/same-header", "LastName"),
    "a record torn": ((big(1) + "9000,An", "n,x\r\n" + rows(20_000, 800, line="{},Ann," + "x" * 900 + "\r\n")),
        {"count": BIG // 505 + 801, "limit_kb": 1000}, "torn", "split/whole-records", "whole record"),
    "a record torn inside quotes": ((big(1) + '9000,"A, ', 'B",x\r\n' + rows(9001, 800, line="{},Ann," + "x" * 900 +
        "\r\n")), {"count": BIG // 505 + 801, "limit_kb": 1000}, "torn", "split/whole-records", "whole record"),
    "a file too few": ((HEADER + rows(1, 2),), {"count": 9, "job": {"files": [LINK, LINK]}}, "other-files", "",
        "2 files"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_download_is_told(what: str, judge: Callable[..., Verified]) -> None:
    texts, options, code, rule, expected = BROKEN[what]
    found = judge(*texts, **options)
    assert not found.valid
    errors = [remark for remark in found.remarks if remark.level == "error"]
    assert [(error.code, error.rule or "") for error in errors if error.code == code] == [(code, rule)]
    assert {error.code for error in errors} <= {code, "bad-quoting", "no-header", "wrong-count"}
    error = next(error for error in errors if error.code == code)
    assert expected in (error.expected or "")
    assert error.file
    assert rule == "" or rule in catalogue.rules()


@pytest.mark.parametrize(
    ("texts", "options", "code"),
    [
        ((HEADER + rows(1, 1) + "2,Ann," + "x" * 1_010_000,), {"count": 2, "limit_kb": 1000}, "over-limit-of-1000"),
        ((HEADER + rows(1, 1) + "2,Ann," + "x" * 41_000_000,), {"count": 2}, "over-default"),
        ((big(1), big(10_000).removeprefix(HEADER), big(20_000)), {"count": 3 * (BIG // 505), "limit_kb": 1000},
         "header-missing"),
        ((HEADER + "x,Ann,b\r\n,Bob,c\r\n",), {"count": 2}, "no-key"),
        ((HEADER + rows(1, 1),), {"count": 1, "request": {"requestedFields": ["Prefix"]}}, "no-column"),
        ((HEADER + rows(1, 1),), {"count": 1, "job": {"dateChangedTo": None}}, "wrong-body"),
    ],
)  # fmt: skip
def test_what_may_be_right_is_a_warning(
    texts: tuple[str, ...], options: dict[str, Any], code: str, judge: Callable[..., Verified]
) -> None:
    found = judge(*texts, **options)
    assert found.valid, found.remarks
    assert {remark.code for remark in found.remarks} == {code}


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ((HEADER + rows(1, 2) + "3,An",), "its last record, record 4, ends the file after 2 of 3 fields"),
        ((HEADER + rows(1, 2) + '3,"An',), "1.csv:4 was cut short: the file ends, after"),
        ((HEADER + rows(1, 2) + '3,"An', HEADER + rows(4, 2)), "1.csv:4 was cut short"),
    ],
)
def test_a_file_that_was_cut_short_is_told_by_its_place(
    texts: tuple[str, ...], says: str, judge: Callable[..., Verified]
) -> None:
    found = judge(*texts, count=3)
    assert not found.valid
    assert says in str(found.cut)


HEADERS: list[tuple[str, str, bool]] = [
    ("VanID,FirstName", "VanID", True),
    ("ContactsActivistCodeID,ActivistCodeID,VanID", "ContactsActivistCodeID", True),
    ("VanID,ContactsSurveyResponseID,ContactsContactID", "ContactsSurveyResponseID", True),
    ("ContributionID,RecurringContributionID,VanID", "ContributionID", True),
    ("RecurringContributionID,VanID", "RecurringContributionID", True),
    ("DisbursementID,VanID", "", False),
    ("ActivistCodeID,VanID", "", False),
    ("a,b", "", False),
]


@pytest.mark.parametrize(("header", "key", "known"), HEADERS)
def test_the_type_shows_in_the_columns(header: str, key: str, known: bool, judge: Callable[..., Verified]) -> None:
    found = judge(f"{header}\n" + ",".join("1" for _ in header.split(",")) + "\n", count=1)
    assert found.remarks == ()
    assert any(f"the column {key}" in line for line in found.judged) is known


def test_the_type_that_is_told_counts(judge: Callable[..., Verified]) -> None:
    text = "DisbursementID,VanID\n1,7\n2,7\n"
    assert judge(text, count=2).remarks == ()
    assert [r.code for r in judge(text, count=2, resource_type="Contacts").remarks] == ["duplicate"]
    assert judge(text, count=2, job={"resourceType": "Disbursements"}).remarks == ()
    twice = text + "2,8\n"
    assert [r.code for r in judge(twice, count=3, job={"resourceType": "Disbursements"}).remarks] == ["duplicate"]
    assert [r.code for r in judge(twice, count=3, primary_key="disbursementid").remarks] == ["duplicate"]


@pytest.mark.parametrize(
    ("text", "job", "options", "says"),
    [
        (HEADER, {"jobStatus": "InProcess"}, {}, "a job that is 'InProcess', not 'Complete'"),
        (HEADER, {}, {"limit_kb": 5}, "lies outside of 1000 to 100000"),
        ("<!DOCTYPE html><html>", {}, {}, "is an HTML or XML page"),
        (b"\x1f\x8b\x08\x00", {}, {}, "compressed with gzip"),
        ('{"errors": []}', {}, {}, "is JSON, and no CSV file"),
    ],
)
def test_what_cannot_be_judged(
    text: str | bytes, job: Any, options: Any, says: str, judge: Callable[..., Verified]
) -> None:
    with pytest.raises(BadInput, match=says):
        judge(text, job=job, **options)


def test_files_that_are_none(judge: Callable[..., Verified], tmp_path: Path) -> None:
    judge(HEADER, count=0)
    job, file = tmp_path / "job.json", tmp_path / "1.csv"
    for files, says in (
        ([tmp_path / "no.csv"], "There is no file"),
        ([tmp_path], "is a folder"),
        ([file, file], "twice"),
    ):
        with pytest.raises(BadInput, match=says):
            verify(job, files)
    job.write_text("[]", encoding="utf-8")
    with pytest.raises(BadInput, match="is no answer about a job"):
        verify(job, [file])
