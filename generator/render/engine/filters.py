"""The filters and tests of the template language: those of Jinja2 that only choose, combine and convert values.

Each pays from the budget of the render for everything that it reads. Filters that give text markup, format numbers by
patterns, or make a string larger than its parts are left out, or have a bounded form of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import jinja2
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS as JINJA_TESTS

from generator.render.engine.budget import OperationError, StepBudget, bounded_number
from generator.render.engine.operations import calculate, join_texts

_Context = jinja2.runtime.Context
_FROM_JINJA: Final = (
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "int",
    "items",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "sort",
    "title",
    "trim",
    "unique",
    "upper",
)
_TESTS_FROM_JINJA: Final = (
    *("boolean", "defined", "false", "float", "integer", "iterable", "mapping", "none", "number", "sequence", "string"),
    *("true", "undefined", "divisibleby", "even", "odd", "lower", "upper"),
    *("==", "!=", "<", "<=", ">", ">=", "eq", "equalto", "ge", "gt", "in", "le", "lt", "ne"),
    *("greaterthan", "lessthan"),
)
# How often a sort looks at each item, at most: the binary logarithm of STEPS.
_SORTS: Final = {"dictsort", "sort"}
_VISITS: Final = 18
_DIGITS: Final = 15


def budget_of(context: _Context) -> StepBudget:
    """Return the budget of the render."""
    budget: StepBudget = context.environment.budget  # type: ignore[attr-defined]
    return budget


def _paid(name: str, function: Any) -> Callable[..., Any]:
    """Return a filter or test of Jinja2's that pays for its values, and gives a list where Jinja2 gives a generator."""
    passes = getattr(function, "jinja_pass_arg", None)
    visits = _VISITS if name in _SORTS else 1

    @jinja2.pass_context
    def call(context: _Context, value: Any, *arguments: Any, **named: Any) -> Any:
        budget = budget_of(context)
        for _ in range(visits):
            budget.spend_on([value, *arguments, *named.values()])
        first = {"context": (context,), "eval_context": (context.eval_ctx,), "environment": (context.environment,)}
        result = function(*first.get(passes.name if passes is not None else "", ()), value, *arguments, **named)
        return list(result) if isinstance(result, Iterator) else result

    return call


@jinja2.pass_context
def _join(context: _Context, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    budget = budget_of(context)
    budget.spend_on(value)
    return join_texts(budget, _attributes(context, value, attribute), str(d))


@jinja2.pass_context
def _string(context: _Context, value: Any) -> str:
    return join_texts(budget_of(context), [value])


@jinja2.pass_context
def _sum(context: _Context, value: Any, attribute: str | int | None = None, start: Any = 0) -> Any:
    budget = budget_of(context)
    budget.spend_on(value)
    for item in _attributes(context, value, attribute):
        start = calculate(budget, "+", start, list(item) if isinstance(item, tuple) else item)
    return start


@jinja2.pass_context
def _replace(context: _Context, value: Any, old: str, new: str) -> str:
    text = join_texts(budget_of(context), [value])
    budget_of(context).spend_characters(text.count(old) * len(new))
    return text.replace(old, new)


@jinja2.pass_context
def _round(context: _Context, value: float, precision: int = 0) -> float:
    budget_of(context).spend(1)
    if not 0 <= precision <= _DIGITS:
        raise OperationError(f"round({precision}): expected 0 to {_DIGITS} digits")
    return round(float(bounded_number(value)), precision)


@jinja2.pass_context
def _quoted(context: _Context, value: Any) -> str:
    budget_of(context).spend_on(value)
    return json.dumps(value, ensure_ascii=False)


@jinja2.pass_context
def _loop(context: _Context, value: Any) -> Any:
    if not isinstance(value, list | tuple | dict | jinja2.Undefined):
        raise OperationError("a loop over a plain value: expected a list or a mapping")
    budget_of(context).spend_on(value)
    return value


def _attributes(context: _Context, value: Any, attribute: str | int | None) -> list[Any]:
    if attribute is None:
        return list(value)
    steps: list[Any] = attribute.split(".") if isinstance(attribute, str) else [attribute]
    items = list(value)
    for step in steps:
        items = list(map(partial(_item, context, step=int(step) if str(step).isdecimal() else step), items))
    return items


def _item(context: _Context, value: Any, *, step: Any) -> Any:
    return context.environment.getitem(value, step)


# The name of the filter through which the list of a `for` passes. A template cannot write it.
LOOP: Final = "for …"
FILTERS: Final[dict[str, Callable[..., Any]]] = {
    **{name: _paid(name, JINJA_FILTERS[name]) for name in _FROM_JINJA},
    "join": _join,
    "quoted": _quoted,
    "replace": _replace,
    "round": _round,
    "string": _string,
    "sum": _sum,
}
TESTS: Final[dict[str, Callable[..., Any]]] = {
    **{name: _paid(name, JINJA_TESTS[name]) for name in _TESTS_FROM_JINJA},
    "endswith": _paid("endswith", str.endswith),
    "startswith": _paid("startswith", str.startswith),
}
HIDDEN: Final[dict[str, Callable[..., Any]]] = {LOOP: _loop}
