"""A patch of a user, applied to one object.

The patches of a LeaderWorkerSet's pods merge their lists as those of a Deployment's pods do: containers, variables and
volumes by name. kustomize has no merge keys for a custom resource; in the patches of an overlay, which servegen writes,
such lists are whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.render.kustomize.merge import merge, needless_removals
from generator.render.kustomize.whole_lists import CompletePatch, DroppedItems
from generator.render.pod_templates import GROUP_KIND, LEADER_TEMPLATE, WORKER_TEMPLATE
from generator.spec.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from generator.core.yaml import Path
    from generator.render.engine.shapes import Tree

_TEMPLATE: Final = ("spec", "template")
_MERGED: Final = (None, "merge")


class Patched(Struct, frozen=True):
    """An object with a patch applied.

    `missed` are the paths in the patch that remove what the object does not have, `dropped` the lists that it replaces.
    """

    tree: Tree
    missed: tuple[Path, ...] = ()
    dropped: tuple[DroppedItems, ...] = ()


def apply_patch(tree: Tree, patch: dict[str, Any]) -> Patched:
    """Return an object with a patch applied. Raises InvalidValueError if it cannot be merged."""
    if tree["kind"] != GROUP_KIND:
        return _applied(tree, patch)
    missed: list[Path] = []
    dropped: list[DroppedItems] = []
    for at in (LEADER_TEMPLATE, WORKER_TEMPLATE):
        old, new = _find(tree, at), _find(patch, at)
        if isinstance(old, dict) and isinstance(new, dict) and new.get("$patch") in _MERGED:
            pods = _of_pods(old, new, at)
            missed += pods.missed
            dropped += pods.dropped
            tree, patch = _with(tree, at, pods.tree), _without(patch, at)
    rest = _applied(tree, patch)
    return Patched(rest.tree, (*missed, *rest.missed), (*dropped, *rest.dropped))


def _applied(tree: Tree, patch: dict[str, Any]) -> Patched:
    complete = CompletePatch.of(tree, patch)
    missed = (*complete.missed, *needless_removals(tree, complete.patch))
    return Patched(merge(tree, complete.patch), missed, tuple(complete.dropped))


def _of_pods(old: Tree, new: dict[str, Any], at: Path) -> Patched:
    """Return a template of pods with its patch applied, as that of a Deployment; all paths are those of the object."""
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "pods"},
        "spec": {"template": old},
    }
    try:
        made = _applied(deployment, {"spec": {"template": new}})
    except InvalidValueError as mistake:
        mistake.at = (*at, *mistake.at[len(_TEMPLATE) :])
        raise
    missed = tuple((*at, *path[len(_TEMPLATE) :]) for path in made.missed)
    dropped = tuple(replace(one, path=(*at, *one.path[len(_TEMPLATE) :])) for one in made.dropped)
    return Patched(made.tree["spec"]["template"], missed, dropped)


def _find(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def _with(tree: Any, path: Path, value: Any) -> dict[str, Any]:
    """Return a copy of a tree with another value at a path that exists."""
    step, *rest = path
    return {**tree, step: _with(tree[step], tuple(rest), value) if rest else value}


def _without(tree: Any, path: Path) -> dict[str, Any]:
    """Return a copy of a tree without the value at a path that exists."""
    step, *rest = path
    if not rest:
        return {key: value for key, value in tree.items() if key != step}
    return {**tree, step: _without(tree[step], tuple(rest))}
