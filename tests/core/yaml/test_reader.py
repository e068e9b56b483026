"""Scalars are kept as written, positions are correct, and no input can crash the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.finding import Position
from generator.core.yaml import EMPTY, read


def test_plain_scalars_stay_text_and_null_is_not_empty() -> None:
    text = (
        b"version: 1.10\nenv: {A: on, B: 1e3, C: 010}\nnull: 2026-11-23\nnone: null\ntilde: ~\nempty:\nquoted: 'null'\n"
    )
    document, findings = read(text, "x.yaml")
    assert findings == []
    assert document is not None
    assert document.data == {
        "version": "1.10",
        "env": {"A": "on", "B": "1e3", "C": "010"},
        "null": "2026-11-23",
        "none": None,
        "tilde": None,
        "empty": EMPTY,
        "quoted": "null",
    }


def test_positions_of_values_and_keys() -> None:
    document, _ = read("a:\n  b: [1, 名字]\nc: x\n".encode(), "x.yaml")
    assert document is not None
    assert document.position(("a", "b", 1)) == Position("x.yaml", 2, 10)
    assert document.key_position(("a", "b")) == Position("x.yaml", 2, 3)
    assert document.position(("a", "gone", "deeper")) == Position("x.yaml", 2, 3)
    assert document.position() == Position("x.yaml", 1, 1)


def test_typed_values_of_a_patch() -> None:
    document, _ = read(b"p: {a: 1, b: '1', c: true, d: null, e: 0.5, f: on, g: 010}\n", "x.yaml")
    assert document is not None
    assert document.with_types(("p",)) == {"a": 1, "b": "1", "c": True, "d": None, "e": 0.5, "f": "on", "g": "010"}


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"%#\n \t?,~<", max_size=60).map(str.encode))
def test_any_bytes_give_a_document_or_a_problem_with_a_hint(raw: bytes) -> None:
    document, findings = read(raw, "x.yaml")
    assert (document is None) == bool(findings)
    assert all(finding.hint and finding.position.file == "x.yaml" for finding in findings)


@pytest.mark.parametrize(
    ("raw", "id"),
    [
        (b"[" * 100_000, "Y05"),
        (b"a: " + b"{b: " * 5_000, "Y05"),
        (b"a: &a [*a]\n", "Y05"),
        (b"x" * (1 << 20) + b"x", "Y04"),
        ("\n".join(" " * n + "a:" for n in range(1000)).encode(), "Y05"),
        (b"- " * 50_000, "Y05"),
    ],
    ids=["brackets", "braces", "recursive alias", "large", "deep blocks", "deep lists"],
)
def test_hostile_files_are_refused_at_once(raw: bytes, id: str) -> None:
    document, findings = read(raw, "x.yaml")
    assert document is None
    assert [finding.id for finding in findings] == [id], findings
