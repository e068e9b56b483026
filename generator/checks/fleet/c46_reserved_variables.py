"""C46: a patch must not change a variable that servegen sets.

Programs and dashboards rely on KUBEFLOW_* and K8S_*: they name the environment, the model and the pod. The key `env`
refuses these names (K03), and a patch that sets one for the container of the service would get round that.

Passes:

    env: {STAGE: canary}

Fails:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, env: [{name: KUBEFLOW_ENV, value: canary}]}]}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.fleet.patched import below, items_below
from generator.core.finding import Finding, Severity
from generator.render.views.context import CONTAINER
from generator.spec.values.env import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.yaml import Path

ID: Final = "C46"
SEVERITY: Final = Severity.ERROR
_CONTAINERS: Final = ("spec", "template", "spec", "containers")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each reserved variable in a patch of a Deployment."""
    for instance in context.instances:
        for index, patch in enumerate(instance.settings.patches or ()):
            for path, name in _reserved(patch):
                message = f"found the variable {name} in a patch, expected another name: servegen sets it"
                place, where = instance.position("patches", index, *path), (instance.environment.name,)
                yield Finding(ID, message, place, "remove it, or rename yours", environments=where)


def _reserved(patch: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    containers = items_below(patch, *_CONTAINERS) if patch.get("kind") == "Deployment" else []
    for number, container in enumerate(containers):
        for index, variable in enumerate(
            items_below(container, "env") if below(container, "name") == CONTAINER else []
        ):
            name = below(variable, "name")
            if isinstance(name, str) and name in RESERVED:
                yield (*_CONTAINERS, number, "env", index, "name"), name
