"""The hosts that services claim on two sides, by host and by service: a change of many objects asks for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.fleet.routing import Routing

    Key = tuple[str, str, str]


class ClaimIndex(Struct):
    """The claims of the routings of both sides; those of an environment are indexed when they are first asked for."""

    routings: Sequence[Routing]
    _services: dict[str, dict[str, dict[Key, None]]] = field(default_factory=dict)
    _addresses: dict[str, dict[Key, dict[str, None]]] = field(default_factory=dict)

    def claimants(self, environment: str, address: str) -> Sequence[Key]:
        """Return the services that claim a host on either side."""
        self._index(environment)
        return tuple(self._services[environment].get(address, ()))

    def addresses(self, environment: str, key: Key) -> Sequence[str]:
        """Return the hosts that a service claims on either side."""
        self._index(environment)
        return tuple(self._addresses[environment].get(key, ()))

    def _index(self, environment: str) -> None:
        if environment in self._services:
            return
        services = self._services[environment] = {}
        addresses = self._addresses[environment] = {}
        for routing in self.routings:
            for claims in routing.claims.get(environment, ()):
                for instance in claims.services:
                    services.setdefault(claims.address, {})[instance.service.key] = None
                    addresses.setdefault(instance.service.key, {})[claims.address] = None
