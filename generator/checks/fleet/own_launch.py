"""What a service sets itself of the launch of its model server: config files, and arguments of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.fleet.patched import items_below

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance


def own_files(instance: ServiceInstance) -> Mapping[str, str]:
    """Return the files of `config` that are not generated, by name."""
    files, launch = instance.settings.config or {}, instance.launch
    if launch is None or not files:
        return files
    return {
        name: text
        for name, text in files.items()
        if (generated := launch.config.get(name)) is None or generated.text != text
    }


def arguments_position(instance: ServiceInstance) -> Position:
    """Return where a service sets arguments of its server: `command`, or an option if the command is generated."""
    if instance.launch is None:
        return instance.position("command")
    return instance.position("options", "extra_arguments")


def sets_image(instance: ServiceInstance) -> bool:
    """Whether a spec sets the image, instead of the model server."""
    values = (layer for layer in reversed(instance.layers) if "image" in layer.values)
    return not next((layer.document.file.startswith("templates/") for layer in values), True)


def patches_command(instance: ServiceInstance) -> bool:
    """Whether a patch of a spec gives containers a command or arguments."""
    return any(
        isinstance(container, dict) and (container.get("command") or container.get("args"))
        for patch in instance.settings.patches or ()
        for container in items_below(patch, "spec", "template", "spec", "containers")
    )
