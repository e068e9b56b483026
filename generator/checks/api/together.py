"""What does not go together in an object, by its kind: everything that a table cannot say about one field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from generator.checks.api.addresses import refused_addresses, refused_block, refused_networks
from generator.checks.api.formats import is_base64
from generator.checks.api.names import find_repetitions
from generator.checks.api.quantities import refused_quota
from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import BOUND, FORM, ONE_OF, REPEATED
from generator.checks.api.scalers import refused_autoscaler, refused_scaled_object
from generator.checks.api.workloads import refused_deployment, refused_selection, refused_template
from generator.core.loose_values import to_list, to_map
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree


def refusals_together(tree: Tree, minor: int) -> Iterator[Refusal]:
    """Yield what an API server of Kubernetes 1.<minor> refuses because two parts of an object do not go together."""
    for path, template in pod_templates(tree):
        yield from refused_template(template, path, _claimed(tree))
    if tree["kind"] == "HorizontalPodAutoscaler":
        yield from refused_autoscaler(tree, minor)
    check = _CHECKS.get(tree["kind"])
    if check is not None:
        yield from check(tree)


def _claimed(tree: Tree) -> tuple[str, ...]:
    """Return the volumes that a StatefulSet adds to its pods."""
    templates = to_map(tree.get("spec")).get("volumeClaimTemplates") if tree["kind"] == "StatefulSet" else None
    return tuple(str(to_map(to_map(one).get("metadata")).get("name")) for one in templates or ())


def _config(tree: Tree) -> Iterator[Refusal]:
    for name, content in to_map(tree.get("binaryData")).items():
        if isinstance(content, str) and not is_base64(content):
            yield Refusal(FORM, ("binaryData", name), "text", "base64", "encode it, or write it below data")
    for name in to_map(tree.get("data")).keys() & to_map(tree.get("binaryData")).keys():
        yield Refusal(REPEATED, ("data", name), "the key in binaryData too", "each key once", "remove one of the two")


def _service(tree: Tree) -> Iterator[Refusal]:
    spec = to_map(tree.get("spec"))
    ports = spec.get("ports")
    where: SlotPath = ("spec", "ports")
    yield from find_repetitions(ports, where, ("port", None), ("protocol", "TCP"))
    numbered = [_without_zero(port, "nodePort") for port in ports] if isinstance(ports, list) else []
    yield from find_repetitions(numbered, where, ("nodePort", None), ("protocol", "TCP"))
    yield from find_repetitions(ports, where, ("name", None))
    if spec.get("clusterIP") not in (None, "", "None"):
        for refusal in refused_addresses([spec["clusterIP"]], ()):
            yield replace(refusal, path=("spec", "clusterIP"), expected="None or an IP address")
    yield from refused_addresses(spec.get("externalIPs"), ("spec", "externalIPs"), ordinary=True)
    yield from refused_networks(spec.get("loadBalancerSourceRanges"), ("spec", "loadBalancerSourceRanges"))
    if spec.get("healthCheckNodePort") and (spec.get("type"), spec.get("externalTrafficPolicy")) != (
        "LoadBalancer",
        "Local",
    ):
        expected = "no value without `type: LoadBalancer` and `externalTrafficPolicy: Local`"
        found = show(spec["healthCheckNodePort"])
        yield Refusal(ONE_OF, ("spec", "healthCheckNodePort"), found, expected, "remove it")


def _without_zero(port: Any, key: str) -> dict[str, Any]:
    return {name: value for name, value in to_map(port).items() if name != key or value}


def _network_policy(tree: Tree) -> Iterator[Refusal]:
    spec = to_map(tree.get("spec"))
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(to_list(spec.get(direction))):
            for place, peer in enumerate(to_list(to_map(rule).get(side))):
                yield from refused_block(
                    to_map(peer).get("ipBlock"), ("spec", direction, index, side, place, "ipBlock")
                )
            for place, port in enumerate(to_list(to_map(rule).get("ports"))):
                first, last = to_map(port).get("port"), to_map(port).get("endPort")
                if isinstance(first, int) and isinstance(last, int) and last < first:
                    path: SlotPath = ("spec", direction, index, "ports", place, "endPort")
                    yield Refusal(BOUND, path, str(last), f"{first} or more", "write the last port of the range")


def _account(tree: Tree) -> Iterator[Refusal]:
    yield from find_repetitions(tree.get("secrets"), ("secrets",), ("name", None))
    yield from find_repetitions(tree.get("imagePullSecrets"), ("imagePullSecrets",), ("name", None))


_CHECKS: Final[Mapping[str, Callable[[Tree], Iterator[Refusal]]]] = {
    "ConfigMap": _config,
    "DaemonSet": refused_selection,
    "Deployment": refused_deployment,
    "NetworkPolicy": _network_policy,
    "ResourceQuota": refused_quota,
    "ScaledObject": refused_scaled_object,
    "Service": _service,
    "ServiceAccount": _account,
    "StatefulSet": refused_selection,
}
