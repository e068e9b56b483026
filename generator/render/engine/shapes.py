"""The template engine: Jinja2 files define the structure; values never pass through YAML text.

A template renders to a *shape*: YAML in which each `{{ value }}` is a slot token. A shape is parsed once and compiled
to a function that puts the values into a fresh tree, so that quoting, indentation and injection bugs cannot exist. A
fleet has few distinct shapes, and filling a compiled one takes a few microseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

import jinja2
import yaml

from generator.core.errors import BugError, RefusedError
from generator.core.yaml import literal
from generator.core.yaml.loader import Loader
from generator.render.engine.compiler import compile_source, environment
from generator.render.engine.faults import ShapeError, report_runtime, report_shape, report_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader

Tree = dict[str, Any]
SlotPath = tuple[str | int, ...]

_OPEN, _CLOSE = "\ue000", "\ue001"
_SLOT: Final = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_TOKENS: Final = tuple(f"{_OPEN}{number}{_CLOSE}" for number in range(64))


class SlotValues(Protocol):
    """A receiver of the values of a template's slots: a list, or an observer."""

    def append(self, value: Any, /) -> None:
        """Add one value."""

    def __len__(self) -> int:
        """The number of values added."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled shape: `fill(values)` returns a new tree, `slots` holds the path of each value (None for a key)."""

    text: str
    fill: Callable[[list[Any]], Tree]
    slots: tuple[SlotPath | None, ...]


@dataclass(slots=True)
class Renderer:
    """Renders the templates of one template loader; caches the compiled templates and shapes of one run."""

    loader: TemplateLoader
    _environment: jinja2.Environment = field(init=False)
    _sink: _Sink = field(init=False)
    _templates: dict[str, jinja2.Template] = field(init=False, default_factory=dict)
    _shapes: dict[str, Shape | None] = field(init=False, default_factory=dict)
    _contexts: dict[str, tuple[Mapping[str, Any], jinja2.runtime.Context]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._sink = _Sink()
        self._environment = environment(self._sink.slot)

    def tree(self, name: str, context: Mapping[str, Any]) -> Tree | None:
        """Return the object that template `name` renders to, or None if it renders to nothing.

        If the template is invalid, raises RefusedError for a custom template of the repository and BugError for a
        template that servegen ships; both name the line.
        """
        values: list[Any] = []
        shape = self._shape(name, context, values)
        try:
            return None if shape is None else shape.fill(values)
        except ShapeError as error:
            assert shape is not None
            self._refuse(name, report_shape(_file(name), self.loader.text(name), shape.text, error), error)

    def render_object(self, name: str, context: Mapping[str, Any]) -> Tree | None:
        """As `tree`, for a template that gives a Kubernetes object: it has an API version, a kind and a name."""
        tree = self.tree(name, context)
        if tree is not None and (missing := _missing_key(tree)):
            hint = "an object has apiVersion, kind and metadata with a name"
            self.refuse(name, 1, f"the object has no {missing}", hint)
        return tree

    def require_object(self, name: str, context: Mapping[str, Any]) -> Tree:
        """As `render_object`, for a template that must give one whatever its values are."""
        tree = self.render_object(name, context)
        if tree is None:
            self.refuse(name, 1, "this template renders to nothing", "it must always give an object")
        return tree

    def trace(self, name: str, context: Mapping[str, Any], values: SlotValues) -> tuple[SlotPath | None, ...]:
        """Return the paths at which the template puts its values, in the order in which it appends them to `values`."""
        shape = self._shape(name, context, values)
        return () if shape is None else shape.slots

    def _shape(self, name: str, context: Mapping[str, Any], values: SlotValues) -> Shape | None:
        template = self._templates.get(name) or self.compile(name)
        self._sink.values = values
        try:
            text = "".join(template.root_render_func(self._context(name, template, context)))
        except Exception as error:
            finding = report_runtime(_file(name), self.loader.text(name), template, error)
            if finding is None:
                raise
            self._refuse(name, finding, error)
        if text not in self._shapes:
            try:
                self._shapes[text] = _compile_shape(text)
            except ShapeError as error:
                self._refuse(name, report_shape(_file(name), self.loader.text(name), text, error), error)
        return self._shapes[text]

    def refuse(self, name: str, line: int, message: str, hint: str) -> NoReturn:
        """Raise RefusedError for the result of a custom template, BugError for the result of a shipped one."""
        self._refuse(name, report_template("T02", _file(name), self.loader.text(name), line, message, hint))

    def _refuse(self, name: str, finding: Finding, cause: Exception | None = None) -> NoReturn:
        raise self._refusal(name, [finding]) from cause

    def _refusal(self, name: str, findings: list[Finding]) -> BugError | RefusedError:
        if self.loader.is_own(name):
            return RefusedError(findings, {_file(name): self.loader.content(name)})
        return BugError("\n".join(f"{f.position}: {f.message}" for f in findings), hint=findings[0].hint)

    def _context(self, name: str, template: jinja2.Template, variables: Mapping[str, Any]) -> jinja2.runtime.Context:
        """Return Jinja's context for a template and its variables, cached: creating it costs as much as rendering."""
        known = self._contexts.get(name)
        if known is None or known[0] is not variables:
            known = self._contexts[name] = variables, template.new_context(dict(variables))
        return known[1]

    def compile(self, name: str) -> jinja2.Template:
        """The template `name`, read and checked. Raises as `tree` does, with all forbidden constructs."""
        arithmetic, loops = name.startswith(("gpu/", "nodes/", "servers/")), name.startswith("servers/")
        compiled = compile_source(self.loader.text(name), _file(name), arithmetic=arithmetic, loops=loops)
        if compiled.code is None:
            raise self._refusal(name, list(compiled.findings))
        self._templates[name] = jinja2.Template.from_code(self._environment, compiled.code, {})
        return self._templates[name]


def _missing_key(tree: Tree) -> str:
    """Return the first key that every Kubernetes object has and this one lacks, or an empty string."""
    metadata = tree.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not _is_text(tree.get("apiVersion")):
        return "apiVersion"
    if not _is_text(tree.get("kind")):
        return "kind"
    return "" if _is_text(name) else "metadata.name"


def _is_text(value: object) -> bool:
    return value != "" and isinstance(value, str)


@dataclass(slots=True)
class _Sink:
    """Receives the slot values of the template that is being rendered."""

    values: SlotValues = field(default_factory=list)

    @jinja2.pass_context
    def slot(self, _: jinja2.runtime.Context, value: Any) -> str:
        """Keep a value, and return the token that stands for it in the shape."""
        if isinstance(value, jinja2.Undefined):
            return str(value)
        number = len(self.values)
        self.values.append(value)
        try:
            return _TOKENS[number]
        except IndexError:  # a template with more slots than tokens were prepared
            return f"{_OPEN}{number}{_CLOSE}"


def _file(name: str) -> str:
    return f"templates/{name}"


def _compile_shape(text: str) -> Shape | None:
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark is not None else 0
        raise ShapeError(f"this does not render to YAML: {error.problem}", "check its indentation", line) from error
    except yaml.YAMLError as error:
        raise ShapeError(f"this does not render to YAML: {error}", "remove control characters") from error
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        raise _shape_error(
            node,
            "this does not render to a mapping",
            "a template must render one object: `key: value` at its top level",
        )
    slots: dict[int, SlotPath | None] = {}
    source = _source(node, (), slots)
    # Only the structure of templates becomes code, and only as literals and look-ups; values stay data.
    fill = eval(f"lambda v: {source}", {"_mapping": _mapping, "__builtins__": {}})
    return Shape(text, fill, tuple(slots.get(index) for index in range(max(slots, default=-1) + 1)))


def _shape_error(node: yaml.Node, message: str, hint: str) -> ShapeError:
    return ShapeError(message, hint, node.start_mark.line)


def _source(node: yaml.Node, path: SlotPath, slots: dict[int, SlotPath | None]) -> str:
    if isinstance(node, yaml.MappingNode):
        return _mapping_source(node, path, slots)
    if isinstance(node, yaml.SequenceNode):
        inner = (_source(item, (*path, index), slots) for index, item in enumerate(node.value))
        return "[" + ",".join(inner) + "]"
    if match := _SLOT.fullmatch(node.value):
        slots[int(match[1])] = path
        return f"v[{match[1]}]"
    if _OPEN in node.value:
        where = ".".join(map(str, path))
        raise _shape_error(node, f"a value is joined to other text at {where}", 'write {{ "a-" ~ x }}, not a-{{ x }}')
    assert isinstance(node, yaml.ScalarNode)
    return repr(literal(node.value, plain=not node.style))


def _mapping_source(node: yaml.MappingNode, path: SlotPath, slots: dict[int, SlotPath | None]) -> str:
    pairs: dict[str, str] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _shape_error(key, "a key is a list or a mapping", "write the key as a string")
        if match := _SLOT.fullmatch(key.value):
            slots[int(match[1])] = None
            pairs[f"v[{match[1]}]"] = _source(value, path, slots)
        elif repr(key.value) in pairs:
            where = ".".join(map(str, path)) or "the top level"
            raise _shape_error(key, f'the key "{key.value}" occurs twice at {where}', "remove one of the two")
        else:
            pairs[repr(key.value)] = _source(value, (*path, key.value), slots)
    if not any(key.startswith("v[") for key in pairs):
        return "{" + ",".join(f"{key}:{value}" for key, value in pairs.items()) + "}"
    listed = ",".join(f"({key},{value})" for key, value in pairs.items())
    return f"_mapping([{listed}],{node.start_mark.line})"


def _mapping(pairs: list[tuple[str, Any]], line: int) -> Tree:
    """Return a mapping some of whose keys are values: they must be strings, and none may repeat another key."""
    if not all(isinstance(key, str) for key, _ in pairs):
        raise ShapeError("a key here is not a string", "use a value that is a string", line)
    out = dict(pairs)
    if len(out) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ShapeError(f'the key "{twice}" occurs twice here', "remove one of the two", line)
    return out
