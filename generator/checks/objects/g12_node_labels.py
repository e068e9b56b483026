"""G12: what a pod asks of the labels of its node must be possible.

A pod starts on a node that meets its node selector and one term of its node affinity. If each term contradicts the node
selector or itself, no node fits: for example a node selector for one card beside the affinity for another one.

Passes:

    nodeSelector: {pool: gpu}
    affinity: the product of the node is Tesla-T4

Fails:

    nodeSelector: {nvidia.com/gpu.product: Tesla-V100-SXM2-16GB}
    affinity: the product of the node is Tesla-T4
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.render.pod_templates import KINDS as _WORKLOADS
from generator.render.pod_templates import pod_templates
from generator.render.views.affinity import expression_values, required_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "G12"
KINDS: Final = _WORKLOADS


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation if no node can meet the node selector and a term of the affinity."""
    for path, template in pod_templates(tree):
        yield from _in_template(path, template)


def _in_template(path: SlotPath, template: Mapping[str, Any]) -> Iterator[Violation]:
    spec = template.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    terms = required_terms(spec.get("affinity"))
    selector = spec.get("nodeSelector")
    selector = selector if isinstance(selector, dict) else {}
    conflicts = [_conflict(selector, term) for term in terms]
    if terms and all(conflicts):
        label = next(conflict for conflict in conflicts if conflict)
        where = ("nodeSelector", label) if label in selector else ("affinity", "nodeAffinity")
        message = f"no node can have the labels that the pod asks for: {label} would need two values"
        hint = f"remove what asks for {label}; `resources: {{gpu: …}}` selects the nodes of a card"
        yield Violation(message, hint, (*path, "spec", *where))


def _conflict(selector: Mapping[str, Any], term: list[dict[str, Any]]) -> str:
    """Return the label on which a term contradicts the selector or itself; empty if there is none."""
    allowed = {label: frozenset({str(value)}) for label, value in selector.items()}
    for expression in term:
        if expression.get("operator") == "In":
            label, values = str(expression.get("key")), expression_values(expression)
            allowed[label] = allowed.get(label, values) & values
    for expression in term:
        label = str(expression.get("key"))
        if expression.get("operator") == "NotIn" and label in allowed:
            allowed[label] -= expression_values(expression)
        elif expression.get("operator") == "DoesNotExist" and label in allowed:
            allowed[label] = frozenset()
    return next((label for label, values in allowed.items() if not values), "")
