"""What a patch takes away of the fields that servegen writes so that no request is lost and no right is too many.

All variables of a container are among them.

Source: Kubernetes documentation, Pod Lifecycle (termination of pods, container probes), and Pod Security Standards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.loose_values import to_list, to_map
from generator.render.pod_templates import pod_templates
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree

_RIGHTS: Final = "it has rights that it does not need"
_CUT: Final = "requests in flight are cut off"
# Fields of a pod, and of its containers, each with what happens without it.
_OF_POD: Final[Mapping[str, str]] = {
    "securityContext": _RIGHTS,
    "terminationGracePeriodSeconds": _CUT,
    "topologySpreadConstraints": "all replicas may be on one node",
}
_OF_CONTAINER: Final[Mapping[str, str]] = {
    "lifecycle": f"a pod that ends gets new requests, and {_CUT}",
    "livenessProbe": "a server that hangs is never restarted",
    "readinessProbe": "a pod gets requests before it can answer them",
    "securityContext": _RIGHTS,
    "startupProbe": "a pod that loads its model may be restarted before it is ready",
}


def find_lost_safety(before: Tree, after: Tree, patch: Mapping[str, Any]) -> Iterator[tuple[SlotPath, str]]:
    """Yield the path in `patch` of each such field that is empty after it, and what happens without the field."""
    patched = dict(pod_templates(after))
    for path, template in pod_templates(before):
        old, new = to_map(template.get("spec")), to_map(to_map(patched.get(path)).get("spec"))
        here = (*path, "spec")
        yield from _lost(old, new, here, _OF_POD)
        kept = dict(_named_containers(new))
        for name, container in _named_containers(old):
            if name in kept:
                index, own = _entry(patch, (*here, "containers"), name)
                at = (*here, "containers", index)
                yield from _lost(container, kept[name], at, _OF_CONTAINER)
                yield from _lost_variables(container, kept[name], own, at)


def _named_containers(pod: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for container in map(to_map, to_list(pod.get("containers"))):
        if isinstance(name := container.get("name"), str):
            yield name, container


def _lost(
    before: Mapping[str, Any], after: Mapping[str, Any], path: SlotPath, fields: Mapping[str, str]
) -> Iterator[tuple[SlotPath, str]]:
    for name, consequence in fields.items():
        if before.get(name) and not after.get(name):
            yield (*path, name), consequence
        elif isinstance(before.get(name), dict):
            gone = (key for key, value in before[name].items() if _is_gone(value, to_map(after[name]).get(key)))
            yield from (((*path, name, key), consequence) for key in gone if name in ("lifecycle", "securityContext"))


def _lost_variables(
    before: Mapping[str, Any], after: Mapping[str, Any], patch: Mapping[str, Any], path: SlotPath
) -> Iterator[tuple[SlotPath, str]]:
    """Yield the variables that are gone because a patch replaces all of them; it may delete each by its name."""
    if "env" in patch and (patch["env"] is None or to_list(patch["env"])[:1] == [{"$patch": "replace"}]):
        kept = _names(after)
        lost = [name for name in _names(before) if name not in kept]
        if lost:
            yield (*path, "env"), f"the container has no {list_few(lost)}"


def _names(container: Mapping[str, Any]) -> dict[str, None]:
    return dict.fromkeys(str(to_map(item).get("name")) for item in to_list(container.get("env")))


def _is_gone(before: Any, after: Any) -> bool:
    """Whether a value is missing now, or a limit that was true is false."""
    return (bool(before) and not after) or (before is False and after is None)


def _entry(patch: Mapping[str, Any], path: SlotPath, name: object) -> tuple[int, Mapping[str, Any]]:
    """Return the index of the container in the patch, and what the patch has of it."""
    node: Any = patch
    for step in path:
        node = to_map(node).get(str(step))
    found = ((index, to_map(item)) for index, item in enumerate(to_list(node)))
    return next((entry for entry in found if entry[1].get("name") == name), (0, {}))
