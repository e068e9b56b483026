"""The claims that a service mounts and that only one node or one pod can mount at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.spec.claims import HOLDERS
from generator.spec.values.model_path import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance

_CLAIMS: Final = frozenset({"pvc", "pvc-share", "storage"})


def exclusive_claims(fleet: Fleet, instance: ServiceInstance) -> Iterator[tuple[str, Position]]:
    """Yield each such claim, with the line that names it: in `volumes`, or in the path of the model."""
    modes = {name: mode for name, mode in instance.claims.items() if mode in HOLDERS}
    if not modes:
        return
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


def mode_position(fleet: Fleet, instance: ServiceInstance, claim: str) -> Position:
    """Return where the access mode of a claim is written: in the project file, or at the cluster."""
    project = fleet.projects.get(instance.service.project)
    if project is not None and claim in project.claims:
        return fleet.project_position(instance.service.project, "claims", claim)
    return fleet.platform_position("clusters", instance.environment.cluster, "claims")
