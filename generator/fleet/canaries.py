"""Canaries: services that get, or are to get, a share of the requests for a host that another service owns.

The share is in the `split` of the owner, in its stanza for the environment: the one place, whoever writes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import UsageError
from generator.fleet.ownership import waits
from generator.fleet.routes import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.fleet.routes import HostClaims
    from generator.fleet.routing import Routing

_LIST: Final = "`servegen list services` prints who owns which host"


class Canary(Struct, frozen=True):
    """A service beside the owner of its host.

    `address` is the host, with the path if that is not the whole host. `share` is the percentage of the requests that
    the owner's `split` gives the service, 0 for none.
    """

    instance: ServiceInstance
    owner: ServiceInstance
    address: str
    share: int

    @property
    def environment(self) -> str:
        """The name of the environment."""
        return self.instance.environment.name

    @property
    def other_split(self) -> Position | None:
        """Return where the owner has a `split` that is not this canary's own; None if it has none.

        The canary's own split names nothing else, and is written for its environment alone.
        """
        split, stanza = self.owner.settings.split, self.owner.service.spec.environments[self.environment]
        if not split:
            return None
        alone = all(share.service == self.instance.service.name for share in split)
        return None if alone and stanza is not None and stanza.split else self.owner.position("split")

    @property
    def hides_split(self) -> bool:
        """Whether an earlier layer has a `split` for the owner, which the canary's own replaces."""
        below = (layer.values.get("split") for layer in reversed(self.owner.layers[:-1]) if "split" in layer.values)
        return bool(next(below, None))

    @property
    def query(self) -> str:
        """The query of the rollout's condition, with the names of this service; empty without a condition."""
        plan, service = self.instance.rollout, self.instance.service
        found = plan.condition.query if plan is not None and plan.condition is not None else ""
        names = {"service": service.name, "namespace": self.instance.namespace, "project": service.project}
        for key, name in {**names, "environment": self.environment}.items():
            found = found.replace(f"{{{key}}}", name)
        return found


def find_canaries(routing: Routing) -> Iterator[Canary]:
    """Yield each service that gets a share of a host of a rival, and each one whose rollout has yet to begin."""
    for entries in routing.claims.values():
        for claims in entries:
            if len(claims.services) > 1 and claims.owner is not None:
                yield from _of_host(routing, claims, claims.owner)


def _of_host(routing: Routing, claims: HostClaims, owner: ServiceInstance) -> Iterator[Canary]:
    for instance in claims.services:
        if instance is owner or routing.state(instance) is State.SUPERSEDED:
            continue
        canary = _canary(instance, owner, claims)
        if canary.share or (instance.rollout is not None and waits(instance, owner)):
            yield canary


def _canary(instance: ServiceInstance, owner: ServiceInstance, claims: HostClaims) -> Canary:
    shares = (share.percent for share in owner.settings.split or () if share.service == instance.service.name)
    return Canary(instance, owner, claims.address, sum(shares))


def find_canary(fleet: Fleet, routing: Routing, service: ServiceEntry, environment: str) -> Canary:
    """Return a service as the canary of the owner of its host, with or without a share so far.

    Raises UsageError if the service is not deployed in the environment, or if there is no such owner.
    """
    name, instance = service.name, fleet.instances[environment].get(service.key)
    if instance is None:
        hint = f"`servegen deploy {name} {environment} --manual` starts it beside the owner of its host"
        raise UsageError(f"{name} is not deployed in {environment}", hint=hint)
    claims = next(entry for entry in routing.claims[environment] if instance in entry.services)
    if len(claims.services) == 1:
        hint = f"a canary names the `host` of the service whose requests it shares; {_LIST}"
        message = f"no other service has the host {claims.address} in {environment}: {name} gets all its requests"
        raise UsageError(message, hint=hint)
    if claims.owner is None:
        raise UsageError(
            f"the specs do not determine the owner of {claims.address}", hint="`servegen validate` reports the reason"
        )
    if instance is claims.owner:
        hint = f"name the service that is to get a share; {_LIST}"
        raise UsageError(f"{name} owns the host {claims.address} in {environment} already", hint=hint)
    return _canary(instance, claims.owner, claims)
