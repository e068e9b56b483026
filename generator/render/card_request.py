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

_MIB: Final = 1 << 20
_GB: Final = 10**9


def request_values(gpu: Gpu | None, card: Card | None) -> dict[str, Any]:
    """Return the request. `share_mib` is the memory of a share, if the card is known; `name` is how a spec adds it."""
    gpu = gpu or Gpu()
    return {
        "count": gpu.count,
        "percent": gpu.percent,
        "shared": gpu.shared,
        "memory_mib": gpu.memory_mib,
        "share_mib": _share(gpu, card),
        "share_size": _size(_share(gpu, card)),
        "vendor": gpu.maker or (card.vendor if card is not None else None),
        "name": f"({','.join(filter(None, (gpu.vendor, gpu.card)))})" if gpu.vendor or gpu.card else "",
    }


def _share(gpu: Gpu, card: Card | None) -> int | None:
    """Return the memory of a share in MiB: never so much that the shares of a card need more than it has."""
    if gpu.memory_mib is not None or card is None or not gpu.percent:
        return gpu.memory_mib
    return card.mib * gpu.percent // 100


def _size(mib: int | None) -> str | None:
    """Return an amount in the form that the API server writes."""
    if mib is None:
        return None
    return f"{mib // 1024}Gi" if mib % 1024 == 0 else f"{mib}Mi"


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
        "tke": named.tke if named is not None else None,
        "mib": card.mib if card is not None else None,
        "pattern": _pattern(named.products) if named is not None else None,
        "profiles": list(_offered(gpu, profiles, facts)),
        "profile": _smallest(gpu, profiles, _offered(gpu, profiles, facts)),
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


def _smallest(gpu: Gpu | None, profiles: tuple[str, ...], offered: Iterable[str]) -> dict[str, Any] | None:
    """Return the smallest profile that holds a share of a card's memory and of its slices for computing.

    The GB of the names are compared: the whole card has a little more MiB than its largest profile. Memory that a spec
    asks for must fit as decimal GB, which is less than the profile has.
    """
    if gpu is None or not gpu.percent or not profiles:
        return None
    slices, size = profile_size(profiles[-1])
    wanted = gpu.memory_mib * _MIB / _GB if gpu.memory_mib is not None else size * gpu.percent / 100
    for name in offered:
        mine, gb = profile_size(name)
        if gb >= wanted and mine * 100 >= slices * gpu.percent:
            return {"name": name, "parts": f"{gb} of {size} GB, {mine} of {slices} slices"}
    return None


def _pattern(products: Iterable[str]) -> str | None:
    """Return a regular expression for the products as the driver writes them: labels have hyphens for spaces."""
    names = "|".join(product.removesuffix(SHARED).replace("-", "[ -]") for product in products)
    return f"^({names})$" if names else None


def cluster_values(facts: Cluster) -> dict[str, Any]:
    """Return what the platform file says of the cluster's cards."""
    return {
        "cards": list(facts.gpu.cards or ()),
        "nodes": facts.gpu.nodes,
        "split_count": facts.gpu.split_count,
        "parts": facts.gpu.parts,
        "mig": list(facts.gpu.mig or ()),
        "minor": int(facts.kubernetes.partition(".")[2]),
        "sharing": facts.gpu.sharing,
        "queue": facts.gpu.queue,
        "resources": facts.gpu.resources,
    }


# The values that the files of templates/gpu/ and templates/nodes/ can use, by the name that holds them.
REQUEST_VALUES: Final[Mapping[str, Collection[str]]] = {
    "gpu": request_values(None, None),
    "card": card_values(None, None, GpuFacts()),
    "cluster": ("cards", "mig", "minor", "nodes", "parts", "queue", "resources", "sharing", "split_count"),
}
