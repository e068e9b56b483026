"""The external address of a service: the ports that follow from its id, and the addresses where users reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.spec.external import ExternalFacts, Mode
    from generator.spec.values.address import Address

SUFFIX = "-external"


class External(Struct, frozen=True):
    """The Service `<service>-external`.

    `ports` pairs each container port with its external port, in the order of the setting `ports`.
    """

    name: str
    mode: Mode
    addresses: tuple[Address, ...]
    ports: tuple[tuple[int, int], ...]
    facts: ExternalFacts


def external(instance: ServiceInstance) -> External | None:
    """Return the external Service of a service instance.

    None if the service has no id, the rules of the instance have `external` off, or the cluster's mode is `none`.
    """
    facts, spec = instance.environment.facts.external, instance.service.spec
    if spec.id is None or not instance.rules.external or facts.mode == "none":
        return None
    own, inner = instance.settings.external_addresses, numbers(instance.settings.ports)
    outer = facts.ports.by_series()[spec.series].ports(spec.id, len(inner))
    return External(
        name=f"{instance.service.name}{SUFFIX}",
        mode=facts.mode,
        addresses=facts.addresses if own is None else own,
        ports=tuple(zip(inner, outer, strict=True)),
        facts=facts,
    )


def format_addresses(external: External) -> list[str]:
    """Return each `address:port` as users enter it, with the public address.

    Without any declared address, a placeholder in angle brackets takes its place.
    """
    unknown = "<load balancer>" if external.mode == "loadBalancer" else "<node>"
    hosts = [address.public for address in external.addresses] or [unknown]
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host in hosts for _, port in external.ports]
