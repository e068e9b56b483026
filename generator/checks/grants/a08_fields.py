"""A08: patches may change fields that are harmless, and those that the project is granted.

A patch could otherwise do everything that a key refuses: a foreign selector takes the requests of another service, and
a second container, a node name or external addresses give pods what nobody agreed to. The object before and after the
patches is compared, so what counts is what they change. A field that is granted is still judged by the other checks.

Passes:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, livenessProbe: {timeoutSeconds: 5}}]}}}

Fails, without the grant `vision: {patches: [Service.spec.externalIPs]}`:

    patches:
      - kind: Service
        spec: {externalIPs: [10.0.0.9]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import PATCHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject
    from generator.render.engine.shapes import SlotPath

ID: Final = "A08"
_DEPLOYMENT: Final = "Deployment.spec"
_POD: Final = f"{_DEPLOYMENT}.template.spec"
_CONTAINER: Final = f"{_POD}.containers"
_GROUP: Final = "LeaderWorkerSet.spec"
_POD_FIELDS: Final = ("dnsConfig", "terminationGracePeriodSeconds", "topologySpreadConstraints")
_GROUP_PODS: Final = tuple(
    f"{_GROUP}.leaderWorkerTemplate.{role}.spec" for role in ("leaderTemplate", "workerTemplate")
)
# What patches may always change. A path is the kind and the names of fields, without numbers of list items; everything
# below it is included. Labels and annotations are judged by A09.
FREE_FIELDS: Final = (
    *(f"{_DEPLOYMENT}.{name}" for name in ("minReadySeconds", "progressDeadlineSeconds", "revisionHistoryLimit")),
    f"{_DEPLOYMENT}.strategy",
    f"{_GROUP}.rolloutStrategy",
    *(f"{pod}.{name}" for pod in (_POD, *_GROUP_PODS) for name in _POD_FIELDS),
    *(f"{pod}.affinity.{name}" for pod in (_POD, *_GROUP_PODS) for name in ("podAffinity", "podAntiAffinity")),
    *(f"{_CONTAINER}.{name}" for name in ("args", "env", "lifecycle", "resources", "stdin", "tty", "workingDir")),
    *(f"{_CONTAINER}.{name}" for name in ("livenessProbe", "readinessProbe", "startupProbe")),
    *(f"{_CONTAINER}.{name}" for name in ("terminationMessagePath", "terminationMessagePolicy")),
    "HorizontalPodAutoscaler.spec.behavior",
    "HorizontalPodAutoscaler.spec.metrics",
    "PodDisruptionBudget.spec.maxUnavailable",
    "PodDisruptionBudget.spec.minAvailable",
    "PodDisruptionBudget.spec.unhealthyPodEvictionPolicy",
    "ScaledObject.spec.advanced.horizontalPodAutoscalerConfig.behavior",
    *(f"ScaledObject.spec.{name}" for name in ("cooldownPeriod", "fallback", "pollingInterval")),
    *(f"Service.spec.{name}" for name in ("internalTrafficPolicy", "sessionAffinity", "sessionAffinityConfig")),
    "Service.spec.trafficDistribution",
    "DestinationRule.spec.trafficPolicy",
)
# The key of a spec that sets a field, for the hint.
_KEYS: Final = {
    f"{_DEPLOYMENT}.replicas": "replicas",
    f"{_GROUP}.replicas": "replicas",
    f"{_GROUP}.leaderWorkerTemplate.size": "nodes",
    f"{_POD}.affinity": "affinity",
    f"{_POD}.imagePullSecrets": "pull_secrets",
    f"{_POD}.nodeSelector": "node_selector",
    f"{_POD}.priorityClassName": "priority",
    f"{_POD}.securityContext": "user",
    f"{_POD}.tolerations": "tolerations",
    f"{_POD}.volumes": "volumes",
    f"{_CONTAINER}.command": "command",
    f"{_CONTAINER}.image": "image",
    f"{_CONTAINER}.ports": "ports",
    f"{_CONTAINER}.volumeMounts": "volumes",
    "HorizontalPodAutoscaler.spec.maxReplicas": "replicas",
    "HorizontalPodAutoscaler.spec.minReplicas": "replicas",
    "ScaledObject.spec.maxReplicaCount": "replicas",
    "ScaledObject.spec.minReplicaCount": "replicas",
    "ScaledObject.spec.triggers": "hpa",
    "Service.spec.ports": "ports",
}
KINDS: Final = PATCHED


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield each field that a patch changes and that is not granted."""
    reported: set[str] = set()
    for path in subject.patched:
        field = field_name(subject.tree["kind"], path)
        if "metadata" in path or field in reported or _is_granted(subject, field):
            continue
        reported.add(field)
        key = next((key for above, key in _KEYS.items() if _is_at_or_below(field, above)), "")
        hint = f"use the key `{key}`" if key else "remove it"
        yield Need("patches", field, f"a patch of {field}", hint, path)


def field_name(kind: str, path: SlotPath) -> str:
    """Return the name of a field as grants write it: the kind, and the steps of the path that are no numbers."""
    return ".".join([kind, *(step for step in path if isinstance(step, str))])


def _is_granted(subject: ProjectObject, field: str) -> bool:
    granted = subject.rights.grant.patches or ()
    return "*" in granted or any(_is_at_or_below(field, above) for above in (*FREE_FIELDS, *granted))


def _is_at_or_below(field: str, above: str) -> bool:
    return f"{field}.".startswith(f"{above}.")
