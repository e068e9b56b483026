"""The objects of a cluster that belong to no app, below `rendered/platform/<cluster>/`: one file per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.fleet.namespaces import namespaces as fleet_namespaces
from generator.render.app import KUSTOMIZATION, RenderedApp, documents, first_line
from generator.render.app_manifests import Manifest
from generator.render.cluster import (
    alerts,
    dashboards,
    external_secrets,
    gateways,
    metric_rules,
    namespaces,
    priorities,
    queues,
    quotas,
)
from generator.render.cluster.manifest_input import ClusterContext
from generator.render.files import ROOT
from generator.render.objects import with_namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import Fleet
    from generator.render.cluster.manifest_input import Kind, ManifestInput
    from generator.render.objects import ObjectRenderer

# In the order in which `kubectl apply` must create them.
KINDS: Final[tuple[Kind, ...]] = (
    namespaces,
    priorities,
    quotas,
    queues,
    gateways,
    external_secrets,
    metric_rules,
    alerts,
    dashboards,
)


def render_platform(fleet: Fleet, objects: ObjectRenderer) -> RenderedApp:
    """Render the files and objects of all clusters that have any."""
    out = RenderedApp()
    for site in _sites(fleet, objects):
        folder, first = f"{ROOT}/platform/{site.name}", first_line(fleet.document.file)
        out.files |= {f"{folder}/{file}": text for file, text in dashboards.files(site).items()}
        resources = []
        for kind in KINDS:
            made = [_object(objects, part) for part in kind.parts(site)]
            if made:
                out.manifests += made
                out.files[f"{folder}/{kind.FILE}"] = first + documents(entry.tree for entry in made)
                resources.append(kind.FILE)
        if resources:
            kustomization = {**KUSTOMIZATION, "resources": resources}
            out.files[f"{folder}/kustomization.yaml"] = first + documents([kustomization])
    return out


def _sites(fleet: Fleet, objects: ObjectRenderer) -> Iterator[ClusterContext]:
    """Yield the clusters that have an environment."""
    all_spaces = fleet_namespaces(fleet)
    for name, facts in fleet.platform.clusters.items():
        environments = [place.name for place in fleet.contexts.values() if place.name and place.cluster == name]
        if environments:
            own = tuple(space for space in all_spaces if space.cluster == name)
            yield ClusterContext(name, facts, environments[0], own, fleet, objects)


def _object(objects: ObjectRenderer, part: ManifestInput) -> Manifest:
    tree = objects.renderer.require_object(part.template, part.context)
    placed = tree if part.namespace is None else with_namespace(tree, part.namespace)
    return Manifest(placed, part.environment, part.template, part.origin, values=part.context)
