"""N07: port names must be valid for the API server, and unique.

The names that servegen generates are valid; this check is for ports that patches add. A container port's name has at
most 15 lower-case letters, digits and dashes, at least one letter, and no dash at an end or next to another dash (RFC
6335, section 5.1). A Service port's name is a DNS label; if a Service has several ports, each needs a name.

Passes:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, ports: [{name: debug, containerPort: 5678}]}]}}}

Fails:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, ports: [{name: remote-debugging, containerPort: 5678}]}]}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.checks.fleet.patched import apply_patches, below, deployment, kube_service
from generator.core.finding import Finding, Severity, subject_of_line
from generator.core.regex import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.yaml import Path
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree

ID: Final = "N07"
SEVERITY: Final = Severity.ERROR
SUPERSEDES: Final = ("O04", "O07", "O08")
_CONTAINER_PORT: Final = regex(r"(?=.{1,15}\Z)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_SERVICE_PORT: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_POD: Final = ("spec", "template", "spec")
_OWN_NAME: Final = "give each port its own name, for example http-8000"


class _Ports(Struct, frozen=True):
    """A list of ports in a patch.

    `path` is the list's path inside the patch, `written` the ports of the patch by index, and `merged` all ports of the
    list after merging.
    """

    path: Path
    written: dict[int, dict[str, Any]]
    merged: list[dict[str, Any]]


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each invalid, repeated or missing port name that a patch gives a Deployment or Service."""
    for instance in context.bases_and_instances:
        patches = instance.settings.patches or []
        for index, tree in apply_patches(instance, deployment(instance)) if patches else ():
            for ports in _of_containers(patches[index], tree):
                for found in _names(ports, _CONTAINER_PORT, "at most 15 lower-case letters, digits and single dashes"):
                    yield _found(instance, index, *found)
        for index, tree in apply_patches(instance, kube_service(instance)) if patches else ():
            ports = _of_service(patches[index], tree)
            for found in (*_names(ports, _SERVICE_PORT, "a DNS label of at most 63 characters"), *_nameless(ports)):
                yield _found(instance, index, *found)


def _found(instance: ServiceInstance, index: int, path: Path, message: str) -> Finding:
    position = instance.position("patches", index, *path)
    return Finding(ID, message, position, _OWN_NAME, subject=subject_of_line(position))


def _of_containers(patch: dict[str, Any], tree: Tree) -> Iterator[_Ports]:
    for kind in ("containers", "initContainers"):
        merged = {str(container.get("name")): container for container in _mappings(below(tree, *_POD, kind)).values()}
        for number, container in _mappings(below(patch, *_POD, kind)).items():
            after = _mappings(below(merged.get(str(container.get("name"))), "ports"))
            yield _Ports((*_POD, kind, number, "ports"), _mappings(container.get("ports")), list(after.values()))


def _of_service(patch: dict[str, Any], tree: Tree) -> _Ports:
    path = ("spec", "ports")
    return _Ports(path, _mappings(below(patch, *path)), list(_mappings(below(tree, *path)).values()))


def _mappings(items: Any) -> dict[int, dict[str, Any]]:
    """Return the items that are mappings, by index; the schema reports items of other types."""
    return {i: item for i, item in enumerate(items) if isinstance(item, dict)} if isinstance(items, list) else {}


def _names(ports: _Ports, legal: re.Pattern[str], expected: str) -> Iterator[tuple[Path, str]]:
    """Yield the names that are invalid, and those that several ports have; each name is reported once."""
    names = [port.get("name") for port in ports.merged]
    written = {port["name"]: number for number, port in ports.written.items() if isinstance(port.get("name"), str)}
    for name, number in written.items():
        if not legal.match(name):
            yield (*ports.path, number, "name"), f'the name of a port: found "{name}", expected {expected}'
        elif names.count(name) > 1:
            yield (*ports.path, number, "name"), f'several ports have the name "{name}"'


def _nameless(ports: _Ports) -> Iterator[tuple[Path, str]]:
    """Yield the first port without a name in a Service that has several ports."""
    nameless = [port.get("port") for port in ports.merged if not port.get("name")]
    numbers = [number for number, port in ports.written.items() if port.get("port") in nameless]
    if numbers and len(ports.merged) > 1:
        yield (*ports.path, numbers[0]), "a port without a name, in a Service with several ports"
