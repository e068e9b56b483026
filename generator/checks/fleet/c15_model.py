"""C15: a version of a registered model must be in the registry.

If the model's registry file lacks the version, the version is most likely a typing error. A service whose model has no
registry file is not reported: its KUBEFLOW_MODEL_PATH is empty.

Passes, with `services/vision/models/resnet50.yaml` that has the version:

    model: resnet50
    version: v2022.08.01.4

Fails:

    model: resnet50
    version: v2022.08.1.4
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "C15"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each service whose model is registered, but not with the service's version."""
    for service in context.fleet.services:
        model = context.fleet.models.get((service.project, service.spec.model))
        versions = model.spec.versions if model is not None else {}
        if model is not None and service.spec.version not in versions:
            message = f'the model {service.spec.model} has no version "{service.spec.version}"'
            hint = closest(service.spec.version, versions) or f"its versions: {', '.join(versions)}"
            yield Finding(
                ID,
                message,
                service.document.position(("version",)),
                hint,
                also=(model.document.position(("versions",)),),
            )
