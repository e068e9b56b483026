"""Names in one object that must be in another: the API server takes both, and one of them has no effect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.names import names_of, unknown_name
from generator.checks.api.refusal import Refusal
from generator.checks.api.rules import MISSING, UNKNOWN_NAME
from generator.checks.api.workloads import to_map
from generator.checks.objects.pod_security import pod_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree

_SELECTORS: Final = {"PodDisruptionBudget": "selector", "NetworkPolicy": "podSelector"}


@dataclass(slots=True)
class Workloads:
    """The workloads of one app in one environment."""

    trees: list[Tree] = field(default_factory=list)

    @classmethod
    def by_environment(cls, objects: Iterable[tuple[str, Tree]]) -> dict[str, Workloads]:
        """Return the workloads among objects by their environments."""
        out: dict[str, Workloads] = {}
        for environment, tree in objects:
            found = out.setdefault(environment, cls())
            if pod_template(tree) is not None:
                found.trees.append(tree)
        return out

    def unknown_names(self, tree: Tree) -> Iterator[Refusal]:
        """Yield what names no workload, no container, no port and no label of the pods."""
        spec, kind = to_map(tree.get("spec")), tree["kind"]
        if kind == "HorizontalPodAutoscaler":
            yield from self._metrics(spec)
        elif kind == "Service":
            yield from self._ports(spec)
        elif kind in _SELECTORS:
            yield from self._selector(tree["metadata"]["name"], spec, _SELECTORS[kind])

    def _metrics(self, spec: Mapping[str, Any]) -> Iterator[Refusal]:
        target = to_map(spec.get("scaleTargetRef"))
        scaled = {tree["metadata"]["name"]: _pod(tree) for tree in self.trees if tree["kind"] == target.get("kind")}
        if scaled:
            where: SlotPath = ("spec", "scaleTargetRef", "name")
            for refusal in unknown_name(target.get("name"), scaled, str(target["kind"]), where):
                yield replace(refusal, outcome="the autoscaler would scale nothing")
        pod = scaled.get(str(target.get("name")))
        for index, metric in enumerate(spec.get("metrics") or ()) if pod is not None else ():
            for refusal in _unread(to_map(metric), pod or {}, ("spec", "metrics", index)):
                yield replace(refusal, outcome="the autoscaler could not read the metric")

    def _selector(self, name: str, spec: Mapping[str, Any], key: str) -> Iterator[Refusal]:
        """Yield a selector that misses the pods of the workload that has the object's name."""
        labels = next((_labels(tree) for tree in self.trees if tree["metadata"]["name"] == name), None)
        selector = spec.get(key)
        wanted = to_map(to_map(selector).get("matchLabels"))
        if labels is not None and (selector is None or not wanted.items() <= labels.items()):
            missed = next(
                (f"{label}: {value}" for label, value in wanted.items() if labels.get(label) != value), "nothing"
            )
            hint = "remove the selector from the patch: servegen writes the one of the pods"
            refusal = Refusal(UNKNOWN_NAME, ("spec", key), missed, "labels of the pods", hint)
            yield replace(refusal, outcome="it would select no pod")

    def _ports(self, spec: Mapping[str, Any]) -> Iterator[Refusal]:
        selector = to_map(spec.get("selector"))
        pods = [_pod(tree) for tree in self.trees if selector and selector.items() <= _labels(tree).items()]
        if not pods:
            return
        containers = [container for pod in pods for container in _containers(pod)]
        known = {name for container in containers for name in names_of(container.get("ports"))}
        for index, port in enumerate(spec.get("ports") or ()):
            target = to_map(port).get("targetPort")
            if isinstance(target, str):
                path: SlotPath = ("spec", "ports", index, "targetPort")
                for refusal in unknown_name(target, known, "port of the pods", path):
                    yield replace(refusal, outcome="no pod would get its requests")


def _unread(metric: Mapping[str, Any], pod: Mapping[str, Any], path: SlotPath) -> Iterator[Refusal]:
    """Yield why an autoscaler has no value for a metric: an unknown container, or one without a request."""
    container = to_map(metric.get("containerResource")).get("container")
    known = names_of(pod.get("containers"))
    yield from unknown_name(container, known, "container of the pods", (*path, "containerResource", "container"))
    resource = to_map(metric.get("resource"))
    name = resource.get("name")
    if isinstance(name, str) and "averageUtilization" in to_map(resource.get("target")):
        bare = [
            one.get("name") for one in _containers({"containers": pod.get("containers")}) if not _requests(one, name)
        ]
        if bare:
            found, expected = f"no request of {name} in {bare[0]}", "one in each container of the pods"
            hint = f"write a containerResource of one container, or requests: {{{name}: …}} in {bare[0]}"
            yield Refusal(MISSING, (*path, "resource", "name"), found, expected, hint)


def _requests(container: Mapping[str, Any], resource: str) -> bool:
    """Whether a container requests a resource; a limit alone is a request too."""
    resources = to_map(container.get("resources"))
    return any(resource in to_map(resources.get(key)) for key in ("requests", "limits"))


def _pod(tree: Tree) -> Mapping[str, Any]:
    return to_map(to_map((pod_template(tree) or ((), {}))[1]).get("spec"))


def _labels(tree: Tree) -> Mapping[str, Any]:
    return to_map(to_map((pod_template(tree) or ((), {}))[1].get("metadata")).get("labels"))


def _containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    groups = (pod.get("containers"), pod.get("initContainers"))
    return [to_map(container) for group in groups if isinstance(group, list) for container in group]
