"""The object of routes: the values that every kind of route shares are in `common`, the rest in a back end.

A back end is a module and its template: `istio` renders a VirtualService for a host, `gateway_api` an HTTPRoute for
each path of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.render.views import functions
from generator.render.views.route import common, gateway_api, istio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.fleet.routes import Route, RouteGroup


class Backend(Protocol):
    """The interface of a back end, beyond the common values; each function is a value of its template."""

    TEMPLATE: str

    def group(self, routes: Iterable[Route]) -> list[RouteGroup]:
        """The routes of each object."""

    def api_version(self, route: RouteGroup) -> str:
        """The object's group and version, as the cluster serves it."""

    def parents(self, route: RouteGroup) -> list[Any]:
        """The reference to the gateway, in the object's form."""

    def rules(self, route: RouteGroup) -> list[dict[str, Any]]:
        """The rules in order, for each path: the redirect, header rules, then everything else."""


# By the value of a cluster's `routing`.
BACKENDS: Final[Mapping[str, Backend]] = {"istio": istio, "gateway-api": gateway_api}


def route_values(backend: Backend) -> Mapping[str, Callable[[Any], Any]]:
    """Return the values that the back end's template can use."""
    own = {name: getattr(backend, name) for name in ("api_version", "parents", "rules")}
    return {**functions(common), **own}


def group_routes(routes: Sequence[Route]) -> list[RouteGroup]:
    """Return the routes of one app in one environment, those of each object together."""
    return BACKENDS[routes[0].owner.environment.facts.routing].group(routes) if routes else []
