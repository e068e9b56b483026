"""The alerts about the services of a cluster: one set of rules for all of them.

There is no rule for each service: Prometheus evaluates each rule every 30 seconds or so. What only some services have,
such as an objective, is a rule of the service itself.

Source: Prometheus documentation, alerting rules; prometheus-operator, API reference, PrometheusRule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml import dump
from generator.render.cluster.manifest_input import ManifestInput
from generator.render.silence import silenceable
from generator.render.views.service import MANAGED_BY
from generator.spec.alerts import SELECTOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.render.cluster.manifest_input import ClusterContext
    from generator.spec.alerts import AlertFile

FILE: Final = "alerts.yaml"
TEMPLATES: Final = {
    "PrometheusRule": "monitoring/prometheusrule.yaml.j2",
    "ConfigMap": "monitoring/configmap.yaml.j2",
}
"""The template of each kind of object that holds rules."""


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the object with the alerts of a cluster with `monitoring` and an environment that alerts."""
    facts = site.facts.monitoring
    spaces = sorted({space.name for space in site.spaces if site.fleet.contexts[space.environment].rules.alerts})
    if facts is not None and spaces:
        groups = [_group(name, file, spaces) for name, file in sorted(site.fleet.catalog.alerts.items())]
        values = {
            "name": "servegen",
            "labels": {**MANAGED_BY, **facts.labels},
            "groups": groups,
            "text": dump({"groups": groups}),
        }
        template, origin = TEMPLATES[facts.rules], site.entry("monitoring")
        yield ManifestInput(template, {"rules": values}, facts.namespace, site.environment, origin)


def _group(name: str, file: AlertFile, spaces: Sequence[str]) -> dict[str, Any]:
    matcher = f'{file.namespace_label}=~"{"|".join(spaces)}"'
    rules = [
        {
            "alert": f"Servegen{alert}",
            "expr": silenceable(alert, entry.expr.replace(SELECTOR, matcher)),
            "for": f"{entry.lasts}s",
            "labels": {"severity": entry.severity},
            "annotations": {"summary": entry.summary, "action": entry.action},
        }
        for alert, entry in file.alerts.items()
    ]
    return {"name": f"servegen-{name}", "rules": rules}
