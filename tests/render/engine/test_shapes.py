"""What a template may contain, and how its values are inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.core.errors import BugError, RefusedError
from generator.core.template_loader import TemplateLoader
from generator.render.engine.renderer import Renderer
from generator.render.views import View
from generator.spec.values import image
from generator.spec.values.invalid_value import InvalidValueError

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


# A template that gets the value x, the line and column of its error, and part of the message.
WRONG = [
    ("a: b-{{ x }}\n", "1:6", "{{ x }} is not a whole value"),
    ("a: {{ x }}-b\n", "1:4", "{{ x }} is not a whole value"),
    ('a: "{{ x }}"\n', "1:5", "{{ x }} is not a whole value"),
    ("a: {{ x }}{{ x }}\n", "1:4", "{{ x }} is not a whole value"),
    ("a: [{{ x }}]\n", "1:5", "{{ x }} is not a whole value"),
    ("a:\n{% for y in x %}\n  - {{ y }}\n{% endfor %}\n", "2:1", "`for` is not allowed"),
    ("{% macro m() %}a{% endmacro %}\na: 1\n", "1:1", "`macro` returns text"),
    ("{% set y %}a{% endset %}\na: 1\n", "1:1", "block `set` returns text"),
    ("a: {{ x|tojson }}\n", "1:1", "the filter `tojson` returns text"),
    ("a: {{ x|safe }}\n", "1:1", "the filter `safe` returns text"),
    ("a: {{ super() }}\n", "1:1", "`super()` returns text"),
    ("{% include 'y' %}\n", "1:1", "each file is one object"),
    ("{% extends 'y' %}\n", "1:1", "each file is one object"),
    ("a: {{ x + 1 }}\n", "1:1", "arithmetic belongs in the view"),
    ("a: yes\n", "1:4", "the literal yes is parsed differently"),
    ("a: 1.10\n", "1:4", "the literal 1.10 is parsed differently"),
    ("a: 0644\n", "1:4", "the literal 0644 is parsed differently"),
    ("a: 1e3\n", "1:4", "the literal 1e3 is parsed differently"),
    ("- 2026-11-23\n", "1:3", "the literal 2026-11-23 is parsed differently"),
    ("a: 1\n{% if x %}\nb: {{ x }\n{% endif %}\n", "3:4", "this is not a Jinja2 template: `{{` has no `}}`"),
    ("a: {{ x\nb: {{ x }}\n", "1:4", "this is not a Jinja2 template: `{{` has no `}}`"),
    ("{# {{ #}\na: {{ x\n  + }}\nb: {{ x }}\n", "3:3", "this is not a Jinja2 template: unexpected"),
    ("a: 1\n{% if x %}\nb: 1\n", "3:1", "this is not a Jinja2 template"),
    ("a: 1\nb: {{ x|nothing }}\n", "2:1", "found the filter `nothing`"),
    ("a: 1\n{% if x is nothing %}\nb: 1\n{% endif %}\n", "2:1", "found the test `nothing`"),
    ("a: 1\nb: {{ x() }}\n", "2:1", "a call is not allowed: templates run nothing"),
    ("a: 1\n{% if not x %}\nb: 1\n{% endif %}\nc:\n  d: {{ y }}\n", "6:3", "'y' is undefined"),
    ("a: 1\nb: {{ x.y }}\n", "2:1", "has no attribute 'y'"),
    ("a: 1\n{% if x > 5 %}\nb: 1\n{% endif %}\n", "2:1", "this line cannot be evaluated: '>' not supported"),
    ("a: 1\na: 2\n", "2:1", 'the key "a" occurs twice at the top'),
    ("{% if x %}\nb:\n  a: 1\n  a: 2\n{% endif %}\n", "4:3", 'the key "a" occurs twice at b'),
    ("{% if not x %}\nz: 1\n{% endif %}\na: {{ x }}\n b: 1\n", "5:2", "this does not render to YAML"),
    ("c: 1\nb:\n  a: 1\n  {{ x }}: 2\n", "3:3", 'the key "a" occurs twice here'),
    ("a: 1\n{{ [x] }}: 2\n", "1:1", "a key here is not a string"),
    ("a: 1\n? [b]\n: 2\n", "2:1", "a key is a list or a mapping"),
    ("- a\n", "1:1", "this does not render to a mapping"),
]


@pytest.mark.parametrize(("text", "position", "fault"), WRONG)
def test_a_mistake_in_a_repositorys_own_template_is_a_finding(
    tmp_path: Path, text: str, position: str, fault: str
) -> None:
    (tmp_path / "x.yaml.j2").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        Renderer(TemplateLoader((tmp_path, tmp_path / "shipped"))).tree("x.yaml.j2", {"x": "a"})
    finding = caught.value.findings[0]
    assert (str(finding.position), finding.id[0]) == (f"templates/x.yaml.j2:{position}", "T")
    assert fault in finding.message
    assert finding.hint


@pytest.mark.parametrize(("text", "position", "fault"), WRONG)
def test_a_mistake_in_a_template_of_ours_is_a_bug(tmp_path: Path, text: str, position: str, fault: str) -> None:
    with pytest.raises(BugError) as caught:
        _render(tmp_path, text, x="a")
    assert f"templates/x.yaml.j2:{position}: " in str(caught.value)
    assert fault in str(caught.value)


def test_an_error_of_the_code_that_a_template_calls_is_not_the_templates(tmp_path: Path) -> None:
    (tmp_path / "x.yaml.j2").write_text("a: {{ view.value }}\n", encoding="utf-8")
    renderer = Renderer(TemplateLoader((tmp_path, tmp_path / "shipped")))
    with pytest.raises(InvalidValueError):
        renderer.tree("x.yaml.j2", {"view": View({"value": image.parse}, 5)})


def test_a_template_may_have_many_values(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(100)]
    text = "".join(f"{name}: {{{{ {name} }}}}\n" for name in names)
    assert _render(tmp_path, text, **dict(zip(names, names, strict=True))) == dict(zip(names, names, strict=True))
