"""A resolved fleet with its routes as bytes, for the cache."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING

from generator.fleet.model import Fleet
from generator.fleet.routing import Routing
from generator.pipeline.unpickle import unpickle
from generator.spec.catalog import Catalog

if TYPE_CHECKING:
    from generator.pipeline.resolved import Resolved


def encode_fleet(resolved: Resolved) -> bytes:
    """Return the bytes of the fleet and its routes, without the catalog."""
    out = io.BytesIO()
    _Pickler(out, 5).dump((resolved.fleet, resolved.routing))
    return out.getvalue()


def decode_fleet(content: bytes, catalog: Catalog) -> tuple[Fleet, Routing] | None:
    """Return the fleet and its routes; None if the content is not the bytes of them."""
    match unpickle(content, catalog):
        case (Fleet() as fleet, Routing() as routing):
            return fleet, routing
        case _:
            return None


class _Pickler(pickle.Pickler):
    """Leaves out the catalog, which is that of the templates of a run."""

    def persistent_id(self, obj: object) -> str | None:
        """Return what stands for the catalog."""
        return "catalog" if type(obj) is Catalog else None
