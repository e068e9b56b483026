"""Names inside a pod that must exist, and those that must be unique.

Source: ValidateVolumeMounts, ValidateVolumeDevices, validateContainers, validateInitContainers, validateContainerPorts
and validateResourceClaimNames in pkg/apis/core/validation; the keys of lists that server-side apply merges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import REPEATED, UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from generator.render.engine.shapes import SlotPath

_PROBES: Final = (("livenessProbe",), ("readinessProbe",), ("startupProbe",))
_HOOKS: Final = (("lifecycle", "postStart"), ("lifecycle", "preStop"))
# The keys of the lists of a container, with the values of keys that are left out.
_KEYS: Final[Mapping[str, tuple[tuple[str, Any], ...]]] = {
    "env": (("name", None),),
    "volumeMounts": (("mountPath", None),),
    "volumeDevices": (("devicePath", None),),
    "ports": (("containerPort", None), ("protocol", "TCP")),
    "resizePolicy": (("resourceName", None),),
}


def find_repetitions(items: Any, path: SlotPath, *keys: tuple[str, Any]) -> Iterator[Refusal]:
    """Yield the items of a list whose keys have the values of an earlier item.

    `keys` are the names of the keys, each with the value that it has where it is left out.
    """
    if not isinstance(items, list) or len(items) < 2 or _all_differ(items, keys[0][0]):
        return
    seen: set[tuple[Any, ...]] = set()
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            continue
        own = tuple(_scalar(item.get(key, default)) for key, default in keys)
        if own[0] in ("", None):
            continue
        if own in seen:
            (key, _), *_rest = keys
            hint = f"remove one of the two, or write another {key}"
            found = f"{show(own[0])} twice"
            yield Refusal(REPEATED, (*path, index, key), found, f"each {key} once", hint)
        seen.add(own)


def _all_differ(items: list[Any], key: str) -> bool:
    """Return whether all items have their own value of a key: the usual case, decided fast as fleets are large."""
    try:
        return len({item[key] for item in items}) == len(items)
    except (KeyError, TypeError):
        return False


def faults_in_names(pod: Mapping[str, Any], path: SlotPath, claimed: Collection[str] = ()) -> Iterator[Refusal]:
    """Yield the names in a pod's spec that lead nowhere, and those that are there twice.

    `claimed` are the volumes that a StatefulSet adds.
    """
    groups = [(group, pod.get(group)) for group in ("containers", "initContainers")]
    containers = [
        ((*path, group, index), container)
        for group, items in groups
        if isinstance(items, list)
        for index, container in enumerate(items)
        if isinstance(container, dict)
    ]
    volumes = {*names_of(pod.get("volumes")), *claimed}
    claims = names_of(pod.get("resourceClaims"))
    yield from find_repetitions(pod.get("volumes"), (*path, "volumes"), ("name", None))
    yield from _repeated_containers(containers)
    for where, container in containers:
        yield from _in_container(container, where, volumes, claims)
    for key in ("imagePullSecrets", "resourceClaims"):
        yield from find_repetitions(pod.get(key), (*path, key), ("name", None))
    yield from find_repetitions(pod.get("hostAliases"), (*path, "hostAliases"), ("ip", None))
    spread = (("topologyKey", None), ("whenUnsatisfiable", None))
    yield from find_repetitions(pod.get("topologySpreadConstraints"), (*path, "topologySpreadConstraints"), *spread)


def _repeated_containers(containers: Sequence[tuple[SlotPath, Mapping[str, Any]]]) -> Iterator[Refusal]:
    """Yield the containers with the name of an earlier one; init containers share the names of the others."""
    seen: set[Any] = set()
    for where, container in containers:
        name = container.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            hint = "remove one of the two, or give it another name"
            yield Refusal(REPEATED, (*where, "name"), f"{show(name)} twice", "each name of a container once", hint)
        seen.add(name)


def _in_container(
    container: Mapping[str, Any], path: SlotPath, volumes: set[str], claims: set[str]
) -> Iterator[Refusal]:
    for key, keys in _KEYS.items():
        if key in container:
            yield from find_repetitions(container[key], (*path, key), *keys)
    for key in ("volumeMounts", "volumeDevices"):
        for index, mount in _maps(container.get(key)):
            yield from unknown_name(mount.get("name"), volumes, "volume", (*path, key, index, "name"))
    for index, variable in _maps(container.get("env")):
        reference = variable.get("valueFrom")
        file = reference.get("fileKeyRef") if isinstance(reference, dict) else None
        if isinstance(file, dict):
            where = (*path, "env", index, "valueFrom", "fileKeyRef", "volumeName")
            yield from unknown_name(file.get("volumeName"), volumes, "volume", where)
    resources = container.get("resources")
    if isinstance(resources, dict):
        for index, claim in _maps(resources.get("claims")):
            yield from unknown_name(
                claim.get("name"), claims, "claim of resources", (*path, "resources", "claims", index)
            )
    yield from _ports(container, path)


def _ports(container: Mapping[str, Any], path: SlotPath) -> Iterator[Refusal]:
    """Yield the names of ports that are there twice, and the probes of a name that the container does not have."""
    ports = container.get("ports")
    named = [{"name": port["name"]} if port.get("name") else {} for _, port in _maps(ports)]
    yield from find_repetitions(named, (*path, "ports"), ("name", None))
    for steps in (*_PROBES, *_HOOKS):
        handler: Any = container
        for step in steps:
            handler = handler.get(step) if isinstance(handler, dict) else None
        if not isinstance(handler, dict):
            continue
        for action in ("httpGet", "tcpSocket"):
            given = handler.get(action)
            port = given.get("port") if isinstance(given, dict) else None
            if isinstance(port, str):
                where = (*path, *steps, action, "port")
                for refusal in unknown_name(port, names_of(ports), "port of the container", where):
                    yield replace(refusal, outcome="its pods could not become ready")


def unknown_name(name: Any, known: Collection[str], what: str, path: SlotPath) -> Iterator[Refusal]:
    """Yield a name that is none of the known ones; `what` says what it should name."""
    if isinstance(name, str) and name and name not in known:
        listed = ", ".join(sorted(known))
        hint = f"write one of {listed}" if known else f"add the {what}, or remove this"
        yield Refusal(UNKNOWN_NAME, path, show(name), f"the name of a {what}", hint)


def names_of(items: Any) -> set[str]:
    """Return the names of the items of a list."""
    return {item["name"] for _, item in _maps(items) if isinstance(item.get("name"), str)}


def _maps(items: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def _scalar(value: Any) -> Any:
    return None if isinstance(value, dict | list) else value
