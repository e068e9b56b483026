"""NetworkPolicy: which clients may reach the pods of a service, and what the pods may reach.

Source: Kubernetes API reference, networking.k8s.io/v1. A policy knows namespaces, networks and the ports of pods; it
knows no host names, and does not see the address of a Service, which is replaced before. The kubelet's probes are
always admitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.external import external
from generator.fleet.scrapes import scrapes
from generator.render.egress_rules import (
    OWN_NAMESPACE,
    admit_namespace,
    admit_ports,
    egress_rules,
    limits_egress,
    own_pods,
    policy_facts,
)
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import ServiceContext
    from generator.spec.network import NetworkPolicyFacts

_GATEWAYS: Final = "istio-system"


def network_policy(context: ServiceContext) -> bool:
    """Whether the service has a NetworkPolicy."""
    return policy_facts(context.instance) is not None


def policy_types(context: ServiceContext) -> list[str]:
    """The directions that the NetworkPolicy limits."""
    return ["Ingress", "Egress"] if limits_egress(context.instance) else ["Ingress"]


def ingress(context: ServiceContext) -> list[dict[str, Any]]:
    """The clients that the policy admits: the gateways, the namespace's own pods, and those that read metrics.

    If the service has an external address, all clients are admitted. The kubelet's probes are always admitted.
    """
    facts, settings = policy_facts(context.instance), context.instance.settings
    if facts is None:
        return []
    ports = admit_ports(*numbers(settings.ports))
    gateways = [*map(admit_namespace, _gateways(context.instance, facts)), OWN_NAMESPACE]
    out: list[dict[str, Any]] = [{"from": gateways, "ports": ports}]
    if settings.group_size > 1:
        out.append({"from": [own_pods(context.instance)]})
    scraped = [one.port for one in scrapes(context.instance)]
    if scraped and facts.monitoring:
        out.append({"from": [*map(admit_namespace, facts.monitoring)], "ports": admit_ports(*scraped)})
    if external(context.instance) is not None:
        # Its clients can have any address, including those of the nodes.
        out.append({"ports": ports})
    return out


def egress(context: ServiceContext) -> list[dict[str, Any]]:
    """What the pods may reach: DNS, Istio's control plane if they have a proxy, where the model is fetched from, and
    `egress` of the spec. Empty if the policy does not limit it."""
    return egress_rules(context.instance, with_setting=True)


def _gateways(instance: ServiceInstance, facts: NetworkPolicyFacts) -> Iterable[str]:
    if facts.gateways is not None:
        return facts.gateways
    names = (gateway.name.partition("/")[0] for gateway in instance.environment.facts.gateways.values())
    return dict.fromkeys((_GATEWAYS, *names))
