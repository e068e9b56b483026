"""A route as an object: the facts that every kind of route shares are in `common`, the rest is a back end's.

A back end is a module and its template: `istio` makes a VirtualService, `gateway_api` an HTTPRoute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.render.views import functions
from generator.render.views.route import common, gateway_api, istio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.fleet.routes import Route


class Backend(Protocol):
    """What a back end says of a route beyond the common facts; each function is a value of its template."""

    TEMPLATE: str

    def api_version(self, route: Route) -> str:
        """The object's group and version, as the cluster serves it."""

    def parents(self, route: Route) -> list[Any]:
        """How the object names its gateway."""

    def rules(self, route: Route) -> list[dict[str, Any]]:
        """In order: where `/` leads to, header rules, then everything else."""


# By the word that a cluster says under `routing`.
BACKENDS: Final[Mapping[str, Backend]] = {"istio": istio, "gateway-api": gateway_api}


def route_values(backend: Backend) -> Mapping[str, Callable[[Any], Any]]:
    """What the back end's template sees."""
    own = {name: getattr(backend, name) for name in ("api_version", "parents", "rules")}
    return {**functions(common), **own}
