"""Results of apps by their keys: those of the last plan of this process, and those of earlier runs in a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.fleet.model import ServiceEntry
    from generator.pipeline.app import AppResult
    from generator.pipeline.plan import Spread, Work


class EntryStore(Protocol):
    """Where results outlive a process."""

    def read(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """Return the content of each entry that there is, by its key."""

    def write(self, entries: Mapping[str, bytes]) -> None:
        """Write entries (key -> content)."""


@dataclass(frozen=True, slots=True)
class AppMemory:
    """The results in `store`, and in `last` those of the last plan of this process.

    `inputs` is a digest of the program, of templates and of schemas. `is_current` says whether they are still the same:
    results are kept only if nobody has changed one during the run. With `is_deferred` they are kept only when `keep` is
    called: after the plan, somebody else judges the same objects.
    """

    store: EntryStore
    last: dict[str, AppResult]
    inputs: str
    is_current: Callable[[], bool]
    is_deferred: bool = False
    # The results of the last plan by their keys, and those of them that are new.
    _found: dict[str, AppResult] = field(init=False, default_factory=dict)
    _fresh: dict[str, AppResult] = field(init=False, default_factory=dict)

    def spread(
        self, keys: list[str], spread: Spread, work: Work, apps: list[list[ServiceEntry]]
    ) -> Iterator[AppResult]:
        """Yield `work(app)` for each app, in order; `spread` does those whose key is not known."""
        found = self._find(keys)
        rest = iter(spread(work, [app for app, key in zip(apps, keys, strict=True) if key not in found]))
        fresh: dict[str, AppResult] = {}
        for key in keys:
            if key not in found:
                found[key] = fresh[key] = next(rest)
            yield found[key]
        self._found.update(found)
        self._fresh.update(fresh)
        if not self.is_deferred:
            self.keep()

    def keep(self) -> None:
        """Keep the results of the last plan for later ones."""
        # Only new results can come from an input that has changed since.
        if not self._fresh or self.is_current():
            from generator.pipeline.app_codec import encode

            self.last.clear()
            self.last.update(self._found)
            encoded = ((key, encode(result)) for key, result in self._fresh.items())
            self.store.write({key: content for key, content in encoded if content is not None})
        self._found.clear()
        self._fresh.clear()

    def _find(self, keys: list[str]) -> dict[str, AppResult]:
        # The types of results, and their models, which commands that only read the fleet do without.
        from generator.pipeline.app_codec import decode

        known = {key: self.last[key] for key in keys if key in self.last}
        stored = self.store.read(key for key in keys if key not in known)
        decoded = ((key, decode(content)) for key, content in stored.items())
        return known | {key: result for key, result in decoded if result is not None}
