"""Limits that keep the package readable for new contributors; `python -m tests.structure` prints the figures."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Final

from tests.structure import PACKAGE, Structure, quantile

STRUCTURE: Final = Structure.of(PACKAGE)
# Predicates, and functions of views, which are named after the value that they give to templates.
PREDICATES: Final = {
    "generator.render.files.is_generated",
    "generator.render.views.external.exposed",
    "generator.render.views.scaling.autoscaled",
    "generator.spec.values.model_files.is_packed",
    "generator.spec.values.text.looks_typed",
}


def test_the_package_root_holds_no_loose_modules() -> None:
    assert sorted(path.name for path in PACKAGE.iterdir() if path.is_file()) == [
        "__init__.py",
        "__main__.py",
        "py.typed",
    ]


def test_rooms_import_each_other_on_few_levels_without_a_cycle() -> None:
    assert STRUCTURE.levels <= 10


def test_no_two_classes_have_one_name() -> None:
    assert STRUCTURE.repeated_classes() == []


def test_functions_are_verbs() -> None:
    assert STRUCTURE.participles() == PREDICATES


def test_modules_are_short() -> None:
    assert statistics.median(STRUCTURE.lines) <= 90
    assert STRUCTURE.lines[-1] <= 300


def test_functions_are_short() -> None:
    assert statistics.median(STRUCTURE.function_lines) <= 8
    assert quantile(STRUCTURE.function_lines, 0.99) <= 35


def test_every_function_is_typed() -> None:
    assert STRUCTURE.untyped() == []


def test_no_struct_has_a_field_of_a_dataclass() -> None:
    assert STRUCTURE.wrong_defaults() == []


def test_the_figures_are_seen_where_they_are_bad(tmp_path: Path) -> None:
    package = tmp_path / "bad"
    for room, other in (("low", "high"), ("high", "low")):
        (package / room).mkdir(parents=True)
        (package / room / "a.py").write_text(
            f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bad.{other}.a import C\n"
            "from dataclasses import field\nclass C:\n    a: int = field()\ndef judged(x): ...\n",
            encoding="utf-8",
        )
    bad = Structure.of(package)
    assert bad.rooms == {"low": {"high"}, "high": {"low"}}
    assert bad.repeated_classes() == ["C"]
    assert bad.participles() == {"bad.low.a.judged", "bad.high.a.judged"}
    assert bad.wrong_defaults() == ["bad.high.a.C", "bad.low.a.C"]
    assert bad.untyped() == ["bad.high.a.judged", "bad.low.a.judged"]
