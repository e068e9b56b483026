"""C30: the path of a model must be one from which its server gets the model.

A version whose `path` is an absolute path is mounted from the volume of the service that has this path. Without such a
volume, the server starts without the model. The same is true of a path that is empty, relative, or an address that
servegen does not know. The check examines services whose command is generated. A service whose patches have mounts is
not checked.

Passes, with the path /mnt/models/detector/1/model.onnx in the registry:

    volumes: models(pvc-share):/mnt/models:ro

Fails:

    volumes: models(pvc-share):/models:ro
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.render.launch.sources import volume_of
from generator.render.views.volumes import mount
from generator.spec.values.model_path import sources
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.values.model_source import Source

ID: Final = "C30"
SEVERITY: Final = Severity.ERROR
# Sources that need no volume; the others are looked at more closely.
_FETCHED: Final = ("pvc://", "https://", "http://", "s3://", "gs://", "hf://", "oci://", "image:")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each path that brings no model into the pod."""
    for instance in context.starting_instances:
        version = instance.version
        if instance.launch is None or version is None or "volumeMounts" in str(instance.settings.patches or ""):
            continue
        paths = version.path.values() if isinstance(version.path, dict) else (version.path,)
        if all(path.startswith(_FETCHED) for path in paths):
            continue
        for key, source in sources(version.path).items():
            if key not in instance.launch.mounts:
                continue
            if source.kind == "other":
                yield _unknown(context.fleet, instance, key, source)
            elif source.kind == "path" and volume_of(instance, source) is None:
                yield _unmounted(context.fleet, instance, key, source)


def _path(fleet: Fleet, instance: ServiceInstance, key: str) -> Position:
    """Return the position of a path in the registry."""
    spec = instance.service.spec
    entry = fleet.models[instance.service.project, spec.model]
    return entry.document.position(("versions", spec.version, "path", *([key] if key else [])))


def _unknown(fleet: Fleet, instance: ServiceInstance, key: str, source: Source) -> Finding:
    spec = instance.service.spec
    found = f'found the path "{source.address}"' if source.address else "found an empty path"
    message = f"{found}, so that {instance.service.name}, a {spec.type}, has no model to load"
    hint = "write an absolute path or an address, such as pvc://models/m/1/, s3://models/m/1/ or image:/models/m"
    also = (instance.service.document.position(("version",)),)
    return Finding(ID, message, _path(fleet, instance, key), hint, also=also)


def _unmounted(fleet: Fleet, instance: ServiceInstance, key: str, source: Source) -> Finding:
    spec, settings = instance.service.spec, instance.settings
    path = _path(fleet, instance, key)
    message = f"{spec.model} {spec.version} is in {source.address}, which is in no volume of {instance.service.name}"
    steps = source.address.strip("/").split("/")
    volume = f"models(pvc-share):/{'/'.join(steps[:-1][:2] or steps)}:ro"
    hint = f"add a volume that has it to the service, or to `defaults` of its project, for example {volume}"
    place = instance.service.document.position(("version",))
    if not settings.volumes:
        return Finding(ID, message, place, hint, also=(path,))
    paths = [mount(own, settings.owner)["mountPath"] for own in settings.volumes]
    hint = f"its volumes are at {list_few(paths)}; {hint}"
    return Finding(ID, message, place, hint, also=(path, instance.position("volumes")))
