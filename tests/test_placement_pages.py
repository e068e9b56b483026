"""docs/placement.md and docs/several-nodes.md: their specs render, and the limits that they state are the checks'."""

from __future__ import annotations

from typing import Final

from generator.checks.fleet.n11_group_names import longest_name
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.spec.catalog import Catalog
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM
from tests.test_servers_page import RECIPE

PAGE: Final = (ROOT / "docs" / "several-nodes.md").read_text(encoding="utf-8")
PLACEMENT: Final = (ROOT / "docs" / "placement.md").read_text(encoding="utf-8")
LIBRARY: Final = TemplateLoader((templates_root(),))


def test_the_specs_of_the_page_about_placement_render() -> None:
    specs = {name: text.encode() for name, text in RECIPE.findall(PLACEMENT)}
    assert specs
    assert plan({"services/platform.yaml": PLATFORM.encode(), **specs}, LIBRARY).findings == ()


def test_the_specs_render() -> None:
    specs = {name: text.encode() for name, text in RECIPE.findall(PAGE)}
    assert len(specs) == 2
    made = plan({"services/platform.yaml": PLATFORM.encode(), **specs}, LIBRARY)
    assert [finding.id for finding in made.findings] == ["S07"]
    kinds = [entry.tree["kind"] for entry in expected_manifests(made.fleet, made.routing, LIBRARY)]
    assert kinds.count("LeaderWorkerSet") == 1
    assert "Deployment" not in kinds


def test_the_page_names_the_servers_and_the_limits() -> None:
    servers = Catalog(LIBRARY).servers.items()
    assert sorted(name for name, (server, _) in servers if server.several_nodes) == ["sglang", "vllm"]
    assert f"{longest_name(10)} characters for up to 10 replicas, {longest_name(100)} for up to 100 (N11)" in PAGE
