"""N09: a name that servegen derives from a service must not be used for something else.

Derived are `<service>-external`, the Service with the external address, and `<service>-config`, the ConfigMap with the
files of `config`. kustomize renames that ConfigMap by its content, and with it each reference that other services of
the app have to a ConfigMap of that name; and the app's marker is a ConfigMap too, `servegen-<app>`.

Passes:

    # services/vision/resnet50/resnet50-1.yaml, beside resnet50-2.yaml, which has `config`
    volumes: resnet50-labels(configmap):/labels

Fails:

    # services/vision/resnet50/resnet50-1.yaml, beside resnet50-2.yaml, which has `config`
    volumes: resnet50-2-config(configmap):/labels
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.core.finding import Severity
from generator.fleet.external import external
from generator.render.views.pod import config_name
from generator.render.views.subject import Placement, Subject
from generator.spec.values.env import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.core.finding import Position
    from generator.fleet.model import Deployed

ID: Final = "N09"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """The services that have pods, environment by environment."""
    for entries in review.fleet.deployed.values():
        running = [deployed for deployed in entries.values() if review.traffic.runs(deployed)]
        yield from _external(running)
        yield from _config(running)


def _external(running: list[Deployed]) -> Iterator[Found]:
    named = {(deployed.namespace, deployed.service.name): deployed for deployed in running}
    for deployed in running:
        given = external(deployed)
        other = named.get((deployed.namespace, given.name)) if given is not None else None
        if other is not None:
            message = f"the external address of {deployed.service.name} is the Service {other.service.name}"
            hint = f"rename {other.service.document.file}, or remove `id`"
            also = (deployed.service.document.position(("id",)),)
            yield Found(
                f"{message}, and this is one too",
                other.service.document.position(),
                hint,
                also,
                environments=_here(deployed),
            )


def _config(running: list[Deployed]) -> Iterator[Found]:
    made = {}
    for deployed in running:
        if deployed.settings.config:
            app, name = (deployed.service.project, deployed.service.app), config_name(Subject(deployed, Placement()))
            made[app, name] = deployed
            if name == f"servegen-{app[1]}":
                message = f"the files of `config` go into the ConfigMap {name}, which is the app's marker too"
                hint = "rename this file, or the app's folder"
                yield Found(message, deployed.service.document.position(), hint, environments=_here(deployed))
    for deployed in running:
        for name, position in _config_maps(deployed):
            owner = made.get(((deployed.service.project, deployed.service.app), name))
            if owner is not None and owner is not deployed:
                message = f"{name} is the name of the ConfigMap that is made of the `config` of {owner.service.name}"
                hint = "give your ConfigMap another name, or write the files into `config` of this service too"
                yield Found(message, position, hint, (owner.position("config"),), environments=_here(deployed))


def _here(deployed: Deployed) -> tuple[str, ...]:
    return (deployed.place.name,)


def _config_maps(deployed: Deployed) -> Iterator[tuple[str, Position]]:
    for volume in deployed.settings.volumes or ():
        if volume.kind == "configmap":
            yield volume.source, deployed.position("volumes")
    for name, value in (deployed.settings.env or {}).items():
        if isinstance(value, Reference) and value.kind == "configmap":
            yield value.name, deployed.position("env", name)
