"""C24: what runs in production should be pinned: models of a hub or an OCI registry, and images.

A branch, a tag such as `latest`, or an address without a revision can name other files tomorrow. Then pods that start
later run something that was never tested, and a rollback does not bring the old files back. The check reports, for
services in environments of stage prod, `hf://` addresses without a commit, `oci://` addresses without a digest, and
images without a tag, or with the tag `latest`, and without a digest.

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
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.values.model_source import Source

ID: Final = "C24"
SEVERITY: Final = Severity.WARNING
_PROD: Final = "prod"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each place that sets an unpinned source or image of a service in production."""
    images: set[Position] = set()
    versions: set[tuple[str, str, str]] = set()
    for instance in context.fleet.all_instances():
        if context.fleet.platform.environments[instance.environment.name].stage != _PROD:
            continue
        spec = instance.service.spec
        version = instance.service.project, spec.model, spec.version
        if version not in versions:
            versions.add(version)
            yield from _sources(context.fleet, instance)
        for finding in _image(instance):
            if finding.position not in images:
                images.add(finding.position)
                yield finding


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


def _image(instance: ServiceInstance) -> Iterator[Finding]:
    found = instance.settings.image
    if found is not None and image.revision(found) in ("", "latest"):
        message = f"the image {found} can change its meaning"
        hint, where = "write a tag that names one build, or a digest", (instance.environment.name,)
        yield Finding(ID, message, instance.position("image"), hint, severity=SEVERITY, environments=where)
