"""Escapes of characters that a terminal obeys, and masks for the credentials of URLs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.mask_urls import mask_urls
from generator.core.printable import printable, printable_line

OBEYED = "\x00\x07\x08\x0b\x0d\x1b\x7f\x9b\u061c\u200e\u200f\u2028\u202a\u202e\u2066\u2069\ufeff\udc80"


def test_what_a_terminal_obeys_is_escaped_and_all_else_is_kept() -> None:
    kept = "line\n\tübung 模型 👩‍💻 שלום 100%"
    assert printable(kept) == kept
    assert printable_line(kept) == kept.replace("\n", "\\n").replace("\t", "\\t")
    assert printable(OBEYED) == "".join(f"\\u{ord(sign):04x}" for sign in OBEYED)
    assert printable("\x1b[2Jname") == "\\u001b[2Jname"


@given(st.text())
def test_json_with_escapes_has_the_same_content(text: str) -> None:
    assert json.loads(printable(json.dumps([text], ensure_ascii=False))) == [text]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'https://user:pw@host/m.git/?private_token=abc': 403", "'https://***@host/m.git/?***': 403"),
        ("https://TOKEN@host/m.git.", "https://***@host/m.git."),
        ("https://host/a?sig=1#b, and https://u:p@h", "https://host/a?***, and https://***@h"),
        ("https://u:p@w@host/x", "https://***@host/x"),
        ("https://u:p/w@host/x", "https://***@host/x"),
        ("https://u:p?w@host/x", "https://***@host/x"),
        ("https://u:p'w@host/x'", "https://***@host/x'"),
        ("ssh://me:pw@host/m", "ssh://***@host/m"),
        ("postgresql+psycopg2://u:p@host/db?password=x", "postgresql+psycopg2://***@host/db?***"),
        ("https://host#access_token=x", "https://host#***"),
    ],
)
def test_credentials_in_urls_are_masked(text: str, shown: str) -> None:
    assert mask_urls(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "git@host:team/m.git",
        "ssh://git@host:22/m.git",
        "git+ssh://me@host/m",
        "https://host:8443/a@v1",
        "https://[::1]:80/a@b",
        "file:///srv/m@2.git",
        "a: b@c",
    ],
)
def test_what_is_no_credential_stays_readable(text: str) -> None:
    assert mask_urls(text) == text
