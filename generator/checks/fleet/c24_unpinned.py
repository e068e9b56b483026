"""C24: what runs in production should be pinned: models of a hub or an OCI registry, and images.

A branch, a tag such as `latest`, or an address without a revision can name other files tomorrow. Then pods that start
later run something that was never tested, and a rollback does not bring the old files back. The check reports, for
services in environments of stage prod, `hf://` addresses without a commit and `oci://` addresses without a digest.

An image without a tag, or with the tag `latest`, and without a digest is an error in environments of stage prod, and a
warning in others. If an image is meant to change its meaning, a waiver of C24 in the file of the service says why.

Passes, in the registry:

    path: hf://org/name@0123456789abcdef0123456789abcdef01234567

Fails:

    path: hf://org/name@main
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values import image
from generator.spec.values.model_path import sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.values.model_source import Source

ID: Final = "C24"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each place that sets an unpinned image, or an unpinned source of a service in production."""
    production = context.production_instances
    versions: set[tuple[str, str, str]] = set()
    for instance in production:
        spec = instance.service.spec
        version = instance.service.project, spec.model, spec.version
        if version not in versions:
            versions.add(version)
            yield from _sources(context.fleet, instance)
    yield from _images(context.instances, {instance.environment.name for instance in production})


def _images(instances: Iterable[ServiceInstance], production: set[str]) -> Iterator[Finding]:
    """Yield a finding for each place that sets such an image: for production alone, if one is there."""
    places: dict[tuple[Position, str], set[str]] = {}
    for instance in instances:
        found = instance.settings.image
        if found is not None and image.revision(found) in ("", "latest"):
            places.setdefault((instance.position("image"), found), set()).add(instance.environment.name)
    for (place, found), environments in places.items():
        severe = environments & production
        message = f"the image {found} can change its meaning"
        hint, severity = "write a tag that names one build, or a digest", Severity.ERROR if severe else SEVERITY
        yield Finding(ID, message, place, hint, severity, environments=tuple(sorted(severe or environments)))


def _sources(fleet: Fleet, instance: ServiceInstance) -> Iterator[Finding]:
    spec = instance.service.spec
    entry = fleet.models.get((instance.service.project, spec.model))
    if entry is None or instance.version is None:
        return
    for name, source in sources(instance.version.path).items():
        if not source.pinned:
            place = entry.document.position(("versions", spec.version, "path", *([name] if name else [])))
            message = f"{entry.name} {spec.version} is deployed, and its path can change its meaning"
            also, where = (instance.in_environment(),), (instance.environment.name,)
            yield Finding(
                ID, message, place, _pin(source), severity=SEVERITY, also=also, environments=where, cause=name or "path"
            )


def _pin(source: Source) -> str:
    """Return a hint. A released version keeps its path, so that the pinned one needs another version."""
    if source.kind == "hf":
        command = f"git ls-remote https://huggingface.co/{source.address} {source.revision or 'HEAD'}"
        return f"register another version with hf://{source.address}@ and the commit that `{command}` prints"
    bare = source.address.removesuffix(f":{source.revision}")
    return f"register another version with oci://{bare}@ and the digest that `crane digest {source.address}` prints"
