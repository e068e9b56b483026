"""What the files of templates/gpu/ and templates/nodes/ know of a request, of its card and of the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.spec.cards import SHARED
from generator.spec.gpu_facts import GpuFacts
from generator.spec.values.gpu import Gpu
from generator.spec.values.gpu_facts import profile_size

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from generator.spec.cards import Card
    from generator.spec.platform import Cluster


def request_values(gpu: Gpu | None, card: Card | None) -> dict[str, Any]:
    """Return the request. `share_mib` is the memory of a share, if the card is known; `name` is how a spec adds it."""
    gpu = gpu or Gpu()
    return {
        "count": gpu.count,
        "percent": gpu.percent,
        "shared": gpu.shared,
        "memory_mib": gpu.memory_mib,
        "share_mib": _share(gpu, card),
        "vendor": gpu.maker or (card.vendor if card is not None else None),
        "name": f"({','.join(filter(None, (gpu.vendor, gpu.card)))})" if gpu.vendor or gpu.card else "",
    }


def _share(gpu: Gpu, card: Card | None) -> int | None:
    """Return the memory of a share in MiB: never so much that the shares of a card need more than it has."""
    if gpu.memory_mib is not None or card is None or not gpu.percent:
        return gpu.memory_mib
    return card.mib * gpu.percent // 100


def card_values(gpu: Gpu | None, card: Card | None, facts: GpuFacts) -> dict[str, Any]:
    """Return the card. A request that names none has the memory and the parts of the cluster's only one, if known."""
    named = card if gpu is not None and gpu.card is not None else None
    profiles = card.profiles if card is not None else ()
    return {
        "name": gpu.card if gpu is not None and named is not None else None,
        "match": named.match if named is not None else None,
        "also_matches": ",".join(named.also) if named is not None else None,
        "products": list(named.products) if named is not None else None,
        "shared_products": _shared(named.products) if named is not None else None,
        "family": (named.family or gpu.card) if gpu is not None and named is not None else None,
        "gke": named.gke if named is not None else None,
        "aws": named.aws if named is not None else None,
        "aws_mib": named.aws_mib if named is not None else None,
        "mib": card.mib if card is not None else None,
        "profiles": [_profile(name) for name in _offered(gpu, profiles, facts)],
        "whole": _profile(profiles[-1]) if profiles else None,
        "resource": card.resource if card is not None else None,
        "parts": list(card.parts) if card is not None else [],
    }


def _shared(products: Iterable[str]) -> list[str]:
    """Return the products as feature discovery names them on nodes whose cards NVIDIA's plugin divides."""
    return [f"{product.removesuffix(SHARED)}{SHARED}" for product in products]


def _offered(gpu: Gpu | None, profiles: tuple[str, ...], facts: GpuFacts) -> tuple[str, ...]:
    """Return the profiles of MIG that the cluster offers of a card, whose name may be that of its family."""
    name = (gpu.card if gpu is not None else None) or next(iter(facts.cards or ()), "")
    offered = facts.mig or {}
    return next((own for card, own in offered.items() if card == name or card.startswith(f"{name}-")), profiles)


def _profile(name: str) -> dict[str, Any]:
    slices, size = profile_size(name)
    return {"name": name, "slices": slices, "gb": size}


def cluster_values(facts: Cluster) -> dict[str, Any]:
    """Return what the platform file says of the cluster's cards."""
    return {
        "cards": list(facts.gpu.cards or ()),
        "nodes": facts.gpu.nodes,
        "split_count": facts.gpu.split_count,
        "replicas": facts.gpu.replicas,
        "sharing": facts.gpu.sharing,
        "queue": facts.gpu.queue,
        "resources": facts.gpu.resources,
    }


# The values that the files of templates/gpu/ and templates/nodes/ can use, by the name that holds them.
REQUEST_VALUES: Final[Mapping[str, Collection[str]]] = {
    "gpu": request_values(None, None),
    "card": card_values(None, None, GpuFacts()),
    "cluster": ("cards", "nodes", "queue", "replicas", "resources", "sharing", "split_count"),
}
