"""The comparison of one object before and after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.review.classify import classify
from generator.review.defaults import fill
from generator.review.effect import Effect, worst
from generator.review.kinds import rules_of
from generator.review.leaves import differences

if TYPE_CHECKING:
    from generator.render.engine.shapes import Tree
    from generator.review.cause import Cause
    from generator.review.leaves import Difference


class Leaf(Struct, frozen=True):
    """One difference of an object, with its effect and its causes."""

    difference: Difference
    effect: Effect
    causes: tuple[Cause, ...] = ()


def compare_trees(before: Tree, after: Tree) -> tuple[Leaf, ...]:
    """Return the differences of one object, which has the same kind and name in both."""
    if before == after:
        return ()
    rules = rules_of(after["apiVersion"], after["kind"])
    found = differences(fill(before), fill(after), rules)
    return tuple(Leaf(one, classify(one, rules, before)) for one in found)


def effect_of(leaves: tuple[Leaf, ...]) -> Effect:
    """Return the effect of all differences of an object together."""
    return worst(leaf.effect for leaf in leaves)
