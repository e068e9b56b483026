"""Names in one object that must be in another: the API server takes both, and one of them has no effect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.names import names_of, unknown_name
from generator.checks.api.rivals import is_autoscaler
from generator.checks.api.workloads import to_map
from generator.checks.objects.pod_security import pod_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.api.refusal import Refusal
    from generator.render.engine.shapes import SlotPath, Tree

_KINDS: Final = frozenset({"HorizontalPodAutoscaler", "Service"})


@dataclass(slots=True)
class Workloads:
    """The workloads of one app in one environment, and what scales them."""

    trees: list[Tree] = field(default_factory=list)
    autoscalers: list[Tree] = field(default_factory=list)

    @classmethod
    def by_environment(cls, objects: Iterable[tuple[str, Tree]]) -> dict[str, Workloads]:
        """Return the workloads among objects by their environments."""
        out: dict[str, Workloads] = {}
        for environment, tree in objects:
            found = out.setdefault(environment, cls())
            if pod_template(tree) is not None:
                found.trees.append(tree)
            elif is_autoscaler(tree):
                found.autoscalers.append(tree)
        return out

    def unknown_names(self, tree: Tree) -> Iterator[Refusal]:
        """Yield the containers of metrics and the target ports of a Service that no pod has."""
        if tree["kind"] not in _KINDS:
            return
        spec = to_map(tree.get("spec"))
        yield from self._metrics(spec) if tree["kind"] == "HorizontalPodAutoscaler" else self._ports(spec)

    def _metrics(self, spec: Mapping[str, Any]) -> Iterator[Refusal]:
        target = to_map(spec.get("scaleTargetRef"))
        wanted = (target.get("kind"), target.get("name"))
        pods = [_pod(tree) for tree in self.trees if (tree["kind"], tree["metadata"]["name"]) == wanted]
        for index, metric in enumerate(spec.get("metrics") or ()):
            source = to_map(to_map(metric).get("containerResource"))
            path: SlotPath = ("spec", "metrics", index, "containerResource", "container")
            for pod in pods:
                known = names_of(pod.get("containers"))
                for refusal in unknown_name(source.get("container"), known, "container of the pods", path):
                    yield replace(refusal, outcome="the autoscaler could not read the metric")

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


def _pod(tree: Tree) -> Mapping[str, Any]:
    return to_map(to_map((pod_template(tree) or ((), {}))[1]).get("spec"))


def _labels(tree: Tree) -> Mapping[str, Any]:
    return to_map(to_map((pod_template(tree) or ((), {}))[1].get("metadata")).get("labels"))


def _containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    groups = (pod.get("containers"), pod.get("initContainers"))
    return [to_map(container) for group in groups if isinstance(group, list) for container in group]
