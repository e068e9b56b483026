"""Model servers, GPU modes and GPU backends: each pair of them in one fleet; `make e2e` has the whole product."""

from __future__ import annotations

import re
import sys
from itertools import combinations
from typing import TYPE_CHECKING, Final

import pytest

from generator.core.paths import templates_root
from generator.core.programs.kustomize import build, exact
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_builds
from generator.pipeline.plan import Plan, plan
from generator.pipeline.validators import embedded_validator
from generator.render.objects import ObjectRenderer
from generator.repo.repository import schemas_of
from generator.schemas.catalogue import SchemaCatalog
from generator.schemas.kubeconform import validate
from tests.conftest import ROOT
from tests.support.kustomize import write
from tests.support.matrix import BACKENDS, MODES, SERVERS, STAGES, fleet, pairs, reported_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from generator.fleet.model import ServiceEntry

OVERLAY: Final = r"/overlays/[^/]+/kustomization\.yaml\Z"
LIBRARY: Final = TemplateLoader((templates_root(),))
PAIRS: Final = pairs()
VALID: Final = {one: [stage] for one, stage in PAIRS.items() if not one.is_error}
INVALID: Final = {one: [stage] for one, stage in PAIRS.items() if one.is_error}


@pytest.fixture(scope="module")
def rendered() -> Plan:
    return plan(fleet(VALID), LIBRARY, validate=embedded_validator(schemas_of(ROOT)))


def test_the_table_has_all_servers_and_backends() -> None:
    assert set(SERVERS) == set(LIBRARY.folders("servers"))
    assert set(BACKENDS) == set(LIBRARY.names("gpu", ".yaml.j2"))


def test_the_sample_has_each_pair() -> None:
    found = {
        pair for one, stage in PAIRS.items() for pair in combinations((one.backend, one.server, one.mode, stage), 2)
    }
    names = (tuple(BACKENDS), SERVERS, tuple(MODES), STAGES)
    assert found == {(a, b) for one, other in combinations(names, 2) for a in one for b in other}


def test_each_combination_has_just_the_findings_of_the_table(rendered: Plan) -> None:
    found = reported_in([*rendered.findings, *plan(fleet(INVALID), LIBRARY).findings])
    assert {one: found.get(one.file, []) for one in PAIRS} == {one: one.reported for one in PAIRS}


def test_the_valid_ones_pass_both_engines_and_kustomize_builds_them(
    rendered: Plan, kustomize: Path, kubeconform: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOGC", "400")  # both are programs in Go: less work for its garbage collector
    expected = [tree for services in rendered.fleet.apps().values() for tree in _objects(rendered, services)]
    assert validate(expected, SchemaCatalog.open("1.36"), kubeconform) == []
    overlays = [name.rpartition("/")[0] for name in rendered.files if re.search(OVERLAY, name)]
    write(tmp_path, {**rendered.files, "kustomization.yaml": {"resources": overlays}})
    built = build(tmp_path, kustomize)
    sys.stdout.write(f"{len(VALID)} of {len(PAIRS)} combinations are valid: {len(expected)} objects\n")
    assert _by_name(built) == _by_name(expected)


def _objects(made: Plan, services: list[ServiceEntry]) -> Iterator[dict[str, object]]:
    for trees in expected_builds(made.fleet, made.routing, ObjectRenderer(LIBRARY), services).values():
        yield from trees


def _by_name(trees: Iterable[dict[str, object]]) -> dict[tuple[str, ...], object]:
    return {_key(tree): exact(tree) for tree in trees}


def _key(tree: dict[str, object]) -> tuple[str, ...]:
    metadata = tree["metadata"]
    assert isinstance(metadata, dict)
    return str(tree["kind"]), str(metadata.get("namespace")), str(metadata["name"])
