"""The resource requests of a service, read from its rendered objects, so that every layer, backend and patch counts.

Only the pods of its Deployments and LeaderWorkerSets are counted. Source: Kubernetes documentation, Resource Quotas,
and Init Containers, resource sharing within containers.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.render.objects import BASE, OVERLAY
from generator.render.pod_templates import GROUP_KIND, WORKER_TEMPLATE, pod_templates
from generator.render.spec_patches import SpecPatches
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree
    from generator.render.objects import ObjectRenderer

# By the name of the resource in a ResourceQuota.
Amounts = dict[str, Decimal]
PODS: Final = "pods"
COUNTED: Final = ("Deployment", GROUP_KIND)
_COMPUTE: Final = ("cpu", "memory")
# The annotations from which Istio's injector sets the proxy's requests.
_PROXY: Final = {"cpu": "sidecar.istio.io/proxyCPU", "memory": "sidecar.istio.io/proxyMemory"}
# KEDA documentation, ScaledObject specification, maxReplicaCount.
_KEDA_MOST: Final = 100


class PodRequests(Struct, frozen=True):
    """The requests of the pods of one service.

    `start` is for its first pods, `most` for its highest number of pods, and `surge` for those that a rollout adds to
    that. `unasked` are the compute resources that a container has no request for: a quota on them refuses its pod.
    """

    instance: ServiceInstance
    start: Amounts
    most: Amounts
    surge: Amounts
    unasked: frozenset[str]


def pod_requests(objects: ObjectRenderer, instance: ServiceInstance) -> PodRequests:
    """Return the requests of one service in its environment."""
    context, patches = objects.context(instance), SpecPatches()
    trees = [o.tree for folder in (BASE, OVERLAY) for o in objects.service(context, folder, patches)]
    start, most, surge, unasked = Amounts(), Amounts(), Amounts(), set[str]()
    for tree in trees:
        if tree["kind"] in COUNTED:
            pod = _replica(tree)
            lowest, highest = autoscaler_bounds(tree["metadata"]["name"], trees)
            count = _whole(tree["spec"].get("replicas"), lowest)
            highest = max(count, highest)
            _add(start, pod, count)
            _add(most, pod, highest)
            _add(surge, pod, count_surge(tree["spec"], highest))
            unasked |= {name for template, _ in replica_templates(tree) for name in _unasked(template["spec"])}
    return PodRequests(instance, start, most, surge, frozenset(unasked))


def _add(total: Amounts, pod: Amounts, count: int) -> None:
    for name, value in pod.items():
        total[name] = total.get(name, Decimal(0)) + value * count


def autoscaler_bounds(name: str, trees: Iterable[Tree]) -> tuple[int, int]:
    """Return the lowest and the highest replica count of an autoscaler; 1 and 0 if there is none."""
    for tree in trees:
        spec = tree.get("spec", {})
        if tree["kind"] in ("HorizontalPodAutoscaler", "ScaledObject") and spec["scaleTargetRef"]["name"] == name:
            highest = _whole(spec.get("maxReplicas", spec.get("maxReplicaCount")), _KEDA_MOST)
            return _whole(spec.get("minReplicas", spec.get("minReplicaCount")), 1), highest
    return 1, 0


def replica_templates(tree: Tree) -> Iterator[tuple[Tree, int]]:
    """Yield each template of a workload's pods, and how many pods of it one replica has."""
    for path, template in pod_templates(tree):
        yield (
            template,
            (_whole(tree["spec"]["leaderWorkerTemplate"].get("size"), 1) - 1 if path == WORKER_TEMPLATE else 1),
        )


def _replica(tree: Tree) -> Amounts:
    """Return the requests of one replica: of its pod, or of all pods of its group."""
    total = Amounts()
    for template, count in replica_templates(tree):
        _add(total, pod_amounts(template), count)
    return total


def count_surge(spec: dict[str, Any], replicas: int) -> int:
    """Return how many replicas a rollout adds; a percentage is rounded up.

    Source: API reference, RollingUpdateDeployment; sigs.k8s.io/lws v0.8.0, RollingUpdateConfiguration.
    """
    strategy, usual = spec.get("strategy") or {}, "25%"
    update = strategy.get("rollingUpdate") or {}
    if "leaderWorkerTemplate" in spec:
        update, usual = (spec.get("rolloutStrategy") or {}).get("rollingUpdateConfiguration") or {}, "0"
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return 0
    extra = update.get("maxSurge", usual)
    share = re.fullmatch(r"([0-9]{1,9})%", str(extra))
    return -(-replicas * int(share[1]) // 100) if share else _whole(extra, 0)


def pod_amounts(template: Tree) -> Amounts:
    """Return the requests of one pod: the sum of its containers, or those of an init container if that is more."""
    spec, annotations = template["spec"], template["metadata"].get("annotations") or {}
    running, peak = Amounts(), Amounts()
    for container in _containers(spec, "initContainers"):
        asked = _asked(container)
        for name, value in asked.items():
            peak[name] = max(peak.get(name, Decimal(0)), running.get(name, Decimal(0)) + value)
        if container.get("restartPolicy") == "Always":
            _add(running, asked, 1)
    for container in _containers(spec, "containers"):
        _add(running, _asked(container), 1)
    proxy = {f"requests.{name}": amount(annotations.get(key)) or Decimal(0) for name, key in _PROXY.items()}
    _add(running, proxy, 1)
    total = {name: max(running.get(name, Decimal(0)), peak.get(name, Decimal(0))) for name in {**running, **peak}}
    return {**total, PODS: Decimal(1)}


def _asked(container: dict[str, Any]) -> Amounts:
    """Return the requests of a container; a resource that has only a limit requests that amount."""
    resources = container.get("resources") or {}
    both = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return {f"requests.{name}": amount(value) or Decimal(0) for name, value in both.items()}


def _unasked(spec: dict[str, Any]) -> set[str]:
    containers = [*_containers(spec, "initContainers"), *_containers(spec, "containers")]
    return {name for name in _COMPUTE for container in containers if f"requests.{name}" not in _asked(container)}


# Values of a wrong type, from a patch, are skipped here: the schema refuses them.


def _containers(spec: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = spec.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
