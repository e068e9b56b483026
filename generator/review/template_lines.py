"""The objects of an app before and after a change of lines of templates of services, and of nothing else.

Of each object only what the lines can change is rendered. Where that does not decide, the app is rendered as usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from generator.render.app_manifests import AppManifests, Manifest, running_instances
from generator.render.engine.outline import Outlines
from generator.render.objects import BASE, OVERLAY, VIEW_FUNCTIONS, folder_of
from generator.render.views import View, bind
from generator.review.narrow import narrow
from generator.review.objects import by_key
from generator.review.pods import scaled_minimums
from generator.review.templates import SHARED, scaling_templates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from generator.render.engine.shapes import Tree
    from generator.render.views.context import ServiceContext
    from generator.review.objects import Rendered
    from generator.review.pods import Minimums
    from generator.review.side import Side

    Pair = tuple[Tree, Tree]


class UndecidedError(Exception):
    """What a change of lines makes of an app must be rendered as usual."""


def _unbound() -> dict[str, View[ServiceContext]]:
    return {name: View(values) for name, values in VIEW_FUNCTIONS.items()}


class TemplateLines(Struct):
    """Two sides with the same fleet, and the templates whose text differs, which both sides have.

    `scaling` are the templates of the side before that can give an autoscaler.
    """

    before: Side
    after: Side
    names: Sequence[str]
    scaling: Collection[str]
    _views: dict[str, View[ServiceContext]] = field(default_factory=_unbound)
    _versions: dict[str, _Versions] = field(default_factory=dict)

    def of(self, app: tuple[str, str]) -> list[tuple[Rendered, Rendered]] | None:
        """Return the objects of an app that may differ, before and after, without what is equal in both.

        None if they must be rendered as usual: because of patches, objects that come or go, or errors in a template.
        """
        try:
            pairs = list(self._pairs(app))
        except Exception:  # whatever a template does: rendering as usual reports it
            return None
        return pairs if len({old.key for old, _ in pairs}) == len(pairs) else None

    def minimums(self, app: tuple[str, str]) -> Minimums:
        """Return the fewest replicas that the autoscalers of an app allow before the change."""
        found = self.before.manifests(app, self.scaling)
        return scaled_minimums(by_key(self.before.fleet, found).values())

    def _pairs(self, app: tuple[str, str]) -> Iterator[tuple[Rendered, Rendered]]:
        side, services = self.after, self.after.apps[app]
        manifests = AppManifests(side.fleet, side.routing, side.renderer, services)
        for instances in running_instances(side.fleet, side.routing, services).values():
            for instance in instances:
                if instance.settings.patches:
                    raise UndecidedError
                context = side.renderer.context(instance)
                for name, trees in self._trees(context):
                    placed = [manifests.place(manifests.add_wave(tree), context, folder_of(name)) for tree in trees]
                    yield self._rendered(placed, name, context)

    def _trees(self, context: ServiceContext) -> Iterator[tuple[str, Pair]]:
        for view in self._views.values():
            bind(view, context)
        facts = context.instance.environment.facts
        for name in self.names:
            if name in self.after.renderer.cluster_templates(folder_of(name), facts):
                pair = self._version(name).pair()
                if pair is not None:
                    yield name, pair

    def _version(self, name: str) -> _Versions:
        if name not in self._versions:
            texts = self.before.renderer.loader.text(name), self.after.renderer.loader.text(name)
            self._versions[name] = _Versions(Outlines(texts, self._views))
        return self._versions[name]

    def _rendered(self, trees: list[Tree], name: str, context: ServiceContext) -> tuple[Rendered, Rendered]:
        instance, fleet = context.instance, self.after.fleet
        found = (by_key(fleet, [Manifest(tree, instance.environment.name, name, instance)]) for tree in trees)
        ((key, old),), ((other, new),) = (one.items() for one in found)
        if key != other:
            raise UndecidedError
        return old, new


def template_lines(before: Side, after: Side, changed: Iterable[str]) -> TemplateLines | None:
    """Return the lines of these templates as what differs; None if something else may differ too."""
    names = [name for name in changed if not name.startswith(SHARED)]
    known = (folder_of(name) in (BASE, OVERLAY) for name in names)
    present = (side.renderer.loader.has(name) for name in names for side in (before, after))
    if before.fleet is not after.fleet or not all((*known, *present)):
        return None
    return TemplateLines(before, after, names, scaling_templates(before))


class _Versions(Struct):
    """Two versions of a template; `known` has the narrowed objects of pairs of outlines, None if there is no object."""

    outlines: Outlines
    known: dict[tuple[str, str], Pair | None] = field(default_factory=dict)

    def pair(self) -> Pair | None:
        """Return the narrowed objects of the service that the views are bound to; None if nothing differs."""
        texts = self.outlines.texts()
        if texts not in self.known:
            self.known[texts] = self._narrowed(*texts)
        pair = self.known[texts]
        return pair and (self.outlines.fill(pair[0]), self.outlines.fill(pair[1]))

    def _narrowed(self, *texts: str) -> Pair | None:
        old, new = map(self.outlines.tree, texts)
        for tree in (old, new):
            self.outlines.fill(tree)  # an error in a value that both have is one all the same
        if old is None and new is None:
            return None
        if old is None or new is None or any(_differ(old, new, key) for key in ("apiVersion", "kind")):
            raise UndecidedError
        return narrow(old, new) if old != new else None


def _differ(old: Tree, new: Tree, key: str) -> bool:
    """Return whether two objects have other texts at a key, or a value of a view."""
    return not isinstance(old.get(key), str) or old[key] != new.get(key)
