"""The release of Triton's image, by which its TensorRT and its backends are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance

_IMAGE: Final = regex(r"(?:^|/)tritonserver:([0-9]{2}\.[0-9]{2})-")


def triton_release(instance: ServiceInstance) -> str | None:
    """Return the release of the image of a service, such as 26.07; None if it is not one of Triton's."""
    found = _IMAGE.search(instance.settings.image or "")
    return found[1] if found is not None else None
