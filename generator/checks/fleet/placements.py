"""What the GPU backend and the node profile of a cluster write for a request, for checks that compare requests."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.core.errors import RefusedError
from generator.render.engine.renderer import Renderer
from generator.render.scheduling import SchedulingRenderer
from generator.render.views.context import Scheduling
from generator.spec.cards import find_card

if TYPE_CHECKING:
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.cards import Card
    from generator.spec.gpu_facts import CardResource
    from generator.spec.platform import Cluster
    from generator.spec.values.gpu import Gpu


class Placements(Struct, frozen=True, dict=True):
    """The scheduling of requests in a fleet; templates are read when the first one is asked for."""

    fleet: Fleet

    @cached_property
    def _renderer(self) -> SchedulingRenderer:
        return SchedulingRenderer(Renderer(self.fleet.catalog.loader))

    def of(self, instance: ServiceInstance) -> Scheduling:
        """Return the scheduling of a service in an environment."""
        return self._ask(instance.environment.facts, instance.settings.gpu, instance.card)

    def of_request(self, facts: Cluster, gpu: Gpu) -> Scheduling:
        """Return the scheduling of a request without a card on a cluster."""
        return self._ask(facts, gpu, None)

    def card_resource(self, facts: Cluster) -> CardResource | None:
        """Return the resource by which a cluster counts whole cards; None if it does not count them."""
        return self._renderer.card_resource(facts)

    def with_card(self, facts: Cluster, gpu: Gpu, name: str) -> tuple[Scheduling, Card | None]:
        """Return the scheduling of the same request for another card of the cluster, and that card."""
        card = find_card(self.fleet.catalog.cards, name)
        return self._ask(facts, replace(gpu, card=name), card), card

    def _ask(self, facts: Cluster, gpu: Gpu | None, card: Card | None) -> Scheduling:
        """Return a scheduling; an empty one for an own template with an error, which its rendering reports."""
        try:
            return self._renderer.of_request(facts, gpu, card)
        except RefusedError:
            return Scheduling()


def requested_gpu(instance: ServiceInstance) -> Gpu | None:
    """Return what a service asks of cards; None if it asks for none."""
    gpu = instance.settings.gpu
    return gpu if gpu is not None and gpu.has_card else None
