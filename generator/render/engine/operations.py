"""The operators of the template language. Each one pays from the budget of the render before it does its work."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from generator.render.engine.budget import OperationError, bounded_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.render.engine.budget import StepBudget

_PLAIN: Final = (str, int, float, bool, type(None))
_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda item, container: item in container,
    "notin": lambda item, container: item not in container,
}
_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def compare(budget: StepBudget, left: Any, *rest: Any) -> bool:
    """Return whether a chain of comparisons holds; `rest` is an operator of Jinja's, a value, an operator, ….

    All values are computed, also those after a comparison that does not hold.
    """
    for name, right in zip(rest[::2], rest[1::2], strict=True):
        if not (type(left) in _PLAIN and type(right) in _PLAIN):
            budget.spend_on(left)
            budget.spend_on(right)
        if not _COMPARISONS[name](left, right):
            return False
        left = right
    return True


def calculate(budget: StepBudget, name: str, left: Any, right: Any) -> Any:
    """Return the result of an arithmetic operator on two numbers, or of + on two lists."""
    if isinstance(left, list) and isinstance(right, list) and name == "+":
        budget.spend(len(left) + len(right))
        return left + right
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise OperationError(f"{_kind(left)} {name} {_kind(right)}: expected two numbers", "join strings with ~")
    return bounded_number(_ARITHMETIC[name](left, right))


def join_texts(budget: StepBudget, parts: Iterable[Any], separator: str = "") -> str:
    """Return values as one string. Lists and mappings are refused: their text in Python is of no use to anybody."""
    texts = []
    for part in parts:
        if isinstance(part, dict | list | tuple):
            raise OperationError(f"{_kind(part)} in a string: expected a plain value")
        budget.spend_on(part)
        texts.append(str(part))
        budget.spend_characters(len(texts[-1]) + len(separator))
    return separator.join(texts)


def _kind(value: Any) -> str:
    names = {str: "a string", bool: "a boolean", dict: "a mapping", list: "a list", tuple: "a list", type(None): "none"}
    return "a number" if type(value) in (int, float) else names.get(type(value), "a value that is undefined")
