"""The spec's own patches: the escape hatch for what no key covers, merged in memory as kustomize would.

Lists that kustomize replaces as a whole are completed first (whole_lists.py): M03 reports what is dropped, and M04
what is taken away of a clean start and end, and of the limits of a pod (lost_safety.py). A patch
names its object by kind, and optionally by name. A patch that matches no object in any environment, or that removes
what does not exist, is an error: otherwise it would silently do nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from generator.core.finding import Finding, Position, Severity
from generator.fleet.grants import is_platforms
from generator.render.kustomize.user_patch import apply_patch
from generator.render.kustomize.whole_lists import DroppedItems, describe_item
from generator.render.lost_safety import find_lost_safety
from generator.render.pod_templates import GROUP_KIND
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import SlotPath, Tree

_HINT = "write a strategic merge patch, as for `kubectl patch --type strategic`: list items merge by their key"
# The key of a spec that adds to a list which patches replace, by the end of the list's path.
_KEYS = {".requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms": "affinity"}
_KINDS = "Deployment, Service, ServiceAccount, HorizontalPodAutoscaler or PodDisruptionBudget"
# A route holds the rules of several services.
_ROUTES = ("VirtualService", "HTTPRoute")
_ROUTE_KEYS = "remove it: the keys host, path, headers, split, mirror, timeout, retries and cors are for routes"
_HINTS = {
    **dict.fromkeys(_ROUTES, _ROUTE_KEYS),
    GROUP_KIND: "set its kind to Deployment: only a service with `nodes` has a LeaderWorkerSet",
    "DestinationRule": "add the key `traffic`, which renders a DestinationRule with Istio routing, or remove the patch",
}


def addresses(patch: dict[str, Any], tree: Tree) -> bool:
    """Return whether a patch is for this object."""
    metadata = patch.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return patch.get("kind") == tree["kind"] and name in (None, tree["metadata"]["name"])


class SpecPatches(Struct):
    """The patches of one app's services, applied object by object; `findings()` yields the errors."""

    _hit: dict[Position, bool] = field(default_factory=dict)
    _kinds: dict[Position, object] = field(default_factory=dict)
    _of_groups: set[Position] = field(default_factory=set)
    _mistakes: set[Finding] = field(default_factory=set)

    def apply(self, instance: ServiceInstance, tree: Tree) -> tuple[Tree, Tree]:
        """Return the object with the patches of the platform applied, and with all patches that address it."""
        given = tree
        for index, patch in enumerate(instance.settings.patches or ()):
            position = instance.position("patches", index)
            meant = addresses(patch, tree)
            self._hit[position] = meant or self._hit.get(position, False)
            self._kinds[position] = patch.get("kind")
            if tree["kind"] == GROUP_KIND and patch.get("kind") == "Deployment":
                self._of_groups.add(position)
            if meant:
                tree = self._merged(instance, index, patch, tree)
                given = tree if is_platforms(instance, "patches", index) else given
        return given, tree

    def findings(self) -> Iterator[Finding]:
        """Yield the patches that cannot be merged, and those that matched no object."""
        yield from self._mistakes
        for position, hit in self._hit.items():
            if not hit:
                message = "this patch matches no object of the service"
                hint = f"set its kind to {_KINDS}, and remove its name"
                if position in self._of_groups:
                    hint = f"set its kind to {GROUP_KIND}, which a service with `nodes` has"
                yield Finding("K05", message, position, _HINTS.get(str(self._kinds[position]), hint))

    def _merged(self, instance: ServiceInstance, index: int, patch: dict[str, Any], tree: Tree) -> Tree:
        try:
            made = apply_patch(tree, patch)
        except InvalidValueError as mistake:
            position = instance.position("patches", index, *mistake.at)
            hint = mistake.hint or _HINT
            self._mistakes.add(Finding("K05", f"this patch: {mistake}", position, hint))
            return tree
        for path in made.missed:
            position = instance.position("patches", index, *path)
            message = f"this patch removes {'.'.join(map(str, path))}, which the object does not have"
            self._mistakes.add(Finding("K05", message, position, "remove it from the patch"))
        for dropped in made.dropped:
            self._mistakes.add(_drops(dropped, instance.position("patches", index, *dropped.path)))
        for path, consequence in find_lost_safety(tree, made.tree, patch):
            self._mistakes.add(_unsafe(path, consequence, instance.position("patches", index, *path)))
        return made.tree


def _unsafe(path: SlotPath, consequence: str, position: Position) -> Finding:
    name = ".".join(step for step in path if isinstance(step, str))
    message = f"this patch takes away {name}, without which {consequence}"
    hint = "remove it from the patch, or accept the finding with a waiver of M04"
    return Finding("M04", message, position, hint, Severity.WARNING)


def _drops(dropped: DroppedItems, position: Position) -> Finding:
    name = ".".join(step for step in dropped.path if isinstance(step, str))
    what = list_few(map(describe_item, dropped.items))
    message = f"this patch replaces the list {name} and drops what it had: {what}"
    key = next((f"use the key `{key}`, " for end, key in _KEYS.items() if name.endswith(end)), "")
    hint = f"{key}repeat what must stay, or write `- $patch: replace` as the first item if it is to go"
    return Finding("M03", message, position, hint, Severity.WARNING)
