"""N07: ports have names that the API server takes, each once.

What servegen names itself is legal; this is for ports that patches add. A container's port: at most 15 lower-case
letters, digits and dashes, with a letter, no dash at an end or beside another (RFC 6335, section 5.1). A Service's
port: a DNS label; where a Service has several ports each needs a name.

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

import re
from typing import TYPE_CHECKING, Any, Final

from generator.checks.found import Found, everywhere
from generator.checks.patched import below, deployment, kube_service, patched
from generator.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.fleet import Deployed
    from generator.render.shapes import Tree
    from generator.yamlio import Path

ID: Final = "N07"
SEVERITY: Final = Severity.ERROR
_CONTAINER_PORT: Final = re.compile(r"(?=.{1,15}\Z)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_SERVICE_PORT: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_POD: Final = ("spec", "template", "spec")


def check(review: Review) -> Iterator[Found]:
    """The ports of each Deployment and Service that a patch changes."""
    for deployed in everywhere(review.fleet):
        if deployed.settings.patches:
            yield from _containers(deployed)
            yield from _service(deployed)


def _containers(deployed: Deployed) -> Iterator[Found]:
    expected = "at most 15 lower-case letters, digits and single dashes, with a letter"
    for index, tree in patched(deployed, deployment(deployed)):
        for kind in ("containers", "initContainers"):
            for number, item in enumerate(_items(deployed.settings.patches, index, (*_POD, kind))):
                path = (*_POD, kind, number, "ports")
                container = _named(below(tree, *_POD, kind), item)
                yield from _faults(deployed, index, path, item, container, _CONTAINER_PORT, expected)


def _service(deployed: Deployed) -> Iterator[Found]:
    expected = "at most 63 lower-case letters, digits and dashes, with no dash at an end"
    for index, tree in patched(deployed, kube_service(deployed)):
        patch = below(deployed.settings.patches[index], "spec") if deployed.settings.patches else None
        if isinstance(patch, dict):
            yield from _faults(deployed, index, ("spec", "ports"), patch, tree["spec"], _SERVICE_PORT, expected)
            yield from _nameless(deployed, index, patch, tree)


def _faults(
    deployed: Deployed, index: int, path: Path, patch: dict[str, Any], merged: Any, legal: re.Pattern[str], expected: str
) -> Iterator[Found]:
    """What is wrong with the ports that the patch writes, in the merged list of ports that they end up in."""
    names = [port.get("name") for port in below(merged, "ports") or () if isinstance(port, dict)]
    for number, port in enumerate(patch.get("ports") or ()):
        name = port.get("name") if isinstance(port, dict) else None
        if not isinstance(name, str):
            continue
        position = deployed.position("patches", index, *path, number, "name")
        if not legal.match(name):
            yield Found(f'the name of a port: found "{name}", expected {expected}', position, "shorten or respell it")
        elif names.count(name) > 1:
            yield Found(f'two ports have the name "{name}"', position, "give each port its own name")
