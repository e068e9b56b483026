"""C20: a deployed version must keep what identifies it: path, framework, api, digest, files, size, inputs, outputs,
origin and defaults.

A change would put another model, or other settings, behind a name that was tested and released with different content.
The check compares with the base revision. A version counts as deployed if a service of the base revision that names it
is deployed in any environment. Description, metrics, tags and download may change at any time, and a fact that was not
known before (a digest, a run) may be added.

Passes, in a change:

    v2: {path: /mnt/m/2, framework: onnx}      # new

Fails, where v1 was /mnt/m/1 and a service of it is deployed:

    v1: {path: /mnt/m/1-fixed, framework: onnx}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.model_registry import changed_keys, deployed_in, users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ModelEntry, ServiceEntry

ID: Final = "C20"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each deployed version of the base revision that changes and is still registered."""
    if context.base is None:
        return
    for (project, model), before in context.base.models.items():
        now = context.fleet.models.get((project, model))
        for name, version in before.spec.versions.items() if now is not None else ():
            if now is None or name not in now.spec.versions:
                continue
            keys = changed_keys(version, now.spec.versions[name])
            using = [service for service in users(context.base.services, project, model, name) if deployed_in(service)]
            if keys and using:
                yield _found(now, name, sorted(keys), using[0])


def _found(now: ModelEntry, name: str, keys: list[str], service: ServiceEntry) -> Finding:
    where = ", ".join(deployed_in(service))
    message = f"{now.name} {name} is deployed ({service.name} in {where}): this change must not change its "
    place = now.document.position(("versions", name, *keys[0].split(".")))
    hint = "restore the old values, and register the new ones as another version"
    return Finding(ID, message + ", ".join(keys), place, hint)
