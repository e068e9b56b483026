"""N06: the label by which a service's pods are found belongs to servegen.

A Deployment's selector is immutable, and it must match the labels of its pods; the Service, the disruption budget and
the spread over nodes look for the same label. So it is the service's name and nothing else.
Source: Kubernetes documentation, Deployments, Selector.

Passes:

    labels: {team: vision}

Fails:

    labels: {app.kubernetes.io/instance: vision}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.patched import below, deployment, patched
from generator.checks.found import Found, everywhere
from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.fleet.model import Deployed

ID: Final = "N06"
SEVERITY: Final = Severity.ERROR
_LABEL: Final = "app.kubernetes.io/instance"
_SELECTOR: Final = ("spec", "selector")
_PODS: Final = ("spec", "template", "metadata", "labels")


def check(review: Review) -> Iterator[Found]:
    """Labels and patches that change the selector, or the label that it looks for."""
    for deployed in everywhere(review.fleet):
        name = deployed.service.name
        own = (deployed.settings.labels or {}).get(_LABEL, name)
        if own != name:
            message = f'the label {_LABEL} finds the pods of a service: found "{own}", expected {name}'
            yield Found(message, deployed.position("labels", _LABEL), "use a label of your own")
        if deployed.settings.patches:
            yield from _patches(deployed, own)


def _patches(deployed: Deployed, own: str) -> Iterator[Found]:
    tree = deployment(deployed)
    selector = below(tree, *_SELECTOR)
    for index, after in patched(deployed, tree):
        if below(after, *_SELECTOR) != selector:
            message = "this patch changes the Deployment's selector, which no Deployment can change later"
            hint = "remove `selector` from the patch; pods may have further labels without it"
            yield Found(message, deployed.position("patches", index, *_SELECTOR), hint)
            return
        if below(after, *_PODS, _LABEL) != own:
            message = f"this patch changes the pods' label {_LABEL}, which the Deployment's selector looks for"
            position = deployed.position("patches", index, *_PODS, _LABEL)
            yield Found(message, position, "leave this label as it is; use one of your own")
            return
