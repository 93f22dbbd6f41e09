"""The rules about files say something, or nothing, of whatever a target answers and delivers; they never raise."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exportproof.conformance.finding import Finding, Vote, registered
from exportproof.conformance.literals import HEADER, THEN, exchange, file, job, run
from exportproof.conformance.observation import LinkObservation, Run
from exportproof.conformance.verdict import load_rules
from exportproof.spec import catalogue

OF_FILES = ("split/", "csv/", "counts/", "links/", "window/once", "ids/once")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
instants = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | anything
links = st.sampled_from(["http://h/1/0.csv", "http://h/2/0.csv", "/0.csv", "http://[x", ""]) | st.text(max_size=20)
entries = st.fixed_dictionaries({}, optional={"downloadUrl": links | anything, "dateExpired": instants})
answers = st.fixed_dictionaries(
    {"jobStatus": st.sampled_from(["Complete", "Complete", "Pending", "Error"]) | anything},
    optional={
        "exportJobId": st.integers(0, 10**20) | anything,
        "files": st.lists(entries | anything, max_size=3) | anything,
        "exportedRecordCount": st.integers(0, 5) | anything,
    },
)
cells = st.sampled_from(["", "1", "2", "Ann", '"a, b"', '"a\r\nb"', '"', "\\", "\0", "é", "VanID", "FirstName"])
tables = st.lists(st.lists(cells, max_size=4).map(",".join), max_size=5).map("\r\n".join).map(str.encode)
contents = st.binary(max_size=60) | tables | tables.map(HEADER.encode().__add__)
statuses = st.sampled_from([200, 200, 200, 200, 206, 302, 401, 404, 410, 429, 500, None])
errors = st.sampled_from([None, None, None, "disconnected", "timeout", "too-large", "malformed", "bad-redirect"])
limits = st.sampled_from([None, 1000])


@st.composite
def downloads(draw: st.DrawFn) -> Any:
    status = draw(statuses)
    content = draw(contents) if status in (200, 206) else None
    size = draw(st.none() | st.sampled_from([1_000_001, 1_024_001, 41_000_000]))
    return file(
        content, draw(st.integers(0, 3)), link=draw(links), status=status, error=draw(errors),
        authorized=draw(st.booleans()), body=draw(contents), size=size if content is not None else None,
    )  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> Run:
    jobs = []
    for number in range(draw(st.integers(1, 3))):
        said = draw(st.lists(answers | anything, min_size=1, max_size=3))
        about = tuple(
            exchange("job", json.dumps(said_once).encode(), number=20 * number + place)
            for place, said_once in enumerate(said, start=2)
        )
        files = draw(st.lists(downloads(), max_size=3))
        options = {} if (limit := draw(limits)) is None else {"fileSizeKbLimit": limit}
        jobs.append(
            job(
                *files, name=f"job {number}", number=20 * number + 1, identifier=number, polls=about[:1],
                later=(), again=tuple(draw(st.lists(downloads(), max_size=2))), **options,
            )
        )  # fmt: skip
    ends = st.none() | st.datetimes(timezones=st.just(THEN.tzinfo))
    seen = []
    for _ in range(draw(st.integers(0, 2))):
        now = THEN + timedelta(days=draw(st.integers(0, 60)))
        again, first, ranged = draw(downloads()), draw(downloads()), draw(st.booleans())
        seen.append(LinkObservation("job 0", again, first, now, draw(ends), THEN, THEN, ranged))
    spoken = [
        exchange("control", draw(anything), number=n, method=draw(st.sampled_from(["GET", "PUT"]))) for n in (1, 2)
    ]
    return run(*jobs, links=tuple(seen), exchanges=(*spoken, *(e for j in jobs for e in (j.create, *j.polls))))


@given(runs())
def test_the_rules_about_files_never_raise(observed: Run) -> None:
    load_rules()
    mine = {
        function: None
        for rule, functions in registered().items()
        if rule.startswith(OF_FILES)
        for function in functions
    }
    for function in mine:
        for said in function(observed):
            if isinstance(said, Vote):
                assert said.values <= catalogue.readings()[said.reading].values.keys()
            else:
                assert isinstance(said, Finding)
                assert said.rule in catalogue.rules()
                assert said.outcome == "pass" or (said.message and said.key)
