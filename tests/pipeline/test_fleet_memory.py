"""A fleet that is resolved with the memory of another one is the fleet that is resolved alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.pipeline.fleet_memory import FleetMemory
from generator.pipeline.plan import resolve_fleet
from generator.spec.catalog import Catalog
from tests.review.edits import EDITS, FLEET, Edit, apply, loader_of, specs_of
from tests.support.fuzz import examples

NOW: Final = datetime(2026, 11, 5, tzinfo=UTC)
# A memory holds the catalog of one state of the templates.
OF_SPECS: Final = st.lists(
    st.sampled_from([edit for edit in EDITS if edit.file.startswith("services/")]), min_size=1, max_size=4
)
BROKEN: Final = Edit("services/p/a/m-1.yaml", "command: run", "comand: run")


@settings(max_examples=examples(6, of=20), deadline=None, suppress_health_check=list(HealthCheck))
@given(OF_SPECS, st.booleans())
def test_states_of_the_specs_one_after_the_other(edits: list[Edit], broken: bool) -> None:
    loader = loader_of({})
    memory = FleetMemory(Catalog(loader))
    files = apply(FLEET, BROKEN) if broken else dict(FLEET)
    resolve_fleet(specs_of(files), loader, now=NOW, memory=memory)
    for edit in edits:
        base, files = files, apply(files, edit)
        shared = resolve_fleet(specs_of(files), loader, now=NOW, base=specs_of(base), memory=memory)
        alone = resolve_fleet(specs_of(files), loader, now=NOW, base=specs_of(base))
        assert shared.findings == alone.findings
        assert (shared.fleet.bases, shared.fleet.instances) == (alone.fleet.bases, alone.fleet.instances)
        assert shared.routing == alone.routing


def test_what_is_the_same_is_resolved_once() -> None:
    loader = loader_of({})
    memory = FleetMemory(Catalog(loader))
    before, _ = memory.resolve(specs_of(FLEET))
    after, _ = memory.resolve(specs_of(apply(FLEET, Edit("services/p/a/m-1.yaml", "hello", "bye"))))
    assert before is not None
    assert after is not None
    same = {key for key, instance in after.bases.items() if instance is before.bases[key]}
    assert same == after.bases.keys() - {("p", "a", "m-1")}
