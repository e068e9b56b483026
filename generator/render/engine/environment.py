"""Jinja2's environment, reduced to the template language: no globals, no methods, a price for each step.

A template sees declared values of views, items of mappings and lists, and the filters and tests of `filters`. Nothing
that it can write calls a function of Python or reads an attribute of a Python object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jinja2

from generator.render.engine.budget import StepBudget
from generator.render.engine.code_generator import OperationGenerator
from generator.render.engine.filters import FILTERS, HIDDEN, TESTS
from generator.render.engine.operations import calculate, compare, join_texts
from generator.render.views import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The facts about a loop that a template can ask for. All others are methods.
_LOOP_FACTS: Final = frozenset({"first", "index", "index0", "last", "length", "revindex", "revindex0"})


class TemplateEnvironment(jinja2.Environment):
    """The settings and operations of one renderer's templates.

    `finalize` gets each value that a template puts out, and must have been decorated with `pass_context`: otherwise
    Jinja folds constants, which then slip past it. `paid` is whether the text of a template costs steps too: it is
    without limit only where the template is the repository's own.
    """

    code_generator_class = OperationGenerator

    def __init__(self, finalize: Callable[[jinja2.runtime.Context, Any], str], *, paid: bool = False) -> None:
        super().__init__(
            undefined=jinja2.StrictUndefined,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            autoescape=False,
            optimized=False,
        )
        self.filters = {**FILTERS, **HIDDEN}
        self.tests = dict(TESTS)
        self.globals = {}
        self.budget = StepBudget()
        self.paid = paid

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a value of a view, an item of a mapping or a fact about a loop; undefined for anything else."""
        if isinstance(obj, View):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                return self._unknown(attribute)
        if isinstance(obj, jinja2.runtime.LoopContext) and attribute in _LOOP_FACTS:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item of a mapping or a list; undefined for anything else."""
        if isinstance(obj, jinja2.Undefined):
            return obj[argument]  # raises the error that names what is undefined
        known = isinstance(obj, dict) or (isinstance(obj, list | tuple | str) and type(argument) is int)
        try:
            return obj[argument] if known else self.undefined(obj=obj, name=argument)
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=argument)

    def _unknown(self, name: str) -> jinja2.Undefined:
        return self.undefined(f"found `{name}`, expected a value that this group has")

    def compare(self, left: Any, *rest: Any) -> bool:
        """Return whether a chain of comparisons holds."""
        return compare(self.budget, left, *rest)

    def calculate(self, name: str, left: Any, right: Any) -> Any:
        """Return the result of an arithmetic operator."""
        return calculate(self.budget, name, left, right)

    def join_texts(self, parts: tuple[Any, ...]) -> str:
        """Return the operands of `~` as one string."""
        return join_texts(self.budget, parts)

    def list_of(self, items: tuple[Any, ...]) -> list[Any]:
        """Return a list that a template wrote."""
        self.budget.spend_on(items)
        return list(items)

    def mapping_of(self, items: dict[Any, Any]) -> dict[Any, Any]:
        """Return a mapping that a template wrote."""
        self.budget.spend_on(items)
        return items


def render_text(template: jinja2.Template, context: jinja2.runtime.Context) -> str:
    """Return what a template renders to, with a new budget. Raises OperationError if it takes too many steps."""
    environment = context.environment
    assert isinstance(environment, TemplateEnvironment)
    environment.budget.renew()
    pieces = template.root_render_func(context)
    return "".join(_paid(environment.budget, pieces) if environment.paid else pieces)


def _paid(budget: StepBudget, pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        budget.spend_characters(len(piece))
        yield piece
