"""The capacity plan counts what each GPU backend really renders: as many shares of a card fit as the card has."""

from __future__ import annotations

from typing import Final

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.fleet.capacity.forecast import Scenario
from generator.pipeline.plan import plan
from tests.support.grants import grant_everything

LOADER: Final = TemplateLoader((templates_root(),))
PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: service.example.com
    gateways: managed
    gpu: {{backend: {backend}, nodes: gfd, cards: [{card}]{facts}}}
    pools:
      gpu: {{nodes: 1, cpu: 64, memory: 256Gi, card: {card}, cards: 1{pool}}}
environments:
  prod: {{cluster: main, stage: prod, requires: none}}
"""
SPEC: Final = """\
model: m
version: v1
type: serving
image: example.com/m:1
ports: 8080
replicas: {replicas}
update: replace
resources: {{cpu: 1, memory: 1G, gpu: "{gpu}"}}
environments: {{prod: }}
"""
# Backend, facts of the cluster, keys of the pool, card, request, and how many of them a card has.
BACKENDS: Final = (
    ("hami", "", "", "T4", "0.2(T4)", 5),
    ("hami", "", ", split: 3", "T4", "0.2(T4)", 3),
    ("hami", "", "", "T4", "8G,0.2(T4)", 1),
    ("volcano", "", "", "T4", "0.2(T4)", 5),
    ("qgpu", "", "", "T4", "0.2(T4)", 5),
    ("gpu-manager", "", ", labels: {nvidia-device-enable: enable}", "T4", "0.2(T4)", 5),
    ("aliyun-gpushare", "", ', labels: {gpushare: "true"}', "T4", "0.2(T4)", 5),
    ("ack", "", ", labels: {ack.node.gpu.schedule: cgpu}", "T4", "0.2(T4)", 5),
    ("kai", ", queue: a", "", "T4", "0.25(T4)", 4),
    ("time-slicing", ", parts: 4", "", "T4-SHARED", "0.25(T4-SHARED)", 4),
    ("mps", ", parts: 4", "", "T4-SHARED", "0.25(T4-SHARED)", 4),
    ("mig", "", ", resources: {nvidia.com/mig-3g.40gb: 2}", "A100-80G", "0.4(A100-80G)", 2),
    ("nvidia", "", "", "T4", "1(T4)", 1),
    ("nvidia", ', resources: {nvidia.com/gpu: "example.com/gpu"}', "", "T4", "1(T4)", 1),
)


def _answer(backend: str, facts: str, pool: str, card: str, gpu: str, replicas: int) -> tuple[str, list[str]]:
    platform = PLATFORM.format(backend=backend, facts=facts, pool=pool, card=card)
    spec = SPEC.format(replicas=replicas, gpu=gpu)
    files = {"services/platform.yaml": grant_everything(platform).encode(), "services/p/a/m-1.yaml": spec.encode()}
    made = plan(files, LOADER)
    errors = [f"{one.id}: {one.message}" for one in made.findings if one.severity == "error" and one.id != "R03"]
    return str(made.capacity[0].forecasts[Scenario.MINIMUM].answer), errors


@pytest.mark.parametrize(("backend", "facts", "pool", "card", "gpu", "number"), BACKENDS)
def test_a_card_has_as_many_shares(backend: str, facts: str, pool: str, card: str, gpu: str, number: int) -> None:
    assert _answer(backend, facts, pool, card, gpu, number) == ("fits", [])
    assert _answer(backend, facts, pool, card, gpu, number + 1) == ("does not fit", [])


@pytest.mark.parametrize("backend", ["dra", "hami-dra"])
def test_claims_of_devices_are_not_known(backend: str) -> None:
    assert _answer(backend, "", "", "T4", "1(T4)", 1)[0] == "unknown"
