"""What the NetworkPolicy of a service lets its pods reach, and the forms of its rules.

Source: Kubernetes API reference, networking.k8s.io/v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.views.service import INSTANCE
from generator.spec.network import NetworkPolicyFacts
from generator.spec.values.egress import EgressTarget, network, service_namespace

if TYPE_CHECKING:
    from generator.fleet.launch import Endpoint
    from generator.fleet.model import ServiceInstance

_DEFAULT: Final = NetworkPolicyFacts()
OWN_NAMESPACE: Final[dict[str, Any]] = {"podSelector": {}}
# Where nodes and clouds keep credentials: no model comes from there.
_LINK_LOCAL: Final = {"0.0.0.0/0": "169.254.0.0/16", "::/0": "fe80::/10"}
# Istio documentation, Application Requirements, ports of the control plane.
_CONTROL_PLANE_PORT: Final = 15012


def has_policy(instance: ServiceInstance) -> bool:
    """Return whether the cluster limits the network of a service that does not ask for an open one."""
    return _cluster_facts(instance) is not None


def policy_facts(instance: ServiceInstance) -> NetworkPolicyFacts | None:
    """Return what the policy of a service admits; None if it has no policy."""
    return _cluster_facts(instance) if instance.settings.network != "open" else None


def limits_egress(instance: ServiceInstance) -> bool:
    """Return whether the policy of a service limits what its pods reach."""
    facts = policy_facts(instance)
    if facts is None:
        return False
    return facts.egress == "limited" if facts.egress is not None else instance.environment.facts.namespaces.managed


def egress_rules(instance: ServiceInstance, *, with_setting: bool) -> list[dict[str, Any]]:
    """Return the rules of what the pods may reach; `egress` of the spec is among them only with `with_setting`."""
    facts = policy_facts(instance)
    if facts is None or not limits_egress(instance):
        return []
    out = [{"to": [_peer(one) for one in facts.dns], "ports": [*admit_ports(53, protocol="UDP"), *admit_ports(53)]}]
    sidecar = instance.sidecar if instance.settings.sidecar is not None else None
    if sidecar is not None and sidecar.is_mesh_proxy:
        out.append({"to": [*map(admit_namespace, facts.mesh)], "ports": admit_ports(_CONTROL_PLANE_PORT)})
    if instance.settings.group_size > 1:
        out.append({"to": [own_pods(instance)]})
    for endpoint in instance.launch.files.endpoints if instance.launch is not None else ():
        out += _endpoint(endpoint, instance)
    out += map(_target, (instance.settings.egress or ()) if with_setting else ())
    return [rule for number, rule in enumerate(out) if rule not in out[:number]]


def own_pods(instance: ServiceInstance) -> dict[str, Any]:
    """Return the peer that is all pods of the service: those of a group reach each other on any port."""
    return {"podSelector": {"matchLabels": {INSTANCE: instance.service.name}}}


def admit_namespace(name: str) -> dict[str, Any]:
    """Return the peer that is all pods of a namespace."""
    # Every namespace has this label since Kubernetes 1.22, and it cannot be removed.
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def admit_ports(*ports: int, protocol: str = "TCP") -> list[dict[str, Any]]:
    """Return ports of pods."""
    return [{"protocol": protocol, "port": port} for port in ports]


def _cluster_facts(instance: ServiceInstance) -> NetworkPolicyFacts | None:
    facts = instance.environment.facts
    return facts.network_policy or (_DEFAULT if facts.namespaces.managed else None)


def _endpoint(endpoint: Endpoint, instance: ServiceInstance) -> list[dict[str, Any]]:
    """Return the rules for an address from which the model is fetched.

    The port of a service in the cluster says nothing about that of its pods, so its whole namespace is admitted. A host
    name can have any address outside the cluster.
    """
    ports = admit_ports(endpoint.port)
    block = network(endpoint.host)
    if block is not None:
        return [{"to": [_block(block)], "ports": ports}]
    namespace = service_namespace(endpoint.host)
    if namespace == "":
        return [{"to": [OWN_NAMESPACE]}]
    inside = [{"to": [admit_namespace(namespace)]}] if namespace else []
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
    ports = admit_ports(target.port, protocol=target.protocol)
    match target.peer:
        case "any":
            return {"ports": ports}
        case "own":
            return {"to": [OWN_NAMESPACE], "ports": ports}
        case _:
            return {"to": [_peer(target.value)], "ports": ports}


def _peer(name: str) -> dict[str, Any]:
    return _block(name) if "/" in name else admit_namespace(name)


def _block(cidr: str, *excluded: str) -> dict[str, Any]:
    return {"ipBlock": {"cidr": cidr, **({"except": list(excluded)} if excluded else {})}}
