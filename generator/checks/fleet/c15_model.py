"""C15: the version of a model must be in the registry.

If the model's registry file lacks the version, the version is most likely a typing error. Without a registry file,
there is no command either for a service whose command would be generated: its image starts what it has, such as a shell
that ends at once. That is an error, and a warning as long as the service is in no environment in which a server starts,
or if its own `image` may bring the model. It is a warning for a `command` that reads KUBEFLOW_MODEL_PATH, which is
empty. Other services can do without the registry.

Passes, with `services/vision/models/resnet50.yaml` that has the version:

    model: resnet50
    version: v2022.08.01.4

Fails:

    model: resnet50
    version: v2022.08.1.4
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from generator.checks.fleet.entry_points import idle_start
from generator.checks.fleet.own_launch import patches_command, sets_image
from generator.core.finding import Finding, Severity, subject_of_value
from generator.core.fix import fix_of
from generator.core.regex import regex
from generator.spec.values.text import closest_name, list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ModelEntry, ServiceEntry, ServiceInstance

ID: Final = "C15"
SEVERITY: Final = Severity.ERROR
# The variable, unless the shell has a text to use instead of it.
_READS_PATH: Final = regex(r"\$(?:KUBEFLOW_MODEL_PATH\b|[{(]KUBEFLOW_MODEL_PATH[)}])")


def check(context: CheckContext) -> Iterator[Finding]:
    """Report each version that is not in the registry, and each server that would have no model."""
    for service in context.fleet.services:
        model = context.fleet.models.get((service.project, service.spec.model))
        if model is not None and service.spec.version not in model.spec.versions:
            yield _unknown(service, model)
    bases = set(map(id, context.fleet.bases.values()))
    for instance in context.starting_instances:
        key = instance.service.project, instance.service.spec.model
        if instance.version is None and key not in context.fleet.models and key not in context.fleet.unread_models:
            known = [name for project, name in context.fleet.models if project == key[0]]
            yield from _unregistered(instance, known, starts=id(instance) not in bases)


def _unknown(service: ServiceEntry, model: ModelEntry) -> Finding:
    versions = model.spec.versions
    message = f'the model {service.spec.model} has no version "{service.spec.version}"'
    wanted = service.spec.version
    hint = closest_name(wanted, versions) or f"its versions: {list_few(versions)}"
    also = (model.document.position(("versions",)),)
    return Finding(ID, message, service.document.position(("version",)), hint, also=also, fix=fix_of(wanted, hint))


def _may_bring_model(instance: ServiceInstance) -> bool:
    """Whether the image is one's own, and may start a server with its model."""
    return sets_image(instance) and idle_start(instance.settings.image or "") is None


def _unregistered(instance: ServiceInstance, known: list[str], *, starts: bool) -> Iterator[Finding]:
    """Yield the finding about a model without a registry file. An image or a command of one's own may bring the model.

    `starts` says that a server starts in some environment.
    """
    service, spec, command = instance.service, instance.service.spec, instance.settings.command
    severity = Severity.WARNING
    if command is None and instance.server.models is not None:
        consequence = f"{spec.type} has no model to load"
        if starts and not (_may_bring_model(instance) or patches_command(instance)):
            consequence, severity = f"{spec.type} has no command and no model to load", Severity.ERROR
    elif command is not None and any(_READS_PATH.search(word) for word in command):
        consequence = "KUBEFLOW_MODEL_PATH is empty"
    else:
        return
    message = f"{service.project} has no model {spec.model} in its registry, so that {consequence}"
    register = f"run `servegen register {service.project}/{spec.model} {shlex.quote(spec.version)} --path s3://…`"
    hint = closest_name(spec.model, known) or register
    place = service.document.position(("model",))
    yield Finding(ID, message, place, hint, severity, subject=subject_of_value(place), fix=fix_of(spec.model, hint))
