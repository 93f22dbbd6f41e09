"""Whatever a target answers, taking the secrets out neither fails nor changes what is no text of a secret."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exportproof.conformance.literals import exchange
from exportproof.reports.stand_ins import StandIns

KEY = "planted-key-4711|1"
tokens = st.text("abcXYZ019-_.~%+=", min_size=8, max_size=40)
links = st.one_of(
    st.builds("https://files.example.org/{}/{}.csv?sig={}&n=1".format, tokens, tokens, tokens),
    st.builds("/f?{}".format, tokens),
    st.sampled_from(["http://[x", "", "https://", "http://a@b@c/?=&=#", "x:y", "%", "https://h/%zz?%=%"]),
    st.text(max_size=30),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12) | links,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
answers = st.fixed_dictionaries(
    {
        "exportJobId": st.integers() | anything,
        "files": st.lists(st.builds(lambda x: {"downloadUrl": x}, links | anything)),
    },
    optional={"message": links, "errors": anything},
)
bodies = st.binary(max_size=40) | (answers | anything).map(lambda value: json.dumps(value).encode())
encodings = st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])


def shape(value: Any) -> Any:
    """A JSON value without its texts; names of properties are texts too."""
    if isinstance(value, str):
        return ""
    if isinstance(value, list):
        return [shape(item) for item in value]
    return [shape(item) for item in value.values()] if isinstance(value, dict) else value


@given(bodies, links, encodings)
def test_any_answer_can_be_shown(body: bytes, link: str, encoding: str) -> None:
    stand_ins = StandIns([KEY])
    said = exchange("download", body, 302, headers={"location": link, "x": link}, path=link)
    shown = stand_ins.exchange(said)
    if isinstance(said.json, (dict, list)) or body == b"":
        assert shape(shown.json) == shape(said.json)
    stand_ins.text(body.decode(encoding, "replace"))


@given(st.lists(links, min_size=2, max_size=6))
def test_links_are_equal_when_they_were(several: list[str]) -> None:
    stand_ins = StandIns([KEY])
    shown = [stand_ins.link(link) for link in several]
    assert [a == b for a in shown for b in shown] == [a == b for a in several for b in several]
    assert [len(link) for link in shown] == [len(link) for link in several]
