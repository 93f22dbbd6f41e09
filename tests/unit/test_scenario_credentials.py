"""Which credentials are sent as wrong ones: none that may be right after all."""

from __future__ import annotations

import pytest

from exportproof.conformance.scenarios.answers import _is_wrong


@pytest.mark.parametrize(
    ("key", "kind", "wrong"),
    [
        ("a-key|1", "other-case-key", True),
        ("6F9619FF-8B86-D011-B42D-00CF4FC964FF|1", "other-case-key", False),
        ("0123|1", "other-case-key", False),
        ("", "other-case-key", False),
        ("", "empty-key", False),
        ("|1", "shorter-key", False),
        ("k", "shorter-key", True),
        (None, "wrong-key", True),
    ],
)
def test_a_key_that_may_be_right_is_not_sent_as_a_wrong_one(key: str | None, kind: str, wrong: bool) -> None:
    assert _is_wrong(kind, key) is wrong
