"""C60: a service with `nodes` needs a server that spreads one model over several nodes, and whole cards on each.

vLLM and SGLang divide the layers of a model, or each layer, among the cards of several nodes. Other servers load a
whole model in each pod. The processes of the nodes exchange data on ports that they choose themselves: with an Istio
proxy, all of it passes through the proxy, which is slow, and a mesh with strict mTLS refuses it.

Passes:

    type: vllm
    nodes: 2
    resources: {gpu: 8(A100-80G)}

Fails:

    type: triton-server
    nodes: 2
    resources: {gpu: 8(A100-80G)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "C60"
SEVERITY: Final = Severity.ERROR
_INJECTED: Final = "sidecar.istio.io/inject"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield the findings for each service whose replicas are spread over several nodes."""
    for instance in context.bases_and_instances:
        if instance.settings.group_size == 1:
            continue
        if not instance.server.several_nodes:
            yield _server(context.fleet, instance)
        elif instance.environment.name:
            yield from _cards(instance)
            yield from _proxy(instance)


def _server(fleet: Fleet, instance: ServiceInstance) -> Finding:
    able = sorted(name for name, (server, _) in fleet.catalog.servers.items() if server.several_nodes)
    message = f"the type {instance.service.spec.type} serves a model on one node, and `nodes` asks for several"
    hint = f"remove nodes, or use a type that can: {', '.join(able)}"
    return Finding(ID, message, instance.position("nodes"), hint, also=(instance.service.document.position(("type",)),))


def _cards(instance: ServiceInstance) -> Iterator[Finding]:
    gpu, name = instance.settings.gpu, instance.service.name
    if gpu is None or not gpu.count:
        found = "a share of a card" if gpu is not None and gpu.has_card else "no card"
        message = f"{name} is spread over {instance.settings.group_size} nodes with {found} on each"
        hint = "request the whole cards of one node, for example resources: {gpu: 8}, or remove nodes"
        yield Finding(ID, message, instance.position("nodes"), hint, environments=(instance.environment.name,))


def _proxy(instance: ServiceInstance) -> Iterator[Finding]:
    sidecar = instance.sidecar if instance.settings.sidecar is not None else None
    if sidecar is not None and sidecar.labels.get(_INJECTED) == "true":
        message = f"the pods of {instance.service.name} exchange the data of their cards through Istio's proxy"
        place, also = instance.position("sidecar"), (instance.position("nodes"),)
        environments, hint = (instance.environment.name,), "write sidecar: null for this service"
        yield Finding(ID, message, place, hint, severity=Severity.WARNING, also=also, environments=environments)
