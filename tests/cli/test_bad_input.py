"""Slips of a call: one clear sentence that says what to do next, the right exit status, no traceback."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

URL = "http://127.0.0.1:9/v4"
# Words of a call, by what is wrong with them. Nothing is sent in any of these.
OFF = {
    "a misspelt option": ["run", URL, "--contol-url", "http://127.0.0.1:9/_control"],
    "an option without its value": ["run", URL, "--control-url"],
    "a misspelt command": ["rnu"],
    "a command that is none": ["frobnicate"],
    "a word too many": ["run", URL, "http://127.0.0.1:9/v5"],
    "a URL without a scheme": ["run", "127.0.0.1:8080/v4"],
    "a URL of another scheme": ["run", "ftp://127.0.0.1/v4"],
    "a URL with half an address": ["run", "http://[::1/v4"],
    "a URL with a port that is none": ["run", "http://127.0.0.1:99999/v4"],
    "a URL with a space": ["run", "http://127.0.0.1 /v4"],
    "a URL with a line break": ["run", "http://127.0.0.1\n/v4"],
    "a URL whose host is dots": ["run", "http://../v4"],
    "a URL with a query": ["run", "http://127.0.0.1/v4?token=hidden"],
    "an empty URL": ["run", ""],
    "a URL with credentials": ["run", "http://ann:hidden@127.0.0.1/v4"],
    "a broken URL with credentials": ["run", "htp://ann:hidden@127.0.0.1/v4"],
    "a control URL with credentials": ["run", URL, "--control-url", "http://ann:hidden@127.0.0.1/"],
    "a control URL that is no URL": ["run", URL, "--control-url", "_control"],
    "a rule pattern that matches nothing": ["run", URL, "--rules", "splitt/*"],
    "a rule pattern like nothing": ["run", URL, "--rules", "12345"],
    "a rule pattern of the list that matches nothing": ["rules", "--rules", "Split/*"],
    "a reading that is none": ["run", URL, "--reading", "window-end=closed"],
    "a value that the reading has not": ["run", URL, "--reading", "window-ends=open"],
    "a reading without a value": ["run", URL, "--reading", "window-ends"],
    "a reading pinned twice": ["run", URL, "--reading", "kilobyte=1000", "--reading", "kilobyte=1024"],
    "a profile that is none": ["run", URL, "--profile", "fast"],
    "a seed that is no whole number": ["run", URL, "--seed", "1.5"],
    "no time for jobs": ["run", URL, "--job-timeout", "0"],
    "less than no time for jobs": ["run", URL, "--job-timeout", "-3"],
    "endless time for jobs": ["run", URL, "--job-timeout", "inf"],
    "time for jobs that is no number": ["run", URL, "--job-timeout", "60s"],
    "a lifetime without a unit": ["run", URL, "--link-lifetime", "20"],
    "no lifetime": ["run", URL, "--link-lifetime", "0d"],
    "a lifetime beyond all calendars": ["run", URL, "--link-lifetime", "99999999999d"],
    "a primary key without its column": ["run", URL, "--primary-key", "Contacts"],
    "a custom field without its id": ["run", URL, "--custom-field", "Contacts"],
    "a custom field beyond int32": ["run", URL, "--custom-field", "Contacts=4294967296"],
    "a user without a key": ["run", URL, "--user", "ann"],
    "a key without a user": ["run", URL, "--key", "hidden"],
    "a second user without a key": ["run", URL, "--user", "a", "--key", "hidden", "--other-user", "b"],
    "a second account alone": ["run", URL, "--other-user", "b", "--other-key", "hidden"],
    "one account twice":
        ["run", URL, "--user", "a", "--key", "hidden", "--other-user", "a", "--other-key", "hidden"],
    "a user with a colon": ["run", URL, "--user", "a:b", "--key", "hidden"],
    "a key with a line break": ["run", URL, "--user", "a", "--key", "hidden\n"],
    "a user without a target": ["run", "--user", "ann", "--key", "hidden"],
    "a control URL without a target": ["run", "--control-url", URL],
    "a fault of a target": ["run", URL, "--fault", "lost-row"],
    "a variant of a target": ["run", URL, "--variant", "slow"],
    "docs without a folder": ["docs"],
    "documentation that is not there": ["run", URL, "--docs", "site"],
    "documentation at an address with a query": ["run", URL, "--docs", "https://docs.example.org/?token=hidden"],
    "a port that is none": ["serve", "--port", "99999"],
    "a port that is no number": ["serve", "--port", "http"],
    "a rate that is none": ["serve", "--rate-limit", "0"],
    "a served lifetime without a unit": ["serve", "--link-lifetime", "20"],
    "a store in a folder that is missing": ["serve", "--port", "0", "--store", "missing/store.db"],
    "a served user with a colon": ["serve", "--user", "a:b"],
    "one served account twice": ["serve", "--user", "other"],
}  # fmt: skip


@pytest.mark.parametrize("what", OFF)
def test_a_slip_is_told_before_anything_is_sent(what: str, call: Callable[..., Any], tmp_path: Path) -> None:
    ended = call(*OFF[what])
    assert (ended.status, ended.out) == (4, "")
    assert "Traceback" not in ended.err
    assert "hidden" not in ended.err, "a key or password is shown"
    first, *rest = ended.err.splitlines()
    assert first.startswith("exportproof")
    assert len(rest) <= 1, "one sentence, and one that says where help is"
    assert list(tmp_path.iterdir()) == [], "something was written"


def test_what_is_said_of_slips(call: Callable[..., Any], golden: Callable[[str, str], None]) -> None:
    golden("bad-input.txt", "\n".join(f"# {what}\n{call(*words).err}" for what, words in OFF.items()))


@pytest.mark.parametrize("kind", ["fault", "variant"])
@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_name_that_the_reference_has_not(kind: str, command: str, call: Callable[..., Any]) -> None:
    ended = call(command, f"--{kind}", "no-such-thing-at-all")
    assert ended.status == 4
    assert f"There is no {kind} 'no-such-thing-at-all'" in ended.err
    assert f"'exportproof {kind}s' lists every {kind}." in ended.err


# --- folders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "option"), [(["run", URL, "--report-dir"], "--report-dir"), (["docs", "--out"], "--out")]
)
@pytest.mark.parametrize("below", [False, True])
def test_a_file_in_place_of_the_folder(
    words: list[str], option: str, below: bool, call: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    ended = call(*words, "taken/deeper" if below else "taken")
    assert ended.status == 4
    assert "a file stands in its place" in ended.err
    assert option in ended.err
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_may_not_be_written(call: Callable[..., Any], tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    try:
        (locked / "probe").touch()
    except PermissionError:
        ended = call("run", URL, "--report-dir", "locked")
    else:  # root may write anywhere, but not even root can make a folder in the kernel's own file system
        ended = call("run", URL, "--report-dir", "/proc/exportproof-report")
    assert ended.status == 4
    assert "cannot be written" in ended.err
    assert "--report-dir" in ended.err


def test_folders_above_are_made(call: Callable[..., Any], tmp_path: Path) -> None:
    assert call("run", URL, "--report-dir", "not/yet/there").status == 5
    found = sorted(path.name for path in (tmp_path / "not" / "yet" / "there").iterdir())
    assert found == ["junit.xml", "record", "report.html", "report.json"]


# --- addresses -----------------------------------------------------------------------------------------------


def report(tmp_path: Path) -> dict[str, Any]:
    """Return the report that a run wrote; it is whole."""
    document = json.loads((tmp_path / "exportproof-report" / "report.json").read_text(encoding="utf-8"))
    assert len(document["rules"]) >= 100
    return dict(document)


def undetermined(ended: Any, tmp_path: Path, *pieces: str) -> None:
    """Hold what holds of every run that could not judge: status 5, a whole report, a sentence with these pieces."""
    assert ended.status == 5, ended.said
    assert "Traceback" not in ended.said
    document = report(tmp_path)
    assert document["verdict"] == "undetermined"
    assert document["musts"]["violated"] == 0
    for piece in pieces:
        assert piece in document["headline"], document["headline"]
        assert piece in " ".join(ended.out.split())


def test_nobody_listens(call: Callable[..., Any], tmp_path: Path) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v4"
        ended = call("run", url)
    undetermined(ended, tmp_path, f"No answer at {url} (refused)", "Check the address and the port")
    reasons = {rule["reason"] for rule in report(tmp_path)["rules"]}
    assert reasons <= {"stopped-early", "no-control", "no-clock", "no-reset", "no-second-account"}


def test_refused_credentials(
    call: Callable[..., Any], serve: Callable[..., str], answer: Callable[..., Any], tmp_path: Path
) -> None:
    url = serve(lambda asked: answer(401, {"errors": []}))  # noqa: ARG005
    ended = call("run", url, "--user", "ann", "--key", "a-hidden-key")
    undetermined(ended, tmp_path, "refuses the credentials of 'ann' with status 401", "--user and --key")
    assert "a-hidden-key" not in ended.said
    undetermined(call("run", url), tmp_path, "refuses a request without credentials with status 401")


def test_refused_credentials_of_the_second_account(
    call: Callable[..., Any], serve: Callable[..., str], answer: Callable[..., Any], tmp_path: Path
) -> None:
    asked_for = []

    def second_is_refused(asked: Any) -> Any:
        asked_for.append(asked)
        return answer(200, ["Contacts"]) if len(asked_for) == 1 else answer(403)

    words = ["--user", "ann", "--key", "key-one", "--other-user", "bob", "--other-key", "key-two"]
    ended = call("run", serve(second_is_refused), *words)
    undetermined(ended, tmp_path, "refuses the credentials of 'bob' with status 403", "--other-user and --other-key")


def test_a_control_url_that_is_none(
    call: Callable[..., Any], serve: Callable[..., str], answer: Callable[..., Any], no_files: Any, tmp_path: Path
) -> None:
    url = serve(no_files)
    elsewhere = serve(lambda asked: answer(200, {"hello": 1}))  # noqa: ARG005
    words = ["run", url, "--user", "ann", "--key", "a-hidden-key", "--control-url"]
    undetermined(
        call(*words, f"{url}/nothing-here"), tmp_path, "does not answer as a control API", "status 404", "--control-url"
    )
    undetermined(call(*words, elsewhere), tmp_path, "does not answer as a control API of version 1", "--control-url")
    assert no_files.jobs == {}, "jobs were created although what was asked for could not be judged"


def test_no_such_api_there(
    call: Callable[..., Any], serve: Callable[..., str], answer: Callable[..., Any], tmp_path: Path
) -> None:
    url = serve(lambda asked: answer(404, {"errors": [{"code": "NOT_FOUND", "text": "no"}]}))  # noqa: ARG005
    undetermined(call("run", url), tmp_path, "has no /changedEntityExportJobs", "Name the API root")


# --- TLS ---------------------------------------------------------------------------------------------------


def test_https_where_http_is_spoken(
    call: Callable[..., Any], serve: Callable[..., str], no_files: Any, tmp_path: Path
) -> None:
    url = serve(no_files).replace("http://", "https://")
    undetermined(call("run", url), tmp_path, f"TLS failure at {url}", "use http:// for a server without TLS")


@contextmanager
def speaking_tls(folder: Path) -> Iterator[str]:
    """Accept TLS connections with a certificate that nobody trusts, and yield the address."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here to make a certificate with")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]  # fmt: skip
    subprocess.run([openssl, *words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_certificate_that_nobody_trusts(call: Callable[..., Any], tmp_path: Path) -> None:
    with speaking_tls(tmp_path) as place:
        ended = call("run", f"https://{place}/v4")
    undetermined(ended, tmp_path, f"TLS failure at https://{place}/v4", "Check the certificate and its host name")


def test_http_where_tls_is_spoken(call: Callable[..., Any], tmp_path: Path) -> None:
    with speaking_tls(tmp_path) as place:
        ended = call("run", f"http://{place}/v4")
    undetermined(ended, tmp_path, f"No answer at http://{place}/v4", "use https:// if it speaks TLS")


# --- environment -------------------------------------------------------------------------------------------


def test_an_empty_variable_counts_as_unset(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORTPROOF_USER", "")
    monkeypatch.setenv("EXPORTPROOF_CONTROL_URL", "")
    monkeypatch.setenv("EXPORTPROOF_PROFILE", "")
    assert call("run", URL).status == 5


@pytest.mark.parametrize(
    ("name", "value", "piece"),
    [
        ("EXPORTPROOF_PROFILE", "fast", "There is no profile 'fast'"),
        ("EXPORTPROOF_CONTROL_URL", "nowhere", "The control URL 'nowhere'"),
        ("EXPORTPROOF_USER", "ann", "--user was given without --key"),
        ("EXPORTPROOF_OTHER_KEY", "hidden", "--other-key was given without --other-user"),
    ],
)
def test_variables_are_read(
    name: str, value: str, piece: str, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    ended = call("run", URL)
    assert ended.status == 4
    assert piece in ended.err
    assert "hidden" not in ended.err


def test_a_port_in_use(call: Callable[..., Any]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ended = call("serve", "--port", str(port))
    assert ended.status == 4
    assert f"Nothing can listen at 127.0.0.1 port {port}" in ended.err
    assert "Give another one with --host or --port." in ended.err


# --- stores ------------------------------------------------------------------------------------------------


def test_a_store_that_is_something_else(call: Callable[..., Any], tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader, this is no database. " * 40, encoding="utf-8")
    ended = call("serve", "--port", "0", "--store", str(letter))
    assert (ended.status, ended.out) == (4, "")
    assert "is no database" in ended.err
    assert "--store" in ended.err
    assert letter.read_text(encoding="utf-8").startswith("Dear reader")
