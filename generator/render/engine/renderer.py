"""The template engine: Jinja2 files define the structure; values never pass through YAML text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

import jinja2

from generator.core.errors import BugError, RefusedError
from generator.render.engine.compiler import compile_template, compile_with_lines, split_lines
from generator.render.engine.environment import TemplateEnvironment, render_text
from generator.render.engine.faults import ShapeError, report_runtime, report_shape, report_template
from generator.render.engine.filters import budget_of
from generator.render.engine.shapes import CLOSE, OPEN, compile_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.render.engine.shapes import Shape, SlotPath, Tree

_TOKENS: Final = tuple(f"{OPEN}{number}{CLOSE}" for number in range(64))


class SlotValues(Protocol):
    """A receiver of the values of a template's slots: a list, or an observer."""

    def append(self, value: Any, /) -> None:
        """Add one value."""

    def __len__(self) -> int:
        """The number of values added."""


@dataclass(slots=True)
class Renderer:
    """Renders the templates of one template loader; caches the compiled templates and shapes of one run."""

    loader: TemplateLoader
    _shipped: TemplateEnvironment = field(init=False)
    _own: TemplateEnvironment = field(init=False)
    _sink: _Sink = field(init=False)
    _templates: dict[str, jinja2.Template] = field(init=False, default_factory=dict)
    _shapes: dict[str, Shape | None] = field(init=False, default_factory=dict)
    _contexts: dict[str, tuple[Mapping[str, Any], jinja2.runtime.Context]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._sink = _Sink()
        self._shipped = TemplateEnvironment(self._sink.slot)
        self._own = TemplateEnvironment(self._sink.paid_slot, paid=True)

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

    def trace_lines(self, name: str, context: Mapping[str, Any]) -> tuple[str, list[int], list[Any]]:
        """Return the shape that a template renders to, for each of its lines that of the template, and the values."""
        values: list[Any] = []
        environment = self._own if self.loader.is_own(name) else self._shipped
        template = jinja2.Template.from_code(environment, compile_with_lines(self.loader.text(name)), {})
        self._sink.values = values
        text, lines = split_lines(render_text(template, template.new_context(dict(context))))
        return text, lines, values

    def _shape(self, name: str, context: Mapping[str, Any], values: SlotValues) -> Shape | None:
        template = self._templates.get(name) or self.compile(name)
        self._sink.values = values
        try:
            text = render_text(template, self._context(name, template, context))
        except Exception as error:
            finding = report_runtime(_file(name), self.loader.text(name), template, error)
            if finding is None:
                raise
            self._refuse(name, finding, error)
        if text not in self._shapes:
            try:
                self._shapes[text] = compile_shape(text)
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
        compiled = compile_template(self.loader, name)
        if compiled.code is None:
            raise self._refusal(name, list(compiled.findings))
        environment = self._own if self.loader.is_own(name) else self._shipped
        self._templates[name] = jinja2.Template.from_code(environment, compiled.code, {})
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
            return f"{OPEN}{number}{CLOSE}"

    @jinja2.pass_context
    def paid_slot(self, context: jinja2.runtime.Context, value: Any) -> str:
        """As `slot`, for a template of the repository's own: each value pays for what the manifest will contain."""
        budget_of(context).spend_on(value)
        return self.slot(context, value)


def _file(name: str) -> str:
    return f"templates/{name}"
