"""The effects of a change of specs, as sentences by environment: a comparison of two fleets.

Covers takeovers of hosts, services that start or are undeployed and why, services that keep running as a target or a
waiting rival, the split of requests, and external addresses gained or lost. What did not change is not listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.fleet.external import external, format_addresses
from generator.fleet.routes import GATEWAY_PORTS, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import Fleet, ServiceInstance
    from generator.fleet.routing import Routing

    Key = tuple[str, str, str]


class _EnvironmentView(Struct, frozen=True):
    """One environment of a fleet.

    `owners` is the owner of each host, `instances` the deployed services, `running` those of them that have pods, and
    `shares` the percentages by host, for hosts that have several destinations.
    """

    routing: Routing
    owners: dict[str, ServiceInstance | None]
    instances: dict[Key, ServiceInstance]
    running: dict[Key, ServiceInstance]
    shares: dict[str, str]


def consequences(before: tuple[Fleet, Routing], after: tuple[Fleet, Routing]) -> Iterator[str]:
    """Yield one sentence for each difference of `after` from `before`, prefixed with the environment's name."""
    for environment in dict.fromkeys((*before[0].instances, *after[0].instances)):
        old, new = _view(environment, *before), _view(environment, *after)
        for describe in (_hosts, _comers, _leavers, _roles, _shares, _addresses):
            yield from (f"{environment}: {sentence}" for sentence in describe(old, new))


def _view(environment: str, fleet: Fleet, routing: Routing) -> _EnvironmentView:
    instances = fleet.instances.get(environment, {})
    return _EnvironmentView(
        routing=routing,
        owners={claims.address: claims.owner for claims in routing.claims.get(environment, ())},
        instances=instances,
        running={key: entry for key, entry in sorted(instances.items()) if routing.runs(entry)},
        shares={
            route.address: ", ".join(f"{to.percent} % to {to.instance.service.name}" for to in route.destinations)
            for (place, _, _), routes in routing.routes.items()
            for route in routes
            if place == environment and route.gateway_port == GATEWAY_PORTS[0] and len(route.destinations) > 1
        },
    )


def _hosts(old: _EnvironmentView, new: _EnvironmentView) -> Iterator[str]:
    for host in sorted(old.owners.keys() | new.owners.keys()):
        had, has = old.owners.get(host), new.owners.get(host)
        if has is None:
            if had is not None:
                yield f"no service has the host {host} any more; {had.service.name} had it"
        elif had is None:
            yield f"{has.service.name} gets the host {host}"
        elif had.service.key != has.service.key:
            yield f"{has.service.name} takes over the host {host} from {had.service.name}"


def _comers(old: _EnvironmentView, new: _EnvironmentView) -> Iterator[str]:
    for key, instance in sorted(new.instances.items()):
        name = instance.service.name
        if key in new.running and key not in old.running:
            role = new.routing.state(instance)
            yield f"{name} starts" if role is State.OWNER else f"{name} starts as a {_role(new, instance)}"
        elif key not in new.running and key not in old.instances:
            yield f"{name} does not start: {new.routing.reason(instance)}"


def _leavers(old: _EnvironmentView, new: _EnvironmentView) -> Iterator[str]:
    for key, instance in old.running.items():
        if key in new.running:
            continue
        stays = new.instances.get(key)
        reason = new.routing.reason(stays) if stays is not None else "it is no longer deployed there"
        yield f"{instance.service.name} stops: {reason}"
        app = key[:2]
        if not any(other[:2] == app for other in new.running):
            yield f"no service of the app {'/'.join(app)} runs there any more"


def _roles(old: _EnvironmentView, new: _EnvironmentView) -> Iterator[str]:
    for key, instance in new.running.items():
        state = new.routing.state(instance)
        if key in old.running and state is not State.OWNER and state is not old.routing.state(old.running[key]):
            yield f"{instance.service.name} keeps running as a {_role(new, instance)}"


def _role(view: _EnvironmentView, instance: ServiceInstance) -> str:
    state = view.routing.state(instance)
    return f"{'waiting rival' if state is State.WAITING else state}: {view.routing.reason(instance)}"


def _shares(old: _EnvironmentView, new: _EnvironmentView) -> Iterator[str]:
    for host, shares in sorted(new.shares.items()):
        if old.shares.get(host) != shares:
            yield f"requests for {host}: {shares}"


def _addresses(old: _EnvironmentView, new: _EnvironmentView) -> Iterator[str]:
    for key in sorted(old.running.keys() | new.running.keys()):
        had, has = _shown(old.running.get(key)), _shown(new.running.get(key))
        if had == has:
            continue
        if not had:
            yield f"{key[-1]} gets the address {has}"
        elif not has:
            yield f"{key[-1]} loses the address {had}"
        else:
            yield f"the address of {key[-1]} changes from {had} to {has}"


def _shown(instance: ServiceInstance | None) -> str:
    given = external(instance) if instance is not None else None
    return ", ".join(format_addresses(given)) if given is not None else ""
