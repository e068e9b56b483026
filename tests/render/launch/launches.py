"""Services that a test describes with the version of their model, and what servegen renders for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from generator.core.finding import Finding
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import Plan, plan
from generator.render.pod_templates import pod_templates
from tests.support.fleets import PLATFORM
from tests.support.yaml_file import read_yaml

HERE: Final = Path(__file__).parent
CASES: Final = sorted(path.stem for path in (HERE / "cases").glob("*.yaml"))
LIBRARY: Final = TemplateLoader((templates_root(),))

Keys = dict[str, Any]


def case(name: str) -> Keys:
    """Read cases/<name>.yaml."""
    found: Keys = read_yaml(HERE / "cases" / f"{name}.yaml")
    return found


def planned(described: Keys, loader: TemplateLoader = LIBRARY) -> Plan:
    """Plan one service in `test`: `version` are the keys of version v3 of the model m, `service` those of the spec."""
    service = {"model": "m", "version": "v3", "environments": {"test": {}}, **described["service"]}
    specs = {
        "services/platform.yaml": described.get("platform", PLATFORM),
        "services/p/models/m.yaml": yaml.safe_dump(
            {"versions": {service["version"]: described["version"]}}, sort_keys=False
        ),
        "services/p/a/m-3.yaml": yaml.safe_dump(service, sort_keys=False),
    }
    return plan({name: text.encode() for name, text in specs.items()}, loader)


def errors(made: Plan) -> list[Finding]:
    """Return the errors of a plan."""
    return [finding for finding in made.findings if finding.severity == "error"]


def workload(made: Plan, loader: TemplateLoader = LIBRARY) -> list[Keys]:
    """Return the ConfigMap with the config files, if there is one, and the workload of the service."""
    trees = [manifest.tree for manifest in expected_manifests(made.fleet, made.routing, loader)]
    named = [tree for tree in trees if tree["metadata"]["name"].startswith("m-3")]
    return [tree for tree in named if tree["kind"] in ("ConfigMap", "Deployment", "LeaderWorkerSet")]


def container(trees: list[Keys]) -> Keys:
    """Return the server's container, of the leader if a replica has several pods."""
    found: Keys = next(template for _, template in pod_templates(trees[-1]))["spec"]["containers"][0]
    return found


class _Dumper(yaml.SafeDumper):
    """Writes texts with several lines as blocks, and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature of the base class
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(trees: list[Keys]) -> str:
    """Return objects as the expected files have them."""
    return yaml.dump_all(trees, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
