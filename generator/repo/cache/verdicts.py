"""The findings of fleets without errors: they are the same until a spec, a template, servegen or the day changes.

Commands that only read a fleet, such as `list` and `site`, then run no checks, and do not even resolve a small fleet.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.pipeline.finding_codec import decode_findings, encode_findings
from generator.repo.cache.choice import is_cache_off
from generator.repo.cache.inputs import read_inputs
from generator.repo.cache.user_store import result_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing
    from generator.pipeline.resolved import Resolved
    from generator.repo.cache.inputs import Inputs
    from generator.repo.cache.store import ResultStore

    Findings = tuple[tuple[Finding, ...], tuple[Finding, ...]]


# To keep a fleet of more services takes as long as to resolve it once.
_SMALL: Final = 128


class VerdictMemory(Struct, frozen=True):
    """The findings about the specs of one repository in `store`. `inputs` are servegen and the templates."""

    store: ResultStore
    inputs: Inputs
    key: str

    def recall(self, now: datetime) -> Findings | None:
        """Return all findings, and those about what is not granted, if they are known and still the same."""
        content = self.store.read([self.key]).get(self.key)
        if content is None:
            return None
        since, until, *lists = json.loads(content)
        findings, ungranted = map(decode_findings, lists)
        is_valid = datetime.fromisoformat(since) <= now < datetime.fromisoformat(until)
        return (findings, ungranted) if is_valid and findings is not None and ungranted is not None else None

    def recall_fleet(self, loader: TemplateLoader) -> tuple[Fleet, Routing] | None:
        """Return the fleet and its routes, if they are known. `loader` is that of the templates."""
        content = self.store.read([self._fleet_key]).get(self._fleet_key)
        if content is None:
            return None
        from generator.pipeline.fleet_codec import decode_fleet
        from generator.repo.cache.memory import spec_reader
        from generator.spec.catalog import Catalog

        return decode_fleet(content, Catalog(loader, spec_reader().data))

    @property
    def _fleet_key(self) -> str:
        return hashlib.sha256(f"fleet {self.key}".encode()).hexdigest()

    def keep(self, resolved: Resolved, now: datetime) -> None:
        """Keep the findings of a fleet without errors, unless servegen or a template has changed meanwhile.

        Of a small fleet, keep the fleet itself.
        """
        if resolved.has_errors or not self.inputs.are_current():
            return
        from generator.pipeline.fleet_codec import encode_fleet
        from generator.pipeline.validity import valid_until

        span = now.isoformat(), valid_until(resolved.routing, now).isoformat()
        lists = encode_findings(resolved.findings), encode_findings(resolved.ungranted)
        if None not in lists:
            self.store.write({self.key: json.dumps([*span, *lists]).encode()})
        if len(resolved.fleet.services) <= _SMALL:
            self.store.write({self._fleet_key: encode_fleet(resolved)})


def verdict_memory(specs: Mapping[str, bytes], loader: TemplateLoader) -> VerdictMemory | None:
    """Return what earlier runs have found in these specs; None if no cache can be used."""
    store = None if is_cache_off() else result_store()
    inputs = read_inputs(loader) if store is not None else None
    if store is None or inputs is None:
        return None
    digest = hashlib.sha256(f"verdict {inputs.digest}".encode())
    for file, raw in sorted(specs.items()):
        digest.update(repr((file, len(raw))).encode("utf-8", "surrogatepass"))
        digest.update(raw)
    return VerdictMemory(store, inputs, digest.hexdigest())
