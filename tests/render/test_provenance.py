"""The source of a rendered value: an edit of the spec line that is reported for it changes the value."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.core.finding import Position
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from generator.render.objects import BASE, OVERLAY, ObjectRenderer
from generator.render.provenance import locate
from generator.render.spec_patches import SpecPatches
from tests.support.fleets import PLATFORM

LIBRARY = TemplateLoader((templates_root(),))
FILE = "services/team/app/m-1.yaml"
SPEC = """\
model: m
version: v1
type: triton-server
image: example/triton:1
ports: 8000,8002
replicas: 2~10
hpa: cpu:50%,gpu:40%
resources:
  cpu: 2
  memory: 4G
  gpu: 0.2(T4)
env:
  LOG: info
  TZ: UTC
workdir: /models
volumes: data(pvc-share):/mnt
health: 8000:/ok
labels:
  tier: gold
environments:
  prod:
    resources:
      memory: 8G
    env:
      LOG: debug
    patches:
      - kind: Deployment
        spec:
          minReadySeconds: 5
command: run
"""
# Template, path of the rendered value, the line that sets it, and an edit of that line.
PLACES: list[tuple[str, tuple[Any, ...], int, str, str]] = [
    ("20-deployment", ("spec", "template", "spec", "containers", 0, "image"), 4, "triton:1", "triton:2"),
    ("20-deployment", ("spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"), 5, "8000", "8001"),
    ("10-horizontalpodautoscaler", ("spec", "minReplicas"), 6, "2~10", "3~11"),
    ("20-deployment", ("spec", "template", "spec", "containers", 0, "resources", "limits", "cpu"), 9, "2", "3"),
    ("20-deployment", ("spec", "template", "spec", "containers", 0, "resources", "limits", "memory"), 23, "8G", "9G"),
    ("20-deployment", ("spec", "template", "spec", "containers", 0, "env", 12, "value"), 14, "UTC", "GMT"),
    ("20-deployment", ("spec", "template", "spec", "containers", 0, "env", 11, "value"), 25, "debug", "trace"),
    ("20-deployment", ("spec", "template", "spec", "containers", 0, "workingDir"), 15, "models", "model"),
    (
        "20-deployment",
        ("spec", "template", "spec", "volumes", 0, "persistentVolumeClaim", "claimName"),
        16,
        "data",
        "date",
    ),
    (
        "20-deployment",
        ("spec", "template", "spec", "containers", 0, "readinessProbe", "httpGet", "path"),
        17,
        "ok",
        "up",
    ),
    ("20-deployment", ("metadata", "labels", "tier"), 19, "gold", "lead"),
    ("20-deployment", ("spec", "minReadySeconds"), 29, "5", "6"),
    ("10-horizontalpodautoscaler", ("spec", "maxReplicas"), 6, "2~10", "3~11"),
    ("10-horizontalpodautoscaler", ("spec", "metrics", 1, "pods", "target", "averageValue"), 7, "gpu:40%", "gpu:45%"),
]


def _objects(spec: str) -> dict[str, Any]:
    made = resolve_fleet({"services/platform.yaml": PLATFORM.encode(), FILE: spec.encode()}, LIBRARY)
    assert made.findings == ()
    objects = ObjectRenderer(LIBRARY)
    instance = made.fleet.instances["prod"]["team", "app", "m-1"]
    context = objects.context(instance)
    found = {}
    for folder in (BASE, OVERLAY):
        for rendered in objects.service(context, folder, SpecPatches()):
            found[rendered.template] = rendered.tree
    return {"deployed": instance, "objects": objects, **found}


def _template(made: dict[str, Any], name: str) -> str:
    return next(key for key in made if name in key)


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        tree = tree[step]
    return tree


@pytest.mark.parametrize(
    ("name", "path", "line", "old", "new"),
    PLACES,
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_the_named_line_sets_the_value(name: str, path: tuple[Any, ...], line: int, old: str, new: str) -> None:
    made = _objects(SPEC)
    template = _template(made, name)
    position = locate(made["objects"], made["deployed"], template, made[template], path)
    assert (position.file, position.line) == (FILE, line)
    before = _at(made[template], path)
    lines = SPEC.split("\n")
    changed = re.sub(old, new, lines[line - 1])
    assert changed != lines[line - 1]
    after = _objects("\n".join([*lines[: line - 1], changed, *lines[line:]]))
    assert _at(after[template], path) != before


def test_a_value_that_we_ship_is_at_the_type_that_brings_it() -> None:
    made = _objects(SPEC.replace("image: example/triton:1\n", ""))
    template = _template(made, "20-deployment")
    path = ("spec", "template", "spec", "containers", 0, "image")
    position = locate(made["objects"], made["deployed"], template, made[template], path)
    assert position == Position(FILE, 3, 7)
