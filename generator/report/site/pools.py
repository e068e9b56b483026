"""The pools of nodes of each cluster, as the platform file writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.report.site.model import PoolRow
from generator.report.site.settings import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import Fleet


def pool_rows(fleet: Fleet) -> Iterator[PoolRow]:
    """Yield all pools, by cluster."""
    for cluster, facts in fleet.platform.clusters.items():
        for pool in facts.pools or ():
            written = _written(fleet, "clusters", cluster, "pools", pool)
            amounts = (f"{key} {as_text(value)}" for key, value in written.items() if key != "nodes")
            yield PoolRow(cluster, pool, as_text(written.get("nodes")), ", ".join(amounts))


def _written(fleet: Fleet, *path: str) -> dict[str, object]:
    data: object = fleet.document.data
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
