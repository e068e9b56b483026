"""Two revisions of a small fleet, and what the change between them does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from generator.render.objects import ObjectRenderer
from generator.review.model import Review
from generator.review.review import review
from generator.review.side import Side
from tests.support.grants import grant_everything

PLATFORM: Final = "services/platform.yaml"
FIRST: Final = "services/p/a/m-1.yaml"
SECOND: Final = "services/p/a/m-2.yaml"
OTHER: Final = "services/p/b/n-1.yaml"
SPECS: Final[Mapping[str, str]] = {
    PLATFORM: grant_everything("""\
servegen: ~=1.0
clusters:
  main: {domain: example.com, gateways: managed, kubernetes: "1.36"}
  far: {domain: far.example.com, gateways: managed, kubernetes: "1.36"}
environments:
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod, requires: none}
"""),
    FIRST: """\
model: m
version: v1
type: triton-server
command: run
host: m.example.com
replicas: 2~4
hpa: cpu:50%
resources: {cpu: 1, memory: 1G}
config: {a.txt: hello}
env: {A: one}
environments:
  test: {released: 2026-11-01T10:00:00Z}
  prod: {released: 2026-11-01T10:00:00Z, replicas: 3~6}
""",
    OTHER: """\
model: n
version: v1
type: tfserving
command: run
replicas: 2
environments:
  prod: {released: 2026-11-01T10:00:00Z}
""",
}


def edit(file: str, old: str, new: str, specs: Mapping[str, str] = SPECS) -> dict[str, str]:
    """Return the specs with one text of a file replaced, which the file must have."""
    assert old in specs[file]
    return {**specs, file: specs[file].replace(old, new)}


def side(specs: Mapping[str, str]) -> Side:
    """Return one side, whose specs must have no errors."""
    return _side(tuple(specs.items()))


@cache
def _side(specs: tuple[tuple[str, str], ...]) -> Side:
    loader = TemplateLoader((templates_root(),))
    found = resolve_fleet({file: text.encode() for file, text in specs}, loader)
    assert [str(finding.message) for finding in found.findings if finding.severity == "error"] == []
    return Side(found.fleet, found.routing, ObjectRenderer(loader))


def changes(before: Mapping[str, str], after: Mapping[str, str], *, templates: Sequence[str] = ()) -> Review:
    """Return what a change of specs, and maybe of these templates, does."""
    files = [file for file in {**before, **after} if before.get(file) != after.get(file)]
    return review(side(before), side(after), files, templates=templates)


def effects(found: Review, *, environment: str = "prod") -> list[str]:
    """Return the effect, kind and name of each object that changes in an environment, without those of delivery."""
    return [
        f"{change.effect} {change.key.short_kind}/{change.key.name}"
        for change in found.objects
        if change.environment == environment
    ]
