"""The outlines of two versions of a template: their text and choices, with numbers in place of their values.

An expression that both versions put out has the same number in both, and is computed only if somebody asks for it. So
two outlines tell cheaply what the versions can make different of one service.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2 import nodes
from msgspec import Struct

from generator.render.engine.compiler import compile_expression, compile_outline
from generator.render.engine.environment import TemplateEnvironment, render_text
from generator.render.engine.shapes import compile_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.engine.shapes import Tree


class SlotValue(Struct, frozen=True):
    """Stands for the value with this number in a tree."""

    number: int


@dataclass(slots=True)
class Outlines:
    """Two versions of a template that assigns no names, for one set of variables: the views, which may be bound anew.

    What the versions render to is not checked: whoever finds an error renders them as usual, which reports it.
    """

    sources: tuple[str, str]
    variables: Mapping[str, Any]
    _expressions: list[nodes.Expr] = field(init=False, default_factory=list)
    _texts: list[tuple[jinja2.Template, jinja2.runtime.Context]] = field(init=False)
    _values: dict[int, tuple[jinja2.Template, jinja2.runtime.Context]] = field(init=False, default_factory=dict)
    _environment: TemplateEnvironment = field(init=False)
    _found: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._environment = TemplateEnvironment(self._keep)
        numbers: dict[str, int] = {}

        def number(expression: nodes.Expr) -> int:
            self._expressions += [expression] if repr(expression) not in numbers else []
            return numbers.setdefault(repr(expression), len(numbers))

        self._texts = [self._template(compile_outline(source, number)) for source in self.sources]

    def texts(self) -> tuple[str, str]:
        """Return the outlines of both versions for what the views are bound to."""
        first, second = (render_text(*one) for one in self._texts)
        return first, second

    def tree(self, text: str) -> Tree | None:
        """Return the object of an outline with a SlotValue for each value; None if there is none."""
        shape = compile_shape(text)
        return shape.fill([SlotValue(number) for number in range(len(self._expressions))]) if shape else None

    def fill(self, tree: Any) -> Any:
        """Return a part of such an object with its values, for what the views are bound to."""
        if isinstance(tree, dict):
            return {key: self.fill(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.fill(item) for item in tree]
        return self._value(tree.number) if isinstance(tree, SlotValue) else tree

    def _value(self, number: int) -> Any:
        if number not in self._values:
            self._values[number] = self._template(compile_expression(self._expressions[number]))
        render_text(*self._values[number])
        return self._found

    def _template(self, code: Any) -> tuple[jinja2.Template, jinja2.runtime.Context]:
        template = jinja2.Template.from_code(self._environment, code, {})
        return template, template.new_context(dict(self.variables))

    @property
    def _keep(self) -> Any:
        @jinja2.pass_context
        def keep(_: jinja2.runtime.Context, value: Any) -> str:
            self._environment.budget.spend_on(value)
            self._found = value
            return str(value) if isinstance(value, jinja2.Undefined) else ""

        return keep
