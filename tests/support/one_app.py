"""The objects that a cluster gets from the services of one app."""

from __future__ import annotations

import re
from typing import Any

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from tests.support.fleets import PLATFORM

LIBRARY = TemplateLoader((templates_root(),))


def service(number: int, keys: str = "", environments: str = "prod: {}") -> tuple[str, bytes]:
    """The path and content of the spec m-<number>."""
    text = f"model: m\nversion: v{number}\ntype: triton-server\ncommand: run\n{keys}environments: {{{environments}}}\n"
    return f"services/p/a/m-{number}.yaml", text.encode()


def objects(*specs: tuple[str, bytes], platform: str = PLATFORM, refused: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The manifests of all environments; `refused` lists the ids of the errors that are found."""
    made = plan({"services/platform.yaml": platform.encode(), **dict(specs)}, LIBRARY)
    assert [finding.id for finding in made.findings if finding.severity == "error"] == list(refused)
    return [entry.tree for entry in expected_manifests(made.fleet, made.routing, LIBRARY)]


def gateway_api_platform(gateways: str) -> str:
    """The platform file with routes of the Gateway API; `gateways` is a mapping in braces."""
    facts = f"    routing: gateway-api\n    gateways: {gateways}\n"
    return re.sub(r"    gateways:.*?(?=    gpu:)", facts, PLATFORM, flags=re.DOTALL)
