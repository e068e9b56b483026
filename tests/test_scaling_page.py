"""docs/scaling.md: its specs render without a finding, and its table is what the model servers' own files say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from generator.spec.catalog import Catalog
from tests.conftest import ROOT
from tests.test_servers_page import RECIPE

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = ROOT / "docs" / "scaling.md"
TABLE: Final = re.compile(r"(<!-- queues -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)
CLUSTER: Final = re.compile(r"```yaml\n(clusters:\n.*?)```\n", re.DOTALL)
LIBRARY: Final = TemplateLoader((templates_root(),))
_FACTS: Final = """\
    domain: example.com
    gateways: {'80': istio-ingress/serving}
    gpu: {backend: hami, cards: [T4, A100-80G]}
"""
_ENVIRONMENTS: Final = "environments: {test: {cluster: main, stage: test}, prod: {cluster: main, stage: prod}}\n"


def test_the_specs_render_without_a_finding() -> None:
    page = PAGE.read_text(encoding="utf-8")
    (clusters,) = CLUSTER.findall(page)
    platform = f"servegen: ~=1.0\n{clusters}{_ENVIRONMENTS}".replace("  main:\n", f"  main:\n{_FACTS}", 1)
    specs = {"services/platform.yaml": platform, **dict(RECIPE.findall(page))}
    made = plan(
        {path: text.encode() for path, text in specs.items()}, LIBRARY, validate=embedded_validator(schemas_of(ROOT))
    )
    assert [(str(finding.position), finding.message) for finding in made.findings] == []
    found = [
        (entry.tree["kind"], entry.tree["metadata"]["name"])
        for entry in expected_manifests(made.fleet, made.routing, LIBRARY)
        if entry.tree["kind"] in ("HorizontalPodAutoscaler", "ScaledObject")
    ]
    assert sorted(found) == [
        ("HorizontalPodAutoscaler", "assistant-1"),
        ("HorizontalPodAutoscaler", "detector-1"),
        ("HorizontalPodAutoscaler", "ranker-1"),
        ("ScaledObject", "batch-1"),
        ("ScaledObject", "reports-1"),
    ]


def test_the_table_is_up_to_date(rewrite: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = "\n".join(_rows())
    made = TABLE.sub(lambda match: f"{match[1]}\n{table}\n\n{match[3]}", page)
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def _rows() -> Iterator[str]:
    yield "| type | series | counts |"
    yield "|---|---|---|"
    for name, (server, _) in sorted(Catalog(LIBRARY).servers.items()):
        if server.queue is not None:
            when = "always" if server.queue.option is None else f"with the option `{server.queue.option}`"
            yield f"| `{name}` | `{server.queue.series}` | {when} |"
