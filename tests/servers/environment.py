"""The environment variables of a container, and `$(VAR)` in its command and arguments.

Source: Kubernetes documentation, "Define Dependent Environment Variables", "Expose Pod Information to Containers
Through Environment Variables" and "Discovering Services".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tests.servers.objects import ADDRESS, Objects, PodError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.servers.objects import Tree

_ENTRY: Final = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$(VAR)`; unknown names stay as they are, and `$$` is a literal `$`.

    A name ends at the first `)`, whatever it contains; without one, `$(` is plain text.
    """
    out, at = "", 0
    while (dollar := text.find("$", at)) >= 0:
        out += text[at:dollar]
        after = text[dollar + 1 : dollar + 2]
        end = text.find(")", dollar + 2) if after == "(" else -1
        if end >= 0:
            out += variables.get(text[dollar + 2 : end], text[dollar : end + 1])
            at = end + 1
        else:
            out += "$" if after == "$" else f"${after}"
            at = dollar + 2
    return out + text[at:]


def variables_of(container: Tree, objects: Objects) -> dict[str, str]:
    """Return the variables of a container, without those of its image. Raises PodError for a missing source."""
    out = _services(objects)
    for source in container.get("envFrom") or ():
        out |= _from(source, objects)
    for entry in container.get("env") or ():
        value = _value(entry, container, objects, out)
        if value is not None:
            out[entry["name"]] = value
    return out


def _services(objects: Objects) -> dict[str, str]:
    """The service links: variables for each Service of the namespace, and always those of the API server."""
    out = _links("kubernetes", 443)
    if objects.spec.get("enableServiceLinks", True):
        for tree in objects.services:
            if tree["spec"].get("clusterIP") != "None" and tree["spec"].get("ports"):
                out |= _links(tree["metadata"]["name"], tree["spec"]["ports"][0]["port"])
    return out


def _links(service: str, port: int) -> dict[str, str]:
    name = service.upper().replace("-", "_")
    address = f"tcp://{ADDRESS}:{port}"
    return {
        f"{name}_SERVICE_HOST": ADDRESS,
        f"{name}_SERVICE_PORT": str(port),
        f"{name}_PORT": address,
        f"{name}_PORT_{port}_TCP": address,
        f"{name}_PORT_{port}_TCP_PROTO": "tcp",
        f"{name}_PORT_{port}_TCP_PORT": str(port),
        f"{name}_PORT_{port}_TCP_ADDR": ADDRESS,
    }


def _from(source: Tree, objects: Objects) -> dict[str, str]:
    reference = source.get("configMapRef") or source["secretRef"]
    read = objects.config_map if "configMapRef" in source else objects.secret
    data = read(reference["name"], optional=reference.get("optional", False))
    return {f"{source.get('prefix', '')}{key}": value.decode() for key, value in data.items()}


def _value(entry: Tree, container: Tree, objects: Objects, known: Mapping[str, str]) -> str | None:
    """The value of one entry of `env`; None if an optional source does not have it."""
    source = entry.get("valueFrom")
    if not source:
        return expand(entry.get("value", ""), known)
    ((kind, reference),) = source.items()
    match kind:
        case "fieldRef":
            return field(reference["fieldPath"], objects)
        case "resourceFieldRef":
            place, _, resource = reference["resource"].partition(".")
            return str(container.get("resources", {}).get(place, {}).get(resource, 0))
        case "configMapKeyRef":
            return _key(objects.config_map, reference)
        case "secretKeyRef":
            return _key(objects.secret, reference)
        case _:
            raise PodError(f"valueFrom.{kind} is not known to the pod runner")


def _key(read: Callable[..., dict[str, bytes]], reference: Tree) -> str | None:
    optional = reference.get("optional", False)
    data = read(reference["name"], optional=optional)
    if reference["key"] in data:
        return data[reference["key"]].decode()
    if optional:
        return None
    raise PodError(f"couldn't find key {reference['key']} in {reference['name']}")


def field(path: str, objects: Objects) -> str:
    """Return a field of the pod as text, as the downward API does."""
    metadata = objects.pod["metadata"]
    if entry := _ENTRY.fullmatch(path):
        return str((metadata.get(entry[1]) or {}).get(entry[2], ""))
    fields = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": "00000000-0000-4000-8000-000000000001",
        "spec.nodeName": "node",
        "spec.serviceAccountName": objects.spec.get("serviceAccountName", "default"),
        **dict.fromkeys(("status.podIP", "status.podIPs", "status.hostIP", "status.hostIPs"), ADDRESS),
    }
    if path not in fields:
        raise PodError(f"fieldPath {path} is not known to the pod runner")
    return str(fields[path])
