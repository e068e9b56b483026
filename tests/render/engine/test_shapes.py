"""What a template may hold, and what becomes of the values that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.core.errors import BugError
from generator.core.template_loader import TemplateLoader
from generator.render.engine.shapes import Renderer

if TYPE_CHECKING:
    from pathlib import Path


def _render(folder: Path, text: str, **values: Any) -> Any:
    (folder / "x.yaml.j2").write_text(text, encoding="utf-8")
    return Renderer(TemplateLoader((folder,))).tree("x.yaml.j2", values)


def test_values_are_put_in_whole(tmp_path: Path) -> None:
    text = "a: {{ a }}\nb:\n  - {{ b }}\n  - c: {{ c }}\n{{ key }}: {{ d }}\nn: 5\nt: true\nz: null\nq: '5'\n"
    values = {"a": "x: y\n- z", "b": {"on": [1, "no"]}, "c": None, "key": "k: 1", "d": "{{ a }}"}
    assert _render(tmp_path, text, **values) == {
        "a": "x: y\n- z",
        "b": [{"on": [1, "no"]}, {"c": None}],
        "k: 1": "{{ a }}",
        "n": 5,
        "t": True,
        "z": None,
        "q": "5",
    }


def test_each_call_gives_a_new_tree(tmp_path: Path) -> None:
    (tmp_path / "x.yaml.j2").write_text("a:\n  b: {{ b }}\n", encoding="utf-8")
    renderer = Renderer(TemplateLoader((tmp_path,)))
    first, second = renderer.tree("x.yaml.j2", {"b": 1}), renderer.tree("x.yaml.j2", {"b": 1})
    assert first == second
    assert first is not None
    assert second is not None
    first["a"]["b"] = 2
    assert second == {"a": {"b": 1}}


def test_a_condition_around_all_gives_nothing(tmp_path: Path) -> None:
    assert _render(tmp_path, "{% if a %}\na: 1\n{% endif %}\n", a=False) is None


def test_the_repositorys_own_template_wins(tmp_path: Path) -> None:
    own, catalog = tmp_path / "own", tmp_path / "shipped"
    for folder, text in ((own, "a: own\n"), (catalog, "a: shipped\n")):
        folder.mkdir()
        (folder / "x.yaml.j2").write_text(text, encoding="utf-8")
    (catalog / "y.yaml.j2").write_text("a: shipped\n", encoding="utf-8")
    renderer = Renderer(TemplateLoader((own, catalog)))
    assert [renderer.tree(name, {}) for name in ("x.yaml.j2", "y.yaml.j2")] == [{"a": "own"}, {"a": "shipped"}]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: b-{{ x }}\n", ":1: {{ x }} is not a whole value"),
        ("a: {{ x }}-b\n", ":1: {{ x }} is not a whole value"),
        ('a: "{{ x }}"\n', ":1: {{ x }} is not a whole value"),
        ("a: {{ x }}{{ x }}\n", ":1: {{ x }} is not a whole value"),
        ("a: [{{ x }}]\n", ":1: {{ x }} is not a whole value"),
        ("a:\n{% for y in x %}\n  - {{ y }}\n{% endfor %}\n", ":2: `for` makes one shape per length"),
        ("{% macro m() %}a{% endmacro %}\na: 1\n", ":1: `macro` gives text"),
        ("{% set y %}a{% endset %}\na: 1\n", ":1: block `set` gives text"),
        ("a: {{ x|tojson }}\n", ":1: the filter `tojson` gives text"),
        ("a: {{ x|safe }}\n", ":1: the filter `safe` gives text"),
        ("a: {{ super() }}\n", ":1: `super()` gives text"),
        ("{% include 'y' %}\n", ":1: one file is one object"),
        ("{% extends 'y' %}\n", ":1: one file is one object"),
        ("a: {{ x + 1 }}\n", ":1: arithmetic belongs into the view"),
        ("a: yes\n", ":1: the literal yes is read differently"),
        ("a: 1.10\n", ":1: the literal 1.10 is read differently"),
        ("a: 0644\n", ":1: the literal 0644 is read differently"),
        ("a: 1e3\n", ":1: the literal 1e3 is read differently"),
        ("- 2026-11-23\n", ":1: the literal 2026-11-23 is read differently"),
        ("a: {{ y }}\n", "'y' is undefined"),
        ("a: 1\na: 2\n", "a key stands twice at the top"),
        ("a: {{ x }}\n b: 1\n", "does not render to YAML"),
        ("a: 1\n{{ x }}: 2\n", "a template gives a key twice"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(BugError) as caught:
        _render(tmp_path, text, x="a")
    assert fault in str(caught.value)
