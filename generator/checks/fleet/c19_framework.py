"""C19: a model server should support the model's framework, and be the server that the version is registered for.

Each server lists in `templates/servers/<type>/server.yaml` the frameworks that its image runs. A framework that is not
in this list is an error: the server starts and never becomes ready. If the version's `defaults` or the service set a
custom image, it is a warning, because that image may support more frameworks. A framework that
`templates/frameworks.yaml` lacks and a service whose type is not the version's api are warnings too. A version without
a framework and a server that lists none are not checked.

Passes, with `framework: onnx` in the registry:

    type: triton-server

Fails, with the same:

    type: tfserving
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.own_launch import sets_image
from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import ModelEntry, ServiceInstance
    from generator.spec.catalog import Catalog
    from generator.spec.model import Version

    # The position of a finding, and those that its readers should look at too.
    _Where = tuple[Position, tuple[Position, ...]]

ID: Final = "C19"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check every version against its api, and every service's type against its version."""
    fleet = context.fleet
    for entry in fleet.models.values():
        for name, version in entry.spec.versions.items():
            yield from _version(fleet.catalog, entry, name, version)
    for instance in fleet.bases.values():
        entry_of = fleet.models.get((instance.service.project, instance.service.spec.model))
        if entry_of is not None and instance.version is not None:
            yield from _service(fleet.catalog, instance, entry_of, instance.version)


def _version(catalog: Catalog, entry: ModelEntry, name: str, version: Version) -> Iterator[Finding]:
    if version.api is None:
        return
    document, path = entry.document, ("versions", name)
    if version.api not in catalog.servers:
        known = ", ".join(catalog.servers)
        hint = closest(version.api, catalog.servers) or f"known model servers: {known}"
        message, fix = f'found the api "{version.api}", expected a model server', fix_of(version.api, hint)
        place = document.position((*path, "api"))
        yield Finding(ID, message, place, hint, severity=Severity.WARNING, fix=fix)
        return

    def where() -> _Where:
        return document.position((*path, "api")), (document.position((*path, "framework")),)

    own_image = version.defaults is not None and version.defaults.image is not None
    yield from _unfit(catalog, version.api, version.framework, where, own_image=own_image)


def _service(catalog: Catalog, instance: ServiceInstance, entry: ModelEntry, version: Version) -> Iterator[Finding]:
    """Check a service's type against its version, unless it equals the version's api, which `_version` checks."""
    type_, name = instance.service.spec.type, instance.service.spec.version
    if version.api == type_:
        return
    own = instance.service.document

    def where() -> _Where:
        return own.position(("type",)), (entry.document.position(("versions", name, "framework")),)

    unfit = list(_unfit(catalog, type_, version.framework, where, own_image=sets_image(instance)))
    yield from unfit
    if version.api is not None and not unfit:
        message = f"{instance.service.name} is a {type_}, but {entry.name} {name} is registered for {version.api}"
        hint = f"write type: {version.api}, or change the api in the registry"
        yield Finding(
            ID,
            message,
            own.position(("type",)),
            hint,
            severity=Severity.WARNING,
            also=(entry.document.position(("versions", name, "api")),),
        )


def _unfit(
    catalog: Catalog, type_: str, framework: str | None, where: Callable[[], _Where], *, own_image: bool
) -> Iterator[Finding]:
    """Yield the finding if a server does not run a framework; `where` is asked for its positions only then."""
    runs = catalog.servers[type_][0].frameworks
    if framework is None or not runs:
        return
    known = catalog.frameworks.get(framework.lower(), framework)
    if known in runs:
        return
    place, also = where()
    others = [name for name, (server, _) in catalog.servers.items() if known in server.frameworks]
    if known not in catalog.frameworks.values():
        hint = closest(framework.lower(), catalog.frameworks) or f"{type_} runs {', '.join(runs)}"
        yield Finding(
            ID,
            f"it is not known whether {type_} runs {framework} models",
            place,
            hint,
            severity=Severity.WARNING,
            also=also,
        )
        return
    message = f"{type_} does not run {known} models: it runs {', '.join(runs)}"
    way_out = f"{' or '.join(others)} does" if others else "the type serving takes any image"
    hint = f"{way_out}; or set an `image` that runs it in `defaults` of the version"
    yield Finding(ID, message, place, hint, severity=Severity.WARNING if own_image else SEVERITY, also=also)
