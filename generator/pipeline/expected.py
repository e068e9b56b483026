"""The objects that each environment must get; `verify` compares the output of `kustomize build` with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.render.app import RenderedApp, render_app
from generator.render.delivery import render_delivery
from generator.render.files import ROOT as RENDERED
from generator.render.objects import ObjectRenderer
from generator.render.platform import render_platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.template_loader import TemplateLoader
    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routing import Routing
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import Tree


def expected_manifests(fleet: Fleet, routing: Routing, loader: TemplateLoader) -> Iterator[Manifest]:
    """Yield every object of every environment: first those that belong to no app, then app by app."""
    renderer = ObjectRenderer(loader)
    yield from shared_manifests(fleet, routing, renderer).manifests
    for services in fleet.apps().values():
        yield from render_app(fleet, routing, renderer, services).manifests


def expected_builds(
    fleet: Fleet, routing: Routing, renderer: ObjectRenderer, services: list[ServiceEntry]
) -> dict[str, list[Tree]]:
    """Return what `kustomize build` must print for each overlay of the app that consists of `services`, by folder."""
    out: dict[str, list[Tree]] = {}
    for entry in render_app(fleet, routing, renderer, services).manifests:
        folder = f"{RENDERED}/{services[0].project}/{services[0].app}/overlays/{entry.environment}"
        out.setdefault(folder, []).append(entry.tree)
    return out


def expected_platform_builds(fleet: Fleet, renderer: ObjectRenderer) -> dict[str, list[Tree]]:
    """Return what `kustomize build` must print for the platform folder of each cluster, by folder."""
    out: dict[str, list[Tree]] = {}
    for entry in render_platform(fleet, renderer).manifests:
        folder = f"{RENDERED}/platform/{fleet.contexts[entry.environment].cluster}"
        out.setdefault(folder, []).append(entry.tree)
    return out


def shared_manifests(fleet: Fleet, routing: Routing, renderer: ObjectRenderer) -> RenderedApp:
    """Render the objects that belong to no app: cluster-wide objects, and those that make Argo CD or Flux sync."""
    platform = render_platform(fleet, renderer)
    delivery = render_delivery(fleet, routing, renderer, platform.files)
    return RenderedApp(platform.files | delivery.files, [*platform.manifests, *delivery.manifests])
