"""An object of a project's service as an environment gets it, and what the project may use there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from generator.core.loose_values import to_list, to_map
from generator.render.pod_templates import KINDS, pod_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.fleet.grants import GrantBook, Rights
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import SlotPath
    from generator.render.views.context import Scheduling

WORKLOADS: Final = KINDS
# The kinds that patches of a spec can change.
PATCHED: Final = frozenset(
    [
        "ConfigMap",
        "Deployment",
        "DestinationRule",
        "HorizontalPodAutoscaler",
        "LeaderWorkerSet",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "ScaledObject",
        "Service",
        "ServiceAccount",
    ]
)


class ProjectObject(Struct, frozen=True):
    """One object of a service: for a route, of the owner of its host.

    `patched` are the paths that the project's own patches changed, `scheduling` returns what the GPU backend and the
    node profile of the cluster add to the pods of the service. `template_path` and `pod_template` are one template of
    its pods, an empty one if it has none.
    """

    tree: Mapping[str, Any]
    instance: ServiceInstance
    patched: tuple[SlotPath, ...]
    book: GrantBook
    scheduling: Callable[[], Scheduling]
    template_path: SlotPath = ()
    pod_template: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rights(self) -> Rights:
        """What the project may use in the environment."""
        return self.book.rights(self.instance.service.project, self.instance.environment.name)

    @property
    def pod_path(self) -> SlotPath:
        """The path of the pod's spec."""
        return (*self.template_path, "spec")

    @property
    def pod(self) -> Mapping[str, Any]:
        """The pod's spec of a workload."""
        return to_map(self.pod_template.get("spec"))

    def containers(self) -> Iterator[tuple[SlotPath, Mapping[str, Any]]]:
        """Yield all containers of the pod with their paths."""
        for group in ("initContainers", "containers", "ephemeralContainers"):
            for index, container in enumerate(to_list(self.pod.get(group))):
                yield (*self.pod_path, group, index), to_map(container)


def project_objects(
    tree: Mapping[str, Any],
    instance: ServiceInstance,
    patched: tuple[SlotPath, ...],
    book: GrantBook,
    scheduling: Callable[[], Scheduling],
) -> Iterator[ProjectObject]:
    """Yield an object once for each template of its pods, and once without one if it has none."""
    for path, template in (*pod_templates(tree),) or (((), {}),):
        yield ProjectObject(tree, instance, patched, book, scheduling, path, template)
