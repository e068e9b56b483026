"""Why a pod may not run on the nodes of a pool, whatever is free there.

Source: Kubernetes documentation, Assigning Pods to Nodes, and Taints and Tolerations. HAMi compares a part of the name
of a card, in any case.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.capacity.pods import LabelRule, NodeRules, PodShape, TolerationRule
    from generator.fleet.capacity.pools import Pool
    from generator.spec.values.taints import Taint

_SOFT: Final = "PreferNoSchedule"


class Obstacle(StrEnum):
    """What keeps a pod from all nodes of a pool."""

    PROJECT = "project"
    LABELS = "labels"
    CARD = "card"
    RESOURCE = "resource"
    TAINT = "taint"


def obstacles(pool: Pool, shape: PodShape) -> list[Obstacle]:
    """Return what keeps pods of a shape from the nodes of a pool; none if they may run there."""
    rules = shape.rules
    found = {
        Obstacle.PROJECT: pool.projects is not None and rules.project not in pool.projects,
        Obstacle.LABELS: bool(missing_labels(pool, rules)),
        Obstacle.CARD: shape.share is not None and not _has_card(pool, rules),
        Obstacle.RESOURCE: bool(lacks(pool, shape)),
        Obstacle.TAINT: bool(find_taints(pool, rules)),
    }
    return [obstacle for obstacle, there in found.items() if there]


def lacks(pool: Pool, shape: PodShape) -> list[str]:
    """Return the names of the resources that a pod requests and that no node of the pool has."""
    there = {name for name, _ in pool.others}
    return [name for name, amount in shape.others if amount and name not in there]


def counts_alike(pool: Pool, rules: NodeRules) -> bool:
    """Return whether the nodes of a pool may count cards by the resource that a pod requests."""
    return None in (pool.unit, rules.unit) or pool.unit == rules.unit


def find_taints(pool: Pool, rules: NodeRules) -> list[Taint]:
    """Return the taints of a pool that keep a pod away."""
    hard = (taint for taint in pool.taints if taint.effect != _SOFT)
    return [taint for taint in hard if not any(_tolerates(rule, taint) for rule in rules.tolerations)]


def missing_labels(pool: Pool, rules: NodeRules) -> list[str]:
    """Return the requirements about labels that the nodes of a pool do not meet, as kubectl writes them."""
    missing = [str(rule) for rule in rules.selector if not _matches(pool.labels, rule)]
    if rules.terms and not any(term and all(_matches(pool.labels, rule) for rule in term) for term in rules.terms):
        missing += [" or ".join(",".join(map(str, term)) for term in rules.terms)]
    return missing


def _tolerates(rule: TolerationRule, taint: Taint) -> bool:
    if rule.effect not in ("", taint.effect) or rule.key not in ("", taint.key):
        return False
    return rule.operator == "Exists" or (rule.key != "" and rule.value == taint.value)


def _has_card(pool: Pool, rules: NodeRules) -> bool:
    if not pool.cards or not counts_alike(pool, rules):
        return False
    names = [name.lower() for name in pool.products]
    if rules.use and not _any_part(rules.use, names):
        return False
    return not _any_part(rules.avoid, names)


def _any_part(parts: tuple[str, ...], names: list[str]) -> bool:
    return any(part.lower() in name for part in parts for name in names)


def _matches(labels: Mapping[str, str], rule: LabelRule) -> bool:
    value = labels.get(rule.key)
    match rule.operator:
        case "In":
            return value in rule.values
        case "NotIn":
            return value not in rule.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return _compares(value, rule)
        case _:
            return True  # an operator that the API server refuses


def _compares(value: str | None, rule: LabelRule) -> bool:
    try:
        found, bound = int(value or ""), int(rule.values[0])
    except (ValueError, IndexError):
        return False
    return found > bound if rule.operator == "Gt" else found < bound
