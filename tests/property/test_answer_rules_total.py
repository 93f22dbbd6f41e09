"""The rules about access, states, columns and others' jobs say something, or nothing, of any answer; none raises."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from exportproof.conformance.finding import Finding, Vote, registered
from exportproof.conformance.literals import CONTACTS, WINDOW, access, exchange, file, job, probe, run
from exportproof.conformance.verdict import load_rules
from exportproof.spec import catalogue
from exportproof.spec.offer import Field, Offer, Resource

if TYPE_CHECKING:
    from exportproof.conformance.observation import Run

JUDGED = ("auth/", "states/", "fields/", "isolation/")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
words = st.sampled_from(["Pending", "InProcess", "Complete", "Complete", "Error", "complete"]) | anything
instants = st.sampled_from([*WINDOW.values(), "2026-11-10T01:00:00+01:00", "0001-01-01T00:00:00+14:00"]) | anything
names = st.sampled_from(["VanID", "vanid", "FirstName", "Amount", "NoSuch", "", " ", "x"])
customs = st.sampled_from([157, 205, 9_999])
answers = st.fixed_dictionaries(
    {},
    optional={
        "exportJobId": st.integers(0, 3) | anything,
        "jobStatus": words,
        "dateChangedFrom": instants,
        "dateChangedTo": instants,
        "files": st.lists(anything, max_size=3) | anything,
        "exportedRecordCount": st.integers(0, 3) | anything,
        "requestedFields": st.lists(names | anything, max_size=3) | anything,
        "requestedCustomFieldIds": st.lists(customs | anything, max_size=3) | anything,
        "customFieldIds": st.dictionaries(st.just("Contacts"), st.lists(customs | anything) | anything) | anything,
    },
)
bodies = (answers | anything).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20)
statuses = st.sampled_from([200, 200, 200, 201, 302, 400, 401, 403, 404, 410, 429, 500, None])
headers = st.dictionaries(st.just("www-authenticate"), st.text(max_size=20) | st.just('Basic realm="'))
cells = st.sampled_from(["", "1", "2", "Ann", '"a, b"', '"', "\0", "é"])
headers_of_files = st.lists(names, min_size=1, max_size=4).map(",".join) | st.just("VanID,FirstName")
lines = st.lists(st.lists(cells, max_size=4).map(",".join), max_size=3)
tables = st.builds(lambda header, rows: "\r\n".join([header, *rows, ""]).encode(), headers_of_files, lines)
contents = tables | tables.map(lambda table: table[:-4]) | st.binary(max_size=40)
resources = st.sampled_from(
    [
        CONTACTS,
        Resource("Contacts", None, CONTACTS.fields, (157, 205)),
        Resource("Bare", "ID", ()),
        Resource("Contacts", "VanID", (Field("VanID", "N", core=True), Field("vanid", "N", core=False)), (157,)),
    ]
)


@st.composite
def downloads(draw: st.DrawFn, index: int) -> Any:
    status = draw(st.sampled_from([200] * 12) | statuses)
    link, error = (
        draw(st.sampled_from(["http://h/a", "http://h/b", ""])),
        draw(st.sampled_from([None] * 9 + ["timeout"])),
    )
    return file(draw(contents) if status == 200 else None, index, link=link, status=status, error=error)


@st.composite
def exchanges(draw: st.DrawFn, purpose: Any) -> Any:
    said = exchange(
        purpose, draw(bodies), number=draw(st.integers(1, 30)), account=draw(st.sampled_from(["first", "second"]))
    )
    return replace(said, status=draw(statuses), headers=draw(headers))


@st.composite
def jobs(draw: st.DrawFn, number: int) -> Any:
    files = draw(st.integers(0, 2))
    seen = job(
        *(draw(downloads(index)) for index in range(files)),
        name=f"job {number}",
        resource=draw(resources),
        account=draw(st.sampled_from(["first", "first", "second"])),
        again=tuple(draw(downloads(index % 2)) for index in range(draw(st.integers(0, 3)))),
        says=draw(st.just({}) | answers),
        timed_out=draw(st.booleans()),
        requestedFields=draw(st.just([]) | st.lists(names, max_size=3)),
        requestedCustomFieldIds=draw(st.just([]) | st.lists(customs, max_size=3)),
    )
    more = {"later": tuple(draw(st.lists(exchanges("job"), max_size=2)))}
    if draw(st.booleans()):
        more["create"] = draw(exchanges("create"))
    if draw(st.booleans()):
        more["polls"] = tuple(draw(st.lists(exchanges("job"), max_size=3)))
    return replace(seen, **more)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    seen = [draw(jobs(number)) for number in range(draw(st.integers(0, 3)))]
    rules = st.sampled_from([rule for rule in catalogue.rules() if rule.startswith(("auth/", "isolation/"))])
    accesses = st.builds(
        lambda rule, status, path: access(rule, status, path=path, account="second"),
        rules, statuses, st.sampled_from(["/1", "/", ""]),
    )  # fmt: skip
    probes = st.builds(
        lambda body, status, says: probe("fields/unaccepted-not-echoed", body, status, says),
        answers, statuses, answers | anything,
    )  # fmt: skip
    spoken = [draw(exchanges(purpose)) for purpose in ("control", "resources", "probe", "download")]
    return run(
        *seen,
        accesses=tuple(draw(st.lists(accesses, max_size=3))),
        probes=tuple(draw(st.lists(probes, max_size=2))),
        exchanges=(*spoken, *(e for one in seen for e in (one.create, *one.polls, *one.later))),
        offer=Offer({"Contacts": draw(resources)}),
    )


@given(runs())
def test_the_rules_about_answers_never_raise(observed: Run) -> None:
    load_rules()
    mine = {
        function: None for rule, functions in registered().items() if rule.startswith(JUDGED) for function in functions
    }
    for function in mine:
        for said in function(observed):
            if isinstance(said, Vote):
                assert said.values <= catalogue.readings()[said.reading].values.keys()
            else:
                assert isinstance(said, Finding)
                assert said.rule in catalogue.rules()
                assert said.outcome == "pass" or (said.message and said.key and said.exchanges)
