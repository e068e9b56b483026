"""Names in one object that must be in another: the API server takes both, and one of them has no effect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.names import names_of, unknown_name
from generator.checks.api.workloads import to_map
from generator.render.pod_templates import GROUP_KIND, LEADER_TEMPLATE, pod_templates
from generator.render.views.service import LEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.api.refusal import Refusal
    from generator.render.engine.shapes import SlotPath, Tree

_KINDS: Final = frozenset({"HorizontalPodAutoscaler", "Service"})


@dataclass(frozen=True, slots=True)
class _Pods:
    """The pods of one template of a workload; `path` is where the template is in `tree`."""

    tree: Tree
    template: Mapping[str, Any]
    path: SlotPath

    @property
    def spec(self) -> Mapping[str, Any]:
        """The spec of the pods."""
        return to_map(self.template.get("spec"))

    @property
    def labels(self) -> Mapping[str, Any]:
        """The labels of the pods, with the one that the controller of a LeaderWorkerSet adds to leaders."""
        own = to_map(to_map(self.template.get("metadata")).get("labels"))
        leads = self.tree["kind"] == GROUP_KIND and self.path == LEADER_TEMPLATE
        return {**own, **LEADER} if leads else own


@dataclass(slots=True)
class Workloads:
    """The pods that the workloads of one app create in one environment."""

    pods: list[_Pods] = field(default_factory=list)

    @classmethod
    def by_environment(cls, objects: Iterable[tuple[str, Tree]]) -> dict[str, Workloads]:
        """Return the workloads among objects by their environments."""
        out: dict[str, Workloads] = {}
        for environment, tree in objects:
            found = out.setdefault(environment, cls())
            found.pods += [_Pods(tree, template, path) for path, template in pod_templates(tree)]
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
        pods = [one.spec for one in self.pods if (one.tree["kind"], one.tree["metadata"]["name"]) == wanted]
        for index, metric in enumerate(spec.get("metrics") or ()):
            source = to_map(to_map(metric).get("containerResource"))
            path: SlotPath = ("spec", "metrics", index, "containerResource", "container")
            for pod in pods:
                known = names_of(pod.get("containers"))
                for refusal in unknown_name(source.get("container"), known, "container of the pods", path):
                    yield replace(refusal, outcome="the autoscaler could not read the metric")

    def _ports(self, spec: Mapping[str, Any]) -> Iterator[Refusal]:
        selector = to_map(spec.get("selector"))
        pods = [one.spec for one in self.pods if selector and selector.items() <= one.labels.items()]
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


def _containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    groups = (pod.get("containers"), pod.get("initContainers"))
    return [to_map(container) for group in groups if isinstance(group, list) for container in group]
