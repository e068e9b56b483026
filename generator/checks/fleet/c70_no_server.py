"""C70: a service needs a command if its image starts no server.

Images of operating systems and languages start a shell or an interpreter, which ends at once without a terminal: the
pod restarts for ever. So do the images of Triton, SGLang, CUDA and PyTorch, whose server or program is for a command to
start. Images whose name servegen does not know may start anything, and are not reported; nor are services of a model
server, whose command servegen writes (C15). A patch that removes the command counts.

Passes:

    type: serving
    image: python:3.12-slim
    command: exec python /srv/server.py

Fails:

    type: serving
    image: python:3.12-slim
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.fleet.entry_points import idle_start
from generator.checks.fleet.patched import apply_patches, deployment, items_below
from generator.core.finding import Finding, Severity
from generator.core.loose_values import to_map
from generator.render.views.context import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree

ID: Final = "C70"
SEVERITY: Final = Severity.ERROR
_CONTAINERS: Final = ("spec", "template", "spec", "containers")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each service whose image only starts a shell or an interpreter."""
    for instance in context.instances:
        settings = instance.settings
        if instance.server.models is None and not instance.rules.interactive and settings.image is not None:
            if settings.patches and (settings.command is not None or idle_start(settings.image) is not None):
                yield from _patched(instance)
            elif settings.command is None:
                yield from _unstarted(instance, settings.image)


def _patched(instance: ServiceInstance) -> Iterator[Finding]:
    """Judge the container after the patches of the spec."""
    tree, removed = deployment(instance), None
    start: dict[str, Any] = {"name": CONTAINER, "image": instance.settings.image}
    container = start | ({"command": list(instance.settings.command)} if instance.settings.command else {})
    tree["spec"]["template"]["spec"]["containers"] = [container]
    for index, after in apply_patches(instance, tree):
        before, container = container, _container(after)
        removed = index if before.get("command") and not container.get("command") else removed
    if not container.get("command") and not container.get("args"):
        yield from _unstarted(instance, str(container.get("image")), removed)


def _container(tree: Tree) -> dict[str, Any]:
    found = (to_map(one) for one in items_below(tree, *_CONTAINERS))
    return next((dict(one) for one in found if one.get("name") == CONTAINER), {})


def _unstarted(instance: ServiceInstance, image: str, patch: int | None = None) -> Iterator[Finding]:
    started = idle_start(image)
    if started is not None:
        message = f"{image} starts {started} and no server, and {instance.service.name} has no command"
        hint = "write the `command` that starts the server"
        place = instance.position("image") if patch is None else instance.position("patches", patch, *_CONTAINERS)
        yield Finding(ID, message, place, hint, SEVERITY, environments=(instance.environment.name,))
