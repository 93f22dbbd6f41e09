"""No message, however odd, breaks the toolkit: each is judged, and what is told of it can be written as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exportproof.conformance.observation import Exchange
from exportproof.spec import catalogue
from exportproof.toolkit.answers import creation_remarks
from exportproof.toolkit.har import recorded
from exportproof.toolkit.remark import BadInput
from exportproof.toolkit.request_body import judge_text
from exportproof.toolkit.validate import OPERATIONS, response_remarks

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SCHEMAS = catalogue.document("openapi.yaml")["components"]["schemas"]
NAMES = sorted({name for schema in SCHEMAS.values() for name in schema.get("properties", {})})
STAMPS = st.sampled_from(
    ["2026-11-01T00:00:00Z", "2026-11-08T00:00:00.00 -05:00", "0001-01-01T00:00:00+14:00", "x", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | STAMPS
    | st.sampled_from(["Contacts", "Complete", "https://files.example.org/1.csv"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), below, max_size=5),
    max_leaves=12,
)  # fmt: skip


def exchange(operation: str, body: str, status: int, sent: str) -> Exchange:
    _, method, route = OPERATIONS[operation]
    return Exchange(
        number=1, purpose="create", method=method, url=f"http://target{route}", started=NOW, ended=NOW,
        request_body=sent.encode("utf-8", "surrogatepass"), status=status,
        headers={"content-type": "application/json"}, body=body.encode("utf-8", "surrogatepass"),
    )  # fmt: skip


@given(VALUES, VALUES, st.sampled_from(sorted(OPERATIONS)), st.sampled_from([200, 201, 204, 302, 400, 404, 500, 503]))
def test_every_message_is_judged(sent: Any, told: Any, operation: str, status: int) -> None:
    one = exchange(operation, json.dumps(told), status, json.dumps(sent))
    remarks = [
        *judge_text(json.dumps(sent), NOW),
        *response_remarks(one, "http://target", OPERATIONS[operation][0], "x"),
        *creation_remarks(one, NOW, "x"),
    ]
    for remark in remarks:
        assert json.loads(json.dumps(remark.serializable()))["code"] == remark.code
        assert remark.rule in catalogue.rules()
        assert str(remark)


@given(st.text(max_size=20))
def test_every_text_is_judged(text: str) -> None:
    assert all(remark.rule in catalogue.rules() for remark in judge_text(text, NOW))


ENTRIES = st.lists(
    st.one_of(
        VALUES,
        st.fixed_dictionaries(
            {},
            optional={
                "request": st.one_of(VALUES, st.fixed_dictionaries({"method": VALUES, "url": VALUES})),
                "response": st.one_of(VALUES, st.fixed_dictionaries({"status": VALUES, "content": VALUES})),
                "startedDateTime": VALUES, "time": VALUES,
            },
        ),
        st.builds(
            lambda post, content, status: {
                "request": {"method": "POST", "url": "https://x.example.org/changedEntityExportJobs", "postData": post},
                "response": {"status": status, "content": content},
            },
            VALUES | st.fixed_dictionaries({"text": VALUES, "encoding": st.just("base64")}), VALUES, VALUES,
        ),
    ),
    max_size=3,
)  # fmt: skip


@given(ENTRIES)
def test_every_recording_is_read_or_refused(entries: list[Any]) -> None:
    try:
        found = recorded({"log": {"entries": entries}}, "x.har")
    except BadInput as error:
        said = str(error)
    else:
        said = "x.har"
        assert found
    assert said.startswith("x.har")
