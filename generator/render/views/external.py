"""The Service that exposes a service at an address and a port of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.fleet.external import external
from generator.fleet.service_ports import app_protocol, port_name

if TYPE_CHECKING:
    from generator.fleet.external import External
    from generator.render.views.context import ServiceContext

_TYPES: Final = {"nodePort": "NodePort", "externalIPs": "ClusterIP", "loadBalancer": "LoadBalancer"}


def exposed(context: ServiceContext) -> bool:
    """Whether the service has an external address in its environment."""
    return external(context.instance) is not None


def name(context: ServiceContext) -> str:
    """The name of the Service."""
    return _given(context).name


def object_annotations(context: ServiceContext) -> dict[str, str]:
    """The annotations that the cluster sets on every external Service."""
    return dict(_given(context).facts.annotations)


def service_type(context: ServiceContext) -> str:
    """The type of the Service."""
    return _TYPES[_given(context).mode]


def external_ips(context: ServiceContext) -> list[str]:
    """The private form of the addresses; only the mode externalIPs has them in the object."""
    given = _given(context)
    return [address.private for address in given.addresses] if given.mode == "externalIPs" else []


def load_balancer_class(context: ServiceContext) -> str | None:
    """The load balancer class; the API server accepts it only with the type LoadBalancer."""
    given = _given(context)
    return given.facts.load_balancer_class if given.mode == "loadBalancer" else None


def ports(context: ServiceContext) -> list[dict[str, object]]:
    """The Service's ports.

    With a node port, `port` is the same as in the ordinary Service: two Services that lead to one target port by
    different ports confuse a sidecar (IST0137). The other modes have no separate field for the external port.
    """
    given, instance = _given(context), context.instance
    return [
        {
            "name": port_name(instance, inner),
            "port": inner if given.mode == "nodePort" else outer,
            "targetPort": inner,
            **({"nodePort": outer} if given.mode == "nodePort" else {}),
            "protocol": "TCP",
            "appProtocol": app_protocol(instance, inner),
        }
        for inner, outer in given.ports
    ]


def _given(context: ServiceContext) -> External:
    given = external(context.instance)
    assert given is not None, "templates ask only where the service is exposed"
    return given
