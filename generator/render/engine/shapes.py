"""Jinja2 files decide structure; values never pass through YAML text.

A template renders to a *shape*: YAML in which each `{{ value }}` is a slot token. A shape is parsed once and compiled
to a function that puts the values into a fresh tree, so that quoting, indentation and injection bugs cannot exist. Few
distinct shapes occur in a fleet, and a compiled one costs a few microseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import jinja2
import yaml

from generator.core.errors import BugError
from generator.core.yaml import literal
from generator.render.engine.lint import lint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.core.template_loader import TemplateLoader

Tree = dict[str, Any]
SlotPath = tuple[str | int, ...]

_OPEN, _CLOSE = "\ue000", "\ue001"
_SLOT: Final = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_TOKENS: Final = tuple(f"{_OPEN}{number}{_CLOSE}" for number in range(64))
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SlotValues(Protocol):
    """What takes the values of a template's slots: a list, or somebody who watches."""

    def append(self, value: Any, /) -> None:
        """Take one value."""

    def __len__(self) -> int:
        """How many were taken."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled shape: `fill(values)` gives a new tree, `slots` says where each value lands (a key has none)."""

    fill: Callable[[list[Any]], Tree]
    slots: tuple[SlotPath | None, ...]


@dataclass(slots=True)
class Renderer:
    """Renders the templates of one library; holds the compiled templates and shapes of one run."""

    loader: TemplateLoader
    _environment: jinja2.Environment = field(init=False)
    _sink: _Sink = field(init=False)
    _templates: dict[str, jinja2.Template] = field(init=False, default_factory=dict)
    _shapes: dict[str, Shape | None] = field(init=False, default_factory=dict)
    _contexts: dict[str, tuple[Mapping[str, Any], jinja2.runtime.Context]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._sink = _Sink()
        self._environment = _environment(self._sink)

    def tree(self, name: str, context: Mapping[str, Any]) -> Tree | None:
        """The object that template `name` gives, or None where it renders to nothing.

        Raises BugError with the template's name and line where the template is wrong.
        """
        values: list[Any] = []
        shape = self._shape(name, context, values)
        return None if shape is None else shape.fill(values)

    def trace(self, name: str, context: Mapping[str, Any], values: SlotValues) -> tuple[SlotPath | None, ...]:
        """Where the template puts its values, in the order in which it hands them to `values`."""
        shape = self._shape(name, context, values)
        return () if shape is None else shape.slots

    def _shape(self, name: str, context: Mapping[str, Any], values: SlotValues) -> Shape | None:
        template = self._templates.get(name) or self._compile(name)
        self._sink.values = values
        try:
            text = "".join(template.root_render_func(self._context(name, template, context)))
        except jinja2.TemplateError as error:
            raise BugError(
                f"templates/{name}: {error.message}", hint="a template uses a value that its view lacks"
            ) from error
        if text not in self._shapes:
            self._shapes[text] = _compile_shape(name, text)
        return self._shapes[text]

    def _context(self, name: str, template: jinja2.Template, variables: Mapping[str, Any]) -> jinja2.runtime.Context:
        """Jinja's own context, kept for each template and set of variables: making it costs as much as rendering."""
        known = self._contexts.get(name)
        if known is None or known[0] is not variables:
            known = self._contexts[name] = variables, template.new_context(dict(variables))
        return known[1]

    def _compile(self, name: str) -> jinja2.Template:
        source = self.loader.text(name)
        faults = lint(source, self._environment, arithmetic=name.startswith(("gpu/", "nodes/")))
        if faults:
            lines = "\n".join(f"templates/{name}:{fault.line}: {fault.message}" for fault in faults)
            raise BugError(lines, hint="CONTRIBUTING.md says what a template may hold")
        template = self._environment.from_string(source)
        self._templates[name] = template
        return template


@dataclass(slots=True)
class _Sink:
    """Where the slots' values of the template that is being rendered go."""

    values: SlotValues = field(default_factory=list)


def _environment(sink: _Sink) -> jinja2.Environment:
    @jinja2.pass_context  # keeps Jinja from folding constants, which would slip past this function
    def slot(_: jinja2.runtime.Context, value: Any) -> str:
        if isinstance(value, jinja2.Undefined):
            return str(value)
        number = len(sink.values)
        sink.values.append(value)
        return _TOKENS[number]

    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        finalize=slot,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,
    )


def _compile_shape(name: str, text: str) -> Shape | None:
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise BugError(f"templates/{name} does not render to YAML: {error}", hint="check its indentation") from error
    if node is None:
        return None
    slots: dict[int, SlotPath | None] = {}
    source = _source(name, node, (), slots)
    # Only our own templates become code, and only as literals and look-ups; values stay data.
    fill = eval(f"lambda v: {source}", {"_mapping": _mapping, "__builtins__": {}})
    return Shape(fill, tuple(slots.get(index) for index in range(max(slots, default=-1) + 1)))


def _source(name: str, node: yaml.Node, path: SlotPath, slots: dict[int, SlotPath | None]) -> str:
    if isinstance(node, yaml.MappingNode):
        return _mapping_source(name, node, path, slots)
    if isinstance(node, yaml.SequenceNode):
        inner = (_source(name, item, (*path, index), slots) for index, item in enumerate(node.value))
        return "[" + ",".join(inner) + "]"
    if match := _SLOT.fullmatch(node.value):
        slots[int(match[1])] = path
        return f"v[{match[1]}]"
    if _OPEN in node.value:
        raise BugError(f"templates/{name}: a value is glued to other text at {'.'.join(map(str, path))}")
    assert isinstance(node, yaml.ScalarNode)
    return repr(literal(node.value, plain=not node.style))


def _mapping_source(name: str, node: yaml.MappingNode, path: SlotPath, slots: dict[int, SlotPath | None]) -> str:
    pairs: list[tuple[str, str]] = []
    for key, value in node.value:
        if match := _SLOT.fullmatch(key.value):
            slots[int(match[1])] = None
            pairs.append((f"v[{match[1]}]", _source(name, value, path, slots)))
        else:
            pairs.append((repr(key.value), _source(name, value, (*path, key.value), slots)))
    literals = [key for key, _ in pairs if not key.startswith("v[")]
    if len(set(literals)) != len(literals):
        raise BugError(f"templates/{name}: a key stands twice at {'.'.join(map(str, path)) or 'the top'}")
    if len(literals) == len(pairs):
        return "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"
    return "_mapping([" + ",".join(f"({key},{value})" for key, value in pairs) + "])"


def _mapping(pairs: list[tuple[str, Any]]) -> Tree:
    """A mapping some of whose keys are values: none may repeat another key."""
    out = dict(pairs)
    if len(out) != len(pairs):
        raise BugError(f"a template gives a key twice: {[key for key, _ in pairs]}")
    return out
