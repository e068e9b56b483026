"""Random templates from Jinja2's own grammar: none runs a function, reads a file, or takes more than it has."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from generator.core.errors import RefusedError
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.core.yaml import dump
from generator.render.engine.filters import FILTERS as OURS
from generator.render.engine.filters import TESTS as OUR_TESTS
from generator.render.engine.renderer import Renderer
from generator.render.engine.texts import TextRenderer
from generator.render.views import View
from tests.support import limited
from tests.support.fuzz import examples

PLACES: Final = ("service/base/x.yaml.j2", "gpu/x.yaml.j2", "servers/x/launch.yaml.j2", "servers/x/a.j2")
BATCH: Final = 100
# What a process does when a template has got out. Opening the template itself is expected, and so is <template>, where
# Python looks for the line of a syntax error.
EVENTS: Final = ("os.", "subprocess.", "socket.", "shutil.", "ctypes.", "import", "tempfile.", "urllib.")


def _words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


def _either(usual: str, *strange: str) -> st.SearchStrategy[str]:
    """Draw mostly from what the language has: one wrong construct is enough to refuse a whole template."""
    return st.integers(0, 30).flatmap(lambda number: st.sampled_from(strange) if number == 0 else _words(usual))


_names = _either("pod app probe a b none true", "loop", "self", "caller", "varargs", *DEFAULT_NAMESPACE)
_attributes = _either(
    "env name a items append join bind update first",
    *("_values", "__class__", "__init__", "__globals__", "__subclasses__", "mro", "gi_frame", "os", "popen", "ljust"),
)
_constants = _words("1 -1 0 99999999999 1.5 1e300 'a' '__class__' '%s' '{0.__class__}' 'pod' [] {} [1,[2,'b']]")
_binary = _either("+ - * / // % ~ == != < >= in and or", "**", "not in", "is", "|")
_filters = _either(" ".join(sorted(OURS)), *sorted(FILTERS))
_tests = _either(" ".join(name for name in sorted(OUR_TESTS) if name.isalpha()), *sorted(TESTS))


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    named = st.builds("{}={}".format, _words("attribute start default d a"), inner)
    arguments = st.lists(inner | named, max_size=2).map(", ".join)
    usual = st.one_of(
        st.builds("{}.{}".format, inner, _attributes),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({} {} {})".format, inner, _binary, inner),
        st.builds("({}|{})".format, inner, _filters),
        st.builds("({}|{}({}))".format, inner, _filters, arguments),
        st.builds("({}|map('{}'))".format, inner, _filters),
        st.builds("({} is {})".format, inner, _tests),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(not {})".format, inner),
    )
    strange = st.builds("{}({})".format, inner, arguments) | st.builds("{}[{}:{}]".format, inner, inner, inner)
    return st.integers(0, 30).flatmap(lambda number: strange if number == 0 else usual)


_expressions = st.recursive(_names | _constants, _compound, max_leaves=8)


def _block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    usual = st.one_of(
        st.builds("{}\n{}".format, inner, inner),
        st.builds("{{% if {} %}}\n{}\n{{% endif %}}".format, _expressions, inner),
        st.builds("{{% for a in {} %}}\n{}\n{{% endfor %}}".format, _expressions, inner),
        st.builds("{{% for a, b in {} if {} %}}\n{}\n{{% endfor %}}".format, _expressions, _expressions, inner),
    )
    strange = st.one_of(
        st.builds("{{% for a in {} recursive %}}\n{}\n{{% endfor %}}".format, _expressions, inner),
        st.builds("{{% macro m(a) %}}\n{}\n{{% endmacro %}}\n{{{{ m(1) }}}}".format, inner),
        st.builds("{{% call {}() %}}\n{}\n{{% endcall %}}".format, _names, inner),
        st.builds("{{% filter {} %}}\n{}\n{{% endfilter %}}".format, _filters, inner),
        st.builds("{{% with a = {} %}}\n{}\n{{% endwith %}}".format, _expressions, inner),
        st.builds("{{% block x %}}\n{}\n{{% endblock %}}".format, inner),
    )
    return st.integers(0, 30).flatmap(lambda number: strange if number == 0 else usual)


_STRANGE: Final = (
    *("{% include 'a' %}", "{% import 'a' as a %}", "{% set a.b = 1 %}", "{% do a %}"),
    *("a: &x [1]", "b: *x", "a: 1\na: 2"),
)
_statements = st.one_of(
    st.builds("c{}: {{{{ {} }}}}".format, st.integers(0, 9), _expressions),
    st.builds("{{% set a = {} %}}".format, _expressions),
    st.builds("{{% set b = {} %}}".format, _expressions),
    st.integers(0, 30).flatmap(lambda n: st.sampled_from(_STRANGE) if n == 0 else st.just(f"d{n}: {{e: [f]}}")),
)
_templates = st.recursive(_statements, _block, max_leaves=6)


class Probe:
    """A value that says when a template calls it, or one of its methods."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *_: object, **__: object) -> str:
        """Count a call."""
        self.calls += 1
        return ""

    append = format = join = update = ljust = __call__


def _rendered(folder: Path, name: str, text: str, probe: Probe) -> bool:
    """Render a template; return whether it is one, and not refused."""
    (folder / name).write_text(text, encoding="utf-8")
    loader = TemplateLoader((folder, templates_root()))
    values = {
        "pod": View({"env": lambda _: [{"name": "A"}], "name": lambda _: "a"}, None),
        "app": {"a": [1]},
        "probe": probe,
    }
    try:
        if name.endswith(".yaml.j2"):
            dump(Renderer(loader).tree(name, values))
        else:
            TextRenderer(loader).text(name, values)
    except RefusedError as refused:
        if not all(finding.hint for finding in refused.findings):
            raise
        return False
    return True


def _what_they_do(texts: list[str]) -> tuple[list[str], int]:
    """Render each text as a template of each folder; return what it did beside that, and how many were rendered."""
    rendered = 0
    done: list[str] = []
    probe, watched = Probe(), [False]

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if watched[0] and (
            event.startswith(EVENTS) or (event == "open" and not str(arguments[0]).startswith((root, "<")))
        ):
            done.append(f"{event} {arguments}")

    b"a".decode("unicode-escape")  # imported by Jinja2 for its first string
    importlib.import_module("jinja2.debug")  # and this one for its first error
    with tempfile.TemporaryDirectory() as root:
        for name in PLACES:
            (Path(root) / name).parent.mkdir(parents=True, exist_ok=True)
        sys.addaudithook(audit)
        for text in texts:
            for name in PLACES:
                limited.renew(10)
                watched[0] = True
                try:
                    rendered += _rendered(Path(root), name, text, probe)
                except Exception as error:
                    done.append(f"{name} {text!r}: {error!r}")
                watched[0] = False
                if probe.calls:
                    done.append(f"{name} {text!r} called the probe")
                    probe.calls = 0
    return done, rendered


# A batch is large, so that shrinking it takes longer than reading it.
@settings(max_examples=examples(3, of=5), phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(texts=st.lists(_templates, min_size=BATCH, max_size=BATCH))
def test_no_template_does_anything_but_render(texts: list[str]) -> None:
    done, rendered = limited.run(lambda: _what_they_do(texts), megabytes=200, cpu_seconds=10)
    event(f"at least {rendered // 50 * 50} of {BATCH * len(PLACES)} are rendered")
    assert done == []
