"""NetworkPolicy: which clients may reach the pods of a service, and what the pods may reach.

Source: Kubernetes API reference, networking.k8s.io/v1. A policy knows namespaces, networks and the ports of pods; it
knows no host names, and does not see the address of a Service, which is replaced before. The kubelet's probes are
always admitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.external import external
from generator.spec.network import NetworkPolicyFacts
from generator.spec.values.egress import EgressTarget, network, service_namespace
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.fleet.launch import Endpoint
    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import ServiceContext

_DEFAULT: Final = NetworkPolicyFacts()
_GATEWAYS: Final = "istio-system"
_OWN_NAMESPACE: Final[dict[str, Any]] = {"podSelector": {}}
# Where nodes and clouds keep credentials: no model comes from there.
_LINK_LOCAL: Final = {"0.0.0.0/0": "169.254.0.0/16", "::/0": "fe80::/10"}
# Istio documentation, Application Requirements, ports of the control plane.
_CONTROL_PLANE_PORT: Final = 15012
_INJECTED: Final = "sidecar.istio.io/inject"


def network_policy(context: ServiceContext) -> bool:
    """Whether the service has a NetworkPolicy."""
    return _facts(context.instance) is not None


def policy_types(context: ServiceContext) -> list[str]:
    """The directions that the NetworkPolicy limits."""
    return ["Ingress", "Egress"] if _limits_egress(context.instance) else ["Ingress"]


def ingress(context: ServiceContext) -> list[dict[str, Any]]:
    """The clients that the policy admits: the gateways, the namespace's own pods, and those that read metrics.

    If the service has an external address, all clients are admitted. The kubelet's probes are always admitted.
    """
    facts, settings = _facts(context.instance), context.instance.settings
    if facts is None:
        return []
    ports = _ports(*numbers(settings.ports))
    gateways = [*map(_namespace, _gateways(context.instance, facts)), _OWN_NAMESPACE]
    out: list[dict[str, Any]] = [{"from": gateways, "ports": ports}]
    if settings.metrics is not None and facts.monitoring:
        out.append({"from": [*map(_namespace, facts.monitoring)], "ports": _ports(settings.metrics.port)})
    if external(context.instance) is not None:
        # Its clients can have any address, including those of the nodes.
        out.append({"ports": ports})
    return out


def egress(context: ServiceContext) -> list[dict[str, Any]]:
    """What the pods may reach: DNS, Istio's control plane if they have a proxy, where the model is fetched from, and
    `egress` of the spec. Empty if the policy does not limit it."""
    instance = context.instance
    facts = _facts(instance)
    if facts is None or not _limits_egress(instance):
        return []
    out = [{"to": [_peer(one) for one in facts.dns], "ports": [*_ports(53, protocol="UDP"), *_ports(53)]}]
    sidecar = instance.sidecar if instance.settings.sidecar is not None else None
    if sidecar is not None and sidecar.labels.get(_INJECTED) == "true":
        out.append({"to": [*map(_namespace, facts.mesh)], "ports": _ports(_CONTROL_PLANE_PORT)})
    for endpoint in instance.launch.files.endpoints if instance.launch is not None else ():
        out += _endpoint(endpoint, instance)
    out += map(_target, instance.settings.egress or ())
    return [rule for number, rule in enumerate(out) if rule not in out[:number]]


def _facts(instance: ServiceInstance) -> NetworkPolicyFacts | None:
    """Return what the policy of a service admits; None if it has no policy."""
    if instance.settings.network == "open":
        return None
    facts = instance.environment.facts
    return facts.network_policy or (_DEFAULT if facts.namespaces.managed else None)


def _limits_egress(instance: ServiceInstance) -> bool:
    facts = _facts(instance)
    if facts is None:
        return False
    return facts.egress == "limited" if facts.egress is not None else instance.environment.facts.namespaces.managed


def _gateways(instance: ServiceInstance, facts: NetworkPolicyFacts) -> Iterable[str]:
    if facts.gateways is not None:
        return facts.gateways
    names = (gateway.name.partition("/")[0] for gateway in instance.environment.facts.gateways.values())
    return dict.fromkeys((_GATEWAYS, *names))


def _endpoint(endpoint: Endpoint, instance: ServiceInstance) -> list[dict[str, Any]]:
    """Return the rules for an address from which the model is fetched.

    The port of a service in the cluster says nothing about that of its pods, so its whole namespace is admitted. A host
    name can have any address outside the cluster.
    """
    ports = _ports(endpoint.port)
    block = network(endpoint.host)
    if block is not None:
        return [{"to": [_block(block)], "ports": ports}]
    namespace = service_namespace(endpoint.host)
    if namespace == "":
        return [{"to": [_OWN_NAMESPACE]}]
    inside = [{"to": [_namespace(namespace)]}] if namespace else []
    if inside and ".svc" in endpoint.host.lower():
        return inside
    return [*inside, {"to": _outside(instance), "ports": ports}]


def _outside(instance: ServiceInstance) -> list[dict[str, Any]]:
    """Return all addresses outside the cluster, as far as its networks are known."""
    facts = instance.environment.facts.external
    known = (*facts.pod_cidr, *facts.service_cidr)
    return [
        _block(everything, link, *(one for one in known if (":" in one) == (":" in everything)))
        for everything, link in _LINK_LOCAL.items()
    ]


def _target(target: EgressTarget) -> dict[str, Any]:
    ports = _ports(target.port, protocol=target.protocol)
    match target.peer:
        case "any":
            return {"ports": ports}
        case "own":
            return {"to": [_OWN_NAMESPACE], "ports": ports}
        case _:
            return {"to": [_peer(target.value)], "ports": ports}


def _peer(name: str) -> dict[str, Any]:
    return _block(name) if "/" in name else _namespace(name)


def _block(cidr: str, *excluded: str) -> dict[str, Any]:
    return {"ipBlock": {"cidr": cidr, **({"except": list(excluded)} if excluded else {})}}


def _namespace(name: str) -> dict[str, Any]:
    # Every namespace has this label since Kubernetes 1.22, and it cannot be removed.
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _ports(*ports: int, protocol: str = "TCP") -> list[dict[str, Any]]:
    return [{"protocol": protocol, "port": port} for port in ports]
