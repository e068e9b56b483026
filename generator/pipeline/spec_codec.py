"""Parsed spec files and data files as bytes, for the cache.

pickle makes them again in a fifth of the time that reading their texts takes. It can call whatever its input names, so
an input that names anything but a type of which specs are made is refused: making one of their values does nothing
else.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any, Final, TypeVar

from generator.spec.base import restore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.fleet.spec_file import SpecFile
    from generator.spec.data_files import DataFile

F = TypeVar("F", "SpecFile", "DataFile")

_PROTOCOL: Final = 5
_SPECS: Final = "generator.spec."
_MODULES: Final = frozenset(
    {
        "datetime",
        "decimal",
        "generator.core.finding",
        "generator.core.fix",
        "generator.core.yaml.document",
        "generator.fleet.damage",
        "generator.fleet.model",
        "generator.fleet.spec_file",
    }
)


def encode(files: Sequence[SpecFile | DataFile]) -> bytes:
    """Return the bytes of parsed files."""
    return pickle.dumps(tuple(files), _PROTOCOL)


def decode(content: bytes, type: type[F]) -> tuple[F, ...] | None:
    """Return the parsed files; None if the content is not the bytes of some of this type."""
    try:
        found = _Unpickler(io.BytesIO(content)).load()
    except Exception:  # a damaged input can raise any exception
        return None
    return found if isinstance(found, tuple) and all(isinstance(file, type) for file in found) else None


class _Unpickler(pickle.Unpickler):
    """Makes values of the types of specs, and no others: it calls a type, or `restore` with one."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a type. Raises UnpicklingError if it is none of which specs are made."""
        if module in _MODULES or module.startswith(_SPECS):
            found = super().find_class(module, name)
            if found is restore or (isinstance(found, type) and found.__module__ == module):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no type of a spec")
