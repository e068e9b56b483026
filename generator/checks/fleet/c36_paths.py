"""C36: nothing replaces variables and placeholders in the paths of a spec.

These are the paths of `host`, `workdir`, `volumes`, `health` and `metrics`. Only `{model}` in the path of `health` is
replaced, by the name of the model. A browser that is sent to /v2/models/$model_name gets a page that does not exist.

Passes:

    host: /v2/models/resnet50

Fails:

    host: /v2/models/$model_name
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.regex import regex
from generator.spec.placeholders import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "C36"
SEVERITY: Final = Severity.WARNING
_VARIABLE: Final = regex(r"\$[A-Za-z_]\w*|\$\([A-Za-z_][\w.-]*\)|\$?\{{1,2}\s*[A-Za-z_][\w.]*\s*\}{1,2}")
_NAMES_MODEL: Final = regex(r"\W*(?:model|model_name|KUBEFLOW_MODEL_NAME)\W*\Z")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each path with a variable or a placeholder."""
    for instance in context.instances:
        for key, path in _paths(instance):
            found = _VARIABLE.search(path) if "$" in path or "{" in path else None
            if found is not None:
                message = f"the path of `{key}` has {found[0]} in it, which nothing replaces"
                model = instance.service.spec.model
                hint = f"write {model}" if _NAMES_MODEL.match(found[0]) else "write the path itself"
                yield Finding(ID, message, instance.position(key), hint, severity=SEVERITY)


def _paths(instance: ServiceInstance) -> Iterator[tuple[str, str]]:
    settings = instance.settings
    if settings.host is not None and settings.host.path:
        yield "host", settings.host.path
    if settings.workdir:
        yield "workdir", settings.workdir
    for volume in settings.volumes or ():
        yield "volumes", f"{volume.mount}/{volume.subpath}" if volume.subpath else volume.mount
        if volume.kind in ("hostpath", "nfs"):
            yield "volumes", volume.source
    if settings.health is not None and settings.health.path:
        for path in (settings.health.path, settings.health.live or ""):
            yield "health", path.replace(MODEL, "")
    if settings.metrics is not None:
        yield "metrics", settings.metrics.path
