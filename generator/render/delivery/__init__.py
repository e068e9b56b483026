"""Objects that make a tool sync `rendered/`: one module per tool, which renders for the clusters that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from generator.render.app import RenderedApp
from generator.render.delivery import argocd, flux

if TYPE_CHECKING:
    from collections.abc import Collection

    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing
    from generator.render.delivery.cluster_query import ClusterQuery
    from generator.render.objects import ObjectRenderer


class Tool(Protocol):
    """The interface of a module of this package."""

    def render(
        self, fleet: Fleet, routing: Routing, objects: ObjectRenderer, platform: Collection[str], /
    ) -> RenderedApp:
        """Render the files and objects of the tool's clusters; `platform` are the files of `rendered/platform/`."""

    def questions(self, fleet: Fleet, objects: ObjectRenderer, /) -> list[ClusterQuery]:
        """Return the queries for the tool's clusters, one environment after the other."""


TOOLS: Final[tuple[Tool, ...]] = (argocd, flux)


def render_delivery(fleet: Fleet, routing: Routing, objects: ObjectRenderer, platform: Collection[str]) -> RenderedApp:
    """Render the files and objects of all tools."""
    out = RenderedApp()
    for tool in TOOLS:
        made = tool.render(fleet, routing, objects, platform)
        out.files |= made.files
        out.manifests += made.manifests
    return out


def cluster_queries(fleet: Fleet, objects: ObjectRenderer) -> list[ClusterQuery]:
    """Return the queries for the clusters of all tools."""
    return [question for tool in TOOLS for question in tool.questions(fleet, objects)]
