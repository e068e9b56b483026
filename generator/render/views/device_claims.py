"""What the pods claim of the cluster's devices by dynamic resource allocation, where the GPU backend uses it.

The spec of a ResourceClaimTemplate cannot change, so that another claim is another object: its name has a hash. Source:
Kubernetes API reference, resource.k8s.io/v1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator.render.kustomize.hashes import hashed_name

if TYPE_CHECKING:
    from generator.render.views.context import ServiceContext

# The name of the claim inside the pod.
CLAIM: Final = "gpu"


def device_claim(context: ServiceContext) -> dict[str, Any]:
    """The devices that each pod claims; empty without a claim."""
    return context.placement.claim


def device_claim_name(context: ServiceContext) -> str:
    """The name of the ResourceClaimTemplate, which depends on its content."""
    content = json.dumps(context.placement.claim, sort_keys=True)
    return hashed_name(f"{context.instance.service.name}-{CLAIM}", {CLAIM: content})


def resource_claims(context: ServiceContext) -> list[dict[str, str]]:
    """The claims of the pod, each made from a ResourceClaimTemplate."""
    if not context.placement.claim:
        return []
    return [{"name": CLAIM, "resourceClaimTemplateName": device_claim_name(context)}]
