"""Names in one object that must be in another: the API server takes both, and one of them has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.checks.api.names import names_of, unknown_name
from generator.checks.api.refusal import Refusal
from generator.checks.api.rivals import is_autoscaler
from generator.checks.api.rules import MISSING, UNKNOWN_NAME
from generator.core.loose_values import to_list, to_map
from generator.render.pod_templates import GROUP_KIND, LEADER_TEMPLATE, pod_templates
from generator.render.views.service import LEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree

_SELECTORS: Final = {"PodDisruptionBudget": "selector", "NetworkPolicy": "podSelector"}


class _Pods(Struct, frozen=True):
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


class Workloads(Struct):
    """The pods that the workloads of one app create in one environment, and what scales them."""

    pods: list[_Pods] = field(default_factory=list)
    autoscalers: list[Tree] = field(default_factory=list)

    @classmethod
    def by_environment(cls, objects: Iterable[tuple[str, Tree]]) -> dict[str, Workloads]:
        """Return the workloads among objects by their environments."""
        out: dict[str, Workloads] = {}
        for environment, tree in objects:
            found = out.setdefault(environment, cls())
            found.pods += [_Pods(tree, template, path) for path, template in pod_templates(tree)]
            if is_autoscaler(tree):
                found.autoscalers.append(tree)
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
        same_kind = [one for one in self.pods if one.tree["kind"] == target.get("kind")]
        names = {one.tree["metadata"]["name"] for one in same_kind}
        if names:
            where: SlotPath = ("spec", "scaleTargetRef", "name")
            for refusal in unknown_name(target.get("name"), names, str(target["kind"]), where):
                yield replace(refusal, outcome="the autoscaler would scale nothing")
        scaled = [one.spec for one in same_kind if one.tree["metadata"]["name"] == target.get("name")]
        for index, metric in enumerate(to_list(spec.get("metrics"))):
            for refusal in (one for pod in scaled for one in _unread(to_map(metric), pod, ("spec", "metrics", index))):
                yield replace(refusal, outcome="the autoscaler could not read the metric")

    def _selector(self, name: str, spec: Mapping[str, Any], key: str) -> Iterator[Refusal]:
        """Yield a selector that misses the pods of the workload that has the object's name."""
        found = [one.labels for one in self.pods if one.tree["metadata"]["name"] == name]
        selector = spec.get(key)
        wanted = to_map(to_map(selector).get("matchLabels")).items()
        if found and (selector is None or not any(wanted <= labels.items() for labels in found)):
            missed = next((f"{label}: {value}" for label, value in wanted if found[0].get(label) != value), "nothing")
            hint = "remove the selector from the patch: servegen writes the one of the pods"
            refusal = Refusal(UNKNOWN_NAME, ("spec", key), missed, "labels of the pods", hint)
            yield replace(refusal, outcome="it would select no pod")

    def _ports(self, spec: Mapping[str, Any]) -> Iterator[Refusal]:
        selector = to_map(spec.get("selector"))
        pods = [one.spec for one in self.pods if selector and selector.items() <= one.labels.items()]
        if not pods:
            return
        containers = [container for pod in pods for container in _containers(pod)]
        known = {name for container in containers for name in names_of(container.get("ports"))}
        for index, port in enumerate(to_list(spec.get("ports"))):
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


def _containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    groups = (pod.get("containers"), pod.get("initContainers"))
    return [to_map(container) for group in groups if isinstance(group, list) for container in group]
