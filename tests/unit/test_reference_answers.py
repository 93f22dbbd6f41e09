"""What the reference implementation answers: jobs, echoes, lists, errors, and files behind links."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exportproof.reference.model import Flaw, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.tests.unit.conftest import Direct

IN = "2026-11-20T12:00:00Z"
STATE = ("exportJobId", "jobStatus", "dateChangedFrom", "dateChangedTo", "files", "message", "code",
         "exportedRecordCount")  # fmt: skip


@pytest.fixture
def link(direct: Direct) -> str:
    """The link of a file that has one row."""
    direct.change({"id": 1, "at": IN})
    return str(direct.finished()["files"][0]["downloadUrl"])


def test_a_creation_tells_state_and_what_was_accepted(direct: Direct) -> None:
    told = direct.post(
        requestedIds=[5, 5, 3], requestedFields=["Prefix", "Nothing"], requestedCustomFieldIds=[157, 1],
        fileSizeKbLimit=2000, includeInactive=True, contactMode=2, excludeChangesFromSelf=False, colour="red",
        requestedActivistCodeIds=[1], dateChangedFrom="2026-11-20T02:00:00.50+02:00",
    )  # fmt: skip
    assert told == {
        "exportJobId": 2_170_181_229,
        "jobStatus": "Pending",
        "dateChangedFrom": "2026-11-20T00:00:00.500Z",
        "dateChangedTo": "2026-11-22T00:00:00.000Z",
        "files": [],
        "message": "The export job has been created.",
        "code": None,
        "exportedRecordCount": 0,
        "resourceType": "Contacts",
        "requestedIds": (5, 5, 3),
        "requestedFields": ("Prefix",),
        "requestedCustomFieldIds": (157,),
        "fileSizeKbLimit": 2000,
        "includeInactive": True,
        "contactMode": 2,
        "excludeChangesFromSelf": False,
    }


def test_a_smallest_creation_tells_the_defaults(direct: Direct) -> None:
    told = direct.post(dateChangedTo=None)
    assert told["dateChangedTo"] == "2026-11-23T08:00:00.000Z"
    assert (told["fileSizeKbLimit"], told["includeInactive"], told["contactMode"]) == (40_000, False, 3)
    assert {"requestedIds", "requestedFields", "requestedActivistCodeIds"}.isdisjoint(told)


def test_codes_are_told_for_the_type_that_has_them(direct: Direct) -> None:
    told = direct.post(resourceType="ContactsActivistCodes", requestedActivistCodeIds=[4])
    assert told["requestedActivistCodeIds"] == (4,)


def test_a_job_from_its_creation_to_its_end(direct: Direct) -> None:
    direct.change({"id": 1, "at": IN})
    job_id = direct.post()["exportJobId"]
    assert tuple(direct.job(job_id)) == STATE
    assert direct.job(job_id)["jobStatus"] == "Pending"
    direct.behaviour.store.begin_job(job_id)
    assert direct.job(job_id)["jobStatus"] == "InProcess"
    direct.run()
    done = direct.job(job_id)
    assert (done["jobStatus"], done["exportedRecordCount"], done["code"]) == ("Complete", 1, None)
    (file,) = done["files"]
    assert file["dateExpired"] == "2026-12-13T08:00:00.000Z"
    assert file["downloadUrl"].startswith("http://127.0.0.1:8080/files/")
    direct.now += timedelta(days=30)
    assert direct.job(job_id) == done


@pytest.mark.parametrize(
    "job_id", ["0", "1", "-1", "2170181230", "9" * 18, "9" * 19, "9" * 5000, "12.0", "abc", "", "²", "٣", "%00", "1e3"]
)
def test_jobs_that_there_are_not(job_id: str, direct: Direct, refusal: Callable[..., Refused]) -> None:
    direct.post()
    assert refusal(direct.behaviour.get_job, "demo", job_id, "").status == 404


def test_another_accounts_job_is_not_found(direct: Direct, refusal: Callable[..., Refused]) -> None:
    job_id = direct.finished()["exportJobId"]
    assert refusal(direct.job, job_id, "other").status == 404


# --- links ---------------------------------------------------------------------------------------------------


def test_a_link_works_again_and_again_until_its_time_is_over(
    link: str, direct: Direct, refusal: Callable[..., Refused]
) -> None:
    content = direct.download(link).body
    direct.now += timedelta(days=20) - timedelta(milliseconds=1)
    assert direct.download(link).body == content
    direct.now += timedelta(milliseconds=1)
    assert refusal(direct.download, link).status == 410
    direct.now += timedelta(days=900)
    assert refusal(direct.download, link).status == 410


def test_its_time_begins_when_the_job_is_complete(direct: Direct) -> None:
    job_id = direct.post()["exportJobId"]
    direct.now += timedelta(days=5)
    direct.run()
    assert direct.job(job_id)["files"][0]["dateExpired"] == "2026-12-18T08:00:00.000Z"


def test_another_lifetime(make_direct: type[Direct], refusal: Callable[..., Refused]) -> None:
    direct = make_direct(lifetime_seconds=1.5)
    (file,) = direct.finished()["files"]
    assert file["dateExpired"] == "2026-11-23T08:00:01.500Z"
    direct.now += timedelta(seconds=1.5)
    assert refusal(direct.download, file["downloadUrl"]).status == 410


@pytest.mark.parametrize("token", ["", "x", "../etc/passwd", "\x00", "' OR 1=1 --", "a" * 100_000])
def test_links_that_there_are_not(token: str, link: str, direct: Direct, refusal: Callable[..., Refused]) -> None:
    assert link
    assert refusal(direct.behaviour.get_file, token, None).status == 404


@pytest.mark.parametrize(
    ("wanted", "status", "span"),
    [
        ("bytes=0-4", 206, (0, 5)),
        ("bytes=2-2", 206, (2, 3)),
        ("bytes=5-", 206, (5, None)),
        ("bytes=-7", 206, (-7, None)),
        ("bytes=-99999", 206, (0, None)),
        ("bytes=3-99999", 206, (3, None)),
        ("BYTES = 0-4", 206, (0, 5)),
        ("bytes=99999-", 416, None),
        ("bytes=-0", 416, None),
        # What cannot be understood is passed over, and several ranges may be.
        ("bytes=5-2", 200, (0, None)),
        ("bytes=0-1,4-5", 200, (0, None)),
        ("bytes=a-b", 200, (0, None)),
        ("bytes=-", 200, (0, None)),
        ("bytes", 200, (0, None)),
        ("lines=0-4", 200, (0, None)),
        ("bytes=²-", 200, (0, None)),
        ("bytes=0-" + "9" * 5000, 200, (0, None)),
        ("bytes=" + "9" * 30 + "-", 416, None),
    ],
)
def test_ranges(wanted: str, status: int, span: tuple[int, int | None] | None, link: str, direct: Direct) -> None:
    whole = direct.download(link).body
    answer = direct.download(link, wanted)
    assert answer.status == status
    expected = b"" if span is None else whole[slice(*span)]
    assert answer.body == expected
    if status == 206:
        start = whole.index(expected)
        assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(whole)}"
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"


# --- lists and errors ----------------------------------------------------------------------------------------


def test_lists(direct: Direct, refusal: Callable[..., Refused]) -> None:
    behaviour = direct.behaviour
    names = behaviour.get_resources("demo").body
    assert len(names) == 10
    for name in names:
        fields = behaviour.get_fields("demo", name).body
        assert behaviour.types[name].key in [item["fieldName"] for item in fields if item["isCoreField"]]
        assert {item["fieldType"] for item in fields} <= set("BTDNM")
        assert [item["changeTypeName"] for item in behaviour.get_change_types("demo", name).body] == [
            "Created", "Updated", "Deleted",
        ]  # fmt: skip
    for unknown in ("contacts", "", "\x00", "é"):
        assert refusal(behaviour.get_fields, "demo", unknown).status == 404
        assert refusal(behaviour.get_change_types, "demo", unknown).status == 404


def test_the_envelope_lists_every_flaw(direct: Direct) -> None:
    refused = Refused(400, Flaw("A", "one", ("x", "y")), Flaw("B", "two"), headers={"X-Y": "z"})
    answer = direct.behaviour.refusal(refused)
    assert (answer.status, answer.headers) == (400, {"X-Y": "z"})
    assert answer.body == {
        "errors": [{"code": "A", "text": "one", "properties": ["x", "y"]}, {"code": "B", "text": "two"}]
    }


# --- credentials ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "account"),
    [
        ("Basic ZGVtbzpkZW1vLWtleXwx", "demo"),
        ("basic ZGVtbzpkZW1vLWtleXwx", "demo"),
        ("BASIC  ZGVtbzpkZW1vLWtleXwx ", "demo"),
        ("Basic b3RoZXI6b3RoZXIta2V5fDE=", "other"),
        (None, None),
        ("", None),
        ("Basic", None),
        ("Basic !!!", None),
        ("Basic ZGVtbzpkZW1vLWtleXwx!", None),
        ("Basic ZGVtbw==", None),
        ("Basic ZGVtbzo=", None),
        ("Basic Og==", None),
        ("Basic ZGVtbzpkZW1vLWtleXww", None),
        ("Basic b3RoZXI6ZGVtby1rZXl8MQ==", None),
        ("Basic RGVtbzpkZW1vLWtleXwx", None),
        ("Basic bm9ib2R5Og==", None),
        ("Basic /////w==", None),
        ("Basic \udcff", None),
        ("Bearer ZGVtbzpkZW1vLWtleXwx", None),
        ("ZGVtbzpkZW1vLWtleXwx", None),
    ],
)
def test_credentials(header: str | None, account: str | None, direct: Direct, refusal: Callable[..., Any]) -> None:
    if account is not None:
        assert direct.behaviour.authenticate("create", header) == account
        return
    refused = refusal(direct.behaviour.authenticate, "create", header)
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
