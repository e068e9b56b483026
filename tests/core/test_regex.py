"""A regular expression is compiled when it is first used, and then is one of Python's."""

from __future__ import annotations

import re

import pytest

from generator.core.regex import regex


def test_nothing_is_compiled_before_it_is_used() -> None:
    wrong = regex("(")
    assert wrong.pattern == "("
    with pytest.raises(re.error):
        wrong.match("")


def test_it_has_the_methods_of_a_pattern_and_its_flags() -> None:
    word = regex(r"([a-c])\w*", re.IGNORECASE)
    text = "Bus and car"
    plain = re.compile(word.pattern, re.IGNORECASE)
    assert [word.findall(text), word.sub(r"<\1>", text)] == [plain.findall(text), plain.sub(r"<\1>", text)]
    assert (regex(rb"b.*").search(b"abc") or [b""])[0] == b"bc"
