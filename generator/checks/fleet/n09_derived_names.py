"""N09: a name that servegen derives from a service must not be used for another object.

Derived names are `<service>-external`, the Service with the external address, and `<service>-config`, the ConfigMap
with the files of `config`. kustomize adds a hash of its content to the name of that ConfigMap, and changes every
reference that other services of the app have to a ConfigMap of that name. The app's marker is a ConfigMap too,
`servegen-<app>`.

Passes:

    # services/vision/resnet50/resnet50-1.yaml, beside resnet50-2.yaml, which has `config`
    volumes: resnet50-labels(configmap):/labels

Fails:

    # services/vision/resnet50/resnet50-1.yaml, beside resnet50-2.yaml, which has `config`
    volumes: resnet50-2-config(configmap):/labels
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_files
from generator.fleet.external import external
from generator.render.views.context import Scheduling, ServiceContext
from generator.render.views.pod_files import config_name
from generator.spec.values.env import KeyReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance

ID: Final = "N09"
SEVERITY: Final = Severity.ERROR
# The finding that is reported when two objects of one name are rendered.
SUPERSEDES: Final = ("F03",)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each conflict among the services that have pods, per environment."""
    for entries in context.fleet.instances.values():
        running = [instance for instance in entries.values() if context.routing.runs(instance)]
        for finding in (*_external(running), *_config(running)):
            files = (finding.position.file, *(place.file for place in finding.also))
            yield finding.about(subject_of_files(*files))


def _external(running: list[ServiceInstance]) -> Iterator[Finding]:
    named = {(instance.namespace, instance.service.name): instance for instance in running}
    for instance in running:
        given = external(instance)
        other = named.get((instance.namespace, given.name)) if given is not None else None
        if other is not None:
            message = f"the external address of {instance.service.name} is the Service {other.service.name}"
            hint = "rename the one of the two services that is new, or remove an `id` that nobody uses yet"
            also = (instance.service.document.position(("id",)),)
            yield Finding(
                ID,
                f"{message}, which this service also has",
                other.service.document.position(),
                hint,
                also=also,
                environments=_here(instance),
            )


def _config(running: list[ServiceInstance]) -> Iterator[Finding]:
    made = {}
    for instance in running:
        if instance.settings.config:
            app, name = (
                (instance.service.project, instance.service.app),
                config_name(ServiceContext(instance, Scheduling())),
            )
            made[app, name] = instance
            if name == f"servegen-{app[1]}":
                message = f"the ConfigMap for the files of `config` is {name}, which is also the app's marker"
                hint = "rename this file if the service is new, or the app if it has another service"
                yield Finding(ID, message, instance.service.document.position(), hint, environments=_here(instance))
    for instance in running:
        for name, position in _config_maps(instance):
            owner = made.get(((instance.service.project, instance.service.app), name))
            if owner is not None and owner is not instance:
                message = f"{name} is also the name of the ConfigMap for the `config` of {owner.service.name}"
                hint = "rename your ConfigMap, or write the files into `config` of this service too"
                yield Finding(
                    ID, message, position, hint, also=(owner.position("config"),), environments=_here(instance)
                )


def _here(instance: ServiceInstance) -> tuple[str, ...]:
    return (instance.environment.name,)


def _config_maps(instance: ServiceInstance) -> Iterator[tuple[str, Position]]:
    for index, volume in enumerate(instance.settings.volumes or ()):
        if volume.kind == "configmap":
            yield volume.source, instance.position("volumes", index)
    for name, value in (instance.settings.env or {}).items():
        if isinstance(value, KeyReference) and value.kind == "configmap":
            yield value.name, instance.position("env", name)
