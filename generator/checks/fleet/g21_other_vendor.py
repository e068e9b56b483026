"""G21: the image of a model server has the libraries for the cards that a service requests.

The image that a server brings is built for the cards of one vendor: that of OpenVINO Model Server for Intel's, those of
the other servers for NVIDIA's. With another vendor's card, the server fails at its start or leaves the card unused. A
service with an image of its own is not checked (G08 reads its tag), and neither is a request without a vendor that a
backend of the repository's own fulfils.

Passes:

    type: vllm
    resources: {gpu: 1(T4)}

Fails, because the image has no libraries for NVIDIA's cards:

    type: ovms
    resources: {gpu: 1(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.own_launch import sets_image
from generator.checks.fleet.placements import requested_gpu
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "G21"
SEVERITY: Final = Severity.ERROR
# Whose cards the shipped backends give to a request that says nothing about it.
_USUAL: Final = "nvidia"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each service whose image has no libraries for the vendor of its cards."""
    for instance in context.starting_instances:
        known, vendor = instance.server.card_vendors, _vendor(context.fleet, instance)
        if not known or vendor in (None, *known) or sets_image(instance):
            continue
        type_ = instance.service.spec.type
        message = f"{instance.service.name} requests a card of {vendor}, and the image of {type_} is for cards of "
        hint = f"write `image: …` with an image of {type_} for cards of {vendor}, or gpu: 0"
        place, where = instance.position("resources", "gpu"), instance.environment.name
        yield Finding(ID, message + " and ".join(known), place, hint, environments=(where,) if where else ())


def _vendor(fleet: Fleet, instance: ServiceInstance) -> str | None:
    """Return whose cards a service gets; None without a card, or if nothing says it, or if G17 reports the request."""
    gpu, card = requested_gpu(instance), instance.card
    if gpu is None or (card is not None and gpu.maker not in (None, card.vendor)):
        return None
    if gpu.maker is not None:
        return gpu.maker
    if card is not None:
        return card.vendor
    own = fleet.catalog.loader.is_own(f"gpu/{instance.environment.facts.gpu.backend}.yaml.j2")
    return None if own else _USUAL
