"""Make values again from pickles of the cache.

pickle can call whatever its input names, so an input that names anything but a type of which specs and fleets are made
is refused: making one of their values does nothing else.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any, Final

from generator.spec.base import restore

if TYPE_CHECKING:
    from generator.spec.catalog import Catalog

_PREFIXES: Final = ("generator.spec.", "generator.fleet.")
_MODULES: Final = frozenset(
    {"datetime", "decimal", "generator.core.finding", "generator.core.fix", "generator.core.yaml.document"}
)


def unpickle(content: bytes, catalog: Catalog | None = None) -> Any:
    """Return the value of a pickle; None if it is damaged, or names what it may not. `catalog` is that of this run."""
    try:
        return _Unpickler(io.BytesIO(content), catalog).load()
    except Exception:  # a damaged input can raise any exception
        return None


class _Unpickler(pickle.Unpickler):
    """Calls types of specs and fleets, and `restore` with one, and nothing else."""

    def __init__(self, file: io.BytesIO, catalog: Catalog | None) -> None:
        super().__init__(file)
        self._catalog = catalog

    def find_class(self, module: str, name: str) -> Any:
        """Return a type. Raises UnpicklingError if it is none of which specs or fleets are made."""
        if module in _MODULES or module.startswith(_PREFIXES):
            found = super().find_class(module, name)
            if found is restore or (isinstance(found, type) and found.__module__ == module):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no type of a spec or a fleet")

    def persistent_load(self, pid: Any) -> Catalog:
        """Return the catalog, which no pickle contains. Raises UnpicklingError if it is not known."""
        if self._catalog is None:
            raise pickle.UnpicklingError(f"found {pid}, expected no catalog")
        return self._catalog
