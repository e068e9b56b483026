"""C40: images come from the registries that the platform file names.

`registries` of a cluster lists registries, or starts of names in them. Every container counts: that of the service,
those that fetch the model, and those of patches and templates; and so does a model that is an image. `images` of the
platform file takes the images that servegen brings from a mirror. An image without a registry is on docker.io.

Passes, with registries: [registry.example.com]:

    image: registry.example.com/vision/detector:1

Fails:

    image: vision/detector:1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import containers
from generator.checks.objects.violation import Violation
from generator.core.loose_values import to_map
from generator.render.pod_templates import KINDS as KINDS
from generator.render.pod_templates import pod_templates
from generator.spec.values.mirrors import fitting_prefixes
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "C40"


def violations(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation for each image of a registry that the cluster does not allow."""
    allowed = environment.facts.registries
    if allowed is None:
        return
    for path, image in _images(tree):
        if isinstance(image, str) and not fitting_prefixes(image, allowed):
            listed = list_few(allowed) if allowed else "none"
            message = f"the image {image} is of no registry of the cluster {environment.cluster}: {listed}"
            hint = "write the image in one of them, or a mirror in `images` of the platform file for one of servegen's"
            yield Violation(message, hint, path)


def _images(tree: Mapping[str, Any]) -> Iterator[tuple[SlotPath, Any]]:
    """Yield the images of the containers, and those that are mounted as volumes, with their paths."""
    yield from (((*path, "image"), container.get("image")) for path, container in containers(tree))
    for path, template in pod_templates(tree):
        volumes = to_map(template.get("spec")).get("volumes")
        for index, volume in enumerate(volumes if isinstance(volumes, list) else ()):
            reference = to_map(to_map(volume).get("image")).get("reference")
            yield (*path, "spec", "volumes", index, "image", "reference"), reference
