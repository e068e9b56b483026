"""What another version of servegen rendered differently: the objects of a commit, compared with what it renders now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from generator.core.finding import Position
from generator.core.regex import regex
from generator.render.files import ROOT
from generator.review.app_changes import change_of, existence_of
from generator.review.cause import Cause, CauseKind
from generator.review.compare import effect_of
from generator.review.effect import Effect, rank
from generator.review.kinds import group_kind
from generator.review.model import ObjectChange, Review
from generator.review.objects import ObjectKey, by_key
from generator.review.origins.documents import documents_of, render_part
from generator.review.pods import scaled_minimums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.render.app import RenderedApp
    from generator.render.engine.shapes import Tree
    from generator.review.objects import Rendered
    from generator.review.side import Side

    Differing = Callable[[Mapping[str, str]], Mapping[str, Sequence[Tree]]]

# The end of the name of a ConfigMap that kustomize makes.
_HASH: Final = regex(r"-[0-9a-z]{10}\Z")


def tool_changes(side: Side, differing: Differing, versions: str) -> list[ObjectChange]:
    """Return the differences that another version brings: `versions` are the old and the new one, `0.9.0 to 1.0.0`.

    `differing` returns the committed objects of those of some rendered files that differ, by folder or file.
    """
    cause = Cause(CauseKind.TOOL, Position(ROOT), versions)
    found = (change for app in (None, *side.apps) for change in _of_part(side, app, differing, cause))
    return list({(change.key, change.environment): change for change in found}.values())


def with_tool_changes(found: Review, changes: Sequence[ObjectChange]) -> Review:
    """Return a review with these changes too; of an object that both change, the differences of both."""
    own = {(change.key, change.environment): change for change in found.objects}
    for change in changes:
        key = change.key, change.environment
        own[key] = _joined(own[key], change) if key in own else change
    ordered = sorted(own.values(), key=lambda change: (rank(change.effect), change.environment, change.key))
    return Review(tuple(ordered), found.hosts, found.moves)


def _joined(change: ObjectChange, tool: ObjectChange) -> ObjectChange:
    """Return the change from what the other version wrote to what the specs give afterwards."""
    if not change.leaves or not tool.leaves:
        return replace(change, causes=(*change.causes, *tool.causes))
    before = {leaf.difference.shown: leaf for leaf in tool.leaves}
    after = {leaf.difference.shown: leaf for leaf in change.leaves}
    both = {
        shown: replace(
            after[shown],
            difference=replace(after[shown].difference, before=leaf.difference.before),
            causes=(*after[shown].causes, *leaf.causes),
        )
        for shown, leaf in before.items()
        if shown in after
    }
    leaves = tuple({**before, **after, **both}.values())
    return replace(change, leaves=leaves, effect=effect_of(leaves), pods=max(change.pods, tool.pods))


def _of_part(side: Side, app: tuple[str, str] | None, differing: Differing, cause: Cause) -> Iterator[ObjectChange]:
    rendered = render_part(side, app)
    for folder, trees in differing(rendered.files).items():
        now, environment = _rendered(side, rendered, folder), _environment(side, folder)
        cluster = side.fleet.contexts[environment].cluster
        written = {_key(now, cluster, tree): tree for tree in trees}
        pods = scaled_minimums(now.values())
        for key, entry in now.items():
            if key not in written:
                yield replace(existence_of(entry, Effect.CREATE, pods), causes=(cause,))
            elif written[key] != entry.tree:
                old = replace(entry, tree=_as_written(written[key], key))
                change = change_of(old, entry, partial(scaled_minimums, now.values()), lambda _: (cause,))
                yield from [change] if change.leaves else []
        for key in written.keys() - now.keys():
            yield ObjectChange(environment, key, None, Effect.DELETE, causes=(cause,))


def _rendered(side: Side, rendered: RenderedApp, folder: str) -> dict[ObjectKey, Rendered]:
    """Return the objects that this version renders into a folder or a file."""
    parts = folder.split("/")
    if parts[3:4] == ["overlays"]:
        return by_key(side.fleet, (one for one in rendered.manifests if one.environment == parts[4]))
    files = [file for file in rendered.files if file == folder or file.startswith(f"{folder}/")]
    found = (one.manifest for file in files for one in documents_of(rendered, file))
    return by_key(side.fleet, (one for one in found if one is not None))


def _environment(side: Side, folder: str) -> str:
    """Return the environment of a folder or a file; of what a cluster has once, the first on the cluster."""
    parts = folder.split("/")
    if parts[3:4] == ["overlays"]:
        return parts[4]
    on_cluster = (name for name, one in side.fleet.contexts.items() if name and one.cluster in parts)
    return parts[2] if parts[2] in side.fleet.instances else next(on_cluster)


def _key(now: Mapping[ObjectKey, Rendered], cluster: str, tree: Tree) -> ObjectKey:
    """Return the identity of a committed object; a generated ConfigMap that is known has no hash in its name."""
    metadata = tree["metadata"]
    key = ObjectKey(cluster, metadata.get("namespace", ""), group_kind(tree), metadata["name"])
    plain = key._replace(name=_HASH.sub("", key.name))
    return plain if plain in now and now[plain].generated else key


def _as_written(tree: Tree, key: ObjectKey) -> Tree:
    return {**tree, "metadata": {**tree["metadata"], "name": key.name}}
