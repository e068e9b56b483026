"""The input of the views of a service's own objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance

# The name of the container in which the server runs.
CONTAINER: Final = "main"


class Scheduling(Struct, frozen=True):
    """The result of a cluster's GPU backend and node labels for a request for a card.

    `claim` holds the devices of a ResourceClaimTemplate. `refusal` holds the backend's reason and its hint if it cannot
    fulfil the request, `lacking` a key of the cluster's `gpu` that the backend needs, and what it is. `rounded` says
    what is requested if that is not what the spec asks for. `memory_fraction` is the part of the card's memory that a
    server may take, if the backend gives a share without limiting the memory of its processes. `elastic`: each pod gets
    a card of its own when it starts, so that an update needs no free one.
    """

    scheduler_name: str | None = None
    host_ipc: bool = False
    limits: dict[str, Any] = field(default_factory=dict)
    claim: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    node_selector: dict[str, str] = field(default_factory=dict)
    affinity: dict[str, Any] = field(default_factory=dict)
    tolerations: list[dict[str, Any]] = field(default_factory=list)
    env: list[dict[str, Any]] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    lacking: tuple[str, str] | None = None
    rounded: str | None = None
    memory_fraction: float | None = None
    elastic: bool = False


class ServiceContext(Struct, frozen=True):
    """A service in an environment, and its scheduling there."""

    instance: ServiceInstance
    placement: Scheduling
