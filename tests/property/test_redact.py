"""Secrets are struck out of any text, in whatever form they stand there, and nothing else is."""

from __future__ import annotations

import base64
import json
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from exportproof.reports.redact import MARK, Redactor

KEY = "5f0c7d2e-91ab-4c3d-8e77-0a1b2c3d4e5f|1"
DIGITS = string.ascii_letters + string.digits + "+/_-"
FORMS = (KEY, quote(KEY, safe=""), KEY[::-1], json.dumps(f'"{KEY}"')[1:-1])
around = st.text(st.sampled_from(" \"'=&<>{},:.") | st.sampled_from(DIGITS), max_size=30)


def core(text: bytes, before: int = 0) -> str:
    return base64.b64encode(b"\0" * before + text).decode()


@given(before=around, form=st.sampled_from(FORMS), after=around)
def test_a_key_is_struck_out_in_each_form(before: str, form: str, after: str) -> None:
    shown = Redactor([KEY]).strike(f"{before}{form}{after}")
    assert KEY not in shown
    assert form not in shown
    assert MARK in shown


@given(user=st.binary(max_size=9), rest=st.binary(max_size=9), before=around, after=around)
@example(user=b"ann:", rest=b"", before="Basic ", after=" ")
def test_a_run_of_base64_that_holds_a_key_goes_as_a_whole(user: bytes, rest: bytes, before: str, after: str) -> None:
    run = base64.b64encode(user + KEY.encode() + rest).decode()
    shown = Redactor([KEY], by_place=False).strike(f"{before}\n{run}\n{after}")
    assert shown == f"{before}\n{MARK}\n{after}"


@given(texts=st.lists(around, max_size=4))
def test_a_text_without_a_secret_stays(texts: list[str]) -> None:
    text = "\n".join(texts)
    assume(MARK not in text)
    assert Redactor([KEY], by_place=False).strike(text) == text


@pytest.mark.parametrize("count", [1, 2])
def test_runs_of_a_hundred_thousand_digits(count: int) -> None:
    long = "A" * 100_000
    text = f"{long} " + f'"{long}{core(KEY.encode())}={long}"' * count
    # The padding ends a run: what follows it says nothing of the key.
    assert Redactor([KEY]).strike(text) == f"{long} " + f'"{MARK}{long}"' * count
