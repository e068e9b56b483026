"""The external address of a service: which ports an id gives, and where people reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.spec.external import ExternalFacts, Mode
    from generator.spec.values.address import Address

SUFFIX = "-external"


@dataclass(frozen=True, slots=True)
class External:
    """The Service `<service>-external`: for each port of the container the one outside, in the order of `ports`."""

    name: str
    mode: Mode
    addresses: tuple[Address, ...]
    ports: tuple[tuple[int, int], ...]
    facts: ExternalFacts


def external(instance: ServiceInstance) -> External | None:
    """What the service is given there; None where its id, its stage or its cluster does not ask for it."""
    facts, spec = instance.environment.facts.external, instance.service.spec
    if spec.id is None or not instance.rules.external or facts.mode == "none":
        return None
    own, inner = instance.settings.external_addresses, instance.settings.ports or ()
    outer = facts.ports.by_series()[spec.series].ports(spec.id, len(inner))
    return External(
        name=f"{instance.service.name}{SUFFIX}",
        mode=facts.mode,
        addresses=facts.addresses if own is None else own,
        ports=tuple(zip(inner, outer, strict=True)),
        facts=facts,
    )


def shown(external: External) -> list[str]:
    """Each `address:port` as people use it; a name in angle brackets where the cluster declares no address."""
    unknown = "<load balancer>" if external.mode == "loadBalancer" else "<node>"
    hosts = [address.public for address in external.addresses] or [unknown]
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host in hosts for _, port in external.ports]
