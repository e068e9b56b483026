"""A template of a pull request runs nothing, reads nothing, and ends."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from generator.core.errors import RefusedError
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.core.yaml import dump
from generator.pipeline.plan import plan
from generator.render.engine.renderer import Renderer
from generator.render.engine.texts import TextRenderer
from generator.render.views import View
from tests.support import limited
from tests.support.fleets import PLATFORM

SPEC: Final = "model: m\nversion: v1\ntype: triton-server\ncommand: run\nenvironments: {test: }\n"
VALUES: Final = {
    "pod": View({"env": lambda _: [{"name": "A"}], "name": lambda _: "a" * 1000}, None),
    "app": {"a": [1, 2]},
}

# One of each language.
PLACES: Final = ("service/base/x.yaml.j2", "gpu/x.yaml.j2", "servers/x/launch.yaml.j2", "servers/x/a.j2")
# Each runs code, reads a file, or changes something, when Jinja2 itself renders it.
CODE: Final = (
    '{% if cycler.__init__.__globals__.os.system("touch ran") %}{% endif %}',
    "{{ lipsum.__globals__['os'].popen('touch ran').read() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ pod.env.append(1) }}",
    "{{ app.update({'b': 1}) }}",
    "{{ pod|attr('__class__') }}",
    "{{ [pod]|map('attr', '__init__')|list }}",
    "{{ pod['__class__'] }}",
    "{{ self.__init__.__globals__ }}",
    "{{ namespace(a=1).__class__ }}",
    "{{ 'a{0.__class__}'.format(1) }}",
    "{{ '%s'|format(pod) }}",
    "{% include '../../services/platform.yaml' %}",
    "{% import 'x.j2' as x %}",
    "{% set pod._values = 1 %}",
    "{{ pod.bind(1) }}",
    "{{ pod.bind }}",
)
# Each takes forever, or all memory, when Jinja2 itself renders it.
ENDLESS: Final = (
    "{{ range(999999999999)|sum }}",
    "{{ 'a'.ljust(2000000000) }}",
    "{{ 'a'|center(2000000000) }}",
    "{{ 'a' * 9999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ [1] * 9999999999 }}",
    "{{ 'a'|indent(999999999) }}",
    "{{ 1|round(-999999999) }}",
    "{{ 1|round(999999999, 'ceil') }}",
    "{% set a = pod.name %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
    "{% set a = pod.env %}" + "{% set a = [a, a] %}" * 40 + "{{ a }}",
    "{% set a = app.a %}" + "{% set a = [a, a]|sum(start=[]) %}" * 40 + "{{ a|length }}",
    "{% set a = 1 %}{% set b = 1 %}" + "{% set a = [a, a] %}{% set b = [b, b] %}" * 40 + "{{ a == b }}",
    "{% set a = pod.name %}" + "{% set a = a|replace('a', a) %}" * 4 + "{{ a|length }}",
    "{% set a = 1 %}" + "{% set a = [a] %}" * 900 + "{{ a }}",
    "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
    "{{ " + "9" * 900 + "|int }}",
    "{% if 1 %}" * 120 + "{% endif %}" * 120,
)
LOOPS: Final = (
    "{% for a in pod.name %}{% for b in pod.name %}{% for c in pod.name %}{% endfor %}{% endfor %}{% endfor %}",
    "{% set a = [1]|list %}" + "{% for b in [1, 2, 3, 4, 5, 6, 7, 8] %}" * 12 + "{{ b }}" + "{% endfor %}" * 12,
    "{% for b in [1, 2, 3, 4, 5, 6, 7, 8] %}" * 9 + "a" * 500 + "{% endfor %}" * 9,
)
YAML: Final = (
    "a: &a [1, 2]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "a: &a {b: *a}\n",
    f"a: {'[' * 70}{']' * 70}\n",
    "a: \ue0007\ue001\n",
    f"a: 1{' ' * 60_000}b\n",
    "a: 1\n" * 8_000,
)


def _lines(text: str) -> str:
    """Return a template with each statement on a line, and each value as the value of a key."""
    return "a: b\n" + text.replace("%}{", "%}\n{").replace("{{", "c: {{") + "\n"


def _outcome(name: str) -> str:
    """Render a template of the repository's own, and write what it gives; return the id of its first finding."""
    loader = TemplateLoader((Path(), templates_root()))
    try:
        if name.endswith(".yaml.j2"):
            dump(Renderer(loader).tree(name, VALUES))
        else:
            TextRenderer(loader).text(name, VALUES)
    except RefusedError as refused:
        (finding, *_) = refused.findings
        return finding.id if finding.hint and finding.position.line else "no hint or place"
    return ""


def _wrong(texts: Sequence[str], names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Render each text as each of these templates, all in one process, and return those that are not refused.

    If the process is killed, the last text on standard error is the one that it was rendering.
    """
    return limited.run(lambda: list(_not_refused(texts, names)), megabytes=200, cpu_seconds=30)


def _not_refused(texts: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for text, name in itertools.product(texts, names):
        os.write(2, f"{name}: {text[:200]}\n".encode())
        limited.renew(30)
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
        outcome = _outcome(name)
        if outcome not in ("T01", "T02") or Path("ran").exists():
            yield text, name, outcome


def test_what_a_template_may_not_do_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _wrong([*map(_lines, CODE), *map(_lines, ENDLESS)], PLACES) == []


def test_loops_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _wrong([*map(_lines, LOOPS)], PLACES[2:]) == []


def test_the_limits_of_the_reader_hold_for_what_a_template_renders_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _wrong(YAML, ["x.yaml.j2"]) == []


def test_a_template_that_runs_code_is_refused_in_a_whole_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "templates" / "app" / "marker.yaml.j2"
    own.parent.mkdir(parents=True)
    own.write_text(f"{CODE[0]}\n{(templates_root() / 'app' / 'marker.yaml.j2').read_text('utf-8')}", encoding="utf-8")
    files = {"services/platform.yaml": PLATFORM.encode(), "services/p/a/m-1.yaml": SPEC.encode()}
    with pytest.raises(RefusedError) as caught:
        plan(files, TemplateLoader((tmp_path / "templates", templates_root())))
    (call, *_) = caught.value.findings
    assert (str(call.position), call.id) == ("templates/app/marker.yaml.j2:1:1", "T01")
    assert not (tmp_path / "ran").exists()


def test_values_of_any_spec_reach_a_template_as_they_are(tmp_path: Path) -> None:
    """A key that looks like an attribute of Python's is an item of a mapping."""
    (tmp_path / "x.yaml.j2").write_text("a: {{ app['__class__'] }}\nb: {{ app.items }}\n", encoding="utf-8")
    values = {"app": {"__class__": "text", "items": 5}}
    assert Renderer(TemplateLoader((tmp_path, templates_root()))).tree("x.yaml.j2", values) == {"a": "text", "b": 5}
