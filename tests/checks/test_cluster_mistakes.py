"""tests/cases/cluster-mistakes.yaml: each mistake that only a cluster would reveal is reported where the table says."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.conftest import ROOT
from tests.support.corpus import cases
from tests.support.yaml_file import read_yaml

TABLE: Final[dict[str, dict[str, dict[str, Any]]]] = read_yaml(ROOT / "tests" / "cases" / "cluster-mistakes.yaml")
ROWS: Final = (
    *(f"S{number:02}" for number in range(1, 12)),
    *(f"G{number:02}" for number in range(1, 11)),
    *(f"C{number:02}" for number in (*range(1, 7), *range(11, 19))),
)
DEFECTS: Final = {str(case) for case in cases() if case.finds}


def test_the_table_has_all_rows() -> None:
    assert tuple(TABLE) == ROWS


@pytest.mark.parametrize("row", TABLE)
def test_each_mistake_is_reported_or_has_a_reason(row: str) -> None:
    assert {says: place for says, place in TABLE[row].items() if not _is_there(place)} == {}


def _is_there(place: dict[str, Any]) -> bool:
    """Whether what the table names is there; the tests of the corpus, the values and the folders run it."""
    ((kind, name),) = place.items()
    if kind == "corpus":
        return name in DEFECTS
    if kind == "value":
        file, text = name
        return bool(text in (ROOT / "tests" / "cases" / "values" / file).read_text(encoding="utf-8").splitlines())
    if kind == "invalid":
        return bool((ROOT / "tests" / "cases" / "invalid" / name / "expected.txt").is_file())
    if kind == "test":
        file, _, test = name.partition("::")
        return f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")
    return kind == "none" and bool(name)
