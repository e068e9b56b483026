"""What a change of specs does to what runs: two fleets to sentences, by environment.

Who takes which host over from whom, who leaves and why, who stays as a target or waits, how requests are shared, which
addresses come and go. What stays as it was is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.fleet.external import external, shown
from generator.fleet.routing import GATEWAY_PORTS, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import Deployed, Fleet
    from generator.fleet.routing import Traffic

    Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _View:
    """One environment: who owns each host, who is deployed, who has pods, how requests are shared."""

    traffic: Traffic
    owners: dict[str, Deployed | None]
    deployed: dict[Key, Deployed]
    running: dict[Key, Deployed]
    shares: dict[str, str]


def consequences(before: tuple[Fleet, Traffic], after: tuple[Fleet, Traffic]) -> Iterator[str]:
    """One sentence for each thing that is different in `after`, with its environment in front."""
    for environment in dict.fromkeys((*before[0].deployed, *after[0].deployed)):
        old, new = _view(environment, *before), _view(environment, *after)
        for tell in (_hosts, _comers, _leavers, _roles, _shares, _addresses):
            yield from (f"{environment}: {sentence}" for sentence in tell(old, new))


def _view(environment: str, fleet: Fleet, traffic: Traffic) -> _View:
    deployed = fleet.deployed.get(environment, {})
    return _View(
        traffic=traffic,
        owners={rivals.host: rivals.owner for rivals in traffic.rivals.get(environment, ())},
        deployed=deployed,
        running={key: entry for key, entry in sorted(deployed.items()) if traffic.runs(entry)},
        shares={
            route.host: ", ".join(f"{to.percent} % to {to.deployed.service.name}" for to in route.destinations)
            for (place, _, _), routes in traffic.routes.items()
            for route in routes
            if place == environment and route.gateway_port == GATEWAY_PORTS[0] and len(route.destinations) > 1
        },
    )


def _hosts(old: _View, new: _View) -> Iterator[str]:
    for host in sorted(old.owners.keys() | new.owners.keys()):
        had, has = old.owners.get(host), new.owners.get(host)
        if has is None:
            if had is not None:
                yield f"nobody has the host {host} any more, {had.service.name} had it"
        elif had is None:
            yield f"{has.service.name} gets the host {host}"
        elif had.service.key != has.service.key:
            yield f"{has.service.name} takes over the host {host} from {had.service.name}"


def _comers(old: _View, new: _View) -> Iterator[str]:
    for key, deployed in sorted(new.deployed.items()):
        name = deployed.service.name
        if key in new.running and key not in old.running:
            role = new.traffic.state(deployed)
            yield f"{name} starts" if role is State.OWNER else f"{name} starts as a {_role(new, deployed)}"
        elif key not in new.running and key not in old.deployed:
            yield f"{name} does not start: {new.traffic.reason(deployed)}"


def _leavers(old: _View, new: _View) -> Iterator[str]:
    for key, deployed in old.running.items():
        if key in new.running:
            continue
        stays = new.deployed.get(key)
        reason = new.traffic.reason(stays) if stays is not None else "it is no longer deployed there"
        yield f"{deployed.service.name} leaves: {reason}"
        app = key[:2]
        if not any(other[:2] == app for other in new.running):
            yield f"nothing of the app {'/'.join(app)} runs there any more"


def _roles(old: _View, new: _View) -> Iterator[str]:
    for key, deployed in new.running.items():
        state = new.traffic.state(deployed)
        if key in old.running and state is not State.OWNER and state is not old.traffic.state(old.running[key]):
            yield f"{deployed.service.name} stays as a {_role(new, deployed)}"


def _role(view: _View, deployed: Deployed) -> str:
    state = view.traffic.state(deployed)
    return f"{'rival that waits' if state is State.WAITING else state}: {view.traffic.reason(deployed)}"


def _shares(old: _View, new: _View) -> Iterator[str]:
    for host, shares in sorted(new.shares.items()):
        if old.shares.get(host) != shares:
            yield f"requests for {host}: {shares}"


def _addresses(old: _View, new: _View) -> Iterator[str]:
    for key in sorted(old.running.keys() | new.running.keys()):
        had, has = _shown(old.running.get(key)), _shown(new.running.get(key))
        if had == has:
            continue
        if not had:
            yield f"{key[-1]} gets the address {has}"
        elif not has:
            yield f"{key[-1]} loses the address {had}"
        else:
            yield f"the address of {key[-1]} becomes {has}, it was {had}"


def _shown(deployed: Deployed | None) -> str:
    given = external(deployed) if deployed is not None else None
    return ", ".join(shown(given)) if given is not None else ""
