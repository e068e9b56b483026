"""The comparison of the objects of one app, or of those that belong to no app."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.errors import RefusedError
from generator.core.finding import sort_findings
from generator.fleet.routes import State
from generator.review.compare import compare_trees, effect_of
from generator.review.effect import Effect
from generator.review.model import ObjectChange
from generator.review.objects import by_key
from generator.review.pods import count_pods, scaled_minimums

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from generator.core.finding import Finding
    from generator.render.engine.shapes import Tree
    from generator.review.cause import Cause
    from generator.review.causes import Causes
    from generator.review.leaves import Difference
    from generator.review.objects import Rendered
    from generator.review.pods import Minimums
    from generator.review.side import Side
    from generator.review.template_lines import TemplateLines

    App = tuple[str, str]


_REPLACING: Final = frozenset({Effect.RESTART, Effect.RECREATE})


class Single(Struct, frozen=True):
    """An object that one side of an app has and the other has not, and what that means if no other app has it."""

    tree: Tree
    change: ObjectChange


class AppChanges(Struct, frozen=True):
    """The objects of an app that change, those that it has no more, and those that are new in it.

    `refused` is not empty if one of the repository's own templates has errors: then the others are.
    """

    changed: tuple[ObjectChange, ...] = ()
    removed: tuple[Single, ...] = ()
    added: tuple[Single, ...] = ()
    refused: tuple[Finding, ...] = ()


class Comparison(Struct, frozen=True):
    """Two sides, the places (cluster/namespace) that projects leave altogether, and the causes of changes."""

    before: Side
    after: Side
    left: frozenset[str]
    causes: Causes
    only: Mapping[App, Collection[str]] = field(default_factory=dict)
    """The apps of which only the objects of these templates can differ."""
    lines: TemplateLines | None = None
    """With it, the fleet is the same on both sides, and only objects of its templates can differ."""

    def of(self, app: App | None) -> AppChanges:
        """Compare the objects of an app, or with None those that belong to no app."""
        try:
            return self._compared(app)
        except RefusedError as refused:  # a result, as it may come from another process
            return AppChanges(refused=refused.findings)

    def _compared(self, app: App | None) -> AppChanges:
        if app is not None and self.lines is not None and (pairs := self.lines.of(app)) is not None:
            return AppChanges(changed=self._changed(pairs, cache(partial(self.lines.minimums, app))))
        sides = (self.before, self.after)
        only = self.only.get(app) if app is not None else None
        old, new = (by_key(s.fleet, s.shared_manifests() if app is None else s.manifests(app, only)) for s in sides)
        pods = scaled_minimums(old.values())
        return AppChanges(
            self._changed([(old[key], new[key]) for key in old if key in new], lambda: pods),
            tuple(self._removed(entry, pods) for key, entry in old.items() if key not in new),
            tuple(self._added(entry, scaled_minimums(new.values())) for key, entry in new.items() if key not in old),
        )

    def _removed(self, entry: Rendered, pods: Minimums) -> Single:
        moved = f"{entry.key.cluster}/{entry.key.namespace}" in self.left
        effect = Effect.NONE if _is_kept(entry.tree) else self._effect_of_removal(entry, moved=moved)
        causes = self.causes.of_existence(entry, is_new=False)
        return Single(entry.tree, replace(existence_of(entry, effect, pods), moved=moved, causes=causes))

    def _added(self, entry: Rendered, pods: Minimums) -> Single:
        causes = self.causes.of_existence(entry, is_new=True)
        return Single(entry.tree, replace(existence_of(entry, Effect.CREATE, pods), causes=causes))

    def _changed(
        self, pairs: Iterable[tuple[Rendered, Rendered]], pods: Callable[[], Minimums]
    ) -> tuple[ObjectChange, ...]:
        return tuple(
            change_of(old, new, pods, partial(self.causes.of_leaf, old, new))
            for old, new in pairs
            if old.tree != new.tree
        )

    def _effect_of_removal(self, entry: Rendered, *, moved: bool) -> Effect:
        """Return whether a service left the object behind when another took its host, or somebody removed it."""
        states = self.after.routing.states
        key = (entry.environment, *entry.service) if entry.service is not None else None
        superseded = key is not None and not moved and states.get(key) is State.SUPERSEDED
        return Effect.TAKEOVER if superseded else Effect.DELETE


def change_of(
    old: Rendered, new: Rendered, pods: Callable[[], Minimums], find_causes: Callable[[Difference], tuple[Cause, ...]]
) -> ObjectChange:
    """Return the change of an object that both sides have; `pods` returns what `count_pods` takes."""
    found = compare_trees(old.tree, new.tree)
    leaves = tuple(replace(leaf, causes=find_causes(leaf.difference)) for leaf in found)
    effect = effect_of(leaves)
    if new.generated and any(leaf.difference.pattern[0] == "data" for leaf in leaves):
        effect = Effect.RESTART  # the pods that mount it name it with the hash of its content
    replaced = count_pods(old, pods()) if effect in _REPLACING else 0
    files = tuple(dict.fromkeys((old.file, new.file)))
    return replace(existence_of(new, effect, {}), leaves=leaves, pods=replaced, files=files)


def merge_apps(parts: Iterable[AppChanges]) -> list[ObjectChange]:
    """Return the changes of all apps; an object that leaves one app and comes in another is changed, if at all.

    Raises RefusedError if a template of the repository's own has errors.
    """
    found = list(parts)
    if refused := dict.fromkeys(finding for part in found for finding in part.refused):
        raise RefusedError(sort_findings(refused), {})
    out = [change for part in found for change in part.changed]
    removed = {one.change.key: one for part in found for one in part.removed}
    for one in (one for part in found for one in part.added):
        old = removed.pop(one.change.key, None)
        out += [one.change] if old is None else _handed_on(old, one)
    return [*out, *(one.change for one in removed.values())]


def existence_of(entry: Rendered, effect: Effect, pods: Minimums) -> ObjectChange:
    """Return the change that an object comes, leaves, or has an effect that is known."""
    return ObjectChange(
        entry.environment,
        entry.key,
        entry.service,
        effect,
        pods=count_pods(entry, pods),
        files=(entry.file,),
        derived=entry.derived,
    )


def _handed_on(old: Single, new: Single) -> list[ObjectChange]:
    causes = tuple(dict.fromkeys((*old.change.causes, *new.change.causes)))
    leaves = tuple(replace(leaf, causes=causes) for leaf in compare_trees(old.tree, new.tree))
    effect = effect_of(leaves)
    pods = old.change.pods if effect in _REPLACING else 0
    files = (*old.change.files, *new.change.files)
    return [replace(new.change, effect=effect, leaves=leaves, pods=pods, files=files, causes=())] if leaves else []


def _is_kept(tree: Tree) -> bool:
    """Return whether the delivery tools leave the object where it is when nothing renders it any more."""
    annotations = tree["metadata"].get("annotations") or {}
    options = str(annotations.get("argocd.argoproj.io/sync-options", "")).split(",")
    return "Prune=false" in options and annotations.get("kustomize.toolkit.fluxcd.io/prune") == "disabled"
