"""What the objects would be with another value in one line of a spec: they are rendered again with that value."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from generator.core.errors import ServegenError
from generator.core.finding import has_errors
from generator.pipeline.expected import shared_manifests
from generator.pipeline.fleet_only import FleetResolver
from generator.render.app import render_app
from generator.render.files import CONFIG
from generator.review.kinds import group_kind, rules_of
from generator.review.leaves import ABSENT, differences
from generator.review.origins.field_paths import value_at
from generator.review.origins.spec_leaves import leaf_value, variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.yaml import Document, Path
    from generator.pipeline.fleet_only import FleetOnly
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.objects import ObjectRenderer

    Identity = tuple[str, str, str]
    # What is different, by object; None if there is no such object.
    Changed = Mapping[Identity, tuple[SlotPath, ...] | None]


@dataclass(slots=True)
class WhatIf:
    """Renders the objects of one app, or with `app` None those of no app, with other values in `specs`.

    `specs` are at least the files that can change these objects. Results are kept.
    """

    specs: Mapping[str, bytes]
    renderer: ObjectRenderer
    app: tuple[str, str] | None
    _resolver: FleetResolver = field(init=False)
    _before: dict[Identity, Tree] | None = field(init=False, default=None)
    _known: dict[tuple[str, Path], list[Changed]] = field(init=False, default_factory=dict)
    _rest: dict[tuple[str, Path], Iterator[Changed]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._resolver = FleetResolver(self.renderer.loader)

    def changes(self, document: Document, path: Path, manifest: Manifest, at: SlotPath) -> bool:
        """Return whether another value in a line of a spec changes the value at a path of an object."""
        key = document.file, path
        known = self._known.setdefault(key, [])
        rest = self._rest.setdefault(key, self._renders(document, path))
        own = identity(manifest)
        value = str(value_at(manifest.tree, at))
        shown = str(leaf_value(document, path)) in value
        return any(_is_touched(changed.get(own), at, shown=shown) for changed in chain(known, _keep(rest, known)))

    def _renders(self, document: Document, path: Path) -> Iterator[Changed]:
        before = self._objects(self.specs) if self._before is None else self._before
        self._before = before
        for _, text in variants(document, path):
            after = self._objects({**self.specs, document.file: text.encode()})
            if after is not None and before is not None:
                yield {key: _changed(tree, after[key]) if key in after else None for key, tree in before.items()}

    def _objects(self, specs: Mapping[str, bytes]) -> dict[Identity, Tree] | None:
        """Return the objects, None if the specs have errors."""
        try:
            found = self._resolver.resolve(specs)
            return None if has_errors(found.findings) else {identity(one): one.tree for one in self._manifests(found)}
        except ServegenError:
            return None

    def _manifests(self, found: FleetOnly) -> Iterable[Manifest]:
        if self.app is None:
            return shared_manifests(found.fleet, found.routing, self.renderer).manifests
        services = found.fleet.apps().get(self.app, [])
        rendered = render_app(found.fleet, found.routing, self.renderer, services)
        return [*rendered.manifests, *rendered.bases]


def _keep(rest: Iterator[Changed], known: list[Changed]) -> Iterator[Changed]:
    for changed in rest:
        known.append(changed)
        yield changed


def identity(manifest: Manifest) -> Identity:
    """Return what an object is known by in two renders: its environment, kind and name without a hash."""
    name = str(manifest.tree["metadata"]["name"])
    plain = name.rpartition("-")[0] if manifest.template == CONFIG else name
    return manifest.environment, group_kind(manifest.tree), plain


def _changed(before: Tree, after: Tree) -> tuple[SlotPath, ...]:
    if before == after:
        return ()
    rules = rules_of(before["apiVersion"], before["kind"])
    return tuple(one.old for one in differences(before, after, rules) if one.before is not ABSENT and not one.order)


def _is_touched(changed: Iterable[SlotPath] | None, at: SlotPath, *, shown: bool) -> bool:
    """Return whether one of these paths is at or above the value; without the object, whether the value shows the line.

    Names of objects may have values of specs, such as a host: then another object is there.
    """
    if changed is None:
        return shown
    return any(at[: len(path)] == path for path in changed)
