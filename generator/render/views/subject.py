"""What the views of a service's own objects are computed from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance


@dataclass(frozen=True, slots=True)
class Scheduling:
    """What the GPU backend and the node labels of a cluster make of a request for a card.

    `refusal` is the backend's reason and its hint where it cannot fulfil the request.
    """

    scheduler_name: str | None = None
    limits: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    node_selector: dict[str, str] = field(default_factory=dict)
    affinity: dict[str, Any] = field(default_factory=dict)
    tolerations: list[dict[str, Any]] = field(default_factory=list)
    env: list[dict[str, Any]] = field(default_factory=list)
    refusal: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """A service in a place, and how it is put on nodes there."""

    instance: ServiceInstance
    placement: Scheduling
