"""A mapping whose values are computed when they are needed, each once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

V = TypeVar("V")


class LazyMapping(Mapping[str, V]):
    """A read-only mapping of known names, in their order, to what `make` returns for each."""

    def __init__(self, names: Iterable[str], make: Callable[[str], V]) -> None:
        self._names = dict.fromkeys(names)
        self._make = make
        self._made: dict[str, V] = {}

    def __getitem__(self, name: str) -> V:
        """Return the value of a name. Raises KeyError for an unknown one, and what `make` raises."""
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether the name is known; nothing is computed."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Return the known names."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._names)
