"""The rules about creations say something, or nothing, of whatever a target answers; they never raise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from exportproof.conformance.answering import short
from exportproof.conformance.echo import Terms, compared
from exportproof.conformance.finding import Finding, Vote, registered
from exportproof.conformance.ledger import Change, Ledger
from exportproof.conformance.literals import CODES, CONTACTS, THEN, exchange, job, probe, run
from exportproof.conformance.rules.validation import PROBED
from exportproof.conformance.verdict import load_rules
from exportproof.spec import catalogue

if TYPE_CHECKING:
    from exportproof.conformance.observation import Run

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
stamps = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | st.datetimes().map(str) | anything
numbers = st.integers(-2, 5) | st.integers().map(str) | anything
NAMES = {
    "resourceType": st.sampled_from(["Contacts", "contacts", CODES.name]) | anything,
    "dateChangedFrom": stamps,
    "dateChangedTo": stamps,
    "requestedIds": st.lists(numbers, max_size=3) | anything,
    "requestedFields": st.lists(st.sampled_from(["Amount", "VanID"]) | anything, max_size=3) | anything,
    "requestedCustomFieldIds": st.lists(st.just(157) | numbers, max_size=3) | anything,
    "fileSizeKbLimit": numbers,
    "includeInactive": st.booleans() | anything,
    "contactMode": numbers,
    "requestedActivistCodeIds": st.lists(numbers, max_size=3) | anything,
}
answers = st.fixed_dictionaries({}, optional={"exportJobId": numbers, "jobStatus": st.just("Complete"), **NAMES})
statuses = st.sampled_from([200, 201, 201, 201, 202, 302, 400, 400, 401, 404, 408, 422, 429, 500, None])
errors = st.sampled_from([None, None, None, "disconnected", "timeout", "too-large", "malformed"])
valid = st.fixed_dictionaries(
    {},
    optional={
        "dateChangedTo": st.sampled_from([None, "2026-11-12T00:00:00.5+03:00", "2026-11-20T07:59:00Z"]),
        "requestedIds": st.lists(st.integers(1, 3), max_size=3),
        "requestedFields": st.lists(st.sampled_from(["Amount", "VanID", "Other"]), max_size=3),
        "requestedCustomFieldIds": st.lists(st.sampled_from([157, 158]), max_size=3),
        "fileSizeKbLimit": st.sampled_from([None, 1000, 40_000]),
        "includeInactive": st.none() | st.booleans(),
        "contactMode": st.sampled_from([None, 1, 2, 3]),
        "requestedActivistCodeIds": st.lists(st.integers(4001, 4002), max_size=2),
        "webhookUrl": anything,
    },
)
readings = st.none() | st.sampled_from(["ninety-days", "odd-contact-mode", "odd-type-casing"])


def ledger() -> Ledger:
    """A contact, and an activist code of it, whose values are not what anyone expects."""
    known = Ledger()
    known.apply("first", "Contacts", [Change(1, THEN, active=True, values={}, custom_fields={})])
    odd = {"ActivistCodeID": [4001], "VanID": None}
    known.apply("first", CODES.name, [Change(2, THEN, active=True, values=odd, custom_fields={})])
    return known


@st.composite
def spoken(draw: st.DrawFn, purpose: Any, number: int) -> Any:
    body = draw(st.binary(max_size=20) | (answers | anything).map(lambda said: json.dumps(said).encode()))
    seen = exchange(purpose, body, number=number, error=draw(errors), request_body=draw(st.none() | st.just(b"[{")))
    headers = draw(st.sampled_from([{}, {"location": "/changedEntityExportJobs/7"}, {"date": "never"}]))
    return replace(seen, status=draw(statuses), headers=headers)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    jobs = []
    for place in range(draw(st.integers(0, 3))):
        number = 10 * place + 3
        near = st.none() | st.integers(-3, 3).map(lambda seconds: THEN + timedelta(seconds=seconds))
        seen = job(
            name=f"job {place}", number=number, resource=draw(st.sampled_from([CONTACTS, CODES])),
            account=draw(st.sampled_from(["first", "first", "second"])), ledger_before=draw(st.sampled_from([0, 2])),
            target_before=draw(near), target_after=draw(near), **draw(valid),
        )  # fmt: skip
        polls = tuple(draw(spoken("job", number + 1 + n)) for n in range(draw(st.integers(0, 2))))
        later = tuple(draw(spoken("job", number + 4 + n)) for n in range(draw(st.integers(0, 1))))
        jobs.append(replace(seen, create=draw(spoken("create", number)), polls=polls, later=later))
    probes = []
    for place in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["refused-400", "refused-4xx", "accepted", "either"]))
        asked = probe(
            draw(st.sampled_from(PROBED)), draw(answers | valid), expectation=kind, number=50 + place,
            reading=draw(readings), label=draw(st.text(min_size=1, max_size=8)),
        )  # fmt: skip
        answered = draw(spoken("probe", 50 + place))
        kept = replace(answered, request_body=draw(st.sampled_from([asked.exchange.request_body, b"", b"[", b"17"])))
        probes.append(replace(asked, exchange=kept, body=draw(st.sampled_from([asked.body, None]))))
    control = [
        exchange("control", draw(answers | st.fixed_dictionaries({"now": stamps})), number=n, method=method)
        for n, method in enumerate(draw(st.lists(st.sampled_from(["GET", "PUT", "DELETE"]), max_size=2)), start=1)
    ]
    exchanges = (*control, *(e for j in jobs for e in (j.create, *j.polls)), *(p.exchange for p in probes))
    return run(*jobs, probes=tuple(probes), exchanges=exchanges, ledger=ledger())


@given(runs())
def test_the_rules_about_creations_never_raise(observed: Run) -> None:
    load_rules()
    mine = {
        function: None
        for rule, functions in registered().items()
        if rule.startswith(("creation/", "validation/"))
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


@given(valid, st.sampled_from([CONTACTS, CODES]))
def test_what_is_told_back_as_it_was_sent_is_true(sent: dict[str, Any], resource: Any) -> None:
    body = {"resourceType": resource.name, "dateChangedFrom": "2026-11-10T00:00:00Z", **sent}
    terms = Terms(resource, frozenset({1, 2}), frozenset({4001}), casing_matters=True)
    assert all(true for _, true in compared(body, body, terms))


@given(anything)
def test_any_value_can_be_shown(value: Any) -> None:
    assert len(short(value)) <= 161
