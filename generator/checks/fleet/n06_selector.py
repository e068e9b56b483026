"""N06: the label that selects a service's pods is reserved for servegen.

A Deployment's selector is immutable, and it must match the labels of its pods. The Service, the PodDisruptionBudget and
the spread over nodes select by the same label. Its value is therefore always the service's name.

Source: Kubernetes documentation, Deployments, Selector.

Passes:

    labels: {team: vision}

Fails:

    labels: {app.kubernetes.io/instance: vision}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.patched import apply_patches, below, deployment
from generator.core.finding import Finding, Severity, subject_of_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "N06"
SEVERITY: Final = Severity.ERROR
SUPERSEDES: Final = ("O03",)
_LABEL: Final = "app.kubernetes.io/instance"
_SELECTOR: Final = ("spec", "selector")
_PODS: Final = ("spec", "template", "metadata", "labels")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each label or patch that changes the selector, or the label that it selects by."""
    for instance in context.bases_and_instances:
        name = instance.service.name
        own = (instance.settings.labels or {}).get(_LABEL, name)
        if own != name:
            message = f'the label {_LABEL} selects the pods of the service: found "{own}", expected {name}'
            yield Finding(ID, message, instance.position("labels", _LABEL), "use another label name")
        if instance.settings.patches:
            yield from _patches(instance, own)


def _patches(instance: ServiceInstance, own: str) -> Iterator[Finding]:
    tree = deployment(instance)
    selector = below(tree, *_SELECTOR)
    for index, after in apply_patches(instance, tree):
        if below(after, *_SELECTOR) != selector:
            message = "this patch changes the Deployment's selector, which is immutable"
            hint = "remove `selector` from the patch; pods can have more labels without it"
            position = instance.position("patches", index, *_SELECTOR)
            yield Finding(ID, message, position, hint, subject=subject_of_line(position))
            return
        if below(after, *_PODS, _LABEL) != own:
            message = f"this patch changes the pods' label {_LABEL}, which the Deployment's selector matches"
            position = instance.position("patches", index, *_PODS, _LABEL)
            hint = "keep this label, and add another one"
            yield Finding(ID, message, position, hint, subject=subject_of_line(position))
            return
