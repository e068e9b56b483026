"""Tables: each column starts at the same terminal cell, whatever the characters; output to a pipe is not cut."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.report.table import table

HEADS = ("SERVICE", "APP", "HOST")
ROWS = [
    ("resnet50-1", "resnet50", "resnet50.example.com"),
    ("图像分类-1", "图像", "图像.example.com"),
    ("🚀-1", "", "ｗｉｄｅ.example.com"),
    ("e\u0301te\u0301-1", "한국어", "x"),
]


def cells(text: str) -> int:
    """The number of terminal cells of a string, from the Unicode database and not from the code under test."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_ascii() -> None:
    assert table(HEADS, [("a-1", "", "a.example.com"), ("long-name-1", "app", "")]) == (
        "SERVICE      APP  HOST\n"
        "a-1          -    a.example.com\n"
        "long-name-1  app  -"
    )  # fmt: skip


def test_no_rows() -> None:
    assert table(HEADS, []) == "no entries"


def starts(line: str) -> list[int]:
    """The cells at which the columns of a line start; the strings in them hold no two consecutive spaces."""
    return [cells(line[: found.start()]) for found in re.finditer(r"(?<!\S)\S+( \S+)*", line)]


def test_columns_start_at_the_same_cell() -> None:
    head, *lines = table(HEADS, ROWS).split("\n")
    assert [starts(line) for line in lines] == [starts(head)] * len(ROWS)


@pytest.mark.parametrize("width", range(40, 60))
def test_a_narrow_screen_cuts_the_widest_columns(width: int) -> None:
    head, *lines = table(HEADS, [*ROWS, ("模型" * 20, "应用" * 20, "主机" * 20)], width=width).split("\n")
    assert max(map(cells, lines)) <= width
    assert lines[-1].count("…") == 3
    assert [starts(line) for line in lines] == [starts(head)] * len(lines)


CELL = st.text(st.sampled_from("ab-图名🚀ｗ한"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=4))
def test_a_pipe_gets_every_cell_in_its_column(rows: list[tuple[str, str, str]]) -> None:
    head, *lines = table(HEADS, rows).split("\n")
    for line, row in zip(lines, rows, strict=True):
        expected = ""
        for start, cell in zip(starts(head), row, strict=True):
            expected += " " * (start - cells(expected)) + (cell or "-")
        assert line == expected
