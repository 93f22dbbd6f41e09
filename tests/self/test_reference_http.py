"""The reference implementation over HTTP. Each answer is held against the documents by the client (conftest.py)."""

from __future__ import annotations

import base64
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from exportproof.reference import embedded
from exportproof.spec.offer import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from exportproof.tests.self.conftest import Api

JOBS = "/changedEntityExportJobs"
ROUTES = [("GET", "/resources"), ("GET", "/fields/Contacts"), ("GET", "/changeTypes/Contacts"), ("GET", "/1"),
          ("POST", "")]  # fmt: skip


def ago(**span: float) -> str:
    """An instant so long ago."""
    return format_instant(datetime.now(UTC) - timedelta(**span))


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def exported(api: Api, **body: Any) -> tuple[dict[str, Any], list[bytes]]:
    """Export, and return the finished job and the contents of its files."""
    answer = api.create(**{"resourceType": "Contacts", "dateChangedFrom": ago(days=1), **body})
    assert answer.status_code == 201
    job = api.finished(answer.json()["exportJobId"])
    return job, [api.plain("GET", file["downloadUrl"]).content for file in job["files"]]


def test_a_night_of_an_export(api: Api) -> None:
    names = api.get("/resources").json()
    assert len(names) == 10
    for name in names:
        fields = {item["fieldName"] for item in api.get(f"/fields/{name}").json() if item["isCoreField"]}
        assert api.get(f"/changeTypes/{name}").status_code == 200
        api.change(name, {"id": 17, "at": ago(hours=2)})
        _, (content,) = exported(api, resourceType=name)
        header, row, rest = content.decode().split("\r\n")
        assert set(header.split(",")) == fields
        assert row.startswith("17,")
        assert rest == ""


def test_a_creation_with_everything(api: Api) -> None:
    answer = api.create(
        resourceType="ContactsActivistCodes", dateChangedFrom=ago(days=89), dateChangedTo=ago(minutes=1),
        requestedIds=[1, 2], requestedFields=["Comment"], requestedCustomFieldIds=[157], fileSizeKbLimit=1000,
        includeInactive=True, contactMode=3, requestedActivistCodeIds=[4], excludeChangesFromSelf=True,
    )  # fmt: skip
    assert answer.status_code == 201
    told = answer.json()
    assert (told["requestedFields"], told["requestedCustomFieldIds"]) == (["Comment"], [])
    assert api.finished(told["exportJobId"])["jobStatus"] == "Complete"


def test_many_files(api: Api) -> None:
    note = 'zwölf "Boxkämpfer"\r\n' * 180
    for start in (1, 601):
        api.change("Contacts", *({"id": n, "values": {"Notes": note}} for n in range(start, start + 600)))
    job, contents = exported(api, fileSizeKbLimit=1000)
    assert job["exportedRecordCount"] == 1200
    assert len(contents) >= 4
    assert max(map(len, contents)) <= 1_000_000


# --- credentials ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [{}, basic("demo:"), basic("demo:demo-key|0"), basic("nobody:demo-key|1"), basic("demo"),
     {"Authorization": "Basic %%%"}, {"Authorization": "Bearer x"}, {"Authorization": ""}],
)  # fmt: skip
def test_without_valid_credentials_nothing_is_answered(
    method: str, path: str, headers: dict[str, str], nobody: Api
) -> None:
    answer = nobody.send(method, f"{nobody.server.url}{JOBS}{path}", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_the_control_api_wants_them_too(nobody: Api) -> None:
    for method, path in (("GET", ""), ("DELETE", "/state"), ("POST", "/changes"), ("PUT", "/clock")):
        assert nobody.control(method, path).status_code == 401


def test_accounts_see_nothing_of_each_other(api: Api, other: Api) -> None:
    api.change("Contacts", {"id": 1, "values": {"FirstName": "mine"}})
    other.change("Contacts", {"id": 1, "values": {"FirstName": "theirs"}}, {"id": 2})
    job, (content,) = exported(api, requestedIds=[1, 2])
    assert job["exportedRecordCount"] == 1
    assert b"mine" in content
    assert b"theirs" not in content
    assert other.get(f"/{job['exportJobId']}").status_code == 404


# --- what is refused -----------------------------------------------------------------------------------------


def test_what_there_is_not(api: Api) -> None:
    for path in ("/1", "/abc", "/" + "9" * 400, "/-1", "/1.0", "/fields/Nothing", "/changeTypes/contacts"):
        assert api.get(path).status_code == 404, path
    for path in ("", "/", "/nothing", f"{JOBS}/", f"{JOBS}/1/cancel", f"{JOBS}/fields/", f"{JOBS}/fields/a%2Fb"):
        answer = api.plain("GET", f"{api.server.url}{path}")
        assert answer.status_code == 404, path
        assert answer.json()["errors"][0]["code"] == "NOT_FOUND"


def test_methods_that_there_are_not(api: Api) -> None:
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", "/1"), ("POST", "/resources"), ("PATCH", "/fields/X")):
        answer = api.plain(method, f"{api.server.url}{JOBS}{path}")
        assert answer.status_code == 405, (method, path)
        assert answer.json()["errors"][0]["code"] == "METHOD_NOT_ALLOWED"
        assert answer.headers["allow"]


def test_heads_are_like_gets_without_their_bodies(api: Api) -> None:
    job, (content,) = exported(api)
    link = job["files"][0]["downloadUrl"]
    for url in (link, f"{api.server.url}{JOBS}/resources"):
        answer = api.plain("HEAD", url)
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) == len(api.plain("GET", url).content)
    assert int(api.plain("HEAD", link).headers["content-length"]) == len(content)


def test_bodies_that_are_refused(api: Api) -> None:
    url = f"{api.server.url}{JOBS}"
    good = {"resourceType": "Contacts", "dateChangedFrom": ago(days=1)}
    bodies: tuple[Any, ...] = ({}, [], 5, {"resourceType": "Contacts"}, good | {"dateChangedTo": ago(days=2)})
    for body in bodies:
        assert api.send("POST", url, json=body).status_code == 400, body
    for raw in (b"", b"null", b"{", b"\xff\xff", b"[" * 200_000):
        answer = api.send("POST", url, content=raw, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, raw[:10]
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        answer = api.send("POST", url, content=b"{}", headers={"Content-Type": media_type})
        assert answer.status_code == 415, media_type
    assert api.send("POST", url, content=b" " * (4 * 2**20 + 1)).status_code == 413


def test_a_control_body_that_is_too_large(api: Api) -> None:
    url = f"{api.server.control_url}/changes"
    answer = api.send("POST", url, content=(b" " * 2**20 for _ in range(65)))
    assert answer.status_code == 413
    assert "67108864 bytes" in answer.text


def test_eight_mebibytes_of_changes_are_taken_at_once(api: Api) -> None:
    api.change("Contacts", *({"id": n, "values": {"Notes": "n" * 4000}} for n in range(1, 2080)))
    assert exported(api)[0]["exportedRecordCount"] == 2079


def test_a_client_that_goes_away(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    place = urlsplit(api.server.url)
    with socket.create_connection((place.hostname, place.port)) as connection:
        head = f"POST /v4{JOBS} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 1000\r\n"
        connection.sendall(f"{head}Authorization: {basic('demo:demo-key|1')['Authorization']}\r\n\r\n{{".encode())
    assert api.get("/resources").status_code == 200
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("host", ["", "[", "a b", "x:99999", "\xff", "<>", "../.."])
def test_hosts_that_are_none(host: str, api: Api) -> None:
    place = urlsplit(api.server.url)
    key = basic("demo:demo-key|1")["Authorization"]
    for path in (f"/v4{JOBS}/resources", "/nothing"):
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {key}\r\nConnection: close\r\n\r\n"
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.sendall(head.encode("latin-1"))
            assert int(connection.recv(65_536).split(b" ")[1]) < 500


# --- links and the clock -------------------------------------------------------------------------------------


def test_links_work_without_credentials_for_twenty_days(api: Api, nobody: Api) -> None:
    api.change("Contacts", {"id": 1})
    job, (content,) = exported(api)
    (file,) = job["files"]
    for _ in range(3):
        answer = nobody.plain("GET", file["downloadUrl"])
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    part = nobody.plain("GET", file["downloadUrl"], headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, content[2:6])
    expiry = parse_instant(file["dateExpired"])
    for beside, status in ((timedelta(milliseconds=-1), 200), (timedelta(0), 410), (timedelta(days=100), 410)):
        now = format_instant(expiry + beside)
        assert api.control("PUT", "/clock", {"now": now}).json() == {"now": now}
        assert nobody.plain("GET", file["downloadUrl"]).status_code == status
    assert nobody.plain("GET", file["downloadUrl"]).json()["errors"][0]["code"] == "GONE"
    assert api.get(f"/{job['exportJobId']}").json() == job
    assert nobody.plain("GET", file["downloadUrl"] + "x").status_code == 404


def test_links_lead_where_the_client_came_from(api: Api) -> None:
    place = urlsplit(api.server.url)
    root = f"http://localhost:{place.port}/v4"
    job_id = exported(api)[0]["exportJobId"]
    (file,) = api.plain("GET", f"{root}{JOBS}/{job_id}").json()["files"]
    assert file["downloadUrl"].startswith(f"http://localhost:{place.port}/files/")


def test_jobs_go_on_while_the_clock_stands_still(api: Api) -> None:
    now = format_instant(datetime.now(UTC) + timedelta(days=1))
    assert api.control("PUT", "/clock", {"now": now}).status_code == 200
    assert api.control("GET").json()["now"] == now
    api.change("Contacts", {"id": 1})
    answer = api.create(resourceType="Contacts", dateChangedFrom=ago(days=1)).json()
    assert answer["dateChangedTo"] == now
    assert api.finished(answer["exportJobId"])["exportedRecordCount"] == 1
    assert api.control("PUT", "/clock", {"now": ago(days=1)}).status_code == 400
    assert api.control("DELETE", "/clock").status_code == 204
    assert api.control("GET").json()["now"] < now


def test_another_lifetime(connect: Callable[..., Api]) -> None:
    with embedded(lifetime_seconds=90) as server:
        api = connect(server)
        before = datetime.now(UTC) - timedelta(milliseconds=1)
        (file,) = exported(api)[0]["files"]
        lives = parse_instant(file["dateExpired"]) - before
        assert timedelta(seconds=90) <= lives < timedelta(seconds=90) + timedelta(minutes=1)


# --- rates and faults ----------------------------------------------------------------------------------------


def test_too_many_requests(connect: Callable[..., Api]) -> None:
    with embedded(rate_limit=0.001) as server:
        api, other = connect(server), connect(server, 1)
        assert api.get("/resources").status_code == 200
        answer = api.get("/resources")
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 900
        assert answer.json()["errors"][0]["code"] == "429"
        assert other.get("/resources").status_code == 200, "each account has its own"
        assert api.control("GET").status_code == 200, "the control API is not limited"


def test_names_that_there_are_not() -> None:
    with pytest.raises(KeyError), embedded(fault="nothing"):
        pass
    with pytest.raises(KeyError), embedded(variant="nothing"):
        pass


def test_servers_leave_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with embedded():
        assert len(set(threading.enumerate()) - before) >= 3
    left = [t for t in set(threading.enumerate()) - before if "AnyIO" not in t.name]
    assert left == []
