"""Readers of YAML 1.1 and of YAML 1.2 read back exactly what the emitter was given."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from generator.core.yaml import EMPTY, dump, dump_spec, read

# Strings that other emitters write without quotes although one YAML version reads something else.
AMBIGUOUS = [
    "on",
    "off",
    "yes",
    "no",
    "y",
    "n",
    "true",
    "True",
    "null",
    "~",
    "1e3",
    "12e4567",
    "7e12345",
    "0o14",
    "0x1f",
    "010",
    "1_000",
    "1:30",
    "12:30:45",
    ".inf",
    "-.inf",
    ".nan",
    "2026-11-23",
    "2026-11-23T10:00:00Z",
    "=",
    "<<",
    "-",
    "?",
    ":",
    ",",
    "[",
    "]",
    "{",
    "}",
    "&",
    "*",
    "!",
    "|",
    ">",
    "'",
    '"',
    "%",
    "@",
    "`",
    "---",
    "...",
    "+1",
    "-1",
    "1.",
    ".5",
    "0b11",
    "NaN",
    "Infinity",
]
_text = st.one_of(
    st.sampled_from(
        [*AMBIGUOUS, "", " ", "a b", " lead", "trail ", "a: b", "a #b", "x\n", "x\ny", "\n", "\tx\ny\n", "名字", "é"]
    ),
    st.text(max_size=40),
)
_scalar = st.one_of(_text, st.integers(), st.booleans(), st.none())
_tree = st.recursive(
    _scalar,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=12,
)


def _yaml_1_2(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@given(st.dictionaries(_text, _tree, min_size=1, max_size=4))
@example({word: [word, {word: word}] for word in AMBIGUOUS})
def test_two_readers_read_back_what_was_written(data: dict[str, Any]) -> None:
    text = dump(data)
    assert yaml.load(text, Loader=yaml.CSafeLoader) == data
    assert _yaml_1_2(text) == data


@given(st.dictionaries(_text, _text | st.dictionaries(_text, _text, max_size=3), min_size=1, max_size=4))
def test_our_own_reader_takes_every_scalar_as_text(data: dict[str, Any]) -> None:
    document, findings = read(dump(data).encode(), "x.yaml")
    if any(re.search("[\x00\x7f-\x9f\ufffe\uffff]", text) for text in _texts(data)):
        assert [finding.id for finding in findings] == ["Y02"]
        return
    assert findings == []
    assert document is not None
    assert document.data == data


def _texts(data: dict[str, Any]) -> list[str]:
    return [
        text for key, value in data.items() for text in (key, *(_texts(value) if isinstance(value, dict) else [value]))
    ]


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,5}", fullmatch=True),
        st.one_of(
            st.just(EMPTY),
            st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=30),
            st.sampled_from(AMBIGUOUS),
        ),
        min_size=1,
    )
)
def test_specs_that_a_program_writes_arrive_as_written(data: dict[str, Any]) -> None:
    if any(isinstance(value, str) and any(0x7F <= ord(c) <= 0x9F for c in value) for value in data.values()):
        return
    document, findings = read(dump_spec(data).encode(), "x.yaml")
    assert findings == []
    assert document is not None
    assert document.data == data


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"a": "x", "b": [1, True, None]}, "a: x\nb:\n  - 1\n  - true\n  - null\n"),
        ({"a": [{"b": 1, "c": []}], "d": {}}, "a:\n  - b: 1\n    c: []\nd: {}\n"),
        ({"a": "one\ntwo\n", "b": "one\ntwo"}, "a: |\n  one\n  two\nb: |-\n  one\n  two\n"),
        ({"a": "1.10", "b": "v1.10", "on": "x"}, 'a: "1.10"\nb: v1.10\n"on": x\n'),
        ([["a"], [[]]], "- - a\n- - []\n"),
    ],
)
def test_how_it_looks(data: Any, text: str) -> None:
    assert dump(data) == text


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="cannot write a tuple as YAML"):
        dump({"a": (1,)})
