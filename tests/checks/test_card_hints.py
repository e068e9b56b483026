"""What the hints about cards say, once done, satisfies the check and adds no other finding."""

from __future__ import annotations

import re
from typing import Final

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan

LIBRARY: Final = TemplateLoader((templates_root(),))
PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: service.example.com
    gateways: {"80": istio-system/public}
    gpu: {backend: hami, nodes: none, cards: [A100-40G, A100-80G, T4]}
environments:
  prod: {cluster: main, stage: prod}
"""
SPEC: Final = """\
model: llm
version: v1
type: serving
image: registry.example.com/llm:1
ports: 8000
health: 8000:/health
resources: {cpu: 4, memory: 32G, gpu: 1(A100-80G)}
update: replace
environments: {prod: }
"""


def _findings(platform: str, spec: str) -> list[tuple[str, str]]:
    files = {"services/platform.yaml": platform.encode(), "services/t/llm/llm-1.yaml": spec.encode()}
    return [(finding.id, finding.hint) for finding in plan(files, LIBRARY).findings]


@pytest.mark.parametrize("backend", ["hami", "nvidia"])
@pytest.mark.parametrize("nodes", ["none", "cube"])
def test_a_card_that_is_not_told_from_others(backend: str, nodes: str) -> None:
    platform = PLATFORM.replace("backend: hami", f"backend: {backend}").replace("nodes: none", f"nodes: {nodes}")
    [(id, hint)] = _findings(platform, SPEC)
    assert id == "G03"
    profile, key = re.findall("`(.*?)`", hint)
    assert _findings(platform.replace(f"nodes: {nodes}", profile), SPEC) == []
    assert _findings(platform, f"{key}\n{SPEC}") == []


def test_a_cluster_without_cards() -> None:
    platform = re.sub(r"cards: \[.*?\]", "cards: []", PLATFORM)
    [(id, hint)] = _findings(platform, SPEC)
    assert id == "G01"
    key = re.findall("`(.*?)`", hint)[0]
    assert _findings(platform, SPEC.replace("{prod: }", f"{{prod: {{{key}}}}}")) == []


def test_a_card_of_two_sizes() -> None:
    [(id, hint)] = _findings(PLATFORM.replace("nodes: none", "nodes: gfd"), SPEC.replace("A100-80G", "A100"))
    assert id == "G01"
    for size in re.findall(r"A100-\w+", hint):
        assert _findings(PLATFORM.replace("nodes: none", "nodes: gfd"), SPEC.replace("A100-80G", size)) == []
