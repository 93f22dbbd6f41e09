"""The split family, rule by rule, on literal jobs."""

from __future__ import annotations

from typing import Any

import pytest

from exportproof.conformance.data import parts
from exportproof.conformance.ledger import Ledger
from exportproof.conformance.literals import HEADER, file, findings, job, outcomes, run, votes
from exportproof.conformance.seams import bytes_as_one_file, torn
from exportproof.conformance.table import parse

LIMIT = 1_000
SMALL, LARGE = LIMIT * 1000, LIMIT * 1024


def rows(size: int, first: int = 1, header: str = HEADER) -> str:
    """A file of exactly that many bytes, with its header and rows of about a thousand."""
    lines, left, number = [header], size - len(header.encode()), first
    while left:
        length = left if left < 2_000 else 1_000
        start = f"{number},"
        lines.append(f"{start}{'x' * (length - len(start) - 2)}\r\n")
        left, number = left - length, number + 1
    return "".join(lines)


def limited(*contents: Any, **more: Any) -> Any:
    return run(job(*contents, fileSizeKbLimit=LIMIT, **more))


@pytest.mark.parametrize(
    ("sizes", "outcome", "kilobyte"),
    [
        ((SMALL, 50_000), {"pass"}, set()),
        ((SMALL + 1, 50_000), {"pass"}, {"1024"}),
        ((LARGE, 50_000), {"pass"}, {"1024"}),
        ((LARGE + 1, 5_000), {"fail"}, set()),
        ((5_000, LARGE + 1), {"fail"}, set()),
        ((LARGE + 1,), {"fail"}, set()),
        ((SMALL + 1,), {"pass"}, {"1024"}),
    ],
)
def test_a_file_is_at_most_as_big_as_the_limit(sizes: tuple[int, ...], outcome: set[str], kilobyte: set[str]) -> None:
    contents = [rows(size, first=1 + 10_000 * place) for place, size in enumerate(sizes)]
    observed = limited(*contents)
    assert outcomes("split/within-limit", observed) == outcome
    assert votes("kilobyte", observed) == kilobyte
    assert outcomes("split/default-limit", observed) == set()


def test_a_small_export_does_not_put_the_limit_to_the_test() -> None:
    assert outcomes("split/within-limit", limited(rows(4_000))) == set()


def test_a_file_too_large_to_be_read_whole_is_over_the_limit_all_the_same() -> None:
    observed = limited(file(rows(5_000), error="too-large", size=LARGE + 1))
    assert outcomes("split/within-limit", observed) == {"fail"}


def test_a_failure_about_a_size_tells_file_and_bytes() -> None:
    (found,) = findings("split/within-limit", limited(rows(5_000), rows(LARGE + 17, 100)))
    assert "file 2 of 2" in found.message
    assert (found.received, found.expected is not None and found.expected[:17]) == (
        "1,024,017 bytes",
        "at most 1,024,000",
    )
    assert found.exchanges == (1, 2, 12)


def test_what_is_smaller_than_the_limit_is_one_file() -> None:
    assert outcomes("split/one-file", limited(rows(SMALL - 1))) == {"pass"}
    assert outcomes("split/one-file", limited(rows(450_000), rows(450_000, 10_000))) == {"fail"}
    assert outcomes("split/one-file", limited(rows(SMALL - 1), rows(5_000, 10_000))) == set()
    assert outcomes("split/one-file", limited(rows(SMALL))) == set()


def test_headers_are_counted_once_when_it_is_asked_whether_all_fits() -> None:
    # Together 1,000,001 bytes, of which the second header takes 17: as one file it would be less than the limit.
    fits = limited(rows(900_000), rows(100_001, 10_000))
    assert outcomes("split/one-file", fits) == {"fail"}
    # One row less than a byte below the limit is below it; at the limit itself nothing is demanded.
    assert outcomes("split/one-file", limited(rows(900_000), rows(100_016, 10_000))) == {"fail"}
    assert outcomes("split/one-file", limited(rows(900_000), rows(100_017, 10_000))) == set()


def test_a_file_over_the_small_kilobyte_beside_a_needless_one_contradicts_itself() -> None:
    assert votes("kilobyte", limited(rows(SMALL + 1), rows(5_000, 10_000))) == {"1000", "1024"}


def test_several_files_between_the_two_kilobytes_show_the_smaller_one() -> None:
    assert votes("kilobyte", limited(rows(900_000), rows(110_000, 10_000))) == {"1000"}
    assert votes("kilobyte", limited(rows(900_000), rows(130_000, 10_000))) == set()


def test_bytes_as_one_file_allow_for_marks_headers_and_line_ends() -> None:
    plain = job(f"{HEADER}1,Ann\r\n", f"{HEADER}2,Bea\r\n")
    assert bytes_as_one_file(plain) == (len(f"{HEADER}1,Ann\r\n2,Bea\r\n"),) * 2
    bare = job(f"{HEADER}1,Ann\r\n", "2,Bea\r\n")
    assert bytes_as_one_file(bare) == (len(f"{HEADER}1,Ann\r\n2,Bea\r\n"),) * 2
    open_end = job(f"{HEADER}1,Ann", "2,Bea\r\n")
    assert bytes_as_one_file(open_end)[1] == len(f"{HEADER}1,Ann\r\n2,Bea\r\n")
    marked = job(*(f"\ufeff{HEADER}{row}\r\n".encode() for row in ("1,Ann", "2,Bea")))
    least, most = bytes_as_one_file(marked)
    assert least <= len(f"\ufeff{HEADER}1,Ann\r\n2,Bea\r\n".encode()) <= most


@pytest.mark.parametrize(
    ("sizes", "outcome"),
    [
        ((2_000,), set()),
        ((1_000_000,), set()),
        ((2_000_000,), {"pass"}),
        ((1_000_000, 1_000_000), {"fail"}),
        ((40_960_001,), {"fail"}),
        ((39_000_000, 2_000_000), {"pass"}),
    ],
)
def test_without_a_limit_the_default_holds(sizes: tuple[int, ...], outcome: set[str]) -> None:
    contents = [file(rows(4_000, 1 + 100 * place), size=size) for place, size in enumerate(sizes)]
    observed = run(job(*contents))
    assert outcomes("split/default-limit", observed) == outcome
    assert outcomes("split/within-limit", observed) | outcomes("split/one-file", observed) == set()


WHOLE = "id,b,c\r\n1,x,y\r\n"
TORN = [
    ("a bare row is cut", f"{WHOLE}2,x", "id,b,c\r\nyz,w\r\n3,x,y\r\n"),
    ("cut behind a comma", f"{WHOLE}2,x,", "id,b,c\r\nw\r\n3,x,y\r\n"),
    ("cut in the last field", f"{WHOLE}2,x,yy", "id,b,c\r\nzz\r\n3,x,y\r\n"),
    ("cut inside quotes", f'{WHOLE}2,"x\r\n', 'id,b,c\r\ny",z\r\n3,x,y\r\n'),
    ("cut between doubled quotes", f'{WHOLE}2,"x"', 'id,b,c\r\n"y",z\r\n3,x,y\r\n'),
    ("cut without a header in the next file", f"{WHOLE}22,x", "yz,w\r\n3,x,y\r\n"),
]


@pytest.mark.parametrize(("left", "right"), [case[1:] for case in TORN], ids=[case[0] for case in TORN])
def test_a_record_that_is_cut_in_two_is_torn(left: str, right: str) -> None:
    observed = run(job(left, right))
    assert outcomes("split/whole-records", observed) == {"fail"}
    assert torn(observed.jobs[0]) == ((0, 1),)
    assert "torn" in findings("split/whole-records", observed)[0].message


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (WHOLE, "id,b,c\r\n3,x,y\r\n"),
        (WHOLE.rstrip(), "id,b,c\r\n3,x,y\r\n"),
        (WHOLE, "id,b,c\r\n"),
        (WHOLE, "3,x,y\r\n"),
        # Rows are short everywhere: that is another rule's, and no sign of a cut.
        ("id,b,c\r\n1,x\r\n2,x\r\n", "id,b,c\r\n3,x\r\n4,x\r\n"),
    ],
)
def test_files_that_end_with_a_whole_record_are_whole(left: str, right: str) -> None:
    assert outcomes("split/whole-records", run(job(left, right))) == {"pass"}


def test_whether_a_record_is_whole_cannot_be_told_when_the_quoting_is_broken() -> None:
    assert outcomes("split/whole-records", run(job('id,b\r\n1,"x" y\r\n', "id,b\r\n2,y\r\n"))) == {"doubt"}


def test_one_file_says_nothing_of_seams() -> None:
    observed = run(job(WHOLE))
    for rule in ("split/whole-records", "split/header-in-every-file", "split/same-header"):
        assert outcomes(rule, observed) == set()


def test_a_header_in_every_file_is_wished_for_and_shows_the_reading() -> None:
    each = run(job(f"{HEADER}1,Ann\r\n", f"{HEADER}2,Bea\r\n"))
    first = run(job(f"{HEADER}1,Ann\r\n", "2,Bea\r\n", "3,Cyd\r\n"))
    mixed = run(job(f"{HEADER}1,Ann\r\n", "2,Bea\r\n", f"{HEADER}3,Cyd\r\n"))
    assert (outcomes("split/header-in-every-file", each), votes("later-headers", each)) == ({"pass"}, {"every-file"})
    assert (outcomes("split/header-in-every-file", first), votes("later-headers", first)) == ({"fail"}, {"first-only"})
    assert (outcomes("split/header-in-every-file", mixed), votes("later-headers", mixed)) == ({"fail"}, set())
    assert outcomes("split/same-header", first) == set()


@pytest.mark.parametrize("other", ["FirstName,VanID\r\nBea,2\r\n", "vanid,firstname\r\n2,Bea\r\n", "VanID\r\n2\r\n"])
def test_a_later_file_with_another_header_breaks_the_job_apart(other: str) -> None:
    observed = run(job(f"{HEADER}1,Ann\r\n", other))
    assert outcomes("split/same-header", observed) == {"fail"}
    assert [part.has_header for part in parts(observed.jobs[0])] == [True, True]


def test_headers_that_are_alike_are_the_same_whatever_their_quoting() -> None:
    assert outcomes("split/same-header", run(job(f"{HEADER}1,Ann\r\n", '"VanID","FirstName"\r\n2,Bea\r\n'))) == {"pass"}


@pytest.mark.parametrize(
    ("contents", "options", "rule", "outcome"),
    [
        ((f"{HEADER}1,A\r\n2,B\r\n", f"{HEADER}2,B\r\n3,C\r\n"), {}, "split/each-once", {"fail"}),
        ((f"{HEADER}1,A\r\n2,B\r\n", "2,B\r\n3,C\r\n"), {}, "split/each-once", {"fail"}),
        ((f"{HEADER}1,A\r\n2,B\r\n", f"{HEADER}3,C\r\n"), {}, "split/each-once", {"pass"}),
        ((f"{HEADER}1,A\r\n1,A\r\n",), {}, "window/once", {"fail"}),
        ((f"{HEADER}1,A\r\n1,A\r\n",), {"requestedIds": [1]}, "ids/once", {"fail"}),
        ((f"{HEADER}1,A\r\n1,A\r\n",), {"requestedIds": [1]}, "window/once", set()),
        ((f"{HEADER}1,A\r\n2,A\r\n",), {}, "window/once", {"pass"}),
        ((f"{HEADER}1,A\r\n",), {}, "window/once", set()),
        ((f"{HEADER}0,A\r\n0,A\r\n,A\r\n,A\r\n",), {}, "window/once", set()),
        (("FirstName\r\nA\r\nA\r\n",), {}, "window/once", set()),
    ],
)
def test_from_outside_a_record_stands_once(contents: Any, options: Any, rule: str, outcome: set[str]) -> None:
    assert outcomes(rule, run(job(*contents, **options))) == outcome


def test_with_a_ledger_the_oracle_judges_repeats() -> None:
    book = Ledger()
    book.reset("first")
    twice = job(f"{HEADER}1,A\r\n1,A\r\n", ledger_before=1, ledger_after=1)
    assert {found.key for found in findings("window/once", run(twice, ledger=book)) if found.outcome == "fail"} == {
        "duplicated"
    }


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("VanID,FirstName\r\n1,Ann\r\n", 17),
        ('"VanID","First\nName"\n1,Ann\n', 21),
        ("\r\nVanID,FirstName", 17),
        ('VanID,"First""Näme"\r1,Ann\r', 21),
        ('Van"ID,FirstName\r\n1,Ann\r\n', 18),
        ("", 0),
    ],
)
def test_a_header_is_measured_as_it_is_written(text: str, size: int) -> None:
    assert parse(text.encode()).header_bytes == size
