"""A fleet with a service of each type of server, on two clusters that measure the load of cards in two ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from tests.support.grants import grant_everything

LOADER: Final = TemplateLoader((templates_root(),))
TYPES: Final = tuple(LOADER.folders("servers"))
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: example.com
    gateways: {{"80": istio-system/serving}}
    gpu: {{backend: hami, nodes: gfd, cards: [T4]}}
    metrics: {{gpu: {{exporter: hami}}}}
    prometheus: {{adapter: monitoring/servegen-metrics}}
    monitoring: {{dashboards: {kind}}}
  far:
    domain: far.example.com
    gateways: {{"80": istio-system/serving}}
    gpu: {{backend: nvidia, nodes: gfd, cards: [T4]}}
    metrics: {{gpu: {{exporter: dcgm}}}}
    prometheus: {{adapter: monitoring/servegen-metrics, honor_labels: true}}
    monitoring: {{dashboards: {kind}}}
environments:
  prod: {{cluster: main, stage: prod, requires: none}}
  far: {{cluster: far, stage: prod, requires: none}}
"""
_SERVICE: Final = """\
model: {model}
version: v{version}
type: {type}
image: registry.example.com/server:1
command: serve
health: 8000:/ready
{more}environments: {{{environments}}}
"""


def watched_fleet(kind: str, types: Sequence[str] = TYPES) -> dict[str, bytes]:
    """Return the spec files: m-1 to m-n have the types in order; n-1 has the canary n-2; the far cluster has vllm only.

    `kind` is how clusters get dashboards, `types` are model servers.
    """
    files = {"services/platform.yaml": grant_everything(_PLATFORM.format(kind=kind))}
    for number, type in enumerate(types, 1):
        environments = "prod: , far: " if type == "vllm" else "prod: "
        files[f"services/p/a/m-{number}.yaml"] = _service("m", number, type, environments)
    files["services/p/b/n-1.yaml"] = _service("n", 1, "vllm", "prod: ", "split: n-2:10%\n")
    files["services/p/b/n-2.yaml"] = _service("n", 2, "vllm", "prod: ")
    return {path: text.encode() for path, text in files.items()}


def _service(model: str, version: int, type: str, environments: str, more: str = "") -> str:
    return _SERVICE.format(model=model, version=version, type=type, environments=environments, more=more)


def rendered_files(specs: dict[str, bytes], loader: TemplateLoader = LOADER) -> dict[str, str]:
    """Return the files that servegen renders from specs, by path."""
    made = plan(specs, loader)
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    return dict(made.files)


def expressions(dashboard: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the queries of the panels and the marks of a dashboard, each after its place."""
    found = [
        (f"{panel['title']}: {target['legendFormat']}", target["expr"])
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
    ]
    return [*found, *((mark["name"], mark["expr"]) for mark in dashboard["annotations"]["list"])]
