"""C21: a version that a service names must stay in the registry; a deployed one must be removed in a change of its own.

The check compares with the base revision. Deleting a registry file while a service names one of its versions is an
error: the service would start with an empty KUBEFLOW_MODEL_PATH and without the version's settings. (C15 reports a
version that is removed while its file stays.) Removing a version in the same change as its service's last deployment is
a warning: the pods run until that change is synced, and `servegen path` finds nothing for a pod that starts again.

Passes, in a change, when the one before took m-1 out of every environment:

    versions:                                  # v1 was here
      v2: {path: /mnt/m/2}

Fails, in a change that deletes services/vision/models/m.yaml:

    model: m                                   # services/vision/m/m-1.yaml
    version: v1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_app, subject_of_value
from generator.fleet.model_registry import deployed_in, users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet, ModelEntry, ServiceEntry

ID: Final = "C21"
SEVERITY: Final = Severity.ERROR
# The model is in no registry.
SUPERSEDES: Final = ("C15",)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield the findings for each version of the base revision that is no longer registered."""
    if context.base is None:
        return
    fleet = context.fleet
    for key, before in context.base.models.items():
        now = fleet.models.get(key)
        if key in fleet.unread_models:
            continue
        for name in before.spec.versions:
            if now is None or name not in now.spec.versions:
                yield from _gone(fleet, context.base, before, name)


def _gone(fleet: Fleet, base: Specs, before: ModelEntry, name: str) -> Iterator[Finding]:
    naming = list(users(fleet.services, before.project, before.name, name))
    if naming:
        if (before.project, before.name) not in fleet.models:
            yield from (_unregistered(before, service) for service in naming)
        return
    left = [service for service in users(base.services, before.project, before.name, name) if deployed_in(service)]
    if left and not _moved(fleet, left[0]):
        yield _at_once(fleet, before, name, left[0])


def _unregistered(before: ModelEntry, service: ServiceEntry) -> Finding:
    message = f"this change removes {before.document.file}, but {service.name} names a version of it"
    hint = f"keep {service.spec.version} in the registry, which the service needs while it is deployed"
    subject = subject_of_value(service.document.position(("model",)))
    return Finding(ID, message, service.document.position(("version",)), hint, subject=subject)


def _at_once(fleet: Fleet, before: ModelEntry, name: str, service: ServiceEntry) -> Finding:
    where = " and ".join(deployed_in(service))
    message = f"this change removes {before.name} {name} from the registry, and {service.name} from {where}"
    hint = "remove it from the registry in a later change: its pods run until this one is synced"
    now = fleet.models.get((before.project, before.name))
    place = now.document.position(("versions",)) if now is not None else before.document.position(("versions", name))
    subject = subject_of_app(service.project, service.app)
    return Finding(ID, message, place, hint, severity=Severity.WARNING, subject=subject)


def _moved(fleet: Fleet, service: ServiceEntry) -> bool:
    """Return whether another project now has this service and its model version."""
    wanted = service.name, service.spec.model, service.spec.version
    for other in fleet.services:
        model = fleet.models.get((other.project, other.spec.model))
        if (other.name, other.spec.model, other.spec.version) == wanted and model is not None:
            return other.spec.version in model.spec.versions
    return False
