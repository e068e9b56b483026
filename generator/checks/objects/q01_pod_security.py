"""Q01: pods must meet the Pod Security Standard that their namespace enforces.

The API server accepts the Deployment and refuses each of its pods: the rollout stops, and only the events of the
ReplicaSet report why. The level is the environment's `pod_security`, else the cluster's `namespaces.pod_security`,
else `restricted` if servegen writes the namespaces. The pods of all model servers meet `restricted`; an image of your
own may need a user, volumes other than (nfs) and (hostpath), or an environment that enforces `baseline`.
Istio injects its proxy when a pod is created: without Istio's CNI agent the proxy adds an init container with
NET_ADMIN, which `baseline` refuses. That is a warning, because it depends on the cluster.

Passes, in a namespace that enforces baseline:

    volumes: models(pvc):/mnt

Fails:

    volumes: /data/models(hostpath):/mnt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.fleet.patched import below
from generator.checks.objects.pod_security import USER_HINT, forbidden_fields
from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.render.pod_templates import KINDS as KINDS
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath
    from generator.spec.namespaces import PodSecurity

ID: Final = "Q01"
_OTHER_LEVEL: Final = "; for an image that needs root, write `pod_security: baseline` at the environment"
_INJECTED: Final = "sidecar.istio.io/inject"


def violations(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation for everything in a workload's pods that the namespace's level forbids."""
    if environment.pod_security is not None:
        for path, template in pod_templates(tree):
            yield from _in_template(path, template, environment, environment.pod_security)


def _in_template(
    path: SlotPath, template: Mapping[str, Any], environment: EnvironmentContext, level: PodSecurity
) -> Iterator[Violation]:
    minor = environment.facts.minor
    for violation in forbidden_fields(template, level, minor):
        message = f"{violation.found}, which the Pod Security Standard {level} of its namespace forbids"
        other = _OTHER_LEVEL if violation.hint == USER_HINT else ""
        yield Violation(message, f"{violation.hint}{other}", (*path, *violation.path))
    injected = below(template, "metadata", "labels", _INJECTED) == "true"
    if level != "privileged" and injected and not environment.facts.sidecars.cni:
        message = f"found an Istio proxy, whose init container the level {level} forbids without the Istio CNI agent"
        hint = f"write `pod_security: privileged`, or `sidecars: {{cni: true}}` if {environment.cluster} has the agent"
        # Reported at the annotations: those for the injector come from the sidecar alone, labels from many sources.
        yield Violation(message, hint, (*path, "metadata", "annotations"), Severity.WARNING)
