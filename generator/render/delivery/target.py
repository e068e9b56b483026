"""The base of the modules of all tools: the clusters that a tool delivers to, and the writer of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from generator.fleet.model import ClusterEntry
from generator.render.app import RenderedApp, documents, first_line
from generator.render.app_manifests import Manifest
from generator.render.objects import with_namespace
from generator.spec.platform import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import Fleet, ServiceEntry
    from generator.render.objects import ObjectRenderer
    from generator.spec.delivery import Delivery, Tool

# A template below the tool's folder, and its values.
Parts = list[tuple[str, dict[str, Any]]]


class DeliveryTarget(Struct, frozen=True):
    """A cluster that a tool delivers to, and its environments."""

    cluster: str
    delivery: Delivery
    environments: list[str]

    def from_top(self, folder: str) -> str:
        """Return a folder of `rendered/`, relative to the top of the Git repository."""
        return f"{self.delivery.folder}/{folder}" if self.delivery.folder else folder


S = TypeVar("S", bound=DeliveryTarget)


def delivery_targets(fleet: Fleet, tool: Tool, kind: type[S]) -> Iterator[S]:
    """Yield the clusters of a tool that have an environment, and a repository to be delivered from."""
    for cluster in fleet.platform.clusters:
        delivery = delivery_of(fleet.platform, cluster)
        environments = [name for name in fleet.instances if fleet.contexts[name].cluster == cluster]
        if delivery.tool == tool and delivery.repository is not None and environments:
            yield kind(cluster, delivery, environments)


def has_groups(fleet: Fleet, environment: str, services: Iterable[ServiceEntry]) -> bool:
    """Return whether an app with these services has one whose replicas are groups of pods, superseded or not."""
    found = (fleet.instances[environment].get(service.key) for service in services)
    return any(instance is not None and instance.settings.group_size > 1 for instance in found)


@dataclass(slots=True)
class Writer:
    """Renders a tool's objects into files.

    The tool's templates are in a folder of its name, and get their values under that name.
    """

    tool: Tool
    fleet: Fleet
    objects: ObjectRenderer
    rendered: RenderedApp = field(init=False, default_factory=RenderedApp)

    def write(
        self,
        file: str,
        cluster: str,
        namespace: str,
        parts: Parts,
        environment: str,
        service: ServiceEntry | None = None,
        note: str = "",
    ) -> None:
        """Render one file.

        Its objects belong to the app of `service`, or to the cluster if that is None. `note` are comments before them.
        """
        document, path = self.fleet.document, ("clusters", cluster, "delivery")
        source = f"services/{service.project}/{service.app}/" if service else document.file
        trees = []
        for template, values in parts:
            name = f"delivery/{self.tool}/{template}.yaml.j2"
            context: dict[str, Any] = {self.tool: values}
            tree = self.objects.renderer.render_object(name, context)
            if tree is not None:
                trees.append(with_namespace(tree, namespace))
                origin = service or ClusterEntry(cluster, document, path)
                self.rendered.manifests.append(Manifest(trees[-1], environment, name, origin, values=context))
        self.rendered.files[file] = first_line(source) + note + documents(trees)
