"""The Service by which a service is reached at an address and a port of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.fleet.external import external
from generator.render.views.ports import port_name, protocol

if TYPE_CHECKING:
    from generator.fleet.external import External
    from generator.render.views.subject import Subject

_TYPES: Final = {"nodePort": "NodePort", "externalIPs": "ClusterIP", "loadBalancer": "LoadBalancer"}


def exposed(subject: Subject) -> bool:
    """Whether the service has an external address there."""
    return external(subject.deployed) is not None


def name(subject: Subject) -> str:
    """The name of the Service."""
    return _given(subject).name


def object_annotations(subject: Subject) -> dict[str, str]:
    """What the cluster writes on every external Service."""
    return dict(_given(subject).facts.annotations)


def service_type(subject: Subject) -> str:
    """The type of the Service."""
    return _TYPES[_given(subject).mode]


def external_ips(subject: Subject) -> list[str]:
    """The private form of the addresses; only the mode externalIPs has them in the object."""
    given = _given(subject)
    return [address.private for address in given.addresses] if given.mode == "externalIPs" else []


def load_balancer_class(subject: Subject) -> str | None:
    """Who makes the load balancer; the API server takes it only with that type."""
    given = _given(subject)
    return given.facts.load_balancer_class if given.mode == "loadBalancer" else None


def ports(subject: Subject) -> list[dict[str, object]]:
    """The Service's ports.

    A node port leaves `port` as the ordinary Service has it: two Services that lead to one target port by different
    ports confuse a sidecar (IST0137). The other modes have no such place for the number outside.
    """
    given, server = _given(subject), subject.deployed.server
    return [
        {
            "name": port_name(server, inner),
            "port": inner if given.mode == "nodePort" else outer,
            "targetPort": inner,
            **({"nodePort": outer} if given.mode == "nodePort" else {}),
            "protocol": "TCP",
            "appProtocol": protocol(server, inner),
        }
        for inner, outer in given.ports
    ]


def _given(subject: Subject) -> External:
    given = external(subject.deployed)
    assert given is not None, "templates ask only where the service is exposed"
    return given
