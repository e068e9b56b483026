"""C32: a claim that one node mounts must not be used by several replicas.

The platform file can say how the nodes of a cluster may mount its claims (`claims`), a project file the same of the
project's. A claim with the access mode
ReadWriteOnce is mounted by one node at a time, one with ReadWriteOncePod by one pod: a replica on another node never
starts. The check looks at claims in `volumes`, and at the claim that holds the model.

Passes, with claims: {models: ReadOnlyMany} of the cluster:

    replicas: 2
    volumes: models(pvc-share):/mnt

Fails, with claims: {models: ReadWriteOnce}:

    replicas: 2
    volumes: models(pvc-share):/mnt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.context import starting_instances
from generator.checks.fleet.replicas import at_most
from generator.core.finding import Finding, Severity
from generator.spec.claims import HOLDERS
from generator.spec.values.model_path import sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "C32"
SEVERITY: Final = Severity.ERROR
_CLAIMS: Final = frozenset({"pvc", "pvc-share", "storage"})


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each claim of each service with more replicas than can mount it."""
    for instance in starting_instances(context.fleet):
        modes = {name: mode for name, mode in instance.claims.items() if mode in HOLDERS}
        replicas = at_most(instance) if modes else 1
        if replicas > 1:
            for claim, place in _claims(context.fleet, instance, modes):
                yield _finding(context.fleet, instance, claim, modes[claim], replicas, place)


def _claims(fleet: Fleet, instance: ServiceInstance, modes: Mapping[str, str]) -> Iterator[tuple[str, Position]]:
    """Yield each claim in `modes` that a service uses, with the line that names it."""
    for index, volume in enumerate(instance.settings.volumes or ()):
        if volume.kind in _CLAIMS and volume.source in modes:
            yield volume.source, instance.position("volumes", index)
    spec, version = instance.service.spec, instance.version
    if instance.launch is None or version is None:
        return
    for key, source in sources(version.path).items():
        if source.kind == "claim" and source.address in modes:
            path = ("versions", spec.version, "path", *([key] if key else []))
            yield source.address, fleet.models[instance.service.project, spec.model].document.position(path)


def _finding(fleet: Fleet, instance: ServiceInstance, claim: str, mode: str, replicas: int, place: Position) -> Finding:
    name = instance.service.name
    message = f"{name} can have {replicas} replicas, but one {HOLDERS[mode]} mounts the claim {claim} ({mode})"
    hint = "use a claim with ReadOnlyMany or ReadWriteMany"
    project = fleet.projects.get(instance.service.project)
    if project is not None and claim in project.claims:
        fact = fleet.project_position(instance.service.project, "claims", claim)
    else:
        fact = fleet.platform_position("clusters", instance.environment.cluster, "claims")
    also = (instance.position("replicas"), fact)
    return Finding(ID, message, place, hint, also=also, environments=(instance.environment.name,))
