"""A plan with the results of earlier runs, and with what its process has resolved before, is the plan without them.

`make state` tries 1,000 histories of edits; all share one cache, so that each finds the results of the others.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.core.errors import RefusedError
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.app import AppResult
from generator.pipeline.app_memory import AppMemory
from generator.pipeline.fleet_memory import FleetMemory
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.cache.inputs import read_inputs
from generator.repo.cache.store import ResultStore
from generator.repo.repository import schemas_of
from generator.spec.catalog import Catalog
from tests.review.edits import (
    DEPLOYMENT,
    EDITS,
    FAR,
    FLEET,
    ONE,
    OTHER,
    PLATFORM,
    TWO,
    Edit,
    apply,
    loader_of,
    specs_of,
)
from tests.support.process_folder import process_folder

if TYPE_CHECKING:
    from generator.core.finding import Finding
    from generator.fleet.model import ServiceEntry
    from generator.pipeline.plan import Spread, Work

NOW: Final = datetime(2026, 11, 5, tzinfo=UTC)
HISTORIES: Final = int(os.environ.get("SERVEGEN_STATE", "4"))
_PATCH: Final = "patches:\n  - kind: Deployment\n    "
# Edits by which apps depend on each other, on grants, and on nodes. Those in one row matter together.
TOGETHER: Final = (
    (
        Edit(PLATFORM, 'secrets: ["*"], config_maps: ["*"], claims: ["*"], ', ""),
        Edit(TWO, "command: run\n", "command: run\nvolumes: models(pvc-share):/mnt\n"),
        Edit("services/r/project.yaml", "", "environments: {prod: {namespace: p-prod}, far: {namespace: q-prod}}\n"),
        Edit("services/r/c/r-1.yaml", "", FLEET[FAR].replace("15", "17").replace("far:", "prod:")),
    ),
    (
        Edit(PLATFORM, '"*": {namespaces: ["*"]', '"r": {domains: [other.example.com]}, "*": {namespaces: ["*"]'),
        Edit(OTHER, "command: run\n", "command: run\nhost: n.other.example.com\n"),
        Edit(PLATFORM, "grants:", "# grants:"),
    ),
    (
        Edit(PLATFORM, 'labels: ["*"], ', ""),
        Edit(TWO, "environments:\n", f"{_PATCH}metadata: {{labels: {{example.com/a: b}}}}\nenvironments:\n"),
        Edit(TWO, "environments:\n", f"{_PATCH}spec: {{replicas: x, unknown: 1, template: 5}}\nenvironments:\n"),
    ),
    (
        Edit(OTHER, "command: run\n", "command: run\nsplit: m-1:20%\nmirror: m-2:10%\n"),
        Edit(ONE, "command: run\n", "command: run\nports: 9000\n"),
        Edit(TWO, "command: run\n", "command: run\nports: 9001\n"),
        Edit(TWO),
    ),
    (
        Edit(PLATFORM, "  main: {", "  main: {pools: {cpu: {nodes: 2, cpu: 16, memory: 64Gi}}, "),
        Edit(ONE, "memory: 1G", "memory: 900G"),
        Edit(OTHER, "command: run\n", "command: run\nhost: m.example.com\n"),
        Edit(OTHER, "prod: {released: 2026-11-01", "prod: {released: 2026-11-04"),
    ),
    (
        Edit(ONE, "command: run", "comand: run"),
        Edit(DEPLOYMENT, "minReadySeconds: 5", "minReadySeconds: {{ nothing }}"),
        Edit(DEPLOYMENT, "minReadySeconds: 5", "minReadySeconds: none"),
    ),
)
SINGLE: Final = (*EDITS, *(edit for edits in TOGETHER for edit in edits))
EDITED: Final = st.one_of(
    st.lists(st.sampled_from(SINGLE), min_size=1, max_size=5), st.sampled_from(TOGETHER).flatmap(st.permutations)
)
VALIDATE: Final = embedded_validator(schemas_of(process_folder()))
STORE: Final = ResultStore(process_folder() / "cache" / "results", 10**9)
LAST: Final[dict[str, AppResult]] = {}
DEPLOYMENT_OF_ONE: Final = "rendered/p/a/base/m-1/resources.yaml"


@dataclass(frozen=True, slots=True)
class Run:
    """What varies between the runs of a history beside the files."""

    thorough: bool = False
    trusted: bool = False
    version: str = ""


def _memory(files: Mapping[str, str], version: str = "") -> AppMemory:
    inputs = read_inputs(loader_of(files))
    assert inputs is not None, "servegen's own files have changed since the tests began"
    return AppMemory(STORE, LAST, inputs.digest + version, inputs.are_current)


def _plan(
    files: Mapping[str, str],
    base: Mapping[str, str],
    run: Run,
    memory: AppMemory | None,
    spread: Spread = map,
    fleet_memory: FleetMemory | None = None,
) -> tuple[Finding, ...] | tuple[object, ...]:
    """Return everything that a plan gives, or the findings if there is no fleet."""
    try:
        made = plan(
            specs_of(files),
            loader_of(files),
            validate=VALIDATE,
            spread=spread,
            now=NOW,
            base=specs_of(base),
            trusted=run.trusted,
            thorough=run.thorough,
            memory=memory,
            fleet_memory=fleet_memory,
        )
    except RefusedError as refused:
        return refused.findings
    return list(made.files.items()), made.findings, made.ungranted, made.objects, made.capacity


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    edits=EDITED,
    run=st.builds(Run, st.booleans(), st.booleans(), st.sampled_from(("", "another version"))),
)
def test_histories_of_edits(edits: list[Edit], run: Run) -> None:
    files: Mapping[str, str] = FLEET
    # By what the loader reads: a memory holds the catalog of one state of the templates.
    fleets: dict[TemplateLoader, FleetMemory] = {}
    for edit in edits:
        base, files = files, apply(files, edit)
        loader = loader_of(files)
        known = fleets.setdefault(loader, FleetMemory(Catalog(loader)))
        made = _plan(files, base, run, _memory(files, run.version), fleet_memory=known)
        assert made == _plan(files, base, run, None)


def test_only_what_an_edit_concerns_is_rendered_again() -> None:
    done: list[str] = []

    def spread(work: Work, apps: list[list[ServiceEntry]]) -> Iterable[AppResult]:
        done.extend(f"{app[0].project}/{app[0].app}" for app in apps)
        return map(work, apps)

    def rendered(files: Mapping[str, str], version: str = "") -> list[str]:
        done.clear()
        _plan(files, FLEET, Run(), _memory(files, version), spread)
        return list(done)

    version = secrets.token_hex(8)
    assert rendered(FLEET, version) == ["p/a", "p/b", "q/c"]
    assert rendered(FLEET, version) == []
    LAST.clear()
    assert rendered(FLEET, version) == []
    assert rendered(apply(FLEET, Edit(ONE, "hello", "bye")), version) == ["p/a"]
    assert rendered(apply(FLEET, Edit(FAR, "id: 15", "id: 25")), version) == ["q/c"]
    assert rendered(FLEET, version) == []
    assert rendered(FLEET, f"{version} of servegen") == ["p/a", "p/b", "q/c"]


@pytest.mark.parametrize("content", [b"", b"[]", b'[{"a":1},[],[],[]]', b"\x80\x04K\x01.", b"[" * 10_000])
def test_an_entry_that_is_no_result_is_rendered_again(content: bytes) -> None:
    run, memory = Run(), _memory(FLEET, secrets.token_hex(8))
    _plan(FLEET, FLEET, run, memory)
    STORE.write(dict.fromkeys(LAST, content))
    LAST.clear()
    assert _plan(FLEET, FLEET, run, memory) == _plan(FLEET, FLEET, run, None)


def test_a_template_that_changes_during_a_run_leaves_no_result(tmp_path: Path) -> None:
    """Otherwise the first content, once somebody restores it, would have the result of the second one."""
    own = tmp_path / DEPLOYMENT
    own.parent.mkdir(parents=True)
    loader = TemplateLoader((tmp_path / "templates", templates_root()))
    first = (templates_root().parent / DEPLOYMENT).read_text("utf-8") + "\n"

    def seconds(later: str) -> bool:
        own.write_text(first, "utf-8")
        inputs = read_inputs(loader)
        assert inputs is not None
        own.write_text(later, "utf-8")
        memory = AppMemory(STORE, {}, inputs.digest, inputs.are_current)
        made = plan(specs_of(FLEET), loader, now=NOW, memory=memory)
        return "minReadySeconds: 4" in made.files["rendered/p/a/base/m-2/resources.yaml"]

    assert seconds(first.replace("minReadySeconds: 5", "minReadySeconds: 4"))
    assert not seconds(first)
