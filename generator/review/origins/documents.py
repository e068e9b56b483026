"""Everything that is rendered, by where it is: the objects of environments, of bases, and kustomize's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.yaml.object_reader import read
from generator.pipeline.expected import shared_manifests
from generator.render.app import RenderedApp, render_app
from generator.render.files import CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import Tree
    from generator.review.side import Side

_OF_CLUSTERS: Final = ("argocd", "flux", "platform")


class RenderedDocument(Struct, frozen=True):
    """One YAML document of a file below rendered/; `manifest` is None if it is kustomize's own and no object."""

    file: str
    tree: Tree
    manifest: Manifest | None

    @property
    def environment(self) -> str:
        """The environment in whose overlay the file is; empty if it is in none."""
        parts = self.file.split("/")
        return parts[4] if "overlays" in parts[3:4] else ""


def app_of(file: str) -> tuple[str, str] | None:
    """Return the app in whose folder a rendered file is; None if it belongs to no app."""
    parts = file.split("/")
    return None if len(parts) < 3 or parts[1] in _OF_CLUSTERS else (parts[1], parts[2])


def render_part(side: Side, app: tuple[str, str] | None) -> RenderedApp:
    """Return the files and objects of an app, or with None those of no app."""
    if app is None:
        return shared_manifests(side.fleet, side.routing, side.renderer)
    services = side.apps.get(app)
    return render_app(side.fleet, side.routing, side.renderer, services) if services else RenderedApp()


def documents_of(rendered: RenderedApp, file: str) -> Iterator[RenderedDocument]:
    """Yield the documents of one of the files; a config file has none."""
    if not file.endswith(".yaml") or f"/{CONFIG}/" in file:
        return
    for tree in read(rendered.files[file]):
        yield RenderedDocument(file, tree, _manifest_of(rendered, file, tree))


def _manifest_of(rendered: RenderedApp, file: str, tree: Tree) -> Manifest | None:
    environment = RenderedDocument(file, tree, None).environment
    is_base = file.split("/")[3:4] == ["base"]
    found = rendered.bases if is_base else rendered.manifests
    alike = (one for one in found if _key(one.tree, is_base=is_base) == _key(tree, is_base=is_base))
    return next((one for one in alike if environment in ("", one.environment)), None)


def _key(tree: Tree, *, is_base: bool) -> tuple[Any, ...]:
    metadata = tree.get("metadata") or {}
    return tree.get("kind"), metadata.get("name"), "" if is_base else metadata.get("namespace", "")
