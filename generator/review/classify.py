"""The effect of a difference: what an API server and the controllers of its kind do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.review.effect import Effect
from generator.review.kinds import ITEM, below
from generator.review.leaves import ABSENT
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from generator.render.engine.shapes import Tree
    from generator.review.kinds import KindRules, Pattern
    from generator.review.leaves import Difference

# The mappings of quantities, and single quantities: they are equal if their numbers are.
_AMOUNTS: Final = frozenset({"limits", "requests", "hard", "capacity"})
_AMOUNT: Final = frozenset({"sizeLimit", "averageValue", "divisor"})
_METADATA: Final = frozenset({"labels", "annotations"})


def classify(difference: Difference, rules: KindRules, before: Tree) -> Effect:
    """Return the effect of a difference of an object, which was `before`, of the kind with these rules."""
    path = difference.pattern
    if before.get("immutable") is True and below(path, rules.sealed):
        return Effect.RECREATE
    if _is_same(difference, rules):
        return Effect.NONE
    if _is_refused(difference, rules):
        return Effect.RECREATE
    if path[0] == "metadata" and (len(path) == 1 or path[1] in _METADATA):
        return Effect.METADATA
    groups = ((rules.restart, Effect.RESTART), (rules.capacity, Effect.CAPACITY), (rules.route, Effect.ROUTE))
    return next((effect for patterns, effect in groups if below(path, patterns)), Effect.IN_PLACE)


def _is_refused(difference: Difference, rules: KindRules) -> bool:
    """Return whether an API server refuses the update, or keeps the old value."""
    path = difference.pattern
    if below(path, rules.grows) and _shrinks(difference):
        return True
    return below(path, rules.immutable) and not _is_mutable(path, rules)


def _is_mutable(path: Pattern, rules: KindRules) -> bool:
    return any(path[: len(pattern)] == pattern for pattern in rules.mutable)


def _shrinks(difference: Difference) -> bool:
    old, new = amount(difference.before), amount(difference.after)
    return old is not None and (new is None or new < old)


def _is_same(difference: Difference, rules: KindRules) -> bool:
    if difference.order:
        return False
    one = canonical(difference.before, difference.pattern, rules)
    return bool(one == canonical(difference.after, difference.pattern, rules))


def canonical(value: Any, path: Pattern, rules: KindRules) -> Any:
    """Return a value in the form in which an API server compares it; a default is as if it were absent.

    Of a built-in kind, quantities are numbers, and empty lists are absent, as in Go.
    """
    if value is None or value is ABSENT or (path in rules.defaults and value == rules.defaults[path]):
        return ABSENT
    if isinstance(value, dict):
        found = {key: canonical(item, (*path, key), rules) for key, item in value.items()}
        kept = {key: item for key, item in found.items() if item is not ABSENT}
        return kept if kept or not rules.may_be_empty(path) else ABSENT
    if isinstance(value, list):
        return [canonical(item, (*path, ITEM), rules) for item in value] or (ABSENT if rules.built_in else [])
    if rules.built_in and _is_amount(path) and (number := amount(value)) is not None:
        return number
    if not value and value is not False and rules.may_be_empty(path):
        return ABSENT
    return value if isinstance(value, str) else (type(value).__name__, value)


def _is_amount(path: Pattern) -> bool:
    return len(path) > 1 and (path[-2] in _AMOUNTS or path[-1] in _AMOUNT)
