"""Compute the routing of a fleet: the owner of each host, the services that run, and where requests go.

There is exactly one route per gateway port, host and path. Istio silently merges two VirtualServices of one host on one
gateway, the older catch-all route gets all requests, and no status reports it (istio/istio#58453), so rivals are
resolved in this module, and the routes of one host are rendered together. Contradictory references are left out of the
routes and reported by the checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.fleet.ownership import newest_first, owner_of, waits
from generator.fleet.routes import (
    GATEWAY_PORTS,
    Destination,
    HeaderRoute,
    HostClaims,
    Key,
    Route,
    RouteReference,
    State,
    to_address,
)
from generator.fleet.service_ports import protocol, routed_ports
from generator.spec.values.path_prefix import ROOT
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.gateway import Gateway, GatewayPort
    from generator.spec.values.shares import Share

    # The destinations that an owner refers to, by key and index.
    _Referred = dict[tuple[Key, int], Destination]

_GATEWAY_KEYS: Final[tuple[GatewayPort, ...]] = ("80", "8080")


class Routing(Struct, frozen=True):
    """The routes of all environments.

    `routes` is by environment, project and app. `states` holds only services that have rivals, by environment, project,
    app and name. `claims` is by environment. `references` are those of the services that own a host.
    """

    routes: dict[tuple[str, str, str], list[Route]]
    states: dict[tuple[str, str, str, str], State]
    claims: dict[str, tuple[HostClaims, ...]]
    references: tuple[RouteReference, ...]

    def runs(self, instance: ServiceInstance) -> bool:
        """Whether the service has pods in its environment; a superseded one has none."""
        return self.state(instance) is not State.SUPERSEDED

    def state(self, instance: ServiceInstance) -> State:
        """Return the state of the service in its environment; a service without rivals is an owner."""
        return self.states.get((instance.environment.name, *instance.service.key), State.OWNER)

    def reason(self, instance: ServiceInstance) -> str:
        """Return why the service is in its state; empty if no other service names its host."""
        if (instance.environment.name, *instance.service.key) not in self.states:
            return ""
        entries = self.claims.get(instance.environment.name, ())
        claims = next(
            (
                entry
                for entry in entries
                if len(entry.services) > 1 and any(claimant is instance for claimant in entry.services)
            ),
            None,
        )
        if claims is None:
            return ""
        owner = claims.owner
        if owner is None:
            return "the specs of its rivals do not determine the owner"
        if instance is owner:
            waiting = [claimant.service.name for claimant in claims.services if self.state(claimant) is State.WAITING]
            return _why_it_keeps(waiting) if waiting else f"released last of {len(claims.services)}"
        keys = sorted({r.key for r in self.references if r.source is owner and r.target is instance})
        if keys:
            return f"named by {' and '.join(keys)} of {owner.service.name}"
        if self.state(instance) is State.WAITING:
            return _why_it_waits(instance, owner)
        return f"{owner.service.name} was released later"

    def owners(self) -> Iterator[ServiceInstance]:
        """Yield every service that owns its host, or its path of the host, in every environment."""
        yield from (entry.owner for entries in self.claims.values() for entry in entries if entry.owner is not None)


def _why_it_keeps(waiting: Sequence[str]) -> str:
    return f"keeps it while {' and '.join(waiting)} {'wait' if len(waiting) > 1 else 'waits'}"


def _why_it_waits(instance: ServiceInstance, owner: ServiceInstance) -> str:
    if instance.manual or instance.rollout is None:
        return f"its takeover from {owner.service.name} is manual"
    if instance.rollout_stopped is not None:
        return f"its rollout was stopped: {instance.rollout_stopped}"
    return f"its rollout begins with {instance.rollout.steps[0]} % of the requests"


def host(instance: ServiceInstance) -> str:
    """Return the host of a service in its environment: the stage's prefix, then its own domain or the default one."""
    own = instance.settings.host.domain if instance.settings.host is not None else None
    return f"{instance.rules.prefix or ''}{own}" if own else default_host(instance)


def default_host(instance: ServiceInstance) -> str:
    """Return the host of a service that sets none: its name below the cluster's domain, after the stage's prefix."""
    return f"{instance.rules.prefix or ''}{instance.service.name}.{instance.environment.facts.domain}"


def path(instance: ServiceInstance) -> str:
    """Return the path of its host that a service gets, with everything below it."""
    return instance.settings.path.prefix if instance.settings.path is not None else ROOT


def address(instance: ServiceInstance) -> str:
    """Return the host of a service, with the path if it gets one path only."""
    return to_address(host(instance), path(instance))


def gateway(instance: ServiceInstance, index: int) -> Gateway | None:
    """Return the gateway that leads to a service's first (`index` 0) or second (1) port; None if there is none."""
    return instance.environment.facts.gateways.get(_GATEWAY_KEYS[index])


def _refers(instance: ServiceInstance) -> bool:
    """Whether a service refers to others, as few do."""
    settings = instance.settings
    return bool(settings.headers or settings.split or settings.mirror)


def references(instance: ServiceInstance, named: dict[tuple[str, str], ServiceInstance]) -> Iterator[RouteReference]:
    """Yield all references of a service; `named` holds the services of its environment by namespace and name."""
    settings = instance.settings
    for index, rule in enumerate(settings.headers or ()):
        yield RouteReference(
            instance, "headers", index, rule.service, named.get((instance.namespace, rule.service)), None
        )
    shares: tuple[tuple[Key, tuple[Share, ...]], ...] = (
        ("split", settings.split or ()),
        ("mirror", settings.mirror or ()),
    )
    for key, entries in shares:
        for index, share in enumerate(entries):
            target = named.get((instance.namespace, share.service))
            yield RouteReference(instance, key, index, share.service, target, share.percent)


def by_name(instance: Iterable[ServiceInstance]) -> dict[tuple[str, str], ServiceInstance]:
    """Return the services of one environment by namespace and name."""
    return {(entry.namespace, entry.service.name): entry for entry in instance}


def route_fleet(fleet: Fleet) -> Routing:
    """Return the routing of all environments."""
    states: dict[tuple[str, str, str, str], State] = {}
    routes: dict[tuple[str, str, str], list[Route]] = {}
    claims: dict[str, tuple[HostClaims, ...]] = {}
    found: list[RouteReference] = []
    for environment, instance in fleet.instances.items():
        claims[environment] = tuple(_rivals(instance.values()))
        named = by_name(instance.values())
        owned = [(entry.host, entry.owner) for entry in claims[environment] if entry.owner is not None]
        # The states for all hosts must be known before any route gets its destinations.
        referred = {id(owner): tuple(references(owner, named)) for _, owner in owned if _refers(owner)}
        for entry in claims[environment]:
            if len(entry.services) > 1:
                states |= _states(environment, entry, referred.get(id(entry.owner), ()))
        for name, owner in owned:
            own = referred.get(id(owner), ())
            found += own
            app = environment, owner.service.project, owner.service.app
            routes.setdefault(app, []).extend(_routes(owner, name, [r for r in own if _usable(r, states)]))
    return Routing(routes, states, claims, tuple(found))


def _rivals(instance: Iterable[ServiceInstance]) -> Iterator[HostClaims]:
    named: dict[tuple[str, str], list[ServiceInstance]] = {}
    for entry in instance:
        named.setdefault((host(entry), path(entry)), []).append(entry)
    for (name, prefix), entries in sorted(named.items()):
        newest = newest_first(entries) if len(entries) > 1 else tuple(entries)
        yield HostClaims(name, prefix, newest, owner_of(newest))


def _states(
    environment: str, claims: HostClaims, referred: tuple[RouteReference, ...]
) -> dict[tuple[str, str, str, str], State]:
    """Return the states of rivals."""
    if claims.owner is None:
        return {(environment, *claimant.service.key): State.UNDECIDED for claimant in claims.services}
    named = {id(reference.target) for reference in referred}
    return {
        (environment, *claimant.service.key): _state(claimant, claims.owner, named=id(claimant) in named)
        for claimant in claims.services
    }


def _state(claimant: ServiceInstance, owner: ServiceInstance, *, named: bool) -> State:
    if claimant is owner:
        return State.OWNER
    if named:
        return State.TARGET
    return State.WAITING if waits(claimant, owner) else State.SUPERSEDED


def _usable(reference: RouteReference, states: dict[tuple[str, str, str, str], State]) -> bool:
    """Whether requests can be sent to the target of a reference; H04 reports why not."""
    target = reference.target
    if target is None or (reference.to_itself and reference.key != "headers"):
        return False
    return states.get((target.environment.name, *target.service.key)) is not State.SUPERSEDED


def _routes(owner: ServiceInstance, name: str, usable: list[RouteReference]) -> Iterator[Route]:
    opened, part, prefix = page(owner), owner.settings.path, path(owner)
    at = (redirect_port_index(owner) or 0) if opened is not None else None
    for index, port in enumerate(routed_ports(owner)):
        through = gateway(owner, index)
        if through is None or port is None:
            continue
        to = {
            (reference.key, reference.index): destination
            for reference in usable
            if (destination := _destination(reference, index)) is not None
        }
        yield Route(
            owner=owner,
            host=name,
            prefix=prefix,
            rewrite=part.rewrite if part is not None else None,
            gateway_port=GATEWAY_PORTS[index],
            gateway=through,
            headers=_header_routes(owner, to) if to else (),
            destinations=_destinations(owner, port, to),
            mirrors=_named_by("mirror", to) if to else (),
            redirect_to=opened if index == at else None,
        )


def _header_routes(owner: ServiceInstance, to: _Referred) -> tuple[HeaderRoute, ...]:
    rules = enumerate(owner.settings.headers or ())
    return tuple(HeaderRoute(rule, to["headers", number]) for number, rule in rules if ("headers", number) in to)


def _destinations(owner: ServiceInstance, port: int, to: _Referred) -> tuple[Destination, ...]:
    """Return the owner with what a split leaves of the requests, if anything, and those that share them."""
    split = _named_by("split", to) if to else ()
    rest = 100 - sum(destination.percent for destination in split)
    return (Destination(owner, port, rest), *split) if rest > 0 else split


def _named_by(key: Key, to: _Referred) -> tuple[Destination, ...]:
    return tuple(destination for (name, _), destination in to.items() if name == key)


def _destination(reference: RouteReference, index: int) -> Destination | None:
    target = reference.target
    ports = routed_ports(target) if target is not None else []
    port = ports[index] if index < len(ports) else None
    if target is None or port is None:
        return None
    return Destination(target, port, reference.percent if reference.percent is not None else 100)


def page(owner: ServiceInstance) -> str | None:
    """Return the path of `host`, to which `/` or the service's path is redirected; None if that is the same path."""
    where = owner.settings.host.path if owner.settings.host is not None else None
    return where if where != path(owner) else None


def redirect_port_index(owner: ServiceInstance) -> int | None:
    """Return the index of the port on which `/` is redirected to the path of `host`.

    It is the port that the URL has, else the first that browsers can open, if there is one. None when the URL has a
    port that the service does not have.
    """
    asked = owner.settings.host.port if owner.settings.host is not None else None
    ports = numbers(owner.settings.ports)
    found = [index for index, port in enumerate(ports) if asked in (None, port, GATEWAY_PORTS[index])]
    return min(found, key=lambda index: (protocol(owner, ports[index]) in ("grpc", "tcp"), index), default=None)
