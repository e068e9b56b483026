"""Completes the settings of each service with those that start its model server with its model.

The generated settings are a layer just above the server's own defaults, so that every later layer replaces them: a
command as a whole, environment variables by name, config files by name.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.errors import RefusedError
from generator.core.finding import Finding
from generator.fleet.model import SERVER_LAYERS
from generator.render.launch.sources import SUMS, model_files
from generator.spec.layers import Layer, merge, to_settings
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.mirrors import mirror_image
from generator.spec.values.model_path import sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Position
    from generator.fleet.launch import Launch
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.render.launch.template import LaunchRenderer
    from generator.spec.layers import Values
    from generator.spec.platform import Platform


def complete(
    fleet: Fleet, launches: LaunchRenderer, known: Mapping[int, ServiceInstance] = MappingProxyType({})
) -> tuple[Fleet, list[Finding]]:
    """Return the fleet with completed instances, and a finding for each service that its server cannot start.

    What a base lacks is a finding only if no environment has the service: an environment may add it, such as cards.
    `known` are completed instances by the id of what they were; they add no finding.
    """
    completion, unreported = (_Completion(fleet.platform, launches, known) for _ in range(2))
    released = {key for entries in fleet.instances.values() for key in entries}
    bases = {key: (unreported if key in released else completion).of(instance) for key, instance in fleet.bases.items()}
    instances = {
        name: {key: completion.of(instance) for key, instance in entries.items()}
        for name, entries in fleet.instances.items()
    }
    return replace(fleet, bases=bases, instances=instances), list(completion.findings.values())


class _Completion(Struct):
    platform: Platform
    launches: LaunchRenderer
    known: Mapping[int, ServiceInstance]
    # By place and message: the base and the environments of a service mostly have the same mistakes.
    findings: dict[tuple[Position, str], Finding] = field(default_factory=dict)

    def of(self, instance: ServiceInstance) -> ServiceInstance:
        """Return a completed instance."""
        return self.known.get(id(instance)) or self._completed(instance)

    def _completed(self, instance: ServiceInstance) -> ServiceInstance:
        launch = self._launch(instance)
        values = {**self._image(instance), **(_values(instance, launch) if launch is not None else {})}
        if not values:
            return instance
        server = instance.layers[SERVER_LAYERS - 1]
        name = f"the launch of {instance.service.spec.type}"
        generated = Layer(name, server.document, server.path, values, generated=True)
        layers = (*instance.layers[:SERVER_LAYERS], generated, *instance.layers[SERVER_LAYERS:])
        completed = replace(instance, layers=layers, settings=to_settings(merge(layer.values for layer in layers)))
        if launch is None or instance.version is None:
            return completed
        files = model_files(completed, launch, self.platform, sources(instance.version.path))
        if len(files.service_accounts) > 1:
            self._refuse_accounts(instance, files.service_accounts)
        return replace(completed, launch=replace(launch, files=files))

    def _refuse_accounts(self, instance: ServiceInstance, accounts: Sequence[str]) -> None:
        message = f"the sources of this version need the service accounts {' and '.join(accounts)}, and a pod has one"
        hint = "give them one account in `sources` of the platform file, or Secrets"
        place = instance.position("version")
        self.findings[place, message] = Finding("C27", message, place, hint)

    def _image(self, instance: ServiceInstance) -> Values:
        """Return the server's image for the nodes of the service, from its mirror; nothing if the spec has its own."""
        if any("image" in layer.values for layer in instance.layers[SERVER_LAYERS:]):
            return {}
        images = instance.server.images
        image = instance.settings.image
        if images is not None:
            image = images.gpu if _has_card(instance) else images.cpu
            if image is None and not instance.environment.name:  # a base, to which environments add a card
                image = images.gpu or images.cpu
        if image is None:
            self._report_no_image(instance)
            return {}
        return {"image": mirror_image(image, self.platform.images)}

    def _report_no_image(self, instance: ServiceInstance) -> None:
        if instance.settings.command is None and instance.version is not None:
            return  # its launch is refused
        kind = "a card" if _has_card(instance) else "no card"
        message = f"the type {instance.service.spec.type} has no image for a service with {kind}"
        place = instance.service.document.position(("type",))
        self.findings[place, message] = Finding("K02", message, place, "add `image: …`")

    def _launch(self, instance: ServiceInstance) -> Launch | None:
        """Return how the server starts; None for a service with its own command, or if the server cannot start."""
        if instance.settings.command is not None:
            return None
        try:
            launch = self.launches.of(instance)
        except InvalidValueError:  # an invalid option, which C26 reports
            return None
        except RefusedError as refused:  # a mistake in a template of the repository's own
            self.findings |= {(finding.position, finding.message): finding for finding in refused.findings}
            return None
        if launch is None or launch.refusal is None:
            return launch
        message, hint = launch.refusal
        place = instance.position("version")
        self.findings[place, message] = Finding("C27", message, place, hint)
        return None


def _values(instance: ServiceInstance, launch: Launch) -> Values:
    config = {name: file.text for name, file in launch.config.items()}
    if sums := _sums(instance, launch):
        config[SUMS] = sums
    values: Values = {"command": launch.command or None, "env": launch.env, "config": config}
    values |= {"health": launch.health, "metrics": launch.metrics}
    return {key: value for key, value in values.items() if value}


def _has_card(instance: ServiceInstance) -> bool:
    gpu = instance.settings.gpu
    return gpu is not None and gpu.has_card


def _sums(instance: ServiceInstance, launch: Launch) -> str:
    """Return the digests of the files as `sha256sum -c` reads them, at the paths where the server finds them."""
    version = instance.version
    if version is None or not version.files:
        return ""
    lines = []
    for path, digest in version.files.items():
        for key, source in sources(version.path).items():
            if key and not path.startswith(f"{key}/"):
                continue
            inside = path.removeprefix(f"{key}/") if key else path
            place = launch.mounts[key] if source.file is not None else f"{launch.mounts[key]}/{inside}"
            lines.append(f"{digest.removeprefix('sha256:')}  {place}\n")
    return "".join(lines)
