"""What a patch takes away of the fields that servegen writes so that no request is lost and no right is too many.

Source: Kubernetes documentation, Pod Lifecycle (termination of pods, container probes), and Pod Security Standards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.loose_values import to_list, to_map
from generator.render.pod_templates import pod_templates

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
        kept = {container.get("name"): container for container in map(to_map, to_list(new.get("containers")))}
        for container in map(to_map, to_list(old.get("containers"))):
            name = container.get("name")
            if name in kept:
                index = _index(patch, (*here, "containers"), name)
                yield from _lost(container, kept[name], (*here, "containers", index), _OF_CONTAINER)


def _lost(
    before: Mapping[str, Any], after: Mapping[str, Any], path: SlotPath, fields: Mapping[str, str]
) -> Iterator[tuple[SlotPath, str]]:
    for name, consequence in fields.items():
        if before.get(name) and not after.get(name):
            yield (*path, name), consequence
        elif isinstance(before.get(name), dict):
            gone = (key for key, value in before[name].items() if _is_gone(value, to_map(after[name]).get(key)))
            yield from (((*path, name, key), consequence) for key in gone if name in ("lifecycle", "securityContext"))


def _is_gone(before: Any, after: Any) -> bool:
    """Whether a value is missing now, or a limit that was true is false."""
    return (bool(before) and not after) or (before is False and after is None)


def _index(patch: Mapping[str, Any], path: SlotPath, name: object) -> int:
    """Return the index of the container in the patch."""
    node: Any = patch
    for step in path:
        node = to_map(node).get(str(step))
    names = [to_map(item).get("name") for item in to_list(node)]
    return names.index(name) if name in names else 0
