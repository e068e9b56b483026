"""C31: a model from an OCI image needs a cluster that mounts image volumes.

Image volumes are on by default since Kubernetes 1.35. Kubernetes 1.33 and 1.34 need the feature gate ImageVolume, at
the API server and at the kubelets, which is a warning. Older versions cannot mount a folder of an image.

Passes, with the path oci://registry.example.com/models/m:1 in the registry:

    kubernetes: "1.36"

Fails:

    kubernetes: "1.32"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values.model_path import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "C31"
SEVERITY: Final = Severity.ERROR
# Source: Kubernetes documentation, Feature Gates, ImageVolume.
_POSSIBLE: Final = (1, 33)
_DEFAULT: Final = (1, 35)


def check(context: CheckContext) -> Iterator[Finding]:
    """Check the cluster of each service whose model is in an OCI image."""
    for instance in context.starting_instances:
        version = instance.version
        if instance.launch is None or version is None or "oci:" not in str(version.path):
            continue
        minor = tuple(int(part) for part in instance.environment.facts.kubernetes.split("."))
        if minor < _DEFAULT:
            yield from _unsupported(context.fleet, instance, minor)


def _unsupported(fleet: Fleet, instance: ServiceInstance, minor: tuple[int, ...]) -> Iterator[Finding]:
    spec, cluster = instance.service.spec, instance.environment.cluster
    assert instance.version is not None
    for key, source in sources(instance.version.path).items():
        if source.kind != "oci":
            continue
        place = fleet.models[instance.service.project, spec.model].document.position(
            ("versions", spec.version, "path", *([key] if key else []))
        )
        also = (
            fleet.platform_position("clusters", cluster, "kubernetes"),
            instance.service.document.position(("version",)),
        )
        message = f"the cluster {cluster} has Kubernetes {instance.environment.facts.kubernetes}, which"
        if minor < _POSSIBLE:
            message += " cannot mount a model from an OCI image"
            hint = "register the model with another path, such as s3:// or pvc://, or upgrade the cluster to 1.35"
            yield Finding(ID, message, place, hint, also=also)
        else:
            message += " mounts OCI images only with the feature gate ImageVolume"
            hint = "turn the gate on at the API server and at all kubelets, or upgrade the cluster to 1.35"
            yield Finding(ID, message, place, hint, severity=Severity.WARNING, also=also)
